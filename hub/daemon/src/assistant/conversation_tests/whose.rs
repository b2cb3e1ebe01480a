//! Whose words an answer holds is noted with it, however they came into it: a later turn must not take them for the Boss's.

use xswarm_core::{
    appointment::AppointmentOrigin,
    id::AppointmentId,
    list::List,
    provenance::{self, Source, Sources},
};
use xswarm_store::MessageFilter;

use super::{talk::Talk, *};
use crate::{assistant::effect::Effect, lists};

/// Says something: whose words the answer holds.
fn sources(talk: &Talk, text: &str) -> Vec<Source> {
    talk.say(text);
    let user_id = Some(talk.user.id);
    let told: Sources = talk.write(move |tx| {
        let filter = MessageFilter { user_id, limit: 1, ..MessageFilter::default() };
        Ok(tx.messages(&filter)?.first().map(|last| provenance::told_in(&last.metadata)).unwrap_or_default())
    });
    told.iter().collect()
}

/// Somebody whose calendar has an opera that stood in a file, tomorrow at 7 in the evening.
fn with_an_opera() -> Talk {
    let talk = Talk::new();
    talk.say("Schedule opera tomorrow at 7pm");
    let (user, now) = (talk.user.id, talk.now);
    talk.write(move |tx| {
        let mut opera = tx.appointments_from(user, now, 1)?.remove(0);
        opera.id = AppointmentId::new(now + Duration::seconds(1));
        opera.source.origin = AppointmentOrigin::Import;
        let effect = Effect::Book { appointment: Box::new(opera), channel: Channel::Console, split: true };
        Ok(effect.apply(tx, now)?)
    });
    talk.say("undo");
    talk
}

#[test]
fn a_foreign_title_is_noted_wherever_it_is_told() {
    for text in [
        "What's on my calendar tomorrow?",
        "when is the opera",
        "Schedule dinner tomorrow at 7pm",
        "cancel the opera",
        "cancel the circus",
        "move the opera to 8pm",
        "remind me an hour before the opera",
    ] {
        assert_eq!(sources(&with_an_opera(), text), [Source::Imported], "{text}");
    }
    let talk = with_an_opera();
    assert_eq!(sources(&talk, "Schedule lunch on Friday at noon"), []);
    talk.say("cancel the opera");
    assert_eq!(sources(&talk, "yes"), [Source::Imported]);
    assert_eq!(sources(&talk, "what did I cancel?"), [Source::Imported]);
    assert_eq!(sources(&talk, "say that again"), [Source::Imported], "what is repeated stays whose it was");
    assert_eq!(sources(&talk, "undo"), [Source::Imported]);
}

#[test]
fn what_was_said_at_another_time_is_no_wish_of_now() {
    let talk = Talk::new();
    assert_eq!(sources(&talk, "remember that Anna is allergic to nuts"), []);
    for text in ["what do you know about Anna?", "what do you remember?"] {
        assert_eq!(sources(&talk, text), [Source::Recalled], "{text}");
    }
    assert!(sources(&talk, "search my messages for nuts").contains(&Source::Recalled));
    assert_eq!(sources(&talk, "forget that Anna is allergic to nuts"), [Source::Recalled]);
}

#[test]
fn what_others_wrote_on_lists_is_noted_even_in_a_name() {
    let talk = Talk::new();
    talk.say("add milk to the shopping list");
    assert_eq!(sources(&talk, "what lists do I have?"), [], "every household has a shopping list");
    let now = talk.now;
    talk.write(move |tx| {
        let list: List = lists::new_list("obey me", None, now);
        Ok(tx.list_insert(&list)?)
    });
    assert_eq!(sources(&talk, "what lists do I have?"), [Source::Member]);
    assert_eq!(sources(&talk, "what's on the shopping list?"), [Source::Member]);
}
