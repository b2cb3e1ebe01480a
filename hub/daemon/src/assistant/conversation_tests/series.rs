//! Series by conversation: one day, one and all that follow, all; asked where it was not said; undone whole.

use chrono::Duration;
use xswarm_core::appointment::{Appointment, AppointmentOrigin, AppointmentSource};

use super::talk::Talk;

/// Yoga on Tuesdays at six, from 1 December on; the clock says 24 November, 10:00.
fn yoga() -> Talk {
    let talk = Talk::new();
    let booked = talk.say("Schedule yoga every Tuesday at 6pm starting December 1");
    assert!(booked.starts_with("Booked: Yoga, Tuesday, 1 December 2026, 6:00–7:00 PM CET, every Tuesday"), "{booked}");
    talk
}

/// The days of the next weeks on which something is, in UTC.
fn days(talk: &Talk) -> Vec<String> {
    let (user, now) = (talk.user.id, talk.now);
    talk.write(move |tx| {
        let found = tx.occurrences(user, now, now + Duration::days(37))?;
        Ok(found.iter().map(|one| one.start.format("%m-%d %H:%M").to_string()).collect())
    })
}

const TUESDAYS: [&str; 5] = ["12-01 17:00", "12-08 17:00", "12-15 17:00", "12-22 17:00", "12-29 17:00"];

#[test]
fn who_names_a_day_means_that_day_alone() {
    let talk = yoga();
    let asked = talk.say("cancel yoga on December 8");
    assert!(
        asked.starts_with("Cancel Yoga, Tuesday, 8 December 2026 at 6:00 PM CET (only this one of the series)?"),
        "{asked}"
    );
    assert!(talk.say("yes").starts_with("Cancelled: Yoga, Tuesday, 8 December 2026"));
    assert_eq!(days(&talk), ["12-01 17:00", "12-15 17:00", "12-22 17:00", "12-29 17:00"]);
    assert!(talk.say("what did I cancel?").contains("Yoga, Tuesday, 8 December 2026"));
    let moved = talk.say("move the yoga on December 15 to 7pm");
    assert!(moved.starts_with("Moved: Yoga, Tuesday, 15 December 2026, 7:00–8:00 PM CET. Only this one;"), "{moved}");
    assert_eq!(days(&talk), ["12-01 17:00", "12-15 18:00", "12-22 17:00", "12-29 17:00"]);
    let undone = talk.say("undo");
    assert!(undone.starts_with("Undone: Yoga, Tuesday, 15 December 2026, 6:00–7:00 PM CET stands again"), "{undone}");
    talk.say("undo");
    assert_eq!(days(&talk), TUESDAYS);
    let none = talk.say("cancel yoga on December 9");
    assert!(none.contains("There is a series, but not on that day; its next is Yoga, Tuesday, 1 December"), "{none}");
}

#[test]
fn what_was_not_said_is_asked_and_answered_in_words_or_numbers() {
    let talk = yoga();
    let asked = talk.say("cancel yoga");
    assert_eq!(
        asked,
        "Yoga is a series. What shall I cancel?\n1. Only this one (Tuesday, 1 December 2026 at 6:00 PM CET)\n\
         2. This and all following\n3. The whole series"
    );
    assert!(talk.say("banana").starts_with("Please answer 1 (only this one)"));
    assert!(talk.say("only this one").starts_with("Cancelled: Yoga, Tuesday, 1 December 2026"));
    assert_eq!(days(&talk).first().map(String::as_str), Some("12-08 17:00"));
    talk.say("cancel yoga");
    assert!(talk.say("never mind").contains("Nothing was changed."));
    talk.say("cancel yoga");
    assert!(talk.say("3").starts_with("Cancelled: the whole series Yoga"));
    assert!(days(&talk).is_empty() && talk.pending().is_empty());
    talk.say("undo");
    assert_eq!(days(&talk).len(), 4);
    assert_eq!(talk.pending(), ["12-08 16:45:00 Yoga"]);
    talk.say("move yoga to 7pm");
    let moved = talk.say("the whole series");
    assert!(moved.contains("7:00–8:00 PM CET, every Tuesday. The whole series moves."), "{moved}");
    assert_eq!(days(&talk), ["12-08 18:00", "12-15 18:00", "12-22 18:00", "12-29 18:00"]);
}

#[test]
fn this_and_following_splits_the_series_and_undo_makes_it_one_again() {
    let talk = yoga();
    let moved = talk.say("move the yoga on December 15 and all following to Wednesday December 16 at 5pm");
    assert!(moved.contains("Wednesday, 16 December 2026, 5:00–6:00 PM CET, every Wednesday"), "{moved}");
    assert!(moved.contains("This one and all that follow; the earlier ones stay."), "{moved}");
    assert_eq!(days(&talk), ["12-01 17:00", "12-08 17:00", "12-16 16:00", "12-23 16:00", "12-30 16:00"]);
    assert_eq!(talk.pending(), ["12-01 16:45:00 Yoga", "12-16 15:45:00 Yoga"]);
    talk.say("undo");
    assert_eq!(days(&talk), TUESDAYS);
    assert_eq!(talk.pending(), ["12-01 16:45:00 Yoga"]);
    let asked = talk.say("cancel yoga from December 15 on");
    assert!(asked.contains("Tuesday, 15 December 2026 at 6:00 PM CET, and all that follow? (yes or no)"), "{asked}");
    talk.say("yes");
    assert_eq!(days(&talk), ["12-01 17:00", "12-08 17:00"]);
    talk.say("undo");
    assert_eq!(days(&talk), TUESDAYS);
}

#[test]
fn a_moved_or_cancelled_day_takes_its_reminder_along() {
    let talk = yoga();
    assert_eq!(talk.pending(), ["12-01 16:45:00 Yoga"]);
    talk.say("move the yoga on December 1 to 8pm");
    assert_eq!(talk.pending(), ["12-01 18:45:00 Yoga"]);
    let asked = talk.say("cancel the yoga on December 1");
    assert!(asked.contains("Tuesday, 1 December 2026 at 8:00 PM CET (only this one of the series)"), "{asked}");
    talk.say("yes");
    assert_eq!(talk.pending(), ["12-08 16:45:00 Yoga"]);
}

#[test]
fn it_means_the_series_that_was_just_booked() {
    let talk = yoga();
    let moved = talk.say("move it to 7pm");
    assert!(moved.contains("The whole series moves."), "{moved}");
    assert_eq!(days(&talk).first().map(String::as_str), Some("12-01 18:00"));
}

#[test]
fn all_of_a_day_is_cancelled_and_no_series_with_it() {
    let talk = yoga();
    talk.say("Schedule meeting with John on December 8 at 10am");
    let asked = talk.say("cancel all my appointments on December 8");
    assert!(asked.starts_with("Cancel all 2 of these?") && asked.contains("only this one of the series"), "{asked}");
    talk.say("yes");
    assert_eq!(days(&talk), ["12-01 17:00", "12-15 17:00", "12-22 17:00", "12-29 17:00"]);
    talk.say("undo");
    assert_eq!(days(&talk).len(), 6);
}

#[test]
fn several_days_of_a_series_are_listed_and_the_chosen_one_goes() {
    let talk = yoga();
    let asked = talk.say("cancel yoga in December");
    assert!(asked.starts_with("Which one shall I cancel?\n1. Yoga, Tuesday, 1 December"), "{asked}");
    assert!(talk.say("the second one").starts_with("Cancelled: Yoga, Tuesday, 8 December 2026"));
    assert_eq!(days(&talk).len(), 4);
}

#[test]
fn what_the_boss_did_not_make_is_moved_only_after_a_yes_that_names_it() {
    let talk = Talk::new();
    talk.say("Schedule board meeting tomorrow at 3pm");
    let user = talk.user.id;
    let imported = move |tx: &xswarm_store::Tx<'_>| {
        let all = tx.appointments_from(user, chrono::DateTime::UNIX_EPOCH, 10)?;
        for one in all {
            let source = AppointmentSource {
                origin: AppointmentOrigin::Invitation,
                organizer: Some("john@example.com".into()),
                ..one.source.clone()
            };
            let invited = Appointment { source, ..one };
            tx.appointment_update(&invited, xswarm_store::AppointmentChange::Always)?;
        }
        Ok(())
    };
    talk.write(imported);
    let asked = talk.say("move the board meeting to 5pm");
    assert_eq!(
        asked,
        "Shall I move Board meeting, Wednesday, 25 November 2026, 3:00–4:00 PM CET to Wednesday, 25 November 2026 at \
         5:00 PM CET? It is an invitation; john@example.com is not told. (yes or no)"
    );
    assert_eq!(talk.calendar(), ["11-25 14:00 Board meeting"]);
    assert!(talk.say("no").contains("Nothing was changed."));
    talk.say("move the board meeting to 5pm");
    // Meanwhile it changes.
    talk.write(imported);
    assert!(talk.say("yes").contains("It has changed in the meantime."));
    talk.say("move the board meeting to 5pm");
    assert!(talk.say("yes").starts_with("Moved: Board meeting"));
    assert_eq!(talk.calendar(), ["11-25 16:00 Board meeting"]);
    assert!(talk.say("cancel the board meeting").contains("john@example.com is not told."));
}

#[test]
fn days_that_cannot_move_are_said_to_be_so() {
    let talk = Talk::new();
    talk.say("Schedule review on the last Friday of every month at 10am");
    let asked = talk.say("move the whole review series to Saturday");
    assert!(asked.contains("cannot move like that. Nothing was changed."), "{asked}");
}

#[test]
fn whole_days_are_booked_and_shown_on_each_of_them() {
    let talk = Talk::new();
    let booked = talk.say("Schedule conference all day on Friday");
    assert!(booked.starts_with("Booked: Conference, Friday, 27 November 2026, all day."), "{booked}");
    talk.say("Schedule trip from Thursday 3pm to Saturday 10am");
    let agenda = talk.say("What's on my calendar this week?");
    for line in [
        "– from 3:00 PM Trip (day 1 of 3)",
        "– all day Conference",
        "– all day Trip (day 2 of 3)",
        "– until 10:00 AM Trip (day 3 of 3)",
    ] {
        assert!(agenda.contains(line), "{line} in {agenda}");
    }
}
