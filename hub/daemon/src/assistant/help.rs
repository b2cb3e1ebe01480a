//! "Help" and "what can you do": made from the registry, so that it names what this person can use here and now.

use xswarm_core::capability::Category;

use super::{
    capabilities::ALL,
    capability::{Availability, Capability},
    turn::{Decision, Turn},
};

/// How many examples are given at once.
const MOST: usize = 14;

/// What is shown to whoever asks for no topic, in this order.
const FIRST: [&str; 17] = [
    "create_appointment",
    "move_appointment",
    "cancel_appointment",
    "find_time",
    "show_agenda",
    "set_reminder",
    "list_reminders",
    "set_timer",
    "add_to_list",
    "show_list",
    "add_contact",
    "show_contact",
    "remember",
    "search_messages",
    "send_message",
    "tell_time",
    "undo",
];

/// What the person can say, perhaps about a topic.
pub(super) fn help(turn: &Turn<'_>, topic: Option<&str>) -> Decision {
    let around = turn.around();
    let usable: Vec<&Capability> = ALL.iter().filter(|one| one.availability(&around) == Availability::Ready).collect();
    if let Some(topic) = topic {
        let about: Vec<_> = usable.iter().filter(|one| is_about(one, topic)).collect();
        if !about.is_empty() {
            let lines = about.iter().flat_map(|one| one.examples).take(MOST).map(|example| format!("– {example}"));
            return Decision::say(format!("For example:\n{}", lines.collect::<Vec<_>>().join("\n")));
        }
    }
    let shown = FIRST.iter().filter_map(|name| usable.iter().find(|one| one.name == *name));
    let lines: Vec<_> = shown.filter_map(|one| one.examples.first()).map(|example| format!("– {example}")).collect();
    Decision::say(format!(
        "I keep your calendar, reminders, timers and lists. For example:\n{}\nSay \"help with …\" for more: {}.",
        lines.join("\n"),
        TOPICS.join(", ")
    ))
}

/// What can be asked about by one word.
const TOPICS: [&str; 9] =
    ["appointments", "reminders", "timers", "lists", "contacts", "messages", "invitations", "memory", "suggestions"];

/// Whether a capability belongs to a topic, by its name, its category or its examples.
fn is_about(capability: &Capability, topic: &str) -> bool {
    let topic = topic.trim().to_lowercase();
    let stem = topic.strip_suffix('s').unwrap_or(&topic);
    let category: Category = capability.category;
    !stem.is_empty()
        && (capability.name.contains(stem)
            || category.as_str() == topic
            || capability.examples.iter().any(|example| example.to_lowercase().contains(stem)))
}
