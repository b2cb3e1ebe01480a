//! How a person wants to be reminded.
//!
//! Kept as JSON under `reminders` in the person's preferences; what is absent there is as usual. Nothing here knows
//! whether a channel reaches the person: whoever speaks passes those over that do not.

use std::fmt;

use chrono::{DateTime, Duration, LocalResult, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    id::UserId,
    message::Channel,
    schema::{PartialSchema, RefOr, Schema, ToSchema},
    text_enum,
    time::resolve_local,
};

/// Where in a person's preferences these are kept.
pub const KEY: &str = "reminders";

/// A year of minutes: the longest lead time, and the longest wait for anything here.
const YEAR_MINUTES: u32 = 366 * 24 * 60;

/// How many lead times, repetitions and channels a person may ask for.
const MOST: usize = 20;

/// What does not make sense as a preference, in words for the person who set it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PreferenceError(pub(super) String);

text_enum! {
    /// Which reminders are repeated until somebody says they have seen them.
    pub enum RepeatWhen {
        /// None: each is said once.
        Never = "never",
        /// Those that are urgent.
        Urgent = "urgent",
        /// All but timers.
        Always = "always",
    }
}

/// Saying it again until it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Repeat {
    /// Minutes from the first saying to the second.
    pub every_minutes: u32,
    /// How often it is said again; not at all when 0.
    pub times: u32,
    /// Each pause is so many times as long as the one before; 1 keeps them equal.
    pub growth: u32,
}

impl Repeat {
    /// A ringing alarm: every minute, ten times.
    pub const RINGING: Self = Self { every_minutes: 1, times: 10, growth: 1 };

    /// The pause after it was said again `repetition` times; `None` when that was the last time.
    pub fn pause(self, repetition: u32) -> Option<Duration> {
        let minutes = u64::from(self.growth).saturating_pow(repetition).saturating_mul(u64::from(self.every_minutes));
        let minutes = i64::try_from(minutes.min(u64::from(YEAR_MINUTES))).unwrap_or(i64::from(YEAR_MINUTES));
        (repetition < self.times).then(|| Duration::minutes(minutes))
    }
}

impl Default for Repeat {
    fn default() -> Self {
        Self { every_minutes: 10, times: 3, growth: 2 }
    }
}

/// Hours in which nothing but what is urgent, timers and alarms is said. They may cross midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Clock", into = "Clock")]
pub struct QuietHours {
    from: NaiveTime,
    to: NaiveTime,
}

/// Quiet hours as JSON has them.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Clock {
    from: String,
    to: String,
}

impl PartialSchema for QuietHours {
    fn schema() -> RefOr<Schema> {
        Clock::schema()
    }
}

impl ToSchema for QuietHours {}

impl TryFrom<Clock> for QuietHours {
    type Error = PreferenceError;

    fn try_from(clock: Clock) -> Result<Self, PreferenceError> {
        let read = |text: &str| {
            NaiveTime::parse_from_str(text, "%H:%M").map_err(|_error| {
                PreferenceError(format!("`{text}` is no time of day for quiet hours; write 22:00 or 07:30"))
            })
        };
        Self::new(read(&clock.from)?, read(&clock.to)?)
    }
}

impl From<QuietHours> for Clock {
    fn from(quiet: QuietHours) -> Self {
        let text = |at: NaiveTime| at.format("%H:%M").to_string();
        Self { from: text(quiet.from), to: text(quiet.to) }
    }
}

impl fmt::Display for QuietHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from.format("%H:%M"), self.to.format("%H:%M"))
    }
}

impl std::str::FromStr for QuietHours {
    type Err = PreferenceError;

    /// Reads `22:00-07:00`.
    fn from_str(text: &str) -> Result<Self, PreferenceError> {
        let (from, to) = text
            .split_once(['-', '–'])
            .ok_or_else(|| PreferenceError(format!("`{text}` are no quiet hours; write 22:00-07:00")))?;
        Clock { from: from.trim().to_owned(), to: to.trim().to_owned() }.try_into()
    }
}

impl QuietHours {
    /// From one time of day to another. An error when they are the same.
    pub fn new(from: NaiveTime, to: NaiveTime) -> Result<Self, PreferenceError> {
        if from == to {
            return Err(PreferenceError("quiet hours need two different times".to_owned()));
        }
        Ok(Self { from, to })
    }

    /// When the quiet hours end that `now` lies in; `None` outside of them.
    ///
    /// What counts is what the clock on the wall shows. Where daylight saving repeats the hour in which they end, each
    /// of the two ends them; where it skips it, they end when the clocks have gone as far.
    pub fn until(self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let local = now.with_timezone(&zone);
        let (day, time) = (local.date_naive(), local.time());
        let crosses = self.from > self.to;
        let (quiet, tomorrow) = if crosses {
            (time >= self.from || time < self.to, time >= self.from)
        } else {
            (time >= self.from && time < self.to, false)
        };
        if !quiet {
            return None;
        }
        let day = if tomorrow { day.succ_opt()? } else { day };
        let end = day.and_time(self.to);
        let first = resolve_local(end, zone);
        let last = match zone.from_local_datetime(&end) {
            LocalResult::Ambiguous(_, last) => last.with_timezone(&Utc),
            LocalResult::Single(_) | LocalResult::None => first,
        };
        [first, last].into_iter().find(|until| *until > now)
    }
}

/// Telling somebody else when nobody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// Whom.
    pub to: UserId,
    /// How many minutes after it was first said.
    pub after_minutes: u32,
}

/// How a person wants to be reminded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReminderPreferences {
    /// By which ways, dearest first. Those that do not reach the person are passed over.
    pub channels: Vec<Channel>,
    /// How many minutes before an appointment.
    pub lead_minutes: Vec<u32>,
    /// When not to be disturbed.
    pub quiet_hours: Option<QuietHours>,
    /// Which reminders are repeated until they are acknowledged.
    pub repeat_when: RepeatWhen,
    /// How they are.
    pub repeat: Repeat,
    /// Who is told when nobody answers; only of reminders that wait for an answer.
    pub escalation: Option<Escalation>,
}

impl Default for ReminderPreferences {
    fn default() -> Self {
        Self {
            channels: vec![Channel::Room, Channel::Sms, Channel::Email, Channel::Voice, Channel::Console],
            lead_minutes: vec![15],
            quiet_hours: None,
            repeat_when: RepeatWhen::Urgent,
            repeat: Repeat::default(),
            escalation: None,
        }
    }
}

impl ReminderPreferences {
    /// Those in a person's preferences. What cannot be read counts as not kept.
    pub fn of(preferences: &serde_json::Value) -> Self {
        preferences.get(KEY).and_then(|kept| Self::deserialize(kept).ok()).unwrap_or_default()
    }

    /// Checks what types cannot, and puts lead times in order, longest first.
    pub fn checked(mut self) -> Result<Self, PreferenceError> {
        check_channels(&self.channels)?;
        self.lead_minutes = check_leads(self.lead_minutes)?;
        check_repeat(self.repeat)?;
        if self.escalation.is_some_and(|one| !(1..=YEAR_MINUTES).contains(&one.after_minutes)) {
            return Err(PreferenceError("somebody else is told after 1 minute up to a year".to_owned()));
        }
        Ok(self)
    }

    /// The lead time that stands in an appointment when nothing else was said: the last before it begins.
    pub fn usual_lead(&self) -> Option<u32> {
        self.lead_minutes.iter().copied().min()
    }
}

pub(super) fn check_channels(channels: &[Channel]) -> Result<(), PreferenceError> {
    if channels.is_empty() {
        return Err(PreferenceError("at least one channel is needed; the console always works".to_owned()));
    }
    if channels.contains(&Channel::ClaudeCode) {
        return Err(PreferenceError("nobody can be reminded by claude_code".to_owned()));
    }
    let twice = channels.iter().enumerate().any(|(at, one)| channels.iter().take(at).any(|other| other == one));
    if twice { Err(PreferenceError("each channel can be named once".to_owned())) } else { Ok(()) }
}

pub(super) fn check_leads(mut leads: Vec<u32>) -> Result<Vec<u32>, PreferenceError> {
    if leads.len() > MOST || leads.iter().any(|lead| *lead > YEAR_MINUTES) {
        let words = format!("an appointment has at most {MOST} reminders, none earlier than a year before it");
        return Err(PreferenceError(words));
    }
    leads.sort_unstable_by(|one, other| other.cmp(one));
    leads.dedup();
    Ok(leads)
}

pub(super) fn check_repeat(repeat: Repeat) -> Result<(), PreferenceError> {
    let Repeat { every_minutes, times, growth } = repeat;
    let fits = (1..=YEAR_MINUTES).contains(&every_minutes)
        && usize::try_from(times).is_ok_and(|times| times <= MOST)
        && (1..=10).contains(&growth);
    if fits {
        return Ok(());
    }
    Err(PreferenceError(format!(
        "a reminder is repeated every 1 or more minutes, at most {MOST} times, each pause 1 to 10 times the one before"
    )))
}
