//! Asking a provider over HTTP: one connection pool, answers of bounded length, failures in words.
//!
//! Nothing is retried here, and redirects are not followed: they would carry credentials elsewhere and make one request
//! two. The client is made at first use: its certificates and connection pool cost time and memory that a box without
//! the provider should not pay for.

use std::{
    error::Error as StdError,
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{
    Response,
    header::{HeaderMap, RETRY_AFTER},
    redirect, retry,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::error::{Error, Result};

/// The largest answer that is read.
const ANSWER_BYTES_MAX: usize = 8 << 20;

/// A provider's connections.
#[derive(Debug)]
pub(crate) struct Web {
    timeout: Duration,
    http: OnceLock<reqwest::Client>,
}

impl Web {
    /// Connections whose requests take no longer than `timeout` each. Connects to nothing yet.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout, http: OnceLock::new() }
    }

    /// The client to ask with.
    pub(crate) fn http(&self) -> Result<&reqwest::Client> {
        if let Some(http) = self.http.get() {
            return Ok(http);
        }
        let made = self.make()?;
        Ok(self.http.get_or_init(|| made))
    }

    fn make(&self) -> Result<reqwest::Client> {
        builder()?
            // Shorter than the whole, so that a connection that never came about is known as such.
            .connect_timeout((self.timeout / 2).min(Duration::from_secs(10)))
            .timeout(self.timeout)
            .build()
            .map_err(|error| Error::internal("cannot make an HTTP client").with_source(error))
    }
}

/// What every client has in common: who we are, whom we trust (Mozilla's roots, by rustls on ring), and that one call is
/// one request. Its times are the caller's.
pub(crate) fn builder() -> Result<reqwest::ClientBuilder> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::internal("cannot set TLS up").with_source(error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("xswarm-hub/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        // A request that an idle connection lost would be repeated by hyper only if nothing was written; reqwest's own
        // protocol-level retries are off all the same.
        .retry(retry::never())
        .pool_idle_timeout(Duration::from_secs(30))
        .pool_max_idle_per_host(4)
        .tcp_nodelay(true))
}

/// The body of an answer, unless it is too long or breaks off.
pub(crate) async fn bounded(mut response: Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(words)? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err("the answer is too long".to_owned());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// `Retry-After` in seconds (RFC 9110 §10.2.3); a date is left to our own patience.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(3_600)))
}

/// Whether a failed request surely reached nobody: a connection that never came about carried nothing. Any later failure
/// may follow a request that arrived.
pub(crate) fn reached_nobody(error: &reqwest::Error) -> bool {
    error.is_connect() || error.is_builder()
}

/// The error and its causes without the address, whose query may name people.
pub(crate) fn words(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let words = next.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = next.source();
    }
    text
}
