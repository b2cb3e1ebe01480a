//! Room in the calendar: "find a time for a 30 minute call with John tomorrow afternoon".

use super::{
    agenda::range_of,
    appointment::{draft, foreign},
    sentence::Sentence,
    types::{AgendaRange, Command},
};
use crate::lexer::phrases::any;

/// A wish for a time to be found, if it is one.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let wishes = sentence.opens(any!(
        "find a time|find me a time|find us a time|find time|find me time|find some time|find me some time|\
            find a good time|find me a good time|find a slot|find me a slot|find an opening|find me an opening|\
            find a free slot|find me a free slot|find a free time|find me a free time|find room|find a moment|\
            suggest a time|suggest times|suggest some times|suggest me a time|suggest a good time|suggest a slot|\
            suggest a few times|suggest when|propose a time|propose times|propose some times|look for a time|\
            look for a slot|search for a time|when would be a good time|when is a good time|when's a good time|\
            what's a good time|what is a good time|what would be a good time|what's the best time|\
            what is the best time|when is the best time|when's the best time|recommend a time"
    ));
    let asks = sentence.opens(any!(
        "when am i free|when do i have time|when am i available|when are we free|when do i have|when could i|\
            when can i|when can we|do i have|is there|are there any free slots|is there a free slot|do we have|\
            do i have time|is there time|where do i have|when would i have|when will i be free|when will i have"
    ));
    // "Find me two hours next week": a length says that time is looked for, once it says when or calls it a slot.
    let measured = sentence.opens(any!("find me|find us|find|look for|search for|suggest")).filter(|at| {
        let length = |at: &usize| {
            sentence.times.iter().any(|(found, range)| found.value.as_duration().is_some() && range.start == *at)
        };
        let article = usize::from(matches!(sentence.word(*at), "a" | "an" | "another"));
        (length(at) || length(&(at + article)))
            && (sentence.has_time() || sentence.has(any!("slot|slots|gap|opening|window|block|free time")))
    });
    let wishes = wishes.or(measured);
    let at = wishes.or(asks)?;
    let mut free = sentence.clone();
    let length = free.take_duration();
    // "When am I free tomorrow" and "do I have anything for an hour" are questions about the agenda.
    let of_room = sentence.has(any!("free|time|available|slot|slots|room|opening|openings|gap|fit|squeeze"));
    if wishes.is_none() && !(length.is_some() && of_room) || foreign(sentence) {
        return None;
    }
    // "Find a time to meet Anna", "suggest a time when I can …": the words between say nothing.
    let mut rest = sentence.clone();
    while let Some(range) = rest.find_unread(any!(
        "for me|for us|to meet|to have|to do|to get|when i can have|when i can do|when i can|when we can|\
            that works for|that works|in my calendar|on my calendar|in my schedule|a free slot of|a slot of|a gap of|\
            free slot|slot of|slot for|slot|of at least|at least|somewhere|sometime|some time|to schedule|to fit in|fit in|to squeeze in|\
            squeeze in|free|available|open"
    )) {
        rest.mark(range);
    }
    // A length is meant here, however it is said: "a slot of two hours".
    let said = rest.times.iter().find_map(|(found, range)| Some((found.value.as_duration()?, range.clone())));
    if let Some((_, range)) = &said {
        rest.mark(range.clone());
    }
    let mut draft = draft(rest, at);
    draft.duration = said.map(|(length, _)| length);
    let range = draft.when.as_ref().map_or(AgendaRange::Any, |when| match range_of(when) {
        // "This weekend" and the like have bounds that only a calendar knows.
        AgendaRange::Interval { start: None, end: None } => sentence.agenda_range(when),
        range @ (AgendaRange::Day(_)
        | AgendaRange::Week(_)
        | AgendaRange::Month(_)
        | AgendaRange::Interval { .. }
        | AgendaRange::Next
        | AgendaRange::Any) => range,
    });
    Some(Command::FindTime { range, draft })
}
