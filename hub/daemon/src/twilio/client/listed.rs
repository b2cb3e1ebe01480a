//! A message as the REST API shows it, translated.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, de};

use crate::twilio::callback::{InboundSms, Party, TwilioStatus};

/// A message in Twilio's list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Listed {
    /// Its id.
    pub(crate) sid: String,
    /// The account it belongs to.
    #[serde(default)]
    account_sid: Option<String>,
    /// Who sent it.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(crate) from: String,
    /// Who it is for.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(crate) to: String,
    /// What it says.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(crate) body: String,
    /// How far it is.
    #[serde(deserialize_with = "status")]
    pub(crate) status: TwilioStatus,
    /// Whether it came to us.
    #[serde(rename = "direction", deserialize_with = "inbound")]
    pub(crate) inbound: bool,
    /// When Twilio took it, in whole seconds; for inbound messages when it arrived there.
    #[serde(default, rename = "date_created", deserialize_with = "rfc2822")]
    pub(crate) created_at: Option<DateTime<Utc>>,
    /// Why it failed.
    #[serde(default)]
    pub(crate) error_code: Option<i64>,
    #[serde(default, deserialize_with = "null_is_empty")]
    num_media: String,
}

impl Listed {
    /// The same message as its webhook would have told it.
    pub(crate) fn into_inbound(self) -> InboundSms {
        InboundSms {
            sid: self.sid,
            account_sid: self.account_sid,
            from: Party::read(&self.from),
            to: Party::read(&self.to),
            body: self.body,
            num_media: self.num_media.parse().unwrap_or(0),
            opt_out: None,
        }
    }
}

/// One page of the list.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) messages: Vec<Listed>,
    #[serde(default)]
    pub(super) next_page_uri: Option<String>,
}

pub(super) fn null_is_empty<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Option::<String>::deserialize(from).map(Option::unwrap_or_default)
}

fn status<'de, D: Deserializer<'de>>(from: D) -> Result<TwilioStatus, D::Error> {
    String::deserialize(from).map(|text| TwilioStatus::read(&text))
}

fn inbound<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    // The others are outbound-api, outbound-call and outbound-reply.
    String::deserialize(from).map(|text| text == "inbound")
}

pub(super) fn rfc2822<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    Option::<String>::deserialize(from)?
        .map(|text| DateTime::parse_from_rfc2822(&text).map(|at| at.with_timezone(&Utc)))
        .transpose()
        .map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn a_listed_message_is_read() {
        let json = r#"{"account_sid":"AC1","api_version":"2010-04-01","body":"hi","date_created":"Thu, 24 Aug 2023 05:01:45 +0000",
            "date_sent":null,"direction":"inbound","error_code":null,"error_message":null,"from":"+14155550123",
            "messaging_service_sid":null,"num_media":"2","num_segments":"1","price":null,"sid":"SM1","status":"received","to":"+14155550100"}"#;
        let listed: Listed = serde_json::from_str(json).unwrap();
        assert_eq!(listed.created_at, Utc.with_ymd_and_hms(2023, 8, 24, 5, 1, 45).single());
        assert!(listed.inbound);
        let sms = listed.into_inbound();
        assert_eq!(
            (sms.sid.as_str(), sms.from.as_str(), sms.body.as_str(), sms.num_media),
            ("SM1", "+14155550123", "hi", 2)
        );
    }

    #[test]
    fn what_twilio_leaves_out_is_empty() {
        let json = r#"{"sid":"SM1","status":"queued","direction":"outbound-api","from":null,"error_code":30034}"#;
        let listed: Listed = serde_json::from_str(json).unwrap();
        assert_eq!(
            (listed.from.as_str(), listed.inbound, listed.created_at, listed.error_code),
            ("", false, None, Some(30034))
        );
    }
}
