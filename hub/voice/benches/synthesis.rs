//! How fast speech is synthesised at full size, with random weights: `synthesis [utterances …] [--frames N]`.
//!
//! On an NVIDIA GPU with `--features cuda`, else on the processor, which only shows that it runs. Prints a table.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark fails loudly and prints what it measured")]

use std::time::{Duration, Instant};

use candle_core::Device;
use xswarm_voice::moshi::synthesis::{Settings, measure::Machine};

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn main() {
    let mut frames = 100;
    let mut counts = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--frames" => frames = arguments.next().unwrap().parse().unwrap(),
            // What `cargo bench` adds.
            "--bench" => {}
            count => counts.push(count.parse().unwrap()),
        }
    }
    if counts.is_empty() {
        counts.extend([1_usize, 2, 4, 8, 16, 24, 32]);
    }
    let device = Device::cuda_if_available(0).unwrap_or(Device::Cpu);
    let settings = Settings { slots: counts.iter().copied().max().unwrap(), ..Settings::default() };
    let begin = Instant::now();
    let mut machine = Machine::new(&settings, &device).unwrap();
    println!("{device:?}, {:?}, made in {:.1} s", device.bf16_default_to_f32(), begin.elapsed().as_secs_f64());

    // The first steps of a GPU compile and allocate.
    machine.pace(settings.slots, 2).unwrap();
    machine.first_sound().unwrap();
    println!("first sound after {:.1} ms", ms(machine.first_sound().unwrap()));
    println!("utterances  ms per 80 ms frame: median  95 %   most   backbone  depth  codec");
    for count in counts {
        let pace = machine.pace(count, frames).unwrap();
        let of = |part: usize| pace.frames.get((pace.frames.len() - 1) * part / 100).copied().map_or(0.0, ms);
        let (backbone, depth, codec) = (ms(pace.backbone), ms(pace.depth), ms(pace.codec));
        let (median, high, most) = (of(50), of(95), of(100));
        println!("{count:>10} {median:>27.1} {high:>6.1} {most:>6.1} {backbone:>9.1} {depth:>6.1} {codec:>6.1}");
    }
}
