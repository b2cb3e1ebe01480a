//! What the Boss suggested, as a table, and yes or no to it.

use serde_json::json;
use xswarm_core::{
    habit::HabitKind,
    id::{SuggestionId, UserId},
    suggestion::{Suggestion, SuggestionPreferences, SuggestionState, Suggestions},
};

use crate::{
    rows::{household, now},
    shell::line,
};

fn suggestion(user: UserId, minutes: u32, state: SuggestionState) -> Suggestion {
    Suggestion {
        id: SuggestionId::new(now() - chrono::Duration::minutes(i64::from(minutes))),
        user_id: user,
        habit: HabitKind::MeetingLength { minutes },
        evidence: format!("You have booked 9 of your last 12 appointments for {minutes} minutes."),
        proposal: "Shall I make that the usual length?".into(),
        state,
        offered_at: now(),
        decided_at: None,
    }
}

#[test]
fn suggestions_are_listed_with_evidence_and_what_became_of_them() {
    let (hub, anna, _) = household();
    let suggestions =
        vec![suggestion(anna.id, 45, SuggestionState::Offered), suggestion(anna.id, 30, SuggestionState::Declined)];
    hub.answers("GET /api/suggestions", &Suggestions { enabled: false, suggestions });
    let out = line(&hub.socket(), "suggestions --user anna").ok();
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].starts_with("Suggestions are off: "), "{out}");
    assert!(lines[1].contains("MADE (Europe/Berlin)  STATE     SUGGESTION"), "{out}");
    assert!(lines[2].contains("today 13:00") && lines[2].contains("offered   You have booked 9 of your last"), "{out}");
    assert!(lines[3].contains("declined"), "{out}");
    assert!(lines[4].contains("`xswarm suggestions accept ID`"), "{out}");
    assert_eq!(hub.asked_once("GET /api/suggestions").query, format!("user_id={}", anna.id));
}

#[test]
fn a_suggestion_is_accepted_or_declined_by_a_beginning_of_its_id() {
    let (hub, anna, _) = household();
    let one = suggestion(anna.id, 45, SuggestionState::Offered);
    let id = one.id.to_string();
    hub.answers("GET /api/suggestions", &Suggestions { enabled: true, suggestions: vec![one.clone()] });
    let decided = |state| json!({ "suggestion": Suggestion { state, ..one.clone() } });
    hub.answers(&format!("POST /api/suggestions/{id}/accept"), &decided(SuggestionState::Accepted));
    hub.answers(&format!("POST /api/suggestions/{id}/decline"), &decided(SuggestionState::Declined));
    let said = line(&hub.socket(), &format!("suggestions accept {}", &id[..13])).ok();
    assert_eq!(said, "Done. Tell the Boss \"undo\" to take it back.\n");
    let said = line(&hub.socket(), &format!("suggestions decline {}", &id[..13])).ok();
    assert_eq!(said, "Declined. It is not suggested again.\n");
    assert_eq!(line(&hub.socket(), "suggestions accept zzz").code, 1);
}

#[test]
fn whether_somebody_wants_suggestions_is_shown_and_changed() {
    let (hub, _, bob) = household();
    let path = format!("/api/users/{}/suggestion-preferences", bob.id);
    hub.answers(&format!("GET {path}"), &SuggestionPreferences { enabled: true });
    hub.answers(&format!("PUT {path}"), &SuggestionPreferences { enabled: false });
    assert_eq!(line(&hub.socket(), "user suggestions bob").ok(), "The Boss makes suggestions to Bob.\n");
    assert_eq!(line(&hub.socket(), "user suggestions bob off").ok(), "The Boss makes no suggestions to Bob.\n");
    let asked: SuggestionPreferences = hub.asked_once(&format!("PUT {path}")).body();
    assert!(!asked.enabled);
    assert_eq!(line(&hub.socket(), "user suggestions bob perhaps").code, 2);
}
