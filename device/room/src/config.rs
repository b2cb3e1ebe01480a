//! What a room device is told from outside: its configuration file and the environment.
//!
//! The defaults stand in one embedded file ([`DEFAULTS`]); room.toml is read over them. An unknown section or key is an error
//! that names it. This is the only place that reads the environment.

mod front_end;

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use figment::{
    Figment,
    providers::{Format as _, Toml},
};
use serde::Deserialize;
use url::{Host, Url};
use xswarm_audio::backend::Backend;
use xswarm_wake::Sensitivity;

pub use self::front_end::{BeamKind, FrontEndConfig, Noise, ReferenceKind};
use crate::state::Times;

/// Every setting with its default, and what it means.
pub const DEFAULTS: &str = include_str!("config/defaults.toml");

/// Where an installed device is configured.
const INSTALLED: &str = "/etc/xswarm/room.toml";
/// Where systemd gives an installed device its runtime directory.
const RUNTIME_DIR: &str = "/run/xswarm-room";
/// The state directory of an installed device, as in the defaults.
const INSTALLED_STATE: &str = "/var/lib/xswarm-room";

/// The whole configuration.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the device lives, and its times.
    pub room: RoomConfig,
    /// How the hub is reached.
    pub hub: HubConfig,
    /// What hears and plays.
    pub sound: Backend,
    /// What is made of what is heard.
    pub front_end: FrontEndConfig,
    /// What it listens to.
    pub wake: WakeConfig,
    /// What shows what it does.
    pub lights: LightsConfig,
    /// What is pressed.
    pub buttons: ButtonsConfig,
}

/// `[room]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoomConfig {
    /// Where everything lies that is kept.
    pub state_dir: PathBuf,
    /// As written; see [`RoomConfig::control_socket_path`].
    pub control_socket: PathBuf,
    /// See [`Times`].
    pub listening_ms: u64,
    /// See [`Times`].
    pub follow_up_ms: u64,
    /// See [`Times`].
    pub thinking_ms: u64,
    /// See [`Times`].
    pub speaking_ms: u64,
    /// See [`Times`].
    pub ringing_ms: u64,
    /// See [`Times`].
    pub error_ms: u64,
}

/// `[hub]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubConfig {
    /// A hub on this machine, without encryption; empty for the one that the device is paired with.
    pub url: String,
}

/// `[wake]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WakeConfig {
    /// The phrases.
    pub phrases: Vec<String>,
    /// As written; see [`Config::heads_dir`].
    pub heads_dir: PathBuf,
    /// 0 to 1.
    pub sensitivity: f32,
    /// The same for "stop".
    pub stop_sensitivity: f32,
}

/// `[lights]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LightsConfig {
    /// Which ones.
    pub kind: LightsKind,
    /// How many a chain has.
    pub count: usize,
    /// Further USB products with a ring.
    pub products: Vec<u16>,
}

/// Which lights there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LightsKind {
    /// A chain on SPI.
    Apa102,
    /// The ring of a ReSpeaker.
    UsbRing,
    /// A line on the terminal.
    Console,
    /// None.
    None,
}

/// `[buttons]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ButtonsConfig {
    /// Which ones.
    pub kind: ButtonsKind,
    /// The GPIO line.
    pub pin: u8,
}

/// Which buttons there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonsKind {
    /// One on a GPIO line.
    Gpio,
    /// Keys of the terminal.
    Keys,
    /// None.
    None,
}

impl Config {
    /// Reads the defaults, then the file that was named; else the installed one, if there is one.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let installed = || Some(Path::new(INSTALLED)).filter(|path| path.exists());
        let Some(path) = file.or_else(installed) else { return Self::from_toml("") };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("the configuration {} cannot be read", path.display()))?;
        Self::from_toml(&text).with_context(|| format!("{} has a mistake", path.display()))
    }

    /// Reads the defaults, then a text over them.
    pub fn from_toml(text: &str) -> Result<Self> {
        let config: Self = Figment::from(Toml::string(DEFAULTS)).merge(Toml::string(text)).extract()?;
        if !config.hub.url.is_empty() {
            local_hub(&config.hub.url)?;
        }
        let wake = &config.wake;
        for (name, value) in [("sensitivity", wake.sensitivity), ("stop_sensitivity", wake.stop_sensitivity)] {
            if Sensitivity::new(value).is_none() {
                bail!("`{name}` in [wake] is a number from 0 to 1, not {value}");
            }
        }
        Ok(config)
    }

    /// Where learnt phrases lie.
    pub fn heads_dir(&self) -> PathBuf {
        if self.wake.heads_dir.as_os_str().is_empty() {
            self.room.state_dir.join("heads")
        } else {
            self.wake.heads_dir.clone()
        }
    }
}

impl RoomConfig {
    /// How long states last.
    pub const fn times(&self) -> Times {
        Times {
            listening_ms: self.listening_ms,
            follow_up_ms: self.follow_up_ms,
            thinking_ms: self.thinking_ms,
            speaking_ms: self.speaking_ms,
            ringing_ms: self.ringing_ms,
            error_ms: self.error_ms,
        }
    }

    /// Where the control socket is: as configured, else in systemd's runtime directory for a device that keeps its state in
    /// the installed place, else beside the state.
    pub fn control_socket_path(&self) -> PathBuf {
        let runtime_dir = Path::new(RUNTIME_DIR);
        if !self.control_socket.as_os_str().is_empty() {
            return self.control_socket.clone();
        }
        if self.state_dir == Path::new(INSTALLED_STATE) && runtime_dir.is_dir() {
            return runtime_dir.join("control.sock");
        }
        self.state_dir.join("control.sock")
    }
}

/// The host and port of a hub on this machine that is reached without encryption. Sound of a room never crosses a network in
/// the clear, so any other address is refused.
pub fn local_hub(url: &str) -> Result<(IpAddr, u16)> {
    let words = || {
        format!(
            "`url` in [hub] must be ws:// and an address of this machine, such as ws://127.0.0.1:9997, not `{url}`; \
             for any other hub leave it empty and pair the device: xswarm-room pair ADDRESS CODE"
        )
    };
    let parsed = Url::parse(url).with_context(words)?;
    let ip = match parsed.host() {
        Some(Host::Ipv4(ip)) => IpAddr::from(ip),
        Some(Host::Ipv6(ip)) => IpAddr::from(ip),
        Some(Host::Domain(_)) | None => bail!(words()),
    };
    let is_bare = parsed.path() == "/" && parsed.query().is_none() && parsed.username().is_empty();
    match parsed.port() {
        Some(port) if parsed.scheme() == "ws" && ip.is_loopback() && is_bare => Ok((ip, port)),
        Some(_) | None => bail!(words()),
    }
}

/// What is logged: `RUST_LOG` as env_logger reads it, else what matters.
#[expect(clippy::disallowed_methods, reason = "this is the place that reads the environment")]
pub fn log_filter() -> String {
    std::env::var("RUST_LOG").unwrap_or_else(|_not_set| "info,mdns_sd=off,tract=warn".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_whole_and_the_file_is_read_over_them() {
        let config = Config::from_toml("").unwrap();
        assert_eq!((config.room.times(), config.sound.clone()), (Times::default(), Backend::default()));
        let text =
            "[sound]\nbackend = \"wav\"\ncapture = \"in.wav\"\n[lights]\nkind = \"usb_ring\"\nproducts = [0x1A]\n";
        let config = Config::from_toml(text).unwrap();
        assert!(matches!(&config.sound, Backend::Wav(files) if files.capture == Path::new("in.wav")));
        assert_eq!((config.lights.kind, config.lights.products), (LightsKind::UsbRing, vec![0x1A]));
        assert_eq!(config.wake.phrases, ["hey boss", "stop"]);
    }

    #[test]
    fn what_is_not_known_is_named() {
        for (text, name) in [
            ("[rooom]\n", "rooom"),
            ("[room]\nlistenin_ms = 1\n", "listenin_ms"),
            ("[sound]\nbackend = \"alsa\"\nfile = \"x\"\n", "file"),
            ("[lights]\nkind = \"disco\"\n", "disco"),
            ("[wake]\nsensitivity = 2.0\n", "`sensitivity`"),
            ("[wake]\nstop_sensitivity = -1.0\n", "`stop_sensitivity`"),
        ] {
            let error = format!("{:#}", Config::from_toml(text).unwrap_err());
            assert!(error.contains(name), "{text}: {error}");
        }
    }

    #[test]
    fn only_a_hub_on_this_machine_is_reached_without_encryption() {
        assert_eq!(local_hub("ws://127.0.0.1:9997").unwrap(), ("127.0.0.1".parse().unwrap(), 9_997));
        assert_eq!(local_hub("ws://[::1]:1").unwrap(), ("::1".parse().unwrap(), 1));
        for url in ["ws://192.168.1.2:9997", "ws://localhost:9997", "wss://127.0.0.1:9443", "ws://127.0.0.1", "x"] {
            let error = format!("{:#}", local_hub(url).unwrap_err());
            assert!(error.contains("pair"), "{url}: {error}");
            assert!(Config::from_toml(&format!("[hub]\nurl = \"{url}\"\n")).is_err(), "{url}");
        }
    }

    #[test]
    fn sockets_and_heads_lie_beside_the_state_unless_said_otherwise() {
        let config = Config::from_toml("[room]\nstate_dir = \"/x\"\n").unwrap();
        assert_eq!(config.room.control_socket_path(), Path::new("/x/control.sock"));
        assert_eq!(config.heads_dir(), Path::new("/x/heads"));
        let config = Config::from_toml("[room]\ncontrol_socket = \"/y.sock\"\n[wake]\nheads_dir = \"/z\"\n").unwrap();
        assert_eq!(config.room.control_socket_path(), Path::new("/y.sock"));
        assert_eq!(config.heads_dir(), Path::new("/z"));
    }
}
