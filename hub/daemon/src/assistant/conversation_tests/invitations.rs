//! Invitations: what somebody else writes is told and asked about, and only the person's own answer changes the calendar.

use xswarm_core::{
    id::MessageId,
    message::{Channel, Direction},
};
use xswarm_store::NewMessage;

use super::talk::Talk;
use crate::{
    assistant::invitations::{Way, receive},
    invitations::{Arrived, News},
    outbox::To,
};

const BOB: Option<&str> = Some("bob@example.com");

/// A mail from `sender` with a calendar file: what it came to, and what the Boss said about it.
fn arrives(talk: &Talk, sender: Option<&'static str>, method: &str, inner: &str) -> (News, Vec<String>) {
    let ics = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:lunch@example.com\r\n\
         ORGANIZER;CN=Bob:mailto:bob@example.com\r\nSUMMARY:Lunch\r\n{inner}END:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let (user, now) = (talk.user.clone(), talk.now);
    talk.write(move |tx| {
        let mail = MessageId::new(now);
        let message = NewMessage {
            id: mail,
            user_id: Some(user.id),
            conversation_id: None,
            channel: Channel::Email,
            direction: Direction::Inbound,
            content: "see the attachment".into(),
            sender: sender.map(str::to_owned),
            recipient: None,
            provider_id: None,
            in_reply_to: None,
            metadata: serde_json::json!({}),
        };
        tx.message_insert(&message, now)?;
        tx.message_processed(mail, now)?;
        let seen = tx.messages_unseen(user.id, Channel::Console)?.len();
        let way = Way { to: Some(&To::Console), answers: false };
        let news = receive(tx, &user, Arrived { ics: ics.as_bytes(), sender, message: mail }, way, now)?;
        let said = tx.messages_unseen(user.id, Channel::Console)?;
        Ok((news, said.into_iter().skip(seen).map(|message| message.content).collect()))
    })
}

const THURSDAY: &str = "DTSTAMP:20261120T090000Z\r\nDTSTART:20261126T110000Z\r\nDTEND:20261126T120000Z\r\n";
const FRIDAY: &str = "SEQUENCE:1\r\nDTSTAMP:20261121T090000Z\r\nDTSTART:20261127T110000Z\r\nDTEND:20261127T120000Z\r\n";
const OFF: &str = "SEQUENCE:2\r\nDTSTAMP:20261122T090000Z\r\nDTSTART:20261127T110000Z\r\nSTATUS:CANCELLED\r\n";

#[test]
fn an_invitation_is_asked_about_and_a_yes_books_it() {
    let mut talk = Talk::new();
    let (news, said) = arrives(&talk, BOB, "REQUEST", THURSDAY);
    assert!(matches!(news, News::Proposed(_)));
    assert_eq!(
        said,
        ["Bob (bob@example.com) invites you: Lunch, Thursday, 26 November 2026, 12:00–1:00 PM CET. \
          Shall I put it on your calendar? (yes or no)"]
    );
    assert!(talk.calendar().is_empty(), "reading it changes nothing");
    talk.later(chrono::Duration::minutes(1));
    let answer = talk.say("yes");
    assert!(answer.starts_with("On your calendar: Lunch, Thursday, 26 November 2026"), "{answer}");
    assert_eq!(talk.calendar(), ["11-26 11:00 Lunch"]);
    assert_eq!(talk.pending(), ["11-26 10:45:00 Lunch"]);
    let (news, said) = arrives(&talk, BOB, "REQUEST", THURSDAY);
    assert!(matches!(news, News::Nothing(_)) && said.is_empty(), "the same mail again is no news");
    assert!(talk.say("undo").contains("is cancelled"));
    assert!(talk.calendar().is_empty());
    assert!(talk.say("show my invitations").contains("Lunch"), "undone, it waits again");
}

#[test]
fn a_no_leaves_everything_and_other_words_leave_it_waiting() {
    let mut talk = Talk::new();
    arrives(&talk, BOB, "REQUEST", THURSDAY);
    talk.later(chrono::Duration::minutes(1));
    assert_eq!(talk.say("What's on my calendar today?"), "Nothing on your calendar today.");
    assert!(talk.say("decline Bob's invitation").contains("left \"Lunch\" as it was"));
    assert_eq!(talk.say("show my invitations"), "No invitation waits for your answer.");
    assert!(talk.calendar().is_empty());
}

#[test]
fn a_question_that_is_open_keeps_its_answer() {
    let mut talk = Talk::new();
    talk.say("Dentist tomorrow at 3pm");
    talk.say("Cancel the dentist");
    let (_, said) = arrives(&talk, BOB, "REQUEST", THURSDAY);
    assert!(said[0].contains("Say \"accept the invitation"), "{said:?}");
    talk.later(chrono::Duration::minutes(1));
    // Whether "yes" means the one or the other cannot be told.
    let again = talk.say("yes");
    assert!(again.contains("let me ask again: Cancel Dentist"), "{again}");
    assert_eq!(talk.calendar().len(), 1);
    assert!(talk.say("yes").starts_with("Cancelled: Dentist"));
    assert!(talk.calendar().is_empty());
    assert!(talk.say("accept the invitation to lunch").starts_with("On your calendar: Lunch"));
}

#[test]
fn a_change_and_a_cancellation_are_proposals_too() {
    let mut talk = Talk::new();
    arrives(&talk, BOB, "REQUEST", THURSDAY);
    talk.later(chrono::Duration::minutes(1));
    talk.say("yes");
    let (_, said) = arrives(&talk, BOB, "REQUEST", FRIDAY);
    assert!(said[0].starts_with("Bob (bob@example.com) changed \"Lunch\". It would be: Lunch, Friday"), "{said:?}");
    assert_eq!(talk.calendar(), ["11-26 11:00 Lunch"]);
    talk.later(chrono::Duration::minutes(1));
    talk.say("yes");
    assert_eq!(talk.calendar(), ["11-27 11:00 Lunch"]);
    let (_, said) = arrives(&talk, BOB, "CANCEL", OFF);
    assert!(said[0].starts_with("Bob (bob@example.com) called off Lunch, Friday"), "{said:?}");
    assert_eq!(talk.calendar(), ["11-27 11:00 Lunch"], "nothing is taken off by itself");
    talk.later(chrono::Duration::minutes(1));
    assert!(talk.say("yes").starts_with("Off your calendar: Lunch"));
    assert!(talk.calendar().is_empty() && talk.pending().is_empty());
}

#[test]
fn what_is_withdrawn_before_it_is_decided_is_said_and_settled() {
    let talk = Talk::new();
    arrives(&talk, BOB, "REQUEST", FRIDAY);
    let (news, said) = arrives(&talk, BOB, "CANCEL", OFF);
    assert!(matches!(news, News::Withdrawn(_)));
    assert!(said.last().unwrap().contains("withdrew the invitation to \"Lunch\""), "{said:?}");
    assert_eq!(talk.say("show my invitations"), "No invitation waits for your answer.");
}

#[test]
fn who_writes_in_the_organizers_name_is_named_and_cannot_silence_the_organizer() {
    let talk = Talk::new();
    let forged = FRIDAY.replace("SEQUENCE:1", "SEQUENCE:99");
    let (_, said) = arrives(&talk, Some("mallory@example.net"), "REQUEST", &forged);
    assert!(said[0].contains("Careful: it was sent by mallory@example.net, who is not the organizer."), "{said:?}");
    let (news, _) = arrives(&talk, BOB, "REQUEST", THURSDAY);
    assert!(matches!(news, News::Proposed(_)), "the organizer is heard all the same");
    let (_, said) =
        arrives(&talk, None, "REQUEST", &FRIDAY.replace("lunch@", "other@").replace("SEQUENCE:1", "SEQUENCE:100"));
    assert!(said.last().unwrap().contains("cannot tell who really sent it"), "{said:?}");
    assert!(talk.calendar().is_empty());
}

#[test]
fn answers_between_calendars_and_broken_files_are_no_news() {
    let talk = Talk::new();
    for (method, inner) in [("REPLY", THURSDAY), ("REQUEST", "DTSTART:never\r\n"), ("CANCEL", OFF)] {
        let (news, said) = arrives(&talk, BOB, method, inner);
        assert!(matches!(news, News::Nothing(_)) && said.is_empty(), "{method}: {news:?}");
    }
}
