//! What refers to what was just spoken of, and questions about what was changed. Now is Tuesday, 24 November 2026, 9:30 in
//! Berlin.

use xswarm_language::command::{Command, Which, understand};

use crate::printed;

fn check(table: &str) {
    printed::check(table, |sentence| printed::command(&understand(sentence, &printed::usual()).command));
}

#[test]
fn one_of_several_is_named_by_its_place() {
    check(
        r"
        move the second one to 5pm => move nth=2 to=2026-11-24 17:00
        reschedule the first one to 6pm => move nth=1 to=2026-11-24 18:00
        move the last one to Friday => move nth=-1 to=2026-11-27
        cancel the second one => cancel nth=2
        cancel the third => cancel nth=3
        cancel the first two => cancel several=2 all
        cancel the last two meetings => cancel several=-2 all
        cancel both => cancel several=2 all it
        cancel both of them => cancel several=2 all it
        cancel them => cancel all it
        cancel all of them => cancel all it
        cancel that meeting => cancel it
        move that meeting to Friday => move it to=2026-11-27
        ",
    );
}

#[test]
fn the_next_meeting_is_not_counted_in_a_list() {
    for (text, listed) in [("cancel the first meeting", true), ("cancel the next meeting", false)] {
        let Command::CancelAppointment { which } = understand(text, &printed::usual()).command else {
            panic!("{text}")
        };
        assert_eq!(which, Which { nth: Some(1), listed, ..Which::default() }, "{text}");
    }
}

#[test]
fn a_question_may_say_nothing_but_what_it_asks() {
    check(
        r"
        when is it? => tell When it
        when does it start? => tell When it
        where is it? => tell Where it
        who is coming? => tell Who it
        who's coming to it? => tell Who it
        how long is it? => tell HowLong it
        where is the second one? => tell Where nth=2
        when is the last one? => tell When nth=-1
        who is coming to the second one? => tell Who nth=2
        who is coming to that meeting? => tell Who it
        what about the third one? => tell When nth=3
        ",
    );
}

#[test]
fn reminders_before_what_was_spoken_of() {
    check(
        r"
        remind me before it => remind before it
        remind me before that meeting => remind before it
        remind me before the second one => remind before nth=2
        remind me 30 minutes before that meeting => remind before it leads=30m
        remind me 10 minutes before the second one => remind before nth=2 leads=10m
        ",
    );
}

#[test]
fn what_was_changed_is_asked_for() {
    check(
        r"
        what did you do today? => changes day 2026-11-24
        what have you changed this week => changes week 2026-11-23
        what did I book yesterday => changes day 2026-11-23
        show me what you did => changes any
        what changes did you make on Monday? => changes day 2026-11-23
        list your changes => changes any
        what have you done for me so far? => changes any
        undo that => undo
        take that back => undo
        ",
    );
    for other in ["what did I book for tomorrow", "what did you do to my bike", "what did I cancel"] {
        let command = understand(other, &printed::usual()).command;
        assert!(!matches!(command, Command::ListChanges { .. }), "{other}: {command:?}");
    }
}
