//! What this hub is, where it listens, and how to make it read its configuration again.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use xswarm_core::admin::{Counts, Listeners, LlmState, MailState, SmsState, Status, VoiceState};

/// Facts that stay the same while the hub runs.
pub(crate) struct About {
    /// When it began to serve.
    pub(crate) started_at: DateTime<Utc>,
    /// Where its state lies.
    pub(crate) state_dir: String,
    /// Which file configures it.
    pub(crate) config_path: Option<String>,
    /// Where it listens.
    pub(crate) listeners: Listeners,
    /// Fires when the configuration is to be read again.
    pub(crate) reload: Arc<Notify>,
}

impl About {
    /// The status page, but for what changes.
    pub(crate) fn status(&self) -> Status {
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: self.started_at,
            now: self.started_at,
            state_dir: self.state_dir.clone(),
            config_path: self.config_path.clone(),
            listeners: self.listeners.clone(),
            sms: SmsState { configured: false, phone_number: None, missing: Vec::new() },
            mail: MailState::default(),
            llm: LlmState::default(),
            voice: VoiceState::default(),
            counts: Counts::default(),
        }
    }

    /// Asks the hub to stop in order and start again with the configuration as it is now.
    pub(crate) fn reload(&self) {
        self.reload.notify_one();
    }
}
