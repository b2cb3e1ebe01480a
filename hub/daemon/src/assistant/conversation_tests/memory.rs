//! Memory in conversation.

use chrono::Duration;
use xswarm_core::{id::SummaryId, memory::Summary, memory::SummaryAuthor, provenance::Source};

use super::talk::Talk;

fn memories(talk: &Talk) -> Vec<String> {
    let user = talk.user.id;
    talk.write(move |tx| Ok(tx.memories(user)?.into_iter().map(|one| one.text).collect()))
}

#[test]
fn what_is_told_is_remembered_and_told_with_its_date() {
    let mut talk = Talk::new();
    assert_eq!(
        talk.say("what do you remember?").split('.').next(),
        Some("You have not told me anything to remember yet")
    );
    assert_eq!(talk.say("remember that Anna is allergic to nuts"), "I'll remember: Anna is allergic to nuts.");
    assert_eq!(talk.say("don't forget my locker code is 4711!"), "I'll remember: my locker code is 4711.");
    talk.later(Duration::days(2));
    assert_eq!(
        talk.say("what do you know about Anna?"),
        "You told me on Tuesday, 24 November 2026: Anna is allergic to nuts."
    );
    assert_eq!(
        talk.say("do you remember my locker code?"),
        "You told me on Tuesday, 24 November 2026: my locker code is 4711."
    );
    assert_eq!(
        talk.say("what do you remember?"),
        "You told me:\n– my locker code is 4711 (told on Tuesday, 24 November 2026)\n\
         – Anna is allergic to nuts (told on Tuesday, 24 November 2026)"
    );
    let unknown = talk.say("what do you know about Ben?");
    assert!(unknown.starts_with("You have not told me anything about Ben."), "{unknown}");
    let near = talk.say("what do you know about Anna's allergies?");
    assert!(near.starts_with("Not that, but you told me:\n– Anna is allergic to nuts"), "{near}");
    assert!(talk.calendar().is_empty() && talk.pending().is_empty());
}

#[test]
fn the_same_again_is_known_and_undo_takes_it_back() {
    let talk = Talk::new();
    talk.say("remember that Anna is allergic to nuts");
    assert_eq!(
        talk.say("remember that anna is allergic to Nuts."),
        "I know that already, since Tuesday, 24 November 2026: Anna is allergic to nuts."
    );
    assert_eq!(memories(&talk).len(), 1);
    assert_eq!(talk.say("undo"), "Undone: I no longer remember what you told me.");
    assert!(memories(&talk).is_empty());
    assert_eq!(talk.say("undo"), "There is nothing to undo from the last 24 hours.");
}

#[test]
fn too_much_is_not_remembered() {
    let talk = Talk::new();
    let long = talk.say(&format!("remember that the list is {}", "very ".repeat(120)));
    assert_eq!(long, "I can remember up to 500 characters at once. Nothing was changed.");
    assert!(memories(&talk).is_empty());
}

#[test]
fn forgetting_asks_first_and_cannot_be_undone() {
    let talk = Talk::new();
    talk.say("remember that Anna is allergic to nuts");
    talk.say("remember that my locker code is 4711");
    assert_eq!(
        talk.say("forget what I told you about Anna"),
        "Forget \"Anna is allergic to nuts\" for good, and empty the messages in which we spoke of it? (yes or no)"
    );
    assert_eq!(talk.say("no"), "All right. Nothing was changed.");
    assert_eq!(memories(&talk).len(), 2);
    talk.say("forget that Anna is allergic to nuts");
    let done = talk.say("yes");
    assert!(done.starts_with("Forgotten for good") && done.contains("are empty now"), "{done}");
    assert!(!done.contains("nuts"), "{done}");
    assert_eq!(memories(&talk), ["my locker code is 4711"]);
    assert!(talk.say("undo").starts_with("What was forgotten is gone for good"));
    assert_eq!(talk.say("undo"), "Undone: I no longer remember what you told me.");
    let nothing = talk.say("forget that Anna is allergic to nuts");
    assert!(nothing.starts_with("I remember nothing like") && nothing.contains("Nothing was changed."), "{nothing}");
}

#[test]
fn forget_that_means_what_was_just_told_and_otherwise_calls_off() {
    let mut talk = Talk::new();
    assert!(talk.say("forget that").contains("I have not asked you anything."));
    talk.say("Schedule a meeting with John");
    assert_eq!(talk.say("forget that"), "All right, I dropped it. Nothing was changed.");
    talk.say("remember that Anna is allergic to nuts");
    assert_eq!(
        talk.say("forget that"),
        "Forget \"Anna is allergic to nuts\" for good, and empty the messages in which we spoke of it? (yes or no)"
    );
    assert_eq!(talk.say("forget it"), "All right. Nothing was changed.");
    talk.later(Duration::hours(2));
    assert!(talk.say("forget that").contains("I have not asked you anything."));
    assert_eq!(memories(&talk).len(), 1);
}

#[test]
fn several_are_forgotten_together() {
    let talk = Talk::new();
    talk.say("remember that Anna is allergic to nuts");
    talk.say("remember that Anna likes tea");
    let asked = talk.say("forget everything about Anna");
    assert_eq!(
        asked,
        "Forget these 2 for good, and empty the messages in which we spoke of them? (yes or no)\n– Anna likes tea\n– Anna is allergic to nuts"
    );
    talk.say("yes");
    assert!(memories(&talk).is_empty());
}

#[test]
fn nothing_but_messages_keeps_the_words_of_what_was_forgotten() {
    let talk = Talk::new();
    talk.say("remember that my xylophone code is 4711");
    let (user, now) = (talk.user.id, talk.now);
    talk.write(move |tx| {
        let summary = Summary {
            id: SummaryId::new(now),
            user_id: user,
            text: "spoke of a xylophone".into(),
            sources: vec![Source::Own],
            from_at: now,
            until_at: now,
            made_by: SummaryAuthor::Model,
            created_at: now,
            updated_at: now,
        };
        tx.summary_insert(&summary)?;
        Ok(())
    });
    talk.say("forget my xylophone code");
    talk.say("yes");
    let (summaries, receipts) = talk.write(move |tx| {
        let receipts = tx.receipts_of_last_turn::<serde_json::Value>(user, chrono::DateTime::UNIX_EPOCH)?;
        let receipts: Vec<_> = receipts.into_iter().map(|one| one.effect.to_string()).collect();
        Ok((tx.summaries(user)?, receipts))
    });
    assert!(summaries.is_empty(), "{summaries:?}");
    assert!(
        receipts.len() == 1 && receipts[0].contains("forget") && !receipts[0].contains("xylophone"),
        "{receipts:?}"
    );
    talk.say("undo");
    let first = talk.write(move |tx| {
        let receipts = tx.receipts_of_last_turn::<serde_json::Value>(user, chrono::DateTime::UNIX_EPOCH)?;
        Ok(receipts.into_iter().map(|one| one.effect.to_string()).collect::<Vec<_>>())
    });
    assert!(first[0].contains("remember") && !first[0].contains("xylophone"), "{first:?}");
}

#[test]
fn messages_are_found_but_not_the_searches_for_them() {
    let mut talk = Talk::new();
    talk.say("remind me to call Huber about the boiler in 3 hours");
    talk.later(Duration::minutes(5));
    talk.say("remember that the boiler was bought from Huber");
    let found = talk.say("when did I write about the boiler?");
    assert_eq!(
        found,
        "Found, newest first:\n\
         – told on Tuesday, 24 November 2026: the boiler was bought from Huber\n\
         – Tuesday, 24 November 2026 at 10:05 AM CET, I: I'll remember: the boiler was bought from Huber.\n\
         – Tuesday, 24 November 2026 at 10:05 AM CET, you: remember that the boiler was bought from Huber\n\
         – Tuesday, 24 November 2026 at 10:00 AM CET, I: I'll remind you on the console: call Huber about the \
         boiler, Tuesday, 24 November 2026 at 1:00 PM CET.\n\
         – Tuesday, 24 November 2026 at 10:00 AM CET, you: remind me to call Huber about the boiler in 3 hours"
    );
    assert_eq!(talk.say("search my messages for boiler"), found);
    let none = talk.say("search my messages for unicorns");
    assert_eq!(none, "I find nothing with \"unicorns\" in what you told me or in our messages.");
    assert!(talk.say("search my messages for \"*\" OR NEAR(").starts_with("I find nothing"));
}
