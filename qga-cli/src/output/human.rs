//! Numbers as people read them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use qga_bindings::clock::Offset;

/// A number of bytes.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut scaled = to_float(bytes) / 1024.0;
    let mut units = UNITS.iter();
    let mut unit = units.next().unwrap_or(&"");
    while scaled >= 1023.95 {
        let Some(next) = units.next() else { break };
        (scaled, unit) = (scaled / 1024.0, next);
    }
    format!("{scaled:.1} {unit}")
}

/// How long an answer took.
pub(crate) fn latency(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    match micros {
        _ if micros < 1000.0 => format!("{micros:.0} us"),
        _ if micros < 1e6 => format!("{:.1} ms", micros / 1e3),
        _ if micros < 1e8 => format!("{:.1} s", micros / 1e6),
        _ => long(time),
    }
}

/// A time of minutes or more, by its two largest units.
fn long(time: Duration) -> String {
    let whole = humantime::format_duration(Duration::from_secs(time.as_secs())).to_string();
    whole.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// How far the guest's clock is from the host's.
pub(crate) fn apart(offset: Offset) -> String {
    match offset {
        Offset::Ahead(by) => format!("{} ahead", latency(by)),
        Offset::Behind(by) => format!("{} behind", latency(by)),
    }
}

/// How far one clock is ahead of another, in nanoseconds.
pub(crate) fn signed_latency(nanoseconds: i128) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let time = u64::try_from(nanoseconds.unsigned_abs()).unwrap_or(u64::MAX);
    format!("{sign}{}", latency(Duration::from_nanos(time)))
}

/// A moment as a date and time.
pub(crate) fn moment(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).ok();
    instant(since).unwrap_or_else(|| "before 1970 or after 9999".to_owned())
}

/// A share in percent, rounded up as `df` does; nothing of nothing.
pub(crate) fn percent(part: u64, whole: u64) -> Option<u128> {
    (whole > 0).then(|| (u128::from(part) * 100).div_ceil(u128::from(whole)))
}

/// Nanoseconds since 1970 as a date and time.
pub(crate) fn nanoseconds(since_epoch: i64) -> String {
    instant(u64::try_from(since_epoch).ok().map(Duration::from_nanos))
        .unwrap_or_else(|| format!("{since_epoch} ns since 1970"))
}

/// Seconds since 1970 as a date and time.
pub(crate) fn time(since_epoch: f64) -> String {
    instant(Duration::try_from_secs_f64(since_epoch).ok())
        .unwrap_or_else(|| format!("{since_epoch} s since 1970"))
}

/// A date and time, if it has one.
fn instant(since_epoch: Option<Duration>) -> Option<String> {
    let seconds = Duration::from_secs(since_epoch?.as_secs());
    // The last second of the year 9999, which is the last that has a date of this form.
    let time =
        (seconds.as_secs() <= 253_402_300_799).then(|| UNIX_EPOCH.checked_add(seconds))??;
    let text = humantime::format_rfc3339_seconds(time).to_string();
    Some(text.replace('T', " ").replace('Z', " UTC"))
}

/// Seconds east of Greenwich.
pub(crate) fn offset(seconds: i64) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn to_float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_the_unit_that_leaves_few_digits() {
        for (bytes, shown) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1_048_575, "1.0 MiB"),
            (1_610_612_736, "1.5 GiB"),
            (u64::MAX, "16.0 EiB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
    }

    #[test]
    fn latencies_have_the_unit_that_leaves_few_digits() {
        for (micros, shown) in [
            (130, "130 us"),
            (1300, "1.3 ms"),
            (2_500_000, "2.5 s"),
            (3_723_000_000, "1h 2m"),
            (31_600_000_000_000, "1year 11h"),
        ] {
            assert_eq!(latency(Duration::from_micros(micros)), shown);
        }
    }

    #[test]
    fn times_that_have_no_date_are_shown_as_they_are() {
        assert_eq!(time(1_700_000_000.5), "2023-11-14 22:13:20 UTC");
        assert_eq!(nanoseconds(-5), "-5 ns since 1970");
        assert_eq!(time(1e18), "1000000000000000000 s since 1970");
        assert_eq!(time(f64::NAN), "NaN s since 1970");
        assert_eq!(nanoseconds(i64::MAX), "2262-04-11 23:47:16 UTC");
    }

    #[test]
    fn shares_are_rounded_up_and_do_not_overflow() {
        assert_eq!(percent(1, 1000), Some(1));
        assert_eq!(percent(u64::MAX, 1), Some(u128::from(u64::MAX) * 100));
        assert_eq!(percent(1, 0), None);
    }

    #[test]
    fn offsets_have_hours_and_minutes() {
        assert_eq!(offset(19_800), "UTC+05:30");
        assert_eq!(offset(-3600), "UTC-01:00");
    }
}
