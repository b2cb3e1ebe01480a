//! Devices of rooms: what hears and speaks there for the household. Paired once, then known by a token.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    id::{DeviceId, UserId},
    schema::ToSchema,
};

/// A device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Device {
    /// The row.
    pub id: DeviceId,
    /// Which room it is in, as persons call it.
    pub name: String,
    /// Whom it serves; the first is taken for the speaker.
    pub user_ids: Vec<UserId>,
    /// When it was announced.
    pub created_at: DateTime<Utc>,
    /// When it was paired last; never while its code waits to be used.
    pub paired_at: Option<DateTime<Utc>>,
    /// When it was last connected, to the minute.
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// `POST /api/devices`: a device is to be paired, or paired anew when one has this name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDevice {
    /// Which room it is in: 1 to 40 characters.
    pub name: String,
    /// Whom it serves: one at least; the first is taken for the speaker.
    pub user_ids: Vec<UserId>,
}

/// What whoever pairs a device types into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfferedDevice {
    /// The device as it will be.
    pub device: Device,
    /// The code, told this once; good for one pairing.
    pub code: String,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

/// `POST /api/devices/pair`, by the device itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PairDevice {
    /// The code that it was given.
    pub code: String,
}

/// What a device is told once it is paired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PairedDevice {
    /// The device.
    pub device: Device,
    /// What it shows from now on to be let in; told this once.
    pub token: String,
}
