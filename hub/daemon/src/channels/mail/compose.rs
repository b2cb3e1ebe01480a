//! A mail that a program of the household wants sent.
//!
//! Nothing of it is understood and nothing is changed: what cannot be sent as it stands is refused with the reason, and
//! then nothing at all is sent.

use chrono::{DateTime, Utc};
use serde_json::json;
use xswarm_core::{
    admin::{MailTo, NewMail},
    mail::{Layout, Letter, MailAddress, is_header_safe},
    message::Message,
    user::User,
};
use xswarm_store::{Store, Tx};

use crate::{
    clock::Clock,
    error::Error,
    outbox::{self, OurAddresses, Saying, To},
};

/// Recipients of one request.
const RECIPIENTS_MOST: usize = 20;
/// Characters of a subject: with the longest encoding still below the 998 octets of a line (RFC 5322 §2.1.1).
const SUBJECT_MOST: usize = 200;
/// Bytes of the text.
const TEXT_BYTES: usize = 100 << 10;
/// Bytes of the HTML: Gmail cuts off what is longer than 102 KB.
const HTML_BYTES: usize = 100 << 10;

/// Records a mail for each recipient, with the job that sends it. The same `client_id` again has no second effect.
pub(crate) async fn compose(
    store: &Store,
    clock: Clock,
    ours: OurAddresses,
    new: NewMail,
) -> Result<Vec<Message>, Error> {
    let recipients = recipients(&new.to)?;
    let letter = letter(&new)?;
    let now = clock.now();
    store
        .write(move |tx| {
            let user = tx.user(new.user_id)?.ok_or_else(|| Error::not_found("there is no such person"))?;
            let from = outbox::mail_from(&user, &ours)
                .ok_or_else(|| Error::unavailable("mail is not set up: run `xswarm setup`"))?;
            let mut messages = Vec::with_capacity(recipients.len());
            for (n, to) in recipients.iter().enumerate() {
                let client_id = new.client_id.as_ref().map(|id| format!("{}/mail/{id}/{n}", user.id));
                let to = To::Mail { from: from.clone(), to: to.clone(), letter: Box::new(letter.clone()) };
                messages.push(once(tx, &user, &to, &new.body, client_id, now)?);
            }
            Ok(messages)
        })
        .await
}

fn once(
    tx: &Tx<'_>,
    user: &User,
    to: &To,
    text: &str,
    client_id: Option<String>,
    now: DateTime<Utc>,
) -> Result<Message, Error> {
    if let Some(client_id) = &client_id
        && let Some(known) = tx.message_by_client_id(client_id)?
    {
        return Ok(known);
    }
    let saying = Saying {
        user: Some(user),
        conversation: None,
        to,
        text,
        in_reply_to: None,
        metadata: client_id.map_or_else(|| json!({}), |id| json!({ "client_id": id })),
    };
    let id = outbox::say(tx, &saying, now)?;
    tx.message(id)?.ok_or_else(|| Error::internal("a message just written is not there"))
}

fn recipients(to: &MailTo) -> Result<Vec<MailAddress>, Error> {
    let given = match to {
        MailTo::One(one) => std::slice::from_ref(one),
        MailTo::Several(several) => several.as_slice(),
    };
    if given.is_empty() {
        return Err(Error::invalid("say to which address"));
    }
    if given.len() > RECIPIENTS_MOST {
        let words = format!("a mail has at most {RECIPIENTS_MOST} recipients; this one has {}", given.len());
        return Err(Error::invalid(words));
    }
    let mut recipients: Vec<MailAddress> = Vec::with_capacity(given.len());
    for text in given {
        let address = text.trim_matches(' ').parse().map_err(|_says_it_with_control_characters| {
            let shown: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
            Error::invalid(format!("`{shown}` is not a mail address (such as anna@example.com)"))
        })?;
        if !recipients.contains(&address) {
            recipients.push(address);
        }
    }
    Ok(recipients)
}

fn letter(new: &NewMail) -> Result<Letter, Error> {
    let subject = new.subject.trim_matches(' ');
    if subject.is_empty() {
        return Err(Error::invalid("the mail has no subject"));
    }
    if !is_header_safe(subject) {
        return Err(Error::invalid("a subject is one line: it must not contain line ends or control characters"));
    }
    if subject.chars().count() > SUBJECT_MOST {
        let words =
            format!("a subject has at most {SUBJECT_MOST} characters; this one has {}", subject.chars().count());
        return Err(Error::invalid(words));
    }
    if new.body.trim().is_empty() {
        return Err(Error::invalid("the mail is empty"));
    }
    if new.body.len() > TEXT_BYTES {
        return Err(Error::invalid(format!(
            "the text has at most {} KB; this one has {}",
            TEXT_BYTES >> 10,
            new.body.len() >> 10
        )));
    }
    let html = new.html.clone().filter(|html| !html.trim().is_empty());
    if let Some(html) = &html
        && html.len() > HTML_BYTES
    {
        return Err(Error::invalid(format!(
            "the HTML has at most {} KB; this one has {}",
            HTML_BYTES >> 10,
            html.len() >> 10
        )));
    }
    if [Some(&new.body), html.as_ref()].into_iter().flatten().any(|text| text.contains('\0')) {
        return Err(Error::invalid("the text must not contain NUL"));
    }
    if new.client_id.as_ref().is_some_and(|id| id.is_empty() || id.len() > 200) {
        return Err(Error::invalid("client_id has 1 to 200 characters"));
    }
    Ok(Letter { subject: subject.to_owned(), layout: Layout::Own { html }, ..Letter::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use xswarm_core::id::UserId;

    fn mail() -> NewMail {
        NewMail {
            to: MailTo::One("anna@example.com".to_owned()),
            subject: "Dinner".to_owned(),
            body: "At seven.".to_owned(),
            html: None,
            user_id: UserId::new(DateTime::UNIX_EPOCH),
            client_id: None,
        }
    }

    fn refused(new: &NewMail) -> String {
        recipients(&new.to).map(drop).and_then(|()| letter(new).map(drop)).unwrap_err().context
    }

    #[test]
    fn headers_cannot_be_injected() {
        for subject in ["Hi\r\nBcc: all@example.com", "Hi\nX: y", "Hi\u{2028}x", "a\0b"] {
            assert!(refused(&NewMail { subject: subject.to_owned(), ..mail() }).contains("one line"), "{subject:?}");
        }
        for to in
            ["anna@example.com\r\nBcc: x@example.com", "anna@example.com, bob@example.com", "Anna <a@b.example>", "\n"]
        {
            let words = refused(&NewMail { to: MailTo::One(to.to_owned()), ..mail() });
            assert!(words.contains("is not a mail address") && !words.contains('\n'), "{words}");
        }
    }

    #[test]
    fn a_thousand_recipients_are_refused_and_a_few_are_not() {
        let many: Vec<String> = (0..1_000).map(|n| format!("a{n}@example.com")).collect();
        assert!(refused(&NewMail { to: MailTo::Several(many.clone()), ..mail() }).contains("at most 20 recipients"));
        assert!(refused(&NewMail { to: MailTo::Several(Vec::new()), ..mail() }).contains("which address"));
        assert_eq!(recipients(&MailTo::Several(many[..20].to_vec())).unwrap().len(), 20);
        let twice = MailTo::Several(vec!["a@b.example".into(), " A@B.example ".into()]);
        assert_eq!(recipients(&twice).unwrap().len(), 1, "nobody gets it twice");
    }

    #[test]
    fn what_is_too_large_or_empty_is_refused() {
        for (new, word) in [
            (NewMail { subject: "x".repeat(201), ..mail() }, "200 characters"),
            (NewMail { subject: "  ".into(), ..mail() }, "no subject"),
            (NewMail { body: " \n".into(), ..mail() }, "empty"),
            (NewMail { body: "x".repeat(TEXT_BYTES + 1), ..mail() }, "100 KB"),
            (NewMail { html: Some("x".repeat(HTML_BYTES + 1)), ..mail() }, "100 KB"),
            (NewMail { body: "a\0b".into(), ..mail() }, "NUL"),
            (NewMail { client_id: Some("x".repeat(201)), ..mail() }, "client_id"),
        ] {
            assert!(refused(&new).contains(word), "{word}");
        }
        let html = letter(&NewMail { html: Some("<p>hi</p>".into()), ..mail() }).unwrap().layout;
        assert_eq!(html, Layout::Own { html: Some("<p>hi</p>".to_owned()) });
    }
}
