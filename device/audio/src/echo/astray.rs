//! Whether a filter has gone astray: a chair was moved, and what it knows of the room is no longer so.
//!
//! A filter that is sure of itself learns slowly, and takes a large error for a talker. One that is never sure of itself runs
//! beside it, never heard, since a talker leads it astray: but where it leaves clearly less, the room has changed (Ochiai,
//! Araseki and Ogihara 1977, the other way round).

/// How much of the powers that are followed stays for the next block: the memory is a third of a second long.
const MEMORY: f32 = 0.97;

/// The other filter must leave this part at most, for so many blocks.
const CLEARLY: f32 = 0.5;
const FIRM: u32 = 15;

/// Follows what is left by the one and by the other.
#[derive(Default)]
pub(super) struct Astray {
    left: f32,
    left_by_other: f32,
    firm: u32,
}

impl Astray {
    /// Takes the power of what both left; tells whether the other one is to be believed.
    pub(super) fn push(&mut self, left: f32, left_by_other: f32) -> bool {
        self.left = MEMORY * self.left + left;
        self.left_by_other = MEMORY * self.left_by_other + left_by_other;
        self.firm = if self.left_by_other < CLEARLY * self.left { self.firm + 1 } else { 0 };
        let astray = self.firm >= FIRM;
        if astray {
            *self = Self::default();
        }
        astray
    }
}
