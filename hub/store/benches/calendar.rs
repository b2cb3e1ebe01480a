//! Agenda and conflict search in a calendar of 100,000 appointments; the week of 1,000 series.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]
#![allow(clippy::unwrap_used, reason = "a benchmark fails loudly")]

use std::hint::black_box;

use chrono::{DateTime, Duration, TimeZone, Utc};
use criterion::{Criterion, criterion_group, criterion_main};
use xswarm_core::{
    appointment::{Appointment, AppointmentSource, AppointmentStatus, Exceptions},
    conflict,
    free::{self, Search},
    id::{AppointmentId, UserId},
    preferences::WorkingHours,
    user::{Role, User},
};
use xswarm_store::{Key, Options, Store, StoreError};

fn at(hours: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap() + Duration::hours(hours)
}

fn user() -> User {
    User {
        id: UserId::new(at(0)),
        name: "Ada".into(),
        email: None,
        phone: None,
        timezone: chrono_tz::Europe::Berlin,
        preferences: serde_json::json!({}),
        boss_phone: None,
        boss_email: None,
        can_provision_numbers: false,
        role: Role::Admin,
        created_at: at(0),
        updated_at: at(0),
    }
}

fn appointment(user: &User, n: i64) -> Appointment {
    Appointment {
        id: AppointmentId::new(at(0)),
        user_id: user.id,
        title: format!("Appointment {n}"),
        description: None,
        start: at(n),
        end: at(n) + Duration::minutes(45),
        timezone: user.timezone,
        location: None,
        participants: vec!["John".into()],
        recurrence: (n % 2_000 == 0).then(|| "FREQ=WEEKLY".parse().unwrap()),
        additional: Vec::new(),
        exceptions: Exceptions::default(),
        all_day: false,
        source: AppointmentSource::BOSS,
        reminder_minutes: Some(15),
        status: AppointmentStatus::Confirmed,
        generation: 0,
        version: 1,
        created_at: at(0),
        updated_at: at(0),
    }
}

fn calendar(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let key = Key::from_hex(&"5a".repeat(32)).unwrap();
    let store = Store::open(&Options::new(dir.path()), &key).unwrap();
    let user = user();
    let (owner, ada) = (user.id, user.clone());
    let inserted = user.clone();
    runtime.block_on(store.write(move |tx| tx.user_insert(&inserted))).unwrap();
    // The time of one write is bounded.
    for part in 0..20 {
        let user = user.clone();
        let insert = store.write(move |tx| {
            (part * 5_000..(part + 1) * 5_000).try_for_each(|n| tx.appointment_insert(&appointment(&user, n)))
        });
        runtime.block_on::<_>(insert).map_err(|error: StoreError| error).unwrap();
    }
    let middle = at(50_000);
    let mut group = criterion.benchmark_group("100,000 appointments");
    group.bench_function("agenda of a day", |bench| {
        bench.iter(|| {
            let read = store.read(move |rows| rows.occurrences(owner, middle, middle + Duration::days(1)));
            black_box::<Result<_, StoreError>>(runtime.block_on(read)).unwrap()
        });
    });
    group.bench_function("agenda of a week", |bench| {
        bench.iter(|| {
            let read = store.read(move |rows| rows.occurrences(owner, middle, middle + Duration::days(7)));
            black_box::<Result<_, StoreError>>(runtime.block_on(read)).unwrap()
        });
    });
    group.bench_function("conflict check of a weekly series over a year", |bench| {
        let proposed = Appointment { recurrence: Some("FREQ=WEEKLY".parse().unwrap()), ..appointment(&ada, 50_001) };
        let checked = conflict::checked(&proposed, middle).unwrap();
        bench.iter(|| {
            let buffer = Duration::minutes(5);
            let stretches: Vec<_> = checked.iter().map(|one| one.start - buffer..one.end + buffer).collect();
            let read = store.read(move |rows| rows.occurrences_in(owner, &stretches));
            let near = runtime.block_on::<_>(read).map_err(|error: StoreError| error).unwrap();
            black_box(conflict::of_each(&checked, &near, buffer).count())
        });
    });
    group.bench_function("free times of a month", |bench| {
        let hours = WorkingHours::default();
        bench.iter(|| {
            let (from, to) = (middle, middle + Duration::days(31));
            let read = store.read(move |rows| rows.occurrences(owner, from, to));
            let busy = runtime.block_on::<_>(read).map_err(|error: StoreError| error).unwrap();
            let search = Search {
                from,
                to,
                length: Duration::minutes(10),
                hours: Some(&hours),
                zone: chrono_tz::Europe::Berlin,
                buffer: Duration::zero(),
                now: from,
            };
            black_box(free::suggestions(&busy, &search, 5))
        });
    });
    group.bench_function("conflict check of an hour", |bench| {
        bench.iter(|| {
            let buffer = Duration::minutes(5);
            let (start, end) = (middle, middle + Duration::hours(1));
            let read = store.read(move |rows| rows.occurrences(owner, start - buffer, end + buffer));
            let near = runtime.block_on::<_>(read).map_err(|error: StoreError| error).unwrap();
            black_box(conflict::all(start, end, near, buffer))
        });
    });
    group.finish();
}

/// Rules as people have them.
const RULES: [&str; 10] = [
    "FREQ=DAILY",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
    "FREQ=MONTHLY;BYDAY=1MO",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
    "FREQ=WEEKLY;BYDAY=WE;COUNT=5000",
    "FREQ=DAILY;BYHOUR=9,13,17;BYMINUTE=30;UNTIL=20991231T235959Z",
    "FREQ=HOURLY;INTERVAL=6;BYDAY=SA,SU",
];

/// A thousand series begun over the last ten years, all of them going on.
fn series(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let key = Key::from_hex(&"5a".repeat(32)).unwrap();
    let store = Store::open(&Options::new(dir.path()), &key).unwrap();
    let user = user();
    let owner = user.id;
    runtime
        .block_on(store.write(move |tx| {
            tx.user_insert(&user)?;
            (0_i64..).zip(RULES.iter().cycle()).take(1_000).try_for_each(|(n, rule)| {
                let recurrence = Some(rule.parse().unwrap());
                tx.appointment_insert(&Appointment { recurrence, ..appointment(&user, -n * 87) })
            })
        }))
        .unwrap();
    let (from, to) = (at(0), at(7 * 24));
    criterion.bench_function("1,000 series/agenda of a week", |bench| {
        bench.iter(|| {
            let read = store.read(move |rows| rows.occurrences(owner, from, to));
            let found = black_box::<Result<_, StoreError>>(runtime.block_on(read)).unwrap();
            assert!(found.len() > 2_000, "{} occurrences", found.len());
        });
    });
}

criterion_group!(benches, calendar, series);
criterion_main!(benches);
