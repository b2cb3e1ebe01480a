//! A chain of APA102 lights, as on the ReSpeaker HATs: 12 on the one with four microphones, 3 on the one with two.
//!
//! Frames as the data sheet has them: 32 bits of zero, for each light three bits of one with five of brightness, then blue,
//! green and red, and at the end half a clock for each light, since each delays the data by as much. SK9822, which are sold as
//! APA102, want another 32 bits of zero before they show anything.

use std::io;

use rppal::spi::{Bus, Mode, SlaveSelect, Spi};

use super::Colour;

/// Bits a second: far below what the lights can do, for long wires.
const CLOCK_HZ: u32 = 8_000_000;

/// A tenth of the current: at full brightness twelve of them blind, and take more than a Raspberry Pi gives.
const BRIGHTNESS: u8 = 3;

/// A way to the chain: takes a whole frame.
type Wire = Box<dyn FnMut(&[u8]) -> io::Result<()> + Send>;

/// A chain.
pub struct Apa102 {
    wire: Wire,
    count: usize,
}

impl Apa102 {
    /// So many lights on SPI0, as on the HATs. The error says which device could not be opened, and why.
    pub fn open(count: usize) -> io::Result<Self> {
        let mut spi = Spi::new(Bus::Spi0, SlaveSelect::Ss1, CLOCK_HZ, Mode::Mode0).map_err(|error| {
            io::Error::other(format!("/dev/spidev0.1: {error}; is SPI turned on, and is this user in the group spi?"))
        })?;
        // A frame is far shorter than what the kernel's driver takes at once.
        Ok(Self::on(move |frame| spi.write(frame).map(drop).map_err(io::Error::other), count))
    }

    /// So many lights at the other end of any wire.
    pub fn on(wire: impl FnMut(&[u8]) -> io::Result<()> + Send + 'static, count: usize) -> Self {
        Self { wire: Box::new(wire), count }
    }

    pub(super) const fn count(&self) -> usize {
        self.count
    }

    pub(super) fn show(&mut self, picture: &[Colour]) -> io::Result<()> {
        (self.wire)(&frame(picture))
    }
}

fn frame(picture: &[Colour]) -> Vec<u8> {
    let mut bytes = vec![0; 4];
    for [red, green, blue] in picture {
        bytes.extend([0xE0 | BRIGHTNESS, *blue, *green, *red]);
    }
    bytes.extend(std::iter::repeat_n(0, 4 + picture.len().div_ceil(16)));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_lights_are_these_bytes() {
        let bytes = frame(&[[255, 0, 0], [0, 128, 1], [0, 0, 0]]);
        assert_eq!(
            bytes,
            [
                0, 0, 0, 0, //
                0xE3, 0, 0, 255, //
                0xE3, 1, 128, 0, //
                0xE3, 0, 0, 0, //
                0, 0, 0, 0, 0
            ]
        );
    }

    #[test]
    fn the_end_has_half_a_clock_for_each_light() {
        for count in [1_usize, 12, 16, 17, 200] {
            let end = frame(&vec![[1, 2, 3]; count]).len() - 4 - 4 * count - 4;
            assert!(end * 8 >= count.div_ceil(2), "{count}");
        }
    }

    #[test]
    fn a_bus_that_is_gone_is_an_error() {
        let mut chain = Apa102::on(|_frame| Err(io::ErrorKind::NotConnected.into()), 12);
        assert_eq!(chain.show(&[[0; 3]; 12]).unwrap_err().kind(), io::ErrorKind::NotConnected);
    }

    #[test]
    fn where_there_is_no_bus_the_error_says_what_to_look_at() {
        let Err(error) = Apa102::open(12) else { return };
        let words = error.to_string();
        assert!(words.contains("/dev/spidev0.1") && words.contains("group spi"), "{words}");
    }
}
