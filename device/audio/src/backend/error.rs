//! What goes wrong, in words.

use std::path::PathBuf;

/// Why devices or files cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SoundError {
    /// A setting that cannot be.
    #[error("the settings of sound cannot be: {0}")]
    Config(&'static str),
    /// This build knows no sound cards.
    #[error("this build hears and plays files only; build it with the feature `cards`, or choose `backend = \"wav\"`")]
    LeftOut,
    /// There is no device of that name.
    #[error("there is no device \"{name}\" that {does}; there {known}")]
    NoDevice {
        /// What was asked for.
        name: String,
        /// "captures" or "plays".
        does: &'static str,
        /// "is none" or "are …".
        known: String,
    },
    /// A device that is there does not do what it should.
    #[error("the device \"{name}\" cannot {what}: {cause}")]
    Device {
        /// Its name.
        name: String,
        /// What was asked of it.
        what: &'static str,
        /// What it answered.
        cause: String,
    },
    /// A file.
    #[error("{path}: {cause}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: hound::Error,
    },
    /// A file with too many channels.
    #[error("{path} has {channels} channels; 1 to 8 can be heard", path = path.display())]
    FileChannels {
        /// Which.
        path: PathBuf,
        /// How many.
        channels: u16,
    },
}

/// Why sound is away.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    /// It could not be opened.
    #[error(transparent)]
    NotOpened(#[from] SoundError),
    /// The device went.
    #[error("the device \"{0}\" is gone")]
    Unplugged(String),
    /// The microphones gave nothing.
    #[error("no sound came for {0} ms")]
    NoFrames(u64),
    /// One error after the other.
    #[error("nothing but errors, {errors} in a moment; the last one: {last}")]
    Errors {
        /// How many.
        errors: u32,
        /// The last one.
        last: String,
    },
    /// Any other error that does not pass.
    #[error("{0}")]
    Failed(String),
}
