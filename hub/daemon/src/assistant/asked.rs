//! Answers to what the Boss asked: what a sentence means while a question is open.
//!
//! A sentence that is no answer stands for itself, and then the question is either asked again or dropped, as its arm says.

use chrono::Utc;
use chrono_tz::Tz;
use xswarm_core::{
    message::{Channel, Direction, Message},
    provenance,
};
use xswarm_language::{
    command::{Answer, Command, Expecting, NewLength, Understood, understand, understand_answer},
    time::{Context, Problem},
};

use super::{
    calling_off, contacts,
    effect::{Effect, words},
    free, invitations,
    question::{Given, Question, Slot, is_asked_in},
    scope, suggestions,
    thinking::HELD,
    timing,
    turn::{Decision, Said, Turn, carry_out, decide, instead, problem_words},
};
use crate::{error::Error, outbox};

/// From so many words on, what is no answer to a choice stands for itself.
const SENTENCE: usize = 4;

/// How a question begins that is asked once more.
const YES_OR_NO: &str = "Please answer yes or no. ";

/// Whether a question that "yes" would settle was put to the person by what they heard last, so that their "yes" means it.
/// A reminder may have come in between, or the "yes" was on its way before. `earlier`: what was said before their answer,
/// newest first.
pub(super) fn is_heard(earlier: &[Message]) -> bool {
    let last = earlier.iter().find(|one| one.direction == Direction::Outbound && one.metadata.get(HELD).is_none());
    // A question that was cut off on the telephone was not heard to its end.
    last.is_some_and(|last| is_asked_in(&last.metadata) && last.metadata.get("heard").is_none())
}

/// The answer to a "yes" that was not said to the open question: what it means without it, and the question again.
pub(super) fn asked_again(turn: &Turn<'_>, question: Question, earlier: &[Message]) -> Result<Decision, Error> {
    let decision = decide(turn, None)?;
    if decision.question.is_some() {
        return Ok(decision);
    }
    let Some(asked) = earlier.iter().find(|one| is_asked_in(&one.metadata)) else {
        return Ok(Decision { question: Some(question), ..decision });
    };
    let reply = if decision.effects.is_empty() {
        format!("I asked you that before something else came up, so let me ask again: {}", asked.content)
    } else {
        format!("{} And I still wait to hear: {}", decision.reply, asked.content)
    };
    let mut sources = decision.sources.clone();
    sources.join(&provenance::told_in(&asked.metadata));
    Ok(Decision { question: Some(question), reply, sources, ..decision })
}

/// The question once more with what it was about: whoever says yes now has it before their eyes.
pub(super) fn shown_again(decision: Decision, earlier: &[Message]) -> Decision {
    let Some(asked) = earlier.iter().find(|one| is_asked_in(&one.metadata)) else { return decision };
    let words = asked.content.strip_prefix(YES_OR_NO).unwrap_or(&asked.content);
    let mut sources = decision.sources.clone();
    sources.join(&provenance::told_in(&asked.metadata));
    Decision { reply: format!("{YES_OR_NO}{words}"), sources, ..decision }
}

/// The decision if the turn answers the open question; `None` if the person went on to something else.
pub(super) fn answered(
    turn: &Turn<'_>,
    question: Question,
    understood: &Understood,
) -> Result<Option<Decision>, Error> {
    match question {
        Question::More { rest, sources } => {
            let wanted = matches!(understood.command, Command::More | Command::Yes);
            Ok(wanted.then(|| Decision { sources, ..Decision::say(rest) }))
        }
        Question::Missing { slot, text, answers, said_at } => {
            let expecting = match slot {
                Slot::When => Expecting::Time,
                Slot::Duration => Expecting::Duration,
                Slot::Title => Expecting::Title,
            };
            match understand_answer(&turn.said.text, expecting, &turn.context()) {
                Answer::Time(_) | Answer::Duration(_) | Answer::Title(_) => {
                    let given = Given { slot, text: turn.said.text.clone(), said_at: turn.said.at.with_timezone(&Utc) };
                    let answers = answers.into_iter().chain([given]).collect();
                    let said =
                        Said { message: turn.said.message, text, at: said_at.with_timezone(&turn.zone()), answers };
                    resume(&turn.with(said)).map(Some)
                }
                Answer::No => Ok(Some(Decision::say("All right, I dropped it. Nothing was changed."))),
                Answer::NewCommand(new) if new.command != Command::Unknown => instead(turn, &new).map(Some),
                Answer::NewCommand(_) | Answer::Yes | Answer::Choice(_) | Answer::Unclear => {
                    let again = Question::Missing { slot, text, answers, said_at };
                    Ok(Some(Decision::ask(ask_again(slot, &understood.problems), again)))
                }
            }
        }
        Question::Guessed { text, said_at } => {
            match understand_answer(&turn.said.text, Expecting::YesNo, &turn.context()) {
                Answer::Yes => {
                    let said = Said {
                        message: turn.said.message,
                        text,
                        at: said_at.with_timezone(&turn.zone()),
                        answers: Vec::new(),
                    };
                    resume(&turn.with(said)).map(Some)
                }
                Answer::No => Ok(Some(Decision::say(
                    "All right. Nothing was changed. Please say it in other words, or \"help\" for what I can do.",
                ))),
                // Whatever else was said stands for itself.
                Answer::NewCommand(_)
                | Answer::Time(_)
                | Answer::Duration(_)
                | Answer::Title(_)
                | Answer::Choice(_)
                | Answer::Unclear => Ok(None),
            }
        }
        Question::Invitation { id, asked_at } => {
            // What was said before the question was asked does not answer it.
            if turn.said.at <= asked_at {
                return Ok(None);
            }
            match understand_answer(&turn.said.text, Expecting::YesNo, &turn.context()) {
                Answer::Yes => invitations::decide(turn, id, true).map(Some),
                Answer::No => invitations::decide(turn, id, false).map(Some),
                // Whatever else was said stands for itself; the invitation waits.
                Answer::NewCommand(_)
                | Answer::Time(_)
                | Answer::Duration(_)
                | Answer::Title(_)
                | Answer::Choice(_)
                | Answer::Unclear => Ok(None),
            }
        }
        Question::Suggestion { id, asked_at } => {
            // "Ok" after a reminder that was said since is about that.
            if !turn.rows.reminders_said(turn.user.id, asked_at, 1)?.is_empty() {
                return Ok(None);
            }
            match understand_answer(&turn.said.text, Expecting::YesNo, &turn.context()) {
                Answer::Yes => suggestions::decide(turn, id, true).map(Some),
                Answer::No => suggestions::decide(turn, id, false).map(Some),
                // Whatever else was said stands for itself; nobody is asked twice.
                Answer::NewCommand(_)
                | Answer::Time(_)
                | Answer::Duration(_)
                | Answer::Title(_)
                | Answer::Choice(_)
                | Answer::Unclear => Ok(None),
            }
        }
        Question::Cancel { items } => match understand_answer(&turn.said.text, Expecting::YesNo, &turn.context()) {
            Answer::Yes => calling_off::cancel_items(turn, &items).map(Some),
            Answer::No => Ok(Some(Decision::say("All right, it stays as it is. Nothing was changed."))),
            Answer::NewCommand(new) if new.command != Command::Unknown => instead(turn, &new).map(Some),
            Answer::NewCommand(_)
            | Answer::Time(_)
            | Answer::Duration(_)
            | Answer::Title(_)
            | Answer::Choice(_)
            | Answer::Unclear => {
                Ok(Some(Decision::ask("Please answer yes or no: shall I cancel it?", Question::Cancel { items })))
            }
        },
        Question::WhichContact { name, choices, text, answers, said_at } => {
            let expecting = Expecting::Choice { of: choices.len() };
            let chosen = match understand_answer(&turn.said.text, expecting, &turn.context()) {
                Answer::Choice(chosen) => choices.get(chosen.saturating_sub(1)).cloned(),
                Answer::No => return Ok(Some(Decision::say("All right, I dropped it. Nothing was changed."))),
                Answer::Title(said) => contacts::chosen(&choices, &said),
                Answer::NewCommand(new) if new.command != Command::Unknown => return instead(turn, &new).map(Some),
                Answer::NewCommand(_) | Answer::Time(_) | Answer::Duration(_) | Answer::Yes | Answer::Unclear => None,
            };
            let Some(full) = chosen else {
                let words = format!("Please answer with a number from 1 to {}, or \"never mind\".", choices.len());
                let again = Question::WhichContact { name, choices, text, answers, said_at };
                return Ok(Some(Decision::ask(words, again)));
            };
            let text = contacts::made_plain(&text, &name, &full);
            resume(&turn.with(Said {
                message: turn.said.message,
                text,
                at: said_at.with_timezone(&turn.zone()),
                answers,
            }))
            .map(Some)
        }
        Question::Confirm { effects, done, sources } => {
            match understand_answer(&turn.said.text, Expecting::YesNo, &turn.context()) {
                Answer::Yes => Ok(Some(Decision { sources, ..Decision::act(effects, done) })),
                Answer::No => Ok(Some(Decision::say("All right. Nothing was changed."))),
                Answer::NewCommand(new) if new.command != Command::Unknown => instead(turn, &new).map(Some),
                Answer::NewCommand(_)
                | Answer::Time(_)
                | Answer::Duration(_)
                | Answer::Title(_)
                | Answer::Choice(_)
                | Answer::Unclear => {
                    let words = format!("Please answer yes or no. {}?", words::proposals(&effects, turn.zone()));
                    Ok(Some(Decision::ask(words, Question::Confirm { effects, done, sources })))
                }
            }
        }
        Question::Pin { call, effects, done, undoable, sources } => {
            if turn.channel != Channel::Voice {
                // It was asked by whoever was on the telephone, and nothing shows that this was the person.
                let answer = understand_answer(&turn.said.text, Expecting::YesNo, &turn.context());
                let words = "That was asked on the telephone, and waits for a PIN there. Nothing was changed. If it was you, \
                             please ask me for it here, in full.";
                return Ok((answer == Answer::Yes).then(|| Decision::say(words)));
            }
            match understand_answer(&turn.said.text, Expecting::YesNo, &turn.context()) {
                // It is held anew: without the PIN nothing happens.
                Answer::Yes => Ok(Some(Decision { undoable, sources, ..Decision::act(effects, done) })),
                Answer::No => Ok(Some(Decision::say("All right. Nothing was changed."))),
                Answer::NewCommand(new) if new.command != Command::Unknown => instead(turn, &new).map(Some),
                Answer::NewCommand(_)
                | Answer::Time(_)
                | Answer::Duration(_)
                | Answer::Title(_)
                | Answer::Choice(_)
                | Answer::Unclear => {
                    let said = turn.rows.message(turn.said.message)?;
                    if said.and_then(|said| outbox::call_of(&said.metadata)) != Some(call) {
                        // Typed on another call, the PIN would be for nothing.
                        return Ok(None);
                    }
                    let words = "Please type your PIN and press the hash key, or say \"never mind\".";
                    Ok(Some(Decision::ask(words, Question::Pin { call, effects, done, undoable, sources })))
                }
            }
        }
        Question::AnswerLater { message } => {
            match understand_answer(&turn.said.text, Expecting::YesNo, &turn.context()) {
                Answer::Yes => Ok(Some(Decision {
                    undoable: false,
                    ..Decision::act(
                        vec![Effect::AnswerLater { message }],
                        "All right, I'll answer as soon as my language model works again.",
                    )
                })),
                Answer::No => Ok(Some(Decision::say("All right, I dropped it. Nothing was changed."))),
                // Whoever goes on to something else has no need of it.
                Answer::NewCommand(_)
                | Answer::Time(_)
                | Answer::Duration(_)
                | Answer::Title(_)
                | Answer::Choice(_)
                | Answer::Unclear => Ok(None),
            }
        }
        Question::Scope { part, action } => scope::answered_scope(turn, part, action, understood),
        Question::Proposed { effects, reply } => scope::answered_proposal(turn, effects, reply),
        Question::Book { .. } => free::answered(turn, question),
        Question::Choose { items, action } => {
            let expecting = Expecting::Choice { of: items.len() };
            match understand_answer(&turn.said.text, expecting, &turn.context()) {
                Answer::Choice(chosen) => match items.get(chosen.saturating_sub(1)) {
                    Some(item) => scope::chosen(turn, *item, action).map(Some),
                    None => {
                        Ok(Some(Decision::ask("That number is not in the list.", Question::Choose { items, action })))
                    }
                },
                Answer::No => Ok(Some(Decision::say("All right. Nothing was changed."))),
                Answer::NewCommand(new) if new.command != Command::Unknown => instead(turn, &new).map(Some),
                // A whole sentence is no slip of the tongue.
                Answer::NewCommand(_) | Answer::Unclear if turn.said.text.split_whitespace().count() >= SENTENCE => {
                    Ok(None)
                }
                Answer::NewCommand(_)
                | Answer::Time(_)
                | Answer::Duration(_)
                | Answer::Title(_)
                | Answer::Yes
                | Answer::Unclear => {
                    let words = format!("Please answer with a number from 1 to {}, or \"never mind\".", items.len());
                    Ok(Some(Decision::ask(words, Question::Choose { items, action })))
                }
            }
        }
    }
}

fn ask_again(slot: Slot, problems: &[Problem]) -> String {
    if let Some(problem) = problems.first() {
        return format!("{} When should it be?", problem_words(problem));
    }
    match slot {
        Slot::When => {
            "I did not get a time from that. When should it be? For example \"tomorrow at 3pm\", or \"never mind\"."
        }
        Slot::Duration => {
            "I did not get a length from that. For how long? For example \"10 minutes\", or \"never mind\"."
        }
        Slot::Title => "What is it about? Or say \"never mind\".",
    }
    .to_owned()
}

/// The sentence again, now that more is known.
fn resume(turn: &Turn<'_>) -> Result<Decision, Error> {
    let mut understood = understand(&turn.said.text, &turn.context());
    // What was wrong with a time in the sentence is settled by the answer.
    understood.problems.clear();
    for given in &turn.said.answers {
        let context = turn.conventions.context(given.said_at.with_timezone(&turn.zone()));
        fill(&mut understood.command, given, &context, turn.zone());
    }
    carry_out(turn, &understood)
}

/// Puts an answer where it was missing.
fn fill(command: &mut Command, given: &Given, context: &Context<'_>, zone: Tz) {
    let expecting = match given.slot {
        Slot::When => Expecting::Time,
        Slot::Duration => Expecting::Duration,
        Slot::Title => Expecting::Title,
    };
    let answer = understand_answer(&given.text, expecting, context);
    match (command, answer) {
        (Command::CreateAppointment(draft), Answer::Time(when)) => {
            draft.when = Some(timing::completed(draft.when.take(), when, zone));
        }
        (Command::CreateAppointment(draft), Answer::Title(title)) => draft.title = Some(title),
        (Command::CreateAppointment(draft), Answer::Duration(length)) => draft.duration = Some(length),
        (Command::SetReminder { when, .. } | Command::MoveAppointment { to: when, .. }, Answer::Time(answer)) => {
            *when = Some(timing::completed(when.take(), answer, zone));
        }
        (
            Command::SetReminder { text, .. } | Command::SendMessage { text, .. } | Command::SendMail { text, .. },
            Answer::Title(title),
        ) => *text = Some(title),
        (
            Command::SetTimer { duration, .. } | Command::SnoozeReminder { for_: duration, .. },
            Answer::Duration(length),
        ) => {
            *duration = Some(length);
        }
        (Command::ChangeTimer { by, .. }, Answer::Duration(length)) => *by = Some(length),
        (Command::MoveAppointment { length, .. }, Answer::Duration(by)) => {
            let by = if *length == Some(NewLength::Shorter) { by.reversed() } else { by };
            *length = Some(NewLength::By(by));
        }
        // An answer to something the sentence does not have changes nothing.
        _ => {}
    }
}
