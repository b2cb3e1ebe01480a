//! Reminders: set once, called off and back, and an outcome for each.

use chrono::{DateTime, Utc};
use xswarm_core::{
    id::MessageId,
    job::{Job, JobState},
    message::{Channel, DeliveryNews as News, Direction},
    reminder::{Reminder, ReminderKind, ReminderOutcome as Outcome, ReminderStatus as Status, ReminderStep},
};
use xswarm_store::{ReminderPage, Retry, StoreError, Tx};

use crate::scratch::{Scratch, appointment, at, message, reminder};

/// What would run at `now`, put back afterwards.
fn due_jobs(tx: &Tx<'_>, now: DateTime<Utc>) -> Result<Vec<Job>, StoreError> {
    let claimed = tx.job_claim_due(100, now)?;
    tx.jobs_recover(now)?;
    Ok(claimed.into_iter().map(|one| one.job).collect())
}

fn fire(reminder: &Reminder) -> Job {
    Job::FireReminder { reminder: reminder.id }
}

fn outbound(tx: &Tx<'_>) -> Result<MessageId, StoreError> {
    let new = message(Direction::Outbound, "Reminder: call mom");
    tx.message_insert(&new, at(0))?;
    Ok(new.id)
}

#[tokio::test]
async fn setting_a_reminder_writes_its_job_and_reads_back_whole() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let set = Reminder {
        recurrence: Some("FREQ=WEEKLY;BYDAY=MO,FR".parse().unwrap()),
        series_start: at(-600),
        ..reminder(user, "call mom", at(600))
    };
    let expected = set.clone();
    scratch
        .write(move |tx| {
            tx.reminder_insert(&set, at(0))?;
            assert_eq!(due_jobs(tx, at(599))?, []);
            assert_eq!(due_jobs(tx, at(600))?, [fire(&set)]);
            Ok(())
        })
        .await;
    let id = expected.id;
    assert_eq!(scratch.reopen().read(move |rows| rows.reminder(id)).await, Some(expected));
}

#[tokio::test]
async fn what_a_person_set_is_found_behind_a_thousand_reminders_of_appointments() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let own = reminder(user, "call mom", at(9_000));
    let expected = own.id;
    let found = scratch
        .write(move |tx| {
            for n in 0..1_000 {
                let before = reminder(user, "dentist", at(n));
                tx.reminder_insert(&Reminder { kind: ReminderKind::Appointment, ..before }, at(0))?;
            }
            tx.reminder_insert(&own, at(0))?;
            tx.reminders_pending(user, &[ReminderKind::Reminder, ReminderKind::Timer], 10)
        })
        .await;
    assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), [expected]);
}

#[tokio::test]
async fn the_same_step_of_the_same_occurrence_is_set_once_per_person() {
    let scratch = Scratch::new();
    let (ada, bob) = (scratch.person("Ada").await, scratch.person("Bob").await);
    let first = reminder(ada, "call mom", at(600));
    let again = |user| Reminder { step: first.step.clone(), ..reminder(user, "call mom", at(600)) };
    let (same, for_bob) = (again(ada), again(bob));
    let others = [
        ReminderStep { generation: 1, ..first.step.clone() },
        ReminderStep { step: 1, ..first.step.clone() },
        ReminderStep { attempt: 1, ..first.step.clone() },
        ReminderStep { recurrence_id: at(601), ..first.step.clone() },
        ReminderStep { series: "another".to_owned(), ..first.step.clone() },
    ]
    .map(|step| Reminder { step, ..reminder(ada, "call mom", at(600)) });
    scratch
        .write(move |tx| {
            tx.reminder_insert(&first, at(0))?;
            assert!(matches!(tx.reminder_insert(&same, at(0)), Err(StoreError::Exists(_))));
            tx.reminder_cancel(first.id, at(1))?;
            assert!(matches!(tx.reminder_insert(&same, at(0)), Err(StoreError::Exists(_))), "after calling it off");
            tx.reminder_insert(&for_bob, at(0))?;
            for other in &others {
                tx.reminder_insert(other, at(0))?;
            }
            assert_eq!(tx.reminders(ada, Status::Pending, 99)?.len(), 5);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_duplicate_leaves_no_job_behind() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let first = reminder(user, "call mom", at(600));
    let same = Reminder { step: first.step.clone(), ..reminder(user, "call mom", at(600)) };
    let only = fire(&first);
    scratch.write(move |tx| tx.reminder_insert(&first, at(0))).await;
    scratch.store.write(move |tx| tx.reminder_insert(&same, at(0))).await.unwrap_err();
    assert_eq!(scratch.write(|tx| due_jobs(tx, at(600))).await, [only]);
}

#[tokio::test]
async fn calling_off_takes_the_job_back_and_restoring_brings_it_back() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    scratch
        .write(move |tx| {
            let set = reminder(user, "call mom", at(600));
            tx.reminder_insert(&set, at(0))?;
            for _ in 0..3 {
                tx.reminder_cancel(set.id, at(1))?;
                assert_eq!(due_jobs(tx, at(999))?, []);
                let off = tx.reminder(set.id)?.unwrap();
                assert_eq!((off.status, off.outcome), (Status::Cancelled, Some(Outcome::Cancelled)));
                assert!(matches!(tx.reminder_cancel(set.id, at(1)), Err(StoreError::Stale("reminder"))));
                tx.reminder_restore(set.id, at(2))?;
                assert_eq!(due_jobs(tx, at(599))?, [], "it came back too early");
                assert_eq!(due_jobs(tx, at(600))?, [fire(&set)]);
                assert_eq!(tx.reminder(set.id)?.as_ref(), Some(&set));
                assert!(matches!(tx.reminder_restore(set.id, at(2)), Err(StoreError::Stale("reminder"))));
            }
            Ok(())
        })
        .await;
}

/// The job had been claimed when the person called the reminder off, ran, and found nothing to say.
#[tokio::test]
async fn a_reminder_called_off_while_its_job_ran_still_fires_when_restored() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    scratch
        .write(move |tx| {
            let set = reminder(user, "call mom", at(600));
            tx.reminder_insert(&set, at(0))?;
            let claimed = tx.job_claim_due(1, at(600))?;
            tx.reminder_cancel(set.id, at(600))?;
            tx.job_finish(claimed[0].id, at(600))?;
            tx.reminder_restore(set.id, at(601))?;
            assert_eq!(due_jobs(tx, at(601))?, [fire(&set)]);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_reminder_whose_job_died_gets_a_fresh_one_when_called_off_and_restored() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    scratch
        .write(move |tx| {
            let set = reminder(user, "call mom", at(600));
            tx.reminder_insert(&set, at(0))?;
            let claimed = tx.job_claim_due(1, at(600))?;
            assert_eq!(tx.job_retry(claimed[0].id, 1, "no", None, 0, at(600))?, Retry::Dead);
            tx.reminder_cancel(set.id, at(601))?;
            tx.reminder_restore(set.id, at(602))?;
            assert_eq!(
                tx.jobs(None, 9)?.iter().map(|row| (row.state, row.attempts)).collect::<Vec<_>>(),
                [(JobState::Ready, 0)]
            );
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn restoring_while_the_job_runs_leaves_that_job_to_fire_it() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    scratch
        .write(move |tx| {
            let set = reminder(user, "call mom", at(600));
            tx.reminder_insert(&set, at(0))?;
            tx.job_claim_due(1, at(600))?;
            tx.reminder_cancel(set.id, at(600))?;
            tx.reminder_restore(set.id, at(600))?;
            assert_eq!(tx.jobs(None, 9)?.iter().map(|row| row.state).collect::<Vec<_>>(), [JobState::Running]);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_moved_appointment_s_reminders_belong_to_a_new_generation() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    scratch
        .write(move |tx| {
            let mut dentist = appointment(user, "Dentist", at(3_600), at(7_200));
            tx.appointment_insert(&dentist)?;
            let step = |generation, start| ReminderStep {
                series: dentist.id.to_string(),
                recurrence_id: start,
                generation,
                step: 0,
                attempt: 0,
            };
            let of = |step: ReminderStep, due| Reminder {
                appointment_id: Some(dentist.id),
                step,
                ..reminder(user, "Dentist", due)
            };
            // Moved away and back again: the time is that of the first generation, the step is not.
            let old = of(step(0, at(3_600)), at(2_700));
            let moved = of(step(1, at(5_400)), at(4_500));
            let back = of(step(2, at(3_600)), at(2_700));
            for (previous, next) in [(None, &old), (Some(&old), &moved), (Some(&moved), &back)] {
                if let Some(previous) = previous {
                    tx.reminder_cancel(previous.id, at(0))?;
                }
                tx.reminder_insert(next, at(0))?;
                let pending = tx.reminders_of_appointment(dentist.id)?;
                assert_eq!(pending.iter().map(|one| one.id).collect::<Vec<_>>(), [next.id]);
            }
            assert_eq!(due_jobs(tx, at(9_999))?, [fire(&back)]);
            dentist.generation = 2;
            tx.appointment_update(&dentist, xswarm_store::AppointmentChange::Always)?;
            assert_eq!(tx.appointment(dentist.id)?.map(|one| one.generation), Some(2));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_fired_reminder_is_neither_fired_nor_called_off_again() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    scratch
        .write(move |tx| {
            let set = reminder(user, "call mom", at(600));
            tx.reminder_insert(&set, at(0))?;
            let message = outbound(tx)?;
            tx.reminder_fired(set.id, (message, Channel::Sms), None, at(601))?;
            let fired = tx.reminder(set.id)?.unwrap();
            assert_eq!((fired.status, fired.outcome), (Status::Sent, None));
            assert_eq!((fired.message_id, fired.sent_at), (Some(message), Some(at(601))));
            assert!(matches!(
                tx.reminder_fired(set.id, (message, Channel::Sms), None, at(602)),
                Err(StoreError::Stale(_))
            ));
            assert!(matches!(tx.reminder_cancel(set.id, at(602)), Err(StoreError::Stale(_))));
            assert!(matches!(tx.reminder_restore(set.id, at(602)), Err(StoreError::Stale(_))));
            let expired = tx.reminder_close(set.id, Outcome::Expired, "old", at(602));
            assert!(matches!(expired, Err(StoreError::Stale(_))));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn the_outcome_follows_the_message_whatever_becomes_of_it() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let cases: [(&[News], bool, Status, Option<Outcome>); 9] = [
        (&[], false, Status::Sent, None),
        (&[News::Started], false, Status::Sent, None),
        (&[News::Started, News::Accepted], false, Status::Sent, Some(Outcome::Sent)),
        (&[News::Started, News::Accepted, News::Delivered], false, Status::Sent, Some(Outcome::Delivered)),
        (&[News::Started, News::Accepted, News::Delivered], true, Status::Sent, Some(Outcome::Late)),
        (&[News::Started, News::Unclear], false, Status::Sent, Some(Outcome::Unknown)),
        (&[News::Started, News::Unclear, News::Accepted], true, Status::Sent, Some(Outcome::Late)),
        (&[News::Started, News::Refused], true, Status::Failed, Some(Outcome::Failed)),
        (&[News::Started, News::Refused, News::Resend], false, Status::Sent, None),
    ];
    scratch
        .write(move |tx| {
            for (news, late, status, outcome) in cases {
                let set = reminder(user, "call mom", at(600));
                tx.reminder_insert(&set, at(0))?;
                let message = outbound(tx)?;
                tx.reminder_fired(set.id, (message, Channel::Sms), late.then_some("the box was off"), at(601))?;
                for one in news {
                    tx.message_news(message, *one, at(602))?;
                }
                let found = tx.reminder(set.id)?.unwrap();
                assert_eq!((found.status, found.outcome), (status, outcome), "{news:?} late={late}");
                assert_eq!(found.error_message.as_deref(), late.then_some("the box was off"));
            }
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn one_message_may_speak_for_many_reminders() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    scratch
        .write(move |tx| {
            let message = outbound(tx)?;
            for number in 0..5 {
                let set = reminder(user, "call mom", at(number));
                tx.reminder_insert(&set, at(0))?;
                tx.reminder_fired(set.id, (message, Channel::Sms), Some("late"), at(601))?;
            }
            tx.message_news(message, News::Started, at(602))?;
            tx.message_news(message, News::Accepted, at(603))?;
            let outcomes: Vec<_> = tx.reminders_all(user, 9)?.into_iter().map(|one| one.outcome).collect();
            assert_eq!(outcomes, [Some(Outcome::Late); 5]);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_reminder_can_end_unsaid_for_a_stated_reason() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    scratch
        .write(move |tx| {
            let ends = [
                (Outcome::Failed, Status::Failed),
                (Outcome::Expired, Status::Cancelled),
                (Outcome::Cancelled, Status::Cancelled),
            ];
            for (outcome, status) in ends {
                let set = reminder(user, "call mom", at(600));
                tx.reminder_insert(&set, at(0))?;
                tx.reminder_close(set.id, outcome, "because", at(700))?;
                let ended = tx.reminder(set.id)?.unwrap();
                assert_eq!((ended.status, ended.outcome), (status, Some(outcome)));
                assert_eq!((ended.error_message.as_deref(), ended.sent_at), (Some("because"), Some(at(700))));
            }
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn overdue_are_the_pending_ones_of_that_person_before_the_instant_oldest_first() {
    let scratch = Scratch::new();
    let (ada, bob) = (scratch.person("Ada").await, scratch.person("Bob").await);
    scratch
        .write(move |tx| {
            let called_off = reminder(ada, "called off", at(5));
            let rows = [
                reminder(ada, "second", at(20)),
                reminder(ada, "first", at(10)),
                reminder(ada, "at the instant", at(100)),
                reminder(bob, "his", at(10)),
                called_off.clone(),
            ];
            for row in &rows {
                tx.reminder_insert(row, at(0))?;
            }
            tx.reminder_cancel(called_off.id, at(0))?;
            let texts = |limit| {
                let found = tx.reminders_overdue(ada, at(100), limit)?;
                Ok::<_, StoreError>(found.into_iter().map(|one| one.text).collect::<Vec<_>>())
            };
            assert_eq!(texts(9)?, ["first", "second"]);
            assert_eq!(texts(1)?, ["first"]);
            let all: Vec<_> = tx.reminders_all(ada, 9)?.into_iter().map(|one| one.due).collect();
            assert_eq!(all, [100, 20, 10, 5].map(at));
            for status in [None, Some(Status::Pending)] {
                let mut wanted = ReminderPage { user_id: ada, status, after: None, limit: 9 };
                let whole: Vec<_> = tx.reminders_page(&wanted)?.into_iter().map(|one| one.id).collect();
                let mut walked = Vec::new();
                wanted.limit = 1;
                while let Some(one) = tx.reminders_page(&wanted)?.pop() {
                    wanted.after = Some((one.due, one.id));
                    walked.push(one.id);
                }
                assert_eq!(walked, whole);
            }
            Ok(())
        })
        .await;
}
