//! The certificate authority of this hub: who it is to browsers and devices in the house.
//!
//! Nobody outside can vouch for a box at home, so each has an authority of its own, made at first start. It is kept in the
//! encrypted database: in the clear it stands nowhere, and a backup brings it back, so that nothing has to be paired again.
//! By its name constraints (RFC 5280 §4.2.1.10) it can vouch only for names and addresses that exist inside a house: whoever
//! trusts it does not trust it for a bank. What it signs is made as it is needed ([`leaf`]).

mod leaf;

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{Arc, Mutex},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::DateTime;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, date_time_ymd,
};
use rustls::{ServerConfig, crypto::ring, pki_types::CertificateDer};
use sha2::{Digest, Sha256};
use x509_parser::parse_x509_certificate;
use xswarm_core::authority::ShownAuthority;
use xswarm_store::{KeptAuthority, Store};

use self::leaf::Leaf;
pub(crate) use self::leaf::{HOST, reached_at};
use crate::{
    clock::Clock,
    error::{Error, Result},
    people,
};

/// Boxes are started with clocks that are wrong, so its time begins on a day that is past for all of them …
const FIRST_YEAR: i32 = 2025;
/// … and is as long as that of a box.
const LAST_YEAR: i32 = FIRST_YEAR + 20;

/// Domains that no registry gives away (RFC 6762, RFC 6761, RFC 8375 and ICANN's reservation of `internal`; `lan` is what
/// most routers say), with all that ends in them.
const DOMAINS: [&str; 5] = ["local", "localhost", "lan", "home.arpa", "internal"];

/// Addresses that mean nothing outside a house: loopback, private and link-local ones (RFC 1122, 1918, 3927, 4193, 4291).
const NETWORKS: [(IpAddr, u8); 8] = [
    (IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(172, 16, 0, 0)), 12),
    (IpAddr::V4(Ipv4Addr::new(192, 168, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(169, 254, 0, 0)), 16),
    (IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
    (IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
    (IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), 10),
];

/// The authority, and the certificate that it signed last.
pub(crate) struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
    clock: Clock,
    leaf: Mutex<Option<Leaf>>,
}

impl Authority {
    /// The authority of this hub, made when there is none yet.
    pub(crate) async fn open(store: &Store, clock: Clock) -> Result<Arc<Self>> {
        let now = clock.now();
        let kept = store
            .write(move |tx| {
                if let Some(kept) = tx.authority()? {
                    return Ok(kept);
                }
                let made = make()?;
                tx.authority_insert(&made, now)?;
                Ok::<_, Error>(made)
            })
            .await?;
        Self::from_kept(kept, clock).map(Arc::new)
    }

    fn from_kept(kept: KeptAuthority, clock: Clock) -> Result<Self> {
        let certificate = CertificateDer::from(kept.certificate);
        let issuer = KeyPair::try_from(kept.private_key)
            .and_then(|key| Issuer::from_ca_cert_der(&certificate, key))
            .map_err(|error| Error::internal("the certificate authority of this hub is damaged").with_source(error))?;
        Ok(Self { certificate, issuer, clock, leaf: Mutex::default() })
    }

    /// Its certificate (DER).
    pub(crate) fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Its certificate as a file that browsers and systems take (RFC 7468).
    pub(crate) fn pem(&self) -> String {
        let text = BASE64_STANDARD.encode(&self.certificate);
        let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
        for (at, letter) in text.chars().enumerate() {
            if at > 0 && at % 64 == 0 {
                pem.push('\n');
            }
            pem.push(letter);
        }
        pem.push_str("\n-----END CERTIFICATE-----\n");
        pem
    }

    /// What persons are shown of it.
    pub(crate) fn shown_to_persons(&self) -> Result<ShownAuthority> {
        let unreadable = || Error::internal("the certificate of this hub's authority cannot be read");
        let (_, certificate) =
            parse_x509_certificate(&self.certificate).map_err(|error| unreadable().with_source(error))?;
        let name = certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
        let instant = |seconds: i64| DateTime::from_timestamp(seconds, 0).ok_or_else(unreadable);
        Ok(ShownAuthority {
            name: name.ok_or_else(unreadable)?.to_owned(),
            fingerprint: self.fingerprint(),
            valid_from: instant(certificate.validity().not_before.timestamp())?,
            valid_until: instant(certificate.validity().not_after.timestamp())?,
            pem: self.pem(),
        })
    }

    /// By what persons compare it: SHA-256, as systems show it.
    pub(crate) fn fingerprint(&self) -> String {
        let bytes: Vec<_> = Sha256::digest(&self.certificate).iter().map(|byte| format!("{byte:02X}")).collect();
        bytes.join(":")
    }

    /// How a listener speaks TLS in its name.
    pub(crate) fn tls(self: &Arc<Self>) -> Result<Arc<ServerConfig>> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::internal("TLS cannot be set up").with_source(error))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::<Self>::clone(self));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// Without its key.
impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

/// A new authority. A few letters tell it from that of another box.
fn make() -> Result<KeptAuthority> {
    let failed = |error: rcgen::Error| Error::internal("a certificate authority cannot be made").with_source(error);
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, format!("Boss AI at home {}", people::letters(4)?));
    let domains = DOMAINS.iter().map(|domain| GeneralSubtree::DnsName((*domain).to_owned()));
    let networks = NETWORKS.iter().map(|(network, prefix)| CidrSubnet::from_addr_prefix(*network, *prefix));
    let mut params = CertificateParams::default();
    params.distinguished_name = name;
    params.not_before = date_time_ymd(FIRST_YEAR, 1, 1);
    params.not_after = date_time_ymd(LAST_YEAR, 1, 1);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: domains.chain(networks.map(GeneralSubtree::IpAddress)).collect(),
        excluded_subtrees: Vec::new(),
    });
    let key = KeyPair::generate().map_err(failed)?;
    let certificate = params.self_signed(&key).map_err(failed)?;
    Ok(KeptAuthority { certificate: certificate.der().to_vec(), private_key: key.serialize_der() })
}

/// Whether it may vouch for a name.
fn vouches_for_name(name: &str) -> bool {
    let below = |domain: &&str| name.strip_suffix(*domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let label = |label: &str| {
        let bytes = label.as_bytes();
        (1..=63).contains(&bytes.len())
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    DOMAINS.iter().any(below) && name.len() <= 253 && name.split('.').all(label)
}

/// Whether it may vouch for an address.
fn vouches_for_address(address: IpAddr) -> bool {
    NETWORKS.iter().any(|(network, prefix)| match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            (network.to_bits() ^ address.to_bits()).leading_zeros() >= u32::from(*prefix)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            (network.to_bits() ^ address.to_bits()).leading_zeros() >= u32::from(*prefix)
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    })
}

#[cfg(test)]
mod tests;
