//! The chart: for every position and family, what can begin there.
//!
//! Filled once from right to left, so that a family finds everything to its right already done ("3 days after" +
//! next Friday). Each family looks only at the chart and the tokens; none of them calls itself. The cost is bounded
//! by tokens × items per cell.

use super::{
    expression::{Clock, Date, Moment, Part, Zone},
    reader::Reader,
    value::{Context, Span},
};
use crate::lexer::Token;

/// What would make a latent reading certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// A bare hour: "at", a day beside it.
    Hour,
    /// "the 15th": "on", a weekday.
    DayOfMonth,
    /// "may", "jan": "in", a year.
    Month,
    /// "2014": "in".
    Year,
    /// "sat": "on".
    Weekday,
    /// "3.14": "on".
    Numeric,
    /// "morning": a day.
    Part,
    /// A duration in a unit of one letter.
    Unit,
}

/// One reading: where it ends and what it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item<T> {
    /// Position after its last token.
    pub(crate) end: usize,
    pub(crate) value: T,
    /// `None`: certain by itself.
    pub(crate) need: Option<Need>,
    /// How many latent readings it is made of, settled or not.
    pub(crate) latent: u8,
}

impl<T> Item<T> {
    pub(crate) fn sure(end: usize, value: T) -> Self {
        Self { end, value, need: None, latent: 0 }
    }

    pub(crate) fn latent(end: usize, value: T, need: Need) -> Self {
        Self { end, value, need: Some(need), latent: 1 }
    }

    pub(crate) fn with_need(end: usize, value: T, need: Option<Need>) -> Self {
        Self { end, value, need, latent: u8::from(need.is_some()) }
    }

    /// The same reading, known to be made of so many latent ones.
    pub(crate) fn made_of(mut self, latent: u8) -> Self {
        self.latent = latent;
        self
    }
}

#[derive(Default)]
struct Cell {
    spans: Vec<Item<Span>>,
    dates: Vec<Item<Date>>,
    clocks: Vec<Item<Clock>>,
    parts: Vec<Item<Part>>,
    zones: Vec<Item<Zone>>,
    pieces: Vec<Item<Moment>>,
    steps: Vec<Item<Moment>>,
    moments: Vec<Item<Moment>>,
}

/// All readings of a text.
pub(crate) struct Chart<'c> {
    pub(crate) read: Reader<'c>,
    pub(crate) context: &'c Context<'c>,
    cells: Vec<Cell>,
}

macro_rules! family {
    ($name:ident, $value:ty, $what:literal) => {
        #[doc = $what]
        pub(crate) fn $name(&self, i: usize) -> &[Item<$value>] {
            self.cells.get(i).map_or(&[], |cell| cell.$name.as_slice())
        }
    };
}

impl<'c> Chart<'c> {
    family!(spans, Span, "Lengths of time that begin at `i`.");
    family!(dates, Date, "Days and periods that begin at `i`.");
    family!(clocks, Clock, "Times of day that begin at `i`.");
    family!(parts, Part, "Parts of the day that begin at `i`.");
    family!(zones, Zone, "Zones that begin at `i`.");
    family!(pieces, Moment, "Single constraints that begin at `i`.");
    family!(steps, Moment, "Single constraints that begin at `i`, with or without a preposition.");
    family!(moments, Moment, "Moments that begin at `i`.");

    /// Fills the chart.
    pub(crate) fn new(tokens: &'c [Token], context: &'c Context<'c>) -> Self {
        let mut chart =
            Self { read: Reader::new(tokens), context, cells: (0..tokens.len()).map(|_| Cell::default()).collect() };
        for i in (0..tokens.len()).rev() {
            if !chart.read.opens(i) {
                // The "Z" that ends an ISO 8601 time is glued to its digits.
                if chart.read.is(i, "z") {
                    let zones = chart.zones_at(i);
                    chart.put(i, |cell| cell.zones = zones);
                }
                continue;
            }
            let spans = chart.spans_at(i);
            chart.put(i, |cell| cell.spans = spans);
            let clocks = chart.clocks_at(i);
            chart.put(i, |cell| cell.clocks = clocks);
            let parts = chart.parts_at(i);
            chart.put(i, |cell| cell.parts = parts);
            let zones = chart.zones_at(i);
            chart.put(i, |cell| cell.zones = zones);
            let dates = chart.dates_at(i);
            chart.put(i, |cell| cell.dates = dates);
            let pieces = chart.pieces_at(i);
            chart.put(i, |cell| cell.pieces = pieces);
            let steps = chart.steps_at(i);
            chart.put(i, |cell| cell.steps = steps);
            let moments = chart.moments_at(i);
            chart.put(i, |cell| cell.moments = moments);
        }
        chart
    }

    fn put(&mut self, i: usize, set: impl FnOnce(&mut Cell)) {
        if let Some(cell) = self.cells.get_mut(i) {
            set(cell);
        }
    }
}
