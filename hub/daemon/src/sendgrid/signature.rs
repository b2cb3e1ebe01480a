//! Whether a webhook comes from SendGrid: the signature over timestamp and body, for events and for inbound mail alike.
//!
//! Source: Twilio SendGrid, "Getting started with the Event Webhook security features" and "Securing your Inbound Parse
//! webhook": ECDSA over P-256 with SHA-256 over the timestamp header followed by the raw body, in ASN.1 DER and base64;
//! the verification key is a SubjectPublicKeyInfo in base64. The body must be the bytes as they came: parsing and writing
//! it again would change them.
//!
//! A signature is as old as its timestamp says. SendGrid tries events again for a day and inbound mail for three days,
//! and doesn't say whether it signs each try anew, so how old is too old is the caller's to say ([`Age`]); whoever lets
//! old ones in must know repetitions by something in them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Duration, Utc};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};

/// The header of the signature.
pub(crate) const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
/// The header of the timestamp, in seconds since 1970.
pub(crate) const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";

/// How far ahead of ours the sender's clock may be.
const AHEAD: Duration = Duration::minutes(10);

/// What stands before the 65 bytes of an uncompressed point in the SubjectPublicKeyInfo of every P-256 key: the
/// algorithm id-ecPublicKey with the curve prime256v1, and the head of the bit string (RFC 5480 §2).
const SPKI_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// How old a signature may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Age(Duration);

impl Age {
    /// Events are tried again for 24 hours.
    pub(crate) const EVENTS: Self = Self(Duration::hours(25));
    /// Inbound mail is tried again for 72 hours.
    pub(crate) const INBOUND: Self = Self(Duration::hours(73));

    /// Whether what was signed at `at` still counts.
    pub(crate) fn spans(self, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        at >= now - self.0 && at <= now + AHEAD
    }
}

/// The text was no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be the verification key as SendGrid shows it: base64 that begins with MFkwEwYHKoZIzj0CAQYI")]
pub(crate) struct NotAPublicKey;

/// A verification key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PublicKey {
    /// The point, uncompressed (SEC 1 §2.3.3).
    point: Vec<u8>,
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PublicKey(P-256)")
    }
}

impl std::str::FromStr for PublicKey {
    type Err = NotAPublicKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Ok(spki) = STANDARD.decode(text.trim()) else { return Err(NotAPublicKey) };
        match spki.strip_prefix(&SPKI_HEAD) {
            Some(point) if point.len() == 65 && point.first() == Some(&0x04) => Ok(Self { point: point.to_owned() }),
            Some(_) | None => Err(NotAPublicKey),
        }
    }
}

/// What came with a webhook.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signed<'a> {
    /// The header [`SIGNATURE`].
    pub(crate) signature: &'a [u8],
    /// The header [`TIMESTAMP`].
    pub(crate) timestamp: &'a [u8],
    /// The body, byte for byte.
    pub(crate) body: &'a [u8],
}

impl PublicKey {
    /// Whether the webhook was signed with this key, not longer ago than `age`.
    pub(crate) fn verify(&self, signed: &Signed<'_>, age: Age, now: DateTime<Utc>) -> bool {
        let seconds = std::str::from_utf8(signed.timestamp).ok().and_then(|text| text.parse().ok());
        let Some(at) = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)) else { return false };
        if !age.spans(at, now) {
            return false;
        }
        let Ok(signature) = STANDARD.decode(signed.signature) else { return false };
        let message = [signed.timestamp, signed.body].concat();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.point).verify(&message, &signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example that SendGrid's own libraries test themselves with.
    const KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
    const SIGNATURE: &[u8] =
        b"MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=";
    const TIMESTAMP: &[u8] = b"1600112502";
    const BODY: &str = concat!(
        r#"[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","#,
        r#""sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","#,
        r#""sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","#,
        r#""smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]"#,
        "\r\n"
    );

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn signed(body: &str) -> Signed<'_> {
        Signed { signature: SIGNATURE, timestamp: TIMESTAMP, body: body.as_bytes() }
    }

    #[test]
    fn sendgrids_own_example_is_genuine() {
        let key: PublicKey = KEY.parse().unwrap();
        assert!(key.verify(&signed(BODY), Age::EVENTS, at(1_600_112_502)));
    }

    #[test]
    fn every_change_of_a_byte_is_noticed() {
        let key: PublicKey = KEY.parse().unwrap();
        let now = at(1_600_112_502);
        assert!(!key.verify(&signed(BODY.trim_end()), Age::EVENTS, now), "without the line end");
        assert!(!key.verify(&signed(&BODY.replace("dropped", "deliver")), Age::EVENTS, now));
        assert!(!key.verify(&Signed { timestamp: b"1600112503", ..signed(BODY) }, Age::EVENTS, now));
        assert!(!key.verify(&Signed { timestamp: b"", ..signed(BODY) }, Age::EVENTS, now));
        assert!(!key.verify(&Signed { signature: b"", ..signed(BODY) }, Age::EVENTS, now));
        assert!(!key.verify(&Signed { signature: b"not base64!", ..signed(BODY) }, Age::EVENTS, now));
        let other = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcwHBcepxo7yAQGhHPTnlvFYPAZFceEu/1FwCM/QmGUhA==";
        assert!(!other.parse::<PublicKey>().unwrap().verify(&signed(BODY), Age::EVENTS, now));
    }

    #[test]
    fn an_old_signature_is_a_replay() {
        let key: PublicKey = KEY.parse().unwrap();
        for (after, events, inbound) in [
            (-3_600, false, false),
            (-60, true, true),
            (24 * 3_600, true, true),
            (26 * 3_600, false, true),
            (74 * 3_600, false, false),
        ] {
            let now = at(1_600_112_502 + after);
            let found = [Age::EVENTS, Age::INBOUND].map(|age| key.verify(&signed(BODY), age, now));
            assert_eq!(found, [events, inbound], "{after} s later");
        }
    }

    #[test]
    fn only_a_p256_key_is_a_key() {
        for bad in ["", "abc", "TUZrd0V3WUhLb1pJemow", &KEY[4..], &KEY[..80]] {
            assert_eq!(bad.parse::<PublicKey>(), Err(NotAPublicKey), "{bad}");
        }
        assert!(format!(" {KEY}\n").parse::<PublicKey>().is_ok());
    }
}
