//! Rooms: the devices that are connected, and which of several answers.
//!
//! A device is let in by its token, keeps one link open, and holds its conversations on it one after the other. What is said
//! there is a call like one by telephone ([`Calls::in_room`]); what a room may ask for is the assistant's business.

mod arbiter;
mod link;
mod ringing;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::extract::ws::WebSocket;
use tokio_util::sync::CancellationToken;
use xswarm_core::{device::Device, id::DeviceId, room::Health};
use xswarm_store::Store;

use super::{
    call::Calls,
    delivery::{Delivery, OptedOut},
};
use crate::{clock::Clock, error::Error, outbox::OurAddresses};
use arbiter::Arbiter;
use link::Link;

/// The rooms channel.
pub(crate) struct Rooms {
    store: Arc<Store>,
    clock: Clock,
    ours: OurAddresses,
    calls: Arc<Calls>,
    delivery: Delivery,
    connected: Mutex<HashMap<DeviceId, Connected>>,
    arbiter: Arbiter,
}

/// A device that is connected.
#[derive(Debug)]
struct Connected {
    /// Ends its link.
    ends: CancellationToken,
    /// What it told last of how it is.
    health: Option<Health>,
}

impl Rooms {
    /// With no device connected.
    pub(crate) fn new(store: Arc<Store>, clock: Clock, ours: OurAddresses, calls: Arc<Calls>) -> Self {
        // No room is an address that anybody could opt out from.
        let opted_out = OptedOut { code: None, words: "the room wants to hear nothing" };
        let delivery = Delivery { store: Arc::clone(&store), clock, first_look: None, opted_out };
        Self { store, clock, ours, calls, delivery, connected: Mutex::default(), arbiter: Arbiter::default() }
    }

    /// Which device shows this token; it was seen just now.
    pub(crate) async fn known(&self, token: String) -> Result<Option<Device>, Error> {
        let now = self.clock.now();
        let device = self.store.read(move |rows| rows.device_by_token(&token).map_err(Error::from)).await?;
        if let Some(device) = &device {
            let id = device.id;
            self.store.write(move |tx| tx.device_seen(id, now).map_err(Error::from)).await?;
        }
        Ok(device)
    }

    /// Serves a device until either side ends the link. One that connects once more has lost its other link.
    pub(crate) async fn serve(self: Arc<Self>, socket: WebSocket, device: Device, stopping: &CancellationToken) {
        let (id, ends) = (device.id, CancellationToken::new());
        let before = self.connected().insert(id, Connected { ends: ends.clone(), health: None });
        if let Some(before) = before {
            before.ends.cancel();
        }
        log::info!(device:% = id; "a room is connected");
        // Between the look at its token and now it may have been forgotten or paired anew.
        if self.is_still(&device).await {
            Link::new(Arc::clone(&self), socket, device).run((stopping, &ends)).await;
        }
        // Unless another link took its place.
        if !ends.is_cancelled() {
            self.connected().remove(&id);
            self.seen(id).await;
        }
        log::info!(device:% = id; "a room is disconnected");
    }

    /// Whether a device is what it was when its token was looked at.
    async fn is_still(&self, device: &Device) -> bool {
        let id = device.id;
        match self.store.read(move |rows| rows.device(id).map_err(Error::from)).await {
            Ok(now) => {
                now.is_some_and(|now| (now.paired_at, now.user_ids) == (device.paired_at, device.user_ids.clone()))
            }
            Err(error) => {
                log::warn!("a room is not let in: {}", error.chain());
                false
            }
        }
    }

    /// A device was there until now.
    async fn seen(&self, id: DeviceId) {
        let now = self.clock.now();
        if let Err(error) = self.store.write(move |tx| tx.device_seen(id, now).map_err(Error::from)).await {
            log::warn!("when a room was last there could not be noted: {}", error.chain());
        }
    }

    /// Ends the link of a device that is not known any more, or by another token.
    pub(crate) fn forget(&self, id: DeviceId) {
        if let Some(connected) = self.connected().remove(&id) {
            connected.ends.cancel();
        }
    }

    /// How the devices are that are connected and have told so.
    pub(crate) fn health(&self) -> HashMap<DeviceId, Health> {
        let told = |(id, connected): (&DeviceId, &Connected)| Some((*id, connected.health.clone()?));
        self.connected().iter().filter_map(told).collect()
    }

    /// Whether a device is connected.
    pub(crate) fn is_connected(&self, id: DeviceId) -> bool {
        self.connected().contains_key(&id)
    }

    fn told(&self, id: DeviceId, health: Health) {
        if let Some(connected) = self.connected().get_mut(&id) {
            connected.health = Some(health);
        }
    }

    fn connected(&self) -> MutexGuard<'_, HashMap<DeviceId, Connected>> {
        self.connected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
