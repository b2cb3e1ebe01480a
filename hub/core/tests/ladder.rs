//! Ladders: what is said when, by which channel, and that every one of them ends.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail loudly")]

use chrono::{DateTime, Duration, NaiveTime, Timelike, Utc};
use chrono_tz::{Europe::Berlin, Tz};
use proptest::prelude::*;
use xswarm_core::{
    appointment::{Appointment, AppointmentSource, AppointmentStatus, ChangedOccurrence, Exception, Exceptions},
    id::{AppointmentId, ReminderId, UserId},
    message::Channel,
    reminder::{
        GRACE, Reminder, ReminderKind, ReminderPlan, ReminderPreferences, ReminderProgress, ReminderStatus,
        ReminderStep,
        ladder::{Due, Ladder, before_occurrence, leads},
        preferences::{Escalation, QuietHours, Repeat, RepeatWhen},
    },
};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn reminder(kind: ReminderKind, due: DateTime<Utc>) -> Reminder {
    let id = ReminderId::new(due);
    Reminder {
        id,
        appointment_id: None,
        user_id: UserId::new(due),
        kind,
        text: "call mom".into(),
        due,
        channel: Channel::Console,
        recurrence: None,
        timezone: Berlin,
        step: ReminderStep { series: id.to_string(), recurrence_id: due, generation: 0, step: 0, attempt: 0 },
        series_start: due,
        status: ReminderStatus::Pending,
        outcome: None,
        error_message: None,
        message_id: None,
        created_at: due,
        sent_at: None,
        plan: ReminderPlan::default(),
        progress: ReminderProgress::default(),
    }
}

fn quiet(text: &str) -> QuietHours {
    text.parse().unwrap()
}

fn urgent() -> ReminderPlan {
    ReminderPlan { urgent: true, ..ReminderPlan::default() }
}

#[test]
fn a_reminder_is_said_once_unless_it_is_urgent() {
    let due = at("2026-11-24T16:00:00Z");
    let plain = reminder(ReminderKind::Reminder, due);
    let ladder = Ladder::of(&plain, &ReminderPreferences::default());
    assert!(!ladder.awaits_answer());
    assert_eq!(ladder.follow(&plain, due).again, None);
    let pressing = Reminder { plan: urgent(), ..plain };
    let ladder = Ladder::of(&pressing, &ReminderPreferences::default());
    assert_eq!(ladder.follow(&pressing, due).again, Some(due + Duration::minutes(10)));
}

#[test]
fn the_pauses_grow_and_the_repetitions_end() {
    let usual: Vec<_> = (0..5).map(|n| Repeat::default().pause(n).map(|pause| pause.num_minutes())).collect();
    assert_eq!(usual, [Some(10), Some(20), Some(40), None, None]);
    let ringing = (0..20).filter_map(|n| Repeat::RINGING.pause(n)).collect::<Vec<_>>();
    assert_eq!(ringing, vec![Duration::minutes(1); 10]);
    let endless = Repeat { every_minutes: u32::MAX, times: u32::MAX, growth: u32::MAX };
    assert!(endless.pause(u32::MAX - 1).unwrap() <= Duration::days(366));
}

#[test]
fn what_does_not_reach_is_passed_over_and_each_saying_begins_with_the_next() {
    let one = reminder(ReminderKind::Reminder, at("2026-11-24T16:00:00Z"));
    let ladder = Ladder::of(&one, &ReminderPreferences::default());
    let reaches = |channel: Channel| [Channel::Sms, Channel::Email, Channel::Console].contains(&channel);
    let said = |repetition, tried: &[Channel]| ladder.channel(reaches, repetition, tried);
    assert_eq!(said(0, &[]), Some(Channel::Sms));
    assert_eq!(said(0, &[Channel::Sms]), Some(Channel::Email));
    assert_eq!(said(1, &[]), Some(Channel::Email));
    assert_eq!(said(2, &[Channel::Console]), Some(Channel::Sms));
    assert_eq!(said(3, &[]), Some(Channel::Sms));
    assert_eq!(said(0, &[Channel::Sms, Channel::Email, Channel::Console]), None);
    assert_eq!(ladder.channel(|_| false, 7, &[]), None);
}

#[test]
fn a_channel_that_was_asked_for_comes_first_and_the_others_stay() {
    let plan = ReminderPlan { channels: Some(vec![Channel::Console]), ..ReminderPlan::default() };
    let one = Reminder { plan, ..reminder(ReminderKind::Reminder, at("2026-11-24T16:00:00Z")) };
    let ladder = Ladder::of(&one, &ReminderPreferences::default());
    assert_eq!(ladder.channels[..2], [Channel::Console, Channel::Room]);
    assert_eq!(ladder.channels.len(), 5);
}

#[test]
fn quiet_hours_hold_back_all_but_what_is_urgent_and_what_rings() {
    let preferences = ReminderPreferences { quiet_hours: Some(quiet("22:00-07:00")), ..ReminderPreferences::default() };
    let night = at("2026-11-24T22:30:00Z");
    let morning = at("2026-11-25T06:00:00Z");
    for kind in ReminderKind::ALL {
        let one = reminder(*kind, night);
        let expected = match kind {
            ReminderKind::Timer | ReminderKind::Alarm => Due::Say,
            ReminderKind::Reminder | ReminderKind::Appointment => Due::Hold(morning),
        };
        assert_eq!(Ladder::of(&one, &preferences).due(&one, None, night, Berlin), expected, "{kind}");
        let pressing = Reminder { plan: urgent(), ..one };
        assert_eq!(Ladder::of(&pressing, &preferences).due(&pressing, None, night, Berlin), Due::Say, "{kind}");
    }
}

#[test]
fn quiet_hours_do_not_hold_what_would_be_said_when_the_appointment_has_begun() {
    let preferences = ReminderPreferences { quiet_hours: Some(quiet("22:00-07:00")), ..ReminderPreferences::default() };
    let (night, morning) = (at("2026-11-25T04:45:00Z"), at("2026-11-25T06:00:00Z"));
    let one = reminder(ReminderKind::Appointment, night);
    let due = |start| Ladder::of(&one, &preferences).due(&one, Some(start), night, Berlin);
    assert_eq!(due(at("2026-11-25T05:00:00Z")), Due::Say);
    assert_eq!(due(morning), Due::Say, "a reminder at the start is as worthless");
    assert_eq!(due(morning + Duration::minutes(1)), Due::Hold(morning));
    assert_eq!(due(night), Due::Hold(morning), "what has begun wakes nobody");
}

#[test]
fn quiet_hours_end_by_the_clock_on_the_wall() {
    for (hours, now, end) in [
        ("22:00-07:00", "2026-11-24T20:59:59Z", None),
        ("22:00-07:00", "2026-11-24T21:00:00Z", Some("2026-11-25T06:00:00Z")),
        ("22:00-07:00", "2026-11-25T05:59:59Z", Some("2026-11-25T06:00:00Z")),
        ("22:00-07:00", "2026-11-25T06:00:00Z", None),
        ("13:00-15:00", "2026-11-24T12:30:00Z", Some("2026-11-24T14:00:00Z")),
        ("13:00-15:00", "2026-11-24T14:00:00Z", None),
        // The night in which the clocks go forward is an hour shorter, the other an hour longer.
        ("22:00-07:00", "2026-03-28T22:00:00Z", Some("2026-03-29T05:00:00Z")),
        ("22:00-07:00", "2026-10-24T21:00:00Z", Some("2026-10-25T06:00:00Z")),
        // They end at 2:30, which is skipped, or comes twice.
        ("22:00-02:30", "2026-03-29T00:59:00Z", Some("2026-03-29T01:30:00Z")),
        ("22:00-02:30", "2026-10-25T00:10:00Z", Some("2026-10-25T00:30:00Z")),
        ("22:00-02:30", "2026-10-25T00:40:00Z", None),
        ("22:00-02:30", "2026-10-25T01:10:00Z", Some("2026-10-25T01:30:00Z")),
    ] {
        assert_eq!(quiet(hours).until(at(now), Berlin), end.map(at), "{hours} at {now}");
    }
}

#[test]
fn what_is_late_is_told_as_late_and_a_missed_ringing_is_given_up() {
    let due = at("2026-11-24T06:00:00Z");
    let late = due + GRACE + Duration::seconds(1);
    let usual = ReminderPreferences::default();
    let mut alarm = reminder(ReminderKind::Alarm, due);
    assert_eq!(Ladder::of(&alarm, &usual).due(&alarm, None, late, Berlin), Due::SayLate);
    assert_eq!(Ladder::of(&alarm, &usual).due(&alarm, None, due - Duration::seconds(1), Berlin), Due::NotYet(due));
    alarm.progress.repetition = 3;
    assert_eq!(Ladder::of(&alarm, &usual).due(&alarm, None, due + GRACE, Berlin), Due::Say);
    assert!(matches!(Ladder::of(&alarm, &usual).due(&alarm, None, late, Berlin), Due::Expire(_)));
}

#[test]
fn somebody_else_is_told_once_and_only_of_what_waits_for_an_answer() {
    let due = at("2026-11-24T16:00:00Z");
    let other = UserId::new(at("2026-01-01T00:00:00Z"));
    let escalation = Some(Escalation { to: other, after_minutes: 30 });
    let preferences = ReminderPreferences { escalation, ..ReminderPreferences::default() };
    let plain = reminder(ReminderKind::Reminder, due);
    assert_eq!(Ladder::of(&plain, &preferences).follow(&plain, due).escalate, None);
    let mut pressing = Reminder { plan: urgent(), ..plain };
    let told = Some((other, due + Duration::minutes(30)));
    assert_eq!(Ladder::of(&pressing, &preferences).follow(&pressing, due).escalate, told);
    pressing.progress.repetition = 1;
    assert_eq!(Ladder::of(&pressing, &preferences).follow(&pressing, due).escalate, None);
    pressing.progress = ReminderProgress { on_behalf_of: Some(other), ..ReminderProgress::default() };
    assert_eq!(Ladder::of(&pressing, &preferences).escalation, None);
}

#[test]
fn preferences_read_back_and_what_makes_no_sense_is_refused() {
    let kept = serde_json::json!({ "reminders": { "quiet_hours": { "from": "22:00", "to": "07:00" } } });
    let read = ReminderPreferences::of(&kept);
    assert_eq!(read.quiet_hours, Some(quiet("22:00-07:00")));
    assert_eq!(read.lead_minutes, [15]);
    assert_eq!(
        ReminderPreferences::of(&serde_json::json!({ "reminders": { "channels": 7 } })),
        ReminderPreferences::default()
    );
    let usual = ReminderPreferences::default();
    let leads = ReminderPreferences { lead_minutes: vec![15, 1_440, 60, 15], ..usual.clone() };
    assert_eq!(leads.checked().unwrap().lead_minutes, [1_440, 60, 15]);
    for wrong in [
        ReminderPreferences { channels: vec![], ..usual.clone() },
        ReminderPreferences { channels: vec![Channel::Sms, Channel::Sms], ..usual.clone() },
        ReminderPreferences { channels: vec![Channel::ClaudeCode], ..usual.clone() },
        ReminderPreferences { lead_minutes: vec![u32::MAX], ..usual.clone() },
        ReminderPreferences { lead_minutes: (0..21).collect(), ..usual.clone() },
        ReminderPreferences { repeat: Repeat { every_minutes: 0, ..Repeat::default() }, ..usual.clone() },
        ReminderPreferences { repeat: Repeat { times: 1_000_000_000, ..Repeat::default() }, ..usual },
    ] {
        assert!(wrong.clone().checked().is_err(), "{wrong:?}");
    }
    for text in ["22:00", "22:00-22:00", "25:00-07:00", "ten-seven"] {
        assert!(text.parse::<QuietHours>().is_err(), "{text}");
    }
}

fn weekly(start: &str) -> Appointment {
    let start = at(start);
    Appointment {
        id: AppointmentId::new(start),
        user_id: UserId::new(start),
        title: "Choir".into(),
        description: None,
        start,
        end: start + Duration::hours(1),
        timezone: Berlin,
        location: None,
        participants: vec![],
        recurrence: Some("FREQ=WEEKLY".parse().unwrap()),
        additional: vec![],
        exceptions: Exceptions::default(),
        all_day: false,
        source: AppointmentSource::BOSS,
        reminder_minutes: Some(15),
        status: AppointmentStatus::Confirmed,
        generation: 0,
        version: 1,
        created_at: start,
        updated_at: start,
    }
}

#[test]
fn lead_times_come_from_the_appointment_or_from_the_person() {
    let template = ReminderPreferences { lead_minutes: vec![1_440, 60, 15], ..ReminderPreferences::default() };
    let plan = ReminderPlan::default();
    let mut choir = weekly("2026-11-24T18:00:00Z");
    assert_eq!(leads(&choir, &plan, &template), [1_440, 60, 15]);
    choir.reminder_minutes = Some(30);
    assert_eq!(leads(&choir, &plan, &template), [30]);
    choir.reminder_minutes = None;
    assert!(leads(&choir, &plan, &template).is_empty());
    let own = ReminderPlan { lead_minutes: Some(vec![120]), ..ReminderPlan::default() };
    assert_eq!(leads(&choir, &own, &template), [120]);
}

#[test]
fn each_lead_time_walks_the_occurrences_by_itself_over_a_change_of_the_clocks() {
    let choir = weekly("2026-10-20T16:00:00Z");
    let before = |now: &str, after: Option<(&str, &str)>| {
        let after = after.map(|(start, id)| (at(start), at(id)));
        before_occurrence(&choir, 1_440, after, at(now)).map(|one| (one.recurrence_id, one.due))
    };
    let (first, second) = ("2026-10-20T16:00:00Z", "2026-10-27T17:00:00Z");
    assert_eq!(before("2026-10-19T15:59:59Z", None), Some((at(first), at("2026-10-19T16:00:00Z"))));
    assert_eq!(before("2026-10-19T16:00:00Z", None), Some((at(second), at("2026-10-26T17:00:00Z"))));
    // A step of the clock back to before the first does not remind of it twice.
    assert_eq!(before("2026-10-19T00:00:00Z", Some((first, first))).map(|one| one.0), Some(at(second)));
}

#[test]
fn an_occurrence_moved_onto_another_is_remembered_beside_it() {
    let mut choir = weekly("2026-10-20T16:00:00Z");
    let (first, second) = (at("2026-10-20T16:00:00Z"), at("2026-10-27T17:00:00Z"));
    let changed = ChangedOccurrence {
        start: second,
        end: second + Duration::hours(2),
        title: None,
        description: None,
        location: None,
    };
    choir.exceptions.insert(first, Exception::Changed(changed));
    let now = at("2026-10-01T00:00:00Z");
    let one = before_occurrence(&choir, 15, None, now).unwrap();
    assert_eq!((one.recurrence_id, one.start), (first, second));
    let two = before_occurrence(&choir, 15, Some((one.start, one.recurrence_id)), now).unwrap();
    assert_eq!((two.recurrence_id, two.start), (second, second));
    let three = before_occurrence(&choir, 15, Some((two.start, two.recurrence_id)), now).unwrap();
    assert!(three.start > second);
}

fn zones() -> impl Strategy<Value = Tz> {
    prop::sample::select(vec![
        Berlin,
        chrono_tz::America::New_York,
        chrono_tz::Australia::Lord_Howe,
        chrono_tz::Asia::Kolkata,
        chrono_tz::Pacific::Apia,
        chrono_tz::America::Sao_Paulo,
    ])
}

fn a_time() -> impl Strategy<Value = NaiveTime> {
    (0..24_u32, 0..60_u32).prop_map(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0).unwrap())
}

fn an_instant() -> impl Strategy<Value = DateTime<Utc>> {
    // 2009 to 2038, to the second: every zone above changes its clocks in it.
    (1_230_768_000_i64..2_145_916_800).prop_map(|second| DateTime::from_timestamp(second, 0).unwrap())
}

/// What the clock on the wall shows lies in the hours.
fn on_the_wall(from: NaiveTime, to: NaiveTime, now: DateTime<Utc>, zone: Tz) -> bool {
    let time = now.with_timezone(&zone).time().with_nanosecond(0).unwrap();
    if from < to { (from..to).contains(&time) } else { time >= from || time < to }
}

proptest! {
    #[test]
    fn quiet_hours_are_those_of_the_wall_and_always_end(
        from in a_time(), to in a_time(), now in an_instant(), zone in zones(),
    ) {
        prop_assume!(from != to);
        let hours = QuietHours::new(from, to).unwrap();
        match hours.until(now, zone) {
            Some(until) => {
                prop_assert!(until > now && until - now <= Duration::hours(49), "{until}");
                prop_assert!(on_the_wall(from, to, now, zone));
            }
            None => prop_assert!(!on_the_wall(from, to, now, zone)),
        }
    }

    /// Whatever the preferences, however the clock steps and whichever channels fail: a ladder ends, never speaks in
    /// quiet hours unless it may, and uses no channel twice for one saying.
    #[test]
    fn every_ladder_ends_and_keeps_its_promises(
        from in a_time(), to in a_time(), due in an_instant(), zone in zones(),
        kind in prop::sample::select(ReminderKind::ALL), pressing: bool, when in prop::sample::select(RepeatWhen::ALL),
        (every_minutes, times, growth) in (1..200_u32, 0..8_u32, 1..4_u32),
        reaching in prop::sample::subsequence(ReminderPreferences::default().channels, 0..=5),
        steps in prop::collection::vec((0..7_200_i64, any::<bool>()), 0..60),
    ) {
        prop_assume!(from != to);
        let quiet = QuietHours::new(from, to).unwrap();
        let preferences = ReminderPreferences {
            quiet_hours: Some(quiet), repeat_when: when, repeat: Repeat { every_minutes, times, growth },
            ..ReminderPreferences::default()
        };
        let mut one = reminder(kind, due);
        one.plan.urgent = pressing;
        let may_disturb = pressing || matches!(kind, ReminderKind::Timer | ReminderKind::Alarm);
        let mut steps = steps.into_iter();
        let (mut now, mut tried, mut said, mut turns) = (due, Vec::new(), 0_u32, 0);
        loop {
            turns += 1;
            prop_assert!(turns < 500, "it does not end: {one:?}");
            let ladder = Ladder::of(&one, &preferences);
            let (late_by, fails) = steps.next().unwrap_or((0, false));
            match ladder.due(&one, None, now, zone) {
                Due::NotYet(until) => { prop_assert!(until > now); now = until; continue; }
                Due::Hold(until) => {
                    prop_assert!(until > now && !may_disturb);
                    one.progress.held_until = Some(until);
                    now = until;
                    continue;
                }
                Due::Expire(_) => break,
                Due::Say | Due::SayLate => prop_assert!(may_disturb || !on_the_wall(from, to, now, zone)),
            }
            let Some(channel) = ladder.channel(|one| reaching.contains(&one), one.progress.repetition, &tried) else {
                break;
            };
            prop_assert!(!tried.contains(&channel));
            if fails {
                tried.push(channel);
                continue;
            }
            said += 1;
            let Some(again) = ladder.follow(&one, now).again else { break };
            prop_assert!(again > now);
            tried.clear();
            one.progress = ReminderProgress { repetition: one.progress.repetition + 1, ..Default::default() };
            one.due = again;
            now = again + Duration::seconds(late_by);
        }
        prop_assert!(said <= 1 + times.max(10), "said {said} times");
    }
}
