//! Addresses as agents write them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A hardware address of six bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac(pub [u8; 6]);

impl FromStr for Mac {
    type Err = NotAMac;

    #[inline]
    fn from_str(text: &str) -> Result<Self, NotAMac> {
        let mut bytes = [0; 6];
        let mut parts = text.split([':', '-']);
        for byte in &mut bytes {
            let part = parts.next().filter(|part| (1..=2).contains(&part.len())).ok_or(NotAMac)?;
            if !part.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(NotAMac);
            }
            *byte = u8::from_str_radix(part, 16).map_err(|_| NotAMac)?;
        }
        if parts.next().is_some() { Err(NotAMac) } else { Ok(Self(bytes)) }
    }
}

impl fmt::Display for Mac {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            let colon = if at > 0 { ":" } else { "" };
            write!(f, "{colon}{byte:02x}")?;
        }
        Ok(())
    }
}

/// The text is no hardware address of six bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAMac;

impl fmt::Display for NotAMac {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not six bytes in hexadecimal with colons between them")
    }
}

impl std::error::Error for NotAMac {}

/// An address, and how many of its first bits name the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Network {
    /// The address.
    pub address: IpAddr,
    /// Length of the network's prefix in bits: 32 at most for IPv4, 128 for IPv6.
    pub prefix: u8,
}

impl fmt::Display for Network {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// A network from its address; without a prefix it is a single host.
#[inline]
pub(super) fn network(address: &str, prefix: Option<u8>) -> Option<Network> {
    let address = ip(address)?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.unwrap_or(longest);
    (prefix <= longest).then_some(Network { address, prefix })
}

/// An address in the usual form, with or without a zone; or in hexadecimal, as Linux lists routes.
#[inline]
pub(super) fn ip(text: &str) -> Option<IpAddr> {
    let address = text.split('%').next().unwrap_or_default();
    address.parse().ok().or_else(|| hexadecimal(address))
}

#[inline]
fn hexadecimal(text: &str) -> Option<IpAddr> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    match digits.len() {
        // The bytes of IPv4 addresses are the other way round, as in the memory of most machines.
        8 => u32::from_str_radix(digits, 16)
            .ok()
            .map(|bits| Ipv4Addr::from(bits.swap_bytes()).into()),
        32 => u128::from_str_radix(digits, 16).ok().map(|bits| Ipv6Addr::from(bits).into()),
        _ => None,
    }
}

/// The length of a prefix that is written as a mask.
#[inline]
pub(super) fn mask_length(mask: &str) -> Option<u8> {
    let IpAddr::V4(mask) = ip(mask)? else { return None };
    let bits = u32::from(mask);
    let length = bits.leading_ones();
    (bits.count_ones() == length).then(|| u8::try_from(length).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hardware_address_has_six_bytes_and_nothing_else() {
        let mac: Mac = "52:54:00:12:34:aB".parse().unwrap();
        assert_eq!(mac.to_string(), "52:54:00:12:34:ab");
        for wrong in
            ["", "52:54:00:12:34", "52:54:00:12:34:56:78", "52:54:00:12:34:+6", "g0:0:0:0:0:0"]
        {
            assert_eq!(wrong.parse::<Mac>(), Err(NotAMac), "{wrong}");
        }
    }

    #[test]
    fn an_address_may_be_written_in_any_of_the_ways_that_agents_have() {
        let address = |text| ip(text).map(|address| address.to_string());
        assert_eq!(address("192.0.2.1").as_deref(), Some("192.0.2.1"));
        assert_eq!(address("010200C0").as_deref(), Some("192.0.2.1"));
        assert_eq!(address("fe80::1%eth0").as_deref(), Some("fe80::1"));
        assert_eq!(address("20010db8000000000000000000000010").as_deref(), Some("2001:db8::10"));
        assert_eq!(address("+1020304"), None);
        assert_eq!(address("nowhere"), None);
    }

    #[test]
    fn a_prefix_is_no_longer_than_the_address() {
        assert_eq!(network("192.0.2.1", Some(33)), None);
        assert_eq!(network("::", Some(128)).unwrap().to_string(), "::/128");
    }

    #[test]
    fn a_mask_with_holes_has_no_length() {
        assert_eq!(mask_length("255.255.255.0"), Some(24));
        assert_eq!(mask_length("0.0.0.0"), Some(0));
        assert_eq!(mask_length("255.0.255.0"), None);
        assert_eq!(mask_length("::"), None);
    }
}
