//! How many utterances Kyutai's text-to-speech model carries on this machine: full size, random weights.
//!
//! `cargo bench -p xswarm-voice --features cuda --bench synthesis -- [--cpu] [--sessions 1,8,32] [--steps 200]`.
//! A step makes 80 ms of sound for every session: what takes less keeps up. With `--cpu` it only shows that it runs.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and fails loudly")]

use std::time::{Duration, Instant};

use xswarm_voice::moshi::{
    Processor,
    synthesis::{Settings, measure::Machine},
};

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).map(String::as_str)
    };
    let processor =
        if arguments.iter().any(|argument| argument == "--cpu") { Processor::Cpu } else { Processor::Cuda(0) };
    let sessions = after("--sessions").unwrap_or("1,2,4,8,16,24,32").split(',');
    let sessions: Vec<usize> = sessions.map(|sessions| sessions.parse().unwrap()).collect();
    let steps: usize = after("--steps").unwrap_or("200").parse().unwrap();
    let settings = Settings { slots: sessions.iter().copied().max().unwrap(), ..Settings::default() };

    let begin = Instant::now();
    let mut machine = Machine::new(&settings, processor).unwrap();
    println!("{processor:?}, {} codebooks, made in {:.1} s", settings.codebooks, begin.elapsed().as_secs_f64());
    // The first steps of a GPU compile and allocate.
    machine.pace(settings.slots, 2).unwrap();
    machine.first_sound().unwrap();
    println!("first sound of one session after {:.1} ms", ms(machine.first_sound().unwrap()));
    println!("sessions  p50 ms  p95 ms  max ms  times real time  of it backbone  depth  codec");
    for sessions in sessions {
        let pace = machine.pace(sessions, steps).unwrap();
        let of = |part: usize| pace.frames.get((pace.frames.len() - 1) * part / 100).copied().map_or(0.0, ms);
        let (median, high, most) = (of(50), of(95), of(100));
        let (backbone, depth, codec) = (ms(pace.backbone), ms(pace.depth), ms(pace.codec));
        let times = 80.0 / (backbone + depth + codec);
        println!(
            "{sessions:>8}  {median:>6.1}  {high:>6.1}  {most:>6.1}  {times:>15.2}  {backbone:>14.1}  {depth:>5.1}  {codec:>5.1}"
        );
    }
}
