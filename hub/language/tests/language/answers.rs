//! Answers to questions that the Boss asked. Now is Tuesday, 24 November 2026, 9:30 in Berlin.

use xswarm_language::command::{Answer, Expecting, understand_answer};

use crate::printed;

fn printed_answer(answer: &Answer) -> String {
    match answer {
        Answer::Time(when) => format!("time {}", printed::value(&when.value)),
        Answer::Duration(span) => format!("for {}", printed::span(*span)),
        Answer::Title(title) => format!("title {title}"),
        Answer::Yes => "yes".to_owned(),
        Answer::No => "no".to_owned(),
        Answer::Choice(nth) => format!("choice {nth}"),
        Answer::NewCommand(understood) => format!("new: {}", printed::command(&understood.command)),
        Answer::Unclear => "unclear".to_owned(),
    }
}

fn check(expecting: Expecting, table: &str) {
    printed::check(table, |answer| printed_answer(&understand_answer(answer, expecting, &printed::usual())));
}

#[test]
fn when() {
    check(
        Expecting::Time,
        r"
        tomorrow at 3 => time 2026-11-25 15:00
        at 3 => time 2026-11-24 15:00
        3 => time 2026-11-24 15:00
        7 => time 2026-11-24 19:00
        3pm => time 2026-11-24 15:00
        noon => time 2026-11-24 12:00
        the 15th => time 2026-12-15
        15th => time 2026-12-15
        Friday => time 2026-11-27
        friday 10 => time 2026-11-27 10:00
        in 20 minutes => time 2026-11-24 09:50
        20 minutes => time 2026-11-24 09:50
        from 2 to 4 tomorrow => time 2026-11-25 14:00/2026-11-25 16:00
        10 to 11 => time 2026-11-24 10:00/2026-11-24 11:00
        every Monday at 9 => time FREQ=WEEKLY;BYDAY=MO 09:00
        next week => time week 2026-11-30
        may => time month 2027-05-01
        make it tomorrow at noon => time 2026-11-25 12:00
        let's say Thursday at 4 => time 2026-11-26 16:00
        how about half past two? => time 2026-11-24 14:30
        never mind => no
        cancel that => no
        what's on my calendar tomorrow? => new: agenda day 2026-11-25
        set a timer for 5 minutes => new: timer for=5m
        remind me to call mom at 5 => new: remind text=call mom when=2026-11-24 17:00
        schedule a call with Kim on Friday at 2pm => new: create title=Call with Kim when=2026-11-27 14:00 with=Kim
        banana => unclear
        every other Thursday choir practice at 7pm => unclear
        ",
    );
}

#[test]
fn how_long() {
    check(
        Expecting::Duration,
        r"
        an hour => for 1h
        30 => for 30m
        forty five => for 45m
        30 minutes => for 30m
        half an hour => for 30m
        2 hours please => for 2h
        about 20 min => for 20m
        an hour and a half => for 1h 30m
        never mind => no
        what time is it => new: time
        long => unclear
        ",
    );
}

#[test]
fn what_shall_it_be_called() {
    check(
        Expecting::Title,
        r"
        lunch with Anna => title Lunch with Anna
        Budget review => title Budget review
        call it Kickoff => title Kickoff
        it's a dentist appointment => title Dentist appointment
        dinner tomorrow => title Dinner tomorrow
        never mind => no
        what's on my calendar today? => new: agenda day 2026-11-24
        ... => unclear
        ",
    );
}

#[test]
fn yes_or_no() {
    check(
        Expecting::YesNo,
        r"
        yes => yes
        Yes please => yes
        yep => yes
        sure, go ahead => yes
        ok => yes
        yes, all of them => yes
        no => no
        No! => no
        nope => no
        don't => no
        no, leave it => no
        never mind => no
        cancel that => no
        hm => unclear
        what's the time => new: time
        move it to 5 => new: move it to=2026-11-24 17:00
        ",
    );
}

#[test]
fn which_of_them() {
    check(
        Expecting::Choice { of: 3 },
        r"
        1 => choice 1
        the first one => choice 1
        second => choice 2
        the second => choice 2
        number 3 => choice 3
        three => choice 3
        the last one => choice 3
        #2 => choice 2
        the 2nd please => choice 2
        4 => title 4
        the one with Anna => title One with Anna
        I mean the second => choice 2
        massage2 => title Massage2
        dentist 2 => title Dentist 2
        cancel massage2 => new: cancel title=Massage2
        cancel the second one => new: cancel nth=2
        don't move massage2 => no
        not that one => no
        none => no
        never mind => no
        ",
    );
}
