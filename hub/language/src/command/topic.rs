//! What a sentence is about, coarser than a command: what the linear model tells apart.

use super::types::Command;

/// What a sentence is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// A new appointment.
    NewAppointment,
    /// A question about the agenda, or about reminders.
    Agenda,
    /// An appointment or reminder that exists is moved or cancelled.
    Change,
    /// A new reminder.
    NewReminder,
    /// A mail to write.
    WriteMail,
    /// Mail that came.
    ReadMail,
    /// The time or the date.
    Clock,
    /// A turn of the conversation itself: thanks, yes, once more, a joke.
    Conversation,
    /// Anything else: not for the Boss, or for a part of it that the grammar alone knows (timers, projects, texts).
    Other,
}

impl Topic {
    /// All of them, in the order of the model's scores.
    pub const ALL: [Self; 9] = [
        Self::NewAppointment,
        Self::Agenda,
        Self::Change,
        Self::NewReminder,
        Self::WriteMail,
        Self::ReadMail,
        Self::Clock,
        Self::Conversation,
        Self::Other,
    ];

    /// What the command is about.
    pub fn of(command: &Command) -> Self {
        match command {
            Command::CreateAppointment(_) => Self::NewAppointment,
            Command::ShowAgenda { .. }
            | Command::FindTime { .. }
            | Command::ListCancelled
            | Command::TellAbout { .. }
            | Command::ListReminders { .. } => Self::Agenda,
            Command::MoveAppointment { .. }
            | Command::EditAppointment { .. }
            | Command::CancelAppointment { .. }
            | Command::CancelReminder { .. }
            | Command::MoveReminder { .. } => Self::Change,
            Command::SetReminder { .. } | Command::RemindBefore { .. } => Self::NewReminder,
            Command::SendMail { .. } => Self::WriteMail,
            Command::ReadMail => Self::ReadMail,
            Command::TellTime { .. } | Command::TellDate { .. } => Self::Clock,
            Command::Help { .. }
            | Command::Yes
            | Command::No
            | Command::Undo
            | Command::ListChanges { .. }
            | Command::More
            | Command::Repeat
            | Command::Thanks
            | Command::Greeting
            | Command::SmallTalk => Self::Conversation,
            Command::SnoozeReminder { .. }
            | Command::AcknowledgeReminder { .. }
            | Command::SetTimer { .. }
            | Command::SetTimers { .. }
            | Command::CancelTimer { .. }
            | Command::TimerStatus { .. }
            | Command::PauseTimer { .. }
            | Command::ResumeTimer { .. }
            | Command::ChangeTimer { .. }
            | Command::Contact(_)
            | Command::List(_)
            | Command::ListProjects
            | Command::ProjectStatus { .. }
            | Command::CreateProject { .. }
            | Command::ListTasks { .. }
            | Command::CreateTask { .. }
            | Command::AgentsStatus { .. }
            | Command::SendMessage { .. }
            | Command::ListInvitations
            | Command::AnswerInvitation { .. }
            | Command::Remember { .. }
            | Command::Forget { .. }
            | Command::ForgetAll
            | Command::ShowMemory { .. }
            | Command::SearchMessages { .. }
            | Command::SetSuggestions { .. }
            | Command::ListSuggestions
            | Command::Unknown => Self::Other,
        }
    }
}
