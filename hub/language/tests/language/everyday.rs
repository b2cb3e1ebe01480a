//! What people say in passing every day, and what sounds like it and means something else. Now is Tuesday, 24 November
//! 2026, 9:30 in Berlin.

use xswarm_language::command::{Command, understand};

use crate::printed;

fn check(table: &str) {
    printed::check(table, |sentence| printed::command(&understand(sentence, &printed::usual()).command));
}

#[test]
fn a_new_length_is_no_new_time() {
    check(
        r"
        make it 2 hours => move it length=2h
        make it 30 minutes => move it length=30m
        make it half an hour => move it length=30m
        make the meeting 45 minutes => move length=45m
        actually make it 2 hours => move it length=2h
        no, 2 hours => move it length=2h
        make it an hour longer => move it length=by 1h
        make it 30 minutes shorter => move it length=by -30m
        make it an hour later => move it by=1h
        make it half an hour earlier => move it by=-30m
        make it 2 hours long => move it length=2h
        make it longer => move it length=longer
        make the meeting a bit shorter => move length=shorter
        extend the call => move title=Call length=longer
        shorten it => move it length=shorter
        make it 4pm => move it to=2026-11-24 16:00
        make my hair longer => unknown
        wait 5 minutes => unknown
        sorry 5 minutes => small talk
        ",
    );
}

#[test]
fn what_is_said_of_a_time_is_no_part_of_a_title() {
    check(
        r"
        arrange gym for me, sunday at 10am would be best => create title=Gym when=2026-11-29 10:00
        gym slot needed, sunday at 10am ideally, thanks => create title=Gym slot when=2026-11-29 10:00
        could you put my gym session in the plan for sunday at 10am please => create title=Gym session when=2026-11-29 10:00
        book 1h focus time monday 9am => create title=Focus time when=2026-11-30 09:00 for=1h
        book a 90min workshop monday 9am => create title=Workshop when=2026-11-30 09:00 for=1h 30m
        schedule review of the plan for us tomorrow at 3pm => create title=Review of the plan when=2026-11-25 15:00
        schedule talk about changes in the plan tomorrow at 3pm => create title=Talk about changes in the plan when=2026-11-25 15:00
        schedule help wanted ads review tomorrow at 3pm => create title=Help wanted ads review when=2026-11-25 15:00
        ",
    );
}

#[test]
fn the_next_days_begin_now() {
    check(
        r"
        what's on in the next 7 days => agenda 2026-11-24 09:30/2026-12-02 00:00
        what's on my calendar the next few days => agenda 2026-11-24 09:30/2026-11-28 00:00
        what's on tomorrow => agenda day 2026-11-25
        what's on next week => agenda week 2026-11-30
        what reminders do I have in the next 3 days => reminders 2026-11-24 09:30/2026-11-28 00:00
        ",
    );
}

#[test]
fn hours_without_reminders_call_none_off() {
    check(
        r"
        don't remind me to call mom => cancel reminder title=call mom
        ",
    );
    for sentence in ["don't remind me before 8am", "don't remind me after 10pm", "don't remind me between 10pm and 7am"]
    {
        let said = printed::command(&understand(sentence, &printed::usual()).command);
        assert!(!said.starts_with("cancel"), "{sentence}: {said}");
    }
}

#[test]
fn what_was_told_is_looked_for_and_forgotten() {
    check(
        r"
        search for wifi => search wifi
        find hunter2 => search hunter2
        find wifi password => search wifi password
        find a time for a call tomorrow => find time day 2026-11-25 title=Call
        find me a recipe => unknown
        find nearby restaurants => unknown
        find my next meeting => agenda next
        find music => unknown
        look up the weather => unknown
        forget everything => forget all
        forget everything you know about me => forget all
        forget everything about Anna => forget Anna
        forget about pizza => forget pizza
        forget about Anna's allergy => forget Anna's allergy
        forget about it => no
        forget about the meeting tomorrow => cancel when=2026-11-25
        forget about that => unknown
        forget to call mom => unknown
        ",
    );
    for sentence in ["search my messages for", "search"] {
        let said = understand(sentence, &printed::usual()).command;
        assert_eq!(said, Command::SearchMessages { words: String::new() }, "{sentence}");
    }
}

#[test]
fn titles_and_places_are_changed() {
    check(
        r"
        rename it to Deep work => edit it name=Deep work
        call it Pizza with Anna => edit it name=Pizza with Anna
        rename the meeting with John to Kickoff => edit with=John name=Kickoff
        change the title to Lunch at 12 => edit it name=Lunch at 12
        set the location to Mario's => edit it at=Mario's
        change the place of the dentist to Main Street 5 => edit title=Dentist at=Main Street 5
        call it off => unknown
        call it a day => unknown
        set my location to Berlin => unknown
        rename the shopping list to groceries => unknown
        change the title song => unknown
        ",
    );
}

#[test]
fn a_birthday_is_a_whole_day_every_year() {
    check(
        r"
        birthday of Anna on 3 May => create title=Anna's birthday when=FREQ=YEARLY from 2027-05-03 all_day=yes
        add Anna's birthday May 3 => create title=Anna's birthday when=FREQ=YEARLY from 2027-05-03 all_day=yes
        add wedding anniversary on June 5 to my calendar => create title=Wedding anniversary when=FREQ=YEARLY from 2027-06-05 all_day=yes
        add Anna's birthday party May 3 at 5pm => create title=Anna's birthday party when=2027-05-03 17:00
        add Anna's birthday party May 3 => create title=Anna's birthday party when=2027-05-03
        add Anna's birthday May 3 at 5pm => create title=Anna's birthday when=2027-05-03 17:00
        ",
    );
}

#[test]
fn what_can_be_done_is_asked() {
    check(
        r"
        help with mail => help with=Mail
        help with money => help with=Money
        help with calendar => help with=Calendar
        how do I cancel something => help with=Cancel something
        can you send emails? => help with=Send emails
        can you call people? => help with=Call people
        can you read my emails? => read mail
        can you set reminders? => help with=Set reminders
        how do I cancel a subscription => unknown
        ",
    );
}
