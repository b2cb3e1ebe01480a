//! Questions about what was told, looking for it, forgetting it; names with a slip; things that are there already.

use super::talk::Talk;

#[test]
fn a_question_about_what_was_told_is_answered_from_it() {
    let talk = Talk::new();
    talk.say("remember my wifi password is hunter2");
    talk.say("Remember that Anna is allergic to nuts");
    for (asked, told) in [
        ("what's my wifi password", "my wifi password is hunter2"),
        ("is Anna allergic to anything?", "Anna is allergic to nuts"),
        ("what is Anna allergic to", "Anna is allergic to nuts"),
    ] {
        let answer = talk.say(asked);
        assert!(answer.starts_with("You told me on ") && answer.contains(told), "{asked}: {answer}");
    }
    talk.say("Add a contact: Berta Berg, +49 151 23456789, my sister");
    assert!(talk.say("who is my sister").starts_with("Berta Berg, your sister"));
    for asked in ["who is my brother", "is Berta allergic to anything?", "what is Peter allergic to", "asdf nuts"] {
        let answer = talk.say(asked);
        assert!(!answer.contains("You told me") && !answer.contains("Berta Berg"), "{asked}: {answer}");
    }
}

#[test]
fn what_was_told_is_searched_and_forgotten_as_a_whole_after_a_yes() {
    let talk = Talk::new();
    assert_eq!(talk.say("forget everything"), "You have not told me anything to remember. Nothing was changed.");
    talk.say("remember my wifi password is hunter2");
    talk.say("Remember that Anna is allergic to nuts");
    assert!(talk.say("search for wifi").contains("my wifi password is hunter2"));
    assert!(talk.say("find hunter2").contains("my wifi password is hunter2"));
    assert!(talk.say("search my messages for").starts_with("For what?"));
    assert!(talk.say("forget about nuts").starts_with("Forget \"Anna is allergic to nuts\" for good?"));
    talk.say("no");
    let asked = talk.say("forget everything you know about me");
    assert!(asked.starts_with("Forget all 2 things you told me to remember, for good?"), "{asked}");
    talk.say("no");
    assert!(talk.say("what do you remember").contains("hunter2"));
    talk.say("forget everything");
    assert!(talk.say("yes").starts_with("Forgotten for good"));
    assert!(talk.say("what do you remember").starts_with("You have not told me anything"));
}

#[test]
fn a_slip_of_one_letter_in_a_name_is_seen_through() {
    let talk = Talk::new();
    talk.say("Dentist tomorrow at 3pm");
    for slip in ["dentst", "denttist", "dentisr", "dnetist"] {
        let asked = talk.say(&format!("cancle the {slip}"));
        assert!(asked.starts_with("Cancel Dentist, "), "{slip}: {asked}");
        talk.say("no");
    }
    for other in ["dinner", "dntst", "dent1"] {
        let asked = talk.say(&format!("cancel the {other}"));
        assert!(asked.starts_with("I find no appointment"), "{other}: {asked}");
    }
}

#[test]
fn what_is_set_already_is_not_set_twice() {
    let talk = Talk::new();
    talk.say("wake me up tomorrow at 7am");
    let again = talk.say("wake me up tomorrow at 7am");
    assert!(again.starts_with("That is set already: ") && again.ends_with("Nothing was changed."), "{again}");
    assert!(talk.say("wake me up tomorrow at 7:30am").starts_with("Alarm set"));
    assert_eq!(talk.pending().len(), 2);
}

#[test]
fn what_is_checked_off_is_no_thing_on_the_list() {
    let talk = Talk::new();
    talk.say("Add milk and eggs to the shopping list");
    talk.say("check off eggs");
    assert_eq!(
        talk.say("clear the shopping list"),
        "Clear the shopping list (1 thing on it and 1 thing checked off)? (yes or no)"
    );
    talk.say("no");
    talk.say("take milk off the shopping list");
    assert_eq!(
        talk.say("clear the shopping list"),
        "Clear the shopping list (nothing on it but 1 thing checked off)? (yes or no)"
    );
}
