//! Sentences that the grammar has no rule for: guessed by the model of topics, and marked as guesses.

use xswarm_language::command::{Topic, understand};

use crate::printed;

fn check(table: &str) {
    printed::check(table, |sentence| {
        let understood = understand(sentence, &printed::usual());
        let mark = if understood.sure { "" } else { "? " };
        format!("{mark}{}", printed::command(&understood.command))
    });
}

#[test]
fn what_the_grammar_knows_is_sure() {
    check(
        r"
        Schedule meeting with John tomorrow at 3pm => create title=Meeting with John when=2026-11-25 15:00 with=John
        book a haircut for Saturday at 11am => create title=Haircut when=2026-11-28 11:00
        push my 3pm back an hour => move when=2026-11-24 15:00 by=1h
        call off the barbecue => cancel title=Barbecue
        what's next => agenda next
        what am i doing this weekend => agenda 2026-11-28 00:00/2026-11-30 00:00
        any new emails => read mail
        what's in my inbox => read mail
        how many weeks until Christmas => date of=2026-12-25
        never mind, cancel that => no
        sorry, stop it please => no
        could you say that one more time => repeat
        what skills do you have => help
        ",
    );
}

#[test]
fn an_announcement_is_a_guess() {
    check(
        r"
        we're having friends over saturday at 7pm => ? create title=Friends over when=2026-11-28 19:00
        i'll be at the dentist on thursday at 10 => ? create title=Dentist when=2026-11-26 10:00
        i'll be seeing my therapist every thursday at two pm => ? create title=Seeing my therapist when=FREQ=WEEKLY;BYDAY=TH 14:00
        are we doing anything on the weekend => ? agenda 2026-11-28 00:00/2026-11-30 00:00
        i had a relaxing day today => small talk
        ",
    );
}

#[test]
fn a_name_and_when_is_a_guess() {
    check(
        r"
        Choir every Wednesday at 7pm => ? create title=Choir when=FREQ=WEEKLY;BYDAY=WE 19:00
        swimming every Tuesday from 5pm to 6pm => ? create title=Swimming when=FREQ=WEEKLY;BYDAY=TU 17:00-18:00
        Vacation from December 20 to January 3 => ? create title=Vacation when=2026-12-20 00:00/2027-01-04 00:00
        Team meeting every Monday at 9 => create title=Team meeting when=FREQ=WEEKLY;BYDAY=MO 09:00
        when is choir => ? agenda any title=Choir
        when's the choir => ? agenda any title=Choir
        when is sunset => unknown
        weather from Monday to Friday => unknown
        water the plants every Friday at 5pm => unknown
        ",
    );
}

#[test]
fn talk_is_small_talk() {
    check(
        r"
        tell me a joke => small talk
        how are you today => small talk
        what's your name => small talk
        are you a real person => small talk
        I have no idea => small talk
        see you tomorrow then => small talk
        that was a really good answer => small talk
        ",
    );
}

#[test]
fn what_is_about_something_else_is_unknown() {
    check(
        r"
        are there any meeting rooms available at noon => unknown
        change the time zone to India => unknown
        play that song again => unknown
        how do I bake a chocolate cake => unknown
        turn the lights in the kitchen off => unknown
        what's the weather like in Oslo => unknown
        transfer fifty dollars to my savings => unknown
        asdf qwer zxcv => unknown
        banana => unknown
        ",
    );
}

#[test]
fn a_guess_names_its_topic() {
    // Which of these the model is sure of may change with its training; what they are about may not.
    for (sentence, topic) in [
        ("i wonder what friday holds for me on the calendar", Topic::Agenda),
        ("could you jot down a lunch with Maria in my calendar for thursday", Topic::NewAppointment),
        ("it would be great to get a nudge about the laundry, remind me at six", Topic::NewReminder),
        ("did somebody write me an email about the invoice", Topic::ReadMail),
        ("which time zone do the people of Denver use", Topic::Clock),
    ] {
        let understood = understand(sentence, &printed::usual());
        assert_eq!(Topic::of(&understood.command), topic, "{sentence}: {:?}", understood.command);
    }
}

#[test]
fn what_is_told_or_denied_is_no_command() {
    check(
        r"
        Anna moved the meeting to 4pm => unknown
        I'd rather not schedule a meeting on Friday => unknown
        I didn't ask you to set a timer for 5 minutes => unknown
        why did you set a timer for 5 minutes => unknown
        Anna set a timer for 5 minutes => unknown
        add Anna to the meeting tomorrow => unknown
        stop the timer in 5 minutes => unknown
        reset the timer => unknown
        at 4 => unknown
        half past four => unknown
        don't remind me to call mom tomorrow => cancel reminder title=call mom when=2026-11-25
        don't forget to call mom tomorrow at 5 => remind text=call mom when=2026-11-25 17:00
        don't let me forget the keys at 6pm => remind text=keys when=2026-11-24 18:00
        stop all agents => unknown
        ",
    );
}

#[test]
fn a_mail_that_was_guessed_is_never_sure() {
    check(
        r"
        can you forward this email to susan => ? mail to=Susan
        ",
    );
}
