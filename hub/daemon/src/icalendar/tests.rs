//! Files of other programs are read as they were meant, and what we write reads back as the same appointments.

use chrono::{Duration, TimeZone};
use chrono_tz::Tz;
use proptest::prelude::*;
use xswarm_core::{
    appointment::{
        AppointmentOrigin, AppointmentSource, AppointmentStatus, ChangedOccurrence, Exception, Exceptions, SkipReason,
    },
    id::UserId,
    time::{from_text, to_text},
    user::{Role, User},
};

use super::*;

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 27, 12, 0, 0).unwrap()
}

fn anna(timezone: Tz) -> User {
    User {
        id: UserId::new(now()),
        name: "Anna".into(),
        email: Some("anna@example.com".into()),
        phone: None,
        timezone,
        preferences: serde_json::json!({}),
        boss_phone: None,
        boss_email: None,
        can_provision_numbers: false,
        role: Role::Member,
        created_at: now(),
        updated_at: now(),
    }
}

fn calendar(inner: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n{inner}END:VCALENDAR\r\n").replace("\r\n", "\n")
}

fn event(inner: &str) -> String {
    calendar(&format!("BEGIN:VEVENT\nUID:1@example.com\nDTSTAMP:20261101T000000Z\n{inner}END:VEVENT\n"))
}

fn reading(file: &str) -> Reading {
    read(file.as_bytes(), &anna(chrono_tz::Europe::Berlin), now()).unwrap()
}

fn one(file: &str) -> Appointment {
    let reading = reading(file);
    assert_eq!(reading.skipped, [], "{file}");
    let [entry] = <[Entry; 1]>::try_from(reading.entries).unwrap();
    entry.appointment
}

#[test]
fn an_event_may_be_written_in_many_ways() {
    for (inner, start, end) in [
        ("DTSTART:20261201T090000Z\nDTEND:20261201T100000Z\n", "2026-12-01T09:00:00.000Z", "2026-12-01T10:00:00.000Z"),
        ("DTSTART:20261201T090000\nDURATION:PT90M\n", "2026-12-01T08:00:00.000Z", "2026-12-01T09:30:00.000Z"),
        (
            "DTSTART;TZID=Eastern Standard Time:20261201T090000\nDTEND;TZID=\"America/New_York\":20261201T093000\n",
            "2026-12-01T14:00:00.000Z",
            "2026-12-01T14:30:00.000Z",
        ),
        ("DTSTART;VALUE=DATE:20261201\n", "2026-11-30T23:00:00.000Z", "2026-12-01T23:00:00.000Z"),
        ("DTSTART:20261201\nDTEND:20261201\n", "2026-11-30T23:00:00.000Z", "2026-12-01T23:00:00.000Z"),
        ("DTSTART;VALUE=DATE:20260328\nDURATION:P2D\n", "2026-03-27T23:00:00.000Z", "2026-03-29T22:00:00.000Z"),
        ("DTSTART:20261201T090000Z\n", "2026-12-01T09:00:00.000Z", "2026-12-01T09:01:00.000Z"),
    ] {
        let found = one(&event(inner));
        assert_eq!((to_text(found.start).as_str(), to_text(found.end).as_str()), (start, end), "{inner}");
    }
}

#[test]
fn what_cannot_be_taken_in_says_why_and_costs_only_itself() {
    for (inner, reason) in [
        ("SUMMARY:x\n", "no beginning"),
        ("DTSTART:20261201T090000Z\nDTEND:20261201T080000Z\n", "ends before it begins"),
        ("DTSTART;TZID=Nowhere/City:20261201T090000\n", "\"Nowhere/City\" is not known"),
        ("DTSTART:tomorrow\n", "\"tomorrow\" is no date or time"),
        ("DTSTART:20261201T090000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\n", "never matches"),
        ("DTSTART:20261201T090000Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31\n", "never matches"),
        ("DTSTART:20261201T090000Z\nRRULE:FREQ=SECONDLY\n", "more often than every hour"),
        ("DTSTART:20261201T090000Z\nRRULE:FREQ=SOMETIMES\n", "FREQ=SOMETIMES"),
        ("DTSTART:20261201T090000Z\nRRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY\n", "several rules"),
        ("DTSTART:20261201T090000Z\nDURATION:soon\n", "\"soon\" is no length"),
    ] {
        let good = "BEGIN:VEVENT\nUID:good\nDTSTART:20261201T090000Z\nEND:VEVENT\n";
        let bad = format!("BEGIN:VEVENT\nUID:bad\n{inner}END:VEVENT\n");
        let reading = reading(&calendar(&format!("{bad}{good}")));
        assert_eq!(reading.entries.len(), 1, "{inner}");
        let [skipped] = reading.skipped.as_slice() else { panic!("{inner}: {:?}", reading.skipped) };
        assert!(skipped.uid == "bad" && skipped.reason.contains(reason), "{inner}: {}", skipped.reason);
    }
}

#[test]
fn a_series_has_its_exceptions_and_the_newest_revision_counts() {
    let file = calendar(
        "BEGIN:VEVENT\nUID:s\nDTSTAMP:20261101T000000Z\nDTSTART;TZID=Europe/Berlin:20261005T090000\n\
         DTEND;TZID=Europe/Berlin:20261005T100000\nRRULE:FREQ=WEEKLY;UNTIL=20261130T080000Z\n\
         EXDATE;TZID=Europe/Berlin:20261012T090000,20261019T090000\nRDATE;TZID=Europe/Berlin:20261006T090000\n\
         SUMMARY:Choir\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:s\nSEQUENCE:1\nRECURRENCE-ID;TZID=Europe/Berlin:20261026T090000\n\
         DTSTART;TZID=Europe/Berlin:20261027T110000\nDTEND;TZID=Europe/Berlin:20261027T120000\nSUMMARY:Rehearsal\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:s\nSEQUENCE:0\nRECURRENCE-ID;TZID=Europe/Berlin:20261026T090000\n\
         DTSTART;TZID=Europe/Berlin:20261028T110000\nSUMMARY:Outdated\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:s\nSTATUS:CANCELLED\nRECURRENCE-ID;VALUE=DATE:20261102\n\
         DTSTART;TZID=Europe/Berlin:20261102T090000\nEND:VEVENT\n",
    );
    let choir = one(&file);
    let found = choir.occurrences_between(choir.start, now() + Duration::days(30), 100).unwrap();
    let found: Vec<String> = found.iter().map(|one| format!("{} {}", to_text(one.start), one.title)).collect();
    assert_eq!(
        found,
        [
            "2026-10-05T07:00:00.000Z Choir",
            "2026-10-06T07:00:00.000Z Choir",
            "2026-10-27T10:00:00.000Z Rehearsal",
            "2026-11-09T08:00:00.000Z Choir",
            "2026-11-16T08:00:00.000Z Choir",
            "2026-11-23T08:00:00.000Z Choir",
            "2026-11-30T08:00:00.000Z Choir",
        ]
    );
}

#[test]
fn an_occurrence_without_its_series_stands_alone_and_a_range_of_them_is_refused() {
    let part = |range: &str| {
        event(&format!("RECURRENCE-ID{range}:20261201T090000Z\nDTSTART:20261202T090000Z\nSUMMARY:Moved\n"))
    };
    let alone = reading(&part(""));
    let entry = &alone.entries[0];
    assert_eq!(entry.appointment.source.uid.as_deref(), Some("1@example.com#20261201T090000Z"));
    assert_eq!(entry.part_of.as_ref().map(|(uid, _)| uid.as_str()), Some("1@example.com"));
    let range = reading(&part(";RANGE=THISANDFUTURE"));
    assert!(range.entries.is_empty() && range.skipped[0].reason.contains("THISANDFUTURE"), "{range:?}");
}

#[test]
fn people_places_and_alarms_are_read() {
    let found = one(&event(
        "DTSTART:20261201T090000Z\nSUMMARY:Budget\\, again\nLOCATION:Room 1\\nBerlin\nDESCRIPTION:a\\nb\n\
         ORGANIZER;CN=\"Smith, Bob\":MAILTO:Bob@Example.com\n\
         ATTENDEE;CN=Anna:mailto:anna@example.com\nATTENDEE:mailto:carol@example.com\n\
         ATTENDEE;CUTYPE=ROOM;CN=Room 1:mailto:room@example.com\nATTENDEE;CN=Dora:invalid:nomail\n\
         STATUS:TENTATIVE\nSEQUENCE:3\n\
         BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-P1D\nEND:VALARM\nBEGIN:VALARM\nACTION:AUDIO\nTRIGGER:-PT30M\nEND:VALARM\n\
         BEGIN:VALARM\nACTION:AUDIO\nTRIGGER;RELATED=END:-PT5M\nEND:VALARM\n",
    ));
    assert_eq!((found.title.as_str(), found.location.as_deref()), ("Budget, again", Some("Room 1 Berlin")));
    assert_eq!(found.description.as_deref(), Some("a\nb"));
    assert_eq!(found.participants, ["Smith, Bob", "carol@example.com", "Dora"]);
    assert_eq!(found.source.organizer.as_deref(), Some("bob@example.com"));
    assert_eq!((found.source.sequence, found.reminder_minutes), (3, Some(30)));
    assert_eq!(found.status, AppointmentStatus::Tentative);
}

#[test]
fn other_components_are_named_as_left_out() {
    let reading = reading(&calendar("BEGIN:VTODO\nUID:t\nEND:VTODO\nBEGIN:VJOURNAL\nUID:j\nEND:VJOURNAL\n"));
    assert_eq!(reading.skipped.iter().map(|one| one.uid.as_str()).collect::<Vec<_>>(), ["t", "j"]);
}

#[test]
fn series_that_count_very_far_are_bounded_together() {
    let long = |uid: usize, count: u64| {
        format!("BEGIN:VEVENT\nUID:{uid}\nDTSTART:20261201T090000Z\nRRULE:FREQ=DAILY;COUNT={count}\nEND:VEVENT\n")
    };
    let endless = reading(&calendar(&long(1, 1_000_000_000)));
    assert_eq!(endless.entries.len(), 1, "{:?}", endless.skipped);
    let many: String = (0..100).map(|uid| long(uid, 10_000)).collect();
    let many = reading(&calendar(&many));
    assert_eq!((many.entries.len(), many.skipped.len()), (50, 50));
}

fn zones() -> impl Strategy<Value = Tz> {
    prop::sample::select(vec![
        chrono_tz::Europe::Berlin,
        chrono_tz::America::New_York,
        chrono_tz::Asia::Kolkata,
        chrono_tz::Australia::Lord_Howe,
        chrono_tz::Africa::Casablanca,
        chrono_tz::UTC,
    ])
}

fn words() -> impl Strategy<Value = String> {
    "[A-Za-zäöü😀\"\\\\,;:^' ]{0,90}".prop_map(|text| {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() { "x".to_owned() } else { text }
    })
}

prop_compose! {
    fn appointments()(
        zone in zones(),
        all_day in any::<bool>(),
        minutes in 0_i64..60 * 24 * 800,
        length in 1_i64..3_000,
        texts in (words(), prop::option::of(words()), prop::option::of(words())),
        rule in prop::option::of(prop::sample::select(vec![
            "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10",
            "FREQ=DAILY;INTERVAL=3",
            "FREQ=MONTHLY;BYDAY=-1FR;COUNT=5",
            "FREQ=MONTHLY;BYMONTHDAY=31;UNTIL=20290630T235959Z",
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        ])),
        people in prop::collection::btree_set(words().prop_map(|name| name.replace('"', "'")), 0..3),
        reminder in prop::option::of(0_u32..10_000),
        chosen in prop::collection::vec((0_usize..8, any::<bool>()), 0..4),
    ) -> Appointment {
        let begin = from_text("2026-01-01T00:00:00Z").unwrap() + Duration::minutes(minutes);
        let midnight = |at: DateTime<Utc>| {
            let day = at.with_timezone(&zone).date_naive();
            xswarm_core::time::resolve_local(day.and_hms_opt(0, 0, 0).unwrap(), zone)
        };
        let start = if all_day { midnight(begin) } else { begin };
        let end = if all_day { midnight(start + Duration::hours(30)) } else { start + Duration::minutes(length) };
        let mut one = Appointment {
            id: AppointmentId::new(now()),
            user_id: UserId::new(now()),
            title: texts.0,
            description: texts.1,
            start,
            end,
            timezone: zone,
            location: texts.2,
            participants: people.into_iter().collect(),
            recurrence: rule.map(|rule| rule.parse().unwrap()),
            additional: Vec::new(),
            exceptions: Exceptions::default(),
            all_day,
            source: AppointmentSource::BOSS,
            reminder_minutes: reminder,
            status: AppointmentStatus::Confirmed,
            generation: 2,
            version: 1,
            created_at: now(),
            updated_at: now(),
        };
        if one.recurrence.is_some() {
            let all: Vec<_> = one.occurrences_from(start - Duration::days(1)).unwrap().take(8).collect();
            for (n, skipped) in chosen {
                let Some(occurrence) = all.get(n) else { continue };
                let changed = ChangedOccurrence {
                    start: occurrence.start + Duration::minutes(95),
                    end: occurrence.start + Duration::minutes(155),
                    title: Some("Another title".into()),
                    description: None,
                    location: None,
                };
                let exception = if skipped { Exception::Skipped { reason: SkipReason::Cancelled } } else { Exception::Changed(changed) };
                one.exceptions.insert(occurrence.recurrence_id, exception);
            }
        }
        one
    }
}

/// What an appointment comes to, whoever keeps it.
fn gist(one: &Appointment) -> String {
    let from = one.start - Duration::days(400);
    let all = one.occurrences_from(from).unwrap().take(40);
    let all =
        all.map(|one| (to_text(one.start), to_text(one.end), one.title, one.location, to_text(one.recurrence_id)));
    format!(
        "{:?} {:?} {:?} {:?} {:?}",
        all.collect::<Vec<_>>(),
        (&one.title, &one.description, &one.location),
        one.participants,
        (one.all_day, one.reminder_minutes, one.status),
        uid(one),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_we_write_reads_back_as_the_same(one in appointments()) {
        prop_assume!(one.occurrences_from(one.start - Duration::days(400)).unwrap().next().is_some());
        let owner = anna(one.timezone);
        let file = write(std::slice::from_ref(&one), &owner, Purpose::File, now());
        for line in file.split("\r\n") {
            prop_assert!(line.len() <= 75, "{line}");
        }
        let back = read(file.as_bytes(), &owner, now()).unwrap();
        prop_assert_eq!(&back.skipped, &vec![], "{}", file);
        prop_assert_eq!(gist(&back.entries[0].appointment), gist(&one), "{}", file);
        prop_assert_eq!(own_id(&uid(&one)), Some(one.id));
        prop_assert_eq!(back.entries[0].appointment.source.origin, AppointmentOrigin::Import);
    }

    #[test]
    fn whatever_is_sent_reading_ends(text in "(BEGIN:VCALENDAR\n)?((BEGIN:VEVENT|END:VEVENT|DTSTART:2026[0-9]{4}T090000|RRULE:FREQ=DAILY;COUNT=[0-9]{1,9}|SUMMARY[;:\"=^\\\\a-z]{0,20}|EXDATE:[0-9TZ,]{0,30}|\\PC{0,20})\n){0,12}(END:VCALENDAR)?") {
        let _ = read(text.as_bytes(), &anna(chrono_tz::UTC), now());
    }
}
