//! What becomes of speech on its way to the microphone: the size of the talker ([`wave::resample`]), the room ([`Room`]), what
//! else sounds ([`noise`]), how loud it arrives ([`Scene`]). Everything follows from its seed.

pub mod noise;
mod room;
mod scene;
pub mod wave;

pub use room::Room;
pub use scene::{Background, Scene};
