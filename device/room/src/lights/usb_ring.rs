//! The ring of twelve lights of a ReSpeaker USB microphone array.
//!
//! It takes vendor control transfers ("pixel_ring", Seeed): request 0, index 0x1C, the command as value. Used here are the
//! picture of one's own (6: red, green, blue and a zero for each light) and the brightness (0x20).

use std::{io, time::Duration};

use nusb::{
    Device, MaybeFuture,
    transfer::{ControlOut, ControlType, Recipient},
};

use super::Colour;

/// How many lights it has.
pub(super) const COUNT: usize = 12;

/// Seeed.
const VENDOR: u16 = 0x2886;

/// Arrays with such a ring: the one of seven microphones, and the one of four.
const PRODUCTS: [u16; 2] = [0x0007, 0x0018];

const INDEX: u16 = 0x1C;
const PICTURE: u16 = 6;
const BRIGHTNESS: u16 = 0x20;

/// Of 31: what is seen across a room, and does not blind beside the bed.
const BRIGHT: u8 = 12;

const PATIENCE: Duration = Duration::from_millis(200);

/// What one command is on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Which command.
    pub value: u16,
    /// What with.
    pub data: Vec<u8>,
}

/// A way to the ring.
type Wire = Box<dyn FnMut(&Command) -> io::Result<()> + Send>;

/// A ring.
pub struct UsbRing {
    wire: Wire,
}

impl UsbRing {
    /// The ring of the array that is plugged in; `further` are products of Seeed's beyond those known. The error says what was
    /// looked for, or why it cannot be used.
    pub fn open(further: &[u16]) -> io::Result<Self> {
        let is_one = |product: u16| PRODUCTS.contains(&product) || further.contains(&product);
        let mut all = nusb::list_devices().wait().map_err(io::Error::other)?;
        let found = all.find(|device| device.vendor_id() == VENDOR && is_one(device.product_id()));
        let found = found.ok_or_else(|| {
            let looked_for: Vec<_> =
                PRODUCTS.iter().chain(further).map(|product| format!("{VENDOR:04x}:{product:04x}")).collect();
            io::Error::new(
                io::ErrorKind::NotFound,
                format!("no ring of lights is plugged in (USB {})", looked_for.join(", ")),
            )
        })?;
        let device = found
            .open()
            .wait()
            .map_err(|error| io::Error::other(format!("the ring of lights: {error}; are the udev rules installed?")))?;
        Self::on(move |command| send(&device, command))
    }

    /// A ring at the other end of any wire.
    pub fn on(wire: impl FnMut(&Command) -> io::Result<()> + Send + 'static) -> io::Result<Self> {
        let mut ring = Self { wire: Box::new(wire) };
        (ring.wire)(&Command { value: BRIGHTNESS, data: vec![BRIGHT] })?;
        Ok(ring)
    }

    pub(super) fn show(&mut self, picture: &[Colour]) -> io::Result<()> {
        let data = picture.iter().flat_map(|[red, green, blue]| [*red, *green, *blue, 0]).collect();
        (self.wire)(&Command { value: PICTURE, data })
    }
}

fn send(device: &Device, command: &Command) -> io::Result<()> {
    let transfer = ControlOut {
        control_type: ControlType::Vendor,
        recipient: Recipient::Device,
        request: 0,
        value: command.value,
        index: INDEX,
        data: &command.data,
    };
    device.control_out(transfer, PATIENCE).wait().map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn the_ring_is_told_its_brightness_and_then_pictures() {
        let (sent, came) = mpsc::channel();
        let mut ring = UsbRing::on(move |command| {
            sent.send(command.clone()).unwrap();
            Ok(())
        })
        .unwrap();
        assert_eq!(came.recv().unwrap(), Command { value: 0x20, data: vec![12] });
        let mut picture = [[0; 3]; COUNT];
        picture[1] = [255, 2, 3];
        ring.show(&picture).unwrap();
        let Command { value, data } = came.recv().unwrap();
        assert_eq!((value, data.len()), (6, 48));
        assert_eq!(data[..12], [0, 0, 0, 0, 255, 2, 3, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_ring_that_is_pulled_out_is_an_error() {
        let mut pulled = false;
        let mut ring = UsbRing::on(move |_command| {
            let answer = if pulled { Err(io::ErrorKind::NotConnected.into()) } else { Ok(()) };
            pulled = true;
            answer
        })
        .unwrap();
        assert_eq!(ring.show(&[[0; 3]; COUNT]).unwrap_err().kind(), io::ErrorKind::NotConnected);
    }

    #[test]
    fn where_none_is_plugged_in_it_is_said_what_was_looked_for() {
        let Err(error) = UsbRing::open(&[0x001A]) else { return };
        let words = error.to_string();
        assert!(words.starts_with("no ring of lights") || error.kind() != io::ErrorKind::NotFound, "{words}");
        assert!(error.kind() != io::ErrorKind::NotFound || words.contains("2886:0018, 2886:001a"), "{words}");
    }
}
