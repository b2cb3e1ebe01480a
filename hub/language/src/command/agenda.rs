//! The agenda: what is on the calendar, and whether there is room.

use chrono::{Datelike, Timelike};

use super::{
    appointment::{NOUNS, foreign, plain_noun},
    sentence::Sentence,
    slots::{self, GENERIC},
    types::{AgendaRange, Command, When, Which},
};
use crate::lexer::phrases::{Phrases, any};
use crate::time::{self, Grain, Value};

/// The stretch of the agenda that a time slot means.
pub(super) fn range_of(when: &When) -> AgendaRange {
    range_of_value(&when.value)
}

fn range_of_value(value: &Value) -> AgendaRange {
    match value {
        Value::Instant { at, grain: Grain::Day | Grain::Month | Grain::Year } => AgendaRange::Day(at.date_naive()),
        Value::Instant { at, .. } => {
            AgendaRange::Interval { start: Some(*at), end: Some(*at + chrono::Duration::hours(1)) }
        }
        Value::Date { start, grain: Grain::Week } => AgendaRange::Week(*start),
        Value::Date { start, grain: Grain::Month } => AgendaRange::Month(*start),
        Value::Date { start, grain } => match grain {
            Grain::Weekend => AgendaRange::Interval { start: None, end: None },
            Grain::Second
            | Grain::Minute
            | Grain::Hour
            | Grain::PartOfDay
            | Grain::Day
            | Grain::Week
            | Grain::Month
            | Grain::Quarter
            | Grain::Year => AgendaRange::Day(*start),
        },
        Value::Interval { start, end, .. } => AgendaRange::Interval { start: *start, end: *end },
        Value::Duration(_) | Value::Recurrence(_) => AgendaRange::Any,
    }
}

impl Sentence<'_, '_> {
    /// The same with the zone at hand, so that weekends and years become stretches of time too.
    pub(super) fn agenda_range(&self, when: &When) -> AgendaRange {
        if let Value::Date { start, grain } = when.value
            && matches!(grain, Grain::Weekend | Grain::Quarter | Grain::Year)
        {
            let resolver = time::resolver(self.context);
            let end = time::period_end(start, grain);
            return AgendaRange::Interval { start: Some(resolver.midnight(start)), end: Some(resolver.midnight(end)) };
        }
        // "In the next 7 days" are whole days from tomorrow on; what is left of today comes before them.
        if let Value::Interval { start: Some(start), end, .. } = when.value
            && Some(start.date_naive()) == self.context.now.date_naive().succ_opt()
            && when.text.to_lowercase().split(' ').any(|word| matches!(word, "next" | "coming" | "upcoming"))
        {
            let now = self.context.now;
            let minute = now.with_second(0).and_then(|at| at.with_nanosecond(0));
            return AgendaRange::Interval { start: minute.or(Some(now)), end };
        }
        range_of(when)
    }
}

const CALLED_OFF: &Phrases = any!(
    "what did i cancel|what have i cancelled|what have i canceled|what i cancelled|what i canceled|what did you cancel|\
    what have you cancelled|what have you canceled|what was cancelled|what was canceled|what got cancelled|\
    what got canceled|what is cancelled|what is canceled|what's cancelled|what's canceled|what has been cancelled|\
    what has been canceled|which appointments did i cancel|which meetings did i cancel|show cancelled|show canceled|\
    show me what i cancelled|show me what i canceled|show my cancelled|show my canceled|list cancelled|list canceled|\
    list my cancelled|list my canceled|cancelled appointments|canceled appointments|cancelled meetings|\
    canceled meetings|what did i call off|what did i skip|what is skipped|what was skipped"
);

/// A question about the agenda, if it is one.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let mut sentence = sentence.clone();
    let today = sentence.context.now.date_naive();
    if sentence.opens(CALLED_OFF).is_some() {
        return Some(Command::ListCancelled);
    }
    let free = sentence.opens(any!(
        "am i free|am i available|am i busy|do i have time|are we free|do i have any time|am i open|when am i free|\
            do i have any free time|do i have free time|is my calendar free|is my schedule free|am i booked|\
            is there time|are there any free slots|find a free slot|find me a free slot|when do i have time|\
            when am i available|am i already booked|is my calendar open|is my schedule open|\
            is my calendar clear|am i doing anything|do i have anything free|is there a free slot|\
            is there anything open"
    ));
    let whole = sentence.is_one_of(any!(
        "show today|show tomorrow|show this week|show me today|show me tomorrow|show me this week|show my week|\
            agenda|my agenda|calendar|my calendar|schedule|my schedule|my day|today|tomorrow|this week|\
            next week|appointments|my appointments|my meetings|meetings|events|upcoming events|\
            upcoming meetings|upcoming appointments|plans for today|upcoming|today agenda|today schedule|\
            today meetings|the agenda|what's up|tonight|weekly agenda|daily agenda|week|day|what now|\
            todays agenda|todays schedule|next appointment|next meeting|my next meeting|my next appointment|\
            next event|tomorrow agenda|tomorrow schedule"
    ));
    let question = sentence.opens(any!(
        "when do i meet|when am i meeting|what's on|whats on|what is on|what do i have|what have i got|\
            what do we have|do i have any|do i have a|do i have an|do i have anything|do i have something|\
            do i have|have i got|what's my|whats my|what is my|what are my|what's happening|what is happening|\
            what's going on|whats going on|what is going on|what am i doing|what's next|what is next|whats next|what's coming up|\
            what is coming up|whats coming up|when is my|when's my|when is the|when's the|when are my|when do i|\
            when is|when's|whens|what time is my|what time is the|what time's my|what time do i|at what time is|\
            where is my|where's my|where is the|who am i meeting|who is coming to|who's coming to|with whom|\
            who do i|is there anything|is there a|is there an|are there any|any|how does my|how's my|how is my|\
            how busy|how many|how long is|which|what meetings|what appointments|what events|what plans|\
            what else do i have|what are the|what's the|what is the|whats the|is my|is the|are my|did i have|\
            what did i|what|where|who|when|is there|does my|am i|what will i|anything|show me|show|list|read me|\
            read|tell me|give me|check|view|open|display|pull up|go over|see|look up|look at|find|let me see|\
            get me|i'd like to see|bring up|let me know|run through|search|get|inform me|describe|provide|\
            recite|review|confirm|fetch|print|verify|agenda for|agenda|calendar for|schedule for|plans for|\
            my schedule|my calendar|my agenda|i have any|i have anything|i have a|i am free|i'm free"
    ));
    let compound = sentence.has(any!("delete|erase|remove|cancel")) && !sentence.has(any!("cancelled|deleted|removed"));
    let plural =
        sentence.any_at(sentence.start, any!("meetings|appointments|events|plans|calendar|schedule")).is_some();
    // "I have a doctor's appointment on the 9th at 11" tells, it does not ask.
    let tells = sentence.opens(any!("i have|i've")).is_some() && !sentence.asks() && sentence.has_time();
    if tells
        || free.is_none() && !whole && question.is_none() && !plural
        || compound
        || sentence.opens(any!("get rid of|get me a|get me an")).is_some()
    {
        return None;
    }
    // "Check my calendar and add …" asks for something else.
    let when = sentence.take_when(false);
    let range = when.as_ref().map(|when| sentence.agenda_range(when));
    if let Some(at) = free {
        let start = sentence.start;
        sentence.mark(start..at);
        let which = Which { when, ..Which::default() };
        return Some(Command::ShowAgenda { range: range.unwrap_or(AgendaRange::Day(today)), which, free: true });
    }
    let nouns = sentence.any_at(sentence.start, any!("meetings|appointments|events|plans|calendar|schedule"));
    let whole = whole
        || nouns.is_some_and(|count| {
            when.is_some()
                && (sentence.start + count..sentence.end).all(|i| sentence.is_read(i) || !sentence.is_word(i))
        });
    if whole {
        let next = sentence.has(any!("next|upcoming|what's up|what now")) && when.is_none();
        let range = range.unwrap_or(if next {
            AgendaRange::Next
        } else if sentence.has(any!("week|weekly")) {
            this_week(today)
        } else {
            AgendaRange::Day(today)
        });
        return Some(Command::ShowAgenda { range, which: Which { when, ..Which::default() }, free: false });
    }
    let at = question?;
    let noun = sentence.has(NOUNS)
        || sentence.has(any!(
            "plans|planned|scheduled|booked|day look|week look|day looking|week looking|commitments|engagements|\
                free time|do today|do tomorrow|my day|my week|openings|obligations"
        ));
    let plain = plain_noun(&sentence);
    let mine = sentence
        .opens(any!(
            "what do i have|what have i got|what am i doing|what's happening|whats happening|what is happening|\
                what's going on|what does|i have any|i have anything|what's next|whats next|what is next|\
                what's coming up|whats coming up|what is coming up|do i have anything|do i have something|\
                what's on|whats on|what is on|what do we have|what else do i have|who am i meeting|how does my|\
                how's my|how is my|how busy|have i got"
        ))
        .is_some()
        && (when.is_some()
            || at == sentence.end
            || sentence
                .any_at(
                    at,
                    any!(
                        "happening|coming up|on my plate|to do|going on|planned|scheduled|next|on|for|day|week|up|\
                        calendar|agenda|left|today"
                    ),
                )
                .is_some());
    let timed_possession = when.is_some()
        && sentence
            .opens(any!("do i have|what do i|when do i|am i|what am i|what are my|is there anything|anything|any"))
            .is_some();
    let asked_when = sentence.opens(any!("when is|when's|whens|what time is")).is_some();
    let meets = sentence.opens(any!("when do i meet|when am i meeting|who do i meet|when will i meet")).is_some();
    if foreign(&sentence)
        || !(plain
            || mine
            || timed_possession
            || meets
            || noun && (when.is_some() || asked_when || sentence.has(any!("my|i|our|next|upcoming"))))
    {
        return None;
    }
    // Questions about the world are not about the calendar.
    if sentence.has(any!(
        "weather|rain|temperature|forecast|news|movie|movies|score|won|holiday is|exchange rate|traffic|price|\
            in the world|definition|mean|meaning|calories|recipe|stock|capital|president|population|distance|\
            time zone|synonym|invented|playing|near me|in the news|bedtime|sunrise|sunset|rate|cost|balance|owe|\
            vaccine|vaccines|shots|pay|bus|train|open until|store|shop|play"
    )) && !plain
    {
        return None;
    }
    let next = when.is_none()
        && (sentence.has(any!("what's next|whats next|what is next|coming up|upcoming"))
            || sentence.has(any!("my next|the next")));
    let start = sentence.start;
    sentence.mark(start..at);
    let week = sentence.has(any!("my week|the week|week look|week looking|weekly"));
    let asked_for_all = sentence.has(any!("calendar|agenda|schedule"));
    let which = agenda_which(&mut sentence);
    let named = which.title.is_some() || !which.participants.is_empty();
    let range = range.unwrap_or(if next {
        AgendaRange::Next
    } else if week || sentence.has(any!("week")) && asked_for_all {
        this_week(today)
    } else if named || sentence.opens(any!("when|when's|whens|where|what time|where's")).is_some() {
        AgendaRange::Any
    } else {
        AgendaRange::Day(today)
    });
    Some(Command::ShowAgenda { range, which: Which { when, ..which }, free: false })
}

/// "When's the choir": a word that may be the name of an appointment, asked for in a sentence that says nothing else.
pub(super) fn named(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let at = sentence.opens(any!("when is|when's|whens"))?;
    let at = at + usize::from(matches!(sentence.word(at), "the" | "our"));
    let world = any!(
        "it|that|this|he|she|sunset|sunrise|dawn|dusk|payday|tax|halloween|ramadan|hanukkah|diwali|passover|lent|winter|\
        spring|summer|fall|autumn|dinner time|now|noon|midnight|today|tomorrow|bedtime|holiday|eclipse|bus|train|flight|bill"
    );
    let lone = at + 1 == sentence.end && sentence.is_word(at) && !sentence.in_time(at);
    if !lone || world.has(sentence.word(at)) || foreign(sentence) {
        return None;
    }
    let which = Which { title: slots::title(sentence.written(at..sentence.end)), ..Which::default() };
    which.title.is_some().then_some(Command::ShowAgenda { range: AgendaRange::Any, which, free: false })
}

/// A question about the agenda that no rule of the grammar recognised.
pub(super) fn guessed(sentence: &Sentence<'_, '_>) -> Command {
    let mut sentence = sentence.clone();
    let today = sentence.context.now.date_naive();
    if sentence.has(any!("remind|reminded|reminder|reminders|remember|recall|not to forget|keep in mind|bear in mind"))
    {
        return Command::ListReminders { range: AgendaRange::Any, which: Which::default() };
    }
    let when = sentence.take_when(false);
    let range = match &when {
        Some(when) => sentence.agenda_range(when),
        None if sentence.has(any!("week|weekly")) => this_week(today),
        None if sentence.opens(any!("when|where|what time")).is_some() => AgendaRange::Next,
        None => AgendaRange::Day(today),
    };
    let free = sentence.has(any!("free|available|availability|busy"));
    Command::ShowAgenda { range, which: Which { when, ..Which::default() }, free }
}

fn this_week(today: chrono::NaiveDate) -> AgendaRange {
    AgendaRange::Week(today - chrono::Days::new(u64::from(today.weekday().num_days_from_monday())))
}

/// Which appointments a question is about: names and titles only, not the words of the question.
fn agenda_which(sentence: &mut Sentence<'_, '_>) -> Which {
    while let Some(range) = sentence.find_unread(any!(
        "on my calendar|in my calendar|on the calendar|on my agenda|on my schedule|do i have|i have|have i|going on|\
            coming up|scheduled|planned|booked|set up|look like|looking like|looking|look|am i|are there|\
            is there|there|are|is|to do|anything|something|any|other|else|next|upcoming|today|plans|going|\
            happening|on my plate|day|week|do i need to be|supposed to|like|do|have|i|at|starting|start|starts|\
            begin|again|free|busy|left|for me|what|when|time|me|on|in|for|like|does|happening|meeting|meet|\
            what's|list of|details of|details about|details|about|to|due|taking place|full|up"
    )) {
        sentence.mark(range);
    }
    sentence.which(GENERIC)
}
