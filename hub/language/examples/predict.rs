//! Reads test cases of times from standard input, one JSON object a line, and prints a prediction for each.
//!
//! Of a case the fields `id`, `utterance`, `reference` (ISO 8601 with offset) and `locale` are used. A prediction has
//! `id`, `kind`, `value` and `grain`. With `--commands` it prints `id` and `cls` instead; with `--commands --cleaned FILE`
//! it prints how often the class is right on the rows of that file (id, corrected class, class as published, parted by
//! tabs), and on the same rows as published.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example program prints")]

use std::{
    collections::HashMap,
    io::{BufRead, Write},
};

use chrono::{DateTime, NaiveDate, Offset, Timelike};
use chrono_tz::Tz;
use serde_json::{Value as Json, json};
use xswarm_language::{
    command::{Command, Topic, understand},
    policy::Policy,
    time::{self, Context, Found, Grain, Locale, Span, Value},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let policy = Policy::default();
    let commands = std::env::args().any(|argument| argument == "--commands");
    if let Some(file) = std::env::args().skip_while(|argument| argument != "--cleaned").nth(1) {
        return score(&std::fs::read_to_string(file)?, &policy);
    }
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let case: Json = serde_json::from_str(&line?)?;
        let field = |name: &str| case.get(name).and_then(Json::as_str).unwrap_or_default();
        if commands {
            let now = DateTime::UNIX_EPOCH.with_timezone(&Tz::UTC);
            let context = Context { now, locale: Locale::UnitedStates, policy: &policy };
            let class = class(field("utterance"), &context);
            writeln!(out, "{}", json!({"id": field("id"), "cls": class}))?;
            continue;
        }
        let reference = DateTime::parse_from_rfc3339(field("reference"))?;
        let locale = match field("locale") {
            "en-GB" | "en-AU" | "en-NZ" | "en-IE" => Locale::International,
            _ => Locale::UnitedStates,
        };
        let context = Context {
            now: reference.with_timezone(&zone_of(reference.offset().local_minus_utc())),
            locale,
            policy: &policy,
        };
        let found = time::parse(field("utterance"), &context);
        let mut prediction = time::principal(&found, &context)
            .map_or_else(|| json!({"kind": "none"}), |found| printed(&found, &context));
        if let Some(fields) = prediction.as_object_mut() {
            fields.insert("id".to_owned(), json!(field("id")));
        }
        writeln!(out, "{prediction}")?;
    }
    Ok(())
}

/// What the Boss alone can give or do; taking anything else for one of these is a false command.
const OWN: [&str; 7] =
    ["create_event", "query_calendar", "update_cancel_event", "set_reminder", "send_email", "query_email", "time_date"];

/// How often the class is right, on the corrected labels and on the published ones.
fn score(cleaned: &str, policy: &Policy) -> Result<(), Box<dyn std::error::Error>> {
    let now = DateTime::UNIX_EPOCH.with_timezone(&Tz::UTC);
    let context = Context { now, locale: Locale::UnitedStates, policy };
    let corrected: HashMap<&str, &str> =
        cleaned.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t')).collect();
    let mut tallies = [("corrected", Tally::default()), ("as published", Tally::default())];
    for line in std::io::stdin().lock().lines() {
        let case: Json = serde_json::from_str(&line?)?;
        let field = |name: &str| case.get(name).and_then(Json::as_str).unwrap_or_default();
        let Some(label) = corrected.get(field("id")).and_then(|labels| labels.split('\t').next()) else { continue };
        let predicted = class(field("utterance"), &context);
        for ((_, tally), label) in tallies.iter_mut().zip([label, field("cls")]) {
            tally.add(label, predicted);
        }
    }
    println!("{:13} {:>5} {:>9} {:>15} {:>10}", "labels", "rows", "accuracy", "false commands", "own found");
    for (name, tally) in tallies {
        let share = |part: u32, whole: u32| 100.0 * f64::from(part) / f64::from(whole.max(1));
        println!(
            "{name:13} {:5} {:8.2}% {:14.2}% {:9.1}%",
            tally.rows,
            share(tally.right, tally.rows),
            share(tally.false_commands, tally.rows - tally.own),
            share(tally.own_right, tally.own),
        );
    }
    Ok(())
}

#[derive(Default)]
struct Tally {
    rows: u32,
    right: u32,
    own: u32,
    own_right: u32,
    false_commands: u32,
}

impl Tally {
    fn add(&mut self, label: &str, predicted: &str) {
        let own = OWN.contains(&label);
        self.rows += 1;
        self.right += u32::from(label == predicted);
        self.own += u32::from(own);
        self.own_right += u32::from(own && label == predicted);
        self.false_commands += u32::from(!own && OWN.contains(&predicted));
    }
}

/// The class of commands, coarser than the Boss's own, that the sentence belongs to.
fn class(utterance: &str, context: &Context<'_>) -> &'static str {
    let command = understand(utterance, context).command;
    // Alarms are reminders here and something else in the published classes.
    let lower = utterance.to_lowercase();
    let reminder =
        matches!(command, Command::SetReminder { .. } | Command::ListReminders { .. } | Command::CancelReminder { .. });
    if reminder && (lower.contains("alarm") || lower.contains("wake")) {
        return "none";
    }
    match Topic::of(&command) {
        Topic::NewAppointment => "create_event",
        Topic::Agenda => "query_calendar",
        Topic::Change => "update_cancel_event",
        Topic::NewReminder => "set_reminder",
        Topic::WriteMail => "send_email",
        Topic::ReadMail => "query_email",
        Topic::Clock => "time_date",
        Topic::Conversation => "general",
        Topic::Other => "none",
    }
}

/// A zone with a fixed offset.
fn zone_of(offset: i32) -> Tz {
    let hours = offset / 3600;
    let name = match hours {
        0 => "UTC".to_owned(),
        _ if offset == 19_800 => "Asia/Kolkata".to_owned(),
        ahead @ 1.. => format!("Etc/GMT-{ahead}"),
        behind => format!("Etc/GMT+{}", -behind),
    };
    name.parse().unwrap_or(Tz::UTC)
}

fn grain_name(grain: Grain) -> &'static str {
    match grain {
        Grain::Second => "second",
        Grain::Minute => "minute",
        Grain::Hour | Grain::PartOfDay => "hour",
        Grain::Day | Grain::Weekend => "day",
        Grain::Week => "week",
        Grain::Month => "month",
        Grain::Quarter => "quarter",
        Grain::Year => "year",
    }
}

fn instant(at: DateTime<Tz>) -> String {
    at.with_timezone(&at.offset().fix()).to_rfc3339()
}

fn date(start: NaiveDate, grain: Grain) -> String {
    match grain {
        Grain::Week => start.format("%G-W%V").to_string(),
        Grain::Month => start.format("%Y-%m").to_string(),
        Grain::Quarter => format!("{}-Q{}", start.format("%Y"), chrono::Datelike::month0(&start) / 3 + 1),
        Grain::Year => start.format("%Y").to_string(),
        Grain::Second | Grain::Minute | Grain::Hour | Grain::PartOfDay | Grain::Day | Grain::Weekend => {
            start.format("%Y-%m-%d").to_string()
        }
    }
}

fn duration(span: Span) -> String {
    let part = |n: i64, unit: &str| if n == 0 { String::new() } else { format!("{n}{unit}") };
    let time = if span.seconds == 0 { String::new() } else { format!("T{}S", span.seconds) };
    format!("P{}{}{time}", part(i64::from(span.months), "M"), part(i64::from(span.days), "D"))
}

fn printed(found: &Found, context: &Context<'_>) -> Json {
    match &found.value {
        Value::Instant { at, grain } => json!({"kind": "instant", "value": instant(*at), "grain": grain_name(*grain)}),
        Value::Date { start, grain: Grain::Weekend } => {
            let zone = context.now.timezone();
            let at = |date: NaiveDate| {
                instant(
                    xswarm_core::time::resolve_local(date.and_time(chrono::NaiveTime::MIN), zone).with_timezone(&zone),
                )
            };
            let end = *start + chrono::Days::new(2);
            json!({"kind": "interval", "value": format!("{}/{}", at(*start), at(end)), "grain": "day"})
        }
        Value::Date { start, grain } => {
            json!({"kind": "date", "value": date(*start, *grain), "grain": grain_name(*grain)})
        }
        // A part of the day is scored as the moment it begins.
        Value::Interval { start: Some(start), grain: Grain::PartOfDay, .. } => {
            json!({"kind": "instant", "value": instant(*start), "grain": "hour"})
        }
        Value::Interval { start, end, grain } => {
            let side = |at: &Option<DateTime<Tz>>| at.map_or_else(|| "..".to_owned(), instant);
            json!({"kind": "interval", "value": format!("{}/{}", side(start), side(end)), "grain": grain_name(*grain)})
        }
        Value::Duration(span) => json!({"kind": "duration", "value": duration(*span)}),
        Value::Recurrence(repeat) => {
            let list = |numbers: Vec<u32>| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let times = if repeat.times.is_empty() {
                String::new()
            } else {
                let hours = list(repeat.times.iter().map(Timelike::hour).collect());
                let mut minutes: Vec<u32> = repeat.times.iter().map(Timelike::minute).collect();
                minutes.dedup();
                format!(";BYHOUR={hours};BYMINUTE={}", list(minutes))
            };
            let start = repeat.start.map(|start| start.format(";DTSTART=%Y%m%d").to_string()).unwrap_or_default();
            let text = format!("{}{times}{start}", repeat.rule);
            json!({"kind": "recurrence", "value": text})
        }
    }
}
