//! A hub that mails, with whoever brings it mail: for tests of what comes in.

use serde_json::Value;
use tokio::task::JoinSet;
use xswarm_core::{
    attachment::Attachment,
    message::{Channel, Direction, Message, MessageStatus},
};

use crate::{
    api::Answer,
    hub::{Builder, Hub, PUBLIC_URL},
    inbound_mail::{ANNA, BOSS, InboundMail, Signer, post_signed, taking_everything},
    wait::wait_for,
};

/// A hub with mail, whose admin is Anna.
pub struct Post {
    /// The hub.
    pub hub: Hub,
    /// Signs what is brought.
    pub signer: Signer,
    _provider: JoinSet<()>,
}

/// A hub that mails by `provider` and takes mail that `signer` signed.
fn mailing(signer: &Signer, provider: &str) -> Builder {
    Hub::builder()
        .config("sendgrid", "api_base_url", provider)
        .credential("sendgrid_api_key", Some("SG.key"))
        .config("server", "public_url", PUBLIC_URL)
        .config("admin", "email", ANNA)
        .config("mail", "provider", "sendgrid")
        .config("mail", "from", BOSS)
        .config("sendgrid", "inbound_public_key", signer.public_key())
}

impl Post {
    /// Starts one.
    pub async fn start() -> Self {
        Self::start_with(|builder| builder).await
    }

    /// Starts one that is configured further.
    pub async fn start_with(further: impl FnOnce(Builder) -> Builder) -> Self {
        let signer = Signer::default();
        let mut provider = JoinSet::new();
        let mut hub = further(mailing(&signer, &taking_everything(&mut provider).await)).build();
        hub.start().await;
        Self { hub, signer, _provider: provider }
    }

    /// Brings a form, which the hub must take.
    pub async fn bring(&self, body: Vec<u8>) -> Answer {
        post_signed(&self.hub, &self.signer, body).await.expect("the hub answers").expect(200)
    }

    /// What was brought, as it was recorded.
    pub async fn inbound(&self) -> Vec<Message> {
        let mut rows = self.hub.api().messages().await;
        rows.retain(|row| row.direction == Direction::Inbound && row.channel == Channel::Email);
        rows
    }

    /// Brings a mail: how it was recorded.
    pub async fn recorded(&self, mail: &InboundMail) -> Message {
        self.bring(mail.parsed()).await;
        let id = Value::from(mail.message_id.clone());
        let found = self.inbound().await.into_iter().find(|row| row.metadata["received"]["message_id"] == id);
        found.unwrap_or_else(|| panic!("{} was not recorded", mail.message_id))
    }

    /// The answer to a recorded mail.
    pub async fn answer(&self, inbound: &Message) -> Message {
        let answer = async || self.answers(inbound).await.into_iter().next();
        wait_for(&format!("an answer to `{}`", inbound.content), answer).await
    }

    /// The answers to a recorded mail.
    pub async fn answers(&self, inbound: &Message) -> Vec<Message> {
        let mut rows = self.hub.api().messages().await;
        rows.retain(|row| row.direction == Direction::Outbound && row.in_reply_to == Some(inbound.id));
        rows
    }

    /// Anna writes: the answer.
    pub async fn say(&self, mail: &InboundMail) -> Message {
        let inbound = self.recorded(mail).await;
        self.answer(&inbound).await
    }

    /// Brings a mail that is to be recorded and not answered: how it was recorded.
    pub async fn silent(&self, mail: &InboundMail) -> Message {
        let row = self.recorded(mail).await;
        assert_eq!(row.status, MessageStatus::Processed, "{row:#?}");
        assert_eq!(row.user_id, None, "{row:#?}");
        assert!(row.metadata["unanswered"].is_string(), "{row:#?}");
        row
    }

    /// The files of a recorded mail.
    pub async fn files(&self, of: &Message) -> Vec<Attachment> {
        self.hub.api().get(&format!("/api/messages/{}/attachments", of.id)).await.expect(200).part("attachments")
    }

    /// How many appointments there are.
    pub async fn appointments(&self) -> u64 {
        self.hub.api().status().await.counts.appointments
    }

    /// Stops the hub; nothing private may stand in its log.
    pub async fn finish(self) {
        let private = [ANNA, BOSS, "mail.example.com"].map(str::to_owned);
        self.hub.finish(&private).await;
    }
}
