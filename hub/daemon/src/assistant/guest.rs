//! Guests: whoever speaks in a room that serves nobody of the household. They get timers that ring in that room, the time and
//! help, and nothing else: what they say is nobody's request, and nothing of what the household keeps is told there.
//!
//! Somebody must own a timer: the first admin does, whose zone and manner of telling times holds there, too.

use chrono::{DateTime, Utc};
use xswarm_core::message::{Channel, Message, MessageStatus};
use xswarm_language::command::{Command, understand};
use xswarm_store::{Rows, Tx};

use super::{
    capabilities, on_the_call, room_of, said_at,
    turn::{Decision, Said, Turn},
};
use crate::{
    conventions::Conventions,
    error::Error,
    outbox::{self, OurAddresses, Saying},
};

/// What a guest can say.
const HELP: &str = "For guests I set timers and tell the time. Say \"set a timer for ten minutes\", \"how much time is left?\" \
                    or \"what time is it?\".";

/// Whether a message is a guest's.
pub(super) fn is_one(message: &Message) -> bool {
    message.channel == Channel::Room && message.user_id.is_none()
}

/// What is answered to a guest.
pub(super) fn decide(
    rows: &Rows<'_>,
    message: &Message,
    ours: &OurAddresses,
    now: DateTime<Utc>,
) -> Result<Decision, Error> {
    let Some(owner) = rows.user_first_admin()? else { return Ok(Decision::say(HELP)) };
    let conventions = Conventions::of(&owner);
    let said = Said {
        message: message.id,
        text: message.content.clone(),
        at: said_at(message).with_timezone(&owner.timezone),
        answers: Vec::new(),
    };
    let turn = Turn {
        rows,
        user: &owner,
        is_guest: true,
        channel: message.channel,
        room: room_of(rows, message)?,
        ours,
        reminders_by: Channel::Room,
        said,
        conventions: &conventions,
        now,
    };
    let understood = understand(&message.content, &turn.context());
    let is_theirs = matches!(
        &understood.command,
        Command::SetTimer { .. }
            | Command::SetTimers { .. }
            | Command::CancelTimer { .. }
            | Command::TimerStatus { .. }
            | Command::PauseTimer { .. }
            | Command::ResumeTimer { .. }
            | Command::ChangeTimer { .. }
            | Command::TellTime { .. }
            | Command::TellDate { .. }
    );
    let planned = if is_theirs { capabilities::plan(&turn, &understood).transpose()? } else { None };
    // Nobody remembers what was asked here.
    Ok(planned.filter(|decision| decision.question.is_none()).unwrap_or_else(|| Decision::say(HELP)))
}

/// Does it and says so.
pub(super) fn commit(tx: &Tx<'_>, message: &Message, decision: &Decision, now: DateTime<Utc>) -> Result<(), Error> {
    if tx.message(message.id)?.is_none_or(|current| current.status != MessageStatus::Pending) {
        return Ok(());
    }
    for effect in &decision.effects {
        effect.apply(tx, now)?;
    }
    if let Some(to) = on_the_call(tx, message)? {
        let saying = Saying {
            user: None,
            conversation: None,
            to: &to,
            text: &decision.reply,
            in_reply_to: Some(message.id),
            metadata: serde_json::json!({}),
        };
        outbox::say(tx, &saying, now)?;
    }
    Ok(tx.message_processed(message.id, now)?)
}
