//! Trains the model of topics and writes its file of weights.
//!
//! ```text
//! cargo run --release -p xswarm-language --example train -- --held-out hub/language/model/cleaned.tsv \
//!     --output hub/language/model/topics.weights < commands.jsonl
//! ```
//! One JSON object a line on standard input, of which `id`, `utterance` and `cls` are used. Rows whose id stands in the
//! held-out file are not trained on. The same rows always give the same file, byte for byte: no clock, no random
//! numbers but a fixed generator's.
#![allow(clippy::print_stderr, reason = "an example program prints")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "weights of one byte: rounding is what is wanted"
)]

use std::{
    collections::HashSet,
    error::Error,
    io::{BufRead, Write},
};

use chrono::DateTime;
use chrono_tz::Tz;
use serde_json::Value as Json;
use xswarm_language::{
    command::{
        Topic, features,
        model::{FEATURES, TOPICS},
    },
    policy,
    time::{Context, Locale},
};

/// Most times that the rows are gone through for one topic.
const EPOCHS: u32 = 200;
/// What a row on the wrong side costs, against the length of the weights.
const COST: f64 = 3.0;
/// Training ends when no row pulls harder than this.
const TOLERANCE: f64 = 0.01;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| arguments.iter().skip_while(|argument| *argument != name).nth(1);
    let output = value("--output").ok_or("say where the weights go: --output FILE")?;
    let held_out: HashSet<String> = match value("--held-out") {
        Some(path) => std::fs::read_to_string(path)?
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| Some(line.split('\t').next()?.to_owned()))
            .collect(),
        None => HashSet::new(),
    };
    let rows = rows(&held_out)?;
    eprintln!("{} rows", rows.len());
    let weights = trained(&rows);
    std::fs::File::create(output)?.write_all(&quantised(&weights))?;
    Ok(())
}

/// A row to learn from: its features, and which topic it is.
struct Row {
    features: Vec<u16>,
    topic: usize,
}

fn rows(held_out: &HashSet<String>) -> Result<Vec<Row>, Box<dyn Error>> {
    let now = DateTime::UNIX_EPOCH.with_timezone(&Tz::UTC);
    let context = Context { now, locale: Locale::UnitedStates, policy: &policy::DEFAULT };
    let mut rows = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let row: Json = serde_json::from_str(&line?)?;
        let field = |name: &str| row.get(name).and_then(Json::as_str).unwrap_or_default();
        if held_out.contains(field("id")) {
            continue;
        }
        let topic = topic(field("cls")).ok_or_else(|| format!("no such class: {}", field("cls")))?;
        let topic = Topic::ALL.iter().position(|one| *one == topic).unwrap_or_default();
        rows.push(Row { features: features(field("utterance"), &context), topic });
    }
    Ok(rows)
}

fn topic(class: &str) -> Option<Topic> {
    Some(match class {
        "create_event" => Topic::NewAppointment,
        "query_calendar" => Topic::Agenda,
        "update_cancel_event" => Topic::Change,
        "set_reminder" => Topic::NewReminder,
        "send_email" => Topic::WriteMail,
        "query_email" => Topic::ReadMail,
        "time_date" => Topic::Clock,
        "general" => Topic::Conversation,
        "none" => Topic::Other,
        _ => return None,
    })
}

/// For each topic a linear support vector machine against all others, by dual coordinate descent on the squared hinge
/// loss (Hsieh et al., "A dual coordinate descent method for large-scale linear SVM", ICML 2008, algorithm 1).
fn trained(rows: &[Row]) -> Vec<[f32; TOPICS]> {
    let mut weights = vec![[0.0_f32; TOPICS]; FEATURES + 1];
    for topic in 0..TOPICS {
        let one = against_all_others(rows, topic);
        for (weight, trained) in weights.iter_mut().zip(one) {
            if let Some(weight) = weight.get_mut(topic) {
                *weight = trained as f32;
            }
        }
    }
    weights
}

fn against_all_others(rows: &[Row], topic: usize) -> Vec<f64> {
    let mut weights = vec![0.0_f64; FEATURES + 1];
    let mut alphas = vec![0.0_f64; rows.len()];
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut random = Xorshift(0x9e37_79b9_7f4a_7c15);
    let diagonal = 0.5 / COST;
    for _ in 0..EPOCHS {
        for i in (1..order.len()).rev() {
            order.swap(i, random.below(i + 1));
        }
        let mut hardest = 0.0_f64;
        for i in &order {
            let (Some(row), Some(alpha)) = (rows.get(*i), alphas.get_mut(*i)) else { continue };
            let side = if row.topic == topic { 1.0 } else { -1.0 };
            // Every row has the length one: each of its features, which stand once, counts 1/√n.
            let value = 1.0 / (row.features.len() as f64).sqrt();
            let score: f64 = row.features.iter().filter_map(|feature| weights.get(usize::from(*feature))).sum::<f64>()
                * value
                + weights.last().copied().unwrap_or_default();
            let slope = side * score - 1.0 + diagonal * *alpha;
            let pull = if *alpha == 0.0 { slope.min(0.0) } else { slope };
            hardest = hardest.max(pull.abs());
            if pull != 0.0 {
                let before = *alpha;
                *alpha = (*alpha - slope / (2.0 + diagonal)).max(0.0);
                let step = (*alpha - before) * side * value;
                if let Some(constant) = weights.last_mut() {
                    *constant += (*alpha - before) * side;
                }
                for feature in &row.features {
                    if let Some(weight) = weights.get_mut(usize::from(*feature)) {
                        *weight += step;
                    }
                }
            }
        }
        if hardest < TOLERANCE {
            break;
        }
    }
    weights
}

/// The file: the scale, then one signed byte per feature and topic.
fn quantised(weights: &[[f32; TOPICS]]) -> Vec<u8> {
    let most = weights.iter().flatten().fold(0.0_f32, |most, weight| most.max(weight.abs()));
    let scale = most.max(f32::MIN_POSITIVE) / 127.0;
    let mut file = scale.to_le_bytes().to_vec();
    file.extend(weights.iter().flatten().flat_map(|weight| ((weight / scale).round() as i8).to_le_bytes()));
    file
}

/// Marsaglia's xorshift, 64 bits.
struct Xorshift(u64);

impl Xorshift {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % end.max(1)
    }
}
