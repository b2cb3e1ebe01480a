//! What the event webhook says about mails that SendGrid took, in our terms.
//!
//! Source: Twilio SendGrid, "Event Webhook Reference". Events come in batches, in any order, sometimes twice
//! (`sg_event_id` tells), and SendGrid adds kinds and fields without notice: what is unknown is passed over, never an
//! error. Opens and clicks are not asked for and mean nothing.

use serde::Deserialize;
use xswarm_core::{id::MessageId, mail::MailAddress, message::DeliveryNews};

/// The longest id that is believed.
const ID_MAX: usize = 200;

/// Events that are read of one batch; SendGrid sends about a thousand.
pub(crate) const BATCH_MOST: usize = 20_000;

/// An event as it comes.
#[derive(Debug, Deserialize)]
struct Raw {
    event: Option<String>,
    email: Option<String>,
    sg_event_id: Option<String>,
    sg_message_id: Option<String>,
    xswarm_message: Option<String>,
    reason: Option<String>,
    response: Option<String>,
    status: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MailEvent {
    /// SendGrid's id of the event; the same in every repetition of it.
    pub(crate) id: String,
    /// Our row and which sending of it, as we gave them along.
    pub(crate) row: Option<(MessageId, u32)>,
    /// SendGrid's id of the mail, as it answered when it took it.
    pub(crate) message: Option<String>,
    /// Whom it was for.
    pub(crate) to: Option<MailAddress>,
    /// What happened.
    pub(crate) what: What,
}

/// What happened to a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// It is further on its way, or not.
    News {
        /// How far.
        news: DeliveryNews,
        /// Why not, for what failed.
        reason: Option<String>,
    },
    /// The recipient wants no more mail.
    Stopped,
    /// The recipient wants mail again.
    Resumed,
}

/// The body was no batch of events.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadBatch {
    /// It is not JSON, or not an array of objects.
    #[error("the events cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// It has too many.
    #[error("there are {0} events at once")]
    TooMany(usize),
}

/// What stands before the first dot of `sg_message_id`: the id that SendGrid answered with when it took the mail.
pub(crate) fn short_id(sg_message_id: &str) -> &str {
    sg_message_id.split('.').next().unwrap_or_default()
}

/// Reads a batch. Events that mean nothing to us are left out.
pub(crate) fn read(body: &[u8]) -> Result<Vec<MailEvent>, BadBatch> {
    let raw: Vec<serde_json::Value> = serde_json::from_slice(body)?;
    if raw.len() > BATCH_MOST {
        return Err(BadBatch::TooMany(raw.len()));
    }
    // An event of another shape than the published one is passed over: the others of its batch count.
    Ok(raw.into_iter().filter_map(|value| serde_json::from_value(value).ok().and_then(event)).collect())
}

fn event(raw: Raw) -> Option<MailEvent> {
    let what = what(&raw)?;
    let believable =
        |id: &String| !id.is_empty() && id.len() <= ID_MAX && id.bytes().all(|byte| byte.is_ascii_graphic());
    Some(MailEvent {
        id: raw.sg_event_id.filter(believable)?,
        row: raw.xswarm_message.as_deref().and_then(|text| {
            let (row, sending) = text.split_once('.')?;
            Some((row.parse().ok()?, sending.parse().ok()?))
        }),
        message: raw.sg_message_id.filter(believable).map(|id| short_id(&id).to_owned()).filter(|id| !id.is_empty()),
        to: raw.email.and_then(|text| text.parse().ok()),
        what,
    })
}

fn what(raw: &Raw) -> Option<What> {
    let on_its_way = What::News { news: DeliveryNews::Accepted, reason: None };
    Some(match raw.event.as_deref()? {
        "processed" | "deferred" => on_its_way,
        "delivered" => What::News { news: DeliveryNews::Delivered, reason: None },
        "bounce" => What::News { news: DeliveryNews::Refused, reason: Some(bounced(raw)) },
        "dropped" => What::News { news: DeliveryNews::Refused, reason: Some(dropped(raw)) },
        "spamreport" | "unsubscribe" | "group_unsubscribe" => What::Stopped,
        "group_resubscribe" => What::Resumed,
        _ => return None,
    })
}

fn bounced(raw: &Raw) -> String {
    let said = said(raw);
    match raw.kind.as_deref() {
        Some("blocked") => {
            format!("the recipient's mail server turned it away for now: it can be sent again later{said}")
        }
        _ => format!("the recipient's mail server refused it: check the address{said}"),
    }
}

fn dropped(raw: &Raw) -> String {
    let said = said(raw);
    let reason = raw.reason.as_deref().unwrap_or_default().to_ascii_lowercase();
    let words = if reason.contains("bounced") {
        "SendGrid did not send it: an earlier mail to this address bounced. When the address works again, remove it under Suppressions, Bounces"
    } else if reason.contains("unsubscribed") {
        "SendGrid did not send it: the recipient unsubscribed"
    } else if reason.contains("spam report") {
        "SendGrid did not send it: the recipient once reported a mail as spam"
    } else {
        "SendGrid did not send it"
    };
    format!("{words}{said}")
}

/// What SendGrid, or the recipient's server, says in its own words.
fn said(raw: &Raw) -> String {
    let words = raw.reason.as_deref().or(raw.response.as_deref()).unwrap_or_default().trim();
    let words: String = words.chars().filter(|c| !c.is_control()).take(300).collect();
    match (words.is_empty(), raw.status.as_deref().map(str::trim).filter(|status| !status.is_empty())) {
        (true, None) => String::new(),
        (true, Some(status)) => format!(" ({status})"),
        (false, _) => format!(" ({words})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn one(json: &serde_json::Value) -> Option<MailEvent> {
        read(serde_json::json!([json]).to_string().as_bytes()).unwrap().pop()
    }

    #[test]
    fn a_published_example_is_read() {
        let row = MessageId::new(DateTime::UNIX_EPOCH);
        let event = one(&serde_json::json!({
            "email": "Example@test.com", "timestamp": 1_513_299_569, "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
            "event": "delivered", "category": ["cat facts"], "sg_event_id": "rWVYmVk90MjZJ9iohOBa3w==",
            "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0", "response": "250 OK",
            "xswarm_message": format!("{row}.2"),
        }))
        .unwrap();
        assert_eq!((event.row, event.message.as_deref()), (Some((row, 2)), Some("14c5d75ce93")));
        assert_eq!(event.to.unwrap().as_str(), "example@test.com");
        assert_eq!(event.what, What::News { news: DeliveryNews::Delivered, reason: None });
    }

    #[test]
    fn every_published_kind_is_known_or_means_nothing() {
        let kind =
            |event: &str| one(&serde_json::json!({ "event": event, "sg_event_id": "x" })).map(|event| event.what);
        for (name, expected) in [
            ("processed", DeliveryNews::Accepted),
            ("deferred", DeliveryNews::Accepted),
            ("delivered", DeliveryNews::Delivered),
            ("bounce", DeliveryNews::Refused),
            ("dropped", DeliveryNews::Refused),
        ] {
            assert!(matches!(kind(name), Some(What::News { news, .. }) if news == expected), "{name}");
        }
        for name in ["spamreport", "unsubscribe", "group_unsubscribe"] {
            assert_eq!(kind(name), Some(What::Stopped), "{name}");
        }
        assert_eq!(kind("group_resubscribe"), Some(What::Resumed));
        for name in ["open", "click", "invented_tomorrow", ""] {
            assert_eq!(kind(name), None, "{name}");
        }
    }

    #[test]
    fn why_it_failed_is_told() {
        let reason = |json: serde_json::Value| match one(&json).unwrap().what {
            What::News { reason, .. } => reason.unwrap(),
            What::Stopped | What::Resumed => panic!("no news"),
        };
        let words = reason(serde_json::json!({
            "event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 no such user", "sg_event_id": "x"
        }));
        assert!(words.contains("check the address") && words.contains("no such user"), "{words}");
        let blocked =
            serde_json::json!({ "event": "bounce", "type": "blocked", "status": "4.7.0", "sg_event_id": "x" });
        assert!(reason(blocked).contains("again later (4.7.0)"));
        let dropped = serde_json::json!({ "event": "dropped", "reason": "Bounced Address", "sg_event_id": "x" });
        assert!(reason(dropped).contains("Suppressions"));
    }

    #[test]
    fn one_broken_event_does_not_cost_the_others() {
        let batch = r#"[{"event":7},null,"x",{"event":"delivered"},{"event":"delivered","sg_event_id":"a b"},
            {"event":"delivered","sg_event_id":"good","email":"not an address","xswarm_message":"nonsense"}]"#;
        let events = read(batch.as_bytes()).unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!((events[0].id.as_str(), &events[0].row, &events[0].to), ("good", &None, &None));
    }

    #[test]
    fn what_is_no_batch_is_an_error() {
        assert!(read(b"{}").is_err());
        assert!(read(b"[").is_err());
        assert!(read(b"").is_err());
        let many = format!("[{}]", vec!["{}"; BATCH_MOST + 1].join(","));
        assert!(matches!(read(many.as_bytes()), Err(BadBatch::TooMany(_))));
    }
}
