//! Carrying out what a model asks for: the same capabilities as the grammar's, by the same plans, behind the checks that a
//! model needs. Its arguments fit the schema, its times are the person's own and understood anew, and what it would change
//! is the person's own wish in every word, or they are asked.

use std::time::Instant;

use chrono::{DateTime, Utc};
use xswarm_core::{
    capability::EffectClass,
    habit::Glance,
    provenance::{Source, Sources},
    receipt::{AskedBy, ReceiptOrigin},
};
use xswarm_language::command::Understood;
use xswarm_store::{Rows, Tx};

use super::{context::Thought, progress::Step, wording::done_lines};
use crate::{
    assistant::{
        capabilities,
        capability::{Availability, Capability, Heard},
        effect::{Effect, risk, words},
        question::Question,
        trust::{Claim, Verdict, verdict},
        turn::{Decision, Turn},
        whose,
    },
    error::Error,
    llm::{Call, CallResult},
};

/// How much of one result a model is shown, in characters.
const RESULT_MOST: usize = 6_000;

/// Whether what a model asks for merely looks at something, so that several of its kind may be looked at together.
pub(super) fn only_reads(call: &Call) -> bool {
    capabilities::named(&call.name).is_none_or(|capability| capability.effect == EffectClass::Read)
}

/// A capability that was used.
#[derive(Debug, Clone, Copy)]
pub(super) struct Used {
    pub(super) capability: &'static str,
    pub(super) glance: Option<Glance>,
}

/// What looking something up came to.
pub(super) struct Looked {
    pub(super) step: Step,
    /// The capability that was used, and what of it could be told every week; none when it was refused.
    pub(super) used: Option<Used>,
}

/// Looks something up. What would change something is refused: it belongs in a transaction of its own.
pub(super) fn look(rows: &Rows<'_>, thought: &Thought, call: &Call, now: DateTime<Utc>) -> Result<Looked, Error> {
    let planned = planned(&thought.turn(rows, now), thought, call)?;
    Ok(match planned {
        Planned::Refused(words) => Looked { step: came(call, words), used: None },
        Planned::Decided { capability, decision, .. } if decision.effects.is_empty() => {
            let used = Used { capability: capability.name, glance: decision.glance };
            Looked { step: settled(call, decision), used: Some(used) }
        }
        Planned::Decided { .. } => {
            Looked { step: came(call, "That would change something, and this only looks.".to_owned()), used: None }
        }
    })
}

/// Does one thing, if it may be done, with its receipts; otherwise says why not, or what the person is asked.
pub(super) fn act(
    tx: &Tx<'_>,
    thought: &Thought,
    call: &Call,
    seen: &Sources,
    now: DateTime<Utc>,
) -> Result<Step, Error> {
    let (before, turn) = (&thought.before, thought.turn(tx, now));
    let (capability, decision, own) = match planned(&turn, thought, call)? {
        Planned::Refused(words) => return Ok(came(call, words)),
        Planned::Decided { capability, decision, own } => (capability, *decision, own),
    };
    tx.capability_used(capability.name, before.user.id, AskedBy::Model, now)?;
    if decision.effects.is_empty() {
        return Ok(settled(call, Box::new(decision)));
    }
    let zone = turn.zone();
    let happened: Vec<String> = decision.effects.iter().filter_map(|effect| words::done(effect, zone)).collect();
    let origin =
        ReceiptOrigin { message: before.message.id, channel: Some(before.message.channel), asked_by: AskedBy::Model };
    let verdict = match verdict(capability.effect, own, seen) {
        // What needs a PIN is read back first, whoever understood it.
        Verdict::Act if before.message.channel.is_spoken() && risk::needs_pin(&decision.effects) => Verdict::Ask,
        verdict @ (Verdict::Act | Verdict::Ask) => verdict,
    };
    match verdict {
        Verdict::Act => {
            for effect in &decision.effects {
                effect.apply(tx, now)?;
                if decision.undoable && effect.is_undoable() {
                    tx.receipt_insert(before.user.id, origin, &effect.as_kept(), now)?;
                }
            }
            // The plan's own words: they tell what it overlaps with, and when the person is reminded.
            let text = format!("Done, and the person is told so. {}", decision.reply);
            let done = if decision.reply.is_empty() { happened } else { vec![decision.reply] };
            Ok(Step::Came { result: result(call, text), done, sources: decision.sources })
        }
        Verdict::Ask => {
            let mut sources = decision.sources;
            sources.join(seen);
            if !own {
                sources.join(&Sources::of(Source::Model));
            }
            Ok(asked(&decision.effects, &happened, sources, &turn))
        }
    }
}

/// What a call comes to before anything happens.
enum Planned {
    /// Nothing, and why.
    Refused(String),
    /// A decision. `own`: every word that went into it is the person's.
    Decided { capability: &'static Capability, decision: Box<Decision>, own: bool },
}

fn planned(turn: &Turn<'_>, thought: &Thought, call: &Call) -> Result<Planned, Error> {
    let began = Instant::now();
    let Some(capability) = capabilities::named(&call.name) else {
        return Ok(Planned::Refused(format!("There is no tool called \"{}\".", call.name)));
    };
    if let Availability::Not(why) = capability.availability(&turn.around()) {
        return Ok(Planned::Refused(format!("Not available: {why}. Tell the person.")));
    }
    let heard = Heard { claim: Claim::against(&thought.own_words), context: turn.context() };
    let command = match capability.command(call.arguments.clone(), &heard) {
        Ok(command) => command,
        Err(refusal) => return Ok(Planned::Refused(refusal.0)),
    };
    let understood = Understood { command, sure: true, problems: Vec::new() };
    let Some(decision) = capability.plan(turn, &understood) else {
        return Err(Error::internal("a capability does not plan its own command"));
    };
    let decision = Box::new(whose::noted(turn.rows, decision?)?);
    capabilities::log_planned(capability, began);
    Ok(Planned::Decided { capability, decision, own: heard.claim.holds() && !thought.is_refused })
}

/// The step of a decision that changes nothing.
fn settled(call: &Call, decision: Box<Decision>) -> Step {
    let Decision { reply, question, sources, .. } = *decision;
    match question {
        Some(question) if question.stands_alone() => {
            Step::Asked { words: reply, question: Box::new(question), sources }
        }
        Some(_) => told(call, format!("Not done; ask the person: {reply}"), sources),
        None => told(call, reply, sources),
    }
}

/// The question whether all this shall happen.
fn asked(effects: &[Effect], happened: &[String], sources: Sources, turn: &Turn<'_>) -> Step {
    let lines: Vec<String> = effects.iter().filter_map(|effect| words::proposal(effect, turn.zone())).collect();
    let words = match lines.as_slice() {
        [one] => format!("Shall I do this? {one} (yes or no)"),
        several => format!("Shall I do this?\n– {}\n(yes or no)", several.join("\n– ")),
    };
    let question =
        Question::Confirm { effects: effects.to_vec(), done: done_lines(happened), sources: sources.clone() };
    Step::Asked { words, question: Box::new(question), sources }
}

fn came(call: &Call, text: String) -> Step {
    told(call, text, Sources::own())
}

fn told(call: &Call, text: String, sources: Sources) -> Step {
    Step::Came { result: result(call, text), done: Vec::new(), sources }
}

fn result(call: &Call, text: String) -> CallResult {
    let text = if text.chars().count() > RESULT_MOST {
        format!("{} … (cut)", text.chars().take(RESULT_MOST).collect::<String>())
    } else {
        text
    };
    CallResult { id: call.id.clone(), text }
}
