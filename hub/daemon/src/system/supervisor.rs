//! What systemd is told (sd_notify(3)). Without systemd all of it is nothing.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// We serve.
pub(crate) fn ready() {
    notify(&[NotifyState::Ready]);
}

/// We are about to end.
pub(crate) fn stopping() {
    notify(&[NotifyState::Stopping]);
}

/// We read our configuration again; [`ready`] follows.
pub(crate) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(error) => log::debug!("systemd was not told of the reload: {error}"),
    }
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(false, states) {
        log::debug!("systemd could not be told: {error}");
    }
}

/// Tells systemd's watchdog regularly that we are well, as long as `alive` says so, until `stop`.
///
/// A check that doesn't end counts as not well. Waits for `stop` and does nothing else when there is no watchdog
/// (`WatchdogSec=`).
pub(crate) async fn watchdog<F: Future<Output = bool>>(stop: CancellationToken, alive: impl Fn() -> F) {
    let mut patience_us = 0;
    if sd_notify::watchdog_enabled(false, &mut patience_us) {
        let pinging = ping_while(Duration::from_micros(patience_us) / 3, alive, || notify(&[NotifyState::Watchdog]));
        stop.run_until_cancelled(pinging).await;
    } else {
        stop.cancelled().await;
    }
}

async fn ping_while<F: Future<Output = bool>>(period: Duration, alive: impl Fn() -> F, ping: impl Fn()) {
    // A period of nothing would be a busy loop.
    let mut ticks = interval(period.max(Duration::from_millis(10)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if alive().await {
            ping();
        } else {
            log::error!("the hub is not well; systemd's watchdog is not answered");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[tokio::test(start_paused = true)]
    async fn only_the_living_ping() {
        let (rounds, pings) = (Cell::new(0), Cell::new(0));
        let alive = || {
            rounds.set(rounds.get() + 1);
            let well = rounds.get() <= 3;
            async move { well }
        };
        let pinging = ping_while(Duration::from_secs(10), alive, || pings.set(pings.get() + 1));
        assert!(tokio::time::timeout(Duration::from_secs(55), pinging).await.is_err());
        assert_eq!((rounds.get(), pings.get()), (6, 3));
    }

    #[tokio::test]
    async fn without_systemd_the_watchdog_waits_for_the_end() {
        let stop = CancellationToken::new();
        stop.cancel();
        watchdog(stop, || async { true }).await;
    }
}
