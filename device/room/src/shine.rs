//! The lights, on a thread of their own: a picture whenever it changes, 20 a second at most, and dark at the end.
//!
//! Lights that are gone are reported once and looked for again, since a ring comes and goes with the microphones it is on.

use std::{
    io,
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use crate::{
    config::{LightsConfig, LightsKind},
    engine::Look,
    lights::{Apa102, Colour, Console, Leds, UsbRing, picture},
    state::Shown,
};

/// How long a picture stands at least.
const FRAME: Duration = Duration::from_millis(50);

/// After so long a picture is shown again that has not changed: a ring that was plugged in anew while the device is muted must
/// not go on without its red light.
const REPEAT_MS: u64 = 2_000;

/// How long lights that are gone are left alone.
const AGAIN_MS: u64 = 2_000;

/// Opens lights.
pub type Open = Box<dyn FnMut() -> io::Result<Leds> + Send>;

/// Those of a configuration.
pub fn configured(config: &LightsConfig) -> Open {
    let config = config.clone();
    Box::new(move || match config.kind {
        LightsKind::Apa102 => Apa102::open(config.count).map(Leds::Apa102),
        LightsKind::UsbRing => UsbRing::open(&config.products).map(Leds::UsbRing),
        LightsKind::Console => Ok(Leds::Console(Console::on(io::stderr()))),
        LightsKind::None => Ok(Leds::None),
    })
}

/// Shows what comes, until nothing can come any more.
pub fn shine(open: Open, looks: &Receiver<Look>) {
    let began = Instant::now();
    let now_ms = || u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut lights = Lights::new(open);
    let mut look = Look { shown: Shown::Offline, direction: None };
    loop {
        let next = match lights.pause(look) {
            Some(pause) => looks.recv_timeout(pause),
            None => looks.recv().map_err(|_closed| RecvTimeoutError::Disconnected),
        };
        match next {
            Ok(next) => look = next,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        lights.show(look, now_ms());
    }
    lights.darken();
}

/// Lights that may be gone.
struct Lights {
    open: Open,
    leds: Option<Leds>,
    picture: Vec<Colour>,
    shown_at_ms: u64,
    again_at_ms: u64,
    is_reported: bool,
}

impl Lights {
    fn new(open: Open) -> Self {
        Self { open, leds: None, picture: Vec::new(), shown_at_ms: 0, again_at_ms: 0, is_reported: false }
    }

    /// After how long there is something to do even if nothing comes.
    fn pause(&self, look: Look) -> Option<Duration> {
        match &self.leds {
            None => Some(Duration::from_millis(AGAIN_MS)),
            Some(leds) if moves(look.shown) && leds.count() > 0 => Some(FRAME),
            Some(leds) => leds.may_forget().then_some(Duration::from_millis(REPEAT_MS)),
        }
    }

    fn show(&mut self, look: Look, now_ms: u64) {
        if self.leds.is_none() && now_ms >= self.again_at_ms {
            match (self.open)() {
                Ok(leds) => self.leds = Some(leds),
                Err(error) => self.lose(&error, now_ms),
            }
            self.picture.clear();
        }
        let Some(leds) = &mut self.leds else { return };
        let next = picture(look.shown, leds.count(), now_ms, look.direction.map(f32::from));
        let is_forgotten = leds.may_forget() && now_ms >= self.shown_at_ms + REPEAT_MS;
        if next == self.picture && !is_forgotten {
            return;
        }
        self.shown_at_ms = now_ms;
        match leds.show(&next) {
            Ok(()) => {
                self.picture = next;
                if std::mem::take(&mut self.is_reported) {
                    log::info!("the lights are back");
                }
            }
            Err(error) => self.lose(&error, now_ms),
        }
    }

    fn lose(&mut self, error: &io::Error, now_ms: u64) {
        self.leds = None;
        self.again_at_ms = now_ms + AGAIN_MS;
        if !std::mem::replace(&mut self.is_reported, true) {
            log::warn!("the lights are gone, and looked for from now on: {error}");
        }
    }

    fn darken(&mut self) {
        if let Some(leds) = &mut self.leds {
            // Nobody is left who could do anything about an error.
            let _gone = leds.show(&vec![[0; 3]; leds.count()]);
        }
    }
}

/// Whether a picture changes by itself.
const fn moves(shown: Shown) -> bool {
    match shown {
        Shown::Idle | Shown::Listening | Shown::Muted => false,
        Shown::Thinking | Shown::Speaking | Shown::Offline | Shown::Error | Shown::Ringing => true,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, mpsc};

    use super::*;

    /// Lights that record what they are shown, and that work as long as they are to.
    fn recorded(works: Arc<Mutex<bool>>) -> (Open, Receiver<Vec<u8>>) {
        let (sent, shown) = mpsc::channel();
        let open = move || {
            if !*works.lock().unwrap() {
                return Err(io::ErrorKind::NotFound.into());
            }
            let (sent, works) = (sent.clone(), Arc::clone(&works));
            let wire = move |frame: &[u8]| {
                sent.send(frame.to_vec()).unwrap();
                if *works.lock().unwrap() { Ok(()) } else { Err(io::ErrorKind::NotConnected.into()) }
            };
            Ok(Leds::Apa102(Apa102::on(wire, 3)))
        };
        (Box::new(open), shown)
    }

    const fn look(shown: Shown) -> Look {
        Look { shown, direction: None }
    }

    #[test]
    fn only_what_changes_is_shown() {
        let (open, shown) = recorded(Arc::new(Mutex::new(true)));
        let mut lights = Lights::new(open);
        for at_ms in (0..1_000).step_by(50) {
            lights.show(look(Shown::Muted), at_ms);
        }
        assert_eq!(shown.try_iter().count(), 1);
        for at_ms in (1_000..2_000).step_by(50) {
            lights.show(look(Shown::Speaking), at_ms);
        }
        assert!(shown.try_iter().count() > 10 && lights.pause(look(Shown::Speaking)) == Some(FRAME));
    }

    #[test]
    fn what_does_not_change_is_shown_again_to_lights_that_may_have_forgotten_it() {
        let works = Arc::new(Mutex::new(true));
        let (open, shown) = recorded(Arc::clone(&works));
        let mut lights = Lights::new(open);
        lights.show(look(Shown::Muted), 0);
        assert_eq!(lights.pause(look(Shown::Muted)), Some(Duration::from_millis(REPEAT_MS)));
        *works.lock().unwrap() = false;
        lights.show(look(Shown::Muted), REPEAT_MS);
        assert!(lights.is_reported && shown.try_iter().count() == 2, "that they are gone is noticed");
        *works.lock().unwrap() = true;
        lights.show(look(Shown::Muted), REPEAT_MS + AGAIN_MS);
        assert_eq!(shown.try_iter().count(), 1, "red again");
    }

    #[test]
    fn lights_that_went_are_asked_rarely_and_shown_the_present_picture_when_they_are_back() {
        let works = Arc::new(Mutex::new(true));
        let (open, shown) = recorded(Arc::clone(&works));
        let mut lights = Lights::new(open);
        lights.show(look(Shown::Idle), 0);
        *works.lock().unwrap() = false;
        for at_ms in (50..10_000).step_by(50) {
            lights.show(look(Shown::Speaking), at_ms);
        }
        assert_eq!(shown.try_iter().count(), 2, "one went well, the next did not; after that they could not be opened");
        assert!(lights.is_reported);
        *works.lock().unwrap() = true;
        lights.show(look(Shown::Muted), 12_000);
        let frames: Vec<_> = shown.try_iter().collect();
        assert_eq!((frames.len(), &frames[0][4..8]), (1, &[0xE3, 0, 0, 255][..]));
    }

    #[test]
    fn at_the_end_they_are_dark() {
        let (open, shown) = recorded(Arc::new(Mutex::new(true)));
        let (looks, came) = mpsc::sync_channel(4);
        looks.send(look(Shown::Muted)).unwrap();
        drop(looks);
        shine(open, &came);
        let last = shown.try_iter().last().unwrap();
        assert!(last[4..16].chunks(4).all(|light| light == [0xE3, 0, 0, 0]), "{last:?}");
    }

    #[test]
    fn what_stands_still_is_known() {
        for shown in [
            Shown::Idle,
            Shown::Listening,
            Shown::Thinking,
            Shown::Speaking,
            Shown::Muted,
            Shown::Offline,
            Shown::Error,
            Shown::Ringing,
        ] {
            let film: Vec<_> = (0..4_000).step_by(50).map(|at_ms| picture(shown, 12, at_ms, Some(30.0))).collect();
            assert_eq!(film.windows(2).any(|pair| pair[0] != pair[1]), moves(shown), "{shown:?}");
        }
    }
}
