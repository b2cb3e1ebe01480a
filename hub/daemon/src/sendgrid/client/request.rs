//! The body of `POST /v3/mail/send`, exactly as published: plain text before HTML, tracking off, our id in the arguments
//! that every event carries back.

use serde_json::{Map, Value, json};
use xswarm_core::{id::MessageId, mail};

use crate::post::Mailing;

/// The custom argument that names the row, and which sending of it.
pub(crate) const ARGUMENT_ROW: &str = "xswarm_message";

/// Its value.
pub(crate) fn argument(row: MessageId, sending: u32) -> String {
    format!("{row}.{sending}")
}

/// The request.
pub(super) fn body(mailing: &Mailing, from_name: &str) -> Value {
    let letter = &mailing.letter;
    let mut content = vec![json!({ "type": "text/plain", "value": mailing.words.text })];
    if let Some(html) = &mailing.words.html {
        content.push(json!({ "type": "text/html", "value": html }));
    }
    let mut headers = Map::new();
    headers.insert("Message-ID".to_owned(), mail::message_id(mailing.row, &mailing.from).into());
    if let Some(id) = &letter.in_reply_to {
        headers.insert("In-Reply-To".to_owned(), id.as_str().into());
    }
    if !letter.references.is_empty() {
        headers.insert("References".to_owned(), letter.references.join(" ").into());
    }
    let mut from = json!({ "email": mailing.from });
    if !from_name.is_empty()
        && let Some(from) = from.as_object_mut()
    {
        from.insert("name".to_owned(), from_name.into());
    }
    let mut body = json!({
        "personalizations": [{ "to": [{ "email": mailing.to }] }],
        "from": from,
        "reply_to": from,
        "subject": letter.subject,
        "content": content,
        "headers": headers,
        "custom_args": { ARGUMENT_ROW: argument(mailing.row, mailing.sending) },
        // Nobody is watched: no rewritten links, no invisible picture, no footer.
        "tracking_settings": {
            "click_tracking": { "enable": false, "enable_text": false },
            "open_tracking": { "enable": false },
            "subscription_tracking": { "enable": false },
            "ganalytics": { "enable": false },
        },
    });
    if !letter.attachments.is_empty()
        && let Some(body) = body.as_object_mut()
    {
        let attachments: Vec<Value> = letter
            .attachments
            .iter()
            .map(|one| {
                // SendGrid takes no parameters here.
                let kind = one.media_type.split(';').next().unwrap_or_default().trim();
                json!({
                    "content": one.content,
                    "type": kind,
                    "filename": one.filename,
                    "disposition": "attachment",
                })
            })
            .collect();
        body.insert("attachments".to_owned(), attachments.into());
    }
    body
}
