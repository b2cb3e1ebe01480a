//! The hub as the thread of sound sees it: a link that is there or not, and on it at most one conversation.

use async_channel::Sender;
use xswarm_core::room::{FromRoom, Mark, MediaFormat, Start, StopReason, StreamNumber, Wake};

use crate::exchange::{HubState, PIECE_MS, PIECES_WAITING, Piece, Sent, Up};

/// The far end.
pub(super) struct FarEnd {
    outlet: Sender<Sent>,
    link: Option<u32>,
    state: HubState,
    name: String,
    last_stream: u32,
    talk: Option<Talk>,
}

/// A conversation.
struct Talk {
    stream: StreamNumber,
    at_ms: u32,
    ended: Option<StopReason>,
    /// Whether something was said that is not played yet.
    is_said: bool,
}

impl FarEnd {
    pub(super) fn new(outlet: Sender<Sent>, name: String) -> Self {
        Self { outlet, link: None, state: HubState::Away, name, last_stream: 0, talk: None }
    }

    /// Whether the hub is reached.
    pub(super) fn state(&self) -> HubState {
        self.state
    }

    /// What it calls this room.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn reached(&mut self, link: u32, name: String) {
        (self.link, self.state, self.name) = (Some(link), HubState::Reached, name);
    }

    pub(super) fn lost(&mut self, state: HubState) {
        (self.link, self.state) = (None, state);
    }

    /// Says something, if anybody is there. Only sound is dropped where too much waits: this is a part of the queue that
    /// sound leaves free.
    pub(super) fn say(&self, said: FromRoom) {
        let Some(link) = self.link else { return };
        if self.outlet.try_send(Sent { link, up: Up::Say(said) }).is_err() {
            log::warn!("the hub takes nothing any more; what was to be said is lost");
        }
    }

    /// Begins a conversation with what was heard before.
    pub(super) fn open<'a>(&mut self, wake: Option<Wake>, before: impl Iterator<Item = &'a Piece> + Clone) {
        self.last_stream = self.last_stream.wrapping_add(1);
        let stream_sid = StreamNumber(self.last_stream);
        let pre_roll_ms = before.clone().fold(0, |ms, _piece| ms + PIECE_MS);
        self.talk = Some(Talk { stream: stream_sid, at_ms: 0, ended: None, is_said: false });
        let start = Start { media_format: MediaFormat::linear(), binary: true, pre_roll_ms, wake };
        self.say(FromRoom::Start { stream_sid, start });
        self.hears(before);
    }

    /// What is heard in the conversation, if there is one. What finds no room is lost, and the rest stays in its place.
    pub(super) fn hears<'a>(&mut self, pieces: impl Iterator<Item = &'a Piece>) {
        let (Some(talk), Some(link)) = (&mut self.talk, self.link) else { return };
        if talk.ended.is_some() {
            return;
        }
        for piece in pieces {
            if self.outlet.len() < PIECES_WAITING {
                let up = Up::Sound { stream: talk.stream, at_ms: talk.at_ms, piece: *piece };
                // Closed only when the device ends.
                let _ended = self.outlet.try_send(Sent { link, up });
            }
            talk.at_ms = talk.at_ms.wrapping_add(PIECE_MS);
        }
    }

    /// Ends the conversation; the hub is told unless it ended it itself.
    pub(super) fn close(&mut self) {
        if let Some(Talk { stream, ended: None, .. }) = self.talk.take() {
            self.say(FromRoom::Stop { stream_sid: stream });
        }
    }

    /// The wake word was heard again, in the conversation.
    pub(super) fn woken_again(&self, wake: Wake) {
        if let Some(talk) = &self.talk {
            self.say(FromRoom::Wake { stream_sid: talk.stream, wake });
        }
    }

    /// Whether this is the stream of the present conversation, and it goes on.
    pub(super) fn goes_on(&self, stream: StreamNumber) -> bool {
        self.talk.as_ref().is_some_and(|talk| talk.stream == stream && talk.ended.is_none())
    }

    /// Something is said in it.
    pub(super) fn said(&mut self) {
        if let Some(talk) = &mut self.talk {
            talk.is_said = true;
        }
    }

    /// The hub ends it once everything was played.
    pub(super) fn ended(&mut self, stream: StreamNumber, reason: StopReason) {
        if let Some(talk) = self.talk.as_mut().filter(|talk| talk.stream == stream) {
            talk.ended = Some(reason);
        }
    }

    /// Nothing waits to be played. Whether something was said before, and why the hub has ended the conversation, if it has.
    pub(super) fn silent(&mut self) -> (bool, Option<StopReason>) {
        let Some(talk) = &mut self.talk else { return (false, None) };
        (std::mem::take(&mut talk.is_said), talk.ended)
    }

    /// Marks that were reached.
    pub(super) fn reached_marks(&self, names: impl Iterator<Item = String>) {
        let stream = self.talk.as_ref().map(|talk| talk.stream);
        for name in names {
            if let Some(stream_sid) = stream {
                self.say(FromRoom::Mark { stream_sid, mark: Mark { name } });
            }
        }
    }
}
