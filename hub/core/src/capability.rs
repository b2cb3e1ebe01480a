//! What the Boss can do, as data: the kinds of capabilities and how one is shown. What each does is the daemon's business.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{message::Channel, text_enum, user::Role};

text_enum! {
    /// What a capability is about.
    pub enum Category {
        /// Writing and speaking to people, and what they wrote.
        Communication = "communication",
        /// The calendar, reminders, timers, lists.
        Scheduling = "scheduling",
        /// Software projects.
        ProjectMgmt = "project_mgmt",
        /// What the Boss does by itself.
        Automation = "automation",
        /// What comes from elsewhere: contacts, calendars of others.
        Integration = "integration",
        /// The box itself, what it did and what it costs.
        Monitoring = "monitoring",
    }
}

text_enum! {
    /// What using a capability may do to the world. Ordered by how much is at stake.
    #[derive(PartialOrd, Ord)]
    pub enum EffectClass {
        /// It changes nothing.
        Read = "read",
        /// It changes what is the person's own, and can be undone.
        WriteOwn = "write_own",
        /// It changes what others see, or reaches them.
        WriteOthers = "write_others",
        /// It costs money.
        Spend = "spend",
        /// It cannot be taken back.
        Irreversible = "irreversible",
    }
}

impl EffectClass {
    /// Whether the person is asked before it happens, however clearly they asked for it, when a model carries it out.
    pub const fn always_asks(self) -> bool {
        match self {
            Self::Read | Self::WriteOwn => false,
            Self::WriteOthers | Self::Spend | Self::Irreversible => true,
        }
    }

    /// Whether it may be used on a channel at all. A room knows the household, not the person: there nothing reaches
    /// others, costs money or is gone for good.
    pub const fn is_allowed_on(self, channel: Channel) -> bool {
        match channel {
            Channel::Sms | Channel::Email | Channel::Voice | Channel::ClaudeCode | Channel::Console => true,
            Channel::Room => !self.always_asks(),
        }
    }
}

text_enum! {
    /// Who may use a capability.
    pub enum Permission {
        /// Everybody in the household.
        Household = "household",
        /// Whoever looks after the box.
        Admin = "admin",
    }
}

impl Permission {
    /// Whether somebody of this role has it.
    pub const fn is_held_by(self, role: Role) -> bool {
        match (self, role) {
            (Self::Household, Role::Admin | Role::Member) | (Self::Admin, Role::Admin) => true,
            (Self::Admin, Role::Member) => false,
        }
    }
}

/// One capability as shown (`GET /api/capabilities`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CapabilityView {
    /// Its name, such as `create_appointment`.
    pub name: String,
    /// What it is about.
    pub category: Category,
    /// What it does.
    pub description: String,
    /// What to say for it.
    pub examples: Vec<String>,
    /// Who may use it.
    pub permission: Permission,
    /// What it may do to the world.
    pub effect: EffectClass,
    /// Whether the caller can use it now.
    pub available: bool,
    /// Why not, and what to do about it.
    pub unavailable_because: Option<String>,
    /// JSON Schema of its arguments.
    #[schema(value_type = Object)]
    pub arguments: serde_json::Value,
}

/// What the Boss can do for the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Capabilities {
    /// All of them, by category.
    pub capabilities: Vec<CapabilityView>,
}

/// How often a capability was used (`GET /api/capabilities/usage`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CapabilityUse {
    /// Which.
    pub capability: String,
    /// Uses that the grammar led to.
    pub by_words: u64,
    /// Uses that the language model led to.
    pub by_model: u64,
    /// The last one.
    pub last_used_at: DateTime<Utc>,
}

/// How often capabilities were used, most used first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CapabilityUses {
    /// Since when, in days.
    pub days: u32,
    /// One for each capability that was used.
    pub uses: Vec<CapabilityUse>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_reaches_others_costs_or_is_final_asks_and_is_not_for_the_room() {
        for effect in EffectClass::ALL {
            let harmless = *effect <= EffectClass::WriteOwn;
            assert_eq!(effect.always_asks(), !harmless);
            assert_eq!(effect.is_allowed_on(Channel::Room), harmless);
            assert!(effect.is_allowed_on(Channel::Sms));
        }
    }

    #[test]
    fn members_hold_what_the_household_holds() {
        assert!(Permission::Household.is_held_by(Role::Member) && Permission::Household.is_held_by(Role::Admin));
        assert!(!Permission::Admin.is_held_by(Role::Member) && Permission::Admin.is_held_by(Role::Admin));
    }
}
