//! What is a habit, and what is too little or too mixed for one.

use chrono::Datelike;
use proptest::prelude::*;

use super::*;

fn times(minutes: u32, count: usize) -> Vec<u32> {
    vec![minutes; count]
}

fn nine_to_five() -> WorkingHours {
    WorkingHours::default()
}

/// The fourth Monday of a row of four.
fn monday() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 30).unwrap()
}

fn asked(days_ago: u64, hour: u8) -> Asked {
    Asked { glance: Glance::Week, day: monday() - Days::new(days_ago), hour }
}

#[test]
fn most_appointments_of_one_length_are_a_habit_with_numbers() {
    let lately = [times(45, 9), times(60, 3)].concat();
    let habit = length(&lately, 60).unwrap();
    assert_eq!(habit.kind, HabitKind::MeetingLength { minutes: 45 });
    assert_eq!(habit.evidence, Evidence { matching: 9, of: 12 });
    assert_eq!(length(&lately, 45), None, "it is the usual length already");
    assert_eq!(length(&times(45, 7), 60), None, "too few");
    assert_eq!(length(&[times(45, 10), times(60, 10)].concat(), 60), None, "mixed");
    let old = [times(60, 20), times(45, 20)].concat();
    assert_eq!(length(&old, 60), None, "what was long ago does not count");
}

#[test]
fn working_hours_grow_to_what_is_booked_and_no_further() {
    let day = |minute: u16, count: usize| vec![(Weekday::Tue, minute); count];
    let early = [day(8 * 60 + 30, 6), day(7 * 60 + 15, 3), day(5 * 60, 1), day(10 * 60, 8)].concat();
    let habit = hours(&early, &nine_to_five()).unwrap();
    let HabitKind::WorkingHours { hours: grown, side } = habit.kind else { panic!("{habit:?}") };
    assert_eq!((grown.to_string().as_str(), side), ("mon-fri 07:00-17:00", Side::Early));
    assert_eq!(habit.evidence, Evidence { matching: 9, of: 18 });
    let late = [day(17 * 60, 4), day(18 * 60 + 30, 5)].concat();
    let habit = hours(&late, &nine_to_five()).unwrap();
    let HabitKind::WorkingHours { hours: grown, side } = habit.kind else { panic!("{habit:?}") };
    assert_eq!((grown.to_string().as_str(), side), ("mon-fri 09:00-19:00", Side::Late));
    let weekend = vec![(Weekday::Sat, 8 * 60); 20];
    assert_eq!(hours(&weekend, &nine_to_five()), None, "days off stay days off");
}

#[test]
fn the_way_they_write_counts_when_it_reaches_them_and_is_not_the_first_already() {
    let mails = [vec![Channel::Email; 22], vec![Channel::Sms; 3]].concat();
    let habit = channel(&mails, Channel::Sms).unwrap();
    assert_eq!(habit.kind, HabitKind::Channel { channel: Channel::Email });
    assert_eq!(habit.evidence, Evidence { matching: 22, of: 25 });
    assert_eq!(channel(&mails, Channel::Email), None);
    assert_eq!(channel(&[Channel::Console; 25], Channel::Sms), None, "nobody is reached by a console they do not see");
}

#[test]
fn three_mondays_of_four_are_a_habit_and_every_day_is_none() {
    let mondays = [asked(0, 9), asked(7, 8), asked(21, 7), asked(2, 20)];
    let habit = weekly(&mondays, monday()).unwrap();
    assert_eq!(habit.kind, HabitKind::Weekly { glance: Glance::Week, weekday: Weekday::Mon, hour: 8 });
    assert_eq!(habit.evidence, Evidence { matching: 3, of: 4 });
    assert_eq!(weekly(&mondays, monday() + Days::new(7)), None, "one of them is too long ago");
    assert_eq!(weekly(&[asked(0, 8), asked(0, 9), asked(7, 8)], monday()), None, "twice a day is once");
    let daily: Vec<_> = (0..28).map(|days| asked(days, 8)).collect();
    assert_eq!(weekly(&daily, monday()), None);
    let other = Asked { glance: Glance::Day, ..asked(14, 8) };
    assert_eq!(weekly(&[asked(0, 8), asked(7, 8), other], monday()), None, "something else was asked");
}

#[test]
fn what_is_about_the_same_has_the_same_subject() {
    let at = |hour| HabitKind::Weekly { glance: Glance::Week, weekday: Weekday::Mon, hour };
    assert_eq!((at(8).subject(), at(8).name()), (at(9).subject(), HabitName::Weekly));
    let json = serde_json::to_string(&at(8)).unwrap();
    assert_eq!(json, r#"{"kind":"weekly","glance":"week","weekday":"Mon","hour":8}"#);
    assert_eq!(serde_json::from_str::<HabitKind>(&json).unwrap(), at(8));
}

proptest! {
    #[test]
    fn too_few_are_never_a_habit(minutes in proptest::collection::vec(5_u32..300, 0..AGREEING),
        starts in proptest::collection::vec((0_u8..7, 0_u16..1_440), 0..AGREEING),
        days in proptest::collection::vec((0_u64..28, 0_u8..24), 0..WEEKS)) {
        prop_assert_eq!(length(&minutes, 60), None);
        let starts: Vec<_> = starts.into_iter().map(|(day, at)| (Weekday::try_from(day).unwrap(), at)).collect();
        prop_assert_eq!(hours(&starts, &nine_to_five()), None);
        let asked: Vec<_> = days.into_iter().map(|(days, hour)| asked(days, hour)).collect();
        prop_assert_eq!(weekly(&asked, monday()), None);
    }

    #[test]
    fn a_length_is_one_that_was_booked_often_enough(minutes in proptest::collection::vec(prop_oneof![Just(30_u32), Just(45), Just(60), 5_u32..300], 0..40)) {
        if let Some(habit) = length(&minutes, 60) {
            let HabitKind::MeetingLength { minutes: found } = habit.kind else { panic!("{habit:?}") };
            let lately: Vec<_> = minutes.iter().take(APPOINTMENTS).collect();
            let count = |wanted| lately.iter().filter(|one| ***one == wanted).count();
            prop_assert!(found != 60 && count(found) >= AGREEING);
            prop_assert!([30, 45, 60].iter().all(|other| *other == found || count(*other) * 2 <= count(found)));
            prop_assert_eq!(habit.evidence, Evidence::new(count(found), lately.len()));
        }
    }

    #[test]
    fn hours_only_grow_and_only_on_working_days(starts in proptest::collection::vec((0_u8..7, 0_u16..1_440), 0..30)) {
        let starts: Vec<_> = starts.into_iter().map(|(day, at)| (Weekday::try_from(day).unwrap(), at)).collect();
        if let Some(habit) = hours(&starts, &nine_to_five()) {
            let HabitKind::WorkingHours { hours: grown, .. } = habit.kind else { panic!("{habit:?}") };
            for day in 0..7 {
                let day = Weekday::try_from(day).unwrap();
                match (nine_to_five().on(day), grown.on(day)) {
                    ([before], [after]) => {
                        prop_assert!(after.from_minute <= before.from_minute && after.to_minute >= before.to_minute);
                        prop_assert!(after.to_minute <= 1_440);
                    }
                    (before, after) => prop_assert!(before.is_empty() && after.is_empty()),
                }
            }
            prop_assert!(grown != nine_to_five() && habit.evidence.matching >= 8);
        }
    }

    #[test]
    fn a_weekly_habit_stands_out_among_the_days(days in proptest::collection::vec((0_u64..40, 0_u8..24), 0..40)) {
        let asked: Vec<_> = days.into_iter().map(|(days, hour)| asked(days, hour)).collect();
        if let Some(habit) = weekly(&asked, monday()) {
            let HabitKind::Weekly { weekday, hour, .. } = habit.kind else { panic!("{habit:?}") };
            let mut lately: Vec<_> = asked.iter().map(|one| one.day).filter(|day| (monday() - *day).num_days() < 28).collect();
            lately.sort_unstable();
            lately.dedup();
            let count = |wanted: Weekday| lately.iter().filter(|day| day.weekday() == wanted).count();
            prop_assert!(count(weekday) >= WEEKS && hour < 24);
            prop_assert!(lately.iter().all(|day| day.weekday() == weekday || count(day.weekday()) * 2 <= count(weekday)));
        }
    }
}
