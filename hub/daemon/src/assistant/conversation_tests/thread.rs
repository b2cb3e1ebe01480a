//! One conversation per person: asked by one way, answered by another, and what is no answer at all.

use chrono::Duration;
use xswarm_core::message::Channel::{Console, Email, Sms};

use super::talk::Talk;

#[test]
fn what_is_asked_by_text_is_answered_at_the_console_and_by_mail() {
    let mut talk = Talk::new();
    for (way, title) in [(Console, "John"), (Email, "Mia")] {
        let asked = talk.send(Sms, &format!("Schedule a meeting with {title}"), None, None);
        let question = talk.answer(asked);
        assert_eq!((question.content.as_str(), question.channel), ("When?", Sms));
        talk.later(Duration::minutes(1));
        let reply = talk.send(way, "tomorrow at 3", None, None);
        let booked = talk.answer(reply);
        let words = format!("Booked: Meeting with {title}, Wednesday, 25 November 2026, 3:00–4:00 PM CET.");
        assert!(booked.content.starts_with(&words), "{}", booked.content);
        assert_eq!(talk.message(reply).in_reply_to, Some(question.id), "it names the question it answers");
    }
    assert_eq!(talk.calendar().len(), 2);
}

#[test]
fn a_confirmation_by_another_way_names_the_question() {
    let mut talk = Talk::new();
    talk.say("Dentist tomorrow at 3pm");
    let question = talk.answer(talk.send(Sms, "Cancel the dentist", None, None));
    talk.later(Duration::minutes(1));
    let yes = talk.send(Console, "yes", None, None);
    assert!(talk.answer(yes).content.starts_with("Cancelled: Dentist"));
    assert_eq!(talk.message(yes).in_reply_to, Some(question.id));
    let other = talk.send(Console, "what time is it?", None, None);
    talk.answer(other);
    assert_eq!(talk.message(other).in_reply_to, None, "what answers nothing names nothing");
}

#[test]
fn a_yes_that_was_said_before_the_question_answers_nothing() {
    let mut talk = Talk::new();
    talk.say("Dentist tomorrow at 3pm");
    // Both are there before the first is answered.
    let cancel = talk.send(Console, "Cancel the dentist", None, None);
    let early = talk.send(Sms, "yes", None, None);
    talk.answer(cancel);
    assert_eq!(talk.answer(early).content, "I have not asked you anything. Nothing was changed.");
    assert_eq!(talk.message(early).in_reply_to, None);
    // One that was long on its way.
    talk.later(Duration::minutes(5));
    let late = talk.send(Sms, "yes", None, Some(talk.now - Duration::minutes(6)));
    assert_eq!(talk.answer(late).content, "I have not asked you anything. Nothing was changed.");
    assert_eq!(talk.calendar().len(), 1);
    // The question is still open; but it is not what the person heard last, so it is asked again.
    assert!(talk.say("yes").contains("let me ask again: Cancel Dentist"));
    assert!(talk.say("yes").starts_with("Cancelled: Dentist"));
}

#[test]
fn what_was_missing_may_have_been_told_already() {
    let talk = Talk::new();
    let first = talk.send(Sms, "Schedule a meeting with John", None, None);
    let second = talk.send(Sms, "tomorrow at 3", None, None);
    assert_eq!(talk.answer(first).content, "When?");
    assert!(talk.answer(second).content.starts_with("Booked: Meeting with John"));
}

#[test]
fn a_mail_that_names_another_message_is_no_answer() {
    let mut talk = Talk::new();
    let booked = talk.answer(talk.send(Email, "Dentist tomorrow at 3pm", None, None));
    let question = talk.answer(talk.send(Email, "cancel the dentist", None, None));
    talk.later(Duration::minutes(1));
    let elsewhere = talk.send(Email, "yes", Some(booked.id), None);
    assert!(talk.answer(elsewhere).content.contains("Nothing was changed"));
    // What is said by other ways meanwhile does not make the question's own thread another.
    talk.say_by(Sms, "   ");
    let here = talk.send(Email, "yes", Some(question.id), Some(talk.now - Duration::hours(1)));
    assert!(talk.answer(here).content.starts_with("Cancelled: Dentist"), "its own clock may be slow");
}

#[test]
fn an_ok_after_a_reminder_does_not_confirm_what_was_asked_before() {
    let mut talk = Talk::new();
    talk.say("Dentist tomorrow at 3pm");
    talk.say("remind me to call mom in 10 minutes");
    let question = talk.say_by(Sms, "Cancel the dentist");
    talk.later(Duration::minutes(10));
    assert_eq!(talk.fire(), ["Reminder: call mom"]);
    talk.later(Duration::minutes(1));
    assert_eq!(talk.say("ok"), format!("Noted: call mom. And what I asked before: {question}"));
    assert_eq!(talk.calendar().len(), 1);
    assert!(talk.say("yes").starts_with("Cancelled: Dentist"));
    assert!(talk.calendar().is_empty());
}

#[test]
fn reminders_are_answered_by_any_way() {
    let mut talk = Talk::new();
    talk.say_by(Sms, "remind me to call mom in 10 minutes");
    talk.say("remind me to water the plants in 11 minutes");
    talk.later(Duration::minutes(10)).fire();
    assert!(talk.say_by(Sms, "snooze").contains("call mom"));
    talk.later(Duration::minutes(1)).fire();
    assert_eq!(talk.say_by(Email, "done"), "Done: water the plants.");
}
