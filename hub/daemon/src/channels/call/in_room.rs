//! Conversations in a room: calls without a telephone, without a greeting and, unless the Boss was meant, without a trace.

use tokio_util::sync::CancellationToken;
use xswarm_core::{
    call::{Call, CallEnd, CallState},
    device::Device,
    id::CallId,
    message::Direction,
    room::StopReason,
};

use super::{Calls, Line};
use crate::dialog::InRoom;

impl Calls {
    /// Talks in a room, until one side ends it. `woken_by`: the phrase that must come first.
    pub(in crate::channels) async fn in_room(
        &self,
        line: Line,
        room: &Device,
        woken_by: Option<String>,
        stopping: &CancellationToken,
    ) -> StopReason {
        let Some(engine) = self.engines.first() else { return StopReason::Failed };
        let now = self.clock.now();
        let call = Call {
            id: CallId::new(now),
            user_id: room.user_ids.first().copied(),
            direction: Direction::Inbound,
            phone: None,
            our_phone: None,
            room: Some(room.name.clone()),
            provider_id: None,
            message_id: None,
            state: CallState::Connected,
            ended_because: None,
            answered_by: None,
            engine: Some(engine.name().to_owned()),
            created_at: now,
            connected_at: Some(now),
            ended_at: None,
        };
        let ended = self.hold(&engine, line, call, Some(InRoom::woken_by(woken_by)), stopping).await;
        match ended.because {
            _ if !ended.is_meant => StopReason::NotMeant,
            CallEnd::Finished | CallEnd::HungUp | CallEnd::Silence | CallEnd::TooLong | CallEnd::Loop => {
                StopReason::Finished
            }
            CallEnd::EngineFailed
            | CallEnd::AtCapacity
            | CallEnd::NotAnswered
            | CallEnd::Voicemail
            | CallEnd::Refused
            | CallEnd::BadProtocol
            | CallEnd::HubStopped => StopReason::Failed,
        }
    }
}
