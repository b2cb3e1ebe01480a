//! The reckoning: the providers' ledgers against the database.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    path::Path,
};

use super::thinking;
use xswarm_tests::{
    database::Database,
    twilio::{Direction, Resource},
};

/// What a provider brought.
pub(super) struct Came {
    /// Its id, as the ledger has it.
    pub(super) id: String,
    pub(super) body: String,
    /// Whether the hub said that it took it.
    pub(super) accepted: bool,
}

/// What a provider was given.
#[derive(Debug)]
pub(super) struct Went {
    /// The row that it was sent for.
    pub(super) row: String,
    /// The provider's id.
    pub(super) id: String,
    pub(super) body: String,
}

/// What the providers know.
#[derive(Default)]
pub(super) struct Providers {
    pub(super) came: Vec<Came>,
    pub(super) went: Vec<Went>,
}

impl Providers {
    pub(super) fn append(&mut self, mut other: Self) {
        self.came.append(&mut other.came);
        self.went.append(&mut other.went);
    }
}

/// What Twilio knows.
pub(super) fn texts(ledger: &[Resource], accepted: &HashSet<String>) -> Providers {
    let mut all = Providers::default();
    for text in ledger {
        let (id, body) = (text.sid.clone(), text.body.clone());
        match text.direction {
            Direction::Inbound => all.came.push(Came { accepted: accepted.contains(&id), id, body }),
            Direction::OutboundApi => {
                all.went.push(Went { row: text.row().expect("a status callback").to_owned(), id, body });
            }
        }
    }
    all
}

/// What happened, for the reader.
pub(super) struct Summary {
    came: usize,
    accepted: usize,
    wishes: usize,
    sent: usize,
    unknown: usize,
    reminders: usize,
    late: usize,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { came, accepted, wishes, sent, unknown, reminders, late } = self;
        write!(
            f,
            "{came} texts and mails came in ({accepted} were answered with 2xx, the others found in the list), "
        )?;
        write!(f, "{wishes} of them were wishes that only a model understands, ")?;
        write!(f, "{sent} went out, {unknown} stayed unknown, {reminders} reminders fired ({late} late)")
    }
}

/// A row of the ledger.
struct Row {
    id: String,
    direction: String,
    status: String,
    provider_id: Option<String>,
    in_reply_to: Option<String>,
    holding: bool,
}

fn ledger(database: &Database) -> Vec<Row> {
    // The console shows what it has when somebody looks; nobody does, and the provider knows nothing of it.
    let sql = "SELECT id, direction, status, coalesce(metadata ->> '$.received.message_id', provider_id) AS provider_id, \
               in_reply_to, metadata ->> '$.holding' IS NOT NULL FROM communication_logs WHERE channel <> 'console'";
    database.query(sql, [], |row| {
        Ok(Row {
            id: row.get(0)?,
            direction: row.get(1)?,
            status: row.get(2)?,
            provider_id: row.get(3)?,
            in_reply_to: row.get(4)?,
            holding: row.get(5)?,
        })
    })
}

/// Fails unless both agree.
pub(super) fn settle(state_dir: &Path, providers: &Providers) -> Summary {
    let database = Database::open(state_dir);
    let rows = ledger(&database);
    let mut by_provider_id: HashMap<&str, Vec<&Row>> = HashMap::new();
    let mut answers: HashMap<&str, Vec<&Row>> = HashMap::new();
    for row in &rows {
        if let Some(id) = &row.provider_id {
            by_provider_id.entry(id).or_default().push(row);
        }
        // "One moment" is not the answer.
        if let Some(id) = row.in_reply_to.as_ref().filter(|_| !row.holding) {
            answers.entry(id).or_default().push(row);
        }
    }
    // Every text is recorded once and answered once, whether we said 2xx or only the provider's list told of it.
    for message in &providers.came {
        let said = if message.accepted { "accepted with 2xx" } else { "in the list" };
        let recorded = by_provider_id.get(message.id.as_str()).map_or(&[][..], Vec::as_slice);
        let [row] = recorded else { panic!("`{}` ({said}) was recorded {} times", message.body, recorded.len()) };
        assert_eq!(row.status, "processed", "`{}` ({said})", message.body);
        let answers = answers.get(row.id.as_str()).map_or(0, Vec::len);
        assert_eq!(answers, 1, "`{}` ({said}) was answered {answers} times", message.body);
    }
    assert_eq!(rows.iter().filter(|row| row.direction == "inbound").count(), providers.came.len(), "invented messages");

    let wishes = thinking::settle(&database, providers.came.iter().map(|message| message.body.as_str()));

    // What we say was sent was sent once; what we do not know was sent once at most.
    let mut taken: HashMap<&str, Vec<&Went>> = HashMap::new();
    for message in &providers.went {
        taken.entry(&message.row).or_default().push(message);
    }
    let mut unknown = 0;
    for row in rows.iter().filter(|row| row.direction == "outbound") {
        let taken = taken.remove(row.id.as_str()).unwrap_or_default();
        assert!(taken.len() <= 1, "sent {} times: `{}`", taken.len(), taken[0].body);
        match row.status.as_str() {
            "sent" | "delivered" => {
                let [one] = taken.as_slice() else { panic!("{} is {} and was never sent", row.id, row.status) };
                assert_eq!(row.provider_id.as_deref(), Some(one.id.as_str()));
            }
            "unknown" => unknown += 1,
            other => panic!("{} ended as {other}", row.id),
        }
    }
    assert!(taken.is_empty(), "sent without a row: {taken:#?}");

    let (reminders, late) = reminders(&database, &providers.went);
    effects(&database, &providers.came);
    let open = database.count(
        "SELECT count(*) FROM jobs WHERE state NOT IN ('done', 'ready') \
         OR (state = 'ready' AND kind NOT IN ('fire_reminder', 'continue_reminder', 'resolve_delivery', 'catch_up_inbound', 'sweep'))",
    );
    assert_eq!(open, 0, "jobs are left");
    let accepted = providers.came.iter().filter(|message| message.accepted).count();
    Summary { came: providers.came.len(), accepted, wishes, sent: providers.went.len(), unknown, reminders, late }
}

/// A reminder's row, and its message's status.
struct Due {
    series: String,
    text: String,
    channel: String,
    outcome: Option<String>,
    message_status: Option<String>,
    urgent: bool,
    repetition: u32,
    attempt: u32,
}

fn due(database: &Database) -> Vec<Due> {
    let sql = "SELECT r.series, r.text, r.method, r.outcome, m.status, coalesce(r.plan ->> 'urgent', 0), r.repetition,
               r.attempt FROM appointment_reminders r LEFT JOIN communication_logs m ON m.id = r.message_id
               WHERE r.reminder_time < strftime('%Y-%m-%dT%H:%M:%fZ', 'now') AND r.remaining_ms IS NULL";
    database.query(sql, [], |row| {
        Ok(Due {
            series: row.get(0)?,
            text: row.get(1)?,
            channel: row.get(2)?,
            outcome: row.get(3)?,
            message_status: row.get(4)?,
            urgent: row.get(5)?,
            repetition: row.get(6)?,
            attempt: row.get(7)?,
        })
    })
}

/// Every step that was due has one final state, and was said once; every ladder went on as far as it should.
fn reminders(database: &Database, went: &[Went]) -> (usize, usize) {
    let due = due(database);
    let mut late = 0;
    let mut ladders: HashMap<&str, Vec<&Due>> = HashMap::new();
    for one in &due {
        let Due { text, channel, .. } = one;
        let outcome = one.outcome.as_deref().unwrap_or_else(|| panic!("`{text}` has no final state"));
        let message = one.message_status.as_deref().unwrap_or_else(|| panic!("`{text}` was said by no message"));
        late += usize::from(outcome == "late");
        // The console shows what it has when somebody looks; nobody does.
        let agrees = match (outcome, channel.as_str()) {
            ("late" | "sent", "console") => message == "pending",
            ("late", _) => ["sent", "delivered"].contains(&message),
            (other, _) => other == message,
        };
        assert!(agrees, "`{text}` by {channel} is {outcome}, its message {message}");
        ladders.entry(&one.series).or_default().push(one);
    }
    for ladder in ladders.values() {
        let text = &ladder[0].text;
        let first = ladder.iter().filter(|one| one.attempt == 0).count();
        assert_eq!(first, 1, "`{text}` began {first} times");
        let again = ladder.iter().any(|one| one.repetition == 1);
        assert_eq!(again, ladder[0].urgent, "`{text}`: repeated {again}");
        if text.starts_with("check item") {
            let said = |sent: &&Went| {
                let parts = [format!("Reminder: {text}"), format!("late: {text}")];
                parts.iter().any(|part| sent.body.contains(part.as_str()))
            };
            let said = went.iter().filter(said).count();
            let sent = || ladder.iter().filter(|one| one.channel != "console");
            let unclear = sent().filter(|one| one.outcome.as_deref() == Some("unknown")).count();
            let most = sent().count();
            assert!(
                (most - unclear..=most).contains(&said),
                "`{text}` was said {said} of {most} times ({unclear} unclear)"
            );
        }
    }
    (due.len(), late)
}

/// Every wish was done once.
fn effects(database: &Database, came: &[Came]) {
    let count =
        |sql: &str, like: &str| -> i64 { database.query(sql, [like], |row| row.get(0)).pop().expect("a number") };
    for message in came {
        let Some((_, rest)) = message.body.split_once("item ") else { continue };
        let item = format!("%item {}%", &rest[..6]);
        let done = if message.body.starts_with("Schedule") {
            count("SELECT count(*) FROM appointments WHERE title LIKE ?1", &item)
        } else {
            count(
                "SELECT count(DISTINCT series) FROM appointment_reminders WHERE kind = 'reminder' AND text LIKE ?1",
                &item,
            )
        };
        assert_eq!(done, 1, "`{}` was done {done} times", message.body);
    }
    let timers = came.iter().filter(|message| message.body.starts_with("set a timer")).count();
    let set = database.count("SELECT count(DISTINCT series) FROM appointment_reminders WHERE kind = 'timer'");
    assert_eq!(usize::try_from(set), Ok(timers), "timers");
}
