//! Persons the box works for, and what they may do.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{id::UserId, phone::Phone, text_enum};

text_enum! {
    /// What a person may do.
    pub enum Role {
        /// Sees and administers the whole household.
        Admin = "admin",
        /// Sees and changes their own things.
        Member = "member",
    }
}

/// A person the box works for (table `users`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// The row.
    pub id: UserId,
    /// What the Boss calls them.
    pub name: String,
    /// Where mail reaches them. Unique.
    pub email: Option<String>,
    /// Where calls and texts reach them. Unique.
    pub phone: Option<Phone>,
    /// The zone they live in; every time they say is in it unless they say otherwise.
    #[schema(value_type = String, example = "Europe/Berlin")]
    pub timezone: Tz,
    /// Free-form settings, an object.
    pub preferences: serde_json::Value,
    /// The Boss's number for this person; the configured one when absent.
    pub boss_phone: Option<Phone>,
    /// The Boss's mail address for this person.
    pub boss_email: Option<String>,
    /// May rent further numbers.
    pub can_provision_numbers: bool,
    /// What they may do.
    pub role: Role,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}
