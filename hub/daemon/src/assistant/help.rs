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
        let about = |one: &&Capability| is_about(one, topic);
        let lines: Vec<_> = usable.iter().copied().filter(about).flat_map(|one| one.examples).take(MOST).collect();
        if !lines.is_empty() {
            let lines: Vec<_> = lines.iter().map(|example| format!("– {example}")).collect();
            return Decision::say(format!("For example:\n{}", lines.join("\n")));
        }
        let why = ALL.iter().filter(about).find_map(|one| match one.availability(&around) {
            Availability::Ready => None,
            Availability::Not(why) => Some(why),
        });
        if let Some(why) = why {
            return Decision::say(format!("That can't be used yet: {why}."));
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

/// Other words for what capabilities are called by.
const ALSO: [(&str, &str); 8] = [
    ("calendar", "appointment"),
    ("agenda", "agenda"),
    ("meeting", "appointment"),
    ("email", "mail"),
    ("text", "message"),
    ("alarm", "reminder"),
    ("receipt", "changes"),
    ("birthday", "create_appointment"),
];

/// Whether a capability belongs to a topic, by its name, its category or its examples; of several words by any that is one.
fn is_about(capability: &Capability, topic: &str) -> bool {
    let topic = topic.trim().to_lowercase();
    let category: Category = capability.category;
    let stems: Vec<&str> = topic.split(' ').map(|word| word.strip_suffix('s').unwrap_or(word)).collect();
    let named = |stem: &str| {
        let also = ALSO.iter().find(|(word, _)| *word == stem).is_some_and(|(_, name)| capability.name.contains(name));
        also || capability.name.contains(stem)
    };
    match stems.as_slice() {
        [stem] => {
            let example = |stem: &str| capability.examples.iter().any(|one| one.to_lowercase().contains(stem));
            !stem.is_empty() && (named(stem) || category.as_str() == topic || example(stem))
        }
        // "Cancel something" is about cancelling.
        several => several.iter().any(|stem| stem.len() > 3 && named(stem)),
    }
}
