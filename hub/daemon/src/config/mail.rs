//! Who carries mail, and how: `[mail]`, `[sendgrid]` and `[smtp]`.

use std::{net::IpAddr, time::Duration};

use serde::Deserialize;
use xswarm_core::{mail::MailAddress, text_enum};

use super::value;
use crate::sendgrid::signature::PublicKey;

text_enum! {
    /// Who carries mail.
    pub enum MailProvider {
        /// Nobody: the Boss has no mail.
        Off = "off",
        /// SendGrid, by its API.
        Sendgrid = "sendgrid",
        /// A mail server, by SMTP.
        Smtp = "smtp",
    }
}

text_enum! {
    /// How the connection to the mail server is protected.
    pub enum SmtpSecurity {
        /// From its first byte (RFC 8314).
        Tls = "tls",
        /// By STARTTLS, which is insisted upon (RFC 3207).
        Starttls = "starttls",
        /// Not at all: to this machine only.
        None = "none",
    }
}

/// `[mail]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailConfig {
    /// Who carries it.
    pub(crate) provider: MailProvider,
    /// The Boss's address.
    #[serde(deserialize_with = "value::optional_mail_address")]
    pub(crate) from: Option<MailAddress>,
    /// The name before the address.
    #[serde(deserialize_with = "value::one_line")]
    pub(crate) from_name: String,
}

/// `[sendgrid]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendgridConfig {
    /// The Boss's address where it differs from `[mail] from`.
    #[serde(deserialize_with = "value::optional_mail_address")]
    pub(crate) from: Option<MailAddress>,
    /// Where the API is; no slash at the end.
    #[serde(deserialize_with = "value::api_url")]
    pub(crate) api_base_url: String,
    /// Mails a second at most.
    #[serde(deserialize_with = "value::rate")]
    pub(crate) sends_per_second: f64,
    /// One API request.
    #[serde(rename = "timeout_s", deserialize_with = "value::seconds")]
    pub(crate) timeout: Duration,
    /// The key of signed webhooks.
    #[serde(deserialize_with = "value::optional_public_key")]
    pub(crate) webhook_public_key: Option<PublicKey>,
    /// The key of the inbound parse's security policy, where that is another.
    #[serde(deserialize_with = "value::optional_public_key")]
    pub(crate) inbound_public_key: Option<PublicKey>,
}

/// `[smtp]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SmtpConfig {
    /// The mail server.
    #[serde(deserialize_with = "value::optional_text")]
    pub(crate) host: Option<String>,
    /// Its port for submission.
    #[serde(deserialize_with = "value::port")]
    pub(crate) port: u16,
    /// How the connection is protected.
    pub(crate) security: SmtpSecurity,
    /// Who logs in; nobody when absent.
    #[serde(deserialize_with = "value::optional_text")]
    pub(crate) username: Option<String>,
    /// Mails a second at most.
    #[serde(deserialize_with = "value::rate")]
    pub(crate) sends_per_second: f64,
    /// Each step of a conversation with the server.
    #[serde(rename = "timeout_s", deserialize_with = "value::seconds")]
    pub(crate) timeout: Duration,
}

impl SmtpConfig {
    /// What is wrong with a server that mail and password would travel to in the clear.
    pub(super) fn exposed(&self) -> Option<&'static str> {
        let local = self.host.as_deref().is_none_or(|host| {
            host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        });
        (self.security == SmtpSecurity::None && !local)
            .then_some("`smtp.security`: \"none\" is for this machine only (localhost, 127.0.0.1, ::1); take \"tls\" or \"starttls\"")
    }
}
