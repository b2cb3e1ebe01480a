//! Lists and what is on them.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use xswarm_core::{
    id::{ListId, ListItemId, UserId},
    list::{List, ListItem},
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, instant_or_null, parsed, parsed_or_null},
};

const LIST: &str = "id, user_id, name, created_at, updated_at";
const ITEM: &str = "id, list_id, position, text, done_at, added_by, created_at";

fn list(row: &Row<'_>) -> rusqlite::Result<List> {
    Ok(List {
        id: parsed(row, "id")?,
        user_id: parsed_or_null(row, "user_id")?,
        name: row.get("name")?,
        created_at: instant(row, "created_at")?,
        updated_at: instant(row, "updated_at")?,
    })
}

fn item(row: &Row<'_>) -> rusqlite::Result<ListItem> {
    Ok(ListItem {
        id: parsed(row, "id")?,
        list_id: parsed(row, "list_id")?,
        position: row.get("position")?,
        text: row.get("text")?,
        done_at: instant_or_null(row, "done_at")?,
        added_by: parsed_or_null(row, "added_by")?,
        created_at: instant(row, "created_at")?,
    })
}

impl Rows<'_> {
    /// The lists that a person sees: their own, then the household's, each by name.
    pub fn lists(&self, user: UserId) -> Result<Vec<List>, StoreError> {
        let sql =
            format!("SELECT {LIST} FROM lists WHERE coalesce(user_id, '') IN (?, '') ORDER BY user_id IS NULL, name");
        self.many(&sql, [user.to_string()], list)
    }

    /// One list.
    pub fn list(&self, id: ListId) -> Result<Option<List>, StoreError> {
        self.one(&format!("SELECT {LIST} FROM lists WHERE id = ?"), [id.to_string()], list)
    }

    /// What is on a list, in order, done or not.
    pub fn list_items(&self, id: ListId) -> Result<Vec<ListItem>, StoreError> {
        let sql = format!("SELECT {ITEM} FROM list_items WHERE list_id = ? ORDER BY position, id");
        self.many(&sql, [id.to_string()], item)
    }

    /// One item.
    pub fn list_item(&self, id: ListItemId) -> Result<Option<ListItem>, StoreError> {
        self.one(&format!("SELECT {ITEM} FROM list_items WHERE id = ?"), [id.to_string()], item)
    }
}

impl Tx<'_> {
    /// Adds a list. [`StoreError::Exists`] when its owner has one of that name.
    pub fn list_insert(&self, new: &List) -> Result<(), StoreError> {
        let sql = "INSERT INTO lists (id, user_id, name, created_at, updated_at) VALUES (?, ?, ?, ?, ?)";
        let user = new.user_id.map(|user| user.to_string());
        let values = params![new.id.to_string(), user, new.name, to_text(new.created_at), to_text(new.updated_at)];
        self.run_one("list", sql, values)
    }

    /// Renames a list. [`StoreError::Exists`] when its owner has one of that name.
    pub fn list_rename(&self, id: ListId, name: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE lists SET name = ?, updated_at = ? WHERE id = ?";
        self.run_one("list", sql, params![name, to_text(now), id.to_string()])
    }

    /// Notes that a list changed.
    pub fn list_touch(&self, id: ListId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.run_one("list", "UPDATE lists SET updated_at = ? WHERE id = ?", params![to_text(now), id.to_string()])
    }

    /// Deletes a list with all that is on it. Whether it was there.
    pub fn list_delete(&self, id: ListId) -> Result<bool, StoreError> {
        Ok(self.run("DELETE FROM lists WHERE id = ?", [id.to_string()])? == 1)
    }

    /// Puts an item on its list. False, and nothing done, when it is there, or an open one of the same text is.
    pub fn list_item_insert(&self, new: &ListItem) -> Result<bool, StoreError> {
        let sql = "INSERT OR IGNORE INTO list_items (id, list_id, position, text, done_at, added_by, created_at) \
                   VALUES (?, ?, ?, ?, ?, ?, ?)";
        let values = params![
            new.id.to_string(),
            new.list_id.to_string(),
            new.position,
            new.text,
            new.done_at.map(to_text),
            new.added_by.map(|user| user.to_string()),
            to_text(new.created_at)
        ];
        Ok(self.run(sql, values)? == 1)
    }

    /// Changes text, place and whether it is done. [`StoreError::Exists`] when an open one of the same text is there.
    pub fn list_item_update(&self, new: &ListItem) -> Result<(), StoreError> {
        let sql = "UPDATE list_items SET position = ?, text = ?, done_at = ? WHERE id = ?";
        let values = params![new.position, new.text, new.done_at.map(to_text), new.id.to_string()];
        self.run_one("item", sql, values)
    }

    /// Takes an item off its list. Whether it was there.
    pub fn list_item_delete(&self, id: ListItemId) -> Result<bool, StoreError> {
        Ok(self.run("DELETE FROM list_items WHERE id = ?", [id.to_string()])? == 1)
    }
}
