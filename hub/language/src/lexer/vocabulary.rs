//! What single words mean for times: weekdays, months, units, numbers, with abbreviations and common typos.
//!
//! Tables only. A word may carry several meanings at once ("second", "march"); the families choose.

use chrono::Weekday;

use super::phrases::{Phrases, any};

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Fortnight,
    Weekend,
    Month,
    Quarter,
    Year,
    Decade,
}

/// All that a word may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Meaning {
    /// "friday", "fri".
    pub(crate) weekday: Option<Weekday>,
    /// "fridays", "hours".
    pub(crate) plural: bool,
    /// "march", 1 to 12.
    pub(crate) month: Option<u32>,
    /// "hour".
    pub(crate) unit: Option<Unit>,
    /// "seven".
    pub(crate) cardinal: Option<u32>,
    /// "seventh".
    pub(crate) ordinal: Option<u32>,
    /// A small word: a number before it counts nothing, as in "at 3 with Anna".
    pub(crate) closing: bool,
    /// An everyday English word, or too short to mean a time by itself: "may", "sat", "jan".
    pub(crate) ambiguous: bool,
}

const WEEKDAYS: &[(&str, Weekday)] = &[
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
    ("sunday", Weekday::Sun),
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("tues", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("weds", Weekday::Wed),
    ("wednes", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("thur", Weekday::Thu),
    ("thurs", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

const MONTHS: &[(&str, u32)] = &[
    ("january", 1),
    ("february", 2),
    ("march", 3),
    ("april", 4),
    ("may", 5),
    ("june", 6),
    ("july", 7),
    ("august", 8),
    ("september", 9),
    ("october", 10),
    ("november", 11),
    ("december", 12),
    ("jan", 1),
    ("feb", 2),
    ("mar", 3),
    ("apr", 4),
    ("jun", 6),
    ("jul", 7),
    ("aug", 8),
    ("sep", 9),
    ("sept", 9),
    ("oct", 10),
    ("nov", 11),
    ("dec", 12),
];

/// Names, each with whether it is a plural.
const UNITS: &[(&str, Unit, bool)] = &[
    ("second", Unit::Second, false),
    ("seconds", Unit::Second, true),
    ("sec", Unit::Second, false),
    ("secs", Unit::Second, true),
    ("s", Unit::Second, false),
    ("minute", Unit::Minute, false),
    ("minutes", Unit::Minute, true),
    ("min", Unit::Minute, false),
    ("mins", Unit::Minute, true),
    ("m", Unit::Minute, false),
    ("hour", Unit::Hour, false),
    ("hours", Unit::Hour, true),
    ("hr", Unit::Hour, false),
    ("hrs", Unit::Hour, true),
    ("h", Unit::Hour, false),
    ("day", Unit::Day, false),
    ("days", Unit::Day, true),
    ("d", Unit::Day, false),
    ("week", Unit::Week, false),
    ("weeks", Unit::Week, true),
    ("wk", Unit::Week, false),
    ("wks", Unit::Week, true),
    ("w", Unit::Week, false),
    ("fortnight", Unit::Fortnight, false),
    ("fortnights", Unit::Fortnight, true),
    ("weekend", Unit::Weekend, false),
    ("weekends", Unit::Weekend, true),
    ("month", Unit::Month, false),
    ("months", Unit::Month, true),
    ("mo", Unit::Month, false),
    ("mos", Unit::Month, true),
    ("quarter", Unit::Quarter, false),
    ("quarters", Unit::Quarter, true),
    ("qtr", Unit::Quarter, false),
    ("year", Unit::Year, false),
    ("years", Unit::Year, true),
    ("yr", Unit::Year, false),
    ("yrs", Unit::Year, true),
    ("y", Unit::Year, false),
    ("decade", Unit::Decade, false),
    ("decades", Unit::Decade, true),
];

const CARDINALS: &[(&str, u32)] = &[
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fourty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
];

const ORDINALS: &[(&str, u32)] = &[
    ("first", 1),
    ("second", 2),
    ("third", 3),
    ("fourth", 4),
    ("fifth", 5),
    ("sixth", 6),
    ("seventh", 7),
    ("eighth", 8),
    ("ninth", 9),
    ("tenth", 10),
    ("eleventh", 11),
    ("twelfth", 12),
    ("thirteenth", 13),
    ("fourteenth", 14),
    ("fifteenth", 15),
    ("sixteenth", 16),
    ("seventeenth", 17),
    ("eighteenth", 18),
    ("nineteenth", 19),
    ("twentieth", 20),
    ("thirtieth", 30),
];

/// Words after which a number or an ordinal is no longer followed by the thing it counts.
const CLOSING: &Phrases = any!(
    "at|on|in|for|from|to|until|and|or|with|about|around|please|pls|by|before|after|through|of|is|\
    are|was|if|then|but|so|as|via|using|because|today|tomorrow|tonight|yesterday|this|next|every|each|that|i|we|\
    he|she|you|my|our|the|a|an|am|pm|thanks|thank|near|instead|remind|works|work|when|not|ok|okay|sharp|exactly|\
    will|would|should|has|have|do|does|did|it|morning|afternoon|evening|night|noon|during|too|also|except|\
    unless|starting|via|there|daily|weekly|now"
);

/// Everyday words that are also times, and abbreviations too short to stand alone.
const AMBIGUOUS: &Phrases = any!("may|march|sat|sun|mar|jan|jun|sep|sept|dec|oct|nov|feb|apr|jul|aug|mon");

/// Other ways to write a word. The right side is looked up again.
const SPELLINGS: &[(&str, &str)] = &[
    ("tmrw", "tomorrow"),
    ("tmr", "tomorrow"),
    ("tmrow", "tomorrow"),
    ("tmw", "tomorrow"),
    ("tmmrw", "tomorrow"),
    ("tomo", "tomorrow"),
    ("tommorrow", "tomorrow"),
    ("tommorow", "tomorrow"),
    ("tomorow", "tomorrow"),
    ("tonite", "tonight"),
    ("tonigt", "tonight"),
    ("ystrday", "yesterday"),
    ("yest", "yesterday"),
    ("nxt", "next"),
    ("mtg", "meeting"),
    ("mtgs", "meetings"),
    ("meting", "meeting"),
    ("appointmet", "appointment"),
    ("appoitment", "appointment"),
    ("remainder", "reminder"),
    ("evry", "every"),
    ("mornin", "morning"),
    ("til", "until"),
    ("till", "until"),
    ("untill", "until"),
    ("thru", "through"),
    ("wendsday", "wednesday"),
    ("wensday", "wednesday"),
    ("wedensday", "wednesday"),
    ("febuary", "february"),
    ("febrary", "february"),
];

/// Long words that are recognised with one letter wrong, missing, doubled or swapped with its neighbour.
const FORGIVEN: &Phrases = any!(
    "tomorrow|yesterday|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|\
    february|august|september|october|november|december|afternoon|evening|minutes|weekday|weekdays|weekend|\
    midnight|morning|schedule|reschedule|cancel|remind|reminder|appointment|meeting|calendar|snooze|postpone"
);

/// Words at one letter's distance from a time that are not meant as one.
const NOT_FORGIVEN: &Phrases = any!(
    "evening's|minuted|mundane|evenings|tuesdays|weekends|weekened|mornings|mourning|afternoons|moaning|warning|sundae|\
    scheduled|schedules|scheduler|rescheduled|cancels|cancer|chancel|reminds|minder|rewind|reminders|reminded|\
    appointments|meetings|meaning|melting|heeding|meting|calendars|snoozed|snoozes|postponed|postpones"
);

const CONTRACTION_FIRST: &Phrases = any!("last|next|this|every");
const CONTRACTION_SECOND: &Phrases = any!(
    "day|week|month|year|weekend|monday|tuesday|wednesday|thursday|friday|saturday|\
    sunday"
);

/// Where to part a word such as "nextweek".
pub(crate) fn contraction(word: &str) -> Option<usize> {
    CONTRACTION_FIRST.each().find_map(|first| {
        let rest = word.strip_prefix(first)?;
        CONTRACTION_SECOND.has(rest).then_some(first.len())
    })
}

/// The word as the vocabulary writes it: abbreviations and typos undone.
pub(crate) fn spelled(word: &str) -> &str {
    if let Some((_, right)) = SPELLINGS.iter().find(|(wrong, _)| *wrong == word) {
        return right;
    }
    // "sevenish", "twelvish"
    if let Some(stem) = word.strip_suffix("ish").filter(|stem| stem.len() >= 3)
        && let Some((number, _)) =
            CARDINALS.iter().find(|(number, _)| number.strip_suffix('e').unwrap_or(number) == stem || *number == stem)
    {
        return number;
    }
    if word.len() >= 5 && !known(word) && !NOT_FORGIVEN.has(word) {
        for right in FORGIVEN.each() {
            if one_slip(word, right) {
                return right;
            }
        }
    }
    word
}

fn known(word: &str) -> bool {
    let single = word.strip_suffix('s').unwrap_or(word);
    word == "sundry"
        || FORGIVEN.has(word)
        || UNITS.iter().any(|(name, _, _)| *name == word)
        || [word, single].iter().any(|word| WEEKDAYS.iter().any(|(name, _)| name == word))
}

/// Whether two words differ by one letter put in, left out, replaced, or two neighbours swapped.
fn one_slip(word: &str, right: &str) -> bool {
    let (a, b) = (word.as_bytes(), right.as_bytes());
    if a.first() != b.first() || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let same_head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let same_tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let longer = a.len().max(b.len());
    if same_head + same_tail + 1 >= longer {
        return true;
    }

    a.len() == b.len()
        && same_head + same_tail + 2 >= longer
        && a.get(same_head) == b.get(same_head + 1)
        && a.get(same_head + 1) == b.get(same_head)
}

fn lookup<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}

/// All that the word may mean.
pub(crate) fn meaning(word: &str) -> Meaning {
    let word = spelled(word);
    let mut meaning = Meaning {
        weekday: lookup(WEEKDAYS, word),
        month: lookup(MONTHS, word),
        cardinal: lookup(CARDINALS, word),
        ordinal: lookup(ORDINALS, word),
        ambiguous: AMBIGUOUS.has(word),
        closing: CLOSING.has(word),
        ..Meaning::default()
    };
    if let Some((_, unit, plural)) = UNITS.iter().find(|(name, _, _)| *name == word) {
        meaning.unit = Some(*unit);
        meaning.plural = *plural;
    }
    if meaning.weekday.is_none()
        && let Some(single) = word.strip_suffix('s')
        && let Some(day) = lookup(WEEKDAYS, single)
        && word != "suns"
        && word != "mons"
    {
        meaning.weekday = Some(day);
        meaning.plural = true;
    }
    meaning
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_forgiven_in_long_words_only() {
        for (word, right) in [
            ("tomorow", "tomorrow"),
            ("wednseday", "wednesday"),
            ("satruday", "saturday"),
            ("sundry", "sundry"),
            ("mouth", "mouth"),
            ("fridge", "fridge"),
            ("morning", "morning"),
            ("octobr", "october"),
            ("mondy", "monday"),
            ("sundae", "sundae"),
            ("sunny", "sunny"),
            ("cancle", "cancel"),
            ("cancer", "cancer"),
            ("remnd", "remind"),
            ("snoze", "snooze"),
            ("scheduled", "scheduled"),
            ("meetings", "meetings"),
        ] {
            assert_eq!(spelled(word), right, "{word}");
        }
    }

    #[test]
    fn words_keep_all_their_meanings() {
        let second = meaning("second");
        assert_eq!((second.unit, second.ordinal), (Some(Unit::Second), Some(2)));
        assert!(meaning("may").ambiguous);
        assert!(meaning("fridays").plural);
    }
}
