//! Looks for the hub in this network (DNS-SD over mDNS, RFC 6763 and 6762), and pairs with the one that the code is of.

use std::{collections::HashSet, time::Duration};

use mdns_sd::{ResolvedService, ServiceDaemon, ServiceEvent};
use tokio::time::{Instant, timeout_at};
use xswarm_core::device::DeviceCode;

use super::{Address, Pairing, PairingError, pair};

/// What hubs announce themselves as.
const SERVICE: &str = "_xswarm._tcp.local.";

/// So long is looked for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Pairs with the hub of this code, whoever else announces itself. Nothing is kept yet.
pub async fn find(code: &DeviceCode) -> Result<Pairing, PairingError> {
    let unable = |error: mdns_sd::Error| PairingError::NotFound(error.to_string());
    let daemon = ServiceDaemon::new().map_err(unable)?;
    let announced = daemon.browse(SERVICE).map_err(unable)?;
    let (until, mut tried, mut last) = (Instant::now() + PATIENCE, HashSet::new(), None);
    let found = loop {
        let event = timeout_at(until, announced.recv_async()).await;
        let (Ok(Ok(ServiceEvent::ServiceResolved(service))), _) = (&event, ()) else {
            if matches!(event, Ok(Ok(_other_news))) {
                continue;
            }
            break None;
        };
        let mut paired = None;
        for address in addresses(service) {
            if !tried.insert(address.to_string()) {
                continue;
            }
            match pair(&address, code).await {
                Ok(pairing) => paired = Some(Ok(pairing)),
                Err(error @ (PairingError::Used | PairingError::Clock { .. })) => paired = Some(Err(error)),
                // Another hub of the same network, or an address that leads nowhere from here.
                Err(error) => last = Some(error),
            }
            if paired.is_some() {
                break;
            }
        }
        if paired.is_some() {
            break paired;
        }
    };
    // The thread behind it ends by itself.
    let _asked = daemon.shutdown();
    let nothing = || PairingError::NotFound(format!("nobody announces {SERVICE}"));
    found.unwrap_or_else(|| Err(last.unwrap_or_else(nothing)))
}

/// Where a service says it is; IPv4 first, which needs no scope.
fn addresses(service: &ResolvedService) -> Vec<Address> {
    let mut all: Vec<_> = service.get_addresses().iter().collect();
    all.sort_by_key(|ip| (ip.to_ip_addr().is_ipv6(), ip.to_string()));
    all.iter().map(|ip| Address { host: ip.to_string(), port: service.get_port() }).collect()
}
