//! The message itself (RFC 5322, MIME): headers of our own, text and HTML as alternatives, attachments beside them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lettre::{
    Message,
    message::{Attachment as Part, Mailbox, MultiPart, SinglePart, header::ContentType},
};
use xswarm_core::mail::{self, Attachment, MailAddress};

use crate::{
    error::{Error, Result},
    post::{Mailing, Words},
};

/// The bytes of a mail. [`Error::invalid`] when something in it cannot be written as mail.
pub(super) fn message(mailing: &Mailing, from_name: &str) -> Result<Vec<u8>> {
    let letter = &mailing.letter;
    let name = (!from_name.is_empty()).then(|| from_name.to_owned());
    let mut builder = Message::builder()
        .from(mailbox(name, &mailing.from)?)
        .to(mailbox(None, &mailing.to)?)
        .subject(letter.subject.as_str())
        .date(mailing.written_at.into())
        .message_id(Some(mail::message_id(mailing.row, &mailing.from)));
    if let Some(id) = &letter.in_reply_to {
        builder = builder.in_reply_to(id.clone());
    }
    if !letter.references.is_empty() {
        builder = builder.references(letter.references.join(" "));
    }
    let message = if letter.attachments.is_empty() {
        match alternatives(&mailing.words) {
            Ok(both) => builder.multipart(both),
            Err(plain) => builder.singlepart(plain),
        }
    } else {
        let mut mixed = match alternatives(&mailing.words) {
            Ok(both) => MultiPart::mixed().multipart(both),
            Err(plain) => MultiPart::mixed().singlepart(plain),
        };
        for one in &letter.attachments {
            mixed = mixed.singlepart(attached(one)?);
        }
        builder.multipart(mixed)
    };
    message
        .map(|message| message.formatted())
        .map_err(|error| Error::invalid("the mail cannot be written").with_source(error))
}

/// Text and HTML as alternatives, the better last (RFC 2046 §5.1.4); the text alone where there is no HTML.
fn alternatives(words: &Words) -> Result<MultiPart, SinglePart> {
    match &words.html {
        Some(html) => Ok(MultiPart::alternative_plain_html(words.text.clone(), html.clone())),
        None => Err(SinglePart::plain(words.text.clone())),
    }
}

fn attached(one: &Attachment) -> Result<SinglePart> {
    let unusable = || Error::invalid(format!("the attachment {} cannot be sent", one.filename));
    let bytes = STANDARD.decode(&one.content).map_err(|error| unusable().with_source(error))?;
    let kind = ContentType::parse(&one.media_type).map_err(|error| unusable().with_source(error))?;
    Ok(Part::new(one.filename.clone()).body(bytes, kind))
}

fn mailbox(name: Option<String>, address: &MailAddress) -> Result<Mailbox> {
    let address = address.as_str().parse().map_err(|error: lettre::address::AddressError| {
        Error::invalid("a mail address cannot be used").with_source(error)
    })?;
    Ok(Mailbox::new(name, address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use xswarm_core::{id::MessageId, mail::Letter};

    fn mailing(letter: Letter, html: Option<&str>) -> Mailing {
        Mailing {
            row: MessageId::new(DateTime::UNIX_EPOCH),
            sending: 0,
            from: "boss@example.com".parse().unwrap(),
            to: "anna@example.org".parse().unwrap(),
            letter,
            words: Words { text: "Grüße\n.\nend".to_owned(), html: html.map(str::to_owned) },
            written_at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        }
    }

    fn text(mailing: &Mailing) -> String {
        String::from_utf8(message(mailing, "Boss").unwrap()).unwrap()
    }

    #[test]
    fn a_mail_carries_our_id_its_thread_and_both_alternatives() {
        let letter = Letter::reply("Dinner – 😀", Some("<b@x>"), &["<a@x>".to_owned()]);
        let mailing = mailing(letter, Some("<p>Grüße</p>"));
        let text = text(&mailing);
        let id = mail::message_id(mailing.row, &mailing.from);
        for expected in [
            "From: Boss <boss@example.com>\r\n",
            "To: anna@example.org\r\n",
            &format!("Message-ID: {id}\r\n"),
            "In-Reply-To: <b@x>\r\n",
            "References: <a@x> <b@x>\r\n",
            "Date: Fri, 15 Jan 2027 08:00:00 +0000\r\n",
            "multipart/alternative",
        ] {
            assert!(text.contains(expected), "{expected} is not in {text}");
        }
        let (plain, html) = (text.find("text/plain").unwrap(), text.find("text/html").unwrap());
        assert!(plain < html, "the better alternative comes last");
    }

    #[test]
    fn a_header_cannot_be_broken_out_of() {
        let letter = Letter { subject: "Hi\r\nBcc: all@example.com".to_owned(), ..Letter::default() };
        let text = text(&mailing(letter, None));
        assert!(!text.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc:")), "{text}");
    }

    #[test]
    fn an_attachment_stands_beside_the_words() {
        let attachment = Attachment {
            filename: "invite.ics".to_owned(),
            media_type: "text/calendar; method=PUBLISH; charset=utf-8".to_owned(),
            content: STANDARD.encode("BEGIN:VCALENDAR"),
        };
        let letter = Letter { subject: "x".to_owned(), attachments: vec![attachment.clone()], ..Letter::default() };
        let text = text(&mailing(letter, None));
        assert!(text.contains("multipart/mixed") && text.contains("filename=\"invite.ics\""), "{text}");
        let broken = Attachment { content: "%".to_owned(), ..attachment };
        let letter = Letter { attachments: vec![broken], ..Letter::default() };
        assert!(message(&mailing(letter, None), "Boss").is_err());
    }
}
