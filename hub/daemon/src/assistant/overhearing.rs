//! What the assistant takes up of a free conversation between its person and a partner who only chats.
//!
//! A command that is understood without doubt is for the Boss; everything else is talk. What the partner says is never a
//! deed: where it sounds like one, the Boss says what is true.

use chrono::{DateTime, Utc};
use xswarm_core::user::User;
use xswarm_language::command::{Command, understand};

use super::thinking::wording;
use crate::conventions::Conventions;

/// What the Boss says when its partner has claimed a deed.
pub(crate) const ONLY_TALK: &str =
    "That was only talk. Nothing was changed. If something is to be done, tell me in one sentence.";

/// Whether what a person said in the midst of a chat is for the Boss.
pub(crate) fn is_for_the_boss(user: &User, text: &str, now: DateTime<Utc>) -> bool {
    let conventions = Conventions::of(user);
    let understood = understand(text, &conventions.context(now.with_timezone(&user.timezone)));
    understood.sure && is_command(&understood.command)
}

/// Whether a partner's words leave a deed to be believed, after these of the person's.
pub(crate) fn claims(said: &str, after: &str) -> bool {
    wording::leaves_a_deed_to_be_believed(said, wording::asks_for_a_deed(after))
}

fn is_command(command: &Command) -> bool {
    match command {
        // To a partner they are answers, thanks and talk like any other.
        Command::Yes
        | Command::No
        | Command::More
        | Command::Repeat
        | Command::Thanks
        | Command::Greeting
        | Command::SmallTalk
        | Command::Unknown => false,
        Command::ListProjects
        | Command::ProjectStatus { .. }
        | Command::CreateProject { .. }
        | Command::ListTasks { .. }
        | Command::CreateTask { .. }
        | Command::AgentsStatus { .. }
        | Command::CreateAppointment(_)
        | Command::MoveAppointment { .. }
        | Command::EditAppointment { .. }
        | Command::CancelAppointment { .. }
        | Command::ShowAgenda { .. }
        | Command::FindTime { .. }
        | Command::ListCancelled
        | Command::SetReminder { .. }
        | Command::RemindBefore { .. }
        | Command::MoveReminder { .. }
        | Command::ListReminders { .. }
        | Command::CancelReminder { .. }
        | Command::SnoozeReminder { .. }
        | Command::AcknowledgeReminder { .. }
        | Command::SetTimer { .. }
        | Command::SetTimers { .. }
        | Command::CancelTimer { .. }
        | Command::TimerStatus { .. }
        | Command::PauseTimer { .. }
        | Command::ResumeTimer { .. }
        | Command::ChangeTimer { .. }
        | Command::TellTime { .. }
        | Command::TellDate { .. }
        | Command::Help { .. }
        | Command::Undo
        | Command::ListChanges { .. }
        | Command::TellAbout { .. }
        | Command::Contact(_)
        | Command::List(_)
        | Command::ListInvitations
        | Command::SendMessage { .. }
        | Command::SendMail { .. }
        | Command::ReadMail
        | Command::Remember { .. }
        | Command::Forget { .. }
        | Command::ForgetAll
        | Command::ShowMemory { .. }
        | Command::SearchMessages { .. }
        | Command::AnswerInvitation { .. }
        | Command::SetSuggestions { .. }
        | Command::ListSuggestions => true,
    }
}

#[cfg(test)]
mod tests {
    use xswarm_core::{id::UserId, user::Role};

    use super::*;

    #[test]
    fn commands_are_told_from_talk() {
        let now = "2026-11-27T14:00:00Z".parse().unwrap();
        let user = User {
            id: UserId::new(now),
            name: "Anna".to_owned(),
            role: Role::Admin,
            phone: None,
            email: None,
            boss_phone: None,
            boss_email: None,
            timezone: chrono_tz::Europe::Berlin,
            preferences: serde_json::json!({}),
            can_provision_numbers: false,
            created_at: now,
            updated_at: now,
        };
        for command in [
            "Schedule a meeting with John tomorrow at 2pm",
            "what's on my calendar today",
            "set a timer for ten minutes",
            "remind me to call mom at six",
            "what time is it",
            "undo",
        ] {
            assert!(is_for_the_boss(&user, command, now), "{command}");
        }
        for talk in [
            "I had a long day at work",
            "tell me something about Rome",
            "how are you today",
            "do you like music",
            "yes",
            "no",
            "thank you",
            "say that again",
            "why is the sky blue",
            "I never know what to cook",
        ] {
            assert!(!is_for_the_boss(&user, talk, now), "{talk}");
        }
    }

    #[test]
    fn a_claim_is_corrected_and_talk_is_not() {
        for (said, after) in [
            ("Sure, I've booked the table.", "book a table at Luigi's"),
            ("I'll remind you tomorrow.", "can you remind me"),
            ("Got it, will do.", "put milk on the list"),
            // Nobody asked for it, and yet it would be believed.
            ("By the way, I have moved your meeting to Friday.", "I had a long day"),
            ("Your appointment has been cancelled.", "hm"),
        ] {
            assert!(claims(said, after), "{said}");
        }
        for (said, after) in [
            ("I called my mother yesterday.", "what did you do"),
            ("Got it.", "I mean the other film"),
            ("I can't book that.", "book a table"),
            ("It was started in 1508.", "tell me about Rome"),
            ("Sounds like a nice day.", "I was in the garden"),
        ] {
            assert!(!claims(said, after), "{said}");
        }
    }
}
