//! Whether the devices of the rooms are there, hear and are heard.

use xswarm_core::{
    admin::{Check, CheckOutcome},
    device::Device,
    room::{Health, SoundHealth},
};

use super::check;
use crate::{error::Error, http::App};

/// One check for each device, and whether anything answers them.
pub(super) async fn checks(app: &App) -> Vec<Check> {
    let mut health = app.rooms.health();
    match app.store.read(|rows| rows.devices().map_err(Error::from)).await {
        Ok(devices) => {
            let mut state = |device: &Device| match health.remove(&device.id) {
                Some(health) => State::Tells(health),
                None if app.rooms.is_connected(device.id) => State::Connected,
                None => State::Away,
            };
            let mut checks: Vec<_> = devices.iter().map(|device| device_check(device, &state(device))).collect();
            checks.extend(answered(app.calls.engines().first().is_some()).filter(|_| !devices.is_empty()));
            checks
        }
        Err(error) => vec![check("rooms", CheckOutcome::Failed, error.chain(), None)],
    }
}

/// Whether rooms are answered at all.
fn answered(has_engine: bool) -> Option<Check> {
    let fix = "choose what listens and speaks as `engine` in [voice] of hub.toml, then `xswarm reload`; if one is chosen, see \
               what is said of it above";
    (!has_engine).then(|| {
        check("rooms", CheckOutcome::Failed, "no voice engine: whoever speaks there is not answered", Some(fix))
    })
}

/// What is known of a device now.
enum State {
    /// Nothing: it is not connected.
    Away,
    /// It has just come, and said nothing of itself yet.
    Connected,
    /// How it is.
    Tells(Health),
}

/// How a device is.
fn device_check(device: &Device, state: &State) -> Check {
    let name = format!("room {}", device.name);
    let say = |outcome, cause: &str, fix| check(&name, outcome, cause, fix);
    if device.paired_at.is_none() {
        let fix =
            "type into the device what `xswarm device pair` showed; for a new code: xswarm device pair ROOM --for WHO";
        return say(CheckOutcome::Skipped, "its code waits to be used", Some(fix));
    }
    let Health { is_muted, sound } = match state {
        State::Tells(health) => health,
        State::Connected => return say(CheckOutcome::Ok, "connected just now", None),
        State::Away => {
            let seen = device.last_seen_at.map_or("it was never here".to_owned(), |at| {
                format!("it was here last at {}", at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
            });
            let fix = "see that it has power and network; it looks for the hub by itself. On it: xswarm-room status";
            return say(CheckOutcome::Warning, &format!("not connected; {seen}"), Some(fix));
        }
    };
    match sound {
        SoundHealth::Lost { why } => {
            let fix = "on it, `xswarm-room devices` lists what there is: plug its sound card in again, which is noticed, or name \
                       another in [sound] of room.toml";
            say(CheckOutcome::Failed, &format!("it has no sound: {why}"), Some(fix))
        }
        SoundHealth::Silent => {
            let fix = "see that its microphones are not switched off or at level 0; on it: xswarm-room test";
            say(CheckOutcome::Failed, "its microphones give nothing at all", Some(fix))
        }
        SoundHealth::Running if *is_muted => say(CheckOutcome::Ok, "connected, and muted there", None),
        SoundHealth::Running => say(CheckOutcome::Ok, "connected, hears and is heard", None),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone as _, Utc};
    use xswarm_core::id::DeviceId;

    use super::*;

    #[test]
    fn each_state_has_its_words_and_what_is_wrong_has_a_way_out() {
        let at = Utc.with_ymd_and_hms(2026, 11, 28, 9, 0, 0).unwrap();
        let device = Device {
            id: DeviceId::new(at),
            name: "Kitchen".to_owned(),
            user_ids: Vec::new(),
            created_at: at,
            paired_at: Some(at),
            last_seen_at: Some(at),
            health: None,
        };
        let waiting = Device { paired_at: None, ..device.clone() };
        let says = |device: &Device, state: State| {
            let check = device_check(device, &state);
            assert_eq!(check.name, "room Kitchen");
            assert_eq!(check.fix.is_none(), check.outcome == CheckOutcome::Ok, "{check:?}");
            (check.outcome, check.cause)
        };
        let is = |is_muted, sound| State::Tells(Health { is_muted, sound });
        assert_eq!(says(&waiting, State::Away).0, CheckOutcome::Skipped);
        let (outcome, cause) = says(&device, State::Away);
        assert_eq!(outcome, CheckOutcome::Warning);
        assert!(cause.ends_with("2026-11-28T09:00:00Z"), "{cause}");
        assert_eq!(says(&device, State::Connected).0, CheckOutcome::Ok);
        assert_eq!(says(&device, is(false, SoundHealth::Running)).0, CheckOutcome::Ok);
        assert!(says(&device, is(true, SoundHealth::Running)).1.contains("muted"));
        assert_eq!(says(&device, is(false, SoundHealth::Silent)).0, CheckOutcome::Failed);
        let lost = SoundHealth::Lost { why: "no such device".to_owned() };
        assert_eq!(
            says(&device, is(false, lost)),
            (CheckOutcome::Failed, "it has no sound: no such device".to_owned())
        );
    }
}
