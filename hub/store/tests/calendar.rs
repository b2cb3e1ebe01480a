//! The calendar: which occurrences a range shows.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    appointment::{
        Appointment, AppointmentOrigin, AppointmentSource, AppointmentStatus, ChangedOccurrence, Exception, Exceptions,
        Occurrence, SkipReason,
    },
    id::UserId,
    time::to_text,
};
use xswarm_store::{AppointmentChange, StoreError, Tx};

use crate::scratch::{Scratch, appointment, at, instant};

fn single(user: UserId, title: &str, start: &str, end: &str) -> Appointment {
    appointment(user, title, instant(start), instant(end))
}

fn series(user: UserId, title: &str, start: &str, end: &str, rule: &str) -> Appointment {
    Appointment { recurrence: Some(rule.parse().unwrap()), ..single(user, title, start, end) }
}

/// The occurrence of 9 March is left out, that of 16 March is an hour later and elsewhere.
fn exceptions() -> Exceptions {
    let mut exceptions = Exceptions::default();
    exceptions.insert(instant("2026-03-09T14:00:00Z"), Exception::Skipped { reason: SkipReason::Holiday });
    let changed = ChangedOccurrence {
        start: instant("2026-03-16T15:00:00Z"),
        end: instant("2026-03-16T15:30:00Z"),
        title: None,
        description: None,
        location: Some("Room 2".into()),
    };
    exceptions.insert(instant("2026-03-16T14:00:00Z"), Exception::Changed(changed));
    exceptions
}

/// Title and start of each occurrence.
fn shown(occurrences: &[Occurrence]) -> Vec<String> {
    occurrences.iter().map(|one| format!("{} {}", one.title, one.start.format("%d. %H:%M"))).collect()
}

fn titles(tx: &Tx<'_>, user: UserId, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<String>, StoreError> {
    Ok(tx.occurrences(user, from, to)?.into_iter().map(|one| one.title).collect())
}

#[tokio::test]
async fn an_appointment_reads_back_whole() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let rules = [
        None,
        Some("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
        Some("FREQ=MONTHLY;BYDAY=-1MO;COUNT=5"),
        Some("FREQ=DAILY;UNTIL=20260401T235959Z"),
    ];
    for rule in rules {
        let whole = Appointment {
            description: Some("bring the forms".into()),
            location: Some("Hauptstraße 1".into()),
            participants: vec!["John".into(), "Zoë".into()],
            recurrence: rule.map(|rule| rule.parse().unwrap()),
            reminder_minutes: Some(15),
            status: AppointmentStatus::Tentative,
            generation: 3,
            exceptions: exceptions(),
            additional: vec![instant("2026-03-04T14:00:00Z")],
            all_day: true,
            source: AppointmentSource {
                origin: AppointmentOrigin::Invitation,
                uid: Some(format!("{rule:?}@example.com")),
                sequence: 2,
                organizer: Some("john@example.com".into()),
                revised: Some(instant("2026-02-01T09:30:00Z")),
            },
            ..single(user, "Dentist", "2026-03-02T14:00:00Z", "2026-03-02T15:00:00Z")
        };
        let (id, copy) = (whole.id, whole.clone());
        scratch.write(move |tx| tx.appointment_insert(&copy)).await;
        assert_eq!(scratch.read(move |rows| rows.appointment(id)).await, Some(whole));
    }
}

#[tokio::test]
async fn a_range_shows_what_overlaps_it_and_touching_is_not_overlapping() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    scratch
        .write(move |tx| {
            for (title, start, end) in [
                ("ends as it begins", -60, 0),
                ("reaches in", -60, 1),
                ("inside", 10, 20),
                ("reaches out", 99, 200),
                ("begins as it ends", 100, 200),
                ("covers it", -60, 200),
            ] {
                tx.appointment_insert(&appointment(user, title, at(start), at(end)))?;
            }
            assert_eq!(titles(tx, user, at(0), at(100))?, ["reaches in", "covers it", "inside", "reaches out"]);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn several_stretches_show_what_each_of_them_does_and_nothing_twice() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let all = scratch
        .write(move |tx| {
            tx.appointment_insert(&single(user, "fair", "2026-03-02T08:00:00Z", "2026-03-06T17:00:00Z"))?;
            tx.appointment_insert(&single(user, "lunch", "2026-03-05T11:00:00Z", "2026-03-05T12:00:00Z"))?;
            let run = series(user, "run", "2026-03-01T06:00:00Z", "2026-03-01T07:00:00Z", "FREQ=DAILY;COUNT=20");
            tx.appointment_insert(&run)?;
            let day = |day: &str| instant(&format!("{day}T00:00:00Z"))..instant(&format!("{day}T23:00:00Z"));
            let stretches = [day("2026-03-05"), day("2026-03-03"), day("2026-03-05"), day("2026-03-20")];
            assert_eq!(tx.occurrences_in(user, &[])?, []);
            tx.occurrences_in(user, &stretches)
        })
        .await;
    assert_eq!(shown(&all), ["fair 02. 08:00", "run 03. 06:00", "run 05. 06:00", "lunch 05. 11:00", "run 20. 06:00"]);
}

#[tokio::test]
async fn occurrences_come_in_order_of_time_whatever_their_kind_and_whosever_they_are() {
    let scratch = Scratch::new();
    let (ada, bob) = (scratch.person("Ada").await, scratch.person("Bob").await);
    let occurrences = scratch
        .write(move |tx| {
            tx.appointment_insert(&single(ada, "lunch", "2026-03-05T11:00:00Z", "2026-03-05T12:00:00Z"))?;
            tx.appointment_insert(&single(ada, "fair", "2026-03-03T08:00:00Z", "2026-03-06T17:00:00Z"))?;
            let rule = "FREQ=DAILY;COUNT=20";
            tx.appointment_insert(&series(ada, "run", "2026-03-01T06:00:00Z", "2026-03-01T07:00:00Z", rule))?;
            tx.appointment_insert(&single(bob, "his", "2026-03-05T11:00:00Z", "2026-03-05T12:00:00Z"))?;
            tx.occurrences(ada, instant("2026-03-05T00:00:00Z"), instant("2026-03-06T00:00:00Z"))
        })
        .await;
    assert_eq!(shown(&occurrences), ["fair 03. 08:00", "run 05. 06:00", "lunch 05. 11:00"]);
    assert_eq!(occurrences.iter().map(|one| one.recurring).collect::<Vec<_>>(), [false, true, false]);
}

#[tokio::test]
async fn an_appointment_of_any_length_is_seen_from_each_of_its_hours() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    scratch
        .write(move |tx| {
            let (start, day) = (at(0), 86_400_000);
            for length_ms in [1, 60_000, day - 1, day, day + 1, day + 999, day + 1_000, day + 1_001, 30 * day] {
                let length = Duration::milliseconds(length_ms);
                let mut one = appointment(user, "x", start, start + length);
                tx.appointment_insert(&one)?;
                let last = start + length - Duration::milliseconds(1);
                for moment in [start, start + length / 2, last] {
                    let found = titles(tx, user, moment, moment + Duration::milliseconds(1))?;
                    assert_eq!(found, ["x"], "{length_ms} ms long, asked at {}", to_text(moment));
                }
                assert_eq!(titles(tx, user, start + length, start + length * 2)?.len(), 0, "{length_ms} ms, after it");
                assert_eq!(titles(tx, user, start - length, start)?.len(), 0, "{length_ms} ms, before it");
                one.status = AppointmentStatus::Cancelled;
                tx.appointment_update(&one, AppointmentChange::Always)?;
            }
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn cancelled_appointments_of_every_kind_are_not_shown_but_stay() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    scratch
        .write(move |tx| {
            let (from, to) = (instant("2026-03-02T00:00:00Z"), instant("2026-03-03T00:00:00Z"));
            let kinds = [
                single(user, "short", "2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z"),
                single(user, "long", "2026-02-20T08:00:00Z", "2026-03-09T09:00:00Z"),
                series(user, "series", "2026-03-01T08:00:00Z", "2026-03-01T09:00:00Z", "FREQ=DAILY"),
            ];
            for mut one in kinds {
                tx.appointment_insert(&one)?;
                assert_eq!(titles(tx, user, from, to)?, [one.title.clone()]);
                assert_eq!(tx.appointments_from(user, from, 9)?.len(), 1);
                one.status = AppointmentStatus::Cancelled;
                tx.appointment_update(&one, AppointmentChange::Always)?;
                assert_eq!(titles(tx, user, from, to)?.len(), 0, "{}", one.title);
                assert_eq!(tx.appointments_from(user, from, 9)?, []);
                assert_eq!(tx.appointment(one.id)?, Some(Appointment { version: 2, ..one }));
            }
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_series_shows_its_days_until_it_ends_and_not_after() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    for rule in ["FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4", "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260311T235959Z"] {
        let one = series(user, "gym", "2026-03-02T17:00:00Z", "2026-03-02T18:00:00Z", rule);
        let mut over = Appointment { status: AppointmentStatus::Cancelled, ..one.clone() };
        scratch.write(move |tx| tx.appointment_insert(&one)).await;
        let (month, later) = (instant("2026-03-01T00:00:00Z"), instant("2026-04-01T00:00:00Z"));
        let march = scratch.read(move |rows| rows.occurrences(user, month, later)).await;
        assert_eq!(shown(&march), ["gym 02. 17:00", "gym 04. 17:00", "gym 09. 17:00", "gym 11. 17:00"], "{rule}");
        let april = scratch.read(move |rows| rows.occurrences(user, later, later + Duration::days(30))).await;
        assert_eq!(april, [], "{rule}");
        let left = scratch.read(move |rows| rows.appointments_from(user, later, 9)).await;
        assert_eq!(left, [], "{rule}");
        over.updated_at = at(1);
        scratch.write(move |tx| tx.appointment_update(&over, AppointmentChange::Always)).await;
    }
}

#[tokio::test]
async fn nine_o_clock_stays_nine_o_clock_over_both_changes_of_the_clocks() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    // 09:00 in Berlin, in winter.
    let daily = series(user, "run", "2026-03-01T08:00:00Z", "2026-03-01T09:00:00Z", "FREQ=DAILY");
    scratch.write(move |tx| tx.appointment_insert(&daily)).await;
    let cases = [
        ("2026-03-28T00:00:00Z", ["run 28. 08:00", "run 29. 07:00", "run 30. 07:00"]),
        ("2026-10-24T00:00:00Z", ["run 24. 07:00", "run 25. 08:00", "run 26. 08:00"]),
    ];
    for (from, expected) in cases {
        let from = instant(from);
        let found = scratch.read(move |rows| rows.occurrences(user, from, from + Duration::days(3))).await;
        assert_eq!(shown(&found), expected);
    }
}

#[tokio::test]
async fn an_hour_that_the_clocks_skip_or_repeat_has_one_occurrence() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    // 02:30 in Berlin.
    let nightly = series(user, "backup", "2026-03-01T01:30:00Z", "2026-03-01T01:40:00Z", "FREQ=DAILY");
    scratch.write(move |tx| tx.appointment_insert(&nightly)).await;
    let cases = [
        // 02:30 does not exist: 03:30.
        ("2026-03-28T12:00:00Z", "backup 29. 01:30"),
        // 02:30 comes twice: the first.
        ("2026-10-24T12:00:00Z", "backup 25. 00:30"),
    ];
    for (from, expected) in cases {
        let from = instant(from);
        let found = scratch.read(move |rows| rows.occurrences(user, from, from + Duration::hours(24))).await;
        assert_eq!(shown(&found), [expected]);
    }
}

#[tokio::test]
async fn an_occurrence_of_a_long_series_is_seen_on_its_last_day() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let rule = "FREQ=MONTHLY;COUNT=2";
    let retreat = series(user, "retreat", "2026-03-01T08:00:00Z", "2026-03-05T18:00:00Z", rule);
    scratch.write(move |tx| tx.appointment_insert(&retreat)).await;
    for (day, expected) in [("2026-03-05", 1), ("2026-03-06", 0), ("2026-04-05", 1), ("2026-05-05", 0)] {
        let from = instant(&format!("{day}T10:00:00Z"));
        let found = scratch.read(move |rows| rows.occurrences(user, from, from + Duration::hours(1))).await;
        assert_eq!(found.len(), expected, "{day}");
    }
}

#[tokio::test]
async fn what_is_not_over_is_listed_singles_by_start_then_series() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    scratch
        .write(move |tx| {
            let now = instant("2026-03-05T10:00:00Z");
            tx.appointment_insert(&single(user, "over", "2026-03-05T08:00:00Z", "2026-03-05T09:00:00Z"))?;
            tx.appointment_insert(&single(user, "next", "2026-03-05T12:00:00Z", "2026-03-05T13:00:00Z"))?;
            tx.appointment_insert(&single(user, "in it", "2026-03-05T09:30:00Z", "2026-03-05T10:30:00Z"))?;
            tx.appointment_insert(&single(user, "fair", "2026-03-02T08:00:00Z", "2026-03-06T17:00:00Z"))?;
            let rule = "FREQ=DAILY";
            tx.appointment_insert(&series(user, "run", "2025-03-01T06:00:00Z", "2025-03-01T07:00:00Z", rule))?;
            let listed = |limit| {
                let found = tx.appointments_from(user, now, limit)?;
                Ok::<_, StoreError>(found.into_iter().map(|one| one.title).collect::<Vec<_>>())
            };
            assert_eq!(listed(9)?, ["fair", "in it", "next", "run"]);
            assert_eq!(listed(2)?, ["fair", "in it", "run"]);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_change_based_on_an_old_reading_is_refused() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    scratch
        .write(move |tx| {
            let first = single(user, "Dentist", "2026-03-02T14:00:00Z", "2026-03-02T15:00:00Z");
            tx.appointment_insert(&first)?;
            let moved = Appointment { title: "Doctor".into(), updated_at: at(1), version: 2, ..first.clone() };
            tx.appointment_update(&moved, AppointmentChange::IfVersion(first.version))?;
            let late = Appointment { title: "Barber".into(), updated_at: at(2), version: 3, ..first.clone() };
            let refused = tx.appointment_update(&late, AppointmentChange::IfVersion(first.version));
            assert!(matches!(refused, Err(StoreError::Stale("appointment"))));
            assert_eq!(tx.appointment(first.id)?, Some(moved));
            tx.appointment_update(&late, AppointmentChange::Always)?;
            assert_eq!(tx.appointment(first.id)?, Some(late));
            let unknown = single(user, "x", "2026-03-02T14:00:00Z", "2026-03-02T15:00:00Z");
            for when in [AppointmentChange::Always, AppointmentChange::IfVersion(1)] {
                assert!(matches!(tx.appointment_update(&unknown, when), Err(StoreError::Missing("appointment"))));
            }
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn the_database_refuses_an_appointment_that_ends_before_it_begins_or_belongs_to_nobody() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let backwards = appointment(user, "x", at(60), at(0));
    let empty = appointment(user, "x", at(60), at(60));
    let nobody_s = appointment(UserId::new(at(0)), "x", at(0), at(60));
    for wrong in [backwards, empty, nobody_s] {
        let refused = scratch.store.write(move |tx| tx.appointment_insert(&wrong)).await;
        assert!(matches!(refused, Err(StoreError::Sqlite(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_rule_that_never_occurs_does_not_hide_the_rest_of_the_day() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let never = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31";
    let found = scratch
        .write(move |tx| {
            tx.appointment_insert(&series(user, "never", "2026-02-28T10:00:00Z", "2026-02-28T11:00:00Z", never))?;
            tx.appointment_insert(&single(user, "lunch", "2026-03-02T11:00:00Z", "2026-03-02T12:00:00Z"))?;
            titles(tx, user, instant("2026-03-02T00:00:00Z"), instant("2026-03-03T00:00:00Z"))
        })
        .await;
    assert_eq!(found, ["lunch"]);
}

#[tokio::test]
async fn exceptions_and_further_dates_show_where_they_were_moved_to() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let (start, end) = ("2026-03-02T14:00:00Z", "2026-03-02T15:00:00Z");
    let weekly = Appointment {
        exceptions: exceptions(),
        additional: vec![instant("2026-03-18T09:00:00Z"), instant("2026-03-23T14:00:00Z")],
        ..series(user, "club", start, end, "FREQ=WEEKLY;COUNT=4")
    };
    // Its first occurrence was moved to before the series begins, its last to after the series ends.
    let mut outside = series(user, "choir", start, end, "FREQ=DAILY;COUNT=2");
    for (id, start) in
        [("2026-03-02T14:00:00Z", "2026-02-20T14:00:00Z"), ("2026-03-03T14:00:00Z", "2026-04-20T14:00:00Z")]
    {
        let start = instant(start);
        let end = start + Duration::hours(1);
        let changed = ChangedOccurrence { start, end, title: None, description: None, location: None };
        outside.exceptions.insert(instant(id), Exception::Changed(changed));
    }
    scratch
        .write(move |tx| {
            tx.appointment_insert(&weekly)?;
            tx.appointment_insert(&outside)?;
            let march = tx.occurrences(user, instant("2026-03-01T00:00:00Z"), instant("2026-04-01T00:00:00Z"))?;
            assert_eq!(
                shown(&march),
                ["club 02. 14:00", "club 16. 15:00", "club 18. 09:00", "club 23. 14:00"],
                "an RDATE that the rule has as well counts once"
            );
            assert_eq!(march[1].recurrence_id, instant("2026-03-16T14:00:00Z"));
            assert_eq!(march[1].location.as_deref(), Some("Room 2"));
            for (day, next) in
                [("2026-02-20T00:00:00Z", "2026-02-21T00:00:00Z"), ("2026-04-20T00:00:00Z", "2026-04-21T00:00:00Z")]
            {
                assert_eq!(titles(tx, user, instant(day), instant(next))?, ["choir"]);
            }
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_whole_day_ends_at_midnight_however_long_it_is() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    // In Berlin; the last Sunday of October has 25 hours.
    let daily = Appointment {
        all_day: true,
        ..series(user, "fair", "2026-10-23T22:00:00Z", "2026-10-24T22:00:00Z", "FREQ=DAILY;COUNT=3")
    };
    scratch
        .write(move |tx| {
            tx.appointment_insert(&daily)?;
            let found = tx.occurrences(user, instant("2026-10-25T22:30:00Z"), instant("2026-10-25T22:45:00Z"))?;
            let ends: Vec<_> = found.iter().map(|one| to_text(one.end)).collect();
            assert_eq!(ends, ["2026-10-25T23:00:00.000Z"]);
            Ok(())
        })
        .await;
}
