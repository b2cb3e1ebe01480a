//! What a model may say, and what of it is heard.

use super::*;

fn heard(said: &str) -> String {
    answer(&[], said, false, false)
}

#[test]
fn a_claim_without_a_deed_is_not_passed_on() {
    for claim in [
        "I've booked dinner for Friday at 7.",
        "Done!",
        "All set.",
        "I have scheduled it.",
        "Your reminder has been set for 9 AM.",
        "The meeting is now cancelled.",
        "It's booked.",
        "I just sent Anna a message.",
        "I'll remind you at noon.",
        "I will let Anna know.",
        "Booked: Dinner, Friday.",
        "Okay, I added milk to your list.",
        "Your appointments were moved.",
        "Consider it done.",
        "We've deleted everything.",
    ] {
        assert_eq!(heard(claim), "I did not get that done. Nothing was changed.", "{claim}");
        let beside = heard(&format!("Rome is lovely in spring. {claim}"));
        assert_eq!(beside, "Rome is lovely in spring. Nothing was changed.", "{claim}");
    }
}

#[test]
fn what_merely_sounds_like_a_deed_is_said_with_the_truth_behind_it() {
    for claim in [
        "Dinner with Anna is in your diary for Friday at 7.",
        "She knows now.",
        "Your boiler appointment for Monday 9 AM is all in place, and Anna has been let in on it.",
        "Milk is now on your shopping list.",
        "Got it, milk goes on the shopping list!",
        "Ich habe den Termin mit Anna für morgen um 15 Uhr eingetragen.",
        "J'ai ajouté le rendez-vous demain matin.",
        "The dentist is off too.",
    ] {
        assert_eq!(heard(claim), format!("{claim} Nothing was changed."));
    }
    let done = ["Added to the shopping list: milk".to_owned()];
    let said = answer(&done, "She got it. The dentist is off too.", true, false);
    assert!(said.ends_with("Nothing else was changed."), "{said}");
}

#[test]
fn plain_talk_is_passed_on_as_it_is() {
    for said in [
        "The Eiffel Tower was completed in 1889.",
        "Rome, of course: it has been the capital since 1871.",
        "Why did the scarecrow win a prize? He was outstanding in his field.",
        "When should it be?",
        "I can't send messages to people I don't know.",
        "I have not booked anything.",
        "Pasta takes 9 to 11 minutes, e.g. penne at 3.5 per cent salt.",
        "You could ask for it in two days.",
        "Michelangelo. It was started in 1508 and finished in 1512.",
        "You have a meeting with Bob at 3 PM.",
        "There is nothing on your calendar on Friday.",
        "Which list is it?",
    ] {
        assert_eq!(heard(said), said);
    }
}

#[test]
fn whoever_asked_for_a_deed_is_told_that_there_was_none() {
    assert_eq!(answer(&[], "Which Anna?", true, false), "Which Anna? Nothing was changed.");
    assert_eq!(answer(&[], "", true, false), "I did not get that done. Nothing was changed.");
    assert_eq!(answer(&[], "", false, false), "I have no answer to that.");
}

#[test]
fn deeds_are_in_our_words_and_the_claims_for_them_left_out() {
    let done = ["Booked: Dinner, Friday, 27 November 2026, 7:00–8:00 PM CET".to_owned()];
    let said = answer(&done, "I've booked dinner and texted Anna. Enjoy!", true, false);
    assert_eq!(said, "Booked: Dinner, Friday, 27 November 2026, 7:00–8:00 PM CET.\nEnjoy!");
}

#[test]
fn requests_for_deeds_are_known_by_their_verb() {
    for text in ["Book a table", "could you please send Anna my love", "I want to cancel it", "so, let's move it"] {
        assert!(asks_for_a_deed(text), "{text}");
    }
    for text in [
        "tell me about Rome, mate",
        "could you write a haiku about rain",
        "make me laugh",
        "who wrote Faust?",
        "what is a set?",
        "Is the booking fee high?",
        "tea or coffee",
    ] {
        assert!(!asks_for_a_deed(text), "{text}");
    }
}

#[test]
fn links_are_text_and_carry_nothing() {
    for (said, untainted, tainted) in [
        (
            "See https://en.wikipedia.org/wiki/Rome?x=1#y.",
            "See en[.]wikipedia[.]org/wiki/Rome",
            "See en[.]wikipedia[.]org",
        ),
        ("[here](http://evil.example/steal?d=secret)", "[here](evil[.]example/steal)", "[here](evil[.]example)"),
        ("www.evil.example/a?b", "www[.]evil[.]example/a", "www[.]evil[.]example"),
        ("evil.example?code=4711", "evil[.]example", "evil[.]example"),
        ("https://user:pass@evil.example:81/x", "evil[.]example:81/x", "evil[.]example:81"),
        ("HTTPS://EVIL.EXAMPLE/?q=a", "EVIL[.]EXAMPLE", "EVIL[.]EXAMPLE"),
        ("//evil.example/x", "evil[.]example/x", "evil[.]example"),
        ("1.2.3.4/x", "1[.]2[.]3[.]4/x", "1[.]2[.]3[.]4"),
    ] {
        assert_eq!(readable(said, false), untainted, "{said}");
        assert_eq!(readable(said, true), tainted, "{said}");
    }
    for said in ["At 3.5 per cent, i.e. little.", "Ask Luigi's at 7.30 p.m.", "and/or", "24/7"] {
        assert_eq!(readable(said, true), said);
    }
}

#[test]
fn no_hidden_mark_and_no_emphasis_is_shown() {
    assert_eq!(readable("a\u{200b}b\u{202e}c **bold** `code`\nnext", false), "abc bold code\nnext");
}

#[test]
fn what_broke_off_says_what_was_done_before() {
    assert_eq!(broken_off(&[], "It took too long."), "It took too long. Nothing was changed.");
    assert_eq!(
        broken_off(&["Booked: x".into()], "It took too long."),
        "Booked: x.\nIt took too long. Nothing else was changed."
    );
}
