//! A PIN that is typed on a call: counted, compared on another thread, and what follows from it.

use xswarm_core::pin::Typed;
use xswarm_store::Tx;

use super::Session;
use crate::{
    assistant::pin as asking,
    channels::call::pin::{self, Compared},
    dialog::{Input, PinVerdict},
    error::Error,
    pins::Charged,
};

impl Session<'_> {
    /// A PIN was typed: it is counted, and compared on another thread.
    pub(super) async fn pin_typed(&mut self, typed: Typed) -> Result<(), Error> {
        let (Some(asked), Some(user)) = (self.pin.asked(), self.user.clone()) else { return Ok(()) };
        let now = self.clock.now();
        let charged = self.store.write(move |tx| pin::charge(tx, &user, now).map_err(Error::from)).await?;
        match charged {
            Ok(Charged::Try { hash, locks_until }) => {
                self.pin.compare(asked, typed, hash, locks_until);
                Ok(())
            }
            Ok(Charged::Refused(_)) => Ok(()),
            Err(words) => self.input(Input::PinChecked(PinVerdict::Refused(words)), None).await,
        }
    }

    pub(super) async fn pin_compared(&mut self, compared: Option<Compared>) -> Result<(), Error> {
        let (Some(compared), Some(user)) = (compared, self.user.clone()) else {
            let words = "I could not compare that. Nothing was changed.".to_owned();
            return self.input(Input::PinChecked(PinVerdict::Refused(words)), None).await;
        };
        let (now, zone, call, ours) = (self.clock.now(), user.timezone, self.call.clone(), self.ours.clone());
        let verdict = match compared {
            Compared { is_right: true, asked, .. } => {
                let granted = move |tx: &Tx<'_>| pin::granted(tx, &call, &user, asked, now).map_err(Error::from);
                let message = self.store.write(granted).await?;
                self.pin_over();
                self.turn(message, None).await?;
                PinVerdict::Right
            }
            Compared { locks_until: None, .. } => PinVerdict::Wrong,
            Compared { locks_until: Some(until), .. } => {
                self.store.write(move |tx| pin::locked(tx, &user, until, &ours, now)).await?;
                PinVerdict::Refused(asking::locked(until, zone, now))
            }
        };
        self.input(Input::PinChecked(verdict), None).await
    }

    /// No PIN came, or none is taken: what it was for is not done any more.
    pub(super) async fn pin_left(&mut self) -> Result<(), Error> {
        self.pin_over();
        let (Some(user), call, now) = (self.user.clone(), self.call.id, self.clock.now()) else { return Ok(()) };
        self.store.write(move |tx| asking::leave(tx, &user, call, now)).await
    }

    /// No PIN is waited for any more.
    pub(super) fn pin_over(&mut self) {
        self.pin.give_up();
        let now_ms = self.now_ms();
        if let Some(recorder) = &mut self.recorder {
            recorder.pin_over(now_ms);
        }
    }
}
