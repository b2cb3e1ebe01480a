//! The certificate that the hub shows: short-lived, for the names and addresses that it has right now.
//!
//! It is made when a connection needs one and the last is older than an hour, so that it follows a box from network to
//! network. Its key is as new as itself and is kept nowhere.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, PoisonError},
};

use chrono::{DateTime, Datelike, Duration, Utc};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair, KeyUsagePurpose, SanType,
    date_time_ymd,
};
use rustls::{
    crypto::ring::sign::any_ecdsa_type,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::{Authority, vouches_for_address, vouches_for_name};
use crate::{
    error::{Error, Result},
    system,
};

/// What a box is called on every network.
pub(crate) const HOST: &str = "xswarm.local";

/// How long one is shown.
const FRESH: Duration = Duration::hours(1);

/// Both ways, for clocks that are wrong. Together far less than the 398 days that browsers allow.
const BEFORE: Duration = Duration::days(30);
const AFTER: Duration = Duration::days(60);

/// One, and since when it is shown.
pub(super) struct Leaf {
    shown: Arc<CertifiedKey>,
    made_at: DateTime<Utc>,
}

impl Leaf {
    /// False, too, when it was made before the clock was put back.
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        (Duration::zero()..FRESH).contains(&(now - self.made_at))
    }
}

/// Where others in the house reach what listens there on this machine, right now.
pub(crate) fn reached_at(listens: &str) -> Vec<String> {
    let Ok(listens) = listens.parse::<SocketAddr>() else { return Vec::new() };
    let addresses = if listens.ip().is_unspecified() { addresses() } else { vec![listens.ip()] };
    let is_reached = |address: &IpAddr| {
        // An IPv6 address that is good on one link only needs the name of that link on the other machine.
        let is_of_link = matches!(address, IpAddr::V6(address) if address.is_unicast_link_local());
        !address.is_loopback() && !is_of_link && (listens.is_ipv6() || address.is_ipv4())
    };
    let reached = addresses.into_iter().filter(is_reached);
    reached.map(|address| SocketAddr::new(address, listens.port()).to_string()).collect()
}

/// The addresses of this machine.
fn addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        log::warn!("the addresses of this machine cannot be read: {error}");
        Vec::new()
    });
    interfaces.iter().map(if_addrs::Interface::ip).collect()
}

/// What it vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) hosts: Vec<String>,
    pub(super) addresses: Vec<IpAddr>,
}

impl Names {
    /// What this machine is called, and where it is reached, right now.
    pub(super) fn of_machine() -> Self {
        Self::new(&system::host_name(), addresses().into_iter())
    }

    /// Those that the authority may vouch for.
    pub(super) fn new(host: &str, addresses: impl Iterator<Item = IpAddr>) -> Self {
        let first = host.split('.').next().unwrap_or_default();
        let mut hosts: Vec<_> = [HOST, "localhost", host, &format!("{first}.local")].map(str::to_owned).into();
        hosts.retain(|host| vouches_for_name(host));
        hosts.sort_unstable();
        hosts.dedup();
        let mut addresses: Vec<_> = addresses.filter(|address| vouches_for_address(*address)).collect();
        addresses.sort_unstable();
        addresses.dedup();
        Self { hosts, addresses }
    }
}

impl Authority {
    /// What is shown now, made anew when it is due.
    pub(super) fn shown(&self, now: DateTime<Utc>) -> Result<Arc<CertifiedKey>> {
        let mut leaf = self.leaf.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(leaf) = leaf.as_ref().filter(|leaf| leaf.is_fresh(now)) {
            return Ok(Arc::clone(&leaf.shown));
        }
        let shown = self.sign(&Names::of_machine(), now)?;
        *leaf = Some(Leaf { shown: Arc::clone(&shown), made_at: now });
        Ok(shown)
    }

    fn sign(&self, names: &Names, now: DateTime<Utc>) -> Result<Arc<CertifiedKey>> {
        let failed = |error: rcgen::Error| Error::internal("a certificate cannot be made").with_source(error);
        let key = KeyPair::generate().map_err(failed)?;
        let leaf = signed(&self.issuer, &key, names, now).map_err(failed)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let key = any_ecdsa_type(&key)
            .map_err(|error| Error::internal("the key of a certificate cannot be used").with_source(error))?;
        // The authority comes along: by it a device that is being paired finds that this is the hub of its code.
        Ok(Arc::new(CertifiedKey::new(vec![leaf, self.certificate.clone()], key)))
    }
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        match self.shown(self.clock.now()) {
            Ok(shown) => Some(shown),
            Err(error) => {
                log::error!("nobody can connect by TLS: {}", error.chain());
                None
            }
        }
    }
}

/// A certificate for these names.
pub(super) fn signed(
    issuer: &Issuer<'_, KeyPair>,
    key: &KeyPair,
    names: &Names,
    now: DateTime<Utc>,
) -> std::result::Result<CertificateDer<'static>, rcgen::Error> {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, HOST);
    let mut params = CertificateParams::default();
    params.distinguished_name = subject;
    for host in &names.hosts {
        params.subject_alt_names.push(SanType::DnsName(host.as_str().try_into()?));
    }
    params.subject_alt_names.extend(names.addresses.iter().copied().map(SanType::IpAddress));
    let day = |instant: DateTime<Utc>| {
        let number = |number: u32| u8::try_from(number).unwrap_or(1); // never: months and days are small
        date_time_ymd(instant.year(), number(instant.month()), number(instant.day()))
    };
    params.not_before = day(now - BEFORE);
    params.not_after = day(now + AFTER);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params.signed_by(key, issuer)?.into())
}
