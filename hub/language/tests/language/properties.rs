//! What holds for every text and every value.

use chrono::{DateTime, Duration, NaiveDate, TimeZone, Timelike};
use chrono_tz::Tz;
use proptest::prelude::*;
use xswarm_core::recurrence::Recurrence;
use xswarm_language::{
    command::{Command, Expecting, understand, understand_answer},
    policy, say,
    time::{Confidence, Context, Grain, Locale, Span, Value, parse},
};

use crate::printed;

const ZONES: [Tz; 5] = [
    Tz::UTC,
    chrono_tz::Europe::Berlin,
    chrono_tz::America::New_York,
    chrono_tz::Asia::Kolkata,
    chrono_tz::Pacific::Auckland,
];

/// Words that times and commands are made of, thrown together.
const WORDS: &[&str] = &[
    "tomorrow",
    "next",
    "friday",
    "at",
    "3",
    "pm",
    "15:30",
    "every",
    "other",
    "the",
    "15th",
    "of",
    "month",
    "in",
    "2",
    "hours",
    "from",
    "to",
    "-",
    "until",
    "last",
    "first",
    "monday",
    "march",
    "2027",
    "and",
    "a",
    "half",
    "quarter",
    "past",
    "before",
    "after",
    "noon",
    "midnight",
    "week",
    "weekend",
    "ago",
    "except",
    "on",
    ",",
    ".",
    "/",
    "am",
    "twice",
    "for",
    "times",
    "remind",
    "me",
    "schedule",
    "meeting",
    "with",
    "anna",
    "cancel",
    "move",
    "timer",
    "set",
    "what",
    "\"",
    "'",
    "’s",
    "é",
    "🎉",
    "99999999999",
    "31",
    "30",
    "february",
    "utc",
    "+",
    "02",
    "z",
    "t",
    "starting",
    "daily",
    "may",
    "second",
    "one",
    "twenty",
    "hundred",
    "today",
    "tonight",
    "now",
    "morning",
    "eod",
    "christmas",
    "q",
    "rest",
    "by",
    "no",
    "yes",
    "snooze",
];

fn context(now: DateTime<Tz>) -> Context<'static> {
    Context { now, locale: Locale::International, policy: &policy::DEFAULT }
}

fn word_salad() -> impl Strategy<Value = String> {
    (prop::collection::vec(prop::sample::select(WORDS), 0..30), prop::sample::select(&["", " ", "  ", "-"][..]))
        .prop_map(|(words, joint)| words.join(joint))
}

fn moments() -> impl Strategy<Value = DateTime<Tz>> {
    (1_600_000_000_i64..2_500_000_000, prop::sample::select(&ZONES[..]))
        .prop_map(|(seconds, zone)| zone.timestamp_opt(seconds, 0).unwrap())
}

/// What a guess may be: what the Boss asks about before it acts, or what only tells something.
fn is_asked_or_told(command: &Command) -> bool {
    matches!(
        command,
        Command::CreateAppointment(_)
            | Command::SetReminder { .. }
            | Command::MoveAppointment { .. }
            | Command::CancelAppointment { .. }
            | Command::SendMail { .. }
            | Command::ReadMail
            | Command::ShowAgenda { .. }
            | Command::ListReminders { .. }
            | Command::TellTime { .. }
            | Command::TellDate { .. }
    )
}

fn look_at(text: &str, now: DateTime<Tz>) {
    let context = context(now);
    for found in parse(text, &context) {
        assert!(text.get(found.span.clone()).is_some_and(|words| !words.is_empty()), "{:?} of {text:?}", found.span);
    }
    let understood = understand(text, &context);
    assert!(understood.sure || is_asked_or_told(&understood.command), "{text:?}: {understood:?}");
    for expecting in
        [Expecting::Time, Expecting::Duration, Expecting::Title, Expecting::YesNo, Expecting::Choice { of: 3 }]
    {
        let _ = understand_answer(text, expecting, &context);
    }
}

/// The one value of the text.
fn only(text: &str, now: DateTime<Tz>) -> Option<Value> {
    let mut found = parse(text, &context(now));
    assert!(found.len() <= 1, "{text:?} says more than one thing: {found:?}");
    found
        .pop()
        .filter(|found| found.confidence == Confidence::Certain && found.span == (0..text.len()))
        .map(|found| found.value)
}

/// A whole minute that the clocks show only once.
fn whole_minute(at: DateTime<Tz>) -> Option<DateTime<Tz>> {
    let at = at.with_second(0)?;
    at.timezone().from_local_datetime(&at.naive_local()).single()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}", now in moments()) {
        look_at(&text, now);
    }

    #[test]
    fn no_salad_of_words_makes_it_panic(text in word_salad(), now in moments()) {
        look_at(&text, now);
    }

    #[test]
    fn a_moment_said_is_the_moment_understood(at in moments(), now in moments()) {
        let Some(at) = whole_minute(at) else { return Ok(()) };
        let said = say::moment(at);
        let now = now.with_timezone(&at.timezone());
        let Some(Value::Instant { at: understood, .. }) = only(&said, now) else { panic!("{said}") };
        // Two zones may share an abbreviation; it is the person's own that counts.
        prop_assert_eq!(understood, at, "{}", said);
    }

    #[test]
    fn a_date_said_is_the_date_understood(days in 0_i64..60_000, now in moments()) {
        let day = NaiveDate::from_ymd_opt(1950, 1, 1).unwrap() + Duration::days(days);
        let said = say::date(day);
        prop_assert_eq!(only(&said, now), Some(Value::Date { start: day, grain: Grain::Day }), "{}", said);
    }

    #[test]
    fn a_length_said_is_the_length_understood(months in 0_i32..40, days in 0_i32..40, seconds in 0_i64..200_000, now in moments()) {
        let span = Span { months, days, seconds };
        prop_assume!(!span.is_zero());
        let said = say::duration(span);
        prop_assert_eq!(only(&said, now), Some(Value::Duration(span)), "{}", said);
    }

    #[test]
    fn an_interval_said_is_the_interval_understood(start in moments(), minutes in 1_i64..3_000, now in moments()) {
        let Some(start) = whole_minute(start) else { return Ok(()) };
        let Some(end) = whole_minute(start + Duration::minutes(minutes)) else { return Ok(()) };
        prop_assume!(end > start);
        let said = say::interval(start, end);
        let now = now.with_timezone(&start.timezone());
        let Some(Value::Interval { start: from, end: to, .. }) = only(&said, now) else { panic!("{said}") };
        prop_assert_eq!((from, to), (Some(start), Some(end)), "{}", said);
    }
}

#[test]
fn a_recurrence_said_is_the_recurrence_understood() {
    let now = printed::usual().now;
    for rule in [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=2",
        "FREQ=DAILY;INTERVAL=3;COUNT=5",
        "FREQ=HOURLY",
        "FREQ=HOURLY;INTERVAL=4",
        "FREQ=MINUTELY;INTERVAL=15",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;BYDAY=FR",
        "FREQ=WEEKLY;BYDAY=MO,WE",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
        "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,TH",
        "FREQ=WEEKLY;BYDAY=TU;UNTIL=20270630T235959Z",
        "FREQ=MONTHLY",
        "FREQ=MONTHLY;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=3",
        "FREQ=MONTHLY;BYDAY=1MO",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;INTERVAL=3;BYDAY=2TU",
        "FREQ=YEARLY",
        "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25",
        "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
        "FREQ=YEARLY;BYMONTH=8",
        "FREQ=YEARLY;BYWEEKNO=30",
        "FREQ=YEARLY;INTERVAL=2;BYWEEKNO=12;BYDAY=FR",
        "FREQ=YEARLY;BYWEEKNO=7;BYDAY=MO,TH",
        "FREQ=YEARLY;BYYEARDAY=200",
        "FREQ=YEARLY;BYYEARDAY=-1",
        "FREQ=SECONDLY;INTERVAL=90",
    ] {
        let rule: Recurrence = rule.parse().unwrap();
        for times in [vec![], vec![chrono::NaiveTime::from_hms_opt(9, 0, 0).unwrap()]] {
            let said = say::recurrence(&rule, &times);
            let Some(Value::Recurrence(understood)) = only(&said, now) else {
                panic!("{said}: {:?}", parse(&said, &context(now)))
            };
            assert_eq!(understood.rule.to_string(), rule.to_string(), "{said}");
            assert_eq!(understood.times, times, "{said}");
        }
    }
}

#[test]
fn long_and_hostile_text_is_bounded() {
    let now = printed::usual().now;
    for piece in [
        "every monday and ",
        "1-2-3-4-",
        "from to from to ",
        "3pm ",
        "the last day of ",
        "/",
        "\"",
        "9:9:9:",
        "next next ",
    ] {
        look_at(&piece.repeat(5_000), now);
    }
}
