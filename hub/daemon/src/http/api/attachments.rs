//! Files that came with messages: listed with their message, and given out as they came.
//!
//! A file is always a download and never shown or run: whatever it claims to be, it is sent as bytes.

use axum::{
    Json, Router,
    extract::State,
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};
use xswarm_core::id::{AttachmentId, MessageId};

use crate::{
    error::Error,
    http::{App, body::Path, caller::Caller},
};

/// Routes under `/api`, for the LAN and the socket.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/messages/{id}/attachments", get(list)).route("/attachments/{id}", get(content))
}

async fn list(State(app): State<App>, caller: Caller, Path(id): Path<MessageId>) -> Result<Json<Value>, Error> {
    let attachments = app
        .store
        .read(move |rows| {
            let message = rows.message(id)?.ok_or_else(|| Error::not_found("there is no such message"))?;
            caller.may_see(message.user_id)?;
            Ok::<_, Error>(rows.attachments(id)?)
        })
        .await?;
    Ok(Json(json!({ "attachments": attachments })))
}

async fn content(State(app): State<App>, caller: Caller, Path(id): Path<AttachmentId>) -> Result<Response, Error> {
    let attachment = app
        .store
        .read(move |rows| {
            let missing = || Error::not_found("there is no such attachment");
            let attachment = rows.attachment(id)?.ok_or_else(missing)?;
            let message = rows.message(attachment.message_id)?.ok_or_else(missing)?;
            caller.may_see(message.user_id)?;
            Ok::<_, Error>(attachment)
        })
        .await?;
    let Some(blob) = &attachment.blob else {
        let reason = attachment.not_kept.unwrap_or_default();
        return Err(Error::not_found(format!("the content of this attachment was not kept: {reason}")));
    };
    let bytes = app.letterbox.blobs.get(blob).await?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (CONTENT_DISPOSITION, disposition(&attachment.name)),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, bytes).into_response())
}

/// `attachment` with the file's name, in ASCII and in full (RFC 6266 §4.3, RFC 8187).
fn disposition(name: &str) -> HeaderValue {
    let ascii: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || " .-_".contains(c) { c } else { '_' }).collect();
    let full = name.bytes().fold(String::new(), |mut text, byte| {
        use std::fmt::Write;
        // Writing to a string cannot fail.
        let _ = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => write!(text, "{}", char::from(byte)),
            _ => write!(text, "%{byte:02X}"),
        };
        text
    });
    HeaderValue::try_from(format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{full}"))
        .unwrap_or_else(|_never| HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_within_its_header() {
        for (name, expected) in [
            ("a b.pdf", "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf"),
            (
                "Grüße\"\r\nX: y",
                "attachment; filename=\"Gr__e___X_ y\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%22%0D%0AX%3A%20y",
            ),
        ] {
            assert_eq!(disposition(name).to_str().unwrap(), expected);
        }
    }
}
