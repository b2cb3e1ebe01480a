//! What a ring of lights shows: a picture for every moment, computed from what the room does, and how it gets to the lights.
//!
//! Each state can be told from all others by movement as well as by colour. Nothing flashes more than twice a second.

mod apa102;
mod console;
mod usb_ring;

use std::{f32::consts::TAU, io};

pub use self::{apa102::Apa102, console::Console, usb_ring::UsbRing};
use crate::state::Shown;

/// Red, green and blue.
pub type Colour = [u8; 3];

const DARK: Colour = [0, 0, 0];
const CYAN: Colour = [0, 180, 220];
const BLUE: Colour = [40, 60, 255];
const GREEN: Colour = [20, 200, 60];
const RED: Colour = [255, 0, 0];
const AMBER: Colour = [255, 140, 0];
const WHITE: Colour = [255, 255, 255];

/// The lights of a device.
pub enum Leds {
    /// A chain on an SPI bus.
    Apa102(Apa102),
    /// The ring of a ReSpeaker on USB.
    UsbRing(UsbRing),
    /// A line on the terminal.
    Console(Console),
    /// None.
    None,
}

impl Leds {
    /// How many there are.
    pub fn count(&self) -> usize {
        match self {
            Self::Apa102(chain) => chain.count(),
            Self::UsbRing(_) => usb_ring::COUNT,
            Self::Console(_) => console::COUNT,
            Self::None => 0,
        }
    }

    /// Whether they may lose what they were shown without a word: by being plugged in anew, or by their power.
    pub fn may_forget(&self) -> bool {
        match self {
            Self::Apa102(_) | Self::UsbRing(_) => true,
            Self::Console(_) | Self::None => false,
        }
    }

    /// Shows a picture. An error is that of the bus: the lights may be gone.
    pub fn show(&mut self, picture: &[Colour]) -> io::Result<()> {
        match self {
            Self::Apa102(chain) => chain.show(picture),
            Self::UsbRing(ring) => ring.show(picture),
            Self::Console(line) => line.show(picture),
            Self::None => Ok(()),
        }
    }
}

/// What so many lights show at `at_ms`. `direction` is where the talker is, in degrees, counted as the lights are and from the
/// first of them; where nobody knows, all are lit alike.
pub fn picture(shown: Shown, count: usize, at_ms: u64, direction: Option<f32>) -> Vec<Colour> {
    let light = |number: usize| match shown {
        Shown::Listening => {
            dimmed(CYAN, direction.map_or(1.0, |degrees| 0.15 + 0.85 * beside(number, count, degrees / 360.0)))
        }
        Shown::Thinking => dimmed(BLUE, 0.1 + 0.9 * beside(number, count, turn(at_ms, 1_000))),
        Shown::Speaking => dimmed(GREEN, 0.4 + 0.6 * breath(at_ms, 1_500)),
        Shown::Muted => RED,
        // One light, so that it disturbs nobody at night.
        Shown::Offline if number == 0 => dimmed(AMBER, 0.5 * breath(at_ms, 4_000)),
        Shown::Idle | Shown::Offline => DARK,
        Shown::Error => dimmed(RED, breath(at_ms, 500)),
        Shown::Ringing => dimmed(WHITE, 0.1 + 0.9 * beside(number, count, turn(at_ms, 700))),
    };
    (0..count).map(light).collect()
}

/// How far the hand of a clock has turned that turns once in `period_ms`: 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "a period is a few seconds")]
fn turn(at_ms: u64, period_ms: u64) -> f32 {
    (at_ms % period_ms) as f32 / period_ms as f32
}

/// From 0 to 1 and back, once in `period_ms`.
fn breath(at_ms: u64, period_ms: u64) -> f32 {
    0.5 - 0.5 * (TAU * turn(at_ms, period_ms)).cos()
}

/// How near a light is to a place on the ring, counted in turns: 1 beside it, 0 from a quarter of the ring on.
#[expect(clippy::cast_precision_loss, reason = "a ring has few lights")]
fn beside(number: usize, count: usize, place: f32) -> f32 {
    (TAU * (number as f32 / count as f32 - place)).cos().max(0.0)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
fn dimmed(colour: Colour, by: f32) -> Colour {
    colour.map(|part| (f32::from(part) * by.clamp(0.0, 1.0)).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Shown; 8] = [
        Shown::Idle,
        Shown::Listening,
        Shown::Thinking,
        Shown::Speaking,
        Shown::Muted,
        Shown::Offline,
        Shown::Error,
        Shown::Ringing,
    ];

    fn film(shown: Shown) -> Vec<Vec<Colour>> {
        (0..40).map(|at| picture(shown, 12, at * 100, None)).collect()
    }

    #[test]
    fn no_two_states_look_alike() {
        for (at, one) in ALL.into_iter().enumerate() {
            assert!(ALL.into_iter().skip(at + 1).all(|other| film(one) != film(other)), "{one:?}");
        }
    }

    #[test]
    fn a_mute_is_red_all_the_time_and_nothing_is_dark() {
        assert!(film(Shown::Muted).iter().flatten().all(|colour| *colour == RED));
        assert!(film(Shown::Idle).iter().flatten().all(|colour| *colour == DARK));
    }

    #[test]
    fn the_lights_beside_the_talker_are_brightest() {
        for (degrees, brightest) in [(0.0, 0), (90.0, 3), (275.0, 9), (359.0, 0), (720.0, 0)] {
            let picture = picture(Shown::Listening, 12, 0, Some(degrees));
            let most = picture.iter().map(|colour| colour[2]).max();
            assert_eq!(Some(picture[brightest][2]), most, "{degrees}: {picture:?}");
            assert!(picture.iter().filter(|colour| Some(colour[2]) == most).count() < 3);
        }
    }

    #[test]
    fn nothing_flashes_more_than_twice_a_second() {
        for shown in ALL {
            let bright: Vec<u32> = (0..1_000)
                .map(|at_ms| picture(shown, 12, at_ms, None).iter().flatten().map(|part| u32::from(*part)).sum())
                .collect();
            let (least, most) = (bright.iter().min().unwrap(), bright.iter().max().unwrap());
            let half = least.midpoint(*most);
            let rises = bright.windows(2).filter(|pair| pair[0] <= half && half < pair[1]).count();
            // What turns is as bright all the time.
            assert!(rises <= 2 || most - least < most / 10, "{shown:?}: {rises}");
        }
    }

    #[test]
    fn a_device_without_lights_shows_nothing() {
        assert!(picture(Shown::Muted, Leds::None.count(), 0, None).is_empty());
        Leds::None.show(&[]).unwrap();
    }
}
