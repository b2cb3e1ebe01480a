//! Times in text: from words to instants, days, intervals, lengths of time and recurrences.
//!
//! ```text
//! text → lexer → chart (families) → selection → resolution against now → values
//! ```
//! Deterministic and without memory; no input makes it panic, and only the first 2,000 characters are looked at.
//! What a time is wanted for is not known here: that is [`crate::command`].

pub(crate) mod calendar;
mod chart;
mod clock;
mod dates;
mod distances;
mod expression;
mod holidays;
mod intervals;
mod joined;
mod moments;
mod numeric;
mod open;
mod parts;
mod periods;
mod reader;
mod recurrence;
mod resolve;
mod select;
mod spans;
mod value;
mod zones;

pub use value::{Confidence, Context, Exception, Found, Grain, Locale, Problem, Repeat, Span, Value};

pub use joined::principal;

pub(crate) use calendar::{add_span as later_day, period_end};
pub(crate) use joined::joined;

use chart::Chart;
use expression::{Anchor, Date, Expression, Moment};
use resolve::{Resolver, Unresolved};

use crate::lexer::{self, Token};

/// What a text says about time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Times {
    /// The times, in the order of the text.
    pub found: Vec<Found>,
    /// Times that cannot be or cannot be used as said.
    pub problems: Vec<Problem>,
}

/// The times in a text, in its order.
pub fn parse(text: &str, context: &Context<'_>) -> Vec<Found> {
    parse_all(text, context).found
}

/// The times in a text, and what is wrong with those that are none.
pub fn parse_all(text: &str, context: &Context<'_>) -> Times {
    let tokens = lexer::tokens(text);
    parse_tokens(text, &tokens, context).0
}

/// The same for tokens already made; also the token range of each time found.
pub(crate) fn parse_tokens(
    text: &str,
    tokens: &[Token],
    context: &Context<'_>,
) -> (Times, Vec<std::ops::Range<usize>>) {
    let chart = Chart::new(tokens, context);
    let resolver = Resolver::new(context);
    let mut times = Times::default();
    let mut places = Vec::new();
    for candidate in select::chosen(&chart) {
        let start = tokens.get(candidate.start).map(|token| token.span.start);
        let end = candidate.end.checked_sub(1).and_then(|last| tokens.get(last)).map(|token| token.span.end);
        let (Some(start), Some(end)) = (start, end) else { continue };
        let words = || text.get(start..end).unwrap_or_default().to_owned();
        let confidence = if candidate.need.is_none() { Confidence::Certain } else { Confidence::Latent };
        match resolver.expression(&candidate.expression) {
            Ok((value, alternatives)) => {
                if let Expression::Moment(Moment { date: Some(date), .. }) = &candidate.expression
                    && let Some((day, weekday)) = resolver.contradiction(date)
                {
                    times.problems.push(Problem::WrongWeekday { text: words(), day, weekday });
                }
                let (date_said, time_said) = said(&candidate.expression);
                times.found.push(Found { span: start..end, value, alternatives, confidence, date_said, time_said });
                places.push(candidate.start..candidate.end);
            }
            Err(_) if confidence == Confidence::Latent => {}
            Err(Unresolved::NoSuchDate) => times.problems.push(Problem::NoSuchDate { text: words() }),
            Err(Unresolved::NoSuchTime) => times.problems.push(Problem::NoSuchTime { text: words() }),
            Err(Unresolved::EndBeforeStart) => times.problems.push(Problem::EndBeforeStart { text: words() }),
            Err(Unresolved::TooVague) => times.problems.push(Problem::TooVague { text: words() }),
        }
    }
    if let Some(problem) = several(text, tokens, &times.found, &places) {
        times.problems.push(problem);
    }
    (times, places)
}

/// "Saturday or Sunday", "every Monday at 10 and every Friday at 5": more than can be meant at once.
fn several(text: &str, tokens: &[Token], found: &[Found], places: &[std::ops::Range<usize>]) -> Option<Problem> {
    let certain = || found.iter().zip(places).filter(|(found, _)| found.confidence == Confidence::Certain);
    let recurrence = |found: &Found| matches!(found.value, Value::Recurrence(_)) && found.time_said;
    let moment = |found: &Found| matches!(found.value, Value::Instant { .. } | Value::Date { .. });
    // "Mon Wed Fri" are three days, or a series: that is for the person to say.
    let weekday = |i: usize| tokens.get(i).is_some_and(|token| token.meaning.weekday.is_some());
    let bare = |i: &usize| weekday(*i) && weekday(i + 1) && weekday(i + 2);
    if let Some(i) = (0..tokens.len()).find(bare)
        && !places.iter().any(|place| place.start <= i && place.end >= i + 3)
    {
        let words = text.get(tokens.get(i)?.span.start..tokens.get(i + 2)?.span.end)?;
        return Some(Problem::Several { text: words.to_owned() });
    }
    let (first, last) = certain().zip(certain().skip(1)).find(|((a, before), (b, after))| {
        let joint =
            |word: &str| after.start == before.end + 1 && tokens.get(before.end).is_some_and(|token| token.is(word));
        let clocks = a.time_said && b.time_said && !b.date_said;
        // "At 8am and 8pm every day": the first of the two times stands outside of the rule.
        let before_rule = moment(a) && recurrence(b) && !a.date_said && a.time_said && (joint("or") || joint("and"));
        moment(a) && moment(b) && (joint("or") || joint("and") && clocks)
            || recurrence(a) && recurrence(b)
            || before_rule
    })?;
    let words = text.get(first.0.span.start..last.0.span.end)?;
    Some(Problem::Several { text: words.to_owned() })
}

/// Resolution against the context, for the commands.
pub(crate) fn resolver<'c>(context: &'c Context<'c>) -> Resolver<'c> {
    Resolver::new(context)
}

/// Numbers and ordinals in tokens, for the commands.
pub(crate) fn reader(tokens: &[Token]) -> reader::Reader<'_> {
    reader::Reader::new(tokens)
}

/// Whether a day and whether a time of day was named.
fn said(expression: &Expression) -> (bool, bool) {
    let of = |moment: &Moment| {
        let shift = match &moment.date {
            Some(Date { anchor: Some(Anchor::Shift { by, .. }), .. }) => Some(by.seconds != 0),
            Some(_) | None => None,
        };
        (
            moment.date.is_some() || moment.now,
            moment.clock.is_some() || moment.part.is_some() || moment.now || shift == Some(true),
        )
    };
    match expression {
        Expression::Moment(moment) => of(moment),
        Expression::Interval { from, to, .. } => {
            let sides = [from.as_ref(), to.as_ref()].into_iter().flatten().map(of);
            sides.fold((false, false), |(date, time), (d, t)| (date || d, time || t))
        }
        Expression::Units { unit, .. } => (true, *unit <= lexer::vocabulary::Unit::Hour),
        Expression::UnitsOf { .. } => (true, false),
        Expression::Duration(_) | Expression::Vague => (false, false),
        Expression::Repeating(repeating) => (true, !repeating.clocks.is_empty() || repeating.part.is_some()),
    }
}
