//! Whom a device believes to be its hub: at pairing whoever the code names, afterwards the authority that was kept.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{self, CryptoProvider},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tokio_rustls::TlsConnector;
use xswarm_core::device::DeviceCode;

/// Connects to servers that this authority vouches for.
pub(super) fn trusting(authority: CertificateDer<'static>) -> Result<TlsConnector, Error> {
    let mut roots = RootCertStore::empty();
    roots.add(authority)?;
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Believes a server whose authority a code names: the last certificate that it shows.
#[derive(Debug)]
pub(super) struct NamedByCode {
    code: DeviceCode,
    provider: Arc<CryptoProvider>,
    met: Mutex<Met>,
}

/// Who was met.
#[derive(Debug, Clone, Default)]
enum Met {
    #[default]
    Nobody,
    Another,
    Named(CertificateDer<'static>),
}

impl NamedByCode {
    pub(super) fn new(code: DeviceCode) -> Self {
        Self { code, provider: Arc::new(crypto::ring::default_provider()), met: Mutex::default() }
    }

    pub(super) fn connector(self: &Arc<Self>) -> Result<TlsConnector, Error> {
        let config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::<Self>::clone(self))
            .with_no_client_auth();
        Ok(TlsConnector::from(Arc::new(config)))
    }

    /// The authority, once it was believed.
    pub(super) fn authority(&self) -> Option<CertificateDer<'static>> {
        match self.met() {
            Met::Named(authority) => Some(authority),
            Met::Nobody | Met::Another => None,
        }
    }

    /// Whether somebody showed an authority that the code does not name.
    pub(super) fn met_another(&self) -> bool {
        matches!(self.met(), Met::Another)
    }

    fn met(&self) -> Met {
        self.met.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn meets(&self, met: Met) {
        *self.met.lock().unwrap_or_else(PoisonError::into_inner) = met;
    }
}

impl ServerCertVerifier for NamedByCode {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(authority) = chain.last().filter(|authority| self.code.trusts(authority)) else {
            self.meets(Met::Another);
            return Err(Error::InvalidCertificate(CertificateError::UnknownIssuer));
        };
        let authority = authority.clone().into_owned();
        let mut roots = RootCertStore::empty();
        roots.add(authority.clone())?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
            .build()
            .map_err(|error| Error::General(error.to_string()))?;
        let verified = verifier.verify_server_cert(leaf, chain, name, ocsp, now)?;
        self.meets(Met::Named(authority));
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls12_signature(message, leaf, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls13_signature(message, leaf, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
