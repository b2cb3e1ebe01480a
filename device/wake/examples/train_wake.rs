//! Trains a head: `train_wake "hey boss" --output FILE [--effort 1] [--seed 1] [--cache DIRECTORY]`.
//!
//! The same phrase, effort, seed and voices give the same file.

#![allow(clippy::print_stderr, reason = "a program that people watch")]

use std::{env, error::Error, fs, path::PathBuf};

use xswarm_wake::{
    speech::Voice,
    training::{Course, train},
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let phrase = arguments.next().ok_or("which phrase? train_wake \"hey boss\" --output FILE")?;
    let (mut output, mut cache) = (None, None::<PathBuf>);
    let mut course = Course { voices: Vec::new(), effort: 1.0, seed: 1, cache: None };
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--output" => output = Some(value),
            "--effort" => course.effort = value.parse()?,
            "--seed" => course.seed = value.parse()?,
            "--cache" => cache = Some(value.into()),
            _ => return Err(format!("{name} is not known").into()),
        }
    }
    let output = output.ok_or("--output FILE says where the head goes")?;
    if let Some(directory) = &cache {
        fs::create_dir_all(directory)?;
    }
    course.cache = cache.as_deref();
    course.voices = Voice::training();
    let head = train(&phrase, &course, &|line| eprintln!("{line}"))?;
    fs::write(&output, head.to_bytes())?;
    eprintln!("{output}: {}", head.training());
    Ok(())
}
