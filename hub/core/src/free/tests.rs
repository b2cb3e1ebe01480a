//! Where there is room.

use proptest::prelude::*;

use super::*;
use crate::id::AppointmentId;

const BERLIN: Tz = chrono_tz::Europe::Berlin;

/// A time in Berlin, March 2026: the clocks go forward on Sunday 29 at 2:00.
fn at(day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
    let day = NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
    resolve_local(day.and_hms_opt(hour, minute, 0).unwrap(), BERLIN)
}

fn busy(start: DateTime<Utc>, end: DateTime<Utc>) -> Occurrence {
    Occurrence {
        appointment: AppointmentId::new(start),
        title: "Taken".into(),
        location: None,
        participants: Vec::new(),
        recurrence_id: start,
        start,
        end,
        all_day: false,
        recurring: false,
    }
}

fn search(hours: Option<&WorkingHours>, from: DateTime<Utc>, to: DateTime<Utc>) -> Search<'_> {
    Search { from, to, length: Duration::hours(1), hours, zone: BERLIN, buffer: Duration::minutes(5), now: from }
}

fn shown(slots: &[Slot]) -> Vec<String> {
    let local = |at: DateTime<Utc>| at.with_timezone(&BERLIN).format("%d %H:%M").to_string();
    slots.iter().map(|slot| format!("{} to {}", local(slot.start), local(slot.end))).collect()
}

#[test]
fn working_hours_less_what_is_taken_and_the_room_around_it() {
    let hours = WorkingHours::default();
    let taken = [busy(at(24, 13, 0), at(24, 14, 0)), busy(at(24, 10, 0), at(24, 11, 0))];
    let found = slots(&taken, &search(Some(&hours), at(24, 0, 0), at(25, 0, 0)));
    assert_eq!(shown(&found), ["24 11:05 to 24 12:55", "24 14:05 to 24 17:00"]);
    let weekend = search(Some(&hours), at(28, 0, 0), at(30, 0, 0));
    assert_eq!(slots(&[], &weekend), []);
}

#[test]
fn nothing_before_now_is_free_and_nonsense_finds_nothing() {
    let hours = WorkingHours::default();
    let late = Search { now: at(24, 15, 10), ..search(Some(&hours), at(24, 0, 0), at(25, 0, 0)) };
    assert_eq!(shown(&slots(&[], &late)), ["24 15:10 to 24 17:00"]);
    assert_eq!(slots(&[], &Search { now: at(26, 0, 0), ..late.clone() }), []);
    assert_eq!(slots(&[], &Search { length: Duration::zero(), ..late.clone() }), []);
    assert_eq!(slots(&[], &Search { to: at(23, 0, 0), ..late }), []);
}

#[test]
fn the_night_of_daylight_saving_is_an_hour_shorter() {
    let night: WorkingHours = "sun 1:00-4:00".parse().unwrap();
    let found = slots(&[], &search(Some(&night), at(29, 0, 0), at(30, 0, 0)));
    assert_eq!(shown(&found), ["29 01:00 to 29 04:00"]);
    assert_eq!(found[0].end - found[0].start, Duration::hours(2));
    let whole = slots(&[], &search(None, at(29, 0, 0), at(31, 0, 0)));
    assert_eq!(shown(&whole), ["29 00:00 to 31 00:00"]);
    assert_eq!(whole[0].end - whole[0].start, Duration::hours(47));
}

#[test]
fn a_whole_day_is_taken_unless_it_comes_again() {
    let hours = WorkingHours::default();
    let trip = Occurrence { all_day: true, ..busy(at(24, 0, 0), at(25, 0, 0)) };
    let two_days = search(Some(&hours), at(24, 0, 0), at(26, 0, 0));
    assert_eq!(shown(&slots(std::slice::from_ref(&trip), &two_days)), ["25 09:00 to 25 17:00"]);
    let birthday = Occurrence { recurring: true, ..trip };
    assert_eq!(slots(&[birthday], &two_days).len(), 2);
}

#[test]
fn sooner_is_better_and_a_stretch_is_not_broken_in_two() {
    let hours = WorkingHours::default();
    let taken = [busy(at(24, 12, 0), at(24, 13, 0))];
    let all = Search { now: at(24, 9, 50), ..search(Some(&hours), at(24, 0, 0), at(26, 0, 0)) };
    let found = suggestions(&taken, &all, 3);
    let slots: Vec<_> = found.iter().map(|one| one.slot).collect();
    assert_eq!(shown(&slots), ["24 10:45 to 24 11:45", "24 13:15 to 24 14:15", "25 09:00 to 25 10:00"]);
    assert_eq!(found[0].reasons, [Reason::WorkingHours, Reason::Adjacent, Reason::Buffer]);
    assert_eq!(found[1].reasons, [Reason::WorkingHours, Reason::Adjacent, Reason::Buffer]);
    let empty = suggestions(&[], &all, 2);
    assert_eq!(empty[0].reasons, [Reason::Soonest, Reason::WorkingHours, Reason::EmptyDay]);
    assert_eq!(shown(&[empty[0].slot]), ["24 10:00 to 24 11:00"]);
}

#[test]
fn what_leaves_no_room_is_suggested_last_and_says_so() {
    let hours = WorkingHours::default();
    let taken = [busy(at(24, 9, 0), at(24, 12, 0)), busy(at(24, 13, 0), at(24, 17, 0))];
    let found = suggestions(&taken, &search(Some(&hours), at(24, 0, 0), at(25, 0, 0)), 3);
    assert_eq!(found.len(), 1);
    assert_eq!(shown(&[found[0].slot]), ["24 12:00 to 24 13:00"]);
    assert_eq!(found[0].reasons, [Reason::Soonest, Reason::WorkingHours, Reason::Adjacent, Reason::Tight]);
}

proptest! {
    #[test]
    fn what_is_free_is_long_enough_open_and_taken_by_nothing(
        taken in proptest::collection::vec((0_i64..8 * 1_440, 1_i64..600), 0..12),
        length in 1_i64..300,
        buffer in 0_i64..30,
    ) {
        let hours: WorkingHours = "mon-fri 9:00-12:00, mon-fri 12:30-17:00, sun 1:00-5:00".parse().unwrap();
        let origin = at(23, 0, 0);
        let minutes = |n: i64| origin + Duration::minutes(n);
        let taken: Vec<_> = taken.into_iter().map(|(from, long)| busy(minutes(from), minutes(from + long))).collect();
        let search = Search {
            length: Duration::minutes(length),
            buffer: Duration::minutes(buffer),
            ..search(Some(&hours), origin, minutes(8 * 1_440))
        };
        let found = slots(&taken, &search);
        let room = |slot: &Slot| taken.iter().all(|one| {
            one.end + search.buffer <= slot.start || slot.end <= one.start - search.buffer
        });
        for slot in &found {
            prop_assert!(slot.end - slot.start >= search.length);
            prop_assert!(room(slot));
            let local = slot.start.with_timezone(&BERLIN);
            prop_assert!(!hours.on(local.weekday()).is_empty());
        }
        // Whatever minute could begin such an appointment lies in what was found.
        for day in 0..8 {
            for minute in (0..1_440).step_by(7) {
                let start = minutes(day * 1_440 + minute);
                let slot = Slot { start, end: start + search.length };
                let (from, to) = (start.with_timezone(&BERLIN), slot.end.with_timezone(&BERLIN));
                let minute_of = |at: DateTime<Tz>| u16::try_from(at.hour() * 60 + at.minute()).unwrap();
                let open = from.date_naive() == to.date_naive()
                    && hours.on(from.weekday()).iter()
                        .any(|one| one.from_minute <= minute_of(from) && minute_of(to) <= one.to_minute);
                let within = found.iter().any(|free| free.start <= start && slot.end <= free.end);
                prop_assert_eq!(open && room(&slot), within, "{}", start);
            }
        }
        for one in suggestions(&taken, &search, 5) {
            prop_assert_eq!(one.slot.end - one.slot.start, search.length);
            prop_assert!(one.reasons.contains(&Reason::Tight) || room(&one.slot));
        }
    }
}
