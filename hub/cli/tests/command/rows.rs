//! Rows as the hub would send them.

use chrono::{DateTime, Duration, TimeZone, Utc};
use serde_json::{Value, json};
use xswarm_core::{
    admin::{Answered, Counts, Listeners, LlmState, MailState, SmsState, Status, VoiceState},
    id::{MessageId, UserId},
    message::{Channel, Direction, Message, MessageStatus},
    user::{Role, User},
};

use crate::hub::Hub;

/// When all of this happens: 13:00 in Berlin.
pub(crate) fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 24, 12, 0, 0).unwrap()
}

/// A person, made some seconds ago.
pub(crate) fn user(name: &str, role: Role, seconds: i64) -> User {
    let at = now() - Duration::seconds(seconds);
    User {
        id: UserId::new(at),
        name: name.to_owned(),
        email: None,
        phone: None,
        timezone: chrono_tz::Europe::Berlin,
        preferences: json!({}),
        boss_phone: None,
        boss_email: None,
        can_provision_numbers: false,
        role,
        created_at: at,
        updated_at: at,
    }
}

/// A hub that texts.
pub(crate) fn status() -> Status {
    Status {
        version: env!("CARGO_PKG_VERSION").into(),
        started_at: now() - Duration::hours(3),
        now: now(),
        state_dir: "/var/lib/xswarm".into(),
        config_path: None,
        listeners: Listeners {
            public: "127.0.0.1:9996".into(),
            lan: "127.0.0.1:9997".into(),
            secure: "0.0.0.0:9443".into(),
            supervisor: "127.0.0.1:9999".into(),
            voice: "127.0.0.1:9998".into(),
            admin: "/run/xswarm/admin.sock".into(),
            public_url: Some("https://boss.example.com".into()),
        },
        sms: SmsState { configured: true, phone_number: "+4930901820".parse().ok(), missing: vec![] },
        mail: MailState::default(),
        llm: LlmState {
            provider: Some("anthropic".into()),
            model: Some("claude-haiku-5-5".into()),
            missing: Vec::new(),
        },
        voice: VoiceState { engines: Vec::new(), runs_models: true, models_dir: "/var/lib/xswarm/models".into() },
        counts: Counts { users: 2, ..Counts::default() },
    }
}

/// A hub with an admin, Anna, and a member, Bob.
pub(crate) fn household() -> (Hub, User, User) {
    let hub = Hub::start();
    let (anna, bob) = (user("Anna", Role::Admin, 2), user("Bob", Role::Member, 1));
    hub.answers("GET /api/users", &json!({ "users": [anna, bob] })).answers("GET /api/status", &status());
    (hub, anna, bob)
}

/// A message to somebody, some milliseconds ago.
pub(crate) fn message(content: &str, channel: Channel, status: MessageStatus, ms: i64) -> Message {
    let at = now() - Duration::milliseconds(ms);
    Message {
        id: MessageId::new(at),
        user_id: None,
        conversation_id: None,
        channel,
        direction: Direction::Outbound,
        content: content.to_owned(),
        sender: None,
        recipient: Some("+4915123456789".into()),
        provider_id: None,
        in_reply_to: None,
        metadata: json!({}),
        status,
        error_code: None,
        error_message: None,
        created_at: at,
        processed_at: None,
    }
}

/// The Boss's answer.
pub(crate) fn answered(content: &str) -> Answered {
    let reply = message(content, Channel::Console, MessageStatus::Delivered, 0);
    Answered { message_id: MessageId::new(now()), replies: vec![reply] }
}

/// What the console says of its own accord.
pub(crate) fn unseen(content: &str) -> Value {
    json!({ "messages": [message(content, Channel::Console, MessageStatus::Delivered, 0)] })
}
