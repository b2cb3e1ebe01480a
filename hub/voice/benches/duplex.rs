//! What free conversation with Kyutai's Moshi costs on this machine: full size, 16 bits a weight, invented weights.
//!
//! `cargo bench -p xswarm-voice --features cuda --bench duplex -- [--cpu] [--layers 32] [--past 0,1500,3000] [--steps 200]`.
//! A step is 80 ms of sound in and 80 ms out: what takes less keeps up. `past` is how many frames the conversation already
//! has; 3,000 (4 minutes) are all that it remembers. Memory is all that is in use on the GPU (`nvidia-smi`). A processor
//! only shows that it runs, and with `--layers 1` in 8 GB.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and fails loudly")]

use std::{
    process::Command,
    time::{Duration, Instant},
};

use xswarm_voice::moshi::{
    Processor,
    duplex::rehearsal::{Rehearsal, Step},
};

/// The first steps after a change fill caches: the codec remembers 10 s.
const UNCOUNTED: u32 = 130;

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
    let layers: usize = after("--layers").map_or(Rehearsal::LAYERS, |layers| layers.parse().unwrap());
    let steps: u32 = after("--steps").unwrap_or("200").parse().unwrap();
    let uncounted = UNCOUNTED.min(steps);
    let past = after("--past").unwrap_or("0,1500,3000").split(',').map(|frames| frames.parse::<usize>().unwrap());

    let begun = Instant::now();
    let mut rehearsal = Rehearsal::new(layers, processor).unwrap();
    let name = gpu("name").unwrap_or_else(|| "no GPU".to_owned());
    println!("{processor:?}, {name}, {layers} layers, made in {:.1} s", begun.elapsed().as_secs_f64());
    println!("past frames  p50 ms  p95 ms  max ms  times real time  of it codec in  model  codec out  GPU MB");
    let mut has = 0;
    for wanted in past {
        rehearsal.age(wanted.saturating_sub(has)).unwrap();
        for _ in 0..uncounted {
            rehearsal.step().unwrap();
        }
        let took: Vec<Step> = (0..steps).map(|_| rehearsal.step().unwrap()).collect();
        has = wanted.max(has) + (uncounted + steps) as usize;
        let mut frames: Vec<f64> = took.iter().map(|step| ms(step.hear + step.think + step.voice)).collect();
        frames.sort_by(f64::total_cmp);
        let at = |percent: usize| frames.get((frames.len() - 1) * percent / 100).copied().unwrap();
        let mean = |part: fn(&Step) -> Duration| ms(took.iter().map(part).sum()) / f64::from(steps);
        let (p50, p95, most) = (at(50), at(95), at(100));
        let (hear, think, voice) = (mean(|step| step.hear), mean(|step| step.think), mean(|step| step.voice));
        let (real_time, on_gpu) = (80.0 / p50, gpu("memory.used").unwrap_or_else(|| "-".to_owned()));
        println!(
            "{wanted:>11}  {p50:>6.1}  {p95:>6.1}  {most:>6.1}  {real_time:>15.2}  {hear:>14.1}  {think:>5.1}  {voice:>9.1}  {on_gpu:>6}"
        );
    }
}

/// What the driver says of the GPU.
fn gpu(property: &str) -> Option<String> {
    let query = format!("--query-gpu={property}");
    let output = Command::new("nvidia-smi").args([query.as_str(), "--format=csv,noheader,nounits"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().next().map(str::to_owned)
}
