//! Looks for the hub in this network (DNS-SD over mDNS, RFC 6763 and 6762): to pair with the one that the code is of, and later
//! where it is when it is not where it was.

use std::{
    collections::{HashSet, VecDeque},
    time::Duration,
};

use mdns_sd::{Receiver, ResolvedService, ServiceDaemon, ServiceEvent};
use tokio::time::{Instant, timeout, timeout_at};
use xswarm_core::device::DeviceCode;

use super::{Address, Pairing, PairingError, pair};

/// What hubs announce themselves as.
const SERVICE: &str = "_xswarm._tcp.local.";

/// So long is looked for a hub to pair with.
const PATIENCE: Duration = Duration::from_secs(10);

/// So long is looked for one that is not where it was: as long as the longest pause between two tries there.
const GLANCE: Duration = Duration::from_secs(3);

/// So long each address may take that is announced then.
const TRY: Duration = Duration::from_secs(1);

/// Pairs with the hub of this code, whoever else announces itself. Nothing is kept yet.
pub async fn find(code: &DeviceCode) -> Result<Pairing, PairingError> {
    let unable = |error: mdns_sd::Error| PairingError::NotFound(error.to_string());
    let mut search = Search::begin(PATIENCE).map_err(unable)?;
    let mut last = PairingError::NotFound(format!("nobody announces {SERVICE}"));
    while let Some(address) = search.next().await {
        match pair(&address, code).await {
            Ok(pairing) => return Ok(pairing),
            // It is the hub, and asking it again would not help.
            Err(error @ (PairingError::Used | PairingError::Clock { .. })) => return Err(error),
            // Another hub of the same network, or an address that leads nowhere from here.
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Where the hub of this pairing is now, if it announces itself from anywhere but where it was. Nobody else can take its place:
/// whoever answers must be vouched for by the authority of the pairing. Takes six seconds at most, whatever is announced.
pub async fn elsewhere(pairing: &Pairing) -> Option<Address> {
    let looking = async {
        let mut search = Search::begin(GLANCE).ok()?;
        while let Some(address) = search.next().await {
            let is_there =
                async { timeout(TRY, pairing.connect(&address)).await.is_ok_and(|connected| connected.is_ok()) };
            if address != pairing.address && is_there.await {
                return Some(address);
            }
        }
        None
    };
    timeout(2 * GLANCE, looking).await.ok().flatten()
}

/// Addresses that hubs announce, each once, until the time is up.
struct Search {
    daemon: ServiceDaemon,
    announced: Receiver<ServiceEvent>,
    until: Instant,
    known: HashSet<String>,
    next: VecDeque<Address>,
}

impl Search {
    fn begin(patience: Duration) -> Result<Self, mdns_sd::Error> {
        let daemon = ServiceDaemon::new()?;
        let announced = daemon.browse(SERVICE).inspect_err(|_| drop(daemon.shutdown()))?;
        Ok(Self { daemon, announced, until: Instant::now() + patience, known: HashSet::new(), next: VecDeque::new() })
    }

    async fn next(&mut self) -> Option<Address> {
        loop {
            if let Some(address) = self.next.pop_front() {
                return Some(address);
            }
            let news = timeout_at(self.until, self.announced.recv_async()).await.ok()?.ok()?;
            if let ServiceEvent::ServiceResolved(service) = news {
                self.next.extend(addresses(&service).into_iter().filter(|one| self.known.insert(one.to_string())));
            }
        }
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        // The thread behind it ends by itself.
        let _asked = self.daemon.shutdown();
    }
}

/// Where a service says it is; IPv4 first, which needs no scope.
fn addresses(service: &ResolvedService) -> Vec<Address> {
    let mut all: Vec<_> = service.get_addresses().iter().collect();
    all.sort_by_key(|ip| (ip.to_ip_addr().is_ipv6(), ip.to_string()));
    all.iter().map(|ip| Address { host: ip.to_string(), port: service.get_port() }).collect()
}
