//! A house: the box and a device in its kitchen, paired as a person would, by the command lines of both.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use xswarm_core::message::{Channel, Direction};
use xswarm_tests::{
    binaries,
    cable::Cable,
    caller::speech_in_a_room,
    hub::ADMIN_NAME,
    sound_server::{Channels, Process, SoundServer},
    voice_servers::VoiceServers,
    wait::wait_within,
    world::World,
};
use xswarm_voice::audio::{Format, Resampler};
use xswarm_wake::acoustics::{noise, wave};

use crate::air::{Air, RATE_HZ};

/// How long things take that a person waits for, with room for a busy machine.
const SOON: Duration = Duration::from_mins(1);

/// How loud music is (its level; full scale is 1).
const MUSIC: f32 = 0.04;

/// A house with somebody in its kitchen.
pub(crate) struct House {
    pub(crate) world: World,
    pub(crate) sound: SoundServer,
    air: Option<Air>,
    device: Process,
    music: Option<Process>,
    cable: Option<Cable>,
    /// Where the device finds the hub.
    found: String,
}

impl House {
    /// A house whose Boss listens and speaks by these servers, and whose array has these channels.
    pub(crate) async fn with(servers: &VoiceServers, channels: Channels) -> Self {
        Self::build(servers, channels, None).await
    }

    /// A house whose device is another machine, at the end of a cable.
    pub(crate) async fn across_a_cable(servers: &VoiceServers) -> Self {
        Self::build(servers, Channels::Microphones, Some(Cable::lay())).await
    }

    async fn build(servers: &VoiceServers, channels: Channels, cable: Option<Cable>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        // Whoever is reached by a cable listens wherever it may lead.
        let listens = format!("{}:{port}", if cable.is_some() { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST });
        let found = format!("{}:{port}", cable.as_ref().map_or(Ipv4Addr::LOCALHOST, Cable::address));
        let world = World::start_with(|builder| {
            builder
                .config("server", "secure_listen", listens.as_str())
                .config("admin", "timezone", "UTC")
                .config("voice", "engine", "wyoming")
                .config("voice", "stt_url", servers.stt.as_str())
                .config("voice", "tts_url", servers.tts.as_str())
        })
        .await;
        let sound = SoundServer::start(channels);
        let air = Air::of(&sound);
        let state = sound.path("state");
        fs::create_dir(&state).unwrap();
        let heard = match channels {
            Channels::Microphones => "",
            Channels::WithPlayback => "microphones = [1, 2, 3, 4]\nreference = \"captured\"\nreference_channel = 5\n",
        };
        let config = format!(
            "[room]\nstate_dir = \"{}\"\n[sound]\nbackend = \"alsa\"\ncapture = \"array\"\nplayback = \"speaker\"\n\
             channels = {}\nqueue_ms = 100\n[front_end]\nradius_mm = 32.0\ndegrees = [45, 135, 225, 315]\n{heard}",
            state.display(),
            channels.count()
        );
        fs::write(sound.path("room.toml"), config).unwrap();
        pair(&world, &sound, cable.as_ref(), &found).await;
        let device =
            Process::start(room(&sound, cable.as_ref(), &["run"]).stdout(Stdio::null()).stderr(Stdio::inherit()));
        let house = Self { world, sound, air: Some(air), device, music: None, cable, found };
        house.is("ready", |status| status["hub"] == "reached" && status["sound"]["state"] == "running").await;
        house
    }

    /// Somebody pairs the device once more, while it runs.
    pub(crate) async fn pairs_again(&self) {
        pair(&self.world, &self.sound, self.cable.as_ref(), &self.found).await;
    }

    /// The cable to the device.
    pub(crate) fn cable(&self) -> &Cable {
        self.cable.as_ref().unwrap()
    }

    /// Somebody puts music on, on the loudspeaker of the device, for two minutes.
    pub(crate) fn plays_music(&mut self) {
        let music = noise::music(120 * RATE_HZ, &mut fastrand::Rng::with_seed(5));
        let music: Vec<f32> = music.iter().map(|sample| sample * MUSIC).collect();
        let file = self.sound.path("music.wav");
        fs::write(&file, wave::write(&music)).unwrap();
        self.music = Some(Process::start(&mut self.sound.plays(&file)));
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

    /// What the loudspeaker plays until a second from now.
    pub(crate) async fn heard(&self) -> Vec<f32> {
        let air = self.air.as_ref().unwrap();
        let until = air.played().len() + RATE_HZ;
        let played = async || Some(air.played()).filter(|played| played.len() >= until);
        wait_within(SOON, "a second to pass in the room", played).await
    }

    /// Waits until the device says so of itself.
    pub(crate) async fn is(&self, what: &str, wanted: impl Fn(&Value) -> bool) {
        let known = async || {
            let output = room(&self.sound, None, &["status", "--json"]).output().unwrap();
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
        drop((self.music, self.device));
        self.world.finish().await;
    }
}

async fn pair(world: &World, sound: &SoundServer, cable: Option<&Cable>, found: &str) {
    let offered = world.hub.cli().run(&["device", "pair", "Kitchen", "--for", ADMIN_NAME]).await.expect(0).out;
    let code = offered.lines().next().unwrap();
    let paired = room(sound, cable, &["pair", found, code]).stderr(Stdio::inherit()).status().unwrap();
    assert!(paired.success());
}

/// The program of the device, at the far end of the cable if there is one.
fn room(sound: &SoundServer, cable: Option<&Cable>, arguments: &[&str]) -> Command {
    let mut command = match cable {
        None => sound.command(binaries::room()),
        Some(cable) => cable.command(|program| sound.command(program), binaries::room()),
    };
    command.arg("--config").arg(sound.path("room.toml")).args(arguments);
    command
}
