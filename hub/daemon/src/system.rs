//! The machine underneath: where logs go, what systemd is told, how much room there is, whether the clock can be trusted.
//!
//! It decides nothing: what follows from a full disk or a drifting clock is the business of those who ask.

mod handed;
mod host;
mod log_output;
mod supervisor;

pub(crate) use handed::{Door, HandedSockets};
pub(crate) use host::{clock_synchronised, disk_free, host_name, keep_to_ourselves, make_state_dir};
pub(crate) use log_output::start_logging;
pub(crate) use supervisor::{ready, reloading, stopping, watchdog};
