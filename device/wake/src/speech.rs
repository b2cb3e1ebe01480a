//! Synthetic speech to learn and to measure with: who speaks ([`Voice`]) and what they say ([`Grammar`]).
//!
//! The programs are Debian's: espeak-ng, flite, festival. None is needed to listen.

mod grammar;
mod voice;

pub use grammar::{Grammar, half, neighbours, nonsense};
pub use voice::{Manner, Voice, pronunciation};

/// Speech cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SpeechError {
    /// The program of a voice does not run.
    #[error("the speech synthesizer `{program}` cannot be run ({source}): install it with `apt-get install {package}`")]
    Program {
        /// Its name.
        program: &'static str,
        /// Debian's package.
        package: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// It ran and made no sound.
    #[error("the voice {voice} could not say \"{text}\" ({why}): install the voices with `make speech-deps`")]
    Silent {
        /// Who.
        voice: String,
        /// What.
        text: String,
        /// What went wrong.
        why: String,
    },
}
