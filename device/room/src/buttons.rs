//! Buttons: one on a GPIO line, or the keys of a terminal.
//!
//! A button that is pressed stands for the wake word; held for a second, it mutes or unmutes. Keys: space, m for mute, s for stop.

use std::{
    io::{self, BufRead},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use rppal::gpio::{Gpio, InputPin, Level, Trigger};

use crate::exchange::Request;

/// Contacts bounce for a few milliseconds.
const BOUNCE: Duration = Duration::from_millis(20);

/// From here on a press is a hold.
const HOLD: Duration = Duration::from_secs(1);

/// So often it is looked whether the device is to stop.
const LOOK: Duration = Duration::from_millis(200);

/// A button on a GPIO line, between it and ground.
pub struct GpioButton {
    pin: InputPin,
}

impl GpioButton {
    /// Opens it. The error says what to look at.
    pub fn open(pin: u8) -> io::Result<Self> {
        let wrong = |error: rppal::gpio::Error| {
            io::Error::other(format!(
                "the button on GPIO {pin}: {error}; is this a Raspberry Pi, and is this user in the group gpio? Otherwise set \
                 `kind` in [buttons] to \"keys\" or \"none\""
            ))
        };
        let mut pin = Gpio::new().and_then(|gpio| gpio.get(pin)).map_err(wrong)?.into_input_pullup();
        pin.set_interrupt(Trigger::Both, Some(BOUNCE)).map_err(wrong)?;
        Ok(Self { pin })
    }

    /// Tells what is asked for, until it is to stop. A line that cannot be read any more is an error.
    pub fn watch(mut self, stop: &AtomicBool, mut asked: impl FnMut(Request)) -> io::Result<()> {
        let mut press = Press::default();
        while !stop.load(Ordering::Relaxed) {
            let event = self.pin.poll_interrupt(false, Some(LOOK)).map_err(io::Error::other)?;
            if let Some(event) = event {
                let is_down = self.pin.read() == Level::Low;
                if let Some(request) = press.edge(is_down, event.timestamp) {
                    asked(request);
                }
            }
        }
        Ok(())
    }
}

/// A button, as it goes down and up.
#[derive(Debug, Default)]
struct Press {
    down_at: Option<Duration>,
}

impl Press {
    /// It is down or up since then; what that asks for. The same twice is a bounce that came through.
    fn edge(&mut self, is_down: bool, at: Duration) -> Option<Request> {
        if is_down {
            self.down_at.get_or_insert(at);
            return None;
        }
        let held = at.saturating_sub(self.down_at.take()?);
        match held {
            held if held < BOUNCE => None,
            held if held < HOLD => Some(Request::Press),
            _ => Some(Request::ToggleMute),
        }
    }
}

/// Tells what the keys of a terminal ask for, until its end.
pub fn watch_keys(keys: impl BufRead, mut asked: impl FnMut(Request)) {
    for key in keys.bytes() {
        match key {
            Ok(b' ') => asked(Request::Press),
            Ok(b'm') => asked(Request::ToggleMute),
            Ok(b's') => asked(Request::Stop),
            Ok(_) => {}
            // A terminal that is gone does not come back.
            Err(_) => break,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_press_is_told_from_a_hold_and_from_a_bounce() {
        let mut press = Press::default();
        let mut at = |is_down, ms| press.edge(is_down, Duration::from_millis(ms));
        assert_eq!((at(true, 0), at(false, 200)), (None, Some(Request::Press)));
        assert_eq!((at(true, 1_000), at(true, 1_010), at(false, 2_000)), (None, None, Some(Request::ToggleMute)));
        assert_eq!((at(true, 3_000), at(false, 3_005), at(false, 3_100)), (None, None, None));
    }

    #[test]
    fn keys_are_told() {
        let mut asked = Vec::new();
        watch_keys(&b" x\nm\ns"[..], |request| asked.push(request));
        assert_eq!(asked, [Request::Press, Request::ToggleMute, Request::Stop]);
    }

    #[test]
    fn where_there_is_no_gpio_the_error_says_what_to_do() {
        let Err(error) = GpioButton::open(17) else { return };
        assert!(error.to_string().contains("[buttons]"), "{error}");
    }
}
