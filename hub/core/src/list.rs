//! Lists: the shopping, what is to do, what to pack.
//!
//! A list belongs to one person or to the household. The shopping list is the household's, every other is its maker's
//! own unless they say that it is shared. What is on a list is what somebody typed or said, in their own words.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::id::{ListId, ListItemId, UserId};

/// What the household buys.
pub const SHOPPING: &str = "shopping";

/// What a person means to do.
pub const TO_DO: &str = "to-do";

/// The longest name of a list, in characters.
pub const NAME_CHARACTERS: usize = 60;

/// The longest item, in characters.
pub const ITEM_CHARACTERS: usize = 200;

/// Items on one list, done ones included.
pub const ITEMS_MOST: u64 = 1_000;

/// Lists that one person can see.
pub const LISTS_MOST: usize = 100;

/// A list (table `lists`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct List {
    /// The row.
    pub id: ListId,
    /// Whose it is; the household's when absent.
    pub user_id: Option<UserId>,
    /// What it is called; see [`name`]. Unique among those of one owner, in any case of letters.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Something on a list (table `list_items`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListItem {
    /// The row.
    pub id: ListItemId,
    /// On which list.
    pub list_id: ListId,
    /// Its place: items are shown in this order.
    pub position: i64,
    /// What it is. No two open items of a list are the same, in any case of letters.
    pub text: String,
    /// When it was checked off.
    pub done_at: Option<DateTime<Utc>>,
    /// Who put it there; absent when that person is no longer with us.
    pub added_by: Option<UserId>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// What a list that somebody named is called: without "my", "the" and "list", in lower case, and the usual names of the
/// two usual lists made one. `None` when nothing is left or it is too long.
pub fn name(said: &str) -> Option<String> {
    let lower = said.to_lowercase();
    let words: Vec<&str> =
        lower.split_whitespace().filter(|word| !matches!(*word, "my" | "our" | "the" | "a" | "list")).collect();
    let name = words.join(" ");
    let usual = match name.as_str() {
        "shopping" | "grocery" | "groceries" | "shop" | "supermarket" => SHOPPING,
        "to-do" | "todo" | "to do" | "to - do" | "to dos" | "to-dos" | "todos" => TO_DO,
        other => other,
    };
    let bounded = !usual.is_empty() && usual.chars().count() <= NAME_CHARACTERS && !usual.contains(char::is_control);
    bounded.then(|| usual.to_owned())
}

/// An item as it is kept: white space made one, bounded. `None` when nothing is left or it is too long.
pub fn item_text(said: &str) -> Option<String> {
    let text = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let bounded = !text.is_empty() && text.chars().count() <= ITEM_CHARACTERS && !text.contains(char::is_control);
    bounded.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_lists_have_one_name_each() {
        for said in ["shopping", "my Shopping List", "the grocery list", "groceries"] {
            assert_eq!(name(said).as_deref(), Some(SHOPPING), "{said}");
        }
        for said in ["to-do", "my todo list", "To Do"] {
            assert_eq!(name(said).as_deref(), Some(TO_DO), "{said}");
        }
        assert_eq!(name("Packing List").as_deref(), Some("packing"));
        assert_eq!(name("my list"), None);
        assert_eq!(name(&"x".repeat(61)), None);
    }

    #[test]
    fn items_are_bounded() {
        assert_eq!(item_text("  oat   milk ").as_deref(), Some("oat milk"));
        assert_eq!(item_text(" "), None);
        assert_eq!(item_text(&"x".repeat(201)), None);
        assert_eq!(item_text("a\u{7}b"), None);
    }
}
