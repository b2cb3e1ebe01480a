//! Looking at tokens by position: the small vocabulary shared by all families (numbers, ordinals, glue words).
//!
//! Every method takes a position and answers what stands there; none of them moves or remembers anything.

use crate::lexer::{
    Kind, Token,
    phrases::{Phrases, any, words},
    vocabulary::Unit,
};

/// Tokens, addressed safely.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'t> {
    tokens: &'t [Token],
}

impl<'t> Reader<'t> {
    pub(crate) fn new(tokens: &'t [Token]) -> Self {
        Self { tokens }
    }

    pub(crate) fn len(self) -> usize {
        self.tokens.len()
    }

    pub(crate) fn at(self, i: usize) -> Option<&'t Token> {
        self.tokens.get(i)
    }

    pub(crate) fn is(self, i: usize, word: &str) -> bool {
        self.at(i).is_some_and(|token| token.is(word))
    }

    pub(crate) fn one_of(self, i: usize, words: &Phrases) -> bool {
        self.at(i).is_some_and(|token| words.may_open(token.mark) && words.each().any(|one| token.is(one)))
    }

    /// The number of tokens of the first phrase of the list that stands at `i`.
    pub(crate) fn phrase(self, i: usize, phrases: &Phrases) -> Option<usize> {
        let first = self.at(i)?;
        if !phrases.may_open(first.mark) {
            return None;
        }
        phrases.each().filter(|phrase| phrase.starts_with(first.word.as_str())).find_map(|phrase| {
            let mut count = 0;
            for word in words(phrase) {
                if !self.is(i + count, word) {
                    return None;
                }
                count += 1;
            }
            Some(count)
        })
    }

    pub(crate) fn symbol(self, i: usize, symbol: char) -> bool {
        self.at(i).is_some_and(|token| token.is_symbol(symbol))
    }

    /// A symbol with nothing between it and its neighbours.
    pub(crate) fn tight_symbol(self, i: usize, symbol: char) -> bool {
        self.symbol(i, symbol) && self.glued(i) && self.glued(i + 1)
    }

    /// Any kind of dash.
    pub(crate) fn dash(self, i: usize) -> bool {
        self.at(i).is_some_and(|token| matches!(token.kind, Kind::Symbol('-' | '–' | '—' | '‑' | '−')))
    }

    pub(crate) fn any_symbol(self, i: usize) -> bool {
        self.at(i).is_some_and(|token| matches!(token.kind, Kind::Symbol(_)))
    }

    pub(crate) fn is_word(self, i: usize) -> bool {
        self.at(i).is_some_and(|token| token.kind == Kind::Word)
    }

    pub(crate) fn glued(self, i: usize) -> bool {
        self.at(i).is_some_and(|token| token.glued)
    }

    /// Digits: value and count.
    pub(crate) fn digits(self, i: usize) -> Option<(u32, usize)> {
        self.at(i)?.number()
    }

    /// Whether an expression may begin at `i`: not inside a word, a decimal or another number.
    pub(crate) fn opens(self, i: usize) -> bool {
        let (Some(token), Some(before)) = (self.at(i), i.checked_sub(1).and_then(|before| self.at(before))) else {
            return true;
        };
        if !token.glued {
            // "$ 12" is money even with a space.
            return !(token.number().is_some() && matches!(before.kind, Kind::Symbol('$' | '€' | '£')));
        }
        if matches!(token.kind, Kind::Symbol(_)) {
            return true;
        }
        match before.kind {
            Kind::Word => {
                before.is("t") && before.glued && token.number().is_some() && i >= 2 && self.digits(i - 2).is_some()
            }
            Kind::Number { .. } => false,
            Kind::Symbol('$' | '€' | '£' | '#' | '%' | '&') => token.kind == Kind::Word,
            Kind::Symbol('.' | ':' | '/' | ',') => {
                // "1.30" must not give "30", "10:15" must not give "15"; "10-15" may be a range.
                if self.iso_interval(i - 1) {
                    return true;
                }
                let number_before = i >= 2 && self.glued(i - 1) && self.digits(i - 2).is_some();
                !(number_before && token.number().is_some())
            }
            Kind::Symbol(_) => true,
        }
    }

    /// Whether an expression may end before `i`: what follows is not part of the same word or number.
    pub(crate) fn ends(self, i: usize) -> bool {
        let Some(token) = self.at(i).filter(|token| token.glued) else { return true };
        match token.kind {
            Kind::Word | Kind::Number { .. } | Kind::Symbol('%' | '°' | '$' | '€' | '£') => false,
            Kind::Symbol('.' | ':' | '/' | ',') => !(self.glued(i + 1) && self.digits(i + 1).is_some()),
            Kind::Symbol(_) => true,
        }
    }

    /// The same for dates and times of day, which ISO 8601 joins by "T" and closes by "Z".
    pub(crate) fn ends_moment(self, i: usize) -> bool {
        let iso = self.glued(i)
            && (self.is(i, "t") && self.glued(i + 1) && self.digits(i + 1).is_some()
                || self.is(i, "z") && self.ends(i + 1));
        iso || self.iso_interval(i) || self.ends(i)
    }

    /// The stroke between the ends of an ISO 8601 interval: "…T17:00/2026-…".
    pub(crate) fn iso_interval(self, i: usize) -> bool {
        self.tight_symbol(i, '/')
            && self.tight_symbol(i.wrapping_sub(2), ':')
            && self.digits(i + 1).is_some_and(|(_, digits)| digits == 4)
    }

    /// Whether nothing that a number could count follows: the end, a symbol or a small word.
    pub(crate) fn closes(self, i: usize) -> bool {
        let Some(token) = self.at(i) else { return true };
        match token.kind {
            Kind::Symbol(symbol) => !matches!(symbol, '%' | '$' | '€' | '£' | '°' | '/' | '+' | '*' | '='),
            Kind::Number { .. } => false,
            Kind::Word => token.meaning.closing || token.meaning.weekday.is_some() || token.meaning.month.is_some(),
        }
    }

    /// A counting number in digits or words: value and position after it. No decimals.
    pub(crate) fn cardinal(self, i: usize) -> Option<(u32, usize)> {
        let token = self.at(i)?;
        if let Some((value, digits)) = token.number() {
            return (digits <= 6).then_some((value, i + 1));
        }
        let first = token.meaning.cardinal?;
        let mut value = first;
        let mut end = i + 1;
        if first >= 20
            && let Some((unit, after)) =
                self.after_hyphen(end, |token| token.meaning.cardinal.filter(|n| (1..=9).contains(n)))
        {
            value += unit;
            end = after;
        }
        if self.is(end, "hundred") && value < 100 {
            value *= 100;
            end += 1;
            let rest = if self.is(end, "and") { end + 1 } else { end };
            if let Some((small, after)) = self.small_number(rest) {
                value += small;
                end = after;
            }
        }
        if self.is(end, "thousand") && value < 1000 {
            value *= 1000;
            end += 1;
            let rest = if self.is(end, "and") { end + 1 } else { end };
            if let Some((small, after)) = self.small_number(rest) {
                value += small;
                end = after;
            }
        }
        Some((value, end))
    }

    /// A number word below a hundred.
    pub(crate) fn small_number(self, i: usize) -> Option<(u32, usize)> {
        let first = self.at(i)?.meaning.cardinal?;
        if first >= 20
            && let Some((unit, after)) =
                self.after_hyphen(i + 1, |token| token.meaning.cardinal.filter(|n| (1..=9).contains(n)))
        {
            return Some((first + unit, after));
        }
        Some((first, i + 1))
    }

    fn after_hyphen(self, i: usize, read: impl Fn(&Token) -> Option<u32>) -> Option<(u32, usize)> {
        let at = if self.dash(i) && self.glued(i) { i + 1 } else { i };
        Some((read(self.at(at)?)?, at + 1))
    }

    /// "15th", "fifteenth", "twenty first": value, position after it, whether it was written with digits.
    pub(crate) fn ordinal(self, i: usize) -> Option<(u32, usize, bool)> {
        let token = self.at(i)?;
        if let Some((value, digits)) = token.number() {
            let fits = digits <= 3 && self.glued(i + 1) && self.one_of(i + 1, any!("st|nd|rd|th|ths"));
            return fits.then_some((value, i + 2, true));
        }
        if let Some(value) = token.meaning.ordinal {
            return Some((value, i + 1, false));
        }
        let tens = token.meaning.cardinal.filter(|n| *n >= 20)?;
        let (unit, end) = self.after_hyphen(i + 1, |token| token.meaning.ordinal.filter(|n| (1..=9).contains(n)))?;
        Some((tens + unit, end, false))
    }

    /// "3", "a", "2.5", "a couple of", "a few", "half a", "one and a half": value and position after it, in halves and
    /// tenths kept as a fraction over 100. Articles and "half" count.
    pub(crate) fn quantity(self, i: usize, couple: u32, few: u32) -> Option<(Quantity, usize)> {
        let whole =
            |value: u32, end: usize| Some((Quantity { hundredths: i64::from(value) * 100, article: false }, end));
        if let Some(fraction) = self.fraction(i) {
            return Some(fraction);
        }
        if let Some((value, end)) = self.cardinal(i) {
            if self.digits(i).is_some() && self.tight_symbol(end, '.') {
                let (fraction, digits) = self.digits(end + 1)?;
                let scaled = match digits {
                    1 => fraction * 10,
                    2 => fraction,
                    _ => return None,
                };
                return Some((
                    Quantity { hundredths: i64::from(value) * 100 + i64::from(scaled), article: false },
                    end + 2,
                ));
            }
            if self.phrase(end, any!("and a half")).is_some() && self.unit(end + 3).is_some() {
                return Some((Quantity { hundredths: i64::from(value) * 100 + 50, article: false }, end + 3));
            }
            if self.phrase(end, any!("and half")).is_some() || self.phrase(end, any!("point five")).is_some() {
                return Some((Quantity { hundredths: i64::from(value) * 100 + 50, article: false }, end + 2));
            }
            return whole(value, end);
        }
        if let Some(count) = self.phrase(i, any!("a couple of|a couple|couple of|couple")) {
            return whole(couple, i + count);
        }
        if let Some(count) = self.phrase(i, any!("a few|few|several")) {
            return whole(few, i + count);
        }
        if let Some(count) = self.phrase(i, any!("half an|half a|a half|half")) {
            return Some((Quantity { hundredths: 50, article: false }, i + count));
        }
        if self.one_of(i, any!("a|an|another")) {
            return Some((Quantity { hundredths: 100, article: true }, i + 1));
        }
        None
    }

    /// "1/2", "3/4 of an", "three quarters of an", before a unit.
    fn fraction(self, i: usize) -> Option<(Quantity, usize)> {
        if let Some(count) = self.phrase(i, any!("a quarter of an|quarter of an|a quarter|quarter"))
            && self.at(i + count).is_some_and(|token| token.meaning.unit == Some(Unit::Hour))
        {
            return Some((Quantity { hundredths: 25, article: false }, i + count));
        }
        let (over, under, end) = if let (Some((over, 1)), Some((under, 1))) = (self.digits(i), self.digits(i + 2))
            && self.tight_symbol(i + 1, '/')
        {
            (over, under, i + 3)
        } else {
            let (over, end) = self.small_number(i)?;
            let end = if self.dash(end) { end + 1 } else { end };
            self.one_of(end, any!("quarters|quarter"))
                .then_some((over, 4, end + 1))
                .filter(|_| self.is(end + 1, "of"))?
        };
        let end = end + self.phrase(end, any!("of an|of a|an|a")).unwrap_or(0);
        let fits = under > 0 && over < under && self.unit(end).is_some();
        fits.then(|| (Quantity { hundredths: i64::from(over) * 100 / i64::from(under), article: false }, end))
    }

    /// The unit named at `i`.
    pub(crate) fn unit(self, i: usize) -> Option<Unit> {
        self.at(i)?.meaning.unit
    }

    /// Skips one full stop glued to the word before ("Dec. 31").
    pub(crate) fn skip_stop(self, i: usize) -> usize {
        if self.symbol(i, '.')
            && self.glued(i)
            && self.at(i + 1).is_some_and(|next| next.number().is_none() || !next.glued)
        {
            i + 1
        } else {
            i
        }
    }

    /// Skips a comma.
    pub(crate) fn skip_comma(self, i: usize) -> usize {
        if self.symbol(i, ',') { i + 1 } else { i }
    }
}

/// How many, in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quantity {
    pub(crate) hundredths: i64,
    /// Said with an article: "a week".
    pub(crate) article: bool,
}
