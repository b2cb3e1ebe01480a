//! The room itself: what the loudspeaker plays and what a talker says reaches four microphones, with echoes, as it would in
//! a room of 5 by 4 metres. It runs in real time between a sound server's loudspeaker and its microphones.

use std::{
    io::{Read as _, Write as _},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use xswarm_tests::sound_server::{Channels, Process, SoundServer};
use xswarm_wake::acoustics::Room;

/// Samples a second.
pub(crate) const RATE_HZ: usize = 16_000;

/// Samples that are worked on at once: 10 ms.
const BLOCK: usize = 160;

/// So many of the strongest reflections between the loudspeaker and each microphone are heard.
const REFLECTIONS: usize = 120;

/// How far the microphones stand from their middle, in metres.
const RADIUS_M: f32 = 0.032;

/// Where the device stands, and its loudspeaker below the microphones.
const DEVICE_M: [f32; 3] = [1.5, 1.8, 0.9];
const LOUDSPEAKER_M: [f32; 3] = [1.58, 1.8, 0.84];

/// Where the talker stands: two metres away.
const TALKER_M: [f32; 3] = [3.4, 2.2, 1.5];

/// How loud the room is when nobody speaks.
const NOISE: f32 = 0.000_5;

/// Four channels.
type Heard = [f32; 4];

#[derive(Default)]
struct State {
    /// What the talker's voice still brings to the microphones.
    talker: std::collections::VecDeque<Heard>,
    /// Music that the loudspeaker plays besides what the device does.
    played: Vec<f32>,
}

/// A room with somebody in it.
pub(crate) struct Air {
    state: Arc<Mutex<State>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    responses: [Vec<f32>; 4],
}

impl Air {
    /// Between the loudspeaker and the microphones of a server.
    pub(crate) fn of(server: &SoundServer) -> Self {
        let microphones = [0, 1, 2, 3].map(microphone);
        let responses = microphones.map(|microphone| response(TALKER_M, microphone));
        let echoes = microphones.map(|microphone| strongest(&response(LOUDSPEAKER_M, microphone)));
        let (state, ends) = (Arc::new(Mutex::new(State::default())), Arc::new(AtomicBool::new(false)));
        let (living, over) = (Arc::clone(&state), Arc::clone(&ends));
        let (hear, feed) = (Process::start(&mut server.hear()), Process::start(&mut server.feed()));
        let channels = server.channels();
        let thread = std::thread::spawn(move || carry((hear, feed), channels, &echoes, &living, &over));
        Self { state, ends, thread: Some(thread), responses }
    }

    /// Somebody says something: at 16 kHz, at full scale.
    pub(crate) fn says(&self, voice: &[f32]) {
        let ways = self.responses.each_ref().map(|response| convolved(voice, response));
        // As loud as somebody speaks to a device across the room.
        let peak = ways[0].iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        let heard = (0..ways[0].len()).map(|at| ways.each_ref().map(|way| way[at] * 0.25 / peak));
        let mut state = self.state.lock().unwrap();
        // Nobody talks the moment a device is switched on: it looks at two seconds.
        state.talker.extend(std::iter::repeat_n(Heard::default(), 3 * RATE_HZ));
        state.talker.extend(heard);
    }

    /// Whether the talker has said everything.
    pub(crate) fn is_quiet(&self) -> bool {
        self.state.lock().unwrap().talker.is_empty()
    }

    /// Everything that the loudspeaker has played.
    pub(crate) fn played(&self) -> Vec<f32> {
        self.state.lock().unwrap().played.clone()
    }
}

impl Drop for Air {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Until it ends, or the server does.
fn carry(
    (mut hear, mut feed): (Process, Process),
    channels: Channels,
    echoes: &[Vec<(usize, f32)>; 4],
    state: &Mutex<State>,
    ends: &AtomicBool,
) {
    let (mut from, mut to) = (hear.0.stdout.take().unwrap(), feed.0.stdin.take().unwrap());
    let longest = echoes.iter().flatten().map(|(at, _)| at + 1).max().unwrap_or(1);
    let mut past = vec![0.0_f32; longest + BLOCK];
    let mut noise = fastrand::Rng::with_seed(7);
    let mut bytes = vec![0; BLOCK * 2];
    while !ends.load(Ordering::Relaxed) && from.read_exact(&mut bytes).is_ok() {
        past.drain(..BLOCK);
        past.extend(bytes.chunks_exact(2).map(|two| f32::from(i16::from_le_bytes([two[0], two[1]])) / 32_768.0));
        let mut out = Vec::with_capacity(BLOCK * channels.count() * 2);
        let mut state = state.lock().unwrap();
        state.played.extend_from_slice(&past[longest..]);
        for at in longest..longest + BLOCK {
            let talker = state.talker.pop_front().unwrap_or_default();
            let mut microphones = [0.0; 4];
            for (sample, (echo, voice)) in microphones.iter_mut().zip(echoes.iter().zip(talker)) {
                let echo: f32 = echo.iter().map(|(later, gain)| past[at - later] * gain).sum();
                *sample = echo + voice + NOISE * (noise.f32() - 0.5);
            }
            let (made, played): (&[f32], &[f32]) = match channels {
                Channels::Microphones => (&[], &[]),
                Channels::WithPlayback => (&microphones[..1], &past[at..=at]),
            };
            for sample in made.iter().chain(&microphones).chain(played) {
                out.extend(((sample * 32_767.0).clamp(-32_768.0, 32_767.0) as i16).to_le_bytes());
            }
        }
        drop(state);
        if to.write_all(&out).is_err() {
            return;
        }
    }
}

fn microphone(number: u8) -> [f32; 3] {
    let angle = std::f32::consts::FRAC_PI_4 + f32::from(number) * std::f32::consts::FRAC_PI_2;
    [DEVICE_M[0] + RADIUS_M * angle.cos(), DEVICE_M[1] + RADIUS_M * angle.sin(), DEVICE_M[2]]
}

fn response(talker_m: [f32; 3], microphone_m: [f32; 3]) -> Vec<f32> {
    Room { size_m: [5.0, 4.0, 2.7], rt60_s: 0.35, talker_m, microphone_m }.response()
}

/// The strongest parts of a response, the loudest at a quarter of what is played.
fn strongest(response: &[f32]) -> Vec<(usize, f32)> {
    let mut parts: Vec<(usize, f32)> = response.iter().copied().enumerate().collect();
    parts.sort_by(|(_, one), (_, other)| other.abs().total_cmp(&one.abs()));
    parts.truncate(REFLECTIONS);
    let loudest = parts[0].1.abs();
    for (_, gain) in &mut parts {
        *gain *= 0.25 / loudest;
    }
    parts
}

fn convolved(voice: &[f32], response: &[f32]) -> Vec<f32> {
    let mut out = vec![0.0; voice.len() + response.len()];
    let parts: Vec<(usize, f32)> = strongest(response);
    for (at, sample) in voice.iter().enumerate() {
        for (later, gain) in &parts {
            out[at + later] += sample * gain;
        }
    }
    out
}
