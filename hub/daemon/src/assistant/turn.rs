//! Deciding a turn: from what was said, and what was asked before, to effects, words and perhaps a question.
//!
//! Reads only. Every command of the language has its arm here; those that the box cannot do yet say so.

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use xswarm_core::{message::Channel, preferences::CalendarPreferences, user::User};
use xswarm_language::{
    command::{Command, Understood, When, Which, understand},
    say,
    time::{Context, Problem},
};
use xswarm_store::Rows;

use super::{
    appointments, asked, calling_off, contacts,
    effect::Effect,
    everyday, free, invitations, lists, moving,
    question::{Given, Question, Slot},
    reminders,
};
use crate::{conventions::Conventions, error::Error, outbox::OurAddresses};

/// A turn to decide.
pub(super) struct Turn<'a> {
    /// The database.
    pub(super) rows: &'a Rows<'a>,
    /// Who speaks.
    pub(super) user: &'a User,
    /// The addresses that are ours.
    pub(super) ours: &'a OurAddresses,
    /// How they will be reminded of what is set in this turn.
    pub(super) reminders_by: Channel,
    /// What they said.
    pub(super) said: Said,
    /// How they mean what they say about times.
    pub(super) conventions: &'a Conventions,
    /// What time it is.
    pub(super) now: DateTime<Utc>,
}

/// A sentence, and the answers to what was missing in it.
#[derive(Debug, Clone)]
pub(super) struct Said {
    /// The words.
    pub(super) text: String,
    /// When they were said, in the person's zone.
    pub(super) at: DateTime<Tz>,
    /// What was asked and answered since.
    pub(super) answers: Vec<Given>,
}

/// What a turn comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Decision {
    /// What changes, in order.
    pub(super) effects: Vec<Effect>,
    /// Whether "undo" may reverse it.
    pub(super) undoable: bool,
    /// What the Boss says.
    pub(super) reply: String,
    /// What the Boss waits to hear.
    pub(super) question: Option<Question>,
}

impl Decision {
    /// Words alone.
    pub(super) fn say(reply: impl Into<String>) -> Self {
        Self { effects: Vec::new(), undoable: false, reply: reply.into(), question: None }
    }

    /// A question.
    pub(super) fn ask(reply: impl Into<String>, question: Question) -> Self {
        Self { question: Some(question), ..Self::say(reply) }
    }

    /// Effects and the words for them.
    pub(super) fn act(effects: Vec<Effect>, reply: impl Into<String>) -> Self {
        Self { effects, undoable: true, ..Self::say(reply) }
    }
}

impl Turn<'_> {
    /// The person's zone.
    pub(super) fn zone(&self) -> Tz {
        self.user.timezone
    }

    /// How much room they want between two appointments.
    pub(super) fn buffer(&self) -> Duration {
        CalendarPreferences::of(self.user).buffer()
    }

    /// Against what the sentence is understood.
    pub(super) fn context(&self) -> Context<'_> {
        self.conventions.context(self.said.at)
    }

    /// Asks for what is missing in the sentence.
    pub(super) fn missing(&self, slot: Slot, words: impl Into<String>) -> Decision {
        let question = Question::Missing {
            slot,
            text: self.said.text.clone(),
            answers: self.said.answers.clone(),
            said_at: self.said.at.with_timezone(&Utc),
        };
        Decision::ask(words, question)
    }

    /// The same person and moment, with another sentence.
    pub(super) fn with(&self, said: Said) -> Turn<'_> {
        Turn { said, ..*self }
    }
}

/// Decides a turn.
pub(super) fn decide(turn: &Turn<'_>, question: Option<Question>) -> Result<Decision, Error> {
    if turn.said.text.trim().is_empty() {
        return Ok(Decision {
            question,
            ..Decision::say("That message was empty. Tell me what you need, or say \"help\".")
        });
    }
    let understood = understand(&turn.said.text, &turn.context());
    if let Some(question) = question
        && let Some(decision) = asked::answered(turn, question, &understood)?
    {
        return Ok(decision);
    }
    if let Some(decision) = guessed(turn, &understood) {
        return Ok(decision);
    }
    let mut decision = carry_out(turn, &understood)?;
    if !understood.sure && matches!(understood.command, Command::ShowAgenda { .. }) {
        decision.reply = format!("I take that as a question about your calendar. {}", decision.reply);
    }
    Ok(decision)
}

/// A guess that would change something is asked about; one that only tells something is told.
fn guessed(turn: &Turn<'_>, understood: &Understood) -> Option<Decision> {
    // A problem with the time is asked about first, and that is question enough.
    if understood.sure || !understood.problems.is_empty() {
        return None;
    }
    let when = |when: &Option<When>| when.as_ref().map(|when| format!(" ({})", when.text)).unwrap_or_default();
    let words = if let Command::CreateAppointment(draft) = &understood.command {
        let title = draft.title.as_deref().unwrap_or("an appointment");
        format!("Shall I put \"{title}\" on your calendar{}? (yes or no)", when(&draft.when))
    } else if let Command::SetReminder { text, when: at, .. } = &understood.command {
        let text = text.as_deref().unwrap_or("something");
        format!("Shall I remind you of \"{text}\"{}? (yes or no)", when(at))
    } else if let Command::MoveAppointment { which, to, .. } = &understood.command {
        let title = which.title.as_ref().map_or_else(|| "an appointment".to_owned(), |title| format!("\"{title}\""));
        format!("Shall I move {title}{}? (yes or no)", when(to))
    } else {
        // Calling off is asked about in any case, and the rest changes nothing.
        return None;
    };
    let question = Question::Guessed { text: turn.said.text.clone(), said_at: turn.said.at.with_timezone(&Utc) };
    Some(Decision::ask(words, question))
}

/// What a problem with a time means for the person.
pub(super) fn problem_words(problem: &Problem) -> String {
    match problem {
        Problem::NoSuchDate { text } => format!("There is no such date: \"{text}\"."),
        Problem::NoSuchTime { text } => format!("There is no such time: \"{text}\"."),
        Problem::WrongWeekday { text, day, weekday } => {
            let said = say::weekday(*weekday);
            format!("\"{text}\" does not fit together: that is {}, no {said}.", say::date(*day))
        }
        Problem::Several { text } => format!("\"{text}\" is more than one time, and I can take one at a time."),
        Problem::EndBeforeStart { text } => format!("That ends before it begins: \"{text}\"."),
        Problem::TooVague { text } => format!("\"{text}\" is too vague for me to act on."),
    }
}

/// Does what a sentence asks for.
pub(super) fn carry_out(turn: &Turn<'_>, understood: &Understood) -> Result<Decision, Error> {
    let problem = understood.problems.first().map(problem_words);
    match &understood.command {
        Command::CreateAppointment(draft) => appointments::create(turn, draft, problem),
        Command::MoveAppointment { which, to, by, length } => {
            moving::move_to(turn, which, &moving::Change { to: to.clone(), by: *by, length: *length }, problem)
        }
        Command::CancelAppointment { which } => calling_off::cancel(turn, which),
        Command::ShowAgenda { range, which, free } => everyday::agenda(turn, range, which, *free),
        Command::FindTime { range, draft } => match problem {
            Some(problem) => Ok(Decision::say(format!("{problem} Please say it with another time."))),
            None => free::find(turn, range, draft),
        },
        Command::ListCancelled => calling_off::list(turn),
        Command::SetReminder { text, when: None, lead_time: Some(lead), channel, nature } => {
            let which = Which { title: text.clone(), ..Which::default() };
            let wanted = reminders::Wanted { channel: *channel, nature: *nature };
            reminders::before::add(turn, &which, &[*lead], wanted)
        }
        Command::SetReminder { text, when, channel, nature, .. } => {
            let wanted = reminders::Wanted { channel: *channel, nature: *nature };
            Ok(reminders::set(turn, text.as_deref(), when.as_ref(), wanted, problem))
        }
        Command::RemindBefore { which, leads } => {
            reminders::before::add(turn, which, leads, reminders::Wanted::default())
        }
        Command::MoveReminder { which, to, by } => reminders::move_to(turn, which, to.as_ref(), *by),
        Command::ListReminders { range, which } => reminders::list(turn, range, which),
        Command::CancelReminder { which } => reminders::cancel(turn, which, reminders::Of::Reminders),
        Command::SnoozeReminder { which, for_, until } => {
            reminders::answers::snooze(turn, which, *for_, until.as_ref())
        }
        Command::SetTimer { duration, name } => Ok(reminders::timers::set(turn, *duration, name.as_deref())),
        Command::CancelTimer { which } => reminders::cancel(turn, which, reminders::Of::Timers),
        Command::TimerStatus { which } => reminders::timers::status(turn, which),
        Command::SetTimers { timers } => Ok(reminders::timers::set_several(turn, timers)),
        Command::ChangeTimer { which, by, to } => reminders::timers::change(turn, which, *by, *to),
        Command::TellTime { place } => Ok(everyday::tell_time(turn, place.as_deref())),
        Command::TellDate { when } => Ok(everyday::tell_date(turn, when.as_ref())),
        Command::Help { .. } => Ok(Decision::say(everyday::HELP)),
        Command::Undo => everyday::undo(turn),
        Command::Yes => Ok(reminders::answers::seen(turn)?.unwrap_or_else(nothing_asked)),
        Command::No => Ok(reminders::answers::stop_ringing(turn)?.unwrap_or_else(nothing_asked)),
        Command::More => Ok(Decision::say("That was all.")),
        Command::Repeat => everyday::repeat(turn),
        Command::Thanks => {
            let welcome = Decision::say("You're welcome.");
            let seen = reminders::answers::seen(turn)?;
            Ok(seen.map_or(welcome.clone(), |seen| Decision { effects: seen.effects, ..welcome }))
        }
        Command::Greeting => Ok(Decision::say(format!("Hello {}. What can I do for you?", turn.user.name))),
        Command::AcknowledgeReminder { which, settled } => reminders::answers::acknowledge(turn, which, *settled),
        Command::PauseTimer { which } => reminders::timers::pause(turn, which),
        Command::ResumeTimer { which } => reminders::timers::resume(turn, which),
        Command::Contact(about) => contacts::about(turn, about),
        Command::List(about) => lists::about(turn, about),
        Command::ListProjects
        | Command::ProjectStatus { .. }
        | Command::CreateProject { .. }
        | Command::ListTasks { .. }
        | Command::CreateTask { .. }
        | Command::AgentsStatus { .. } => Ok(not_yet("look after projects")),
        Command::SendMessage { .. } | Command::SendMail { .. } => Ok(not_yet("write to other people")),
        Command::ReadMail => Ok(not_yet("read your mail")),
        Command::ListInvitations => invitations::list(turn),
        Command::AnswerInvitation { accept, which } => invitations::answer(turn, *accept, which),
        Command::SmallTalk => Ok(Decision::say(everyday::SMALL_TALK)),
        Command::Unknown => Ok(reminders::answers::bare_time(turn)?
            .unwrap_or_else(|| Decision::say(everyday::not_understood(&turn.said.text)))),
    }
}

fn nothing_asked() -> Decision {
    Decision::say("I have not asked you anything. Nothing was changed.")
}

fn not_yet(what: &str) -> Decision {
    Decision::say(format!("I can't {what} yet. Nothing was changed. Say \"help\" for what I can do."))
}
