//! Migrations that make a table anew, or an index of what is there, run on databases that hold something.

use xswarm_core::reminder::{ReminderOutcome, ReminderStatus};

use super::{tests::writable, *};
use crate::Tx;

/// A person, as ever since version 1.
const OLD_PERSON: &str = "INSERT INTO users (id, name, timezone, created_at, updated_at)
                 VALUES ('019abcde-0000-7000-8000-000000000001', 'Ada', 'Europe/Berlin', '2026-03-01T00:00:00.000Z',
                 '2026-03-01T00:00:00.000Z');";

/// An appointment with its pending reminder, and a timer that was told late, as version 2 had them.
const OLD: &str =
    "INSERT INTO appointments (id, user_id, title, start_time, end_time, timezone, reminder_minutes, status,
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
    connection.execute_batch(OLD_PERSON).unwrap();
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

#[test]
fn what_was_said_before_there_was_an_index_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options::new(dir.path());
    let (path, connection) = (options.database_path(), writable(&options));
    migrate(&connection, &path, 0, false, &MIGRATIONS[..9]).unwrap();
    connection.execute_batch(OLD_PERSON).unwrap();
    let insert = "INSERT INTO communication_logs (id, user_id, channel, direction, message_content, metadata, status, \
                  created_at) VALUES (?, ?, 'sms', 'inbound', ?, ?, 'processed', ?)";
    let ada = "019abcde-0000-7000-8000-000000000001";
    let tainted = r#"{"tainted": [{"text": "the boiler, quoted", "source": "quoted"}]}"#;
    for (n, user, text, metadata) in [
        (5, Some(ada), "the boiler makes noises", "{}"),
        (6, Some(ada), "see below", tainted),
        (7, None, "a stranger's boiler", "{}"),
    ] {
        let (id, at) = (format!("019abcde-0000-7000-8000-00000000000{n}"), format!("2026-03-01T00:00:0{n}.000Z"));
        connection.execute(insert, rusqlite::params![id, user, text, metadata, at]).unwrap();
    }
    migrate(&connection, &path, 9, true, MIGRATIONS).unwrap();
    let found = Tx::new(&connection).search(ada.parse().unwrap(), "boiler", 9).unwrap();
    let snippets: Vec<_> = found.iter().map(|hit| hit.snippet.as_str()).collect();
    assert_eq!(snippets, ["the boiler, quoted", "the boiler makes noises"]);
}

/// Ada spoke by text and at the console, with a question in each; Bob by text alone. Jobs of both of Ada's conversations
/// were at the heads of their lanes when the hub ended.
const SEVERAL_CONVERSATIONS: &str =
    "INSERT INTO users (id, name, timezone, created_at, updated_at) VALUES
         ('ada', 'Ada', 'Europe/Berlin', '2026-03-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'),
         ('bob', 'Bob', 'Europe/Berlin', '2026-03-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z');
     INSERT INTO conversations (id, user_id, channel, question, question_expires_at, created_at) VALUES
         ('c2', 'ada', 'console', '\"Where?\"', '2026-03-01T13:00:00.000Z', '2026-03-01T02:00:00.000Z'),
         ('c1', 'ada', 'sms', '\"When?\"', '2026-03-01T12:00:00.000Z', '2026-03-01T01:00:00.000Z'),
         ('c4', 'ada', 'email', NULL, NULL, '2026-03-01T04:00:00.000Z'),
         ('c3', 'bob', 'sms', NULL, NULL, '2026-03-01T03:00:00.000Z');
     INSERT INTO communication_logs (id, user_id, conversation_id, channel, direction, message_content, status, created_at)
         VALUES ('m1', 'ada', 'c1', 'sms', 'outbound', 'When?', 'sent', '2026-03-01T00:00:00.000Z'),
         ('m2', 'ada', 'c2', 'console', 'outbound', 'Where?', 'delivered', '2026-03-01T01:00:00.000Z'),
         ('m3', 'ada', 'c1', 'sms', 'inbound', 'at 3', 'pending', '2026-03-01T02:00:00.000Z'),
         ('m4', 'bob', 'c3', 'sms', 'inbound', 'hello', 'pending', '2026-03-01T02:00:00.000Z'),
         ('m5', NULL, NULL, 'sms', 'inbound', 'who?', 'processed', '2026-03-01T02:00:00.000Z');
     INSERT INTO jobs (id, kind, key, payload, lane, due_at, state, created_at, updated_at) VALUES
         (1, 'answer', 'k1', '{}', 'conversation/c1', '2026-03-01T00:00:00.000Z', 'done', '', ''),
         (2, 'answer', 'k2', '{}', 'conversation/c2', '2026-03-01T00:00:00.000Z', 'running', '', ''),
         (3, 'answer', 'k3', '{}', 'conversation/c1', '2026-03-01T00:00:00.000Z', 'ready', '', ''),
         (4, 'answer', 'k4', '{}', 'conversation/c2', '2026-03-01T00:00:00.000Z', 'waiting', '', ''),
         (5, 'answer', 'k5', '{}', 'conversation/c2', '2026-03-01T00:00:00.000Z', 'dead', '', ''),
         (6, 'answer', 'k6', '{}', 'conversation/c3', '2026-03-01T00:00:00.000Z', 'ready', '', ''),
         (7, 'deliver', 'k7', '{}', 'sms/+1', '2026-03-01T00:00:00.000Z', 'ready', '', ''),
         (8, 'deliver', 'k8', '{}', 'sms/+1', '2026-03-01T00:00:00.000Z', 'waiting', '', '');";

#[test]
fn a_database_with_a_conversation_for_each_channel_gets_one_for_each_person() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options::new(dir.path());
    let (path, connection) = (options.database_path(), writable(&options));
    migrate(&connection, &path, 0, false, &MIGRATIONS[..9]).unwrap();
    connection.execute_batch(SEVERAL_CONVERSATIONS).unwrap();
    migrate(&connection, &path, 9, true, MIGRATIONS).unwrap();
    let lines = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let conversations = "SELECT concat_ws(' ', id, user_id, question, question_message_id, question_expires_at) \
                         FROM conversations ORDER BY id";
    assert_eq!(lines(conversations), ["c1 ada \"Where?\" m2 2026-03-01T13:00:00.000Z", "c3 bob"]);
    let messages = "SELECT concat_ws(' ', id, conversation_id) FROM communication_logs ORDER BY id";
    assert_eq!(lines(messages), ["m1 c1", "m2 c1", "m3 c1", "m4 c3", "m5"]);
    let jobs = "SELECT concat_ws(' ', id, lane, state) FROM jobs ORDER BY id";
    assert_eq!(
        lines(jobs),
        [
            "1 conversation/c1 done",
            "2 conversation/c1 ready",
            "3 conversation/c1 waiting",
            "4 conversation/c1 waiting",
            "5 conversation/c1 dead",
            "6 conversation/c3 ready",
            "7 sms/+1 ready",
            "8 sms/+1 waiting",
        ]
    );
    assert_eq!(lines("SELECT 'broken' FROM pragma_foreign_key_check"), Vec::<String>::new());
    assert_eq!(lines("SELECT name FROM sqlite_temp_schema"), Vec::<String>::new());
}
