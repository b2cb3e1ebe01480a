//! The event log: append-only, each fact chained to the one before by SHA-256.
//!
//! The chain covers a digest of the data, not the data: what a fact says can be erased and the chain still verifies.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use sha2::{Digest, Sha256};
use xswarm_core::{
    admin::AuditReport,
    event::{Event, EventRow},
    id::{EventId, UserId},
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    key::hex,
    row::{instant, json_or_null, parsed, parsed_or_null},
};

const GENESIS: [u8; 32] = [0; 32];

struct Link<'a> {
    sequence: i64,
    id: &'a str,
    event_type: &'a str,
    severity: &'a str,
    user_id: Option<&'a str>,
    project_id: Option<&'a str>,
    created_at: &'a str,
    data_digest: &'a [u8],
}

impl Link<'_> {
    fn hash(&self, previous: &[u8]) -> Vec<u8> {
        let mut hasher = Sha256::new();
        hasher.update(previous);
        hasher.update(self.sequence.to_be_bytes());
        let fields = [
            Some(self.id),
            Some(self.event_type),
            Some(self.severity),
            self.user_id,
            self.project_id,
            Some(self.created_at),
        ];
        for field in fields {
            // The length keeps two neighbouring fields from being read as another pair, and none from being read as
            // empty.
            let length = field.map_or(u64::MAX, |field| u64::try_from(field.len()).unwrap_or(u64::MAX));
            hasher.update(length.to_be_bytes());
            hasher.update(field.unwrap_or_default().as_bytes());
        }
        hasher.update(self.data_digest);
        hasher.finalize().to_vec()
    }
}

const COLUMNS: &str = "id, sequence, event_type, event_data, severity, user_id, created_at, hash";

fn event(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    let hash: Vec<u8> = row.get("hash")?;
    Ok(EventRow {
        id: parsed(row, "id")?,
        sequence: row.get("sequence")?,
        event_type: row.get("event_type")?,
        event_data: json_or_null(row, "event_data")?,
        severity: parsed(row, "severity")?,
        user_id: parsed_or_null(row, "user_id")?,
        created_at: instant(row, "created_at")?,
        hash: hex(&hash),
    })
}

impl Rows<'_> {
    /// The newest facts after a sequence number, newest first.
    pub fn events(&self, after: i64, limit: u32) -> Result<Vec<EventRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM system_events WHERE sequence > ? ORDER BY sequence DESC LIMIT ?");
        self.many(&sql, params![after, limit], event)
    }

    /// The facts that follow a sequence number, in order.
    pub fn events_following(&self, after: i64, limit: u32) -> Result<Vec<EventRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM system_events WHERE sequence > ? ORDER BY sequence LIMIT ?");
        self.many(&sql, params![after, limit], event)
    }

    /// The sequence number of the latest fact; 0 before the first.
    pub fn event_last(&self) -> Result<i64, StoreError> {
        let sql = "SELECT sequence FROM system_events ORDER BY sequence DESC LIMIT 1";
        Ok(self.one(sql, [], |row| row.get(0))?.unwrap_or(0))
    }

    /// Recomputes the chain from the beginning and says where it breaks, if it does.
    pub fn audit_verify(&self) -> Result<AuditReport, StoreError> {
        let mut previous = GENESIS.to_vec();
        let mut expected = 1;
        let mut report = AuditReport { events: 0, intact: true, broken_at: None };
        let sql = "SELECT sequence, id, event_type, severity, user_id, project_id, created_at, event_data, \
                   data_digest, hash FROM system_events ORDER BY sequence";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let text = |column: &str| row.get::<_, Option<String>>(column);
            let (sequence, digest): (i64, Vec<u8>) = (row.get("sequence")?, row.get("data_digest")?);
            let (id, event_type) = (text("id")?.unwrap_or_default(), text("event_type")?.unwrap_or_default());
            let (severity, created_at) =
                (text("severity")?.unwrap_or_default(), text("created_at")?.unwrap_or_default());
            let (user_id, project_id) = (text("user_id")?, text("project_id")?);
            let hash = Link {
                sequence,
                id: &id,
                event_type: &event_type,
                severity: &severity,
                user_id: user_id.as_deref(),
                project_id: project_id.as_deref(),
                created_at: &created_at,
                data_digest: &digest,
            }
            .hash(&previous);
            let broken = if sequence != expected {
                Some(format!("fact {expected} is missing"))
            } else if row.get::<_, Vec<u8>>("hash")? != hash {
                Some(format!("fact {sequence} was altered"))
            } else {
                let data = text("event_data")?;
                data.filter(|data| Sha256::digest(data.as_bytes()).as_slice() != digest.as_slice())
                    .map(|_| format!("the data of fact {sequence} was altered"))
            };
            if let Some(broken) = broken {
                return Ok(AuditReport { intact: false, broken_at: Some(broken), ..report });
            }
            report.events += 1;
            expected += 1;
            previous = hash;
        }
        Ok(report)
    }
}

impl Tx<'_> {
    /// Appends a fact.
    pub fn event_append(&self, event: &Event, user: Option<UserId>, now: DateTime<Utc>) -> Result<(), StoreError> {
        let tagged = serde_json::to_value(event)?;
        let event_type = tagged.get("event_type").and_then(serde_json::Value::as_str).unwrap_or_default();
        let data = tagged.get("event_data").cloned().unwrap_or_default().to_string();
        let last = "SELECT sequence, hash FROM system_events ORDER BY sequence DESC LIMIT 1";
        let (sequence, previous) = self
            .one(last, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))?
            .unwrap_or((0, GENESIS.to_vec()));
        let (id, created_at) = (EventId::new(now).to_string(), to_text(now));
        let user = user.map(|user| user.to_string());
        let link = Link {
            sequence: sequence + 1,
            id: &id,
            event_type,
            severity: event.severity().as_str(),
            user_id: user.as_deref(),
            project_id: None,
            created_at: &created_at,
            data_digest: &Sha256::digest(data.as_bytes()),
        };
        let sql = "INSERT INTO system_events (id, event_type, event_data, severity, user_id, project_id, created_at, \
                   sequence, data_digest, hash) VALUES (?, ?, ?, ?, ?, NULL, ?, ?, ?, ?)";
        self.run_one(
            "event",
            sql,
            params![
                id,
                event_type,
                data,
                link.severity,
                user,
                created_at,
                link.sequence,
                link.data_digest,
                link.hash(&previous)
            ],
        )
    }
}
