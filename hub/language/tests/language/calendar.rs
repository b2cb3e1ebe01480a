//! Series, room in the calendar, what was called off.

use xswarm_core::series::Scope;
use xswarm_language::command::{scope_answer, understand};

use crate::printed;

fn check(table: &str) {
    printed::check(table, |sentence| printed::command(&understand(sentence, &printed::usual()).command));
}

#[test]
fn how_much_of_a_series_is_cancelled() {
    check(
        r"
        cancel yoga on Friday => cancel title=Yoga when=2026-11-27
        cancel yoga from now on => cancel title=Yoga scope=following
        cancel all future yoga classes => cancel title=Yoga classes scope=following
        cancel yoga from Friday on => cancel title=Yoga when=2026-11-27 00:00/.. scope=following
        cancel Friday's yoga and all following => cancel title=Yoga when=2026-11-27 scope=following
        cancel the whole yoga series => cancel title=Yoga scope=all
        cancel the entire series of standups => cancel title=Standups scope=all
        cancel the standup series => cancel title=Standup scope=all
        cancel only this occurrence of yoga => cancel title=Yoga scope=this
        cancel every yoga => cancel title=Yoga all
        cancel this and all following standup meetings => cancel title=Standup scope=following
        delete the standup going forward => cancel title=Standup scope=following
        ",
    );
}

#[test]
fn how_much_of_a_series_is_moved() {
    check(
        r"
        move Tuesday's standup to 10 => move title=Standup when=2026-12-01 to=2026-11-24 10:00
        move the standup to 10am from now on => move title=Standup scope=following to=2026-11-24 10:00
        move the whole standup series to 10am => move title=Standup scope=all to=2026-11-24 10:00
        move the standup on Friday and all following to 10am => move title=Standup when=2026-11-27 scope=following to=2026-11-24 10:00
        move only this one to 10am => move scope=this to=2026-11-24 10:00
        push all future standups back by 30 minutes => move title=Standups scope=following by=30m
        ",
    );
}

#[test]
fn a_question_about_the_scope_is_answered_in_few_words() {
    for (text, scope) in [
        ("only this one", Some(Scope::This)),
        ("just this one please", Some(Scope::This)),
        ("this one", Some(Scope::This)),
        ("this", Some(Scope::This)),
        ("this and all following", Some(Scope::Following)),
        ("this and the following ones", Some(Scope::Following)),
        ("from now on", Some(Scope::Following)),
        ("the following", Some(Scope::Following)),
        ("the whole series", Some(Scope::All)),
        ("all", Some(Scope::All)),
        ("all of them", Some(Scope::All)),
        ("whatever", None),
        ("2", None),
    ] {
        assert_eq!(scope_answer(text, &printed::usual()), scope, "{text}");
    }
}

#[test]
fn a_time_is_to_be_found() {
    check(
        r"
        when am I free this week for an hour => find time week 2026-11-23 for=1h
        find a time for a 30 minute call with John tomorrow afternoon => find time 2026-11-25 12:00/2026-11-25 18:00 title=Call with John for=30m with=John
        suggest a time for lunch on Friday => find time day 2026-11-27 title=Lunch
        find a slot of two hours next week => find time week 2026-11-30 for=2h
        Find a 2 hour slot next week => find time week 2026-11-30 for=2h
        Find a 3 hour slot on Tuesday => find time day 2026-12-01 for=3h
        Find me two hours next week => find time week 2026-11-30 for=2h
        find an hour for tennis on friday => find time day 2026-11-27 title=Tennis for=1h
        find a 30 minute slot for a call with John tomorrow => find time day 2026-11-25 title=Call with John for=30m with=John
        find time for a haircut this weekend => find time 2026-11-28 00:00/2026-11-30 00:00 title=Haircut
        when is a good time for a call with Anna => find time any title=Call with Anna with=Anna
        do I have time for an hour tomorrow => find time day 2026-11-25 for=1h
        when am I free tomorrow => free day 2026-11-25
        am I free on Friday => free day 2026-11-27
        ",
    );
}

#[test]
fn holidays_and_conflicts_are_left_out_of_a_series() {
    check(
        r"
        schedule standup every weekday at 9 except holidays => create title=Standup when=FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR 09:00 except holidays
        schedule standup every weekday at 9, skip holidays => create title=Standup when=FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR 09:00 except holidays
        schedule gym every Monday at 6pm unless I have something else => create title=Gym when=FREQ=WEEKLY;BYDAY=MO 18:00 busy=skip
        book yoga every Friday at 5pm and skip it when I'm busy => create title=Yoga when=FREQ=WEEKLY;BYDAY=FR 17:00 busy=skip
        ",
    );
}

#[test]
fn what_was_called_off_is_asked_for() {
    check(
        r"
        what did I cancel? => cancelled
        what have I cancelled this week => cancelled
        show cancelled appointments => cancelled
        ",
    );
}
