//! What every capability owes: a name of its own, help, a schema, a conversation.

use std::collections::BTreeSet;

use xswarm_core::{capability::EffectClass, message::Channel, user::Role};

use super::*;
use crate::{
    assistant::{capability::Around, conversation_tests::talk::Talk},
    outbox::OurAddresses,
};

/// What must be there before an example makes sense.
const BEFORE: &[(&str, &[&str])] = &[
    ("move_appointment", &["Schedule a meeting with John tomorrow at 3pm"]),
    ("edit_appointment", &["Schedule a meeting with John tomorrow at 3pm"]),
    ("cancel_appointment", &["Schedule a meeting with John tomorrow at 3pm", "Dentist on Friday at 9am"]),
    ("remind_before", &["Dentist on Friday at 9am"]),
    ("move_reminder", &["Remind me to call mom at 5pm"]),
    ("cancel_reminder", &["Remind me to call mom at 5pm"]),
    ("cancel_timer", &["Set a pasta timer for 9 minutes"]),
    ("show_timers", &["Set a pasta timer for 9 minutes"]),
    ("pause_timer", &["Set a pasta timer for 9 minutes"]),
    ("resume_timer", &["Set a pasta timer for 9 minutes", "Pause the timer"]),
    ("change_timer", &["Set a pasta timer for 9 minutes"]),
    ("show_list", &["Add milk and eggs to the shopping list"]),
    ("remove_from_list", &["Add milk and eggs to the shopping list"]),
    ("check_off", &["Add milk and eggs to the shopping list"]),
    ("clear_list", &["Add milk and eggs to the shopping list"]),
    ("delete_list", &["Create a list called packing"]),
    ("show_contact", &["Add a contact: Anna Berg, +49 151 23456789, my sister"]),
    ("delete_contact", &["Add a contact: Anna Berg, +49 151 23456789, my sister"]),
    ("send_message", &["Add a contact: Anna Berg, +49 151 23456789, my sister"]),
    ("send_mail", &["Add a contact: John Miller, john@example.com"]),
    ("forget", &["Remember that Anna is allergic to nuts"]),
    ("show_memory", &["Remember that Anna is allergic to nuts"]),
    ("search_messages", &["Remember that the boiler is in the cellar"]),
    ("tell_about", &["Schedule a meeting with John tomorrow at 3pm"]),
    ("list_changes", &["Dentist on Friday at 9am"]),
    ("undo", &["Dentist on Friday at 9am"]),
];

#[test]
fn names_are_unique_and_fit_every_provider() {
    let names: BTreeSet<_> = ALL.iter().map(|one| one.name).collect();
    assert_eq!(names.len(), ALL.len());
    for name in names {
        assert!(name.len() <= 64 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
    }
}

#[test]
fn every_capability_has_help_and_a_schema_that_admits_nothing_else() {
    let talk = Talk::new();
    let ours = OurAddresses::default();
    let around = Around { user: &talk.user, channel: Channel::Console, ours: &ours };
    for capability in ALL {
        let (view, tool) = (capability.view(&around), capability.tool());
        assert!(!view.examples.is_empty() && view.description.ends_with('.'), "{}", view.name);
        assert_eq!(tool.schema["type"], "object", "{}", view.name);
        assert_eq!(tool.schema["additionalProperties"], false, "{}", view.name);
        for (field, schema) in tool.schema["properties"].as_object().into_iter().flatten() {
            assert!(schema["description"].is_string(), "{}.{field} says nothing", view.name);
        }
    }
}

#[test]
fn every_example_of_every_capability_leads_to_it_in_a_conversation() {
    for capability in ALL {
        for example in capability.examples {
            let mut talk = Talk::new();
            talk.ours.phone = Some("+14155550100".parse().unwrap());
            talk.ours.mail = Some("boss@household.example".parse().unwrap());
            let before = BEFORE.iter().find(|(name, _)| *name == capability.name).map_or(&[][..], |(_, said)| *said);
            for said in before {
                talk.say(said);
            }
            if matches!(capability.name, "snooze_reminder" | "acknowledge_reminder") {
                talk.say("Remind me to call mom in 5 minutes");
                talk.later(chrono::Duration::minutes(5)).fire();
            }
            talk.later(chrono::Duration::seconds(1));
            let answer = talk.say(example);
            assert_eq!(talk.used_last().as_deref(), Some(capability.name), "{example}: {answer}");
            for failed in ["did not understand", "I find no", "can't", "There is no such", "Nobody", "I know no"] {
                assert!(!answer.contains(failed), "{example}: {answer}");
            }
        }
    }
}

#[test]
fn a_room_may_read_and_add_and_nothing_that_reaches_further() {
    let talk = Talk::new();
    let ours = OurAddresses::default();
    let around = Around { user: &talk.user, channel: Channel::Room, ours: &ours };
    for capability in ALL {
        let ready = capability.availability(&around) == Availability::Ready;
        assert!(!ready || capability.effect <= EffectClass::WriteOwn, "{}", capability.name);
    }
}

#[test]
fn help_names_what_can_be_used_and_says_more_about_a_topic() {
    let talk = Talk::new();
    let help = talk.say("what can you do?");
    for example in ["Schedule a meeting with John tomorrow at 3pm", "Set a pasta timer", "help with"] {
        assert!(help.contains(example), "{help}");
    }
    let timers = talk.say("help with timers");
    assert!(timers.contains("Pause the timer") && !timers.contains("dentist"), "{timers}");
    let calendar = talk.say("help with calendar");
    assert!(calendar.contains("Schedule a meeting with John tomorrow at 3pm"), "{calendar}");
    let cancel = talk.say("how do I cancel something");
    assert!(cancel.contains("Cancel the dentist on Friday") && !cancel.contains("pasta timer for"), "{cancel}");
    let mail = talk.say("can you send emails?");
    assert!(mail.contains("mail") && !mail.contains("There is no mail"), "{mail}");
    assert_eq!(talk.user.role, Role::Admin);
}
