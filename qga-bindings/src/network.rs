//! The guest's network: interfaces and routes, with addresses that are addresses.

mod address;

pub use address::{Mac, Network};

use std::net::IpAddr;

use crate::guest::Guest;
use crate::types::{
    GuestIpAddress, GuestNetworkInterface, GuestNetworkInterfaceStat, GuestNetworkRoute,
};
use crate::{Error, commands};

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interface {
    /// Its name in the guest.
    pub name: String,
    /// Its hardware address; `None` if it has none.
    pub mac: Option<Mac>,
    /// Its addresses, with the networks that are reached without a router.
    pub addresses: Vec<Network>,
    /// Addresses in a form that these bindings do not understand, as they came.
    pub unrecognized: Vec<GuestIpAddress>,
    /// What went through it. Since QEMU 2.11.
    pub statistics: Option<GuestNetworkInterfaceStat>,
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// The interface that packets leave by.
    pub interface: String,
    /// Where it leads; a prefix of 0 makes it a default route.
    pub destination: Network,
    /// The router; `None` if the destination is reached directly.
    pub gateway: Option<IpAddr>,
    /// Its cost: of routes that fit equally well, the lowest wins.
    pub metric: u32,
    /// Flags, one bit each (`RTF_UP` is 1, `RTF_GATEWAY` 2); Linux only.
    pub flags: Option<u32>,
    /// Longest packet in bytes; `None` if the route says nothing of it.
    pub mtu: Option<u64>,
}

/// The guest's routes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Routes {
    /// Those that these bindings understand.
    pub routes: Vec<Route>,
    /// The others, as they came.
    pub unrecognized: Vec<GuestNetworkRoute>,
}

impl From<GuestNetworkInterface> for Interface {
    #[inline]
    fn from(interface: GuestNetworkInterface) -> Self {
        let mut addresses = Vec::new();
        let mut unrecognized = Vec::new();
        for address in interface.ip_addresses.unwrap_or_default() {
            match address::network(&address.ip_address, u8::try_from(address.prefix).ok()) {
                Some(network) => addresses.push(network),
                None => unrecognized.push(address),
            }
        }
        Self {
            name: interface.name,
            mac: interface.hardware_address.and_then(|text| text.parse().ok()),
            addresses,
            unrecognized,
            statistics: interface.statistics,
        }
    }
}

/// A route, if it is understood.
#[inline]
fn route(route: &GuestNetworkRoute) -> Option<Route> {
    let prefix = match (&route.mask, &route.desprefixlen) {
        (Some(mask), _) => Some(address::mask_length(mask)?),
        (None, Some(length)) => Some(length.parse().ok()?),
        (None, None) => None,
    };
    let gateway = match route.gateway.as_ref().or(route.nexthop.as_ref()) {
        Some(text) => Some(address::ip(text)?).filter(|address| !address.is_unspecified()),
        None => None,
    };
    Some(Route {
        interface: route.iface.clone(),
        destination: address::network(&route.destination, prefix)?,
        gateway,
        metric: low_bits(route.metric.into()),
        flags: route.flags.map(|flags| low_bits(flags.into())),
        mtu: route.mtu.and_then(|mtu| u64::try_from(mtu).ok()).filter(|mtu| *mtu > 0),
    })
}

/// What was meant by a number of 32 bits whose sign the agent extended.
fn low_bits(number: i128) -> u32 {
    u32::try_from(number & i128::from(u32::MAX)).unwrap_or_default()
}

pub(crate) async fn interfaces(guest: &mut impl Guest) -> Result<Vec<Interface>, Error> {
    let list = guest.execute(&commands::GuestNetworkGetInterfaces::new(), None).await?;
    Ok(list.into_iter().map(Into::into).collect())
}

pub(crate) async fn routes(guest: &mut impl Guest) -> Result<Routes, Error> {
    let mut routes = Routes::default();
    for entry in guest.execute(&commands::GuestNetworkGetRoute::new(), None).await? {
        match route(&entry) {
            Some(route) => routes.routes.push(route),
            None => routes.unrecognized.push(entry),
        }
    }
    Ok(routes)
}
