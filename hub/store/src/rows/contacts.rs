//! Contacts, and who a sender is.

use chrono::{DateTime, Duration, Utc};
use rusqlite::{Row, named_params, params};
use xswarm_core::{
    contact::{Contact, ContactDetails},
    id::{AppointmentId, ContactId, UserId},
    phone::Phone,
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, json, parsed},
};

const COLUMNS: &str =
    "id, user_id, name, nicknames, phones, mails, relation, notes, source, uid, created_at, updated_at";

fn contact(row: &Row<'_>) -> rusqlite::Result<Contact> {
    Ok(Contact {
        id: parsed(row, "id")?,
        user_id: parsed(row, "user_id")?,
        details: ContactDetails {
            name: row.get("name")?,
            nicknames: json(row, "nicknames")?,
            phones: json(row, "phones")?,
            mails: json(row, "mails")?,
            relation: row.get("relation")?,
            notes: row.get("notes")?,
        },
        source: parsed(row, "source")?,
        uid: row.get("uid")?,
        created_at: instant(row, "created_at")?,
        updated_at: instant(row, "updated_at")?,
    })
}

impl Rows<'_> {
    /// A person's contacts, by name.
    pub fn contacts(&self, user: UserId) -> Result<Vec<Contact>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM contacts WHERE user_id = ? ORDER BY name, id");
        self.many(&sql, [user.to_string()], contact)
    }

    /// How many contacts a person has.
    pub fn contact_count(&self, user: UserId) -> Result<u64, StoreError> {
        self.count("SELECT count(*) FROM contacts WHERE user_id = ?", [user.to_string()])
    }

    /// One contact.
    pub fn contact(&self, id: ContactId) -> Result<Option<Contact>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM contacts WHERE id = ?"), [id.to_string()], contact)
    }

    /// Those whose telephone or mail address this is, of whichever person, the oldest first.
    pub fn contacts_at(&self, address: &str) -> Result<Vec<Contact>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM contacts WHERE id IN (SELECT contact_id FROM contact_addresses WHERE address = ?) \
             ORDER BY created_at, id"
        );
        self.many(&sql, [address], contact)
    }

    /// How many known senders were answered since an instant.
    pub fn contacts_answered_since(&self, since: DateTime<Utc>) -> Result<u64, StoreError> {
        self.count("SELECT count(*) FROM contacts_answered WHERE answered_at >= ?", [to_text(since)])
    }

    /// Which contacts the names of those who take part stand for.
    pub fn appointment_contacts(&self, id: AppointmentId) -> Result<Vec<(String, ContactId)>, StoreError> {
        let sql = "SELECT name, contact_id FROM appointment_contacts WHERE appointment_id = ? ORDER BY name";
        self.many(sql, [id.to_string()], |row| Ok((row.get("name")?, parsed(row, "contact_id")?)))
    }
}

impl Tx<'_> {
    /// Adds a contact. [`StoreError::Exists`] when the person has one of this `uid`.
    pub fn contact_insert(&self, new: &Contact) -> Result<(), StoreError> {
        let sql = "INSERT INTO contacts (id, user_id, name, nicknames, phones, mails, relation, notes, source, uid, \
                   created_at, updated_at) VALUES (:id, :user_id, :name, :nicknames, :phones, :mails, :relation, \
                   :notes, :source, :uid, :created_at, :updated_at)";
        self.contact_write(sql, new)
    }

    /// Replaces what is known of a contact.
    pub fn contact_update(&self, new: &Contact) -> Result<(), StoreError> {
        let sql = "UPDATE contacts SET user_id = :user_id, name = :name, nicknames = :nicknames, phones = :phones, \
                   mails = :mails, relation = :relation, notes = :notes, source = :source, uid = :uid, \
                   created_at = :created_at, updated_at = :updated_at WHERE id = :id";
        self.contact_write(sql, new)
    }

    fn contact_write(&self, sql: &str, new: &Contact) -> Result<(), StoreError> {
        let ContactDetails { name, nicknames, phones, mails, relation, notes } = &new.details;
        let id = new.id.to_string();
        self.run_one(
            "contact",
            sql,
            named_params! {
                ":id": id,
                ":user_id": new.user_id.to_string(),
                ":name": name,
                ":nicknames": serde_json::to_string(nicknames)?,
                ":phones": serde_json::to_string(phones)?,
                ":mails": serde_json::to_string(mails)?,
                ":relation": relation,
                ":notes": notes,
                ":source": new.source.as_str(),
                ":uid": new.uid,
                ":created_at": to_text(new.created_at),
                ":updated_at": to_text(new.updated_at),
            },
        )?;
        self.run("DELETE FROM contact_addresses WHERE contact_id = ?", [&id])?;
        for address in phones.iter().map(Phone::as_str).chain(mails.iter().map(String::as_str)) {
            let sql = "INSERT OR IGNORE INTO contact_addresses (address, contact_id) VALUES (?, ?)";
            self.run(sql, params![address, id])?;
        }
        Ok(())
    }

    /// Deletes a contact. Whether it was there.
    pub fn contact_delete(&self, id: ContactId) -> Result<bool, StoreError> {
        Ok(self.run("DELETE FROM contacts WHERE id = ?", [id.to_string()])? == 1)
    }

    /// Whether a known sender is to be answered: true once a day.
    pub fn contact_answer_due(&self, address: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql = "INSERT INTO contacts_answered (address, answered_at) VALUES (?1, ?2) \
                   ON CONFLICT (address) DO UPDATE SET answered_at = ?2 WHERE answered_at <= ?3";
        Ok(self.run(sql, params![address, to_text(now), to_text(now - Duration::days(1))])? == 1)
    }

    /// Notes which contact the name of somebody who takes part stands for.
    pub fn appointment_contact_set(
        &self,
        appointment: AppointmentId,
        name: &str,
        contact: ContactId,
    ) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO appointment_contacts (appointment_id, name, contact_id) VALUES (?, ?, ?)";
        self.run_one("participant", sql, params![appointment.to_string(), name, contact.to_string()])
    }
}
