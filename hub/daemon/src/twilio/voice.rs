//! What Twilio's voice webhooks say, and what they are answered (TwiML).
//!
//! Source: Twilio, "Twilio's request to your application" (voice), "Answering machine detection", and its
//! pages of the verbs Connect, Stream, Say, Gather and Record.

use xswarm_core::{call::AnsweredBy, text_enum};

use super::{
    callback::{BadCallback, Party},
    form::Form,
};

/// Longest provider id that is believed.
const SID_MAX: usize = 64;

/// How long a message may be that is left when nobody can take the call, in seconds.
const RECORD_MOST_S: u32 = 120;

/// How long it is waited for a key, in seconds.
const KEY_WITHIN_S: u32 = 6;

/// What a withheld number looks like: words, or the digits that spell them.
const WITHHELD: [&str; 8] =
    ["anonymous", "restricted", "unavailable", "unknown", "+266696687", "+7378742883", "+86282452253", "+8656696"];

text_enum! {
    /// How far a call is, in Twilio's words (`CallStatus`).
    pub enum CallStatus {
        /// It waits to be dialled.
        Queued = "queued",
        /// It is being dialled.
        Initiated = "initiated",
        /// It rings.
        Ringing = "ringing",
        /// Somebody took it.
        InProgress = "in-progress",
        /// It is over.
        Completed = "completed",
        /// The line was busy.
        Busy = "busy",
        /// Nobody took it.
        NoAnswer = "no-answer",
        /// It could not be put through.
        Failed = "failed",
        /// It was called off while it rang.
        Canceled = "canceled",
    }
}

/// A call, as a webhook tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CallWebhook {
    /// `CallSid`.
    pub(crate) sid: String,
    /// Who called; absent when the number is withheld.
    pub(crate) from: Option<Party>,
    /// Which number was called.
    pub(crate) to: Party,
    /// How far the call is; absent when it is a word that this version doesn't know.
    pub(crate) status: Option<CallStatus>,
    /// How long a message was recorded, in seconds, where one was.
    pub(crate) recorded_s: Option<u32>,
    /// Where Twilio keeps it.
    pub(crate) recording_url: Option<String>,
    /// Who took a call of ours, where Twilio found that out.
    pub(crate) answered_by: Option<AnsweredBy>,
    /// Which key was pressed; absent where none was.
    pub(crate) key: Option<char>,
}

impl CallWebhook {
    /// Reads a voice webhook.
    pub(crate) fn read(form: &Form) -> Result<Self, BadCallback> {
        let needed = |name: &'static str| -> Result<&str, BadCallback> {
            form.get(name)?.filter(|value| !value.is_empty()).ok_or(BadCallback::Missing(name))
        };
        let sid = needed("CallSid")?;
        if sid.len() > SID_MAX || !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(BadCallback::Malformed("CallSid"));
        }
        let from = form.get("From")?.filter(|from| !from.is_empty());
        let from = from.filter(|from| !WITHHELD.contains(&from.to_lowercase().as_str()));
        let number = |name: &'static str| -> Result<Option<u32>, BadCallback> {
            let text = form.get(name)?.filter(|text| !text.is_empty());
            text.map(str::parse).transpose().map_err(|_not_a_number| BadCallback::Malformed(name))
        };
        Ok(Self {
            sid: sid.to_owned(),
            from: from.map(Party::read),
            to: Party::read(needed("To")?),
            status: form.get("CallStatus")?.and_then(|text| text.parse().ok()),
            recorded_s: number("RecordingDuration")?,
            recording_url: form.get("RecordingUrl")?.map(str::to_owned),
            answered_by: form.get("AnsweredBy")?.map(answered_by),
            key: form.get("Digits")?.and_then(|digits| digits.chars().next()),
        })
    }
}

/// Who took a call in the background of which Twilio found that out: the webhook says nothing else of the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MachineWebhook {
    /// `CallSid`.
    pub(crate) sid: String,
    /// `AnsweredBy`.
    pub(crate) answered_by: AnsweredBy,
}

impl MachineWebhook {
    /// Reads the webhook.
    pub(crate) fn read(form: &Form) -> Result<Self, BadCallback> {
        let needed = |name: &'static str| form.get(name)?.ok_or(BadCallback::Missing(name));
        Ok(Self { sid: needed("CallSid")?.to_owned(), answered_by: answered_by(needed("AnsweredBy")?) })
    }
}

/// `AnsweredBy`. The machine's own words are over where one is named: nothing else was asked for.
fn answered_by(text: &str) -> AnsweredBy {
    match text {
        "human" => AnsweredBy::Person,
        "fax" => AnsweredBy::Fax,
        machine if machine.starts_with("machine_") => AnsweredBy::Machine,
        _ => AnsweredBy::Unclear,
    }
}

/// What Twilio is told to do with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Twiml {
    /// Connect its sound to us.
    Stream {
        /// The WebSocket, `wss://…`.
        url: String,
        /// What opens it.
        token: String,
        /// Asked what next, once the stream has ended.
        after: String,
    },
    /// Say something in Twilio's own voice, and hang up.
    Say(String),
    /// Say something, wait for one key, and ask what next, whether one was pressed or not.
    Ask {
        /// What to say.
        words: String,
        /// Who is asked. Not if the far end hangs up before.
        action: String,
    },
    /// Say something, and record what the caller says then.
    Record {
        /// What to say.
        words: String,
        /// Where the recording is told of.
        action: String,
    },
    /// Hang up.
    HangUp,
}

impl Twiml {
    /// As a document.
    pub(crate) fn document(&self) -> String {
        let verbs = match self {
            Self::Stream { url, token, after } => format!(
                "<Connect action=\"{}\"><Stream url=\"{}\"><Parameter name=\"token\" value=\"{}\"/></Stream></Connect>",
                escaped(after),
                escaped(url),
                escaped(token)
            ),
            Self::Say(words) => format!("<Say>{}</Say><Hangup/>", escaped(words)),
            Self::Record { words, action } => format!(
                "<Say>{}</Say><Record maxLength=\"{RECORD_MOST_S}\" playBeep=\"true\" action=\"{}\"/><Hangup/>",
                escaped(words),
                escaped(action)
            ),
            Self::Ask { words, action } => format!(
                "<Gather input=\"dtmf\" numDigits=\"1\" timeout=\"{KEY_WITHIN_S}\" actionOnEmptyResult=\"true\" \
                 action=\"{}\"><Say>{}</Say></Gather>",
                escaped(action),
                escaped(words)
            ),
            Self::HangUp => "<Hangup/>".to_owned(),
        };
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{verbs}</Response>")
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<CallWebhook, BadCallback> {
        CallWebhook::read(&Form::parse(body.as_bytes()).unwrap())
    }

    #[test]
    fn a_call_is_read_with_and_without_its_caller() {
        let call = read("CallSid=CA1&From=%2B14155550123&To=%2B14155550100&CallStatus=ringing").unwrap();
        assert_eq!((call.sid.as_str(), call.status), ("CA1", Some(CallStatus::Ringing)));
        assert_eq!(call.from.unwrap().as_str(), "+14155550123");
        for withheld in ["anonymous", "Restricted", "%2B266696687", ""] {
            let call = read(&format!("CallSid=CA1&From={withheld}&To=%2B14155550100")).unwrap();
            assert_eq!((call.from, call.status), (None, None), "{withheld}");
        }
        let recorded = read("CallSid=CA1&From=1&To=2&RecordingDuration=12&RecordingUrl=https%3A%2F%2Fx").unwrap();
        assert_eq!((recorded.recorded_s, recorded.recording_url.as_deref()), (Some(12), Some("https://x")));
    }

    #[test]
    fn a_broken_call_says_what_is_wrong() {
        for (body, expected) in [
            ("From=1&To=2", "the field CallSid is missing"),
            ("CallSid=CA-1&To=2", "the field CallSid is malformed"),
            ("CallSid=CA1", "the field To is missing"),
            ("CallSid=CA1&To=2&RecordingDuration=long", "the field RecordingDuration is malformed"),
        ] {
            assert_eq!(read(body).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn who_took_a_call_is_read() {
        for (word, by) in [
            ("human", AnsweredBy::Person),
            ("machine_end_beep", AnsweredBy::Machine),
            ("machine_end_silence", AnsweredBy::Machine),
            ("machine_end_other", AnsweredBy::Machine),
            ("fax", AnsweredBy::Fax),
            ("unknown", AnsweredBy::Unclear),
            ("invented_tomorrow", AnsweredBy::Unclear),
        ] {
            let form = Form::parse(format!("CallSid=CA1&AnsweredBy={word}").as_bytes()).unwrap();
            assert_eq!(MachineWebhook::read(&form).unwrap().answered_by, by, "{word}");
        }
        let pressed = read("CallSid=CA1&To=2&Digits=1&AnsweredBy=human").unwrap();
        assert_eq!((pressed.key, pressed.answered_by), (Some('1'), Some(AnsweredBy::Person)));
        assert_eq!(read("CallSid=CA1&To=2&Digits=").unwrap().key, None);
    }

    #[test]
    fn nothing_that_is_said_can_become_a_verb() {
        let hostile = Twiml::Say("</Say><Dial>+1</Dial>\"&".to_owned()).document();
        assert!(
            hostile.contains("<Say>&lt;/Say&gt;&lt;Dial&gt;+1&lt;/Dial&gt;&quot;&amp;</Say><Hangup/>"),
            "{hostile}"
        );
    }
}
