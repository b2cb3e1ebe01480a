//! A house: the box and a device in its kitchen, paired as a person would, by the command lines of both.

use std::{
    fs,
    net::TcpListener,
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use xswarm_core::message::{Channel, Direction};
use xswarm_tests::{
    binaries,
    caller::speech_in_a_room,
    hub::ADMIN_NAME,
    sound_server::{Process, SoundServer},
    voice_servers::VoiceServers,
    wait::wait_within,
    world::World,
};
use xswarm_voice::audio::{Format, Resampler};

use crate::air::{Air, RATE_HZ};

/// How long things take that a person waits for, with room for a busy machine.
const SOON: Duration = Duration::from_secs(30);

/// A house with somebody in its kitchen.
pub(crate) struct House {
    pub(crate) world: World,
    pub(crate) sound: SoundServer,
    air: Option<Air>,
    device: Process,
}

impl House {
    /// A house whose Boss listens and speaks by these servers.
    pub(crate) async fn with(servers: &VoiceServers) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let world = World::start_with(|builder| {
            builder
                .config("server", "secure_listen", address.as_str())
                .config("admin", "timezone", "UTC")
                .config("voice", "engine", "wyoming")
                .config("voice", "stt_url", servers.stt.as_str())
                .config("voice", "tts_url", servers.tts.as_str())
        })
        .await;
        let sound = SoundServer::start();
        let air = Air::of(&sound);
        let state = sound.path("state");
        fs::create_dir(&state).unwrap();
        let config = format!(
            "[room]\nstate_dir = \"{}\"\n[sound]\nbackend = \"alsa\"\ncapture = \"array\"\nplayback = \"speaker\"\n\
             channels = 4\nqueue_ms = 100\n[front_end]\nradius_mm = 32.0\ndegrees = [45, 135, 225, 315]\n",
            state.display()
        );
        fs::write(sound.path("room.toml"), config).unwrap();
        let offered = world.hub.cli().run(&["device", "pair", "Kitchen", "--for", ADMIN_NAME]).await.expect(0).out;
        let code = offered.lines().next().unwrap();
        let paired = room(&sound, &["pair", &address, code]).stderr(Stdio::inherit()).status().unwrap();
        assert!(paired.success());
        let device = Process::start(room(&sound, &["run"]).stdout(Stdio::null()).stderr(Stdio::inherit()));
        let house = Self { world, sound, air: Some(air), device };
        house.is("ready", |status| status["hub"] == "reached" && status["sound"]["state"] == "running").await;
        house
    }

    /// Says something across the room, and waits until it was said; how many samples the loudspeaker has played by then.
    pub(crate) async fn says(&self, text: &str) -> usize {
        let (mut wide, mut voice) = (Vec::new(), Vec::new());
        Format::Linear.decode(&speech_in_a_room(text), &mut wide);
        let mut resampler = Resampler::new(24_000, 16_000).unwrap();
        resampler.push(&wide, &mut voice);
        resampler.finish(&mut voice);
        let air = self.air.as_ref().unwrap();
        air.says(&voice);
        wait_within(SOON, "somebody to have spoken", async || air.is_quiet().then_some(())).await;
        air.played().len()
    }

    /// What the Boss answered in the room.
    pub(crate) async fn answers(&self) -> Vec<String> {
        let all = self.world.api().messages().await;
        let ours =
            |one: &&xswarm_core::message::Message| one.channel == Channel::Room && one.direction == Direction::Outbound;
        all.iter().filter(ours).map(|one| one.content.clone()).collect()
    }

    /// Waits until the device has said something after so many samples and is silent for two seconds; what was heard in the
    /// room.
    pub(crate) async fn listens(&self, from: usize) -> Vec<f32> {
        let air = self.air.as_ref().unwrap();
        let said = async || {
            let played = air.played();
            let last = played.iter().rposition(|sample| sample.abs() > 0.01)?;
            (last > from && played.len() - last > 2 * RATE_HZ).then_some(played)
        };
        wait_within(SOON * 2, "the Boss to have spoken", said).await
    }

    /// Waits until the device says so of itself.
    pub(crate) async fn is(&self, what: &str, wanted: impl Fn(&Value) -> bool) {
        let known = async || {
            let output = room(&self.sound, &["status", "--json"]).output().unwrap();
            let status: Value = serde_json::from_slice(&output.stdout).ok()?;
            wanted(&status).then_some(())
        };
        wait_within(SOON, format!("the device to be {what}"), known).await;
    }

    /// How many processes the device has started that are still there.
    pub(crate) fn children(&self) -> usize {
        let id = self.device.id();
        let of_thread = |entry: fs::DirEntry| fs::read_to_string(entry.path().join("children")).unwrap_or_default();
        let threads = fs::read_dir(format!("/proc/{id}/task")).unwrap();
        threads.map(|entry| of_thread(entry.unwrap()).split_whitespace().count()).sum()
    }

    /// Ends all of it in order.
    pub(crate) async fn finish(mut self) {
        self.air = None;
        drop(self.device);
        self.world.finish().await;
    }
}

/// The program of the device.
fn room(sound: &SoundServer, arguments: &[&str]) -> Command {
    let mut command = sound.command(binaries::room());
    command.arg("--config").arg(sound.path("room.toml")).args(arguments);
    command
}
