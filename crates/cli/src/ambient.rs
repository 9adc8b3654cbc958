//! The clock, randomness and time zone of this run.

use std::time::SystemTime;

use value::Ambient;

/// The system's clock and random numbers.
pub(crate) struct System;

impl Ambient for System {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn fill_random(&self, buffer: &mut [u8]) {
        // Linux, macOS and Windows always answer once they have started; without random numbers no key may be made.
        getrandom::fill(buffer).expect("the operating system provides random numbers");
    }

    fn local_zone(&self) -> String {
        local_zone_name().unwrap_or_else(|| "UTC".to_owned())
    }
}

/// Returns `TZ`, or the zone that `/etc/localtime` points to.
fn local_zone_name() -> Option<String> {
    if let Ok(zone) = std::env::var("TZ") {
        let zone = zone.trim_start_matches(':');
        return Some(if zone.is_empty() { "UTC" } else { zone }.to_owned());
    }
    let target = std::fs::canonicalize("/etc/localtime").ok()?;
    let path = target.to_str()?;
    path.split_once("zoneinfo/").map(|(_, name)| name.to_owned())
}

/// Finds an address of a host name, as the template function `getHostByName` does with `--enable-dns`.
pub(crate) fn resolve_host(name: &str) -> Option<String> {
    let mut addresses = std::net::ToSocketAddrs::to_socket_addrs(&(name, 0)).ok()?;
    addresses.next().map(|address| address.ip().to_string())
}
