//! New appointments, with a verb or without one.

use std::ops::Range;

use chrono::Timelike;

use super::{
    birthday,
    sentence::{Sentence, is_moment},
    slots,
    types::{AppointmentDraft, Command, When},
};
use crate::{
    lexer::{
        phrases::{Phrases, any},
        vocabulary::Unit,
    },
    time::{Confidence, Exception, Span, Value},
};

/// Nouns that are appointments.
pub(super) const NOUNS: &Phrases = any!(
    "meeting|meetings|appointment|appointments|appt|appts|event|events|calendar|schedule|\
    agenda|call|conference call|interview|lunch|dinner|breakfast|brunch|coffee|drinks|date|party|standup|\
    stand up|sync|1:1|one on one|session|class|lesson|workshop|review|demo|visit|checkup|check up|haircut|\
    dentist|doctor|training|practice|rehearsal|wedding|birthday|concert|game|match|webinar|presentation|kickoff|\
    retro|retrospective|planning|conference|therapy|massage|physio|barbecue|bbq|picnic|anniversary|playdate|\
    tour|trip|vacation|holiday|picnics|exam|seminar|lecture|gym|yoga|catch up|catchup|get together|block|slot|\
    graduation|conference room|photo shoot|viewing|inspection|vet|orthodontist|recital|hike"
);
/// Nouns that alone can open a sentence that creates an appointment.
const STRONG_NOUNS: &Phrases = any!(
    "meeting|appointment|event|call|lunch|dinner|breakfast|brunch|coffee|interview|dentist|\
    doctor|standup|sync|drinks|haircut|workshop|yoga|gym|party|birthday|conference|review|demo|therapy|checkup|\
    training|appt|vet|catchup|wedding|concert"
);
const CREATE: &Phrases = any!(
    "schedule|book|add|create|set up|setup|put|plan|arrange|make|organize|organise|pencil in|block|\
    block off|block out|jot down|squeeze in|set|new|reserve|enter|put in|put down|mark|i have|i've got|i got|we have|save|note|\
    write down|register|hold|have|remember|record|fix|insert|start a new|add in|sched|schedule in|mark down|\
    slot in|get me|we've got|meet|meet with|meet up with|input|log|there's|there is|calendar|invite|open|i am having|i'm having|i will have|\
    add to calendar|place|include"
);
/// Things that are cancelled, moved or added elsewhere.
const FOREIGN: &Phrases = any!(
    "card|cards|subscription|order|orders|list|lists|email|emails|mail|inbox|song|songs|playlist|\
    music|account|accounts|flight|flights|hotel|hotels|uber|taxi|cab|lights|light|payment|payments|volume|\
    insurance|contact|contacts|milk|groceries|shopping|file|files|photo|photos|transaction|transfer|ticket|\
    tickets|bill|password|pin|membership|notification|podcast|radio|channel|money|check|checks|credit|bank|\
    car rental|rental|language|accent|voice|speaker|tv|thermostat|temperature|coffee machine|vacuum|cleaner|\
    lamp|oven|direct deposit|pto|tweet|facebook|twitter|message|messages|text|texts|recipe|alarm|reminder|\
    reminders|timer|task|project|name|settings|mode|history|apr|limit|address|passport|visa|score|phone number|\
    nickname|brightness|heating|ride|room temperature|stocks|news|joke|weather|traffic|directions|movie|movies|\
    album|artist|tune|video|game mode|gas|tire|tires|oil|401k|savings|checking|dollars|bucks|fraud|wifi|\
    bluetooth|plug|socket|blinds|uber driver|food|pizza|takeaway|delivery|restaurant|table|reservation|\
    reservations|oil change|tires|tire check|todo|train|trains|vacation days|vacation hours|vacation day|\
    vacation time|vacation request|day off|days off|time off|holiday days|item"
);

/// A command about appointments, if it is one.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    create(sentence).or_else(|| noun_phrase(sentence))
}

/// Whatever else is named, these are not the person's own appointments.
const ELSEWHERE: &Phrases = any!(
    "near me|nearby|in my area|in the area|around here|local|around my location|reservation|\
    reservations|my list|to do list|todo list|the list|oil change|oil changed|change my oil|tire|tires|\
    car repair|car maintenance|in the world|vacation days|vacation hours|vacation day|vacation time|\
    vacation request|vacation schedule|vacation balance|hotel|celebrity|paycheck|paid|next holiday|\
    upcoming holiday|bank holiday|national holiday|holidays|hotel room|current location"
);

/// Whether it is about something that the Boss's calendar does not hold.
pub(super) fn foreign(sentence: &Sentence<'_, '_>) -> bool {
    let named = |list: &Phrases| {
        (sentence.start..sentence.end).any(|i| {
            // "by email" says how to remind, it is not what is meant.
            let channel = i > sentence.start && matches!(sentence.word(i - 1), "by" | "via" | "per");
            !channel && !sentence.in_time(i) && sentence.any_at(i, list).is_some()
        })
    };
    let own = sentence.has(any!("calendar|appointment|meeting|event|agenda|appt|meetings|events|appointments"));
    named(ELSEWHERE) && !sentence.has(any!("my calendar|on calendar")) || named(FOREIGN) && !own
}

/// A meeting, an appointment, the calendar.
pub(super) fn plain_noun(sentence: &Sentence<'_, '_>) -> bool {
    sentence.has(any!("meeting|meetings|appointment|appointments|appt|appts|event|events|calendar|agenda|schedule"))
}

fn create(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let sentence = sentence.clone();
    // "Book club on Sunday" is a thing, not a wish.
    if sentence.opens(any!("book club|book fair|set dinner")).is_some() {
        return sentence.has_time().then(|| Command::CreateAppointment(draft(sentence.clone(), sentence.start)));
    }
    let at = sentence.opens(CREATE)?;
    let first = sentence.word(sentence.start).to_owned();
    let noun = sentence.has(NOUNS);
    let plain = plain_noun(&sentence) || sentence.has(any!("calendar"));
    let timed = sentence.has_time();
    // What is scheduled for a time is an appointment, whatever it is called.
    let scheduled = timed && matches!(first.as_str(), "schedule" | "sched" | "pencil");
    // "Add Anna to the meeting", "make tomorrow's meeting an hour longer" change what there is.
    let changes = sentence.has(any!("longer|shorter")) || first != "put" && sentence.has(any!(
        "to the meeting|to my meeting|to the appointment|to my appointment|to the call|to the event|to tomorrow's|\
            to today's|to our meeting|to the invite|to that meeting|to this meeting"
    ));
    if changes
        || foreign(&sentence) && !scheduled
        || (sentence.asks() && sentence.opens(any!("have i|is there")).is_some())
    {
        return None;
    }
    let accepted = match first.as_str() {
        "schedule" | "sched" | "pencil" => noun || timed || sentence.any_at(at, any!("a|an|another")).is_some(),
        "book" | "arrange" | "organize" | "organise" | "block" | "reserve" => {
            (noun || first == "block") && (plain || timed || noun) || timed && first != "reserve"
        }
        "plan" => noun || timed,
        "meet" => timed && !sentence.asks(),
        "new" => plain || noun && timed,
        "add" | "create" | "set" | "setup" | "put" | "make" | "enter" | "save" | "insert" | "register" | "calendar"
        | "log" | "input" | "place" | "include" => {
            plain
                || timed && (noun || matches!(first.as_str(), "add" | "put" | "enter"))
                || noun && sentence.find(any!("with")).is_some()
        }
        "mark" | "note" | "write" | "record" => plain || timed,
        "remember" | "hold" | "fix" | "slot" => timed && (plain || noun),
        "i" | "i've" | "we" | "we've" | "have" | "there's" | "there" | "get" | "i'm" | "start" | "invite" | "open" => {
            timed && noun && !sentence.asks() && sentence.opens(any!("i have to|have to")).is_none()
        }
        _ => plain,
    };
    if !accepted {
        return None;
    }
    Some(Command::CreateAppointment(draft(sentence, at)))
}

/// Finite verbs and pronouns: with one of them it is a statement.
pub(super) const SAYS: &Phrases = any!(
    "is|are|was|were|will|has|have|had|i|i'm|it|he|she|they|we|you|did|does|do|can|could|should|would|play|\
                turn|buy|order|what|why|how|never|cancelled|went|told|said|if|because|my name|find|call me|show|\
                read|search|email|text|tell|moved|says|thinks|thought|wants|wrote|sent|gave|made|got|can't|couldn't|\
                didn't|doesn't|don't|won't|wouldn't|isn't|wasn't|not|he'd|she'd|they'd|he's|she's|they're|we're|\
                must|might|may|needs|seems|likes|loves|hates|came|comes|starts|started|begins|ended|ends|asked|\
                canceled|postponed|booked|rescheduled|changed|invited|declined|accepted|confirmed|called off"
);

/// "Lunch with Anna Friday noon at Luigi's": no verb, but a thing, a time and little else.
fn noun_phrase(sentence: &Sentence<'_, '_>) -> Option<Command> {
    if sentence.asks() || !sentence.has_time() || foreign(sentence) {
        return None;
    }
    let words = sentence.end - sentence.start;
    if words > 24 {
        return None;
    }
    // The thing stands in front, or right after the time in front.
    let mut at = sentence.start;
    if let Some((_, range)) = sentence.times.iter().find(|(found, range)| {
        range.start == sentence.start && is_moment(found) && found.confidence == Confidence::Certain
    }) {
        at = range.end;
        while at < sentence.end
            && sentence
                .token(at)
                .is_some_and(|token| token.is_symbol(',') || token.is_symbol(':') || token.is_symbol('-'))
        {
            at += 1;
        }
    }
    let limit = (at + 4).min(sentence.end);
    let with = sentence.find(any!("with|w /|w")).is_some_and(|with| with.start > at && with.start <= at + 5);
    let noun = (at..limit).any(|i| !sentence.in_time(i) && sentence.any_at(i, STRONG_NOUNS).is_some());
    // A finite verb or a pronoun makes it a statement.
    let statement = sentence.find(SAYS).is_some_and(|range| !sentence.in_time(range.start));
    if statement || !(noun || with) || sentence.word(at) == "at" {
        return None;
    }
    let title_words = (sentence.start..sentence.end).filter(|i| !sentence.in_time(*i)).count();
    (title_words <= 14).then(|| Command::CreateAppointment(draft(sentence.clone(), sentence.start)))
}

/// A new appointment that no rule of the grammar recognised: often an announcement, of which the thing itself is named.
pub(super) fn guessed(sentence: &Sentence<'_, '_>) -> Command {
    let at = sentence.opens(CREATE).max(sentence.opens(any!(
        "i'm going to need to|i am going to need to|i'm going to|i am going to|i will be|i will|i'll be|i'll|\
            we're going to|we are going to|we will|we'll be|we'll|there will be|i've got to|i got|keep|we're having|\
            we are having|i'm having|we have|we've got|let's have|let's do|let's|i have|i've got"
    )));
    let mut draft = draft(sentence.clone(), at.unwrap_or(sentence.start));
    // "I'll be at the dentist": the place is the thing.
    if draft.title.is_none() {
        draft.title = draft.place.take().and_then(|place| slots::title(&place));
    }
    Command::CreateAppointment(draft)
}

pub(super) fn draft(mut sentence: Sentence<'_, '_>, at: usize) -> AppointmentDraft {
    let start = sentence.start;
    sentence.mark(start..at);
    let description = note(&mut sentence);
    let silent = sentence.find_unread(any!(
        "no reminder|no reminders|without a reminder|without reminder|and don't remind me|don't remind me|no need to remind me"
    ));
    if let Some(range) = &silent {
        sentence.mark(range.clone());
    }
    let quoted = sentence.take_quoted();
    let all_day = sentence
        .take_all(any!("all day long|all day|all - day|the whole day|whole day|for the entire day|the entire day"));
    let skip_conflicts = sentence.take_all(SKIP_CONFLICTS);
    let skip_holidays = sentence.take_all(SKIP_HOLIDAYS);
    let lead_time = sentence.take_lead_time();
    let channel = sentence.take_channel();
    let evening = sentence.has(any!(
        "dinner|supper|drinks|cocktails|party|concert|movie|movies|theatre|theater|opera|pub|date night|nightcap"
    ));
    let when = sentence.take_when(false).or_else(|| sentence.take_latent_after_preposition());
    let when = if evening { when.map(in_the_evening) } else { when };
    let when = if skip_holidays { when.map(without_holidays) } else { when };
    let duration = sentence.take_duration().or_else(|| sentence.take_length_in_front(at));
    sentence.drop_calendar_words();
    sentence.drop_opinions(start..at);
    while let Some(range) = sentence.find_unread(any!(
        "and remind me|and send me a reminder|and add it|and put it|lasting|put it|all day|and set a reminder|into calendar|\
            and invite|invite"
    )) {
        sentence.mark(range);
    }
    let (participants, _) = sentence.participants();
    let place = sentence.place();
    if let Some((_, range)) = &place {
        sentence.mark(range.clone());
    }
    let named = sentence.take_named();
    let title = quoted.or(named).or_else(|| slots::title(&sentence.rest())).map(|title| specific(&title));
    birthday::yearly(AppointmentDraft {
        title,
        when,
        duration,
        participants,
        place: place.map(|(place, _)| place),
        description,
        lead_time,
        channel,
        silent: silent.is_some(),
        all_day,
        skip_conflicts,
    })
}

const SKIP_CONFLICTS: &Phrases = any!(
    "and skip it when i have something else|but skip it when i have something else|skip it when i have something else|\
    skip it if i have something else|and skip it when i'm busy|but skip it when i'm busy|skip it when i'm busy|\
    skip it when i am busy|skip it if i'm busy|skip it if i am busy|skip when i'm busy|skip when i am busy|\
    skip when busy|and skip conflicts|but skip conflicts|skip conflicts|skip it when there is a conflict|\
    skip it on conflict|skip it if there's a conflict|skip it if there is a conflict|unless i have something else|\
    unless i have another appointment|unless i'm busy|unless i am busy|unless there's a conflict|\
    unless there is a conflict|except when i have something else|except when i'm busy|except when i am busy|\
    if i have nothing else|when i have nothing else|when i'm free|if i'm free|when i am free|if i am free"
);

const SKIP_HOLIDAYS: &Phrases = any!(
    "and skip holidays|but skip holidays|skip holidays|skip public holidays|and skip public holidays|\
    but skip public holidays|skipping holidays|skipping public holidays|but not on holidays|not on holidays|\
    but not on public holidays|not on public holidays|except on holidays|except on public holidays|excluding holidays|\
    excluding public holidays|unless it's a holiday|unless it is a holiday|without holidays"
);

/// A recurrence leaves holidays out; anything else stays as it is.
fn without_holidays(mut when: When) -> When {
    if let Value::Recurrence(repeat) = &mut when.value
        && !repeat.exceptions.contains(&Exception::Holidays)
    {
        repeat.exceptions.push(Exception::Holidays);
    }
    when
}

/// Dinner is in the evening: of the readings of "at 7" that one.
fn in_the_evening(mut when: When) -> When {
    let evening = |value: &Value| value.as_instant().is_some_and(|at| at.hour() >= 16);
    if !evening(&when.value)
        && let Some(other) = when.alternatives.iter_mut().find(|value| evening(value))
    {
        std::mem::swap(&mut when.value, other);
    }
    when
}

/// "appointment for a haircut", "event: team lunch" name the thing after the generic noun.
fn specific(title: &str) -> String {
    let lower = title.to_lowercase();
    for generic in ["event", "appointment", "calendar event", "calendar entry", "entry", "meeting event"] {
        for joint in [
            " for a ",
            " for an ",
            " for the ",
            " for ",
            " about ",
            ": ",
            " to ",
            " called ",
            " named ",
            " titled ",
            " - ",
        ] {
            let head = format!("{generic}{joint}");
            if lower.starts_with(&head)
                && let Some(rest) = title.get(head.len()..)
                && rest.chars().any(char::is_alphanumeric)
            {
                return slots::capitalised(rest.trim());
            }
        }
        if lower.starts_with(&format!("{generic} "))
            && generic != "appointment"
            && !lower.contains(" with ")
            && let Some(rest) = title.get(generic.len() + 1..)
        {
            return slots::capitalised(rest.trim());
        }
    }
    title.to_owned()
}

/// "note: bring the slides" at the end.
fn note(sentence: &mut Sentence<'_, '_>) -> Option<String> {
    let range = sentence.find(any!("note :|notes :|description :|with the note|with a note|note that"))?;
    if range.start == sentence.start {
        return None;
    }
    let words = sentence.written(range.end..sentence.end).trim().to_owned();
    let (start, end) = (range.start, sentence.end);
    sentence.mark(start..end);
    (!words.is_empty()).then(|| slots::capitalised(&words))
}

/// What is said about a time or an errand rather than of the thing: "ideally", "would be best", "needed".
const OPINIONS: &Phrases = any!(
    "would be best|would be ideal|would be great|would be good|would be perfect|would be nice|would be fine|works best|\
    ideally|preferably|if possible|needed|wanted|required|for me|for us"
);

impl Sentence<'_, '_> {
    /// Takes such words where the sentence, or a part of it, ends with them, and "in the plan" of what was put there.
    fn drop_opinions(&mut self, opening: Range<usize>) {
        let ends = |sentence: &Self, i: usize| {
            i >= sentence.end || sentence.in_time(i) || sentence.token(i).is_some_and(|token| token.is_symbol(','))
        };
        for i in opening.end..self.end {
            let found = self.any_at(i, OPINIONS).filter(|count| !self.is_read(i) && ends(self, i + count));
            if let Some(count) = found {
                self.mark(i..i + count);
            }
        }
        if matches!(self.word(opening.start), "put" | "add" | "enter" | "get")
            && let Some(range) = self.find_unread(any!("in the plan|into the plan|in my plan|into my plan|on my plan"))
        {
            self.mark(range);
        }
    }

    /// "Book 1h focus time": a length right behind the opening, though "1h" by itself may be anything.
    fn take_length_in_front(&mut self, at: usize) -> Option<Span> {
        let at = at + usize::from(matches!(self.word(at), "a" | "an" | "another"));
        let (number, unit) = (self.token(at)?.number()?.0, self.token(at + 1).filter(|unit| unit.glued)?);
        let minutes = match (unit.word.as_str(), unit.meaning.unit) {
            ("h", _) | (_, Some(Unit::Hour)) => i64::from(number) * 60,
            ("m", _) | (_, Some(Unit::Minute)) => i64::from(number),
            _ => return None,
        };
        if number == 0 || self.in_time(at) || at + 2 >= self.end {
            return None;
        }
        self.mark(at..at + 2);
        Some(Span::minutes(minutes))
    }

    /// Whether one of these phrases stands there; they are taken, and what of a time lies in them with them.
    fn take_all(&mut self, phrases: &Phrases) -> bool {
        let mut found = false;
        while let Some(range) = (self.start..self.end)
            .filter(|i| !self.is_read(*i))
            .find_map(|i| self.any_at(i, phrases).map(|count| i..i + count))
        {
            self.times.retain(|(_, time)| time.start < range.start || time.start >= range.end);
            self.mark(range);
            found = true;
        }
        found
    }

    /// "called Kickoff", "titled Team lunch": the name, taken together with the noun before it.
    fn take_named(&mut self) -> Option<String> {
        let range = self.find_unread(any!("called|titled|named|entitled|with the title|with title"))?;
        let mut end = range.end;
        while end < self.end
            && !self.is_read(end)
            && !self.in_time(end)
            && !matches!(self.word(end), "with" | "at" | "for" | "on")
        {
            end += 1;
        }
        let name = slots::title(self.written(range.end..end))?;
        self.mark(range.start..end);
        Some(name)
    }

    /// A latent reading that a slot makes plain: "lunch tomorrow 12" does, "room 12" does not.
    fn take_latent_after_preposition(&mut self) -> Option<When> {
        let fits = self.times.iter().any(|(found, range)| {
            found.confidence == Confidence::Latent
                && is_moment(found)
                && range.start > self.start
                && matches!(self.word(range.start), "at" | "on" | "in" | "by" | "for" | "@")
                && (found.time_said || found.date_said)
                && range.end >= self.end
        });
        if fits { self.take_when(true) } else { None }
    }
}
