//! The message ledger: every text that came in or went out, and how far it got.
//!
//! Inbound `pending → processed`; outbound `pending → sending → sent → delivered | failed | unknown`. The outbound
//! machine is [`MessageStatus::after`]: news may arrive late, twice or out of order, the state only moves forward.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    id::{ConversationId, MessageId, UserId},
    text_enum,
};

text_enum! {
    /// How a message travels.
    pub enum Channel {
        /// Text message.
        Sms = "sms",
        /// Mail.
        Email = "email",
        /// Telephone call.
        Voice = "voice",
        /// A coding agent's session.
        ClaudeCode = "claude_code",
        /// The terminal, over the admin socket.
        Console = "console",
        /// The loudspeaker and microphones in the room.
        Room = "room",
    }
}

impl Channel {
    /// Whether what comes this way was spoken, by whoever it was.
    pub const fn is_spoken(self) -> bool {
        match self {
            Self::Voice | Self::Room => true,
            Self::Sms | Self::Email | Self::ClaudeCode | Self::Console => false,
        }
    }
}

text_enum! {
    /// Which way a message goes, seen from the hub.
    pub enum Direction {
        /// To the Boss.
        Inbound = "inbound",
        /// From the Boss.
        Outbound = "outbound",
    }
}

text_enum! {
    /// How far a message got.
    pub enum MessageStatus {
        /// Inbound: not yet answered. Outbound: not yet handed to the provider.
        Pending = "pending",
        /// Inbound: answered, or recorded as needing no answer.
        Processed = "processed",
        /// Being handed to the provider; a crash here leaves it unclear whether it went out.
        Sending = "sending",
        /// The provider has it.
        Sent = "sent",
        /// It arrived.
        Delivered = "delivered",
        /// It did not and will not arrive.
        Failed = "failed",
        /// Nobody can tell whether it went out. Shown, and repeated only by a person's decision.
        Unknown = "unknown",
    }
}

/// What became known about an outbound message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryNews {
    /// The request to the provider is about to be written.
    Started,
    /// No byte reached the provider, or it refused to take the request now (429).
    NotTaken,
    /// The provider has it.
    Accepted,
    /// It arrived.
    Delivered,
    /// The provider, or we, will not deliver it.
    Refused,
    /// The request may have been taken: 5xx, timeout, broken connection, crash.
    Unclear,
    /// A person decided to send an unclear or failed message again.
    Resend,
}

impl MessageStatus {
    /// The state after `news`, or `None` when the news changes nothing (it is old, or doesn't apply).
    pub const fn after(self, news: DeliveryNews) -> Option<Self> {
        use DeliveryNews as News;
        match (self, news) {
            (Self::Pending, News::Started) => Some(Self::Sending),
            (Self::Sending, News::NotTaken) | (Self::Unknown | Self::Failed, News::Resend) => Some(Self::Pending),
            (Self::Sending, News::Unclear) => Some(Self::Unknown),
            (Self::Sending | Self::Unknown, News::Accepted) => Some(Self::Sent),
            (Self::Sending | Self::Unknown | Self::Sent, News::Delivered) => Some(Self::Delivered),
            (Self::Pending | Self::Sending | Self::Unknown | Self::Sent, News::Refused) => Some(Self::Failed),
            (
                Self::Pending
                | Self::Processed
                | Self::Sending
                | Self::Sent
                | Self::Delivered
                | Self::Failed
                | Self::Unknown,
                _,
            ) => None,
        }
    }

    /// Whether nothing more will happen by itself.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Processed | Self::Sent | Self::Delivered | Self::Failed | Self::Unknown => true,
            Self::Pending | Self::Sending => false,
        }
    }
}

/// A message in the ledger (table `communication_logs`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// The row.
    pub id: MessageId,
    /// Whose conversation it belongs to; unknown senders have none.
    pub user_id: Option<UserId>,
    /// The conversation, when the sender is known.
    pub conversation_id: Option<ConversationId>,
    /// How it travels.
    pub channel: Channel,
    /// Which way.
    pub direction: Direction,
    /// What it says.
    pub content: String,
    /// Where it comes from (a number, an address), when the channel has such.
    pub sender: Option<String>,
    /// Where it goes.
    pub recipient: Option<String>,
    /// The provider's id.
    pub provider_id: Option<String>,
    /// The message it answers.
    pub in_reply_to: Option<MessageId>,
    /// Further facts, an object.
    pub metadata: serde_json::Value,
    /// How far it got.
    pub status: MessageStatus,
    /// The provider's error code.
    pub error_code: Option<i64>,
    /// What went wrong and what to do about it.
    pub error_message: Option<String>,
    /// When it came in or was decided.
    pub created_at: DateTime<Utc>,
    /// When it was answered or handed to the provider.
    pub processed_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEWS: [DeliveryNews; 7] = [
        DeliveryNews::Started,
        DeliveryNews::NotTaken,
        DeliveryNews::Accepted,
        DeliveryNews::Delivered,
        DeliveryNews::Refused,
        DeliveryNews::Unclear,
        DeliveryNews::Resend,
    ];

    #[test]
    fn late_news_never_moves_a_message_back() {
        for final_state in [MessageStatus::Delivered, MessageStatus::Processed] {
            for news in NEWS {
                assert_eq!(final_state.after(news), None, "{final_state} after {news:?}");
            }
        }
        assert_eq!(MessageStatus::Sent.after(DeliveryNews::Accepted), None);
        assert_eq!(MessageStatus::Failed.after(DeliveryNews::Delivered), None);
    }

    #[test]
    fn only_a_pending_message_starts_and_only_a_person_restarts_an_unclear_one() {
        for status in MessageStatus::ALL {
            let starts = status.after(DeliveryNews::Started).is_some();
            assert_eq!(starts, *status == MessageStatus::Pending, "{status}");
        }
        let back: Vec<_> = NEWS
            .into_iter()
            .filter(|news| MessageStatus::Unknown.after(*news) == Some(MessageStatus::Pending))
            .collect();
        assert_eq!(back, [DeliveryNews::Resend]);
    }

    #[test]
    fn an_unclear_message_is_resolved_by_what_the_provider_says() {
        assert_eq!(MessageStatus::Unknown.after(DeliveryNews::Accepted), Some(MessageStatus::Sent));
        assert_eq!(MessageStatus::Unknown.after(DeliveryNews::Delivered), Some(MessageStatus::Delivered));
        assert_eq!(MessageStatus::Unknown.after(DeliveryNews::Refused), Some(MessageStatus::Failed));
    }
}
