//! How much of a series is meant: "only this one", "this and all following", "the whole series".

use xswarm_core::series::Scope;

use super::sentence::Sentence;
use crate::{
    lexer::phrases::{Phrases, any},
    time::{Context, Value},
};

const FOLLOWING: &Phrases = any!(
    "this and all the following ones|this and all following ones|this and all the following|this and all following|\
    this and the following ones|this and the following|this and following ones|this and following|\
    this one and all the following|this one and all following|this one and the following|this one and following|\
    this one and all that follow|this and all that follow|this one and everything after|this one and all after it|\
    this one and those after it|this and all future ones|this and all future|this and future ones|this and future|\
    it and all following ones|it and all following|and all the following ones|and all following ones|\
    and all the following|and all following|and the following ones|and the following|and following ones|and following|\
    and all that follow|and all those after|and those after it|and everything after|and all after it|and all future ones|\
    and all future|and future ones|and the ones after it|and later ones|all future ones|all future|all following ones|\
    all the following|all following|all upcoming|all coming|all remaining|the remaining|every future|from now on|\
    from here on|from then on|from that day on|from this one on|from this point on|going forward|from now onwards|\
    from now onward|onwards|onward|for good|permanently|for ever|forever"
);

const ALL: &Phrases = any!(
    "the whole series|the entire series|the full series|the complete series|whole series|entire series|\
    all of the series|the series of|the series|all occurrences of|all the occurrences of|all occurrences|\
    every occurrence of|every occurrence|each occurrence of|each occurrence|every single|every one of|every time|series"
);

const THIS: &Phrases = any!(
    "only this one|just this one|only this occurrence|just this occurrence|this occurrence|only this time|\
    just this time|this time only|this one only|only this once|just this once|only once|just once|only the one|\
    just the one|only that one|just that one|that one only|only that day|just that day|only that occurrence|\
    just that occurrence|only for that day|just for that day"
);

/// The scope in a sentence. What a question about it is answered with may be as short as "this" or "all".
pub fn scope_answer(text: &str, context: &Context<'_>) -> Option<Scope> {
    let sentence = Sentence::new(text, context).whole();
    let short = |phrases| sentence.is_one_of(phrases);
    if let Some(scope) = scope(&sentence) {
        return Some(scope);
    }
    if short(any!(
        "this|this one|that|that one|one|the one|only it|just it|only this|just this|only that|just that|only one|just one|\
            once|a single one|the single one|just the day|single"
    )) {
        return Some(Scope::This);
    }
    if short(any!(
        "following|the following|following ones|future|future ones|this and later|the rest|all the rest|everything after|\
            the later ones|later ones|and later|from there on"
    )) {
        return Some(Scope::Following);
    }
    short(any!(
        "all|all of them|everything|every one|every|whole|the whole|the whole thing|all of it|entire|the lot|each"
    ))
    .then_some(Scope::All)
}

/// The scope that is named anywhere in it.
pub(super) fn scope(sentence: &Sentence<'_, '_>) -> Option<Scope> {
    [(FOLLOWING, Scope::Following), (THIS, Scope::This), (ALL, Scope::All)]
        .into_iter()
        .find_map(|(phrases, scope)| sentence.has(phrases).then_some(scope))
}

impl Sentence<'_, '_> {
    /// The scope that is named, taken: what of a time these words were goes with them.
    pub(super) fn take_scope(&mut self) -> Option<Scope> {
        let scope = scope(self)?;
        let phrases = match scope {
            Scope::Following => FOLLOWING,
            Scope::This => THIS,
            Scope::All => ALL,
        };
        while let Some(range) = (self.start..self.end)
            .filter(|i| !self.is_read(*i))
            .find_map(|i| self.any_at(i, phrases).map(|count| i..i + count))
        {
            // "From now on" is no stretch of time here; in "from Friday onwards" the day stays one.
            let now = self.context.now;
            self.times.retain(|(found, time)| {
                let apart = time.end <= range.start || time.start >= range.end;
                let begins = matches!(&found.value, Value::Interval { start: Some(start), .. } if *start > now);
                apart || begins || time.start < range.start && !matches!(found.value, Value::Interval { .. })
            });
            self.mark(range);
        }
        // "The whole yoga series".
        if scope == Scope::All
            && let Some(range) = self.find_unread(any!("the whole|the entire|the full|the complete|whole|entire"))
        {
            self.mark(range);
        }
        Some(scope)
    }
}
