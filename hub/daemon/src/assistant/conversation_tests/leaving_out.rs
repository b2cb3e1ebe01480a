//! Series that leave days out: holidays, conflicts, single days.

use chrono::Duration;
use xswarm_core::appointment::{Exception, SkipReason};

use super::talk::Talk;
use crate::calendar::skips;

/// What is left out of the series ahead, in order.
fn left_out(talk: &Talk) -> Vec<(String, SkipReason)> {
    let (user, now) = (talk.user.id, talk.now);
    talk.write(move |tx| {
        let all = tx.appointments_from(user, now, 100)?;
        let exceptions = all.iter().flat_map(|one| one.exceptions.iter());
        let skipped = exceptions.filter_map(|(at, exception)| match exception {
            Exception::Skipped { reason } => Some((at.format("%Y-%m-%d").to_string(), *reason)),
            Exception::Changed(_) => None,
        });
        Ok(skipped.collect())
    })
}

#[test]
fn holidays_are_left_out_for_a_year_and_the_sweep_goes_on() {
    let mut talk = Talk::new();
    let booked = talk.say("Schedule standup every weekday at 9 except holidays");
    assert!(
        booked.contains("Left out: Friday, 25 December 2026 (holiday); Friday, 1 January 2027 (holiday);"),
        "{booked}"
    );
    let first = left_out(&talk);
    let good_friday = ("2027-03-26".to_owned(), SkipReason::Holiday);
    assert!(first.contains(&good_friday), "{first:?}");
    assert!(!first.iter().any(|(day, _)| day.starts_with("2027-12")), "{first:?}");
    talk.later(Duration::days(60));
    let now = talk.now;
    assert!(!talk.write(move |tx| skips::look_ahead(tx, now)));
    let later = left_out(&talk);
    // A year from then: Christmas Day of 2027 is a Saturday, New Year's Day of 2028 too; the 26th was beyond the first look.
    assert!(later.len() >= first.len(), "{later:?}");
    let looked = talk.write(move |tx| Ok(tx.series_skips_due(now + Duration::days(365), 10)?.len()));
    assert_eq!(looked, 0, "a year from the sweep has been looked at");
    assert!(talk.say("what did I cancel?").contains("Friday, 26 March 2027 at 9:00 AM CET (a holiday)"));
}

#[test]
fn what_is_there_already_comes_before_the_series() {
    let talk = Talk::new();
    talk.say("Schedule dinner with Anna on December 7 at 6pm");
    let booked = talk.say("Schedule gym every Monday at 6pm unless I have something else");
    assert!(booked.contains("Left out: Monday, 7 December 2026 (something else)."), "{booked}");
    assert!(!booked.contains("Careful"), "{booked}");
    assert_eq!(left_out(&talk), [("2026-12-07".to_owned(), SkipReason::Conflict)]);
}

#[test]
fn single_days_and_weekdays_are_left_out() {
    let talk = Talk::new();
    let booked = talk.say("Schedule walk every day at 7am except Sundays");
    assert!(booked.starts_with("Booked: Walk"), "{booked}");
    let user = talk.user.id;
    let (now, later) = (talk.now, talk.now + Duration::days(14));
    let sundays = talk.write(move |tx| {
        let all = tx.occurrences(user, now, later)?;
        Ok(all.into_iter().filter(|one| one.start.format("%a").to_string() == "Sun").count())
    });
    assert_eq!(sundays, 0);
    let booked = talk.say("Schedule standup every weekday at 9 except December 24");
    assert!(booked.contains("Left out: Thursday, 24 December 2026."), "{booked}");
}

#[test]
fn a_series_in_the_way_of_much_says_on_how_many_days() {
    let talk = Talk::new();
    talk.say("Schedule standup every weekday at 9");
    let booked = talk.say("Schedule yoga every Tuesday at 9");
    assert!(booked.contains("Careful, it overlaps with") && booked.contains("days of the coming year."), "{booked}");
}
