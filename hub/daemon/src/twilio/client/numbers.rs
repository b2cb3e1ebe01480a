//! The account's numbers, and where Twilio brings what comes to them ("IncomingPhoneNumber resource").

use reqwest::Method;
use serde::{Deserialize, Serialize};
use xswarm_core::phone::Phone;

use super::{Client, Result, answer};

/// A number of the account.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct OwnedNumber {
    /// Its id.
    pub(crate) sid: String,
    /// The number.
    pub(crate) phone_number: String,
    /// Where what comes to it is brought now; empty for nowhere.
    #[serde(flatten)]
    pub(crate) webhooks: Webhooks,
}

/// Where Twilio posts what comes to a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Webhooks {
    /// Texts.
    pub(crate) sms_url: Option<String>,
    /// Calls.
    pub(crate) voice_url: Option<String>,
    /// What becomes of calls.
    pub(crate) status_callback: Option<String>,
}

impl Webhooks {
    /// A hub's own. One that takes no calls leaves them where they go.
    pub(crate) fn of_hub(public_url: &str, takes_calls: bool) -> Self {
        let calls = |path: &str| takes_calls.then(|| format!("{public_url}{path}"));
        Self {
            sms_url: Some(format!("{public_url}/sms/inbound")),
            voice_url: calls("/voice/inbound"),
            status_callback: calls("/voice/status"),
        }
    }

    /// What of these goes elsewhere by `now`: what it is, and where it should go.
    pub(crate) fn astray(&self, now: &Self) -> Vec<(&'static str, &str)> {
        let each = [
            ("texts", &self.sms_url, &now.sms_url),
            ("calls", &self.voice_url, &now.voice_url),
            ("what becomes of calls", &self.status_callback, &now.status_callback),
        ];
        let astray = each.into_iter().filter(|(_, wanted, now)| wanted.is_some() && wanted != now);
        astray.filter_map(|(what, wanted, _)| Some((what, wanted.as_deref()?))).collect()
    }

    fn form(&self) -> Vec<(&'static str, &str)> {
        let each = [
            ("SmsUrl", "SmsMethod", &self.sms_url),
            ("VoiceUrl", "VoiceMethod", &self.voice_url),
            ("StatusCallback", "StatusCallbackMethod", &self.status_callback),
        ];
        let set = each.into_iter().filter_map(|(url, method, to)| Some([(url, to.as_deref()?), (method, "POST")]));
        set.flatten().collect()
    }
}

impl Client {
    /// The account's numbers that are `phone`: one or none.
    pub(crate) async fn incoming_numbers(&self, phone: &Phone) -> Result<Vec<OwnedNumber>> {
        #[derive(Deserialize)]
        struct Numbers {
            incoming_phone_numbers: Vec<OwnedNumber>,
        }
        let query = [("PhoneNumber", phone.to_string())];
        let numbers: Numbers = self.get(&self.account_url("IncomingPhoneNumbers.json"), &query).await?;
        // The filter also matches parts of numbers.
        Ok(numbers.incoming_phone_numbers.into_iter().filter(|owned| owned.phone_number == phone.as_str()).collect())
    }

    /// Has what comes to a number brought where these say.
    pub(crate) async fn set_webhooks(&self, number_sid: &str, webhooks: &Webhooks) -> Result<()> {
        let url = self.account_url(&format!("IncomingPhoneNumbers/{number_sid}.json"));
        let request = self.request(Method::POST, &url)?.form(&webhooks.form());
        let _: OwnedNumber = answer(request).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hub_that_takes_no_calls_leaves_them_where_they_go() {
        let elsewhere = Webhooks {
            sms_url: Some("https://boss.example.com/sms/inbound".to_owned()),
            voice_url: Some("https://elsewhere.example/".to_owned()),
            status_callback: None,
        };
        let silent = Webhooks::of_hub("https://boss.example.com", false);
        assert_eq!(silent.astray(&elsewhere), []);
        assert_eq!(silent.form(), [("SmsUrl", "https://boss.example.com/sms/inbound"), ("SmsMethod", "POST")]);
        let talking = Webhooks::of_hub("https://boss.example.com", true);
        assert_eq!(
            talking.astray(&elsewhere),
            [
                ("calls", "https://boss.example.com/voice/inbound"),
                ("what becomes of calls", "https://boss.example.com/voice/status")
            ]
        );
        assert_eq!(talking.astray(&talking), []);
    }
}
