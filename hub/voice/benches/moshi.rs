//! How many sessions Kyutai's speech-to-text models carry on this machine: full size, invented weights.
//!
//! `cargo bench -p xswarm-voice --features cuda --bench moshi -- [--cpu] [--model stt] [--sessions 1,8,64] [--steps 200]`.
//! A step is 80 ms of sound for every session: what takes less keeps up. Memory is the process's own (`VmHWM`) and, on a
//! GPU, all that is in use there (`nvidia-smi`).

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and fails loudly")]

use std::{process::Command, time::Instant};

use xswarm_voice::{
    catalogue::Model,
    moshi::{Processor, Rehearsal},
};

/// The real time of one step.
const STEP_MS: f64 = 80.0;

/// The first steps fill caches.
const UNCOUNTED: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).map(String::as_str)
    };
    let processor =
        if arguments.iter().any(|argument| argument == "--cpu") { Processor::Cpu } else { Processor::Cuda(0) };
    let models: Vec<Model> = match after("--model") {
        Some(name) => vec![Model::named(name).unwrap()],
        None => vec![Model::Stt, Model::SttLarge],
    };
    let sessions = after("--sessions").unwrap_or("1,4,8,16,32,64,96,128");
    let steps: usize = after("--steps").unwrap_or("200").parse().unwrap();
    println!("{processor:?}, {}", gpu("name").unwrap_or_else(|| "no GPU".to_owned()));
    println!("model     sessions  p50 ms  p95 ms  max ms  times real time  process MB  GPU MB");
    for model in models {
        for sessions in sessions.split(',').map(|sessions| sessions.parse().unwrap()) {
            // Memory may not be enough for the largest: that is an answer, too.
            match measured(model, sessions, steps, processor) {
                Ok(line) => println!("{line}"),
                Err(error) => println!("{:<8}  {sessions:>8}  {error}", model.name()),
            }
        }
    }
}

fn measured(
    model: Model,
    sessions: usize,
    steps: usize,
    processor: Processor,
) -> Result<String, xswarm_voice::EngineError> {
    let mut rehearsal = Rehearsal::new(model, sessions, processor)?;
    let mut took = Vec::with_capacity(steps);
    for _ in 0..steps + UNCOUNTED {
        let begun = Instant::now();
        rehearsal.step()?;
        took.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    let mut took = took.split_off(UNCOUNTED);
    took.sort_by(f64::total_cmp);
    let at = |percent: usize| took.get((took.len() - 1) * percent / 100).copied().unwrap();
    let (p50, p95, most) = (at(50), at(95), at(100));
    let (name, real_time) = (model.name(), STEP_MS / p50);
    let on_gpu = gpu("memory.used").unwrap_or_else(|| "-".to_owned());
    let process = process_mb().unwrap_or_else(|| "-".to_owned());
    Ok(format!(
        "{name:<8}  {sessions:>8}  {p50:>6.1}  {p95:>6.1}  {most:>6.1}  {real_time:>15.2}  {process:>10}  {on_gpu:>6}"
    ))
}

/// What the driver says of the GPU.
fn gpu(property: &str) -> Option<String> {
    let query = format!("--query-gpu={property}");
    let output = Command::new("nvidia-smi").args([query.as_str(), "--format=csv,noheader,nounits"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().next().map(str::to_owned)
}

/// The most memory that this process has had.
fn process_mb() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes: u64 =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?.parse().ok()?;
    Some((kilobytes >> 10).to_string())
}
