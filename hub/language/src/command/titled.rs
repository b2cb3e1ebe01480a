//! A name and when, nothing else: what neither grammar nor model knows may still have the shape of an appointment.

use super::{
    appointment::{SAYS, foreign},
    sentence::{Sentence, is_moment},
};
use crate::{
    lexer::phrases::{Phrases, any},
    time::{Confidence, Grain, Value},
};

/// Openings of wishes that are no appointments.
const DOES: &Phrases = any!(
    "i|we|no|not|turn|play|set|start|stop|open|close|check|water|feed|take|give|pay|clean|buy|get|go|be|do|make|let|send|call|text|\
    email|remember|repeat|run|ask|bring|pick|wash|put|ring|wake|switch|show|tell|say|happy|good|it|weather|news|rain"
);

/// "Choir every Wednesday at 7pm", "vacation from December 20 to January 3": a thing of a word or two, then again and
/// again at some time of day, or from one day to another. Anything may be meant so, hence only a guess.
pub(super) fn is_titled(sentence: &Sentence<'_, '_>) -> bool {
    let Some((found, range)) = sentence.times.iter().find(|(found, _)| is_moment(found)) else { return false };
    let long = match &found.value {
        Value::Recurrence(_) => found.time_said,
        Value::Interval { start: Some(_), end: Some(_), grain } => !found.time_said && *grain >= Grain::Day,
        Value::Interval { .. } | Value::Instant { .. } | Value::Date { .. } | Value::Duration(_) => false,
    };
    let words = sentence.start..range.start;
    let plain = words.clone().all(|i| sentence.is_word(i)) && (1..=3).contains(&words.len());
    let certain = found.confidence == Confidence::Certain && range.end == sentence.end;
    long && plain
        && certain
        && !sentence.asks()
        && !foreign(sentence)
        && sentence.opens(DOES).is_none()
        && !sentence.has(SAYS)
}
