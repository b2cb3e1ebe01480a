//! How far a turn that thinks has come: the steps of its journal, and what follows from them. Pure, so that a turn that is
//! taken up after a crash goes on exactly where it was.

use serde::{Deserialize, Serialize};
use xswarm_core::provenance::Sources;

use super::super::question::Question;
use crate::llm::{Call, CallResult, Reply, Turn};

/// How often the model may be asked in one turn.
pub(super) const REPLIES_MOST: usize = 8;

/// How much of what came of all calls the model may be shown in one turn, in characters.
const RESULTS_MOST: usize = 48_000;

/// One step, as the journal has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub(super) enum Step {
    /// The model answered.
    Replied {
        /// What.
        reply: Reply,
    },
    /// Something that it asked for was carried out, or refused.
    Came {
        /// What the model is told.
        result: CallResult,
        /// What changed, in words made from what was committed.
        done: Vec<String>,
        /// Whose words the result holds.
        #[serde(default)]
        sources: Sources,
    },
    /// The person is asked; that ends the turn.
    Asked {
        /// In these words.
        words: String,
        /// What is waited for.
        question: Box<Question>,
        /// Whose words the question holds.
        #[serde(default)]
        sources: Sources,
    },
}

/// What follows from the steps so far.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// What was said between model and tools, to go on from.
    pub(super) turns: Vec<Turn>,
    /// What the model asked for and has not got yet, in order.
    pub(super) pending: Vec<Call>,
    /// What changed so far, in words.
    pub(super) done: Vec<String>,
    /// Whose words the model has read.
    pub(super) seen: Sources,
    /// How the turn ended, if it has.
    pub(super) end: Option<End>,
    replies: usize,
}

/// How a turn ends.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum End {
    /// The model has said all it wants to say.
    Said {
        /// Its words.
        text: String,
        /// Whether they were cut.
        cut: bool,
    },
    /// The person is asked something.
    Asked {
        /// In these words.
        words: String,
        /// What is waited for.
        question: Box<Question>,
    },
    /// The model asked for more and more.
    TooMuch,
}

impl Progress {
    /// What follows from the steps, given whose words the model read before the first.
    pub(super) fn of(steps: &[Step], seen: Sources) -> Self {
        let mut progress = Self { seen, ..Self::default() };
        let mut results: Vec<CallResult> = Vec::new();
        let mut shown = 0;
        for step in steps {
            match step {
                Step::Replied { reply } => {
                    progress.replies += 1;
                    progress.pending.clone_from(&reply.calls);
                    if reply.calls.is_empty() {
                        progress.end = Some(End::Said { text: reply.text.clone(), cut: reply.cut });
                    } else {
                        let (text, calls) = (reply.text.clone(), reply.calls.clone());
                        progress.turns.push(Turn::Model { text, calls });
                    }
                }
                Step::Came { result, done, sources } => {
                    progress.pending.retain(|call| call.id != result.id);
                    progress.done.extend(done.iter().cloned());
                    progress.seen.join(sources);
                    shown += result.text.chars().count();
                    results.push(result.clone());
                    if progress.pending.is_empty() {
                        progress.turns.push(Turn::Results { results: std::mem::take(&mut results) });
                    }
                }
                Step::Asked { words, question, sources } => {
                    progress.seen.join(sources);
                    progress.end = Some(End::Asked { words: words.clone(), question: question.clone() });
                }
            }
        }
        let spent = progress.replies >= REPLIES_MOST || shown > RESULTS_MOST;
        if progress.end.is_none() && progress.pending.is_empty() && spent {
            progress.end = Some(End::TooMuch);
        }
        progress
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xswarm_core::provenance::Source;

    fn call(id: &str) -> Call {
        Call { id: id.into(), name: "show_agenda".into(), arguments: serde_json::json!({}) }
    }

    fn replied(text: &str, calls: &[&str]) -> Step {
        let calls = calls.iter().map(|id| call(id)).collect();
        Step::Replied { reply: Reply { text: text.into(), calls, cut: false } }
    }

    fn came(id: &str, done: &[&str], source: Source) -> Step {
        Step::Came {
            result: CallResult { id: id.into(), text: "ok".into() },
            done: done.iter().map(|&words| words.to_owned()).collect(),
            sources: Sources::of(source),
        }
    }

    #[test]
    fn what_was_carried_out_is_not_pending_any_more() {
        let steps = [replied("", &["a", "b", "c"]), came("b", &["Booked: x"], Source::Own)];
        let progress = Progress::of(&steps, Sources::own());
        assert_eq!(progress.pending, [call("a"), call("c")]);
        assert_eq!(progress.done, ["Booked: x"]);
        assert!(progress.end.is_none());
    }

    #[test]
    fn results_are_handed_over_when_all_are_there() {
        let mut steps = vec![replied("", &["a", "b"]), came("a", &[], Source::Own)];
        assert_eq!(Progress::of(&steps, Sources::own()).turns.len(), 1);
        steps.push(came("b", &[], Source::Forwarded));
        let progress = Progress::of(&steps, Sources::of(Source::Web));
        assert!(matches!(&progress.turns[1], Turn::Results { results } if results.len() == 2));
        assert_eq!(progress.seen.iter().collect::<Vec<_>>(), [Source::Forwarded, Source::Web]);
        steps.push(replied("that is all", &[]));
        assert_eq!(
            Progress::of(&steps, Sources::own()).end,
            Some(End::Said { text: "that is all".into(), cut: false })
        );
    }

    #[test]
    fn a_loop_without_end_ends() {
        let steps: Vec<_> = (0..REPLIES_MOST)
            .flat_map(|n| {
                let id = n.to_string();
                [replied("", &[id.as_str()]), came(&id, &[], Source::Own)]
            })
            .collect();
        assert_eq!(Progress::of(&steps, Sources::own()).end, Some(End::TooMuch));
        assert_eq!(Progress::of(&steps[..steps.len() - 1], Sources::own()).end, None, "what was asked for still comes");
    }

    #[test]
    fn the_journal_keeps_every_step_as_it_was() {
        let question = Question::More { rest: "x".into(), sources: Sources::own() };
        let steps = [
            replied("hm", &["a"]),
            came("a", &["Booked: x"], Source::Web),
            Step::Asked { words: "Shall I?".into(), question: Box::new(question), sources: Sources::of(Source::Web) },
        ];
        for step in steps {
            let text = serde_json::to_string(&step).unwrap();
            assert_eq!(serde_json::from_str::<Step>(&text).unwrap(), step);
        }
    }
}
