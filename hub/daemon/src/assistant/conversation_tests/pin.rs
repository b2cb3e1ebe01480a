//! What is risky on a call, with and without the PIN.

use std::collections::BTreeSet;

use proptest::prelude::*;
use xswarm_core::{
    call::{Call, CallEnd},
    id::CallId,
    message::Direction,
    reminder::ReminderStatus,
};
use xswarm_store::MessageFilter;

use super::*;
use crate::{
    assistant::pin::{TYPED, grant, is_asked_in, leave},
    pins,
};

/// A person with things to lose, whose number calls.
struct Phoning {
    talk: Talk,
    calls: Vec<CallId>,
}

/// What a caller must not touch without the PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Precious {
    sent: BTreeSet<String>,
    appointments: BTreeSet<String>,
    contacts: BTreeSet<String>,
    lists: BTreeSet<String>,
    /// What is on lists.
    items: BTreeSet<String>,
    memories: BTreeSet<String>,
    /// What is reminded of, whenever that is.
    reminders: BTreeSet<String>,
}

impl Precious {
    /// Whether nothing was sent since, and nothing is gone.
    fn is_whole_in(&self, later: &Self) -> bool {
        self.sent == later.sent
            && self.appointments.is_subset(&later.appointments)
            && self.contacts.is_subset(&later.contacts)
            && self.lists.is_subset(&later.lists)
            && self.items.is_subset(&later.items)
            && self.memories.is_subset(&later.memories)
            && self.reminders.is_subset(&later.reminders)
    }
}

impl Phoning {
    /// With a PIN, unless `pin` says otherwise.
    fn new(pin: bool) -> Self {
        let mut talk = Talk::new();
        talk.ours.phone = Some("+4915199999999".parse().unwrap());
        for text in [
            "Add a contact: Anna Miller, +49 151 23456789",
            "Add a contact: Bob Stone, +49 151 23456780",
            "Dentist tomorrow at 3pm",
            "Schedule yoga every Monday at 6pm",
            "Create a list called packing",
            "Add socks and a tent to the packing list",
            "Remind me to water the plants tomorrow at 8am",
            "Remember that Anna is allergic to nuts",
        ] {
            talk.say(text);
        }
        if pin {
            let (user, now) = (talk.user.id, talk.now);
            // Comparing is the channel's business; here the hash is never looked at.
            talk.write(move |tx| Ok(tx.pin_set(user, "$argon2id$", now)?));
        }
        let mut phoning = Self { talk, calls: Vec::new() };
        phoning.calls();
        phoning
    }

    /// Calls once more.
    fn calls(&mut self) {
        let (now, user) = (self.talk.now, self.talk.user.clone());
        let id = CallId::new(now);
        let call = Call {
            id,
            user_id: Some(user.id),
            direction: Direction::Inbound,
            phone: user.phone.map(|phone| phone.to_string()),
            our_phone: Some("+4915199999999".into()),
            room: None,
            provider_id: Some(format!("CA{id}")),
            message_id: None,
            state: CallState::Connected,
            ended_because: None,
            answered_by: None,
            engine: None,
            created_at: now,
            connected_at: Some(now),
            ended_at: None,
        };
        self.talk.write(move |tx| Ok(tx.call_insert(&call)?));
        self.calls.push(id);
    }

    fn hears(&self, text: &str, metadata: serde_json::Value) -> Message {
        let (now, user, content) = (self.talk.now, self.talk.user.id, text.to_owned());
        let id = MessageId::new(now);
        self.talk.write(move |tx| {
            let message = xswarm_store::NewMessage {
                id,
                user_id: Some(user),
                conversation_id: Some(tx.conversation_of(user, now)?),
                channel: Channel::Voice,
                direction: Direction::Inbound,
                content,
                sender: None,
                recipient: None,
                provider_id: None,
                in_reply_to: None,
                metadata,
            };
            tx.message_insert(&message, now)?;
            Ok(())
        });
        self.talk.answer(id)
    }

    /// Says something on a call and gets the answer.
    fn says(&self, call: usize, text: &str) -> Message {
        self.hears(text, serde_json::json!({ outbox::CALL: self.calls[call].to_string() }))
    }

    /// The channel has found a PIN right that was typed on a call for this message.
    fn types_pin(&self, call: usize, asked: MessageId) -> Message {
        self.hears(TYPED, grant(self.calls[call], asked))
    }

    /// The PIN is asked for, where it is asked first once this is agreed to; the message that asks for it.
    fn agrees_to(&self, request: &str) -> Message {
        let asked = self.says(0, request);
        let prompt = if asked.content.contains("(yes or no)") { self.says(0, "yes") } else { asked };
        assert!(prompt.content.contains("or that I need your PIN."), "{request}: {}", prompt.content);
        assert!(is_asked_in(&prompt.metadata));
        prompt
    }

    fn precious(&self) -> Precious {
        let (user, now) = (self.talk.user.id, self.talk.now);
        self.talk.write(move |tx| {
            let all = tx.messages(&MessageFilter { user_id: Some(user), limit: 1_000, ..MessageFilter::default() })?;
            let sent = all.into_iter().filter(|one| one.metadata.get("purpose").is_some());
            let mut appointments = BTreeSet::new();
            for one in tx.appointments_from(user, now, 100)? {
                let until = now + Duration::days(60);
                let starts = one.occurrences_between(now, until, 100).unwrap();
                appointments.extend(starts.iter().map(|each| format!("{} {}", each.start, one.title)));
            }
            let lists = tx.lists(user)?;
            let mut items = BTreeSet::new();
            for list in &lists {
                items.extend(tx.list_items(list.id)?.into_iter().map(|one| one.text));
            }
            Ok(Precious {
                sent: sent.map(|one| one.id.to_string()).collect(),
                appointments,
                contacts: tx.contacts(user)?.into_iter().map(|one| one.id.to_string()).collect(),
                lists: lists.into_iter().map(|one| one.id.to_string()).collect(),
                items,
                memories: tx.memories(user)?.into_iter().map(|one| one.id.to_string()).collect(),
                reminders: tx.reminders(user, ReminderStatus::Pending, 100)?.into_iter().map(|one| one.text).collect(),
            })
        })
    }
}

/// Every kind of request that is risky.
const RISKY: [&str; 8] = [
    "Text Anna that I'm late",
    "Cancel the dentist",
    "Cancel all yoga appointments",
    "Delete the contact Bob",
    "Delete the packing list",
    "Clear the packing list",
    "Cancel the reminder to water the plants",
    "Forget that Anna is allergic to nuts",
];

#[test]
fn what_is_risky_is_done_once_the_pin_was_typed_for_it_and_not_before() {
    for request in RISKY {
        let phoning = Phoning::new(true);
        let before = phoning.precious();
        let prompt = phoning.agrees_to(request);
        assert_eq!(phoning.precious(), before, "{request}");
        let done = phoning.types_pin(0, prompt.id);
        assert!(!before.is_whole_in(&phoning.precious()), "{request}: {}", done.content);
        let after = phoning.precious();
        let again = phoning.types_pin(0, prompt.id);
        assert!(again.content.starts_with("I don't know any more what that PIN was for."), "{}", again.content);
        assert_eq!(phoning.precious(), after, "{request} is not done twice");
    }
}

#[test]
fn it_is_done_as_it_was_read_back() {
    let phoning = Phoning::new(true);
    let asked = phoning.says(0, "Text Anna that I'm late");
    assert!(asked.content.contains("+4915123456789") && asked.content.contains("I'm late"), "{}", asked.content);
    let prompt = phoning.says(0, "yes");
    // What is changed in between does not change what was agreed to.
    phoning.talk.say_by(Channel::Console, "Add contact Anna Miller, +49 151 11111111");
    let told = phoning.types_pin(0, prompt.id);
    assert!(told.content.contains("I don't know any more"), "something else came in between: {}", told.content);
    let prompt = phoning.agrees_to("Text Bob that I'm late");
    assert!(phoning.types_pin(0, prompt.id).content.contains("Bob Stone"));
    assert_eq!(phoning.precious().sent.len(), 1);
}

#[test]
fn a_pin_is_good_for_one_request_on_one_call() {
    let mut phoning = Phoning::new(true);
    let prompt = phoning.agrees_to("Text Anna that I'm late");
    phoning.types_pin(0, prompt.id);
    let before = phoning.precious();
    let other = phoning.agrees_to("Text Bob that I'm late");
    phoning.calls();
    for (call, asked) in [(0, prompt.id), (1, other.id), (1, prompt.id)] {
        phoning.types_pin(call, asked);
        assert_eq!(phoning.precious(), before);
    }
    // Nor does a yes, whatever way it comes by.
    assert!(phoning.talk.say_by(Channel::Sms, "yes").starts_with("That was asked on the telephone"));
    assert_eq!(phoning.precious(), before);
}

#[test]
fn who_has_no_pin_and_who_is_locked_out_hears_it_at_once() {
    let phoning = Phoning::new(false);
    for request in RISKY {
        let told = phoning.says(0, request);
        assert!(
            told.content.contains("you have no PIN") && told.content.contains("xswarm user pin"),
            "{}",
            told.content
        );
        assert!(phoning.says(0, "yes").content.starts_with("I have not asked you anything."), "{request}");
    }
    let phoning = Phoning::new(true);
    let (user, now) = (phoning.talk.user.id, phoning.talk.now);
    phoning.talk.write(move |tx| {
        for _ in 0..3 {
            pins::charge(tx, user, now)?;
        }
        Ok(())
    });
    let told = phoning.says(0, "Text Anna that I'm late");
    assert!(told.content.contains("I take none before 10:15 AM."), "{}", told.content);
}

#[test]
fn what_merely_adds_or_moves_needs_no_pin_and_the_calls_own_deeds_are_taken_back_without_one() {
    let phoning = Phoning::new(false);
    let booked = phoning.says(0, "Schedule lunch with Anna tomorrow at noon");
    assert!(booked.content.starts_with("Booked: Lunch with Anna"), "{}", booked.content);
    assert!(phoning.says(0, "Move the dentist to 5pm").content.starts_with("Moved: Dentist"));
    for (request, done) in [
        ("Move the reminder to water the plants to 9am", "Moved: "),
        ("Set a timer for 10 minutes", "Timer"),
        ("Cancel the timer", "Cancelled: "),
        ("Take socks off the packing list", "Taken off"),
    ] {
        let told = phoning.says(0, request);
        assert!(told.content.starts_with(done), "{request}: {}", told.content);
    }
    for undone in ["socks", "imer", "imer", "plants", "Dentist", "Lunch with Anna"] {
        let told = phoning.says(0, "undo");
        assert!(told.content.starts_with("Undone: ") && told.content.contains(undone), "{}", told.content);
    }
    let told = phoning.says(0, "undo");
    assert!(told.content.contains("you have no PIN"), "what was done elsewhere is not: {}", told.content);
}

#[test]
fn a_pin_is_not_asked_for_again_on_another_call_than_the_one_it_is_good_on() {
    let mut phoning = Phoning::new(true);
    phoning.calls();
    let before = phoning.precious();
    let prompt = phoning.agrees_to("Text Anna that I'm late");
    assert!(is_asked_in(&phoning.says(0, "1234").metadata), "on its own call it is");
    let told = phoning.says(1, "1234");
    assert!(!is_asked_in(&told.metadata), "{}", told.content);
    assert!(phoning.types_pin(1, prompt.id).content.starts_with("I don't know any more"));
    assert_eq!(phoning.precious(), before);
}

#[test]
fn a_request_that_was_left_is_not_done_by_a_pin_that_comes_after_all() {
    let phoning = Phoning::new(true);
    let before = phoning.precious();
    let prompt = phoning.agrees_to("Clear the packing list");
    let (user, now, call) = (phoning.talk.user.clone(), phoning.talk.now, phoning.calls[0]);
    phoning.talk.write(move |tx| leave(tx, &user, call, now));
    let told = phoning.says(0, "tell me a joke");
    assert!(!is_asked_in(&told.metadata), "{}", told.content);
    assert!(phoning.types_pin(0, prompt.id).content.starts_with("I don't know any more"));
    assert_eq!(phoning.precious(), before);
}

#[test]
fn what_was_not_read_back_is_named_with_the_pin() {
    let phoning = Phoning::new(true);
    let prompt = phoning.says(0, "Cancel the reminder to water the plants");
    assert!(is_asked_in(&prompt.metadata) && prompt.content.contains("water the plants"), "{}", prompt.content);
    let undo = phoning.says(0, "undo");
    assert!(is_asked_in(&undo.metadata) && undo.content.contains(": for that I need your PIN"), "{}", undo.content);
}

#[test]
fn a_request_whose_call_is_over_waits_for_nothing() {
    let phoning = Phoning::new(true);
    phoning.says(0, "Text Anna that I'm late");
    let (call, now) = (phoning.calls[0], phoning.talk.now);
    phoning.talk.write(move |tx| Ok(tx.call_end(call, CallEnd::HungUp, now)?));
    let told = phoning.says(0, "yes");
    assert!(told.content.contains("the call is over") && !is_asked_in(&told.metadata), "{}", told.content);
}

#[test]
fn in_a_room_nothing_risky_happens_whoever_asked_for_it_elsewhere() {
    let phoning = Phoning::new(true);
    let before = phoning.precious();
    for request in RISKY {
        let told = phoning.talk.say_by(Channel::Room, request);
        assert!(told.contains("Nothing was changed."), "{request}: {told}");
        assert!(phoning.talk.say_by(Channel::Room, "yes").starts_with("I have not asked you anything."), "{request}");
    }
    // A yes in the room to what was asked by text; it can still be answered by text.
    assert!(phoning.talk.say_by(Channel::Sms, "Cancel the dentist").contains("(yes or no)"));
    assert!(phoning.talk.say_by(Channel::Room, "yes").starts_with("I can't tell who is speaking in a room"));
    assert_eq!(phoning.precious(), before);
    assert!(phoning.talk.say_by(Channel::Sms, "yes").contains("let me ask again"), "something was said in between");
    let told = phoning.talk.say_by(Channel::Sms, "yes");
    assert!(told.starts_with("Cancelled: Dentist"), "{told}");
}

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    /// Something is said on a call.
    Says(usize, &'static str),
    /// A right PIN arrives on a call, for the n-th message that asked for one.
    Types(usize, usize),
    /// Something comes from elsewhere.
    Texts(&'static str),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let others = ["yes", "no", "undo", "never mind", "1234", "4 7 1 1", "what's on my calendar tomorrow?", TYPED];
    let words = prop_oneof![
        3 => prop::sample::select(RISKY.to_vec()),
        4 => Just("yes"),
        2 => prop::sample::select(others.to_vec()),
    ];
    let step = prop_oneof![
        6 => (0_usize..2, words).prop_map(|(call, text)| Step::Says(call, text)),
        3 => (0_usize..2, 0_usize..4).prop_map(|(call, which)| Step::Types(call, which)),
        1 => prop::sample::select(vec!["what time is it?", "thanks"]).prop_map(Step::Texts),
    ];
    prop::collection::vec(step, 4..16)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is said on calls, in whatever order: nothing risky happens unless a PIN was typed, on that call, for the
    /// request that was asked last, and then it happens once.
    #[test]
    fn nothing_risky_happens_on_a_call_without_a_pin_for_it(steps in steps()) {
        let mut phoning = Phoning::new(true);
        phoning.calls();
        // Who asked for the PIN, on which call; and which of them is open.
        let mut prompts: Vec<(usize, MessageId)> = Vec::new();
        let mut open: Option<(usize, MessageId)> = None;
        for step in steps {
            let before = phoning.precious();
            let (answer, may) = match step {
                Step::Says(call, text) => (Some((call, phoning.says(call, text))), false),
                Step::Types(call, which) => {
                    let Some((_, asked)) = prompts.iter().rev().nth(which).copied() else { continue };
                    let may = open == Some((call, asked));
                    let told = phoning.types_pin(call, asked);
                    if !may {
                        // What is asked for now waits on: this PIN was for something else, or typed elsewhere.
                        prop_assert!(told.content.starts_with("I don't know any more"), "{}", told.content);
                        prop_assert!(before.is_whole_in(&phoning.precious()), "after {told:?}");
                        continue;
                    }
                    (Some((call, told)), may)
                }
                Step::Texts(text) => {
                    phoning.talk.say_by(Channel::Sms, text);
                    (None, false)
                }
            };
            let whole = before.is_whole_in(&phoning.precious());
            prop_assert!(whole || may, "after {answer:?}");
            if may {
                prop_assert!(!whole || answer.as_ref().is_some_and(|(_, told)| told.content.starts_with("That changed")),
                    "the PIN was right: {answer:?}");
            }
            open = None;
            if let Some((call, answer)) = answer.filter(|(_, answer)| is_asked_in(&answer.metadata)) {
                prompts.push((call, answer.id));
                open = Some((call, answer.id));
            }
        }
    }
}
