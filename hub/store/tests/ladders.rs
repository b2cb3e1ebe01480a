//! Reminders on their way: attempts, holding back, pausing, acknowledging.

use xswarm_core::{
    id::ReminderId,
    job::{Job, JobState},
    message::{Channel, DeliveryNews as News, Direction},
    reminder::{DOUBT, Reminder, ReminderOutcome as Outcome, ReminderPlan, ReminderStatus as Status, ReminderStep},
};
use xswarm_store::{StoreError, Tx};

use crate::scratch::{Scratch, appointment, at, message, reminder};

fn due_kinds(tx: &Tx<'_>, seconds: i64) -> Result<Vec<&'static str>, StoreError> {
    let claimed = tx.job_claim_due(100, at(seconds))?;
    tx.jobs_recover(at(seconds))?;
    Ok(claimed.into_iter().map(|one| one.job.kind()).collect())
}

#[tokio::test]
async fn a_plan_and_its_attempts_read_back() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let plan = ReminderPlan { urgent: true, channels: Some(vec![Channel::Sms]), ..ReminderPlan::default() };
    let first = Reminder { plan, ..reminder(user, "call mom", at(600)) };
    let step = ReminderStep { attempt: 1, ..first.step.clone() };
    let mut second = first.again(ReminderId::new(at(1)), at(1_200), step, at(600));
    second.progress.repetition = 1;
    let (one, two) = (first.clone(), second.clone());
    scratch
        .write(move |tx| {
            tx.reminder_insert(&one, at(0))?;
            tx.reminder_insert(&two, at(600))?;
            assert_eq!(tx.reminder_attempts(&one.step, user)?, [one.clone(), two.clone()]);
            assert_eq!(tx.reminders_of_occurrence(&one.step.series, at(600))?, [one.clone(), two]);
            assert_eq!(tx.reminder_next_generation(&one.step.series, at(600))?, 1);
            assert_eq!(tx.reminder_next_generation("another", at(600))?, 0);
            Ok(())
        })
        .await;
    assert_eq!(scratch.reopen().read(move |rows| rows.reminder(second.id)).await, Some(second));
}

#[tokio::test]
async fn a_paused_timer_has_no_job_until_it_runs_on() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let set = reminder(user, "pasta", at(600));
    scratch
        .write(move |tx| {
            tx.reminder_insert(&set, at(0))?;
            tx.reminder_pause(set.id, chrono::Duration::seconds(300), at(300))?;
            assert!(matches!(
                tx.reminder_pause(set.id, chrono::Duration::seconds(9), at(301)),
                Err(StoreError::Stale(_))
            ));
            assert_eq!(due_kinds(tx, 9_999)?, Vec::<&str>::new());
            assert!(tx.reminders_overdue(user, at(9_999), 9)?.is_empty());
            assert!(tx.reminders_due(at(9_999), 9)?.is_empty());
            // Called off and taken back it is still paused.
            tx.reminder_cancel(set.id, at(400))?;
            tx.reminder_restore(set.id, at(401))?;
            assert_eq!(due_kinds(tx, 9_999)?, Vec::<&str>::new());
            assert_eq!(tx.reminder_resume(set.id, at(1_000))?, at(1_300));
            assert_eq!(due_kinds(tx, 1_299)?, Vec::<&str>::new());
            assert_eq!(due_kinds(tx, 1_300)?, ["fire_reminder"]);
            assert!(matches!(tx.reminder_resume(set.id, at(1_000)), Err(StoreError::Stale(_))));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn what_is_held_back_is_due_at_the_end_of_it() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let set = reminder(user, "call mom", at(600));
    scratch
        .write(move |tx| {
            tx.reminder_insert(&set, at(0))?;
            tx.reminder_hold(set.id, at(9_000), "quiet hours")?;
            let held = tx.reminder(set.id)?.unwrap();
            assert_eq!((held.due, held.say_at(), held.status), (at(600), at(9_000), Status::Pending));
            assert_eq!(held.error_message.as_deref(), Some("quiet hours"));
            assert!(tx.reminders_due(at(8_999), 9)?.is_empty());
            assert_eq!(tx.reminders_due(at(9_000), 9)?.len(), 1);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn failure_goes_on_at_once_and_doubt_after_a_while() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    for (news, wait) in [(News::Refused, 0), (News::Unclear, DOUBT.num_seconds())] {
        let set = reminder(user, "call mom", at(600));
        scratch
            .write(move |tx| {
                tx.reminder_insert(&set, at(0))?;
                let job = tx.job_claim_due(1, at(600))?.pop().unwrap();
                tx.job_finish(job.id, at(600))?;
                let said = message(Direction::Outbound, "Reminder: call mom");
                tx.message_insert(&said, at(600))?;
                tx.reminder_fired(set.id, (said.id, Channel::Sms), None, at(600))?;
                tx.message_news(said.id, News::Started, at(700))?;
                tx.message_news(said.id, news, at(700))?;
                assert_eq!(due_kinds(tx, 700 + wait - 1)?, Vec::<&str>::new());
                let go_on = tx.job_claim_due(9, at(700 + wait))?;
                assert_eq!(go_on.len(), 1);
                assert_eq!(go_on[0].job, Job::ContinueReminder { reminder: set.id });
                tx.job_finish(go_on[0].id, at(900))?;
                assert_eq!(tx.jobs(Some(JobState::Ready), 9)?.len(), 0);
                Ok(())
            })
            .await;
    }
}

#[tokio::test]
async fn what_the_console_has_is_sent_and_what_was_seen_stays_acknowledged() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let set = reminder(user, "call mom", at(600));
    scratch
        .write(move |tx| {
            tx.reminder_insert(&set, at(0))?;
            assert!(!tx.reminder_acknowledge(set.id, None, at(1))?, "it was not said yet");
            let said = message(Direction::Outbound, "Reminder: call mom");
            tx.message_insert(&said, at(600))?;
            tx.reminder_fired(set.id, (said.id, Channel::Console), None, at(600))?;
            assert_eq!(tx.reminder(set.id)?.unwrap().outcome, Some(Outcome::Sent));
            assert_eq!(tx.reminders_said(user, at(600), 9)?.len(), 1);
            assert!(tx.reminder_acknowledge(set.id, None, at(700))?);
            assert!(!tx.reminder_acknowledge(set.id, None, at(701))?);
            tx.message_news(said.id, News::Started, at(702))?;
            tx.message_news(said.id, News::Delivered, at(702))?;
            let now = tx.reminder(set.id)?.unwrap();
            assert_eq!((now.outcome, now.progress.acknowledged_at), (Some(Outcome::Acknowledged), Some(at(700))));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn the_plan_of_an_appointment_is_replaced() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let dentist = appointment(user, "Dentist", at(7_200), at(9_000));
    scratch
        .write(move |tx| {
            tx.appointment_insert(&dentist)?;
            assert!(tx.appointment_plan(dentist.id)?.is_usual());
            for leads in [vec![60], vec![1_440, 60]] {
                let plan = ReminderPlan { lead_minutes: Some(leads), ..ReminderPlan::default() };
                tx.appointment_plan_set(dentist.id, &plan)?;
                assert_eq!(tx.appointment_plan(dentist.id)?, plan);
            }
            Ok(())
        })
        .await;
}
