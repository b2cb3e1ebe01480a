//! What Twilio's messaging webhooks say, in our terms.
//!
//! Source: Twilio, "Messaging webhook request" and "Track the message status of outbound messages" (status callbacks).
//! Twilio sends UTF-8 and adds fields without notice: unknown fields are ignored, a needed field that is missing or
//! not UTF-8 is an error (a signed but broken request, answered 400).

use xswarm_core::{message::DeliveryNews, phone::Phone, text_enum};

use super::form::{Form, NotUtf8};

/// Longest provider id that is believed.
const SID_MAX: usize = 64;

/// A signed webhook that doesn't say what it must.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadCallback {
    /// A field that is always there is missing or empty.
    #[error("the field {0} is missing")]
    Missing(&'static str),
    /// A field is not text.
    #[error(transparent)]
    NotUtf8(#[from] NotUtf8),
    /// A field has another form than Twilio's.
    #[error("the field {0} is malformed")]
    Malformed(&'static str),
}

/// Who a message is from or to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Party {
    /// A telephone number.
    Phone(Phone),
    /// A short code, an alphanumeric sender, another channel's address.
    Other(String),
}

impl Party {
    /// Reads a `From` or `To`.
    pub(crate) fn read(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Other(text.to_owned()), Self::Phone)
    }

    /// The address as Twilio writes it.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Phone(phone) => phone.as_str(),
            Self::Other(text) => text,
        }
    }

    /// The number, if it is one.
    pub(crate) const fn phone(&self) -> Option<&Phone> {
        match self {
            Self::Phone(phone) => Some(phone),
            Self::Other(_) => None,
        }
    }
}

text_enum! {
    /// What Twilio itself made of a message under its opt-out management (`OptOutType`).
    pub enum OptOutType {
        /// It blocked further texts to this number, and said so.
        Stop = "STOP",
        /// It lifted the block, and said so.
        Start = "START",
        /// It answered with its help text.
        Help = "HELP",
    }
}

/// A text that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InboundSms {
    /// `MessageSid`: the same in every retry of the same text.
    pub(crate) sid: String,
    /// `AccountSid`.
    pub(crate) account_sid: Option<String>,
    /// Who wrote.
    pub(crate) from: Party,
    /// Which of our numbers they wrote to.
    pub(crate) to: Party,
    /// What they wrote; empty when they sent only a picture.
    pub(crate) body: String,
    /// How many pictures and the like came with it.
    pub(crate) num_media: u32,
    /// What Twilio already did about a STOP, START or HELP.
    pub(crate) opt_out: Option<OptOutType>,
}

impl InboundSms {
    /// Reads an inbound-message webhook.
    pub(crate) fn read(form: &Form) -> Result<Self, BadCallback> {
        Ok(Self {
            sid: sid(form)?,
            account_sid: form.get("AccountSid")?.map(str::to_owned),
            from: Party::read(needed(form, "From")?),
            to: Party::read(needed(form, "To")?),
            body: form.get("Body")?.unwrap_or_default().to_owned(),
            num_media: match form.get("NumMedia")? {
                Some(number) if !number.is_empty() => {
                    number.parse().map_err(|_not_a_number| BadCallback::Malformed("NumMedia"))?
                }
                Some(_) | None => 0,
            },
            opt_out: form.get("OptOutType")?.and_then(|text| text.parse().ok()),
        })
    }
}

text_enum! {
    /// How far a message is, in Twilio's words (`MessageStatus`, `status`).
    pub enum TwilioStatus {
        /// Taken; a sending number is being chosen.
        Accepted = "accepted",
        /// Taken, to be sent later.
        Scheduled = "scheduled",
        /// Waiting to be sent.
        Queued = "queued",
        /// Being handed to the carrier.
        Sending = "sending",
        /// The carrier has it.
        Sent = "sent",
        /// The carrier confirmed that it arrived.
        Delivered = "delivered",
        /// Parts of it arrived.
        PartiallyDelivered = "partially_delivered",
        /// It was read (not for text messages).
        Read = "read",
        /// The carrier says that it did not arrive.
        Undelivered = "undelivered",
        /// It could not be sent.
        Failed = "failed",
        /// It was withdrawn before it was sent.
        Canceled = "canceled",
        /// Inbound: being received.
        Receiving = "receiving",
        /// Inbound: received.
        Received = "received",
        /// A status that this version doesn't know; Twilio has the message.
        Unknown = "unknown",
    }
}

impl TwilioStatus {
    /// Reads a status; one that is new to us is [`TwilioStatus::Unknown`].
    pub(crate) fn read(text: &str) -> Self {
        text.parse().unwrap_or(Self::Unknown)
    }

    /// What it means for an outbound message. That Twilio speaks of the message at all means that Twilio has it.
    pub(crate) const fn news(self) -> DeliveryNews {
        match self {
            Self::Accepted
            | Self::Scheduled
            | Self::Queued
            | Self::Sending
            | Self::Sent
            | Self::PartiallyDelivered
            | Self::Receiving
            | Self::Received
            | Self::Unknown => DeliveryNews::Accepted,
            Self::Delivered | Self::Read => DeliveryNews::Delivered,
            Self::Undelivered | Self::Failed | Self::Canceled => DeliveryNews::Refused,
        }
    }
}

/// How far an outbound message got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatusCallback {
    /// `MessageSid`.
    pub(crate) sid: String,
    /// `MessageStatus`.
    pub(crate) status: TwilioStatus,
    /// `ErrorCode`, for what failed.
    pub(crate) error_code: Option<i64>,
}

impl StatusCallback {
    /// Reads a status callback.
    pub(crate) fn read(form: &Form) -> Result<Self, BadCallback> {
        Ok(Self {
            sid: sid(form)?,
            status: TwilioStatus::read(needed(form, "MessageStatus")?),
            error_code: match form.get("ErrorCode")? {
                Some(code) if !code.is_empty() => {
                    Some(code.parse().map_err(|_not_a_number| BadCallback::Malformed("ErrorCode"))?)
                        .filter(|code| *code != 0)
                }
                Some(_) | None => None,
            },
        })
    }
}

fn needed<'a>(form: &'a Form, name: &'static str) -> Result<&'a str, BadCallback> {
    form.get(name)?.filter(|value| !value.is_empty()).ok_or(BadCallback::Missing(name))
}

fn sid(form: &Form) -> Result<String, BadCallback> {
    let sid = needed(form, "MessageSid")?;
    if sid.len() <= SID_MAX && sid.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
        Ok(sid.to_owned())
    } else {
        Err(BadCallback::Malformed("MessageSid"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xswarm_core::message::MessageStatus;

    fn form(body: &str) -> Form {
        Form::parse(body.as_bytes()).unwrap()
    }

    #[test]
    fn an_inbound_text_is_read() {
        let body = "ToCountry=US&SmsMessageSid=SM1&NumMedia=1&MessageSid=SM1&AccountSid=AC1&From=%2B14155550123\
                    &To=%2B14155550100&Body=caf%C3%A9+%F0%9F%98%80&OptOutType=STOP&ApiVersion=2010-04-01";
        let sms = InboundSms::read(&form(body)).unwrap();
        assert_eq!((sms.sid.as_str(), sms.account_sid.as_deref()), ("SM1", Some("AC1")));
        assert_eq!((sms.from.as_str(), sms.to.as_str()), ("+14155550123", "+14155550100"));
        assert!(sms.from.phone().is_some());
        assert_eq!((sms.body.as_str(), sms.num_media, sms.opt_out), ("café 😀", 1, Some(OptOutType::Stop)));
    }

    #[test]
    fn short_codes_and_empty_texts_are_read() {
        let sms = InboundSms::read(&form("MessageSid=SM1&From=72645&To=%2B14155550100")).unwrap();
        assert_eq!((sms.from, sms.body.as_str(), sms.num_media), (Party::Other("72645".into()), "", 0));
    }

    #[test]
    fn a_broken_text_says_what_is_wrong() {
        let cases = [
            ("From=%2B14155550123&To=%2B1415555010&Body=x", "the field MessageSid is missing"),
            ("MessageSid=&From=%2B14155550123&To=%2B1415555010", "the field MessageSid is missing"),
            ("MessageSid=SM1&To=%2B1415555010", "the field From is missing"),
            ("MessageSid=SM1&From=%2B14155550123", "the field To is missing"),
            ("MessageSid=S%20M&From=%2B14155550123&To=x", "the field MessageSid is malformed"),
            ("MessageSid=SM1&From=1&To=2&Body=%FF%FE", "the field Body is not valid UTF-8"),
            ("MessageSid=SM1&From=1&To=2&NumMedia=many", "the field NumMedia is malformed"),
        ];
        for (body, expected) in cases {
            assert_eq!(InboundSms::read(&form(body)).unwrap_err().to_string(), expected, "{body}");
        }
    }

    #[test]
    fn statuses_become_news() {
        let cases = [
            ("queued", None, MessageStatus::Sent),
            ("sent", None, MessageStatus::Sent),
            ("delivered", None, MessageStatus::Delivered),
            ("undelivered", Some(30003), MessageStatus::Failed),
            ("failed", Some(30034), MessageStatus::Failed),
            ("invented_tomorrow", None, MessageStatus::Sent),
        ];
        for (text, code, expected) in cases {
            let code_text = code.map(|code: i64| format!("&ErrorCode={code}")).unwrap_or_default();
            let status =
                StatusCallback::read(&form(&format!("MessageSid=SM1&MessageStatus={text}{code_text}"))).unwrap();
            assert_eq!(status.error_code, code);
            assert_eq!(MessageStatus::Unknown.after(status.status.news()), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_status_without_its_fields_is_an_error() {
        for (body, expected) in [
            ("MessageStatus=sent", "the field MessageSid is missing"),
            ("MessageSid=SM1", "the field MessageStatus is missing"),
            ("MessageSid=SM1&MessageStatus=failed&ErrorCode=x", "the field ErrorCode is malformed"),
        ] {
            assert_eq!(StatusCallback::read(&form(body)).unwrap_err().to_string(), expected);
        }
    }
}
