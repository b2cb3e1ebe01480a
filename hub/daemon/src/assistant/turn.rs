//! Deciding a turn: from what was said, and what was asked before, to effects, words and perhaps a question.
//!
//! Reads only. Every command of the language has its arm here; those that the box cannot do yet say so.

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use xswarm_core::{
    habit::Glance,
    id::{DeviceId, MessageId},
    message::Channel,
    preferences::CalendarPreferences,
    provenance::Sources,
    receipt::AskedBy,
    user::User,
};
use xswarm_language::{
    command::{Command, Understood, When, understand},
    say,
    time::{Context, Problem},
};
use xswarm_store::Rows;

use super::{
    asked, calling_off, capabilities,
    capability::Around,
    effect::Effect,
    everyday, memory,
    question::{Given, Item, Question, Slot},
    reminders, whose,
};
use crate::{conventions::Conventions, error::Error, outbox::OurAddresses};

/// A turn to decide.
pub(super) struct Turn<'a> {
    /// The database.
    pub(super) rows: &'a Rows<'a>,
    /// Who speaks.
    pub(super) user: &'a User,
    /// Whether somebody else speaks, who has only what a guest has.
    pub(super) is_guest: bool,
    /// Over which channel.
    pub(super) channel: Channel,
    /// In which room, where they are in one whose device is known.
    pub(super) room: Option<DeviceId>,
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
    /// The message that is answered.
    pub(super) message: MessageId,
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
    /// How it was asked for.
    pub(super) asked_by: AskedBy,
    /// What the Boss says.
    pub(super) reply: String,
    /// What the Boss waits to hear.
    pub(super) question: Option<Question>,
    /// Which capability it came from.
    pub(super) used: Option<&'static str>,
    /// What was looked at, where that is something that could be told every week.
    pub(super) glance: Option<Glance>,
    /// Whose words went into the reply.
    pub(super) sources: Sources,
    /// It is a guess, or no answer at all: a language model might do better.
    pub(super) unsure: bool,
    /// What becomes of the question that was open.
    pub(super) open: Open,
    /// What it speaks of, in the order shown; where it is empty, what it changes or asks about.
    pub(super) about: Vec<Item>,
}

/// What becomes of the question that was open when something was said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Open {
    /// There was none, or it is dropped.
    #[default]
    Dropped,
    /// The person went on to something else.
    PassedOver,
    /// It was answered.
    Answered,
    /// It stays as it was asked, unless another is asked.
    Kept,
}

impl Decision {
    /// Words alone.
    pub(super) fn say(reply: impl Into<String>) -> Self {
        Self {
            effects: Vec::new(),
            undoable: false,
            asked_by: AskedBy::Words,
            reply: reply.into(),
            question: None,
            open: Open::Dropped,
            about: Vec::new(),
            used: None,
            glance: None,
            sources: Sources::own(),
            unsure: false,
        }
    }

    /// A question.
    pub(super) fn ask(reply: impl Into<String>, question: Question) -> Self {
        Self { question: Some(question), ..Self::say(reply) }
    }

    /// What it speaks of: what "it" and "the second one" mean from now on.
    pub(super) fn about(self, about: Vec<Item>) -> Self {
        Self { about, ..self }
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

    /// What decides whether a capability can be used.
    pub(super) fn around(&self) -> Around<'_> {
        Around { user: self.user, channel: self.channel, ours: self.ours }
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

/// Decides a turn, and notes whose words its answer holds.
pub(super) fn decide(turn: &Turn<'_>, question: Option<Question>) -> Result<Decision, Error> {
    Ok(whose::noted(turn.rows, decided(turn, question)?)?)
}

fn decided(turn: &Turn<'_>, question: Option<Question>) -> Result<Decision, Error> {
    if turn.said.text.trim().is_empty() {
        let words = "That message was empty. Tell me what you need, or say \"help\".";
        return Ok(Decision { open: Open::Kept, ..Decision::say(words) });
    }
    if let Some((first, rest)) = several(turn) {
        let said = Said { text: first.to_owned(), ..turn.said.clone() };
        let decision = decided(&turn.with(said), question)?;
        let reply =
            format!("{} I take one thing at a time. Please send the rest again by itself: \"{rest}\".", decision.reply);
        return Ok(Decision { reply, ..decision });
    }
    let understood = understand(&turn.said.text, &turn.context());
    if let Some(question) = question
        && let Some(decision) = asked::answered(turn, question.clone(), &understood)?
    {
        let again = decision.open == Open::PassedOver || decision.question.as_ref() == Some(&question);
        let open = if again { Open::PassedOver } else { Open::Answered };
        return Ok(Decision { open, ..decision });
    }
    if let Some(decision) = guessed(turn, &understood) {
        return Ok(Decision { unsure: true, ..decision });
    }
    let mut decision = carry_out(turn, &understood)?;
    let talk = matches!(understood.command, Command::Unknown | Command::SmallTalk);
    decision.unsure = !understood.sure || talk && decision.effects.is_empty();
    if !understood.sure && matches!(understood.command, Command::ShowAgenda { .. }) {
        decision.reply = format!("I take that as a question about your calendar. {}", decision.reply);
    }
    Ok(decision)
}

/// The first line and the others, where each by itself asks for something to be kept: they are no part of one another.
fn several<'t>(turn: &'t Turn<'_>) -> Option<(&'t str, &'t str)> {
    let (first, rest) = turn.said.text.trim().split_once('\n')?;
    let keeps = |line: &str| {
        let understood = understand(line, &turn.context());
        let kept = matches!(
            understood.command,
            Command::CreateAppointment(_)
                | Command::SetReminder { .. }
                | Command::SetTimer { .. }
                | Command::MoveAppointment { .. }
                | Command::CancelAppointment { .. }
        );
        understood.sure && kept
    };
    let mut lines = rest.lines().filter(|line| !line.trim().is_empty());
    (keeps(first) && lines.any(keeps)).then(|| (first.trim(), rest.trim()))
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

/// Does what a sentence asks for that is no answer to what was asked.
pub(super) fn instead(turn: &Turn<'_>, understood: &Understood) -> Result<Decision, Error> {
    Ok(Decision { open: Open::PassedOver, ..carry_out(turn, understood)? })
}

/// Does what a sentence asks for: what belongs to a capability by that, and here what belongs to the conversation itself.
pub(super) fn carry_out(turn: &Turn<'_>, understood: &Understood) -> Result<Decision, Error> {
    if let Some(planned) = capabilities::plan(turn, understood) {
        return planned;
    }
    match &understood.command {
        Command::Yes => Ok(reminders::answers::seen(turn)?.unwrap_or_else(nothing_asked)),
        Command::No => match reminders::answers::stop_ringing(turn)? {
            Some(stopped) => Ok(stopped),
            None => Ok(calling_off::cancel_it(turn)?.unwrap_or_else(nothing_asked)),
        },
        Command::More => Ok(Decision::say("That was all.")),
        Command::Repeat => everyday::repeat(turn),
        Command::Thanks => {
            let welcome = Decision::say("You're welcome.");
            let seen = reminders::answers::seen(turn)?;
            Ok(seen.map_or(welcome.clone(), |seen| Decision { effects: seen.effects, ..welcome }))
        }
        Command::Greeting => Ok(Decision::say(format!("Hello {}. What can I do for you?", turn.user.name))),
        Command::ListProjects
        | Command::ProjectStatus { .. }
        | Command::CreateProject { .. }
        | Command::ListTasks { .. }
        | Command::CreateTask { .. }
        | Command::AgentsStatus { .. } => Ok(not_yet("look after projects")),
        Command::SmallTalk => Ok(memory::told_of(turn)?.unwrap_or_else(|| Decision::say(everyday::SMALL_TALK))),
        Command::Unknown => {
            let known =
                reminders::answers::bare_time(turn)?.map_or_else(|| memory::told_of(turn), |it| Ok(Some(it)))?;
            Ok(known.unwrap_or_else(|| Decision::say(everyday::not_understood(&turn.said.text))))
        }
        Command::CreateAppointment(_)
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
        | Command::ListSuggestions => Err(Error::internal("a command has no capability")),
    }
}

/// The answer to an answer.
pub(super) fn nothing_asked() -> Decision {
    Decision::say("I have not asked you anything. Nothing was changed.")
}

fn not_yet(what: &str) -> Decision {
    Decision::say(format!("I can't {what} yet. Nothing was changed. Say \"help\" for what I can do."))
}
