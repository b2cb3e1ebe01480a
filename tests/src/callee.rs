//! Whoever is called by the Boss, as Twilio connects them: signed webhooks about a call that was asked for.

use crate::{
    api::Answer,
    caller::Ringing,
    hub::PUBLIC_URL,
    signature::Form,
    twilio::{ACCOUNT, PlacedCall},
    wait::wait_for,
    world::World,
};

/// Waits until so many calls were asked for; the last of them.
pub async fn call_number(world: &World, count: usize) -> PlacedCall {
    let what = format!("{count} calls");
    wait_for(what, async || Some(world.twilio.calls()).filter(|calls| calls.len() >= count))
        .await
        .swap_remove(count - 1)
}

impl PlacedCall {
    /// The form of a webhook about it, with this besides.
    pub fn form(&self, fields: &[(&str, &str)]) -> Form {
        let usual = [
            ("CallSid", self.sid.as_str()),
            ("AccountSid", ACCOUNT),
            ("From", &self.from),
            ("To", &self.to),
            ("Direction", "outbound-api"),
            ("ApiVersion", "2010-04-01"),
        ];
        usual.iter().chain(fields).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// Somebody takes it; `by` is who, where Twilio found that out before.
    pub async fn taken(&self, world: &World, by: Option<&str>) -> Ringing {
        world.twilio.set_call_status(&self.sid, "in-progress");
        let mut fields = vec![("CallStatus", "in-progress")];
        fields.extend(by.map(|by| ("AnsweredBy", by)));
        let answer = world.post_signed(path(&self.url), &self.form(&fields)).await.expect(200);
        Ringing { sid: self.sid.clone(), twiml: answer.text }
    }

    /// Twilio has found out who took it.
    pub async fn found_out(&self, world: &World, by: &str) {
        let url = self.machine_callback.as_deref().expect("Twilio was asked to find out");
        let form: Form = [("CallSid", self.sid.as_str()), ("AccountSid", ACCOUNT), ("AnsweredBy", by)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        world.post_signed(path(url), &form).await.expect(204);
    }

    /// Twilio says how far it is.
    pub async fn is(&self, world: &World, status: &str) {
        world.twilio.set_call_status(&self.sid, status);
        let form = self.form(&[("CallStatus", status)]);
        world.post_signed(path(&self.status_callback), &form).await.expect(200);
    }

    /// It is over, and the hub is not told.
    pub fn ends_unheard_of(&self, world: &World, status: &str) {
        world.twilio.set_call_status(&self.sid, status);
    }

    /// What Twilio was told has been said to its end, and a key was pressed or none: what it is told next.
    pub async fn after_words(&self, world: &World, twiml: &str, key: &str) -> String {
        let (_, rest) = twiml.split_once(" action=\"").unwrap_or_else(|| panic!("nobody is asked: {twiml}"));
        let action = rest.split('"').next().unwrap().replace("&amp;", "&");
        let form = self.form(&[("CallStatus", "in-progress"), ("Digits", key)]);
        let answer: Answer = world.post_signed(path(&action), &form).await.expect(200);
        answer.text
    }
}

fn path(url: &str) -> &str {
    url.strip_prefix(PUBLIC_URL).unwrap_or_else(|| panic!("{url} is not the hub's own address"))
}
