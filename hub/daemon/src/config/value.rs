//! How single values of the configuration are read: one function per kind of value, each with an error that says what
//! is allowed. An empty text stands for "not set".

use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};

use chrono_tz::Tz;
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};
use url::{Host, Url};
use xswarm_core::{
    mail::{self, MailAddress, NotAnAddress},
    phone::Phone,
    spending::Microdollars,
};

use crate::sendgrid::signature::{NotAPublicKey, PublicKey};

fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    String::deserialize(from)
}

fn optional<'de, D: Deserializer<'de>, T>(
    from: D,
    read: impl FnOnce(String) -> Result<T, String>,
) -> Result<Option<T>, D::Error> {
    let text = text(from)?;
    if text.is_empty() { Ok(None) } else { read(text).map(Some).map_err(D::Error::custom) }
}

pub(super) fn not_empty<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = text(from)?;
    if text.trim().is_empty() { Err(D::Error::custom("must not be empty")) } else { Ok(text) }
}

pub(super) fn path<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
    not_empty(from).map(PathBuf::from)
}

pub(super) fn optional_path<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
    optional(from, |text| Ok(PathBuf::from(text)))
}

pub(super) fn address<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    let text = text(from)?;
    text.parse().map_err(|_says_less| {
        D::Error::custom(format!("`{text}` is not an address and port such as 127.0.0.1:9996 or [::1]:9996"))
    })
}

/// Host and port of a server, such as `127.0.0.1:10300` or `[::1]:10300`.
pub(super) fn server<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = text(from)?;
    let parts = text.rsplit_once(':').filter(|(host, port)| {
        let is_whole = !host.is_empty() && (!host.contains(':') || (host.starts_with('[') && host.ends_with(']')));
        is_whole && !host.contains('/') && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    let expected = || D::Error::custom(format!("`{text}` is not a host and port such as 127.0.0.1:10300"));
    parts.map(|_| text.clone()).ok_or_else(expected)
}

/// An absolute http(s) URL as it is pasted elsewhere: no slash at the end, no query, no user.
fn url(text: String) -> Result<String, String> {
    let parsed = Url::parse(&text).map_err(|error| format!("`{text}` is not a URL ({error})"))?;
    if !["http", "https"].contains(&parsed.scheme()) || parsed.host().is_none() {
        return Err(format!("`{text}` must begin with https:// or http:// and a host"));
    }
    if parsed.query().is_some() || parsed.fragment().is_some() || !parsed.username().is_empty() {
        return Err(format!("`{text}` must consist of scheme, host, port and path only"));
    }
    if text.ends_with('/') {
        return Err("leave out the slash at the end".to_owned());
    }
    Ok(text)
}

pub(super) fn optional_url<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    optional(from, url)
}

/// A URL that credentials are sent to: encrypted, except to this machine.
pub(super) fn api_url<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = url(not_empty(from)?).map_err(D::Error::custom)?;
    let local = Url::parse(&text).is_ok_and(|parsed| match parsed.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    });
    if text.starts_with("https://") || local {
        Ok(text)
    } else {
        Err(D::Error::custom("must begin with https:// (http:// is for this machine only: credentials are sent there)"))
    }
}

pub(super) fn optional_zone<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Tz>, D::Error> {
    optional(from, |text| text.parse().map_err(|_unknown| format!("`{text}` is not a time zone such as Europe/Berlin")))
}

pub(super) fn optional_phone<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Phone>, D::Error> {
    optional(from, |text| text.parse().map_err(|error: xswarm_core::phone::NotAPhone| error.to_string()))
}

pub(super) fn optional_email<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    optional_mail_address(from).map(|address| address.map(String::from))
}

pub(super) fn optional_mail_address<'de, D: Deserializer<'de>>(from: D) -> Result<Option<MailAddress>, D::Error> {
    optional(from, |text| text.parse().map_err(|error: NotAnAddress| error.to_string()))
}

/// Text that may stand in a header of a mail.
pub(super) fn one_line<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = text(from)?;
    if mail::is_header_safe(&text) { Ok(text) } else { Err(D::Error::custom("must be one line")) }
}

pub(super) fn optional_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    optional(from, Ok)
}

/// A public key as SendGrid shows it.
pub(super) fn optional_public_key<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PublicKey>, D::Error> {
    optional(from, |text| text.parse().map_err(|error: NotAPublicKey| error.to_string()))
}

pub(super) fn port<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
    let number = whole(from, "", u16::MAX.into())?;
    u16::try_from(number).map_err(D::Error::custom)
}

/// Twilio's identifiers: two letters and 32 hexadecimal digits.
pub(super) fn optional_account_sid<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    optional(from, |text| {
        let digits = text.strip_prefix("AC").unwrap_or_default();
        if digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(text)
        } else {
            Err("must be AC and 32 hexadecimal digits, as on the Twilio console's first page".to_owned())
        }
    })
}

/// Reads any number, so that the error can say what is allowed rather than which Rust type was meant.
struct Number;

impl Visitor<'_> for Number {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    #[expect(clippy::cast_precision_loss, reason = "no setting comes near 2^53")]
    fn visit_i64<E: Error>(self, number: i64) -> Result<f64, E> {
        Ok(number as f64)
    }

    #[expect(clippy::cast_precision_loss, reason = "no setting comes near 2^53")]
    fn visit_u64<E: Error>(self, number: u64) -> Result<f64, E> {
        Ok(number as f64)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<f64, E> {
        Ok(number)
    }
}

pub(super) fn rate<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    let rate = from.deserialize_any(Number)?;
    if rate > 0.0 && rate <= 1_000.0 {
        Ok(rate)
    } else {
        Err(D::Error::custom("must be a number above 0, at most 1000"))
    }
}

/// An amount of US dollars.
pub(super) fn dollars<'de, D: Deserializer<'de>>(from: D) -> Result<Microdollars, D::Error> {
    let number = from.deserialize_any(Number)?;
    if (0.0..=1_000_000.0).contains(&number) {
        #[expect(clippy::cast_possible_truncation, reason = "the bounds are checked")]
        Ok(Microdollars((number * 1e6).round() as i64))
    } else {
        Err(D::Error::custom("must be an amount of US dollars from 0 to 1000000"))
    }
}

/// The same, where it is given.
pub(super) fn given_dollars<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Microdollars>, D::Error> {
    dollars(from).map(Some)
}

pub(super) fn tokens<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    whole(from, " of tokens", 64_000)
}

fn whole<'de, D: Deserializer<'de>>(from: D, what: &str, max: u32) -> Result<u32, D::Error> {
    let number = from.deserialize_any(Number)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the bounds are checked")]
    if number >= 1.0 && number <= f64::from(max) && number.fract() == 0.0 {
        Ok(number as u32)
    } else {
        Err(D::Error::custom(format!("must be a whole number{what} from 1 to {max}")))
    }
}

pub(super) fn from_one<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    whole(from, "", 100_000).map(|number| number as usize)
}

pub(super) fn days<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    whole(from, " of days", 36_500)
}

pub(super) fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    whole(from, " of seconds", 86_400).map(|number| Duration::from_secs(number.into()))
}
