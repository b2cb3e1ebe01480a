//! What the loudspeaker plays: what the hub sends, the device's own sounds over it, and the ringing of a timer.
//!
//! It waits for a little before it begins, so that a network that stutters is not heard, and what is said becomes quieter under
//! a sound of the device's own. Each mark is given back once everything before it was played. Time is counted in samples that
//! were asked for: it has no clock. What it is told to drop is gone at once; that nothing clicks is the business of whoever
//! holds what was asked for already, and fades it.

use std::collections::VecDeque;

use crate::PLAYED_HZ;

const fn samples(ms: usize) -> usize {
    ms * PLAYED_HZ as usize / 1_000
}

/// So much waits before something begins to be played, unless all of it is there.
const PREBUFFER: usize = samples(60);

/// So long it takes until a volume is reached.
const FADE: usize = samples(20);

/// No more than this waits; what comes beyond it is lost.
pub const WAITING_MOST: usize = samples(60_000);

/// How loud what is said is under a sound of the device's own.
const UNDER: f32 = 0.25;

/// What is heard when something is asked for.
#[derive(Debug, Default)]
pub struct Playback {
    /// What waits, and the marks that lie between: at how many samples of all that were ever pushed.
    waiting: VecDeque<f32>,
    marks: VecDeque<(u64, String)>,
    pushed: u64,
    runs: bool,
    own: VecDeque<f32>,
    ring: Option<Ring>,
    under: Gain,
    volume: Gain,
}

#[derive(Debug)]
struct Ring {
    sound: Vec<f32>,
    at: usize,
}

/// A gain that reaches what it should be within a fade.
#[derive(Debug)]
struct Gain {
    now: f32,
    wanted: f32,
}

impl Default for Gain {
    fn default() -> Self {
        Self { now: 1.0, wanted: 1.0 }
    }
}

impl Gain {
    #[expect(clippy::cast_precision_loss, reason = "a fade has 480 samples")]
    fn next(&mut self) -> f32 {
        let step = 1.0 / FADE as f32;
        self.now += (self.wanted - self.now).clamp(-step, step);
        self.now
    }
}

impl Playback {
    /// Nothing to play, at full volume.
    pub fn new() -> Self {
        Self::default()
    }

    /// How loud everything is, from 0 to 1.
    pub fn set_volume(&mut self, volume: f32) {
        self.volume.wanted = volume.clamp(0.0, 1.0);
    }

    /// What the hub says next. Whether it was taken: beyond a minute it is not.
    pub fn say(&mut self, sound: &[f32]) -> bool {
        let has_room = self.waiting.len() + sound.len() <= WAITING_MOST;
        if has_room {
            self.waiting.extend(sound);
            self.pushed += sound.len() as u64;
        }
        has_room
    }

    /// To be given back once everything before it was played.
    pub fn mark(&mut self, name: String) {
        self.marks.push_back((self.pushed, name));
    }

    /// Drops what was not asked for yet. All marks are given back by the next call of [`Self::pull`].
    pub fn clear(&mut self) {
        self.waiting.clear();
        self.runs = false;
        self.marks.iter_mut().for_each(|(at, _)| *at = 0);
    }

    /// A sound of the device's own, after those that sound already.
    pub fn sound(&mut self, sound: &[f32]) {
        self.own.extend(sound);
    }

    /// Rings with this sound over and over, or no more.
    pub fn ring(&mut self, sound: Option<Vec<f32>>) {
        self.ring = sound.filter(|sound| !sound.is_empty()).map(|sound| Ring { sound, at: 0 });
    }

    /// Whether nothing that the hub said waits.
    pub fn is_silent(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Fills what is played next, and appends the marks that were reached to `reached`.
    pub fn pull(&mut self, out: &mut [f32], reached: &mut Vec<String>) {
        let is_whole = self.marks.back().is_some_and(|(at, _)| *at == self.pushed);
        self.runs = !self.waiting.is_empty() && (self.runs || is_whole || self.waiting.len() >= PREBUFFER);
        for sample in out {
            let said = if self.runs { self.waiting.pop_front().unwrap_or(0.0) } else { 0.0 };
            let own = self.own.pop_front();
            let rung = self.ring.as_mut().map(Ring::next);
            self.under.wanted = if own.is_some() || rung.is_some() { UNDER } else { 1.0 };
            let under = self.under.next();
            *sample = (said * under + own.unwrap_or(0.0) + rung.unwrap_or(0.0)) * self.volume.next();
        }
        let played = self.pushed - self.waiting.len() as u64;
        while let Some((_, name)) = self.marks.pop_front_if(|(at, _)| *at <= played) {
            reached.push(name);
        }
    }
}

impl Ring {
    fn next(&mut self) -> f32 {
        let sample = self.sound.get(self.at).copied().unwrap_or(0.0);
        self.at = (self.at + 1) % self.sound.len().max(1);
        sample
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pull(playback: &mut Playback, ms: usize) -> (Vec<f32>, Vec<String>) {
        let (mut out, mut reached) = (vec![9.0; samples(ms)], Vec::new());
        playback.pull(&mut out, &mut reached);
        (out, reached)
    }

    fn heard(sound: &[f32]) -> usize {
        sound.iter().filter(|sample| sample.abs() > 1e-6).count()
    }

    #[test]
    fn it_begins_when_enough_is_there_or_all_of_it() {
        let mut playback = Playback::new();
        playback.say(&vec![0.5; samples(40)]);
        assert_eq!(heard(&pull(&mut playback, 20).0), 0, "more is to come");
        playback.say(&vec![0.5; samples(20)]);
        assert_eq!(heard(&pull(&mut playback, 20).0), samples(20));
        let mut short = Playback::new();
        short.say(&vec![0.5; samples(10)]);
        short.mark("end".to_owned());
        let (sound, reached) = pull(&mut short, 20);
        assert_eq!((heard(&sound), reached), (samples(10), vec!["end".to_owned()]));
        assert!(short.is_silent());
    }

    #[test]
    fn a_mark_comes_back_when_everything_before_it_was_played() {
        let mut playback = Playback::new();
        playback.say(&vec![0.5; samples(100)]);
        playback.mark("a".to_owned());
        playback.say(&vec![0.5; samples(100)]);
        playback.mark("b".to_owned());
        let marks: Vec<_> = (0..11).map(|_| pull(&mut playback, 20).1).collect();
        let at = |name: &str| marks.iter().position(|reached| reached.iter().any(|one| one == name));
        assert_eq!((at("a"), at("b")), (Some(4), Some(9)));
    }

    #[test]
    fn what_is_dropped_is_never_heard_and_its_marks_come_back() {
        let mut playback = Playback::new();
        playback.say(&vec![0.5; samples(1_000)]);
        playback.mark("never heard".to_owned());
        pull(&mut playback, 100);
        playback.clear();
        assert!(playback.is_silent());
        let (sound, reached) = pull(&mut playback, 40);
        assert_eq!(reached, ["never heard"], "it is told, as on a telephone line");
        assert_eq!(heard(&sound), 0);
    }

    #[test]
    fn what_is_said_is_quieter_under_a_sound_of_the_devices_own() {
        let mut playback = Playback::new();
        playback.say(&vec![0.4; samples(1_000)]);
        playback.sound(&vec![1e-9; samples(200)]);
        let (sound, _) = pull(&mut playback, 300);
        assert!((sound[samples(100)] - 0.1).abs() < 1e-3 && (sound[samples(290)] - 0.4).abs() < 1e-3);
        playback.set_volume(0.5);
        assert!((pull(&mut playback, 100).0[samples(90)] - 0.2).abs() < 1e-3);
    }

    #[test]
    fn a_timer_rings_until_it_is_told_otherwise() {
        let mut playback = Playback::new();
        playback.ring(Some(crate::earcons::ring()));
        for _ in 0..3 {
            assert!(heard(&pull(&mut playback, 1_000).0) > samples(300));
        }
        playback.ring(None);
        assert_eq!(heard(&pull(&mut playback, 1_000).0), 0);
    }

    #[test]
    fn nobody_can_fill_the_memory() {
        let mut playback = Playback::new();
        assert!(playback.say(&vec![0.1; WAITING_MOST]));
        assert!(!playback.say(&[0.1]));
        playback.clear();
        assert!(playback.say(&[0.1]));
    }
}
