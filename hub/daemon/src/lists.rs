//! Lists: what changing one means, the same from a conversation and from the REST interface.
//!
//! Each change is tolerant of what others did meanwhile: what is gone stays gone, what is there is not put there twice.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use xswarm_core::{
    event::Event,
    id::{ListId, ListItemId, UserId},
    list::{self, List, ListItem},
};
use xswarm_store::{Rows, StoreError, Tx};

use crate::error::Error;

/// A change of one list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(crate) enum Change {
    /// A list is made, or made again as it was.
    Create {
        /// All of it.
        list: Box<List>,
        /// What is on it.
        items: Vec<ListItem>,
    },
    /// A list is deleted.
    Delete {
        /// As it was read.
        list: Box<List>,
        /// What was on it.
        items: Vec<ListItem>,
    },
    /// Items are put on a list, or back.
    Add {
        /// The list.
        list: ListId,
        /// What.
        items: Vec<ListItem>,
    },
    /// Items are taken off a list.
    Remove {
        /// The list.
        list: ListId,
        /// As they were read.
        items: Vec<ListItem>,
    },
    /// Everything is taken off a list.
    Clear {
        /// The list.
        list: ListId,
        /// As they were read.
        items: Vec<ListItem>,
    },
    /// Items are checked off.
    CheckOff {
        /// The list.
        list: ListId,
        /// As they were read.
        items: Vec<ListItem>,
    },
    /// Items are open again.
    Reopen {
        /// The list.
        list: ListId,
        /// As they were read.
        items: Vec<ListItem>,
    },
}

impl Change {
    /// Does it.
    pub(crate) fn apply(&self, tx: &Tx<'_>, by: UserId, now: DateTime<Utc>) -> Result<(), StoreError> {
        match self {
            Self::Create { list, items } => {
                // Undoing makes a list again whose name another may have by now: then they become one.
                let named = |one: &&List| one.user_id == list.user_id && same(&one.name, &list.name);
                let there = tx.lists(list.user_id.unwrap_or(by))?.iter().find(named).map(|one| one.id);
                if there.is_none() {
                    tx.list_insert(list)?;
                }
                let list_id = there.unwrap_or(list.id);
                for item in items {
                    tx.list_item_insert(&ListItem { list_id, ..item.clone() })?;
                }
                tx.event_append(&Event::ListCreated { list: list.id }, Some(by), now)
            }
            Self::Delete { list, .. } => {
                tx.list_delete(list.id)?;
                tx.event_append(&Event::ListDeleted { list: list.id }, Some(by), now)
            }
            Self::Add { list, items } => {
                // Undoing puts back what may have lost its list meanwhile.
                if tx.list(*list)?.is_none() {
                    return Ok(());
                }
                for item in items {
                    tx.list_item_insert(item)?;
                }
                changed(tx, *list, by, now)
            }
            Self::Remove { list, items } | Self::Clear { list, items } => {
                for item in items {
                    tx.list_item_delete(item.id)?;
                }
                changed(tx, *list, by, now)
            }
            Self::CheckOff { list, items } => {
                mark(tx, *list, items, Some(now)).and_then(|()| changed(tx, *list, by, now))
            }
            Self::Reopen { list, items } => mark(tx, *list, items, None).and_then(|()| changed(tx, *list, by, now)),
        }
    }

    /// The change that takes this one back.
    pub(crate) fn inverse(&self) -> Self {
        match self.clone() {
            Self::Create { list, items } => Self::Delete { list, items },
            Self::Delete { list, items } => Self::Create { list, items },
            Self::Add { list, items } => Self::Remove { list, items },
            Self::Remove { list, items } | Self::Clear { list, items } => Self::Add { list, items },
            Self::CheckOff { list, items } => Self::Reopen { list, items },
            Self::Reopen { list, items } => Self::CheckOff { list, items },
        }
    }
}

fn changed(tx: &Tx<'_>, list: ListId, by: UserId, now: DateTime<Utc>) -> Result<(), StoreError> {
    if tx.list(list)?.is_none() {
        return Ok(());
    }
    tx.list_touch(list, now)?;
    tx.event_append(&Event::ListChanged { list }, Some(by), now)
}

/// Marks those that are still there. One that would be open twice stays done.
fn mark(tx: &Tx<'_>, list: ListId, items: &[ListItem], done_at: Option<DateTime<Utc>>) -> Result<(), StoreError> {
    let there = tx.list_items(list)?;
    for item in items {
        let Some(now) = there.iter().find(|one| one.id == item.id) else { continue };
        let twice = |one: &&ListItem| one.id != now.id && one.done_at.is_none() && same(&one.text, &now.text);
        if done_at.is_some() || !there.iter().any(|one| twice(&one)) {
            tx.list_item_update(&ListItem { done_at, ..now.clone() })?;
        }
    }
    Ok(())
}

/// Whether two texts name the same thing.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// A new list.
pub(crate) fn new_list(name: &str, owner: Option<UserId>, now: DateTime<Utc>) -> List {
    List { id: ListId::new(now), user_id: owner, name: name.to_owned(), created_at: now, updated_at: now }
}

/// What of `texts` is new to a list, and what is on it already (open).
pub(crate) fn new_items(
    rows: &Rows<'_>,
    list: ListId,
    texts: &[String],
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<(Vec<ListItem>, Vec<String>), Error> {
    let there = rows.list_items(list)?;
    let room = list::ITEMS_MOST.saturating_sub(u64::try_from(there.len()).unwrap_or(u64::MAX));
    let mut position = there.iter().map(|item| item.position).max().unwrap_or(0);
    let (mut new, mut known): (Vec<ListItem>, Vec<String>) = (Vec::new(), Vec::new());
    for text in texts {
        let open = there.iter().filter(|item| item.done_at.is_none()).chain(&new).find(|item| same(&item.text, text));
        if let Some(open) = open {
            known.push(open.text.clone());
            continue;
        }
        position += 1;
        let item = ListItem {
            id: ListItemId::new(now),
            list_id: list,
            position,
            text: text.clone(),
            done_at: None,
            added_by: by,
            created_at: now,
        };
        new.push(item);
    }
    if u64::try_from(new.len()).unwrap_or(u64::MAX) > room {
        return Err(Error::conflict(format!("a list holds {} items; this one is full", list::ITEMS_MOST)));
    }
    Ok((new, known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_can_be_taken_back() {
        let now = DateTime::UNIX_EPOCH;
        let list = new_list("packing", None, now);
        let id = list.id;
        for change in [
            Change::Create { list: Box::new(list), items: Vec::new() },
            Change::Add { list: id, items: Vec::new() },
            Change::CheckOff { list: id, items: Vec::new() },
        ] {
            assert_ne!(change.inverse(), change);
            assert_eq!(change.inverse().inverse(), change);
        }
    }
}
