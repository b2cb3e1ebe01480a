//! Persons.

use rusqlite::{Row, named_params};
use xswarm_core::{
    id::UserId,
    phone::Phone,
    time::to_text,
    user::{Role, User},
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, json, parsed, parsed_or_null},
};

const COLUMNS: &str = "id, email, phone, name, timezone, preferences, boss_phone, boss_email, \
    can_provision_numbers, role, created_at, updated_at";

fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: parsed(row, "id")?,
        email: row.get("email")?,
        phone: parsed_or_null(row, "phone")?,
        name: row.get("name")?,
        timezone: parsed(row, "timezone")?,
        preferences: json(row, "preferences")?,
        boss_phone: parsed_or_null(row, "boss_phone")?,
        boss_email: row.get("boss_email")?,
        can_provision_numbers: row.get("can_provision_numbers")?,
        role: parsed(row, "role")?,
        created_at: instant(row, "created_at")?,
        updated_at: instant(row, "updated_at")?,
    })
}

impl Rows<'_> {
    /// Everybody, in the order they were added.
    pub fn users(&self) -> Result<Vec<User>, StoreError> {
        self.many(&format!("SELECT {COLUMNS} FROM users ORDER BY created_at, id"), [], user)
    }

    /// One person.
    pub fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM users WHERE id = ?"), [id.to_string()], user)
    }

    /// Whose telephone it is.
    pub fn user_by_phone(&self, phone: &Phone) -> Result<Option<User>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM users WHERE phone = ?"), [phone.as_str()], user)
    }

    /// Whose mail address it is.
    pub fn user_by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM users WHERE email = ?"), [email], user)
    }

    /// The admin who was added first: who speaks at the console unless told otherwise.
    pub fn user_first_admin(&self) -> Result<Option<User>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM users WHERE role = ? ORDER BY created_at, id LIMIT 1");
        self.one(&sql, [Role::Admin.as_str()], user)
    }

    /// Every number that persons reach the Boss by, beyond the configured one.
    pub fn boss_phones(&self) -> Result<Vec<Phone>, StoreError> {
        let sql = "SELECT DISTINCT boss_phone FROM users WHERE boss_phone IS NOT NULL ORDER BY boss_phone";
        self.many(sql, [], |row| parsed(row, "boss_phone"))
    }
}

impl Rows<'_> {
    /// Every mail address that persons reach the Boss by, beyond the configured one.
    pub fn boss_emails(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT boss_email FROM users WHERE boss_email IS NOT NULL ORDER BY boss_email";
        self.many(sql, [], |row| row.get(0))
    }
}

impl Tx<'_> {
    /// Adds a person. [`StoreError::Exists`] when the mail address or telephone is somebody's.
    pub fn user_insert(&self, user: &User) -> Result<(), StoreError> {
        let sql = "INSERT INTO users (id, email, phone, name, timezone, preferences, boss_phone, boss_email, \
                   can_provision_numbers, role, created_at, updated_at) \
                   VALUES (:id, :email, :phone, :name, :timezone, :preferences, :boss_phone, :boss_email, \
                   :can_provision_numbers, :role, :created_at, :updated_at)";
        self.user_write(sql, user)
    }

    /// Replaces a person's details.
    pub fn user_update(&self, user: &User) -> Result<(), StoreError> {
        let sql = "UPDATE users SET email = :email, phone = :phone, name = :name, timezone = :timezone, \
                   preferences = :preferences, boss_phone = :boss_phone, boss_email = :boss_email, \
                   can_provision_numbers = :can_provision_numbers, role = :role, created_at = :created_at, \
                   updated_at = :updated_at WHERE id = :id";
        self.user_write(sql, user)
    }

    fn user_write(&self, sql: &str, user: &User) -> Result<(), StoreError> {
        self.run_one(
            "person",
            sql,
            named_params! {
                ":id": user.id.to_string(),
                ":email": user.email,
                ":phone": user.phone.as_ref().map(Phone::as_str),
                ":name": user.name,
                ":timezone": user.timezone.name(),
                ":preferences": user.preferences.to_string(),
                ":boss_phone": user.boss_phone.as_ref().map(Phone::as_str),
                ":boss_email": user.boss_email,
                ":can_provision_numbers": user.can_provision_numbers,
                ":role": user.role.as_str(),
                ":created_at": to_text(user.created_at),
                ":updated_at": to_text(user.updated_at),
            },
        )
    }

    /// Removes a person with all that is theirs. The provider ids of their messages stay, hashed.
    pub fn user_delete(&self, id: UserId, now: chrono::DateTime<chrono::Utc>) -> Result<(), StoreError> {
        self.provider_ids_remember("user_id = ?1", &id.to_string(), now)?;
        self.run_one("person", "DELETE FROM users WHERE id = ?", [id.to_string()])
    }
}
