//! What "Mail Send" says a request must look like. Each finding is SendGrid's message and the field it names.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

const TOP: [&str; 15] = [
    "personalizations",
    "from",
    "reply_to",
    "reply_to_list",
    "subject",
    "content",
    "attachments",
    "template_id",
    "headers",
    "categories",
    "custom_args",
    "send_at",
    "batch_id",
    "mail_settings",
    "tracking_settings",
];

/// Headers that may not be set: "reserved headers".
const RESERVED: [&str; 11] = [
    "x-sg-id",
    "x-sg-eid",
    "received",
    "dkim-signature",
    "content-type",
    "content-transfer-encoding",
    "to",
    "from",
    "subject",
    "reply-to",
    "cc",
];

/// What is wrong with a request: the field and SendGrid's words.
pub(super) fn wrong(request: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut say = |field: &str, words: &str| found.push((field.to_owned(), words.to_owned()));
    let Some(object) = request.as_object() else {
        return vec![(String::new(), "Bad Request".to_owned())];
    };
    for name in object.keys().filter(|name| !TOP.contains(&name.as_str())) {
        say(name, "is not a parameter of mail/send");
    }
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let personalizations = list(&request["personalizations"]);
    if personalizations.is_empty() || personalizations.len() > 1_000 {
        say("personalizations", "The personalizations field is required and must have at least one personalization.");
    }
    for one in &personalizations {
        only(
            one,
            &["to", "cc", "bcc", "from", "subject", "headers", "substitutions", "custom_args", "send_at"],
            "personalizations",
            &mut say,
        );
        let to = list(&one["to"]);
        if to.is_empty() {
            say(
                "personalizations.0.to",
                "The to array is required for all personalization objects, and must have at least one email object with a valid email address.",
            );
        }
        for address in to.iter().chain(&list(&one["cc"])).chain(&list(&one["bcc"])) {
            mailbox(address, "personalizations.0.to", &mut say);
        }
    }
    mailbox(&request["from"], "from", &mut say);
    if !request["reply_to"].is_null() {
        mailbox(&request["reply_to"], "reply_to", &mut say);
    }
    match request["subject"].as_str() {
        None | Some("") => say("subject", "The subject is required."),
        // RFC 5322 §2.1.1, before encoding.
        Some(subject) if subject.contains(['\r', '\n']) || subject.len() > 998 => {
            say("subject", "The subject is no header line.");
        }
        Some(_) => {}
    }
    contents(&list(&request["content"]), &mut say);
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        if RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
            say("headers", &format!("The header {name} is reserved."));
        }
        match value.as_str() {
            Some(text) if !text.contains(['\r', '\n']) && text.is_ascii() => {}
            _ => say("headers", &format!("The header {name} must be an ASCII line.")),
        }
    }
    let arguments = &request["custom_args"];
    if arguments.to_string().len() > 10_000 {
        say("custom_args", "The custom arguments must not exceed 10,000 bytes.");
    }
    if arguments.as_object().into_iter().flatten().any(|(_, value)| !value.is_string()) {
        say("custom_args", "Custom arguments are strings.");
    }
    attachments(&list(&request["attachments"]), &mut say);
    tracking(&request["tracking_settings"], &mut say);
    found
}

fn only(value: &Value, known: &[&str], field: &str, say: &mut impl FnMut(&str, &str)) {
    for name in value.as_object().into_iter().flatten().map(|(name, _)| name) {
        if !known.contains(&name.as_str()) {
            say(field, &format!("{name} is not a parameter here"));
        }
    }
}

fn mailbox(value: &Value, field: &str, say: &mut impl FnMut(&str, &str)) {
    only(value, &["email", "name"], field, say);
    let address = value["email"].as_str().unwrap_or_default();
    let well_formed = address.is_ascii()
        && !address.contains(char::is_whitespace)
        && address
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
    if !well_formed {
        say(field, "Does not contain a valid address.");
    }
    if value["name"].as_str().is_some_and(|name| name.contains(['\r', '\n'])) {
        say(field, "The name is no header line.");
    }
}

fn contents(contents: &[Value], say: &mut impl FnMut(&str, &str)) {
    if contents.is_empty() {
        say("content", "Unless a valid template_id is provided, the content parameter is required.");
    }
    for one in contents {
        only(one, &["type", "value"], "content", say);
        if one["type"].as_str().is_none_or(|kind| !kind.contains('/'))
            || one["value"].as_str().is_none_or(str::is_empty)
        {
            say("content", "The content value must be a string at least one character in length.");
        }
    }
    let kinds: Vec<_> = contents.iter().map(|one| one["type"].as_str().unwrap_or_default()).collect();
    // "If present, text/plain and text/html must be the first two indices of the array in this order."
    if !matches!(kinds.as_slice(), ["text/plain" | "text/html"] | ["text/plain", "text/html"]) {
        say("content", "If present, text/plain and text/html may only be provided once, in this order.");
    }
}

fn attachments(attachments: &[Value], say: &mut impl FnMut(&str, &str)) {
    for one in attachments {
        only(one, &["content", "type", "filename", "disposition", "content_id"], "attachments", say);
        if one["content"].as_str().is_none_or(|text| STANDARD.decode(text).is_err()) {
            say("attachments.content", "The attachment content must be base64 encoded.");
        }
        if one["filename"].as_str().is_none_or(|name| name.is_empty() || name.contains(['\r', '\n'])) {
            say("attachments.filename", "The filename of the attachment is required.");
        }
        let kind = one["type"].as_str().unwrap_or("text/plain");
        if kind.is_empty() || kind.contains([';', '\r', '\n']) {
            say("attachments.type", "The attachment type cannot contain ';' or CRLF characters.");
        }
    }
}

fn tracking(settings: &Value, say: &mut impl FnMut(&str, &str)) {
    only(
        settings,
        &["click_tracking", "open_tracking", "subscription_tracking", "ganalytics"],
        "tracking_settings",
        say,
    );
    // Not SendGrid's rule but the household's: nobody is watched.
    for name in ["click_tracking", "open_tracking", "subscription_tracking"] {
        if settings[name]["enable"] != false {
            say("tracking_settings", &format!("{name} is not off"));
        }
    }
}
