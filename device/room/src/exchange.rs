//! What the thread of sound and everybody else hand each other. Both ways are bounded, and handing over sound allocates nothing.

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use xswarm_core::room::{Doing, FromRoom, RATE_HZ, RoomTimer, SoundHealth, StopReason, StreamNumber};

use crate::state::Shown;

/// Samples of a whole piece: 20 ms.
pub const PIECE: usize = RATE_HZ as usize / 50;

/// Milliseconds of a whole piece.
pub const PIECE_MS: u32 = 20;

/// How many pieces may wait for the network: two seconds, and what was heard before the wake word. What comes then is lost
/// rather than late.
pub const PIECES_WAITING: usize = 100 + PRE_ROLL;

/// How many pieces from before the wake word are kept: 1.5 s.
pub const PRE_ROLL: usize = 75;

/// How much waits for the hub in all: sound, and what is said about it.
pub const WAITING_FOR_HUB: usize = 2 * PIECES_WAITING;

/// How much waits for the thread of sound. Whoever has more waits too.
pub const WAITING_FOR_ROOM: usize = 256;

/// Sound: up to 20 ms at [`RATE_HZ`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    samples: [i16; PIECE],
    count: usize,
}

impl Piece {
    /// Of these samples; what is beyond 20 ms is cut off.
    pub fn new(sound: &[i16]) -> Self {
        let mut piece = Self { samples: [0; PIECE], count: sound.len().min(PIECE) };
        for (place, sample) in piece.samples.iter_mut().zip(sound) {
            *place = *sample;
        }
        piece
    }

    /// Its samples.
    pub fn samples(&self) -> &[i16] {
        self.samples.get(..self.count).unwrap_or(&self.samples)
    }
}

/// For the hub, on the link of this number only: what was meant for one that is gone means nothing to the next.
#[derive(Debug)]
pub struct Sent {
    /// Which link.
    pub link: u32,
    /// What.
    pub up: Up,
}

/// What goes to the hub.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "sound is what mostly goes, and is not to be allocated")]
pub enum Up {
    /// A message.
    Say(FromRoom),
    /// Sound.
    Sound {
        /// Of which stream.
        stream: StreamNumber,
        /// Where it begins, in milliseconds of the stream.
        at_ms: u32,
        /// The sound.
        piece: Piece,
    },
}

/// What comes from the hub, or is known of it.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "sound is what mostly comes, and is not to be allocated")]
pub enum Down {
    /// It is reached, by the link of this number.
    Reached {
        /// Which link.
        link: u32,
        /// Which room the hub says this is.
        name: String,
    },
    /// It is not reached any more.
    Away,
    /// It does not know this device.
    Refused,
    /// Sound to be played.
    Sound {
        /// Of which stream.
        stream: StreamNumber,
        /// The sound.
        piece: Piece,
    },
    /// To be sent back once everything before it was played.
    Mark {
        /// Of which stream.
        stream: StreamNumber,
        /// Its name.
        name: String,
    },
    /// What was not played is dropped.
    Clear {
        /// Of which stream.
        stream: StreamNumber,
    },
    /// What the hub does.
    Doing {
        /// In which stream.
        stream: StreamNumber,
        /// What.
        doing: Doing,
    },
    /// The conversation is over once everything was played.
    Stop {
        /// Which one.
        stream: StreamNumber,
        /// Why.
        reason: StopReason,
    },
    /// All timers of this room.
    Timers {
        /// By how many milliseconds the hub's clock is ahead of this device's.
        ahead_ms: i64,
        /// What time it is for the hub.
        now_ms: i64,
        /// The timers.
        timers: Vec<RoomTimer>,
    },
}

/// What the thread of sound is told.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "sound is what mostly comes, and is not to be allocated")]
pub enum Command {
    /// Something about the hub.
    Hub(Down),
    /// Somebody asks for something.
    Asked {
        /// What for.
        request: Request,
        /// Who wants to know how it is then.
        answer: Option<oneshot::Sender<Status>>,
    },
}

/// What a person asks for, by a button or on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// To be listened to: what the wake word does.
    Press,
    /// Nothing may be heard.
    Mute,
    /// It may be again.
    Unmute,
    /// The one or the other.
    ToggleMute,
    /// Whatever it says, rings or does, it is to stop.
    Stop,
    /// How loud it is.
    Volume {
        /// 0 to 100.
        percent: u8,
    },
    /// How it is.
    Status,
}

/// How a device is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Which room it is in, as the hub calls it.
    pub name: String,
    /// Whether the hub is reached.
    pub hub: HubState,
    /// What it does.
    pub doing: Shown,
    /// Whether its microphones are muted.
    pub is_muted: bool,
    /// 0 to 100.
    pub volume: u8,
    /// Whether it hears and can be heard.
    pub sound: SoundHealth,
    /// What it listens to.
    pub phrases: Vec<String>,
    /// How many timers are to ring.
    pub timers: usize,
    /// Why mute, volume and timers would not outlast a restart, if they would not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unkept: Option<String>,
}

/// Whether the hub is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HubState {
    /// It is.
    Reached,
    /// It is not, and tried again and again.
    Away,
    /// It does not know this device: it is to be paired again.
    Refused,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_has_what_it_was_given_and_no_more_than_it_holds() {
        assert_eq!(Piece::new(&[1, 2, 3]).samples(), [1, 2, 3]);
        assert_eq!(Piece::new(&[7; PIECE + 9]).samples(), [7; PIECE]);
        assert_eq!(PIECE * 1_000, (PIECE_MS * RATE_HZ) as usize);
    }
}
