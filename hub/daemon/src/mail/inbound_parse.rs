//! The form that SendGrid's Inbound Parse posts: `multipart/form-data` (RFC 7578).
//!
//! In parsed mode the fields are headers, subject, text, html, and files `attachment1` and so on, each field in the
//! charset that the field `charsets` names; in raw mode the field `email` has the whole message. Both have envelope, SPF
//! and dkim. Source: Twilio, "Setting Up The Inbound Parse Webhook", "Default Parameters".
//!
//! Whether the form is genuine is decided before, on its bytes. What is read here is therefore never refused: what
//! cannot be used becomes a flaw of the mail.

use std::collections::HashMap;

use axum::body::{Body as HttpBody, Bytes};
use multer::{Constraints, Multipart, SizeLimit};
use serde::Deserialize;

use super::{
    Body, Envelope, Mail,
    alignment::Verdicts,
    bounded, charset,
    files::{FILES_MOST, File},
    head::one_line,
    mime::{self, Parts},
};

/// Fields of a form; one has 15 or so, and its files.
const FIELDS_MOST: usize = 200;

/// A form whose fields are known by name, and its files in order.
#[derive(Debug, Default)]
struct Form {
    fields: HashMap<String, Bytes>,
    files: Vec<(String, Posted)>,
    flaws: Vec<String>,
}

/// A file as it was posted.
#[derive(Debug)]
struct Posted {
    name: Option<String>,
    kind: Option<String>,
    content: Bytes,
}

/// The field `envelope`.
#[derive(Debug, Default, Deserialize)]
struct PostedEnvelope {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: Vec<String>,
}

/// What the field `attachment-info` says about a file.
#[derive(Debug, Default, Deserialize)]
struct Info {
    filename: Option<String>,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Reads a genuine form.
pub(crate) async fn read(content_type: &str, posted: Bytes) -> Mail {
    let form = form(content_type, posted.clone()).await;
    let parts = match form.fields.get("email") {
        Some(raw) => mime::read(raw),
        None => form.parts(),
    };
    let (signed, signatures) = &parts.signed;
    let verdicts = Verdicts::read(&form.text("SPF"), &form.text("dkim"), signed.as_ref(), *signatures);
    let envelope: PostedEnvelope = serde_json::from_str(&form.text("envelope")).unwrap_or_default();
    Mail {
        head: parts.head,
        envelope: Envelope { from: envelope.from, to: envelope.to },
        verdicts,
        body: parts.body,
        files: parts.files,
        original: posted,
        flaws: form.flaws.into_iter().chain(parts.flaws).collect(),
    }
}

async fn form(content_type: &str, posted: Bytes) -> Form {
    let mut form = Form::default();
    let Ok(boundary) = multer::parse_boundary(content_type) else {
        form.flaws.push("the provider's form could not be read".to_owned());
        return form;
    };
    let whole = u64::try_from(posted.len()).unwrap_or(u64::MAX);
    let constraints = Constraints::new().size_limit(SizeLimit::new().whole_stream(whole));
    let mut multipart = Multipart::with_constraints(HttpBody::from(posted).into_data_stream(), boundary, constraints);
    for _ in 0..FIELDS_MOST {
        let field = match multipart.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return form,
            Err(error) => {
                log::warn!("a genuine form of the mail provider is broken: {error}");
                form.flaws.push("it reached me incomplete".to_owned());
                return form;
            }
        };
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let kind = field.content_type().map(ToString::to_string);
        let Ok(content) = field.bytes().await else {
            form.flaws.push("it reached me incomplete".to_owned());
            return form;
        };
        if file_name.is_some() || is_file(&name) {
            form.files.push((name, Posted { name: file_name, kind, content }));
        } else {
            form.fields.insert(name, content);
        }
    }
    form.flaws.push("it has more parts than I look at".to_owned());
    form
}

/// `attachment1` and so on; `attachments` and `attachment-info` are not.
fn is_file(name: &str) -> bool {
    name.strip_prefix("attachment")
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Form {
    /// A field as text.
    fn text(&self, name: &str) -> String {
        self.fields.get(name).map(|bytes| charset::decode(bytes, Some("utf-8"))).unwrap_or_default()
    }

    /// The message of a form in parsed mode.
    fn parts(&self) -> Parts {
        let charsets: HashMap<String, String> = serde_json::from_str(&self.text("charsets")).unwrap_or_default();
        let decoded = |name: &str| {
            let bytes = self.fields.get(name)?;
            Some(charset::decode(bytes, charsets.get(name).map(String::as_str)))
        };
        let mut parts = mime::headers(&self.header_block());
        // The header block may be in another charset than the field, which has it decoded.
        if let Some(subject) = decoded("subject").filter(|subject| !subject.trim().is_empty()) {
            parts.head.subject = one_line(&subject);
        }
        let headers = self.text("headers").to_ascii_lowercase();
        let mut flaws = Vec::new();
        parts.body = Body {
            plain: decoded("text").map(|text| bounded(text, &mut flaws)),
            flowed: headers.contains("format=flowed"),
            html: decoded("html").map(|text| bounded(text, &mut flaws)),
        };
        let infos: HashMap<String, Info> = serde_json::from_str(&self.text("attachment-info")).unwrap_or_default();
        let files = self.files.iter().take(FILES_MOST).enumerate();
        parts.files = files
            .map(|(position, (field, posted))| {
                let info = infos.get(field);
                let name =
                    info.and_then(|info| info.filename.as_deref().or(info.name.as_deref())).or(posted.name.as_deref());
                let kind = info.and_then(|info| info.kind.as_deref()).or(posted.kind.as_deref());
                File::new(name, kind, posted.content.clone(), position)
            })
            .collect();
        if self.files.len() > FILES_MOST {
            flaws.push(format!("it has {} files; I looked at the first {FILES_MOST}", self.files.len()));
        }
        parts.flaws = flaws;
        parts
    }

    /// The headers of the message: the field of that name, else what other fields repeat of them.
    fn header_block(&self) -> Vec<u8> {
        let mut block = self.fields.get("headers").map(|bytes| bytes.to_vec()).unwrap_or_default();
        if block.trim_ascii().is_empty() {
            block.clear();
            for (header, field) in [("From", "from"), ("To", "to"), ("Cc", "cc"), ("Subject", "subject")] {
                let text = one_line(&self.text(field));
                if !text.is_empty() {
                    block.extend(format!("{header}: {text}\r\n").bytes());
                }
            }
        }
        block.extend(b"\r\n\r\n");
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TYPE: &str = "multipart/form-data; boundary=xYzZY";

    fn post(fields: &[(&str, &[u8])]) -> Bytes {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(format!("--xYzZY\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").bytes());
            body.extend(*value);
            body.extend(b"\r\n");
        }
        body.extend(b"--xYzZY--\r\n");
        Bytes::from(body)
    }

    fn read(body: Bytes) -> Mail {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(super::read(TYPE, body))
    }

    const HEADERS: &[u8] = b"Received: by mx.example\nFrom: Anna <anna@example.com>\nTo: boss@home.example\nMessage-ID: <a@x>\nDKIM-Signature: v=1; d=example.com; s=x\n";

    #[test]
    fn a_parsed_form_is_a_mail() {
        let mail = read(post(&[
            ("headers", HEADERS),
            ("subject", b"Gr\xfc\xdfe"),
            ("text", b"sch\xf6n"),
            ("html", b"<p>x</p>"),
            ("charsets", br#"{"to":"UTF-8","html":"UTF-8","subject":"iso-8859-1","from":"UTF-8","text":"iso-8859-1"}"#),
            ("envelope", br#"{"to":["boss@home.example"],"from":"anna@example.com"}"#),
            ("SPF", b"pass"),
            ("dkim", b"{@example.com : pass}"),
            ("attachments", b"1"),
            ("attachment-info", br#"{"attachment1":{"filename":"a.pdf","name":"b.pdf","type":"application/pdf"}}"#),
            ("attachment1", b"%PDF-1.4"),
        ]));
        assert_eq!(mail.head.from.unwrap().as_str(), "anna@example.com");
        assert_eq!((mail.head.subject.as_str(), mail.body.plain.as_deref()), ("Grüße", Some("schön")));
        assert_eq!(mail.head.message_id.as_deref(), Some("<a@x>"));
        assert_eq!(mail.envelope.to, ["boss@home.example"]);
        assert!(mail.verdicts.spf_passed && mail.verdicts.dkim_passed == ["example.com"]);
        assert_eq!((mail.files[0].name.as_str(), mail.files[0].claimed.as_str()), ("a.pdf", "application/pdf"));
        assert!(mail.flaws.is_empty());
    }

    #[test]
    fn a_raw_form_is_a_mail() {
        let raw = b"From: anna@example.com\r\nSubject: Hi\r\nMessage-ID: <a@x>\r\n\r\nbook it\r\n";
        let mail = read(post(&[
            ("email", raw),
            ("SPF", b"softfail"),
            ("dkim", b"none"),
            ("envelope", b"{\"to\":[\"b@x\"],\"from\":\"\"}"),
        ]));
        assert_eq!(mail.body.plain.as_deref().map(str::trim), Some("book it"));
        assert!(!mail.verdicts.spf_passed && mail.head.from.is_some());
    }

    #[test]
    fn a_broken_form_is_a_mail_with_a_flaw() {
        let mail =
            read(Bytes::from_static(b"--xYzZY\r\nContent-Disposition: form-data; name=\"headers\"\r\n\r\nFrom: a@x"));
        assert_eq!(mail.flaws.len(), 1);
        assert!(!mail.original.is_empty());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert_eq!(runtime.block_on(super::read("text/plain", Bytes::from_static(b"x"))).flaws.len(), 1);
        let many: Vec<(&str, &[u8])> = vec![("x", b"y"); 10_000];
        assert_eq!(read(post(&many)).flaws.len(), 1);
    }

    #[test]
    fn nothing_but_json_is_read_as_json() {
        let mail = read(post(&[
            ("headers", HEADERS),
            ("envelope", b"[[[["),
            ("charsets", b"\xff"),
            ("attachment-info", b"7"),
        ]));
        assert!(mail.envelope.to.is_empty() && mail.head.from.is_some());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn any_bytes_are_a_mail(body in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let _ = read(Bytes::from(body));
        }

        #[test]
        fn any_fields_are_a_mail(fields in proptest::collection::vec((proptest::sample::select(vec![
            "headers", "email", "text", "html", "charsets", "envelope", "SPF", "dkim", "attachment-info", "attachment1", "subject", "from",
        ]), proptest::collection::vec(any::<u8>(), 0..300)), 0..12)) {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_slice())).collect();
            let _ = read(post(&fields));
        }
    }
}
