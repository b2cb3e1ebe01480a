//! A household under test: a hub, a telephone company, and persons who text.

use reqwest::{Client, Response};
use xswarm_core::{
    admin::NewUser,
    message::{Direction, Message},
    user::User,
};

use crate::{
    api::{Answer, Api},
    hub::{Builder, Hub, PUBLIC_URL},
    signature::{self, Form},
    twilio::{FakeTwilio, OUR_NUMBER, Resource, TOKEN},
    wait::wait_for,
};

/// The admin's telephone.
pub const ADMIN: &str = "+14155550123";
/// The Boss's mail address.
pub const MAIL_FROM: &str = "boss@household.example";
/// The telephone of somebody that nobody knows.
pub const STRANGER: &str = "+14155550199";

/// A hub and the world around it.
pub struct World {
    /// The hub.
    pub hub: Hub,
    /// The telephone company.
    pub twilio: FakeTwilio,
    http: Client,
}

impl World {
    /// A started hub whose admin has a telephone.
    pub async fn start() -> Self {
        Self::start_with(|builder| builder).await
    }

    /// The same with further configuration.
    pub async fn start_with(configure: impl FnOnce(Builder) -> Builder) -> Self {
        let mut world = Self::build(configure).await;
        world.hub.start().await;
        world
    }

    /// The same, but the hub is not started yet.
    pub async fn build(configure: impl FnOnce(Builder) -> Builder) -> Self {
        let twilio = FakeTwilio::start().await;
        let builder = Hub::builder().twilio(&twilio).config("admin", "phone", ADMIN);
        let hub = configure(builder).build();
        let http = crate::web::builder().build().expect("a client");
        Self { hub, twilio, http }
    }

    /// The hub's interface over the admin socket.
    pub fn api(&self) -> &Api {
        self.hub.api()
    }

    /// Adds a member of the household.
    pub async fn add_member(&self, name: &str, phone: &str) -> User {
        let new = NewUser {
            name: name.to_owned(),
            phone: Some(phone.to_owned()),
            email: None,
            timezone: None,
            boss_phone: None,
            role: None,
        };
        self.api().post("/api/users", &new).await.expect(201).part("user")
    }

    /// From now on the admin is reminded by these ways, in this order.
    pub async fn reminded_by(&self, channels: &[&str]) {
        let path = format!("/api/users/{}/reminder-preferences", self.api().admin().await.id);
        self.api().put(&path, &serde_json::json!({ "channels": channels })).await.expect(200);
    }

    /// Posts a form to the public listener with this signature, or none.
    pub async fn post_form(
        &self,
        path: &str,
        form: &Form,
        signature: Option<&str>,
    ) -> Result<Response, reqwest::Error> {
        let url = format!("http://{}{path}", self.hub.status().listeners.public);
        let mut request = self.http.post(url).header("content-type", "application/x-www-form-urlencoded");
        if let Some(signature) = signature {
            request = request.header("x-twilio-signature", signature);
        }
        request.body(signature::encode(form)).send().await
    }

    /// Posts a form as Twilio does, signed by its official library.
    pub async fn post_signed(&self, path: &str, form: &Form) -> Answer {
        let signature = signature::official(&format!("{PUBLIC_URL}{path}"), form, TOKEN);
        let response = self.post_form(path, form, Some(&signature)).await.expect("the hub answers");
        Answer::read(response).await.expect("the hub answers to the end")
    }

    /// Posts the webhook of an inbound text, which the hub must take.
    pub async fn deliver(&self, message: &Resource) {
        let answer = self.post_signed("/sms/inbound", &FakeTwilio::inbound_form(message)).await.expect(200);
        assert_eq!(answer.media_type, "text/xml");
        assert!(
            answer.text.contains("<Response></Response>") || answer.text.contains("<Response/>"),
            "{}",
            answer.text
        );
    }

    /// Somebody texts the Boss.
    pub async fn text(&self, from: &str, body: &str) -> Resource {
        let message = self.twilio.receive(from, OUR_NUMBER, body);
        self.deliver(&message).await;
        message
    }

    /// Somebody texts the Boss and waits for the answer: how the hub recorded the text, and what it sent.
    pub async fn turn(&self, from: &str, body: &str) -> (Message, Resource) {
        let message = self.text(from, body).await;
        let inbound = self.recorded(&message).await;
        let reply = self.answer_to(&inbound).await;
        assert_eq!(reply.to, from);
        (inbound, reply)
    }

    /// Somebody texts the Boss: the words of the answer.
    pub async fn say(&self, from: &str, body: &str) -> String {
        self.turn(from, body).await.1.body
    }

    /// How the hub recorded an inbound text.
    pub async fn recorded(&self, message: &Resource) -> Message {
        let sid = Some(message.sid.as_str());
        let find = async || self.api().messages().await.into_iter().find(|row| row.provider_id.as_deref() == sid);
        wait_for("the text to be recorded", find).await
    }

    /// The same row of the ledger, as it is now.
    pub async fn recorded_again(&self, row: &Message) -> Message {
        self.api().message(&row.id.to_string()).await
    }

    /// The answers that the hub recorded to an inbound text.
    pub async fn answers(&self, inbound: &Message) -> Vec<Message> {
        let mut rows = self.api().messages().await;
        rows.retain(|row| row.direction == Direction::Outbound && row.in_reply_to == Some(inbound.id));
        rows
    }

    /// The text that was sent as the answer to an inbound one.
    pub async fn answer_to(&self, inbound: &Message) -> Resource {
        let what = format!("an answer to `{}`", inbound.content);
        let row = wait_for(&what, async || self.answers(inbound).await.into_iter().next()).await;
        let (what, row) = (format!("{what} (`{}`) to be sent", row.content), row.id.to_string());
        wait_for(&what, async || self.twilio.sent().into_iter().find(|sent| sent.row() == Some(row.as_str()))).await
    }

    /// The hub's row of a text that was sent.
    pub async fn row(&self, sent: &Resource) -> Message {
        self.api().message(sent.row().expect("a status callback")).await
    }

    /// Twilio calls back about a text that was sent.
    pub async fn callback(&self, sent: &Resource, status: &str, error_code: Option<u32>) {
        let url = sent.status_callback.as_deref().expect("a status callback");
        let path = url.strip_prefix(PUBLIC_URL).expect("a callback to the hub's own address").to_owned();
        let form = self.twilio.status_form(&sent.sid, status, error_code);
        self.post_signed(&path, &form).await.expect(200);
    }

    /// Checks what must hold in the end.
    pub async fn finish(self) {
        let mut private = vec![TOKEN.to_owned(), crate::hub::ADMIN_NAME.to_owned()];
        for message in self.twilio.messages() {
            private.extend([message.from, message.to]);
            private.extend(message.body.lines().filter(|line| line.len() > 12).map(str::to_owned));
        }
        private.extend(self.twilio.calls().into_iter().flat_map(|call| [call.from, call.to]));
        self.hub.finish(&private).await;
        assert_eq!(self.twilio.take_violations(), Vec::<String>::new(), "requests that Twilio would not accept");
        assert_eq!(self.twilio.unauthorized(), 0, "requests without the right credentials");
    }
}
