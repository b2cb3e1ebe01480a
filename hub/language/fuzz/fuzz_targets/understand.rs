//! Any text, at any moment, in a few zones and under odd conventions: nothing panics, spans lie on characters, and what
//! the Boss says of an instant is read back as that instant.
#![no_main]

use chrono::{DateTime, Datelike, Duration, TimeZone, Timelike};
use chrono_tz::Tz;
use libfuzzer_sys::fuzz_target;
use xswarm_language::{
    command::{Expecting, features, understand, understand_answer},
    policy::{Policy, SETTINGS},
    say,
    time::{Context, Locale, Value, parse_all, principal},
};

const ZONES: [Tz; 5] = [
    Tz::UTC,
    chrono_tz::Europe::Berlin,
    chrono_tz::America::New_York,
    chrono_tz::Asia::Kathmandu,
    chrono_tz::Pacific::Apia,
];

/// What the Boss says of an instant is understood as that instant.
fn reads_back(at: DateTime<Tz>, context: &Context<'_>) {
    let at = at.with_nanosecond(0).unwrap_or(at);
    // An hour that the clocks show twice is named by neither zone nor time alone.
    let once = at.timezone().from_local_datetime(&at.naive_local()).single() == Some(at);
    if !once || !(1900..2200).contains(&at.year()) {
        return;
    }
    let said = say::moment(at);
    let again: Vec<_> = parse_all(&said, context).found.into_iter().map(|found| found.value).collect();
    let [Value::Instant { at: understood, .. }] = again.as_slice() else { panic!("{said}: {again:?}") };
    assert_eq!(*understood, at, "{said}");
}

fuzz_target!(|input: (u32, u8, &[u8])| {
    let (seconds, choices, text) = input;
    let text = String::from_utf8_lossy(text);
    let zone = ZONES[usize::from(choices) % ZONES.len()];
    let Some(now) = DateTime::UNIX_EPOCH.checked_add_signed(Duration::seconds(i64::from(seconds))) else { return };
    let mut policy = Policy::default();
    if choices & 0x40 != 0 {
        for (setting, value) in SETTINGS.iter().zip(["first_ahead", "1", "11", "0-1", "0-24", "23-24"]) {
            let _ = policy.set(setting.name, value);
        }
    }
    let locale = if choices & 0x80 == 0 { Locale::UnitedStates } else { Locale::International };
    let context = Context { now: now.with_timezone(&zone), locale, policy: &policy };

    let times = parse_all(&text, &context);
    for found in &times.found {
        assert!(text.get(found.span.clone()).is_some_and(|words| !words.is_empty()), "a span off the text");
        if let Value::Instant { at, .. } = found.value {
            reads_back(at, &context);
        }
    }
    let _ = principal(&times.found, &context);
    let understood = understand(&text, &context);
    assert_eq!(understood, understand(&text, &context), "the same words, understood twice");
    assert!(features(&text, &context).len() < 60_000);
    for expecting in [Expecting::Time, Expecting::Duration, Expecting::Title, Expecting::YesNo, Expecting::Choice { of: 3 }] {
        let _ = understand_answer(&text, expecting, &context);
    }
});
