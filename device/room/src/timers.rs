//! The timers that ring in this room, whether the hub can be reached or not.
//!
//! The hub says when each is due and what time it is; from then on the device's own clock counts, which never goes back. Each
//! rings once. What became of it is reported on every link until the hub leaves it out, which it does once somebody has seen
//! to it, here or elsewhere: then it rings no more. Over a restart they are kept with the hub's times, and by how much its
//! clock was ahead of the device's.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use xswarm_core::{
    id::ReminderId,
    room::{FromRoom, RoomTimer},
};

/// The most that are kept: far more than anybody sets.
const MOST: usize = 1_000;

/// All of them.
#[derive(Debug, Default)]
pub struct Timers {
    all: Vec<Timer>,
    ahead_ms: i64,
}

#[derive(Debug)]
struct Timer {
    id: ReminderId,
    due_at: DateTime<Utc>,
    due_ms: u64,
    stage: Stage,
    reported: Stage,
}

/// How far a timer is, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Waits,
    Rings,
    /// Nobody came.
    Rang,
    Stopped,
}

/// What is kept over a restart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptTimers {
    ahead_ms: i64,
    timers: Vec<KeptTimer>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KeptTimer {
    id: ReminderId,
    due_at: DateTime<Utc>,
    stage: Stage,
}

impl Timers {
    /// Those that were kept. `device_now` is what this device's clock shows, `now_ms` the clock that never goes back. One that
    /// fell due while the device was off rings now, and one that rang goes on ringing, unless that is longer ago than a timer
    /// rings: the hub accounts for those.
    pub fn restored(kept: KeptTimers, device_now: DateTime<Utc>, now_ms: u64, rings_ms: u64) -> Self {
        let hub_now_ms = device_now.timestamp_millis().saturating_add(kept.ahead_ms);
        let all = kept.timers.into_iter().filter_map(|KeptTimer { id, due_at, stage }| {
            let over_ms = hub_now_ms.saturating_sub(due_at.timestamp_millis());
            let is_over = over_ms > i64::try_from(rings_ms).unwrap_or(i64::MAX);
            let stage = match stage {
                Stage::Waits if is_over => return None,
                Stage::Rings if is_over => Stage::Rang,
                Stage::Waits | Stage::Rings => Stage::Waits,
                Stage::Rang | Stage::Stopped => stage,
            };
            Some(Timer { id, due_at, due_ms: later(now_ms, over_ms.saturating_neg()), stage, reported: Stage::Waits })
        });
        Self { all: all.take(MOST).collect(), ahead_ms: kept.ahead_ms }
    }

    /// What is to be kept.
    pub fn kept(&self) -> KeptTimers {
        let kept = |timer: &Timer| KeptTimer { id: timer.id, due_at: timer.due_at, stage: timer.stage };
        KeptTimers { ahead_ms: self.ahead_ms, timers: self.all.iter().map(kept).collect() }
    }

    /// How many are still to ring.
    pub fn waiting(&self) -> usize {
        self.all.iter().filter(|timer| timer.stage == Stage::Waits).count()
    }

    /// What the hub says there is, and what time it is there (`hub_now_ms`, of the Unix epoch).
    pub fn told(&mut self, timers: &[RoomTimer], hub_now_ms: i64, ahead_ms: i64, now_ms: u64) {
        self.ahead_ms = ahead_ms;
        let is_same = |timer: &Timer, told: &RoomTimer| timer.id == told.id && timer.due_at == told.due_at;
        // What is not among them was cancelled, or somebody has seen to it.
        self.all.retain(|timer| timers.iter().any(|told| is_same(timer, told)));
        for told in timers.iter().take(MOST) {
            let due_ms = later(now_ms, told.due_at.timestamp_millis().saturating_sub(hub_now_ms));
            match self.all.iter_mut().find(|timer| is_same(timer, told)) {
                // The hub's clock may have been set.
                Some(timer) => timer.due_ms = due_ms,
                None => self.all.push(Timer {
                    id: told.id,
                    due_at: told.due_at,
                    due_ms,
                    stage: Stage::Waits,
                    reported: Stage::Waits,
                }),
            }
        }
    }

    /// Whether any rings.
    pub fn any_rings(&self) -> bool {
        self.all.iter().any(|timer| timer.stage == Stage::Rings)
    }

    /// Whether one begins to ring now.
    pub fn ring(&mut self, now_ms: u64) -> bool {
        self.change(|timer| timer.stage == Stage::Waits && timer.due_ms <= now_ms, Stage::Rings)
    }

    /// Somebody made them stop.
    pub fn stopped(&mut self) {
        self.change(|timer| timer.stage == Stage::Rings, Stage::Stopped);
    }

    /// They rang long enough.
    pub fn rang(&mut self) {
        self.change(|timer| timer.stage == Stage::Rings, Stage::Rang);
    }

    fn change(&mut self, which: impl Fn(&Timer) -> bool, stage: Stage) -> bool {
        let mut any = false;
        for timer in self.all.iter_mut().filter(|timer| which(timer)) {
            timer.stage = stage;
            any = true;
        }
        any
    }

    /// What the hub was not told on this link yet; it counts as told then.
    pub fn reports(&mut self) -> Vec<FromRoom> {
        let mut reports = Vec::new();
        for timer in &mut self.all {
            if timer.reported < Stage::Rings && timer.stage >= Stage::Rings {
                reports.push(FromRoom::Rings { timer: timer.id });
            }
            if timer.reported < Stage::Stopped && timer.stage == Stage::Stopped {
                reports.push(FromRoom::Stopped { timer: timer.id });
            }
            timer.reported = timer.stage;
        }
        reports
    }

    /// Another link: what is still here is told again, for nobody knows what was heard.
    pub fn tell_again(&mut self) {
        self.all.iter_mut().for_each(|timer| timer.reported = Stage::Waits);
    }
}

/// So many milliseconds later; before now is now.
fn later(now_ms: u64, by_ms: i64) -> u64 {
    now_ms.saturating_add(u64::try_from(by_ms).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const RINGS_MS: u64 = 600_000;

    fn noon() -> DateTime<Utc> {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    fn timer(number: i64, due_s: i64) -> RoomTimer {
        let id = ReminderId::new(noon() + TimeDelta::days(number));
        RoomTimer { id, due_at: noon() + TimeDelta::seconds(due_s), text: "tea".to_owned() }
    }

    fn told(timers: &[RoomTimer]) -> Timers {
        let mut all = Timers::default();
        all.told(timers, noon().timestamp_millis(), 0, 1_000);
        all
    }

    #[test]
    fn each_rings_once_by_the_devices_clock_and_is_reported_once_on_a_link() {
        let (tea, eggs) = (timer(1, 5), timer(2, 9));
        let mut timers = told(&[tea.clone(), eggs.clone()]);
        assert!(!timers.ring(5_999) && timers.ring(6_000) && !timers.ring(6_001));
        assert_eq!(timers.reports(), [FromRoom::Rings { timer: tea.id }]);
        assert_eq!(timers.reports(), []);
        // The hub says the same list again before it knows.
        timers.told(&[tea.clone(), eggs.clone()], noon().timestamp_millis() + 6_000, 0, 7_000);
        assert!(!timers.ring(9_999) && timers.ring(10_000));
        timers.stopped();
        assert_eq!(
            timers.reports(),
            [
                FromRoom::Stopped { timer: tea.id },
                FromRoom::Rings { timer: eggs.id },
                FromRoom::Stopped { timer: eggs.id }
            ]
        );
        assert!(!timers.ring(100_000));
    }

    #[test]
    fn what_happened_while_the_hub_was_away_is_told_until_the_hub_leaves_it_out() {
        let tea = timer(1, 5);
        let mut timers = told(std::slice::from_ref(&tea));
        timers.ring(6_000);
        timers.stopped();
        let all = [FromRoom::Rings { timer: tea.id }, FromRoom::Stopped { timer: tea.id }];
        // The link broke after it was told; nobody knows whether that was heard.
        assert_eq!(timers.reports(), all);
        timers.tell_again();
        timers.told(&[tea], noon().timestamp_millis(), 0, 8_000);
        assert_eq!(timers.reports(), all);
        timers.told(&[], noon().timestamp_millis(), 0, 9_000);
        timers.tell_again();
        assert_eq!(timers.reports(), []);
    }

    #[test]
    fn one_that_is_cancelled_or_put_off_does_not_ring_then() {
        let tea = timer(1, 5);
        let mut timers = told(&[tea.clone(), timer(2, 6)]);
        let later = RoomTimer { due_at: tea.due_at + TimeDelta::seconds(60), ..tea };
        timers.told(&[later], noon().timestamp_millis(), 0, 1_000);
        assert_eq!(timers.waiting(), 1);
        assert!(!timers.ring(65_999) && timers.ring(66_000));
    }

    #[test]
    fn one_that_somebody_saw_to_elsewhere_rings_no_more() {
        let mut timers = told(&[timer(1, 0)]);
        assert!(timers.ring(1_000) && timers.any_rings());
        timers.told(&[], noon().timestamp_millis(), 0, 2_000);
        assert!(!timers.any_rings());
        timers.stopped();
        assert_eq!(timers.reports(), [], "the hub knows");
    }

    #[test]
    fn a_restart_keeps_them_by_the_hubs_clock() {
        let mut timers = Timers::default();
        // The hub's clock is an hour ahead of the device's.
        timers.told(
            &[timer(1, 60), timer(2, 90), timer(3, -700), timer(4, 5)],
            noon().timestamp_millis(),
            3_600_000,
            0,
        );
        timers.ring(6_000);
        timers.stopped();
        let text = serde_json::to_string(&timers.kept()).unwrap();
        let kept: KeptTimers = serde_json::from_str(&text).unwrap();
        let device_now = noon() - TimeDelta::hours(1) + TimeDelta::seconds(70);
        let mut timers = Timers::restored(kept.clone(), device_now, 500, RINGS_MS);
        assert_eq!(timers.kept(), kept, "stages that are over stay as they are");
        assert!(timers.ring(500), "the first one fell due ten seconds ago");
        assert_eq!(timers.waiting(), 1);
        assert!(!timers.ring(20_499) && timers.ring(20_500));
    }

    #[test]
    fn what_is_long_over_does_not_ring_after_a_restart() {
        let kept = told(&[timer(1, 60)]).kept();
        let mut timers = Timers::restored(kept, noon() + TimeDelta::hours(2), 0, RINGS_MS);
        assert!(!timers.ring(u64::MAX));
        timers.tell_again();
        assert_eq!(timers.reports(), []);
    }
}
