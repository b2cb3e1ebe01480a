//! The certificate authority of a hub, as it is shown.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::schema::ToSchema;

/// `GET /api/authority`: what browsers and devices know the hub by. Nothing of it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShownAuthority {
    /// What lists of authorities call it.
    pub name: String,
    /// SHA-256 of the certificate, as systems show it: "AB:CD:…".
    pub fingerprint: String,
    /// From when it is good.
    pub valid_from: DateTime<Utc>,
    /// Until when it is good.
    pub valid_until: DateTime<Utc>,
    /// The certificate itself (RFC 7468).
    pub pem: String,
}
