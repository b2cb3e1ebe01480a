//! What travels over the admin socket and the LAN's REST interface, beyond the domain types themselves.
//!
//! The daemon answers with these and the command line reads them, so that the two never drift apart.

pub mod calendar;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    address::Address,
    appointment::Occurrence,
    id::{KeyId, MessageId, UserId},
    mail::MailAddress,
    message::Message,
    phone::Phone,
    text_enum,
    user::Role,
};

/// `POST /api/ask`: one turn of the console conversation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// What the person says.
    pub text: String,
    /// Who speaks; the admin when absent.
    pub user_id: Option<UserId>,
    /// An id the client made up: the same turn sent again is answered, not repeated.
    pub client_id: Option<String>,
}

/// The answer to [`Ask`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answered {
    /// What the person said, as recorded.
    pub message_id: MessageId,
    /// What the Boss answered; several rows when the answer is long.
    pub replies: Vec<Message>,
}

/// One convention of a person (`GET /api/users/{id}/conventions`): how they mean what they say about times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Convention {
    /// What it is called, such as `next_weekday`.
    pub name: String,
    /// What holds for this person.
    pub value: String,
    /// What holds for whoever said nothing else.
    pub usual: String,
    /// What a value looks like.
    pub values: String,
    /// What it decides.
    pub help: String,
}

/// The conventions of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Conventions {
    /// All of them.
    pub conventions: Vec<Convention>,
}

/// `PUT /api/users/{id}/conventions`: new values by name; null brings the usual one back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConventionChange {
    /// What changes; the rest stays.
    pub conventions: BTreeMap<String, Option<String>>,
}

/// `GET /api/users/{id}/mail-preferences`: what a person is mailed by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailPreferences {
    /// When they are mailed what their day holds, in their zone: "07:00", or "off".
    pub daily_digest: String,
    /// Whether each appointment that the Boss books is confirmed by mail, with a calendar file.
    pub confirmations: bool,
}

/// `PUT /api/users/{id}/mail-preferences`: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailPreferencesChange {
    /// "07:00", or "off".
    pub daily_digest: Option<String>,
    /// Whether appointments are confirmed by mail.
    pub confirmations: Option<bool>,
}

/// `GET /api/status`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// The hub's version.
    pub version: String,
    /// When it began to serve.
    pub started_at: DateTime<Utc>,
    /// What time the hub thinks it is.
    pub now: DateTime<Utc>,
    /// Where its state lies.
    pub state_dir: String,
    /// Which file configures it.
    pub config_path: Option<String>,
    /// Where it listens.
    pub listeners: Listeners,
    /// Whether texts can be sent and received, and why not.
    pub sms: SmsState,
    /// Whether mails can be sent, and why not.
    #[serde(default)]
    pub mail: MailState,
    /// Whether a language model can be asked, and why not.
    #[serde(default)]
    pub llm: LlmState,
    /// Whether calls can be taken, and by what.
    #[serde(default)]
    pub voice: VoiceState,
    /// What is on its mind.
    pub counts: Counts,
}

/// Addresses in use.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Listeners {
    /// Webhooks; the tunnel points here.
    pub public: String,
    /// Web and REST for the household.
    pub lan: String,
    /// The same by TLS, for rooms and other machines.
    pub secure: String,
    /// What happens, as it happens, for programs of the household.
    pub supervisor: String,
    /// The voice bridge: the sound of calls.
    pub voice: String,
    /// The admin socket.
    pub admin: String,
    /// The address the world reaches `public` by.
    pub public_url: Option<String>,
}

/// Whether texting works.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SmsState {
    /// Account, number and token are all there.
    pub configured: bool,
    /// The number that is used unless a person has their own.
    pub phone_number: Option<Phone>,
    /// What is missing.
    pub missing: Vec<String>,
}

/// Whether mailing works.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailState {
    /// Who carries mail: `sendgrid` or `smtp`; nobody when absent.
    pub provider: Option<String>,
    /// The address that mails leave from.
    pub address: Option<MailAddress>,
    /// How whoever brings mail proves itself: `signature`, `token` or `password`. When absent, none comes in.
    pub incoming: Option<String>,
    /// What is missing; nothing is when mail is off.
    pub missing: Vec<String>,
}

/// Whether a language model can be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LlmState {
    /// Who serves it: `anthropic`, `openai` or `ollama`; nobody when absent.
    pub provider: Option<String>,
    /// Which is asked.
    pub model: Option<String>,
    /// What is missing; nothing is when it is off.
    pub missing: Vec<String>,
}

/// Whether calls can be taken (`POST /api/voice/retry` answers with it too).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoiceState {
    /// The chosen engines, the most wanted first; nothing when voice is off. The first that is ready takes a call.
    pub engines: Vec<EngineState>,
    /// Whether this hub was built so that it can run the models of this machine.
    pub runs_models: bool,
    /// Where they lie.
    pub models_dir: String,
}

/// One voice engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EngineState {
    /// Its name, as in the configuration.
    pub name: String,
    /// Whether it can take calls.
    pub readiness: Readiness,
    /// Why it cannot, and what to do about it.
    pub why: Option<String>,
}

text_enum! {
    /// Whether a voice engine can take calls.
    pub enum Readiness {
        /// Its models are being loaded.
        Loading = "loading",
        /// It can.
        Ready = "ready",
        /// It cannot, and is tried again.
        Away = "away",
    }
}

/// How much of what there is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Persons.
    pub users: u64,
    /// Appointments that stand and are not over.
    pub appointments: u64,
    /// Reminders and timers not yet due.
    pub reminders: u64,
    /// Jobs not yet finished.
    pub jobs: u64,
    /// Jobs given up.
    pub jobs_dead: u64,
    /// Messages nobody knows the fate of.
    pub messages_unknown: u64,
}

/// `POST /api/users`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// What the Boss calls them.
    pub name: String,
    /// A number in any common notation; a national one is read in the hub's own country.
    pub phone: Option<String>,
    /// A mail address.
    pub email: Option<String>,
    /// The zone they live in; the first admin's when absent.
    #[schema(value_type = Option<String>, example = "Europe/Berlin")]
    pub timezone: Option<Tz>,
    /// The Boss's number for them.
    pub boss_phone: Option<String>,
    /// Admin or member; member when absent.
    pub role: Option<Role>,
}

/// `PUT /api/users/{id}`: what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// What the Boss calls them.
    pub name: Option<String>,
    /// A number; empty removes it.
    pub phone: Option<String>,
    /// A mail address; empty removes it.
    pub email: Option<String>,
    /// The zone they live in.
    #[schema(value_type = Option<String>, example = "Europe/Berlin")]
    pub timezone: Option<Tz>,
    /// The Boss's number for them; empty removes it.
    pub boss_phone: Option<String>,
    /// Admin or member.
    pub role: Option<Role>,
}

/// `POST /api/keys`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// Whose key.
    pub user_id: UserId,
    /// What it is for.
    pub name: String,
}

/// A key just made. The only time its text is shown.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreatedKey {
    /// The row.
    pub id: KeyId,
    /// `Authorization: Bearer <this>`.
    pub key: String,
}

/// A key in a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KeyRow {
    /// The row.
    pub id: KeyId,
    /// Whose key.
    pub user_id: UserId,
    /// What it is for.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the hour.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// `GET /api/agenda`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Agenda {
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub to: DateTime<Utc>,
    /// The zone the days are those of.
    #[schema(value_type = String, example = "Europe/Berlin")]
    pub timezone: Tz,
    /// What there is, in order.
    pub occurrences: Vec<Occurrence>,
    /// The same in the Boss's words.
    pub text: String,
}

/// `POST /api/messages/sms` and `POST /sms/outbound`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSms {
    /// The recipient, in E.164 or national notation.
    pub to: String,
    /// What to say, at most 1,600 characters.
    pub message: String,
    /// On whose behalf.
    pub user_id: UserId,
    /// An id the client made up: the same request sent again has no second effect.
    pub client_id: Option<String>,
}

/// `POST /api/messages/voice`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCall {
    /// Whom to call, in E.164 or national notation.
    pub to: String,
    /// What to say, at most 1,600 characters.
    pub message: String,
    /// On whose behalf.
    pub user_id: UserId,
    /// An id the client made up: the same request sent again has no second effect.
    pub client_id: Option<String>,
}

/// `POST /api/messages/email` and `POST /email/outbound`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMail {
    /// The recipient, or up to 20 of them; each gets a mail of their own.
    pub to: MailTo,
    /// One line of at most 200 characters.
    pub subject: String,
    /// The plain text, at most 100 KB.
    pub body: String,
    /// The same as HTML, at most 100 KB, sent as it is.
    pub html: Option<String>,
    /// On whose behalf.
    pub user_id: UserId,
    /// An id the client made up: the same request sent again has no second effect.
    pub client_id: Option<String>,
}

/// One recipient or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum MailTo {
    /// One.
    One(String),
    /// Several, who do not see each other.
    Several(Vec<String>),
}

/// A stranger who asked to be let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PairingRow {
    /// The code they were told.
    pub code: String,
    /// Their number or mail address.
    pub address: Address,
    /// When they first wrote.
    pub created_at: DateTime<Utc>,
    /// When the code stops working.
    pub expires_at: DateTime<Utc>,
}

/// `POST /api/pairings/{code}/approve`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovePairing {
    /// The number becomes this person's …
    pub user_id: Option<UserId>,
    /// … or that of a new member with this name.
    pub name: Option<String>,
}

/// `PUT /api/secrets/{name}` (admin socket only).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretValue {
    /// The secret. Kept in the encrypted database, never given back.
    pub value: String,
}

text_enum! {
    /// How a check came out.
    pub enum CheckOutcome {
        /// In order.
        Ok = "ok",
        /// Works, but see the cause.
        Warning = "warning",
        /// Does not work.
        Failed = "failed",
        /// Not set up, or could not be checked.
        Skipped = "skipped",
    }
}

/// One check of `xswarm doctor`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// What was checked.
    pub name: String,
    /// How it came out.
    pub outcome: CheckOutcome,
    /// What was found.
    pub cause: String,
    /// What to do about it.
    pub fix: Option<String>,
}

/// `POST /api/audit/verify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditReport {
    /// How many facts were read.
    pub events: u64,
    /// Whether every link holds.
    pub intact: bool,
    /// The first broken link, and how it is broken.
    pub broken_at: Option<String>,
}

/// An error as RFC 9457 problem details.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says the type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do next.
    pub detail: String,
    /// Which parts of the request are wrong, when it is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// What is wrong with one part of a request (after RFC 9457 §3's example).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// Which part of the body: a JSON pointer (RFC 6901); of a query string `/` and the parameter's name.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
}
