//! How well the front end does in made-up rooms (tests/room/simulate.py), side by side with others: tables, no verdicts.
//!
//! `make bench-room` makes the rooms and runs this. By itself: `cargo bench -p xswarm-audio --bench room -- DIRECTORY`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a measurement prints, and ends where it cannot go on"
)]

#[path = "room/measure.rs"]
mod measure;
#[path = "room/others.rs"]
mod others;
#[path = "room/scene.rs"]
mod scene;
#[path = "room/tables.rs"]
mod tables;

use std::path::PathBuf;

fn main() {
    let directory = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).map(PathBuf::from);
    let Some(manifest) = directory.and_then(|directory| scene::Manifest::read(&directory)) else {
        println!("no rooms to listen in: run `make bench-room`, which makes them");
        return;
    };
    tables::echo(&manifest);
    tables::beam(&manifest);
    tables::processor(&manifest);
}
