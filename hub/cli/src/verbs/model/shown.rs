//! How far it is: a bar on a terminal, nothing elsewhere.

use indicatif::{DecimalBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use xswarm_voice::catalogue::{Model, Progress};

use crate::screen::Abilities;

/// A bar for one file after the other, on standard error.
pub(super) struct Bar {
    bar: ProgressBar,
}

impl Bar {
    /// One that shows itself only on a terminal where words are wanted.
    pub(super) fn new(abilities: Abilities) -> Self {
        let bar = ProgressBar::no_length();
        if abilities.json {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let template = "{msg} {wide_bar} {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left";
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar }
    }

    /// Shows how far a file of a model is.
    pub(super) fn show(&self, model: Model, progress: Progress<'_>) {
        let file = progress.file.rsplit('/').next().unwrap_or(progress.file);
        let message = format!("{} {file}", model.name());
        if self.bar.message() != message {
            self.bar.set_message(message);
            self.bar.reset();
        }
        self.bar.set_length(progress.total_bytes);
        self.bar.set_position(progress.done_bytes);
    }

    /// Takes it away.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// "2.4 GB": as whoever publishes it counts.
pub(super) fn size(bytes: u64) -> String {
    DecimalBytes(bytes).to_string()
}
