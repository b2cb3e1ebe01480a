//! Telling the house where the hub is, by mDNS (RFC 6762) and DNS-SD (RFC 6763): `_xswarm._tcp.local.` at `xswarm.local.`.
//!
//! Only a hub that other machines can reach is announced. What is told is public: port, version, and the letters that codes
//! to pair devices begin with, so that a device finds its hub among several. They prove nothing: the certificate does.
//! The hub works without it, so a failure is logged once and nothing else.

use std::{net::SocketAddr, time::Duration};

use mdns_sd::{DaemonEvent, IfKind, ServiceDaemon, ServiceInfo};
use tokio_util::sync::CancellationToken;

use crate::{
    authority::HOST,
    error::{Error, Result},
};

/// What kind of service it is.
const KIND: &str = "_xswarm._tcp.local.";

/// How long taking leave may take.
const LEAVE: Duration = Duration::from_secs(2);

/// What is told of a hub that listens there on this machine; nothing when no other machine can reach it.
pub(crate) fn record(listens: SocketAddr, machine: &str, authority: &str) -> Result<Option<ServiceInfo>> {
    let address = listens.ip();
    if address.is_loopback() {
        return Ok(None);
    }
    let instance = format!("Boss on {machine}");
    let told = [("version", env!("CARGO_PKG_VERSION")), ("authority", authority)];
    let host = format!("{HOST}.");
    let made = if address.is_unspecified() {
        // Whatever addresses it has, now and later, of the family that it listens on.
        ServiceInfo::new(KIND, &instance, &host, "", listens.port(), &told[..]).map(|mut record| {
            record.set_interfaces(vec![if address.is_ipv4() { IfKind::IPv4 } else { IfKind::All }]);
            record.enable_addr_auto()
        })
    } else {
        ServiceInfo::new(KIND, &instance, &host, address, listens.port(), &told[..])
    };
    made.map(Some).map_err(|error| Error::internal("the hub cannot be announced by mDNS").with_source(error))
}

/// Announces the hub until `stop`, then takes leave, so that nobody looks for it in vain.
pub(crate) async fn announce(record: ServiceInfo, stop: CancellationToken) -> Result<()> {
    match ServiceDaemon::new() {
        Ok(daemon) => announce_by(&daemon, record, stop).await,
        Err(error) => {
            failed(&error);
            stop.cancelled().await;
        }
    }
    Ok(())
}

async fn announce_by(daemon: &ServiceDaemon, record: ServiceInfo, stop: CancellationToken) {
    let name = record.get_fullname().to_owned();
    let events = daemon.monitor();
    let started = events.and_then(|events| daemon.register(record).map(|()| events));
    match started {
        Ok(events) => {
            let mut told = false;
            loop {
                let event = tokio::select! {
                    () = stop.cancelled() => break,
                    event = events.recv_async() => event,
                };
                match event {
                    Ok(DaemonEvent::Error(error)) if !told => {
                        told = true;
                        failed(&error);
                    }
                    Ok(DaemonEvent::NameChange(change)) => log::warn!(
                        "another machine is called {} already, so this hub is announced as {}: its certificate is for \
                         {HOST} and for its addresses, so open it by its address",
                        change.original,
                        change.new_name
                    ),
                    Ok(_) => {}
                    // Its thread has ended, and has said why.
                    Err(_) => break,
                }
            }
        }
        Err(error) => failed(&error),
    }
    stop.cancelled().await;
    let leaving = async {
        if let Ok(left) = daemon.unregister(&name) {
            // Either it said good-bye, or nobody knew it.
            let _ = left.recv_async().await;
        }
        if let Ok(ended) = daemon.shutdown() {
            let _ = ended.recv_async().await;
        }
    };
    if tokio::time::timeout(LEAVE, leaving).await.is_err() {
        log::debug!("mDNS did not end in time");
    }
}

fn failed(error: &mdns_sd::Error) {
    log::warn!(
        "other machines cannot find this hub by name, for mDNS does not work here: {error}. They reach it by its address; \
         `announce = false` in [server] ends this message"
    );
}

#[cfg(test)]
mod tests {
    use mdns_sd::{Receiver, ServiceEvent};

    use super::*;

    /// Not the port of mDNS, which whatever this machine runs has.
    const PORT: u16 = 15_353;

    /// One that speaks with this machine only.
    fn daemon() -> ServiceDaemon {
        let daemon = ServiceDaemon::new_with_port(PORT).unwrap();
        daemon.disable_interface(IfKind::All).unwrap();
        daemon.enable_interface(IfKind::LoopbackV4).unwrap();
        daemon
    }

    fn listens(address: &str) -> Option<ServiceInfo> {
        record(address.parse().unwrap(), "box", "ABCDEFGHJKMN").unwrap()
    }

    /// What is heard next; the time is only there so that nothing hangs.
    async fn next(heard: &Receiver<ServiceEvent>) -> ServiceEvent {
        let next = tokio::time::timeout(Duration::from_mins(1), heard.recv_async()).await;
        next.expect("the network of this machine carries multicast").unwrap()
    }

    #[test]
    fn only_what_other_machines_can_reach_is_announced() {
        assert!(listens("127.0.0.1:9443").is_none() && listens("[::1]:9443").is_none());
        let one = listens("192.168.1.20:9443").unwrap();
        assert_eq!(one.get_addresses_v4().len(), 1, "that address, and no other");
        let any = listens("0.0.0.0:9443").unwrap();
        assert!(any.is_addr_auto() && !one.is_addr_auto());
        assert_eq!((any.get_hostname(), any.get_type()), ("xswarm.local.", "_xswarm._tcp.local."));
    }

    #[tokio::test]
    async fn it_is_found_while_it_is_there() {
        let (announcing, looking) = (daemon(), daemon());
        let instance = format!("box {}", std::process::id());
        let record = record("0.0.0.0:9443".parse().unwrap(), &instance, "ABCDEFGHJKMN").unwrap().unwrap();
        let name = record.get_fullname().to_owned();
        let stop = CancellationToken::new();
        let heard = looking.browse(KIND).unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        let stopping = stop.clone();
        tasks.spawn(async move { announce_by(&announcing, record, stopping).await });
        let found = loop {
            if let ServiceEvent::ServiceResolved(found) = next(&heard).await
                && found.get_fullname() == name
            {
                break found;
            }
        };
        assert_eq!((found.get_port(), found.get_hostname()), (9443, "xswarm.local."));
        assert_eq!(found.get_property_val_str("authority"), Some("ABCDEFGHJKMN"));
        assert_eq!(found.get_property_val_str("version"), Some(env!("CARGO_PKG_VERSION")));
        assert!(found.get_addresses_v4().contains(&std::net::Ipv4Addr::LOCALHOST), "{found:?}");
        stop.cancel();
        loop {
            if let ServiceEvent::ServiceRemoved(_, gone) = next(&heard).await
                && gone == name
            {
                break;
            }
        }
        tasks.join_next().await.unwrap().unwrap();
        looking.shutdown().unwrap().recv_async().await.unwrap();
    }
}
