//! Edits of series: examples, and what holds of any series.

use chrono::{NaiveDate, TimeZone};
use proptest::prelude::*;

use super::*;
use crate::{appointment::Occurrence, id::UserId};

const BERLIN: Tz = chrono_tz::Europe::Berlin;

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap()
}

fn at(zone: Tz, day: &str, hour: u32, minute: u32) -> DateTime<Utc> {
    let day: NaiveDate = day.parse().unwrap();
    resolve_local(day.and_hms_opt(hour, minute, 0).unwrap(), zone)
}

fn series(rule: &str, start: DateTime<Utc>, zone: Tz) -> Appointment {
    Appointment {
        id: AppointmentId::new(now()),
        user_id: UserId::new(now()),
        title: "Yoga".into(),
        description: None,
        start,
        end: start + Duration::minutes(45),
        timezone: zone,
        location: None,
        participants: Vec::new(),
        recurrence: (!rule.is_empty()).then(|| rule.parse().unwrap()),
        additional: Vec::new(),
        exceptions: Exceptions::default(),
        all_day: false,
        source: AppointmentSource::BOSS,
        reminder_minutes: None,
        status: AppointmentStatus::Confirmed,
        generation: 3,
        version: 7,
        created_at: now(),
        updated_at: now(),
    }
}

fn occurrences(series: &Appointment) -> Vec<Occurrence> {
    if series.status == AppointmentStatus::Cancelled {
        return Vec::new();
    }
    series.occurrences_from(DateTime::UNIX_EPOCH).unwrap().take(80).collect()
}

fn starts(series: &Appointment) -> Vec<String> {
    let local = |one: Occurrence| one.start.with_timezone(&series.timezone).format("%m-%d %H:%M").to_string();
    occurrences(series).into_iter().map(local).collect()
}

fn this(scope: Scope, recurrence_id: DateTime<Utc>) -> Target {
    Target { scope, recurrence_id }
}

fn to(start: DateTime<Utc>) -> ChangedOccurrence {
    let end = start + Duration::minutes(45);
    ChangedOccurrence { start, end, title: None, description: None, location: None }
}

#[test]
fn one_is_left_out_or_moved_and_the_others_stay() {
    let yoga = series("FREQ=WEEKLY;COUNT=3", at(BERLIN, "2026-03-20", 9, 0), BERLIN);
    let second = at(BERLIN, "2026-03-27", 9, 0);
    let without = cancelled(&yoga, this(Scope::This, second), now()).unwrap();
    assert_eq!(starts(&without.series), ["03-20 09:00", "04-03 09:00"]);
    assert_eq!((without.series.generation, without.rest), (4, None));
    let later = to(at(BERLIN, "2026-03-28", 10, 0));
    let moved = changed(&yoga, this(Scope::This, second), &later, now()).unwrap().series;
    assert_eq!(starts(&moved), ["03-20 09:00", "03-28 10:00", "04-03 09:00"]);
    // It is still called by its first name, and what was said of it before is kept.
    let named = ChangedOccurrence { title: Some("Yoga in the park".into()), ..later };
    let again = changed(&moved, this(Scope::This, second), &named, now()).unwrap().series;
    let back = changed(&again, this(Scope::This, second), &to(second), now()).unwrap().series;
    assert_eq!(back.occurrence_at(second).unwrap().unwrap().title, "Yoga in the park");
    let gone = this(Scope::This, at(BERLIN, "2026-03-28", 10, 0));
    assert_eq!(cancelled(&moved, gone, now()), Err(SeriesError::NoSuchOccurrence));
}

#[test]
fn this_and_following_moves_on_under_an_id_of_its_own() {
    let mut yoga = series("FREQ=WEEKLY;COUNT=4", at(BERLIN, "2026-03-20", 9, 0), BERLIN);
    yoga.source.uid = Some("yoga@example.com".into());
    let third = at(BERLIN, "2026-04-03", 9, 0);
    let Edited { series, rest } =
        changed(&yoga, this(Scope::Following, third), &to(at(BERLIN, "2026-04-04", 10, 0)), now()).unwrap();
    let rest = rest.unwrap();
    assert_eq!(starts(&series), ["03-20 09:00", "03-27 09:00"]);
    assert_eq!(starts(&rest), ["04-04 10:00", "04-11 10:00"]);
    assert_eq!(series.recurrence.unwrap().to_string(), "FREQ=WEEKLY;UNTIL=20260402T235959Z");
    assert_eq!(rest.recurrence.unwrap().to_string(), "FREQ=WEEKLY;COUNT=2");
    assert_ne!(rest.id, series.id);
    assert_eq!((rest.source.uid, series.source.uid.as_deref()), (None, Some("yoga@example.com")));
    assert_eq!((rest.generation, rest.version), (0, 1));
    let ended = cancelled(&yoga, this(Scope::Following, third), now()).unwrap();
    assert_eq!((starts(&ended.series).len(), ended.rest), (2, None));
    let first = cancelled(&yoga, this(Scope::Following, yoga.start), now()).unwrap();
    assert_eq!(first.series.status, AppointmentStatus::Cancelled);
}

#[test]
fn all_of_it_moves_with_its_exceptions() {
    let mut yoga = series("FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20260410T235959", at(BERLIN, "2026-03-27", 9, 0), BERLIN);
    let (monday, friday) = (at(BERLIN, "2026-03-30", 9, 0), at(BERLIN, "2026-04-03", 9, 0));
    yoga.exceptions.insert(monday, Exception::Skipped { reason: SkipReason::Cancelled });
    yoga.exceptions.insert(friday, Exception::Changed(to(at(BERLIN, "2026-04-03", 15, 0))));
    yoga.additional = vec![at(BERLIN, "2026-04-01", 9, 0)];
    let first = this(Scope::All, yoga.start);
    let tenth = changed(&yoga, first, &to(at(BERLIN, "2026-03-27", 10, 30)), now()).unwrap().series;
    let expected = ["03-27 10:30", "04-01 10:30", "04-03 15:00", "04-06 10:30", "04-10 10:30"];
    assert_eq!(starts(&tenth), expected);
    let next_day = changed(&yoga, first, &to(at(BERLIN, "2026-03-28", 9, 0)), now()).unwrap().series;
    assert_eq!(next_day.recurrence.as_ref().unwrap().to_string(), "FREQ=WEEKLY;BYDAY=TU,SA;UNTIL=20260411T235959Z");
    assert_eq!(starts(&next_day), ["03-28 09:00", "04-02 09:00", "04-03 15:00", "04-07 09:00", "04-11 09:00"]);
}

#[test]
fn days_that_cannot_move_are_told_and_times_that_end_early_too() {
    let first_monday = series("FREQ=MONTHLY;BYDAY=1MO", at(BERLIN, "2026-04-06", 9, 0), BERLIN);
    let next_day = to(at(BERLIN, "2026-04-07", 9, 0));
    let all = this(Scope::All, first_monday.start);
    assert_eq!(changed(&first_monday, all, &next_day, now()), Err(SeriesError::Immovable));
    let last_day = series("FREQ=MONTHLY;BYMONTHDAY=-1", at(BERLIN, "2026-04-30", 9, 0), BERLIN);
    let may = to(at(BERLIN, "2026-05-01", 9, 0));
    assert_eq!(changed(&last_day, this(Scope::All, last_day.start), &may, now()), Err(SeriesError::Immovable));
    let backwards = ChangedOccurrence { end: next_day.start, ..next_day };
    assert_eq!(changed(&first_monday, all, &backwards, now()), Err(SeriesError::EndsBeforeStart));
}

#[test]
fn a_count_beyond_counting_is_refused_only_where_it_has_to_be_counted() {
    let daily = series("FREQ=DAILY;COUNT=1000000000", at(BERLIN, "2026-01-01", 9, 0), BERLIN);
    let soon = at(BERLIN, "2026-02-01", 9, 0);
    let (_, rest) = split(&daily, soon, now()).unwrap();
    assert_eq!(rest.recurrence.unwrap().to_string(), "FREQ=DAILY;COUNT=999999969");
    let never = series("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31", at(BERLIN, "2026-01-01", 9, 0), BERLIN);
    assert_eq!(split(&never, never.start, now()), Err(SeriesError::NoSuchOccurrence));
}

#[test]
fn an_hour_that_daylight_saving_skips_begins_no_series() {
    let night = series("FREQ=DAILY;COUNT=5", at(BERLIN, "2026-03-27", 2, 30), BERLIN);
    let gap = at(BERLIN, "2026-03-29", 2, 30);
    let (before, rest) = split(&night, gap, now()).unwrap();
    assert_eq!(starts(&before.unwrap()), ["03-27 02:30", "03-28 02:30"]);
    assert_eq!(starts(&rest), ["03-29 03:30", "03-30 02:30", "03-31 02:30"]);
    // The name of an exception follows its occurrence, not what the clock showed that night.
    let without = skipped(&night, gap, SkipReason::Cancelled, now()).unwrap();
    let later = to(at(BERLIN, "2026-03-27", 4, 0));
    let moved = changed(&without, this(Scope::All, night.start), &later, now()).unwrap().series;
    assert_eq!(starts(&moved), ["03-27 04:00", "03-28 04:00", "03-30 04:00", "03-31 04:00"]);
}

/// A series with exceptions and further dates.
fn any_series() -> impl Strategy<Value = Appointment> {
    let rules = prop::sample::select(vec![
        "",
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "FREQ=MONTHLY",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1,15,-1",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=YEARLY",
        "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU",
        "FREQ=HOURLY;INTERVAL=7",
    ]);
    let zones = prop::sample::select(vec![
        BERLIN,
        chrono_tz::America::New_York,
        chrono_tz::Australia::Lord_Howe,
        chrono_tz::America::Santiago,
        chrono_tz::UTC,
    ]);
    let ends = prop_oneof![Just(None), (1_u32..40).prop_map(Some)];
    let others = prop::collection::vec((0_usize..30, 0_i64..3_000, any::<bool>()), 0..6);
    (rules, zones, 0_i64..60_000, ends, others).prop_map(|(rule, zone, start, count, others)| {
        let rule = count.filter(|_| !rule.is_empty()).map_or(rule.to_owned(), |count| format!("{rule};COUNT={count}"));
        let mut series = series(&rule, now() + Duration::minutes(start * 15), zone);
        for (index, offset, skip) in others {
            let known = occurrences(&series);
            let Some(one) = known.get(index) else {
                series.additional.push(series.start + Duration::minutes(offset * 15));
                continue;
            };
            let moved = to(one.start + Duration::minutes(offset));
            let skipped = Exception::Skipped { reason: SkipReason::Holiday };
            series.exceptions.insert(one.recurrence_id, if skip { skipped } else { Exception::Changed(moved) });
        }
        series
    })
}

/// What tells occurrences apart, whichever series they are of; of the first half, so that what was cut off is the same.
fn told_apart(mut all: Vec<Occurrence>) -> Vec<(DateTime<Utc>, DateTime<Utc>, DateTime<Utc>)> {
    all.sort_by_key(|one| (one.recurrence_id, one.start));
    all.dedup_by_key(|one| one.recurrence_id);
    all.into_iter().map(|one| (one.recurrence_id, one.start, one.end)).take(30).collect()
}

proptest! {
    #[test]
    fn a_series_split_in_two_occurs_when_it_did(series in any_series(), index in 0_usize..25) {
        let all = occurrences(&series);
        let Some(one) = all.get(index) else { return Ok(()) };
        let (before, rest) = split(&series, one.recurrence_id, now()).unwrap();
        let first = before.as_ref().map(occurrences).unwrap_or_default();
        prop_assert!(first.iter().all(|other| other.recurrence_id < one.recurrence_id));
        prop_assert!(occurrences(&rest).iter().all(|other| other.recurrence_id >= one.recurrence_id));
        let both = first.into_iter().chain(occurrences(&rest)).collect();
        prop_assert_eq!(told_apart(all), told_apart(both));
    }

    #[test]
    fn leaving_one_out_leaves_exactly_that_one_out(series in any_series(), index in 0_usize..25) {
        let mut all = occurrences(&series);
        if index >= all.len() {
            return Ok(());
        }
        let one = all.remove(index);
        let less = skipped(&series, one.recurrence_id, SkipReason::Cancelled, now()).unwrap();
        let mut left = occurrences(&less);
        left.truncate(all.len());
        prop_assert_eq!(told_apart(all), told_apart(left));
        prop_assert_eq!(less.occurrence_at(one.recurrence_id).unwrap(), None);
    }

    #[test]
    fn all_of_a_series_moves_alike_or_not_at_all(series in any_series(), minutes in -700_i64..700) {
        let local = |at: DateTime<Utc>| at.with_timezone(&series.timezone).naive_local();
        let Some(first) = occurrences(&series).into_iter().find(|one| one.start == one.recurrence_id) else {
            return Ok(());
        };
        let target = to(first.start + Duration::minutes(minutes));
        let Ok(Edited { series: moved, rest: None }) = changed(&series, this(Scope::All, first.recurrence_id), &target, now())
        else {
            return Ok(());
        };
        let by = local(target.start) - local(first.start);
        let expected: Vec<_> = occurrences(&series).into_iter().take(20).filter(|one| one.start == one.recurrence_id)
            .map(|one| local(one.start) + by).collect();
        let found: Vec<_> = occurrences(&moved).into_iter().map(|one| local(one.start)).collect();
        // What daylight saving moved that night is a matter of its own.
        let far = expected.iter().filter(|at| !found.iter().any(|other| (**at - *other).abs() <= Duration::hours(1)));
        prop_assert_eq!(far.count(), 0);
    }
}
