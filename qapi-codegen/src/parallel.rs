//! Many independent things on all processors.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What `make` makes of each number below `count`, in order. The last ones are begun first.
pub(crate) fn each<T: Send>(count: usize, make: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let begun = AtomicUsize::new(0);
    let make_some = || {
        let next = || count.checked_sub(1 + begun.fetch_add(1, Ordering::Relaxed));
        let mut done = Vec::new();
        while let Some(at) = next() {
            done.push((at, make(at)));
        }
        done
    };
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let helpers = processors.min(count).saturating_sub(1);
    let mut done = thread::scope(|scope| {
        let helpers: Vec<_> = (0..helpers).map(|_| scope.spawn(make_some)).collect();
        let mut done = make_some();
        for helper in helpers {
            done.extend(helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|&(at, _)| at);
    done.into_iter().map(|(_, thing)| thing).collect()
}

#[cfg(test)]
mod tests {
    use super::each;

    #[test]
    fn what_is_made_comes_in_order_however_many_there_are() {
        for count in [0, 1, 2, 100] {
            assert_eq!(each(count, |at| at * at), (0..count).map(|at| at * at).collect::<Vec<_>>());
        }
    }
}
