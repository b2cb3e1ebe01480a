//! The made-up rooms, as tests/room/simulate.py left them.

use std::path::{Path, PathBuf};

/// What there is.
pub(crate) struct Manifest {
    directory: PathBuf,
    pub(crate) radius_m: f32,
    pub(crate) microphone_degrees: Vec<f32>,
    pub(crate) talk_s: (usize, usize),
    pub(crate) drift_ppm: f64,
    pub(crate) rooms: Vec<Room>,
}

/// A room.
pub(crate) struct Room {
    name: String,
    pub(crate) rt60_s: f32,
    pub(crate) talkers: Vec<Talker>,
}

/// Where somebody talks in it.
pub(crate) struct Talker {
    pub(crate) degrees: f32,
    pub(crate) metres: f32,
}

impl Room {
    /// The file of something that is heard in it.
    pub(crate) fn file(&self, what: &str) -> String {
        format!("{}-{what}", self.name)
    }
}

impl Manifest {
    pub(crate) fn read(directory: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(directory.join("manifest.tsv")).ok()?;
        let mut manifest = Self {
            directory: directory.to_owned(),
            radius_m: 0.0,
            microphone_degrees: Vec::new(),
            talk_s: (0, 0),
            drift_ppm: 0.0,
            rooms: Vec::new(),
        };
        for line in text.lines() {
            let fields: Vec<_> = line.split('\t').collect();
            let number = |at: usize| fields[at].parse::<f32>().unwrap();
            match fields[0] {
                "array" => {
                    manifest.radius_m = number(1);
                    manifest.microphone_degrees = (2..fields.len()).map(number).collect();
                }
                "talk" => manifest.talk_s = (number(1) as usize, number(2) as usize),
                "drift" => manifest.drift_ppm = f64::from(number(1)),
                "room" => {
                    manifest.rooms.push(Room { name: fields[1].to_owned(), rt60_s: number(2), talkers: Vec::new() });
                }
                "scene" => {
                    let talkers = &mut manifest.rooms.last_mut().unwrap().talkers;
                    talkers.push(Talker { degrees: number(1), metres: number(2) });
                }
                other => println!("a line of the manifest is not understood: {other}"),
            }
        }
        Some(manifest)
    }

    /// A file's channels.
    pub(crate) fn sound(&self, name: &str) -> Vec<Vec<f32>> {
        self.find(name).unwrap()
    }

    /// The same, or `None` where there is no such file.
    pub(crate) fn find(&self, name: &str) -> Option<Vec<Vec<f32>>> {
        let mut reader = hound::WavReader::open(self.directory.join(format!("{name}.wav"))).ok()?;
        let channels = usize::from(reader.spec().channels);
        let samples: Vec<f32> = reader.samples().map(Result::unwrap).collect();
        Some((0..channels).map(|channel| samples.iter().skip(channel).step_by(channels).copied().collect()).collect())
    }

    /// What is played in a room.
    pub(crate) fn reference(&self, room: &Room) -> Vec<f32> {
        self.sound(&room.file("reference")).swap_remove(0)
    }
}
