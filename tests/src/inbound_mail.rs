//! Mails as SendGrid's Inbound Parse posts them, and its signature.
//!
//! Source: Twilio, "Setting Up The Inbound Parse Webhook" (fields of both modes) and "Securing your Inbound Parse
//! Webhooks" (ECDSA over P-256 with SHA-256 over timestamp and body, in DER and base64).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use xswarm_core::message::Message;

use crate::{api::Answer, hub::Hub};

/// The Boss's address.
pub const BOSS: &str = "boss@home.example";
/// The admin's address.
pub const ANNA: &str = "anna@example.com";
/// Where forms end and begin, as SendGrid has it.
const BOUNDARY: &str = "xYzZY";

/// The key that signs.
pub struct Signer {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl Default for Signer {
    fn default() -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random);
        Self { pair: pair.expect("a key pair"), random }
    }
}

impl Signer {
    /// The verification key, as SendGrid shows it: SubjectPublicKeyInfo (RFC 5480) in base64.
    pub fn public_key(&self) -> String {
        let head = STANDARD.decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgA=").expect("base64");
        STANDARD.encode([head.as_slice(), self.pair.public_key().as_ref()].concat())
    }

    /// The signature of a body posted at `timestamp`.
    pub fn sign(&self, timestamp: &str, body: &[u8]) -> String {
        let signature = self.pair.sign(&self.random, &[timestamp.as_bytes(), body].concat()).expect("a signature");
        STANDARD.encode(signature.as_ref())
    }
}

/// A mail to be posted. Unless told otherwise it is from Anna to the Boss, and proven to be.
#[derive(Debug, Clone)]
pub struct InboundMail {
    /// The From line.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: Vec<u8>,
    /// The HTML, if any.
    pub html: Option<String>,
    /// Its id, with angle brackets; empty for none.
    pub message_id: String,
    /// Further header lines.
    pub headers: Vec<String>,
    /// What the provider found out: `SPF`, then `dkim`.
    pub verdicts: (String, String),
    /// The sender of the envelope.
    pub envelope_from: String,
    /// Files: name, media type, content.
    pub files: Vec<(String, String, Vec<u8>)>,
    /// Charset of the text.
    pub charset: String,
}

impl InboundMail {
    /// Anna writes to the Boss.
    pub fn new(subject: &str, text: &str) -> Self {
        Self {
            from: format!("Anna <{ANNA}>"),
            to: vec![BOSS.to_owned()],
            subject: subject.to_owned(),
            text: text.as_bytes().to_vec(),
            html: None,
            message_id: format!("<{}@mail.example.com>", uuid::Uuid::now_v7()),
            headers: Vec::new(),
            verdicts: ("pass".to_owned(), "{@example.com : pass}".to_owned()),
            envelope_from: ANNA.to_owned(),
            files: Vec::new(),
            charset: "UTF-8".to_owned(),
        }
    }

    /// Anna answers a mail of the Boss, in its thread.
    pub fn answering(ours: &Message, text: &str) -> Self {
        let subject = ours.metadata["mail"]["subject"].as_str().unwrap_or_default();
        Self::new(subject, text).header(&format!("In-Reply-To: <{}@home.example>", ours.id))
    }

    /// From somebody else, proven to be.
    #[must_use]
    pub fn from(mut self, address: &str) -> Self {
        address.clone_into(&mut self.from);
        address.clone_into(&mut self.envelope_from);
        "none".clone_into(&mut self.verdicts.1);
        self
    }

    /// With a further header line.
    #[must_use]
    pub fn header(mut self, line: &str) -> Self {
        self.headers.push(line.to_owned());
        self
    }

    /// With a file.
    #[must_use]
    pub fn file(mut self, name: &str, media_type: &str, content: &[u8]) -> Self {
        self.files.push((name.to_owned(), media_type.to_owned(), content.to_vec()));
        self
    }

    fn header_lines(&self) -> String {
        let mut lines = vec![
            format!("From: {}", self.from),
            format!("To: {}", self.to.join(",\n ")),
            format!("Subject: {}", self.subject),
            "MIME-Version: 1.0".to_owned(),
            "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=x; b=abc".to_owned(),
        ];
        if !self.message_id.is_empty() {
            lines.push(format!("Message-ID: {}", self.message_id));
        }
        lines.extend(self.headers.iter().cloned());
        lines.join("\n") + "\n"
    }

    fn common(&self) -> Vec<(String, Vec<u8>)> {
        let envelope = serde_json::json!({ "to": self.to, "from": self.envelope_from });
        [
            ("to", self.to.join(", ")),
            ("from", self.from.clone()),
            ("subject", self.subject.clone()),
            ("sender_ip", "203.0.113.9".to_owned()),
            ("spam_score", "0.1".to_owned()),
            ("envelope", envelope.to_string()),
            ("SPF", self.verdicts.0.clone()),
            ("dkim", self.verdicts.1.clone()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into_bytes()))
        .collect()
    }

    /// The form of the parsed mode.
    pub fn parsed(&self) -> Vec<u8> {
        let mut fields = vec![("headers".to_owned(), self.header_lines().into_bytes())];
        fields.extend(self.common());
        fields.push(("text".to_owned(), self.text.clone()));
        fields.extend(self.html.clone().map(|html| ("html".to_owned(), html.into_bytes())));
        let charsets = serde_json::json!({ "to": "UTF-8", "subject": "UTF-8", "html": "UTF-8", "text": self.charset });
        fields.push(("charsets".to_owned(), charsets.to_string().into_bytes()));
        fields.push(("attachments".to_owned(), self.files.len().to_string().into_bytes()));
        let infos: serde_json::Map<_, _> = (1..)
            .zip(&self.files)
            .map(|(n, (name, kind, _))| {
                (format!("attachment{n}"), serde_json::json!({ "filename": name, "name": name, "type": kind }))
            })
            .collect();
        fields.push(("attachment-info".to_owned(), serde_json::Value::from(infos).to_string().into_bytes()));
        form(&fields, &self.files)
    }

    /// The form of the raw mode.
    pub fn raw(&self) -> Vec<u8> {
        let head = self.header_lines().replace('\n', "\r\n");
        let (charset, text) = (&self.charset, STANDARD.encode(&self.text));
        let text =
            format!("Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n{text}");
        let files = self.files.iter().map(|(name, kind, content)| {
            let content = STANDARD.encode(content);
            format!(
                "Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\
                 Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n{content}"
            )
        });
        let parts: Vec<_> = std::iter::once(text).chain(files).collect();
        let parts = parts.join("\r\n--=_outer\r\n");
        let message = format!(
            "{head}Content-Type: multipart/mixed; boundary=\"=_outer\"\r\n\r\n--=_outer\r\n{parts}\r\n--=_outer--\r\n"
        );
        self.raw_of(message.as_bytes())
    }

    /// The form of the raw mode around any bytes.
    pub fn raw_of(&self, message: &[u8]) -> Vec<u8> {
        let mut fields = self.common();
        fields.push(("email".to_owned(), message.to_vec()));
        form(&fields, &[])
    }
}

fn form(fields: &[(String, Vec<u8>)], files: &[(String, String, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").into_bytes());
        body.extend(value);
        body.extend(b"\r\n");
    }
    for (n, (name, kind, content)) in (1..).zip(files) {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"attachment{n}\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    body
}

/// Posts a form as it is, with these headers; `None` when the connection broke.
pub async fn post(hub: &Hub, body: Vec<u8>, headers: &[(&str, &str)]) -> Option<Answer> {
    post_at(&hub.status().listeners.public, body, headers).await
}

async fn post_at(public: &str, body: Vec<u8>, headers: &[(&str, &str)]) -> Option<Answer> {
    let client = crate::web::builder().build().expect("a client");
    let mut request = client
        .post(format!("http://{public}/email/inbound"))
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::read(request.body(body).send().await.ok()?).await.ok()
}

/// Posts a form as SendGrid does, signed now.
pub async fn post_signed(hub: &Hub, signer: &Signer, body: Vec<u8>) -> Option<Answer> {
    post_signed_at(&hub.status().listeners.public, signer, body).await
}

/// The same, where the hub's public listener is believed to be.
pub async fn post_signed_at(public: &str, signer: &Signer, body: Vec<u8>) -> Option<Answer> {
    let timestamp = crate::clock::now().timestamp().to_string();
    let signature = signer.sign(&timestamp, &body);
    let headers = [
        ("x-twilio-email-event-webhook-signature", signature.as_str()),
        ("x-twilio-email-event-webhook-timestamp", timestamp.as_str()),
    ];
    post_at(public, body, &headers).await
}

/// A mail provider that takes whatever it is given (`POST /v3/mail/send`, 202 with `X-Message-Id`): where it listens.
///
/// For tests of what comes in. It ends with the runtime of its test.
pub async fn taking_everything(tasks: &mut tokio::task::JoinSet<()>) -> String {
    let router = axum::Router::new().fallback(async || {
        let id = uuid::Uuid::now_v7().to_string();
        (axum::http::StatusCode::ACCEPTED, [("x-message-id", id)])
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tasks.spawn(async move { axum::serve(listener, router).await.expect("it serves") });
    format!("http://{address}")
}
