//! Commands in their particulars: the timer family, lengths, bounds of series, corrections, and times that cannot be.

use xswarm_language::command::understand;

use crate::printed;

fn check(table: &str) {
    printed::check(table, |sentence| printed::command(&understand(sentence, &printed::usual()).command));
}

#[test]
fn the_whole_timer_family() {
    check(
        r"
        set two timers, one for 5 minutes and one for 10 minutes => timers 5m - | 10m -
        pasta timer for nine minutes and an egg timer for six minutes => timers 9m pasta | 6m egg
        add 5 minutes to all timers => change timer all by=5m
        take 2 minutes off the pasta timer => change timer title=pasta by=-2m
        extend the timer to 20 minutes => change timer to=20m
        change the egg timer to 10 minutes => change timer title=egg to=10m
        pause => pause timer
        unpause => resume timer
        add 5 minutes => change timer by=5m
        take off 1 minute => change timer by=-1m
        add a minute to pasta => change timer title=pasta by=1m
        timer for 1:30 => timer
        timer for 3pm => timer for=5h 30m
        timer for an hour and twenty => timer for=1h 20m
        pause the pasta timer => pause timer title=pasta
        resume the egg timer => resume timer title=egg
        ",
    );
}

#[test]
fn what_changes_what_there_is() {
    check(
        r"
        make tomorrow's meeting an hour longer => move when=2026-11-25 length=by 1h
        change the call with Bob to 45 minutes => move title=Call with=Bob length=45m
        extend the review by 30 minutes => move title=Review length=by 30m
        schedule dentist Saturday 10am no reminder => create title=Dentist when=2026-11-28 10:00 silent=yes
        ",
    );
}

#[test]
fn snoozing_ends_when_the_named_time_begins() {
    check(
        r"
        snooze until tomorrow morning => snooze until=2026-11-25 06:00
        snooze until Monday => snooze until=2026-11-30
        snooze until next week => snooze until=2026-11-30
        snooze until 5pm => snooze until=2026-11-24 17:00
        snooze it for half an hour => snooze it for=30m
        ",
    );
}

#[test]
fn a_series_keeps_what_is_said_of_it_elsewhere() {
    check(
        r"
        remind me every morning to stretch for 10 days => remind text=stretch when=FREQ=DAILY;UNTIL=20261204T093000Z 06:00
        schedule yoga on Tuesdays at 6pm 6 times => create title=Yoga when=FREQ=WEEKLY;BYDAY=TU;COUNT=6 18:00
        schedule a class every Monday at 5pm with Kim starting January 4 => create title=Class with Kim when=FREQ=WEEKLY;BYDAY=MO 17:00 from 2027-01-04 with=Kim
        set an alarm for 7 every weekday => remind when=FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR 07:00
        ",
    );
}

#[test]
fn corrections_names_and_small_print() {
    check(
        r"
        schedule lunch on Friday, no wait, Saturday at noon => create title=Lunch when=2026-11-28 12:00
        Meeting with Bob about the Q3 budget tomorrow at 2pm => create title=Meeting with Bob about the Q3 budget when=2026-11-25 14:00 with=Bob
        schedule a meeting with June tomorrow at 3 => create title=Meeting with June when=2026-11-25 15:00 with=June
        schedule a call Monday at 3pm Pacific => create title=Call when=2026-12-01 00:00
        schedule a call on Monday at half seven => create title=Call when=2026-11-30 07:30
        lunch with Kim 2moro at 1 => create title=Lunch with Kim when=2026-11-25 13:00 with=Kim
        I have a doctor's appointment on the 9th at 11 => create title=Doctor's appointment when=2026-12-09 11:00
        ",
    );
}

#[test]
fn times_that_cannot_be_as_said_are_told() {
    for (sentence, problem) in [
        ("schedule a call at 25:00 tomorrow", "there is no such time: at 25:00 tomorrow"),
        ("schedule a call tomorrow at 10:75", "there is no such time: tomorrow at 10:75"),
        ("schedule a call on Saturday November 30 at 10", "that day is no Sat: on Saturday November 30 at 10"),
        ("schedule a call Tuesday the 28th at noon", "that day is no Tue: Tuesday the 28th at noon"),
        ("schedule a call on Saturday or Sunday", "more than one time: on Saturday or Sunday"),
        (
            "remind me every Monday at 10 and every Friday at 5 to stretch",
            "more than one time: every Monday at 10 and every Friday at 5",
        ),
        ("remind me at 8 am and 8 pm to take pills", "more than one time: at 8 am and 8 pm"),
        ("remind me to take my pills at 8am and 8pm every day", "more than one time: at 8am and 8pm every day"),
        ("gym mon wed fri 6:30am", "more than one time: mon wed fri"),
        ("schedule a call tomorrow at 8 am in the evening", "there is no such time: tomorrow at 8 am in the evening"),
        ("schedule a call on the 32nd", "there is no such date: on the 32nd"),
        ("set a reminder in ten to fifteen minutes to stretch", "too vague to act on: ten to fifteen minutes"),
    ] {
        let problems: Vec<String> =
            understand(sentence, &printed::usual()).problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems, [problem], "{sentence}");
    }
}

#[test]
fn what_a_word_tells_of_the_hour() {
    check(
        r"
        schedule dinner with Sam on Friday at 8 => create title=Dinner with Sam when=2026-11-27 20:00 with=Sam
        schedule a concert on Friday at 7 => create title=Concert when=2026-11-27 19:00
        schedule a call on Friday at 8 => create title=Call when=2026-11-27 08:00
        remind me first thing tomorrow to call Bob => remind text=call Bob when=2026-11-25 06:00/2026-11-25 12:00
        book club on Sunday at 5pm => create title=Book club when=2026-11-29 17:00
        ",
    );
}

#[test]
fn what_was_just_done_is_corrected() {
    check(
        r"
        no, at 11 => move it to=2026-11-24 11:00
        actually make it Sunday => move it to=2026-11-29
        I meant Monday => move it to=2026-11-30
        make the egg timer 10 minutes instead => change timer title=egg to=10m
        thanks, you're the best => thanks
        change the pay rent reminder to 10am => move reminder title=pay rent to=2026-11-24 10:00
        ",
    );
}
