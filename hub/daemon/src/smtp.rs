//! A mail server instead of SendGrid: submission by SMTP (RFC 5321, RFC 6409), one conversation for each mail.
//!
//! The conversation is led step by step, because what a broken one means depends on the step: until the end of the data
//! nothing was taken; from there until the server's reply nobody can tell. A reply always tells: 2xx taken, 4xx not now
//! (greylisting), 5xx never. Nothing is retried here, and nobody can be asked later what became of a mail.

mod mime;

use std::time::Duration;

use lettre::{
    Address,
    transport::smtp::{
        Error as SmtpError,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
        response::Severity,
    },
};
use secrecy::{ExposeSecret, SecretString};
use xswarm_core::mail::{MailAddress, message_id};

use crate::{
    config::{SmtpConfig, SmtpSecurity},
    error::{Error, Result},
    post::{Handover, Mailing},
};

/// Ways to log in, the strongest first: all of them show the password to the server, so they are used under TLS only.
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

/// One mail server.
pub(crate) struct Client {
    host: String,
    port: u16,
    security: SmtpSecurity,
    login: Option<Credentials>,
    timeout: Duration,
    from_name: String,
}

/// A step that did not work.
enum Failed {
    /// The server said no, for now or for good.
    Reply(SmtpError),
    /// The conversation broke.
    Broken(String),
}

impl Failed {
    fn of(error: SmtpError) -> Self {
        if error.status().is_some() { Self::Reply(error) } else { Self::Broken(words(&error)) }
    }

    /// What it means at a step before the end of the data. `alone`: the step was about this mail only.
    fn before_the_end(self, alone: bool) -> Handover {
        match self {
            Self::Reply(error) => answered(&error, alone),
            Self::Broken(reason) => Handover::not_taken(reason),
        }
    }
}

impl Client {
    /// A client; `None` without a host. Connects to nothing yet.
    pub(crate) fn new(config: &SmtpConfig, from_name: &str, password: Option<SecretString>) -> Option<Self> {
        let login = config
            .username
            .clone()
            .zip(password)
            .map(|(user, password)| Credentials::new(user, password.expose_secret().to_owned()));
        Some(Self {
            host: config.host.clone()?,
            port: config.port,
            security: config.security,
            login,
            timeout: config.timeout,
            from_name: from_name.to_owned(),
        })
    }

    /// Hands a mail to the server: one attempt, whatever happens.
    pub(crate) async fn send(&self, mailing: &Mailing) -> Handover {
        let (message, from, to) = match self.prepared(mailing) {
            Ok(prepared) => prepared,
            Err(words) => return Handover::Refused { code: None, words },
        };
        let hello = hello(&mailing.from);
        let mut server = match self.connect(&hello).await {
            Ok(server) => server,
            // A server that turns away everybody may be in order again later; a login is not accepted later either.
            Err((Failed::Reply(error), true)) if error.is_permanent() => {
                return Handover::Refused {
                    code: code(&error),
                    words: "the mail server does not accept the login: check username in [smtp] and the secret smtp_password".to_owned(),
                };
            }
            Err((Failed::Reply(error), _)) => {
                return Handover::not_taken(format!("the mail server turned us away{}", number(&error)));
            }
            Err((Failed::Broken(reason), _)) => return Handover::not_taken(reason),
        };
        let handover = self.converse(&mut server, from, to, &message).await;
        let handover = match handover {
            Ok(()) => Handover::Accepted { id: message_id(mailing.row, &mailing.from) },
            Err(handover) => handover,
        };
        // The mail's fate is known; a server that is slow to say goodbye is left.
        let _ = tokio::time::timeout(Duration::from_secs(2), server.abort()).await;
        handover
    }

    /// Whether the server can be reached and accepts the login.
    pub(crate) async fn check(&self, from: &MailAddress) -> Result<()> {
        let mut server = self.connect(&hello(from)).await.map_err(|(failed, login)| {
            let what = if login { "it does not accept the login" } else { "it cannot be used" };
            Error::unavailable(match failed {
                Failed::Reply(error) => format!("{what}{}", number(&error)),
                Failed::Broken(reason) => format!("{what}: {reason}"),
            })
        })?;
        let _ = tokio::time::timeout(Duration::from_secs(2), server.abort()).await;
        Ok(())
    }

    fn prepared(&self, mailing: &Mailing) -> Result<(Vec<u8>, Address, Address), String> {
        let message = mime::message(mailing, &self.from_name).map_err(|error| error.chain())?;
        let address = |address: &MailAddress| {
            address.as_str().parse::<Address>().map_err(|error| format!("the address cannot be used: {error}"))
        };
        Ok((message, address(&mailing.from)?, address(&mailing.to)?))
    }

    /// A server that listens to us; the flag says that it was the login that failed.
    async fn connect(&self, hello: &ClientId) -> Result<AsyncSmtpConnection, (Failed, bool)> {
        let tls = || {
            let made = TlsParameters::new_rustls(self.host.clone());
            made.map_err(|error| (Failed::Broken(words(&error)), false))
        };
        let at_once = match self.security {
            SmtpSecurity::Tls => Some(tls()?),
            SmtpSecurity::Starttls | SmtpSecurity::None => None,
        };
        let place = (self.host.as_str(), self.port);
        let connecting = AsyncSmtpConnection::connect_tokio1(place, Some(self.timeout), hello, at_once, None);
        let mut server = self.step(connecting).await.map_err(|failed| (failed, false))?;
        if self.security == SmtpSecurity::Starttls {
            // Insisted upon: a server that offers none, or somebody in between who hides it, gets nothing.
            self.step(server.starttls(tls()?, hello)).await.map_err(|failed| (failed, false))?;
        }
        if let Some(login) = &self.login {
            self.step(server.auth(&MECHANISMS, login)).await.map_err(|failed| (failed, true))?;
        }
        Ok(server)
    }

    async fn converse(
        &self,
        server: &mut AsyncSmtpConnection,
        from: Address,
        to: Address,
        message: &[u8],
    ) -> Result<(), Handover> {
        let mut parameters = Vec::new();
        if !message.is_ascii() && server.server_info().supports_feature(Extension::EightBitMime) {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let before = |alone: bool| move |failed: Failed| failed.before_the_end(alone);
        self.step(server.command(Mail::new(Some(from), parameters))).await.map_err(before(false))?;
        self.step(server.command(Rcpt::new(to, Vec::new()))).await.map_err(before(true))?;
        self.step(server.command(Data)).await.map_err(before(true))?;
        match self.step(server.message(message)).await {
            Ok(_) => Ok(()),
            Err(Failed::Reply(error)) => Err(answered(&error, true)),
            Err(Failed::Broken(reason)) => Err(Handover::Unclear { reason }),
        }
    }

    async fn step<T>(&self, step: impl Future<Output = Result<T, SmtpError>>) -> Result<T, Failed> {
        match tokio::time::timeout(self.timeout, step).await {
            Ok(done) => done.map_err(Failed::of),
            Err(_) => Err(Failed::Broken("the mail server did not answer in time".to_owned())),
        }
    }
}

/// What a reply other than yes means.
fn answered(error: &SmtpError, alone: bool) -> Handover {
    if error.is_permanent() {
        let words = format!("the mail server refused it{}: {}", number(error), words(error));
        return Handover::Refused { code: code(error), words };
    }
    // The server's words may name the recipient; the reason goes into the log.
    Handover::NotTaken {
        reason: format!("the mail server does not take it for now{}", number(error)),
        retry_after: None,
        alone,
    }
}

/// The three digits of a reply (RFC 5321 §4.2.1).
fn code(error: &SmtpError) -> Option<i64> {
    let code = error.status()?;
    let first = match code.severity {
        Severity::PositiveCompletion => 2,
        Severity::PositiveIntermediate => 3,
        Severity::TransientNegativeCompletion => 4,
        Severity::PermanentNegativeCompletion => 5,
    };
    Some(first * 100 + i64::from(code.category as u8) * 10 + i64::from(code.detail as u8))
}

fn number(error: &SmtpError) -> String {
    code(error).map(|code| format!(" ({code})")).unwrap_or_default()
}

/// The error and its causes.
fn words(error: &SmtpError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        let words = next.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = next.source();
    }
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

/// How we introduce ourselves: by the domain that mail comes from, not by the name of the machine.
fn hello(from: &MailAddress) -> ClientId {
    ClientId::Domain(from.domain().to_owned())
}
