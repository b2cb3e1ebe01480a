//! Checked with what verifies certificates in rustls.

use std::{collections::HashSet, net::SocketAddr, time::Duration as StdDuration};

use chrono::{DateTime, Duration, Utc};
use rustls::{
    RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    pki_types::{ServerName, UnixTime, pem::PemObject},
};
use xswarm_store::{Key, Options};

use super::{leaf::Names, *};

const NOW: &str = "2026-11-27T12:00:00Z";

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn authority() -> Authority {
    Authority::from_kept(make().unwrap(), Clock::system()).unwrap()
}

/// What a browser that trusts `root` says to a certificate.
fn verified(
    root: &Authority,
    leaf: &CertificateDer<'_>,
    name: &str,
    at: DateTime<Utc>,
) -> std::result::Result<(), rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root.certificate().to_vec())).unwrap();
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
    let at = UnixTime::since_unix_epoch(StdDuration::from_secs(at.timestamp().try_into().unwrap()));
    let name = ServerName::try_from(name.to_owned()).unwrap();
    verifier.verify_server_cert(leaf, &[], &name, &[], at).map(drop)
}

fn leaf(authority: &Authority, hosts: &[&str], addresses: &[&str]) -> CertificateDer<'static> {
    let names = Names {
        hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
        addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
    };
    leaf::signed(&authority.issuer, &KeyPair::generate().unwrap(), &names, now()).unwrap()
}

#[test]
fn what_it_signs_for_the_house_is_trusted_by_whoever_trusts_it_and_nobody_else() {
    let (ours, other) = (authority(), authority());
    let hosts = ["xswarm.local", "localhost", "boss.lan", "boss.home.arpa", "boss.internal"];
    let addresses =
        ["127.0.0.1", "::1", "192.168.178.20", "10.0.0.5", "172.31.0.9", "169.254.3.4", "fd00::1", "fe80::1"];
    let leaf = leaf(&ours, &hosts, &addresses);
    for name in hosts.iter().chain(&addresses) {
        for days in [-29, 0, 59] {
            assert_eq!(verified(&ours, &leaf, name, now() + Duration::days(days)), Ok(()), "{name} {days}");
        }
        assert!(verified(&other, &leaf, name, now()).is_err(), "{name}");
    }
    assert!(verified(&ours, &leaf, "boss.local", now()).is_err(), "a name that it does not have");
    for days in [-31, 61] {
        assert!(verified(&ours, &leaf, "xswarm.local", now() + Duration::days(days)).is_err(), "{days}");
    }
}

#[test]
fn it_cannot_vouch_for_anything_outside_of_a_house() {
    let ours = authority();
    for name in ["example.com", "local.example.com", "xlocal", "notlan", "arpa"] {
        let refused = verified(&ours, &leaf(&ours, &[name], &[]), name, now()).unwrap_err();
        assert!(refused.to_string().contains("NameConstraintViolation"), "{name}: {refused}");
        // One name from outside spoils the whole.
        assert!(verified(&ours, &leaf(&ours, &["xswarm.local", name], &[]), "xswarm.local", now()).is_err(), "{name}");
    }
    for address in ["8.8.8.8", "172.32.0.1", "2001:db8::1", "::2", "ff02::1"] {
        let refused = verified(&ours, &leaf(&ours, &[], &[address]), address, now()).unwrap_err();
        assert!(refused.to_string().contains("NameConstraintViolation"), "{address}: {refused}");
    }
}

#[test]
fn only_names_and_addresses_that_it_may_vouch_for_are_put_down() {
    let all = ["127.0.0.1", "192.168.1.20", "203.0.113.7", "192.168.1.20", "2001:db8::1", "fe80::1"];
    let named = |host: &str| Names::new(host, all.iter().map(|address| address.parse().unwrap()));
    assert_eq!(named("box").hosts, ["box.local", "localhost", "xswarm.local"]);
    assert_eq!(named("box.lan").hosts, ["box.lan", "box.local", "localhost", "xswarm.local"]);
    assert_eq!(named("boss.example.com").hosts, ["boss.local", "localhost", "xswarm.local"]);
    for odd in ["", "my_box", "-box", "kück"] {
        assert_eq!(named(odd).hosts, ["localhost", "xswarm.local"], "{odd}");
    }
    let kept: Vec<_> = named("box").addresses.iter().map(ToString::to_string).collect();
    assert_eq!(kept, ["127.0.0.1", "192.168.1.20", "fe80::1"]);
}

#[test]
fn what_is_shown_is_good_on_this_machine_and_made_anew_after_an_hour() {
    let ours = authority();
    let first = ours.shown(now()).unwrap();
    assert_eq!(first.cert.len(), 2, "the authority comes along");
    assert_eq!(first.cert[1].as_ref(), ours.certificate());
    for name in ["xswarm.local", "localhost", "127.0.0.1"] {
        assert_eq!(verified(&ours, &first.cert[0], name, now()), Ok(()), "{name}");
    }
    let same = |later: Duration| Arc::ptr_eq(&first, &ours.shown(now() + later).unwrap());
    assert!(same(Duration::minutes(59)));
    assert!(!same(Duration::minutes(61)), "an hour is over");
    assert!(!same(Duration::zero()), "the clock was put back");
}

#[test]
fn boxes_can_be_told_apart_and_the_certificate_is_a_file() {
    let made: Vec<_> = (0..3).map(|_| authority()).collect();
    let shown: Vec<_> = made.iter().map(|one| one.shown_to_persons().unwrap()).collect();
    let names: HashSet<_> = shown.iter().map(|shown| shown.name.as_str()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names.iter().all(|name| name.starts_with("Boss AI at home ")), "{names:?}");
    for shown in shown {
        assert_eq!(shown.valid_from.to_string(), "2025-01-01 00:00:00 UTC");
        assert_eq!(shown.valid_until.to_string(), "2045-01-01 00:00:00 UTC");
        assert!(shown.fingerprint.len() == 95 && shown.fingerprint.split(':').count() == 32, "{}", shown.fingerprint);
    }
    for one in &made {
        let read = CertificateDer::from_pem_slice(one.pem().as_bytes()).unwrap();
        assert_eq!(read.as_ref(), one.certificate());
        assert!(one.pem().lines().all(|line| line.len() <= 64), "{}", one.pem());
    }
}

#[tokio::test]
async fn it_is_made_once() {
    let directory = tempfile::tempdir().unwrap();
    let key = Key::from_hex(&"ab".repeat(32)).unwrap();
    let mut seen = HashSet::new();
    for _ in 0..2 {
        let store = Store::open(&Options::new(directory.path()), &key).unwrap();
        seen.insert(Authority::open(&store, Clock::system()).await.unwrap().certificate().to_vec());
        store.close();
    }
    assert_eq!(seen.len(), 1);
}

#[test]
fn others_reach_a_hub_by_what_leads_there_from_elsewhere() {
    assert_eq!(reached_at("192.168.1.7:9443"), ["192.168.1.7:9443"]);
    assert_eq!(reached_at("[fd00::7]:9443"), ["[fd00::7]:9443"]);
    for nowhere in ["127.0.0.1:9443", "[::1]:9443", "[fe80::1]:9443", "/run/xswarm/hub.sock"] {
        assert!(reached_at(nowhere).is_empty(), "{nowhere}");
    }
    for address in reached_at("0.0.0.0:9443") {
        let address: SocketAddr = address.parse().unwrap();
        assert!(address.is_ipv4() && !address.ip().is_loopback() && address.port() == 9443, "{address}");
    }
}
