//! What changes with the person: the order of numeric dates, the conventions, the zone, the hour of the day.

use xswarm_language::{
    policy::{self, NextWeekday, Policy},
    time::{Context, Locale, parse},
};

use crate::printed;

fn first(sentence: &str, context: &Context<'_>) -> String {
    parse(sentence, context).first().map_or_else(|| "nothing".to_owned(), |found| printed::value(&found.value))
}

#[test]
fn numeric_dates_follow_the_locale() {
    let context = Context { locale: Locale::International, ..printed::usual() };
    printed::check(
        r"
        3/12/2026 => 2026-12-03
        12/3 => 2027-03-12
        25/12 => 2026-12-25
        12/25 => 2026-12-25
        1.2.2027 => 2027-02-01
        2027-02-01 => 2027-02-01
        ",
        |sentence| first(sentence, &context),
    );
}

#[test]
fn conventions_are_data() {
    let policy = Policy {
        next_weekday: NextWeekday::FirstAhead,
        afternoon_from: 1,
        afternoon_to: 8,
        midnight_ends_day: false,
        few: 4,
        ..policy::DEFAULT
    };
    let context = Context { policy: &policy, ..printed::usual() };
    printed::check(
        r"
        next Friday => 2026-11-27
        Friday at 8 => 2026-11-27 20:00
        Friday at 9 => 2026-11-27 09:00
        Friday at midnight => 2026-11-27 00:00
        in a few days => 2026-11-28 09:30
        ",
        |sentence| first(sentence, &context),
    );
}

#[test]
fn a_bare_time_is_the_next_one() {
    let evening = printed::at("2026-11-24 20:15", chrono_tz::Europe::Berlin);
    printed::check(
        r"
        at 9 => 2026-11-24 21:00
        at 7 => 2026-11-25 07:00
        at 3 => 2026-11-25 15:00
        8pm => 2026-11-25 20:00
        at noon => 2026-11-25 12:00
        this morning => 2026-11-24 06:00/2026-11-24 12:00
        in the afternoon => 2026-11-25 12:00/2026-11-25 18:00
        tonight at 9 => 2026-11-24 21:00
        11 => 2026-11-24 23:00
        ",
        |sentence| first(sentence, &evening),
    );
}

#[test]
fn other_readings_are_kept() {
    let found = parse("at 8", &printed::usual());
    let others: Vec<String> = found[0].alternatives.iter().map(printed::value).collect();
    assert_eq!(
        (printed::value(&found[0].value).as_str(), others.as_slice()),
        ("2026-11-24 20:00", &["2026-11-25 08:00".to_owned()][..])
    );
    assert!(parse("at 8pm", &printed::usual())[0].alternatives.is_empty());
    for (sentence, others) in [
        ("next Friday", &["2026-11-27"][..]),
        ("next Friday at 10am", &["2026-11-27 10:00"][..]),
        ("3/4/2027", &["2027-04-03"][..]),
        ("March 3", &["2026-03-03"][..]),
        ("Friday", &[][..]),
        ("25/12/2026", &[][..]),
        ("2027-03-04", &[][..]),
        ("December 3", &[][..]),
    ] {
        let found = parse(sentence, &printed::usual());
        let alternatives: Vec<String> = found[0].alternatives.iter().map(printed::value).collect();
        assert_eq!(alternatives, others, "{sentence}");
    }
}

#[test]
fn daylight_saving_has_a_stated_rule() {
    let berlin = printed::at("2026-03-27 12:00", chrono_tz::Europe::Berlin);
    let autumn = printed::at("2026-10-23 12:00", chrono_tz::Europe::Berlin);
    // 02:30 does not exist on 29 March; it occurs twice on 25 October and the first one counts.
    assert_eq!(first("Sunday at 2:30am", &berlin), "2026-03-29 03:30");
    assert_eq!(first("in 2 days", &berlin), "2026-03-29 12:00");
    assert_eq!(first("in 48 hours", &berlin), "2026-03-29 13:00");
    let found = parse("Sunday at 2:30am", &autumn);
    assert_eq!(found[0].value.as_instant().unwrap().to_rfc3339(), "2026-10-25T02:30:00+02:00");
}

#[test]
fn spans_cover_the_words_of_the_time() {
    for (sentence, words) in [
        ("Lunch with Zoë on Friday at noon, please", "on Friday at noon"),
        ("🎉 party tomorrow at 8pm 🎉", "tomorrow at 8pm"),
        ("call Ben at 3", "at 3"),
        ("gym every Tuesday and Thursday at 6pm with Kim", "every Tuesday and Thursday at 6pm"),
        ("the 3pm–4pm slot", "3pm–4pm"),
    ] {
        let found = parse(sentence, &printed::usual());
        assert_eq!(found.first().and_then(|found| sentence.get(found.span.clone())), Some(words), "{sentence}");
    }
}

#[test]
fn every_convention_can_be_another() {
    for (name, value, sentence, usual, other) in [
        ("next_weekday", "first_ahead", "next Friday", "2026-12-04", "2026-11-27"),
        ("afternoon_to", "8", "tomorrow at 7", "2026-11-25 07:00", "2026-11-25 19:00"),
        ("afternoon_from", "3", "tomorrow at 2", "2026-11-25 14:00", "2026-11-25 02:00"),
        (
            "early_morning",
            "4-7",
            "tomorrow early in the morning",
            "2026-11-25 05:00/2026-11-25 09:00",
            "2026-11-25 04:00/2026-11-25 07:00",
        ),
        (
            "morning",
            "7-11",
            "tomorrow morning",
            "2026-11-25 06:00/2026-11-25 12:00",
            "2026-11-25 07:00/2026-11-25 11:00",
        ),
        (
            "lunch",
            "11-13",
            "tomorrow at lunchtime",
            "2026-11-25 12:00/2026-11-25 14:00",
            "2026-11-25 11:00/2026-11-25 13:00",
        ),
        (
            "afternoon",
            "13-17",
            "tomorrow afternoon",
            "2026-11-25 12:00/2026-11-25 18:00",
            "2026-11-25 13:00/2026-11-25 17:00",
        ),
        ("evening", "17-23", "tonight", "2026-11-24 18:00/2026-11-24 22:00", "2026-11-24 17:00/2026-11-24 23:00"),
        ("night", "21-24", "last night", "2026-11-23 20:00/2026-11-24 00:00", "2026-11-23 21:00/2026-11-24 00:00"),
        ("weekend", "friday", "next weekend", "weekend 2026-12-05", "weekend 2026-12-04"),
        ("weekend", "friday", "every weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "FREQ=WEEKLY;BYDAY=SU,MO,TU,WE,TH"),
        ("weekend", "friday", "in three business days", "2026-11-27", "2026-11-29"),
        ("end_of_day", "18:30", "tomorrow by the end of the day", "2026-11-25 17:00", "2026-11-25 18:30"),
        ("midnight_ends_day", "no", "Friday at midnight", "2026-11-28 00:00", "2026-11-27 00:00"),
        ("keeps_clock_time", "no", "in three days", "2026-11-27 09:30", "2026-11-27"),
        ("couple", "3", "in a couple of days", "2026-11-26 09:30", "2026-11-27 09:30"),
        ("few", "4", "in a few days", "2026-11-27 09:30", "2026-11-28 09:30"),
        ("century_pivot", "90", "3 May 76", "1976-05-03", "2076-05-03"),
        ("month_day_ahead", "no", "March 3", "2027-03-03", "2026-03-03"),
        ("weekday_date_past_days", "5", "Sunday, November 15", "2026-11-15", "2027-11-15"),
    ] {
        assert_eq!(first(sentence, &printed::usual()), usual, "{sentence}");
        let mut policy = Policy::default();
        policy.set(name, value).unwrap();
        let context = Context { policy: &policy, ..printed::usual() };
        assert_eq!(first(sentence, &context), other, "{name}={value}: {sentence}");
    }
}

#[test]
fn an_abbreviation_is_the_persons_own_where_it_can_be() {
    let dublin = printed::at("2026-07-01 09:00", chrono_tz::Europe::Dublin);
    let kolkata = printed::at("2026-07-01 09:00", chrono_tz::Asia::Kolkata);
    let berlin = printed::at("2026-11-24 09:00", chrono_tz::Europe::Berlin);
    assert_eq!(first("today at 3pm IST", &dublin), "2026-07-01 15:00");
    assert_eq!(first("today at 3pm IST", &kolkata), "2026-07-01 15:00");
    assert_eq!(first("today at 3pm IST", &berlin), "2026-11-24 10:30");
    // No summer time in Berlin in 1978, but there was some in Paris.
    assert_eq!(first("11 May 1978 at 2:00 PM CET", &berlin), "1978-05-11 14:00");
}
