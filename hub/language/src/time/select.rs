//! From all readings of a text to those that are meant.
//!
//! A fixed order decides: certain before latent, then the longer cover, then fewer latent parts, then the family
//! order (recurrence, interval, moment, duration), then the earlier place. Readings that overlap a chosen one are
//! dropped. Where the words leave the half of the day or the year open, resolution decides: what was said ("pm") before
//! the policy, and what lies ahead before what has passed.

use super::{
    chart::{Chart, Need},
    expression::Expression,
};
use crate::lexer::phrases::any;

/// A reading with its place.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) expression: Expression,
    pub(crate) need: Option<Need>,
    /// How many latent readings it is made of.
    latent: u8,
    /// Family order: smaller wins.
    rank: u8,
}

fn rank(expression: &Expression) -> u8 {
    match expression {
        Expression::Repeating(_) | Expression::Vague => 0,
        Expression::Interval { .. } | Expression::Units { .. } | Expression::UnitsOf { .. } => 1,
        Expression::Moment(_) => 2,
        Expression::Duration(_) => 3,
    }
}

/// The readings that are meant, in the order of the text.
pub(crate) fn chosen(chart: &Chart<'_>) -> Vec<Candidate> {
    let read = chart.read;
    let mut all: Vec<Candidate> = Vec::new();
    for i in 0..read.len() {
        if !read.opens(i) || inside_number(chart, i) {
            continue;
        }
        let mut push = |end: usize, expression: Expression, need: Option<Need>, latent: u8| {
            if !cut_number(chart, end) {
                all.push(Candidate { start: i, end, rank: rank(&expression), expression, need, latent });
            }
        };
        for item in chart.recurrences_at(i) {
            push(item.end, item.value, item.need, item.latent);
        }
        for item in chart.intervals_at(i) {
            push(item.end, item.value, item.need, item.latent);
        }
        for item in chart.moments(i) {
            push(item.end, Expression::Moment(item.value.clone()), item.need, item.latent);
        }
        let counted = if read.one_of(i, any!("for|lasting|of|takes|within")) { i + 1 } else { i };
        for item in chart.spans(counted) {
            push(item.end, Expression::Duration(item.value), item.need, item.latent);
        }
    }
    all.sort_by(|a, b| {
        (a.need.is_some())
            .cmp(&b.need.is_some())
            .then((b.end - b.start).cmp(&(a.end - a.start)))
            .then(a.latent.cmp(&b.latent))
            .then(a.rank.cmp(&b.rank))
            .then(a.start.cmp(&b.start))
    });
    let mut taken = vec![false; read.len()];
    let mut chosen: Vec<Candidate> = Vec::new();
    for candidate in all {
        let Some(cells) = taken.get_mut(candidate.start..candidate.end) else { continue };
        if cells.iter().any(|cell| *cell) {
            continue;
        }
        cells.fill(true);
        chosen.push(candidate);
    }
    chosen.sort_by_key(|candidate| candidate.start);
    chosen
}

/// "at 6-14": a number that a dash ties to another one is no end.
fn cut_number(chart: &Chart<'_>, end: usize) -> bool {
    let read = chart.read;
    let number = |i: usize| read.digits(i).is_some();
    read.dash(end) && read.glued(end) && read.glued(end + 1) && number(end + 1) && end > 0 && number(end - 1)
}

/// "10-15": the second number does not begin an expression of its own.
fn inside_number(chart: &Chart<'_>, i: usize) -> bool {
    let read = chart.read;
    i >= 2
        && read.glued(i)
        && read.dash(i - 1)
        && read.glued(i - 1)
        && read.digits(i).is_some()
        && read.digits(i - 2).is_some()
}
