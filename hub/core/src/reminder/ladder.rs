//! What happens to a reminder that is due: said by which channel, held back, or given up; and what follows after.
//!
//! Pure: whoever calls brings the time, the channels that reach the person, and what was tried. The promises kept here:
//! quiet hours are never broken but by what may, or by what would be worthless after them, every ladder ends, and no
//! channel is tried twice for one saying.

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;

use super::{
    GRACE, Reminder, ReminderKind, ReminderPlan,
    preferences::{QuietHours, ReminderPreferences, Repeat, RepeatWhen},
};
use crate::{appointment::Appointment, id::UserId, message::Channel};

/// What holds for one reminder: the person's preferences, and the reminder's own plan before them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    /// By which ways, dearest first.
    pub channels: Vec<Channel>,
    /// When it must not be said.
    pub quiet: Option<QuietHours>,
    /// How it is said again until somebody answers.
    pub repeat: Option<Repeat>,
    /// Whom else to tell, and how long after the first saying.
    pub escalation: Option<(UserId, Duration)>,
}

/// What to do with a reminder that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The clock went back: not before then.
    NotYet(DateTime<Utc>),
    /// Quiet hours: not before then.
    Hold(DateTime<Utc>),
    /// Say it.
    Say,
    /// It is too late for it to be told with what else is late.
    SayLate,
    /// It is no longer worth saying.
    Expire(&'static str),
}

/// What follows once a reminder was said, unless somebody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Follow {
    /// When it is said again.
    pub again: Option<DateTime<Utc>>,
    /// Who else is told, and when.
    pub escalate: Option<(UserId, DateTime<Utc>)>,
}

impl Ladder {
    /// The ladder of a reminder to a person with these preferences.
    pub fn of(reminder: &Reminder, preferences: &ReminderPreferences) -> Self {
        let plan = &reminder.plan;
        let mut channels = plan.channels.clone().unwrap_or_default();
        for channel in &preferences.channels {
            if !channels.contains(channel) {
                channels.push(*channel);
            }
        }
        let rings = match reminder.kind {
            ReminderKind::Timer | ReminderKind::Alarm => true,
            ReminderKind::Reminder | ReminderKind::Appointment => false,
        };
        let usual = match preferences.repeat_when {
            RepeatWhen::Never => false,
            RepeatWhen::Urgent => plan.urgent,
            RepeatWhen::Always => true,
        };
        let repeat = match reminder.kind {
            ReminderKind::Timer => plan.repeat,
            ReminderKind::Alarm => Some(plan.repeat.unwrap_or(Repeat::RINGING)),
            ReminderKind::Reminder | ReminderKind::Appointment => plan.repeat.or(usual.then_some(preferences.repeat)),
        };
        let awaits_answer = repeat.is_some() || plan.urgent;
        // Who is told for somebody else is the last who is.
        let escalation = preferences.escalation.filter(|one| {
            awaits_answer && !rings && reminder.progress.on_behalf_of.is_none() && one.to != reminder.user_id
        });
        Self {
            channels,
            quiet: preferences.quiet_hours.filter(|_| !plan.urgent && !rings),
            repeat: repeat.filter(|repeat| repeat.times > 0),
            escalation: escalation.map(|one| (one.to, Duration::minutes(i64::from(one.after_minutes)))),
        }
    }

    /// Whether somebody is to answer.
    pub const fn awaits_answer(&self) -> bool {
        self.repeat.is_some() || self.escalation.is_some()
    }

    /// What to do with the reminder now that it seems to be due; `start` is when the appointment begins that it precedes.
    ///
    /// Quiet hours do not hold a reminder until what it is for has begun: nobody needs it then. Once that has begun
    /// nothing is gained by waking somebody either.
    pub fn due(&self, reminder: &Reminder, start: Option<DateTime<Utc>>, now: DateTime<Utc>, zone: Tz) -> Due {
        if reminder.say_at() > now {
            return Due::NotYet(reminder.say_at());
        }
        if let Some(until) = self.quiet.and_then(|quiet| quiet.until(now, zone)) {
            let in_vain = start.is_some_and(|start| now < start && start <= until);
            if !in_vain {
                return Due::Hold(until);
            }
        }
        let late = now - reminder.due > GRACE;
        match (late, reminder.kind, reminder.progress.repetition) {
            (false, _, _) => Due::Say,
            (true, ReminderKind::Alarm, 1..) => Due::Expire("the box was off while the alarm rang"),
            (true, _, _) => Due::SayLate,
        }
    }

    /// The channel for a reminder that was said again `repetition` times, of those that reach the person; `tried` are
    /// those that failed, or ended unclear, for this very saying. Each saying begins with the next channel in order.
    pub fn channel(&self, reaches: impl Fn(Channel) -> bool, repetition: u32, tried: &[Channel]) -> Option<Channel> {
        let reachable: Vec<Channel> = self.channels.iter().copied().filter(|channel| reaches(*channel)).collect();
        let first = usize::try_from(repetition).unwrap_or(0).checked_rem(reachable.len())?;
        let (before, from) = reachable.split_at_checked(first)?;
        from.iter().chain(before).copied().find(|channel| !tried.contains(channel))
    }

    /// What follows the saying at `said_at` of a reminder that had been said again `repetition` times.
    pub fn follow(&self, reminder: &Reminder, said_at: DateTime<Utc>) -> Follow {
        let repetition = reminder.progress.repetition;
        let pause = self.repeat.and_then(|repeat| repeat.pause(repetition));
        let first = repetition == 0 && reminder.progress.on_behalf_of.is_none();
        Follow {
            again: pause.map(|pause| said_at + pause),
            escalate: self.escalation.filter(|_| first).map(|(to, after)| (to, said_at + after)),
        }
    }
}

/// How many minutes before each start of an appointment its owner is reminded, longest first.
///
/// The appointment's own plan counts first. An appointment whose `reminder_minutes` is the person's usual last one has
/// all of the usual ones; any other number stands alone, and without a number there is no reminder.
pub fn leads(appointment: &Appointment, plan: &ReminderPlan, preferences: &ReminderPreferences) -> Vec<u32> {
    match (&plan.lead_minutes, appointment.reminder_minutes) {
        (Some(leads), _) => leads.clone(),
        (None, None) => Vec::new(),
        (None, Some(minutes)) if preferences.usual_lead() == Some(minutes) => preferences.lead_minutes.clone(),
        (None, Some(minutes)) => vec![minutes],
    }
}

/// The first reminder of an appointment, `lead` minutes before the first occurrence whose reminder is due after
/// `not_before` and which comes after `after` (a start and its `RECURRENCE-ID`); `None` when there is none.
pub fn before_occurrence(
    appointment: &Appointment,
    lead: u32,
    after: Option<(DateTime<Utc>, DateTime<Utc>)>,
    not_before: DateTime<Utc>,
) -> Option<AheadOf> {
    let before = Duration::minutes(i64::from(lead));
    let from = after.map_or(not_before, |(start, _)| start.min(not_before)) - Duration::milliseconds(1);
    let ahead = appointment.occurrences_from(from).ok()?;
    let fits = |start: DateTime<Utc>, id: DateTime<Utc>| {
        start - before > not_before && after.is_none_or(|after| (start, id) > after)
    };
    let mut found: Option<AheadOf> = None;
    for one in ahead {
        // Occurrences that begin together come in no particular order.
        if found.as_ref().is_some_and(|found| found.start != one.start) {
            break;
        }
        let earlier = found.as_ref().is_none_or(|found| one.recurrence_id < found.recurrence_id);
        if fits(one.start, one.recurrence_id) && earlier {
            found = Some(AheadOf {
                recurrence_id: one.recurrence_id,
                start: one.start,
                title: one.title,
                due: one.start - before,
            });
        }
    }
    found
}

/// An occurrence that a reminder precedes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AheadOf {
    /// Its original start.
    pub recurrence_id: DateTime<Utc>,
    /// When it begins.
    pub start: DateTime<Utc>,
    /// What it is.
    pub title: String,
    /// When the reminder is due.
    pub due: DateTime<Utc>,
}
