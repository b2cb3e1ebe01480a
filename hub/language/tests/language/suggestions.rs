//! Whether suggestions are wanted, and which there were. Now is Tuesday, 24 November 2026, 9:30 in Berlin.

use xswarm_language::command::{Answer, Command, Expecting, understand, understand_answer};

use crate::printed;

fn told(text: &str) -> Command {
    let understood = understand(text, &printed::usual());
    assert!(understood.sure || understood.command == Command::Unknown, "{text}");
    understood.command
}

#[test]
fn suggestions_are_switched_off_and_on_by_words() {
    for text in [
        "no suggestions",
        "No suggestions, please.",
        "no more suggestions",
        "stop making suggestions",
        "Please stop making suggestions!",
        "don't suggest anything",
        "turn off suggestions",
        "I don't want any suggestions",
    ] {
        assert_eq!(told(text), Command::SetSuggestions { on: false }, "{text}");
    }
    for text in [
        "make suggestions again",
        "please make suggestions again",
        "turn suggestions back on",
        "you may suggest things again",
        "start making suggestions",
    ] {
        assert_eq!(told(text), Command::SetSuggestions { on: true }, "{text}");
    }
}

#[test]
fn suggestions_are_listed() {
    for text in [
        "what suggestions do you have",
        "What suggestions do you have?",
        "any suggestions?",
        "show me your suggestions",
        "list suggestions",
        "what did you suggest?",
    ] {
        assert_eq!(told(text), Command::ListSuggestions, "{text}");
    }
}

#[test]
fn no_suggestions_is_no_mere_no() {
    let answer = understand_answer("no suggestions", Expecting::YesNo, &printed::usual());
    assert!(matches!(&answer, Answer::NewCommand(new) if new.command == Command::SetSuggestions { on: false }));
    assert_eq!(understand_answer("no", Expecting::YesNo, &printed::usual()), Answer::No);
}

#[test]
fn suggestions_about_something_else_are_something_else() {
    for text in [
        "any suggestions for dinner",
        "stop",
        "suggest a time for lunch with Anna",
        "add suggestions to the shopping list",
        "remind me to make suggestions again tomorrow",
    ] {
        let found = understand(text, &printed::usual()).command;
        assert!(!matches!(found, Command::SetSuggestions { .. } | Command::ListSuggestions), "{text}: {found:?}");
    }
}
