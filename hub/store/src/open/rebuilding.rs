//! Migrations that make a table anew, run on databases that hold something.

use xswarm_core::reminder::{ReminderOutcome, ReminderStatus};

use super::{tests::writable, *};
use crate::Tx;

/// An appointment with its pending reminder, and a timer that was told late, as version 2 had them.
const OLD: &str = "INSERT INTO users (id, name, timezone, created_at, updated_at)
                 VALUES ('019abcde-0000-7000-8000-000000000001', 'Ada', 'Europe/Berlin', '2026-03-01T00:00:00.000Z',
                 '2026-03-01T00:00:00.000Z');
             INSERT INTO appointments (id, user_id, title, start_time, end_time, timezone, reminder_minutes, status,
                 created_at, updated_at) VALUES ('019abcde-0000-7000-8000-000000000002',
                 '019abcde-0000-7000-8000-000000000001', 'Dentist', '2026-03-02T14:00:00.000Z',
                 '2026-03-02T15:00:00.000Z', 'Europe/Berlin', 30, 'confirmed', '2026-03-01T00:00:00.000Z',
                 '2026-03-01T00:00:00.000Z');
             INSERT INTO appointment_reminders (id, appointment_id, user_id, reminder_time, method, status, created_at,
                 kind, text, timezone, series, series_start, recurrence_id, generation)
                 VALUES ('019abcde-0000-7000-8000-000000000003', '019abcde-0000-7000-8000-000000000002',
                 '019abcde-0000-7000-8000-000000000001', '2026-03-02T13:30:00.000Z', 'sms', 'pending',
                 '2026-03-01T00:00:00.000Z', 'appointment', 'Dentist', 'Europe/Berlin',
                 '019abcde-0000-7000-8000-000000000002', '2026-03-02T14:00:00.000Z', '2026-03-02T14:00:00.000Z', 4);
             INSERT INTO appointment_reminders (id, user_id, reminder_time, method, status, created_at, sent_at, kind,
                 text, timezone, series, series_start, recurrence_id, outcome, late, error_message, message_id,
                 retry_count) VALUES ('019abcde-0000-7000-8000-000000000004', '019abcde-0000-7000-8000-000000000001',
                 '2026-03-01T13:30:00.000Z', 'sms', 'sent', '2026-03-01T00:00:00.000Z', '2026-03-01T14:30:00.000Z',
                 'timer', 'pasta', 'Europe/Berlin', 's', '2026-03-01T13:30:00.000Z', '2026-03-01T13:30:00.000Z', 'late',
                 1, 'the box was off', '019abcde-0000-7000-8000-000000000009', 2);";

#[test]
fn a_database_from_before_the_ladders_keeps_its_reminders() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options::new(dir.path());
    let (path, connection) = (options.database_path(), writable(&options));
    migrate(&connection, &path, 0, false, &MIGRATIONS[..2]).unwrap();
    connection.execute_batch(OLD).unwrap();
    migrate(&connection, &path, 2, true, MIGRATIONS).unwrap();
    let tx = Tx::new(&connection);
    let read = |last: u32| {
        let id = format!("019abcde-0000-7000-8000-00000000000{last}").parse().unwrap();
        tx.reminder(id).unwrap().unwrap()
    };
    let (dentist, pasta) = (read(3), read(4));
    assert_eq!((dentist.step.step, dentist.step.generation, dentist.status), (30, 4, ReminderStatus::Pending));
    assert!(dentist.plan.is_usual() && dentist.progress.on_behalf_of.is_none());
    assert_eq!((pasta.outcome, pasta.progress.retry_count), (Some(ReminderOutcome::Late), 2));
    assert_eq!(pasta.error_message.as_deref(), Some("the box was off"));
    assert!(pasta.message_id.is_some() && pasta.sent_at.is_some());
    tx.reminder_cancel(dentist.id, dentist.due).unwrap();
    tx.reminder_restore(dentist.id, dentist.due).unwrap();
    let broken: i64 =
        connection.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
    assert_eq!(broken, 0);
}
