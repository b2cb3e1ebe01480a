//! Signed webhooks: ECDSA over P-256 and SHA-256, over the timestamp and the bytes of the body.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};

/// The head of the SubjectPublicKeyInfo of a P-256 key (RFC 5480 §2).
const SPKI_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Whoever signs webhooks.
pub struct Signer {
    key: EcdsaKeyPair,
    random: SystemRandom,
}

/// A webhook, ready to be posted.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// `X-Twilio-Email-Event-Webhook-Signature`
    pub signature: String,
    /// `X-Twilio-Email-Event-Webhook-Timestamp`
    pub timestamp: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Default for Signer {
    fn default() -> Self {
        Self::new()
    }
}

impl Signer {
    /// One with a key of its own.
    pub fn new() -> Self {
        let random = SystemRandom::new();
        let kind = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &random).expect("the key just made");
        Self { key, random }
    }

    /// The verification key, as SendGrid shows it.
    pub fn public_key(&self) -> String {
        STANDARD.encode([&SPKI_HEAD, self.key.public_key().as_ref()].concat())
    }

    /// A webhook signed at `at` (seconds since 1970).
    pub fn webhook(&self, body: Vec<u8>, at: i64) -> Webhook {
        let timestamp = at.to_string();
        let message = [timestamp.as_bytes(), &body].concat();
        let signature = self.key.sign(&self.random, &message).expect("a signature");
        Webhook { signature: STANDARD.encode(signature), timestamp, body }
    }
}
