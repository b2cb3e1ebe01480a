//! HTTP clients of the tests: on this machine only, by no proxy.

use std::sync::Arc;

use reqwest::ClientBuilder;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};

/// A client to be made that trusts nobody: most of what it speaks with is not encrypted.
pub fn builder() -> ClientBuilder {
    reqwest::Client::builder().tls_backend_preconfigured(trust(None)).no_proxy()
}

/// A client to be made that trusts this authority alone.
pub fn trusting(pem: &str) -> ClientBuilder {
    reqwest::Client::builder().tls_backend_preconfigured(trust(Some(pem))).no_proxy()
}

/// TLS that trusts this authority alone, or nobody.
pub fn trust(pem: Option<&str>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = pem {
        let authority = CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate");
        roots.add(authority).expect("a certificate of an authority");
    }
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS")
        .with_root_certificates(roots)
        .with_no_client_auth()
}
