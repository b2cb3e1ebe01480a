//! Measures the head for "hey boss": `cargo bench -p xswarm-wake --bench wake -- [--hours 1] [--head FILE] [--cache DIRECTORY]
//! [--peers DIRECTORY] [--heard DIRECTORY]`. Prints tables; asserts nothing.
//!
//! With `--peers`, writes what other detectors are measured with (`peers/measure.py`): the same voices in the same places
//! saying the phrases those were trained for. With `--heard`, writes what the detector took for the phrase
//! (`peers/transcripts.py` says what the hub would make of it).

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that people watch")]

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use xswarm_wake::{
    Detector, HOP_SAMPLES, Head, SAMPLE_RATE_HZ, Sensitivity,
    acoustics::wave,
    evaluation::{CONDITIONS, Examination, examine},
    speech::Voice,
    training::sound,
};

/// Phrases of the other detectors.
const PEERS: [&str; 2] = ["hey jarvis", "okay nabu"];
const SEED: u64 = 20_261;

fn main() -> Result<(), Box<dyn Error>> {
    let (mut hours, mut head) = (1.0, None::<PathBuf>);
    let (mut cache, mut peers, mut heard) = (None::<PathBuf>, None::<PathBuf>, None::<PathBuf>);
    let mut arguments = env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--hours" => hours = value.parse()?,
            "--head" => head = Some(value.into()),
            "--cache" => cache = Some(value.into()),
            "--peers" => peers = Some(value.into()),
            "--heard" => heard = Some(value.into()),
            _ => return Err(format!("{name} is not known").into()),
        }
    }
    let head = head.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("heads/hey-boss.head"));
    let head = Head::from_bytes(&fs::read(head)?)?;
    if let Some(directory) = &cache {
        fs::create_dir_all(directory)?;
    }
    if let Some(directory) = &peers {
        fs::create_dir_all(directory)?;
        for phrase in PEERS {
            write_for_peers(phrase, directory)?;
        }
    }
    println!("\"{}\": {}\n", head.phrase(), head.training());
    let examination = Examination::new(head.phrase(), Voice::held_out(), SEED)?;
    println!("{}", examine(&head, &examination, hours, cache.as_deref(), &|line| eprintln!("{line}"))?);
    if let Some(directory) = &heard {
        fs::create_dir_all(directory)?;
        write_heard(&head, &examination, directory)?;
    }
    println!("{:.4} of one core's time for one head", cost(&head, &examination)?);
    Ok(())
}

/// What of the phrases and of what sounds like them wakes the detector at its default: a list of all (kind, phrase, text, file),
/// and a sound file for each that does.
fn write_heard(head: &Head, examination: &Examination, directory: &Path) -> Result<(), Box<dyn Error>> {
    let mut detector = Detector::new([(head.clone(), Sensitivity::default())])?;
    let mut list = String::new();
    let kinds = [
        ("the phrase", examination.spoken("clean")),
        ("confusables, known", examination.confusable("trained")),
        ("confusables, new", examination.confusable("measured")),
    ];
    for (number, (kind, recipe)) in
        kinds.iter().flat_map(|(kind, all)| all.iter().map(move |one| (kind, one))).enumerate()
    {
        let (samples, _) = sound(recipe, examination.talks())?;
        detector.reset()?;
        let is_heard = detector.push(&samples)?.is_some();
        let file = if is_heard { format!("{number:05}.wav") } else { String::new() };
        if is_heard {
            fs::write(directory.join(&file), wave::write(&samples))?;
        }
        let text = recipe.said.first().map_or("", |one| &one.text);
        writeln!(list, "{kind}\t{}\t{text}\t{file}", head.phrase())?;
    }
    Ok(fs::write(directory.join("heard.tsv"), list)?)
}

/// Processor time that listening takes, for one second of sound.
fn cost(head: &Head, examination: &Examination) -> Result<f64, Box<dyn Error>> {
    let mut detector = Detector::new([(head.clone(), Sensitivity::default())])?;
    let before = processor_seconds()?;
    let talk = examination.talks().all().concat();
    for frame in talk.chunks(HOP_SAMPLES / 4) {
        detector.push(frame)?;
    }
    let heard = u32::try_from(talk.len())?;
    Ok((processor_seconds()? - before) / (f64::from(heard) / f64::from(SAMPLE_RATE_HZ)))
}

/// Of this thread, as the kernel counts it.
fn processor_seconds() -> Result<f64, Box<dyn Error>> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = text.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds / 1e9)
}

/// A sound file and a list of beginnings and ends per condition, and one of ordinary talk.
fn write_for_peers(phrase: &str, directory: &Path) -> Result<(), Box<dyn Error>> {
    let examination = Examination::new(phrase, Voice::held_out(), SEED)?;
    let name = phrase.replace(' ', "_");
    let ordinary = examination.ordinary(0).into_iter().chain(examination.ordinary(1)).collect();
    let spoken = CONDITIONS.map(|condition| (condition, examination.spoken(condition)));
    for (condition, recipes) in spoken.into_iter().chain([("ordinary", ordinary)]) {
        let mut samples = Vec::new();
        let mut places = String::new();
        for recipe in &recipes {
            let (clip, phrase) = sound(recipe, examination.talks())?;
            if let Some((start, end)) = phrase {
                writeln!(places, "{}\t{}", samples.len() + start, samples.len() + end)?;
            }
            samples.extend(clip);
        }
        let stem = format!("{name}.{}", condition.replace([' ', ','], ""));
        eprintln!("{stem}");
        fs::write(directory.join(format!("{stem}.wav")), wave::write(&samples))?;
        fs::write(directory.join(format!("{stem}.tsv")), places)?;
    }
    Ok(())
}
