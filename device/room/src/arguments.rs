//! What can be typed after `xswarm-room`.

use std::path::PathBuf;

use clap::{Parser, Subcommand, value_parser};
use xswarm_core::device::DeviceCode;

use crate::pairing::Address;

/// A room device of the Boss: it hears its wake word, and carries the conversation to the hub.
#[derive(Debug, Parser)]
#[command(
    version,
    name = "xswarm-room",
    after_help = "First: `xswarm device pair Kitchen --for WHO` on the hub shows a code and what to type. Then here:\n  \
    xswarm-room pair 192.168.1.7 ABCD-EFGH-JKMN-PQRS-TUVW\n  xswarm-room test\n  xswarm-room run\n\nWhile it runs:\n  \
    xswarm-room status\n  xswarm-room volume 40\n  xswarm-room mute"
)]
pub struct Arguments {
    /// The configuration file. Without it /etc/xswarm/room.toml, if there is one; else the defaults.
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub task: Task,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Listens, until it is told to stop.
    Run,
    /// Makes this device known to a hub, and the hub to this device.
    #[command(after_help = "Examples:\n  xswarm-room pair 192.168.1.7 ABCD-EFGH-JKMN-PQRS-TUVW\n  \
        xswarm-room pair --find ABCD-EFGH-JKMN-PQRS-TUVW")]
    Pair {
        /// Where the hub is, as `xswarm device pair` shows it: a name or an IP address, with a port where it is not 9443.
        #[arg(required_unless_present = "find", requires = "code")]
        address: Option<Address>,
        /// The code that `xswarm device pair` shows.
        code: Option<DeviceCode>,
        /// Looks for the hub of this code in the local network.
        #[arg(long, value_name = "CODE", conflicts_with_all = ["address", "code"])]
        find: Option<DeviceCode>,
    },
    /// Learns another wake word, from synthetic voices.
    #[command(
        after_help = "Example:\n  xswarm-room train \"hey computer\"\n\nThen name it in `phrases` in [wake]: phrases = \
        [\"hey computer\", \"stop\"]."
    )]
    Train {
        /// What is to be said: up to five words.
        phrase: String,
        /// How much is learnt from, as a share of the full course.
        #[arg(long, default_value_t = 1.0, value_name = "SHARE")]
        effort: f32,
    },
    /// Stops listening, until `unmute`. Nothing that the microphones hear is looked at, nor leaves the device.
    Mute,
    /// Listens again.
    Unmute,
    /// Sets how loud the device is.
    Volume {
        /// 0 to 100.
        #[arg(value_parser = value_parser!(u8).range(0..=100))]
        percent: u8,
    },
    /// Ends what is being said, or a timer that rings.
    Stop,
    /// Does what the wake word does.
    Press,
    /// Shows how the device is.
    Status {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Lists sound devices by names that stay the same.
    Devices,
    /// Records three seconds, says how loud each channel is, and plays them.
    Test,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn what_can_be_typed_is_in_order() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_device_is_paired_by_address_and_code_or_by_code_alone() {
        let code = DeviceCode::new(b"authority", "ABCD2345".to_owned()).to_string();
        let read = |words: &[&str]| Arguments::try_parse_from([&["xswarm-room", "pair"], words].concat());
        assert!(read(&["boss.lan", &code]).is_ok());
        assert!(read(&["--find", &code]).is_ok());
        for wrong in [&[][..], &["boss.lan"], &["boss.lan", "ABCD"], &["--find"], &["boss.lan", &code, "--find", &code]]
        {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
