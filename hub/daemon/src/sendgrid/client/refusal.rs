//! What a refusal of the API means for the person who waits for a mail, and what to do next.
//!
//! Source: Twilio SendGrid, "Mail Send Errors" and "HTTP status codes". Nothing is decided by this but the words shown.

use reqwest::StatusCode;
use serde::Deserialize;

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    errors: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    message: Option<String>,
    field: Option<String>,
}

/// What went wrong and what to do about it; `body` is SendGrid's own description.
pub(super) fn explain(status: StatusCode, body: &[u8]) -> String {
    let refusal: Refusal = serde_json::from_slice(body).unwrap_or_default();
    let reason = refusal.errors.into_iter().find_map(|reason| {
        let message = reason.message.filter(|message| !message.is_empty())?;
        Some(match reason.field {
            Some(field) => format!("{message} ({field})"),
            None => message,
        })
    });
    let ours = match status {
        StatusCode::UNAUTHORIZED => {
            "SendGrid does not accept the key: make one under Settings, API Keys, and store it with `xswarm setup`"
        }
        StatusCode::FORBIDDEN => {
            "SendGrid does not let this key send from this address: verify it under Settings, Sender Authentication, and see that the key has the scope mail.send"
        }
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            "SendGrid has no such address: correct api_base_url in [sendgrid]"
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            "the mail is larger than SendGrid takes (30 MB with its attachments): shorten it"
        }
        StatusCode::BAD_REQUEST => "SendGrid cannot use the mail as it stands",
        _ => "SendGrid refused it",
    };
    match reason {
        Some(reason) => format!("{ours}. It says: {}", reason.chars().take(300).collect::<String>()),
        None => format!("{ours} ({status})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_meet_is_explained_with_what_to_do() {
        let body = br#"{"errors":[{"message":"The from address does not match a verified Sender Identity.","field":"from","help":"x"}]}"#;
        let words = explain(StatusCode::FORBIDDEN, body);
        assert!(words.contains("Sender Authentication") && words.ends_with("Sender Identity. (from)"), "{words}");
        for (status, word) in
            [(401, "API Keys"), (413, "30 MB"), (404, "api_base_url"), (400, "as it stands"), (418, "refused")]
        {
            let words = explain(StatusCode::from_u16(status).unwrap(), b"<html>");
            assert!(words.contains(word) && words.contains(&status.to_string()), "{words}");
        }
    }
}
