//! What people say to such a box every day is understood without a language model, and costs nothing.

use super::talk::Talk;

/// Sentences of every day, the specification's own among them, in an order in which they make sense.
const EVERY_DAY: &[&str] = &[
    "Schedule meeting with John tomorrow at 3pm",
    "Schedule a meeting with the design team every Monday at 10am",
    "Book lunch with Anna on Friday at 12:30",
    "Dentist on Thursday from 3:30 to 4:15pm",
    "What's on my calendar today?",
    "What's on my calendar tomorrow?",
    "What do I have next week?",
    "When is my meeting with John?",
    "Am I free tomorrow afternoon?",
    "Find a time for a 30 minute call with John tomorrow",
    "never mind",
    "Move my meeting with John to 4pm",
    "Push the dentist back by half an hour",
    "Extend the meeting with John by 30 minutes",
    "Cancel my meeting with John",
    "no",
    "Undo that",
    "What did I cancel?",
    "Remind me to call mom in 20 minutes",
    "Remind me to take out the trash every Thursday at 7pm",
    "Remind me 15 minutes before the dentist",
    "What reminders do I have?",
    "Move the reminder to call mom to 6pm",
    "Cancel the reminder to call mom",
    "Wake me at 7",
    "Set a timer for 10 minutes",
    "Set a pasta timer for 9 minutes",
    "How much time is left on the pasta timer?",
    "Pause the pasta timer",
    "Resume the pasta timer",
    "Add five minutes to the pasta timer",
    "Cancel the pasta timer",
    "Add milk and eggs to the shopping list",
    "What's on the shopping list?",
    "Check off eggs",
    "Take milk off the shopping list",
    "Create a list called packing",
    "Add a contact: Anna Berg, +49 151 23456789, my sister",
    "What's Anna's number?",
    "List my contacts",
    "Remember that Anna is allergic to nuts",
    "What do you know about Anna?",
    "Search my messages for nuts",
    "What did you do today?",
    "Text Anna that I'm late",
    "Any new emails?",
    "Show my invitations",
    "What time is it?",
    "What time is it in Tokyo?",
    "What's the date?",
    "What day is Christmas?",
    "Help",
    "What can you do?",
    "What projects are there?",
    "How is project Atlas going?",
    "Create a project called Atlas",
    "What tasks are open in Atlas?",
    "What are the agents doing?",
    "Thanks",
    "Hello",
];

#[test]
fn what_is_said_every_day_needs_no_model() {
    let talk = Talk::new();
    for sentence in EVERY_DAY {
        assert!(!talk.wants_a_model(sentence), "{sentence}");
        talk.say(sentence);
    }
}

#[test]
fn what_no_rule_understands_would_go_to_a_model() {
    let talk = Talk::new();
    for sentence in ["tell me a joke", "we're having friends over thursday at 7pm", "who wrote Faust", "asdf qwer"] {
        assert!(talk.wants_a_model(sentence), "{sentence}");
    }
}
