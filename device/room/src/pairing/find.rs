//! Looks for the hub in this network (DNS-SD over mDNS, RFC 6763 and 6762), and pairs with the one that the code is of.

use std::{collections::HashSet, time::Duration};

use mdns_sd::{Receiver, ResolvedService, ServiceDaemon, ServiceEvent};
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
    let found = try_all(code, &announced).await;
    // The thread behind it ends by itself.
    let _asked = daemon.shutdown();
    found
}

async fn try_all(code: &DeviceCode, announced: &Receiver<ServiceEvent>) -> Result<Pairing, PairingError> {
    let (until, mut tried) = (Instant::now() + PATIENCE, HashSet::new());
    let mut last = PairingError::NotFound(format!("nobody announces {SERVICE}"));
    loop {
        let service = match timeout_at(until, announced.recv_async()).await {
            Ok(Ok(ServiceEvent::ServiceResolved(service))) => service,
            Ok(Ok(_other_news)) => continue,
            Ok(Err(_)) | Err(_) => return Err(last),
        };
        for address in addresses(&service) {
            if !tried.insert(address.to_string()) {
                continue;
            }
            match pair(&address, code).await {
                Ok(pairing) => return Ok(pairing),
                // It is the hub, and asking it again would not help.
                Err(error @ (PairingError::Used | PairingError::Clock { .. })) => return Err(error),
                // Another hub of the same network, or an address that leads nowhere from here.
                Err(error) => last = error,
            }
        }
    }
}

/// Where a service says it is; IPv4 first, which needs no scope.
fn addresses(service: &ResolvedService) -> Vec<Address> {
    let mut all: Vec<_> = service.get_addresses().iter().collect();
    all.sort_by_key(|ip| (ip.to_ip_addr().is_ipv6(), ip.to_string()));
    all.iter().map(|ip| Address { host: ip.to_string(), port: service.get_port() }).collect()
}
