//! Invitations: showing them, accepting and declining. Now is Tuesday, 24 November 2026, 9:30 in Berlin.

use xswarm_language::command::{Command, understand};

use crate::printed;

fn told(text: &str) -> String {
    let command = understand(text, &printed::usual()).command;
    if command == Command::ListInvitations {
        return "list".to_owned();
    }
    let Command::AnswerInvitation { accept, which } = command else { return format!("{command:?}") };
    let verb = if accept { "accept" } else { "decline" };
    let nth = which.nth.map(|nth| format!(" nth {nth}")).unwrap_or_default();
    let title = which.title.map(|title| format!(" title {title}")).unwrap_or_default();
    let from = which.participants.iter().map(|name| [" from ", name].concat()).collect::<Vec<_>>().concat();
    format!("{verb}{nth}{from}{title}")
}

#[test]
fn answers_name_the_invitation_or_not() {
    for (text, expected) in [
        ("accept the invitation", "accept"),
        ("Accept Anna's invitation", "accept from Anna"),
        ("please accept the invitation from Anna", "accept from Anna"),
        ("accept the invitation to lunch", "accept title lunch"),
        ("accept the invitation \"Budget review\"", "accept title Budget review"),
        ("accept the second invitation", "accept nth 2"),
        ("decline the invitation", "decline"),
        ("Decline Bob's invite to the offsite", "decline from Bob title offsite"),
        ("turn down the invitation from Carol", "decline from Carol"),
        ("reject the meeting request", "decline"),
        ("don't accept the invitation", "decline"),
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
}

#[test]
fn invitations_are_shown() {
    for text in [
        "show my invitations",
        "what invitations do I have?",
        "any invitations?",
        "list invitations",
        "are there any invitations",
        "do I have any invites",
    ] {
        assert_eq!(told(text), "list", "{text}");
    }
}

#[test]
fn inviting_somebody_is_something_else() {
    for text in ["send Anna an invitation", "accept the offer", "decline", "write invitations for the party"] {
        let found = told(text);
        assert!(!found.starts_with("accept") && !found.starts_with("decline") && found != "list", "{text}: {found}");
    }
}
