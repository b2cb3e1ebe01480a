//! What of a model is on this machine, by the names and lengths of its files. Checksums are compared when it is pulled again;
//! reading gigabytes to answer a question would be too much.

use std::{fs, path::Path};

use super::{
    Model,
    pull::{UNDER_WAY, bytes_in, notes},
};

/// How much of a model is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Installed {
    /// Every file, each as long as it was when it was pulled.
    Whole {
        /// How long all of them are.
        bytes: u64,
    },
    /// Not all of it; pulling goes on from here.
    Partly {
        /// What is there, and what is under way.
        bytes: u64,
        /// A file that is missing or has another length, and which of both.
        wrong: String,
    },
    /// Nothing.
    Not,
}

impl Model {
    /// What of it is in the directory of its name in `models`.
    pub fn installed(self, models: &Path) -> Installed {
        let directory = models.join(self.name());
        let notes = notes(&directory);
        let mut bytes = bytes_in(&directory.join(UNDER_WAY));
        let mut wrong = None;
        for file in self.files() {
            let path = directory.join(&*file.name);
            let has = fs::metadata(&path).map_or(0, |metadata| metadata.len());
            bytes += has;
            let pulled = notes.get(&*file.name).map(|noted| noted.bytes);
            let what = match (path.exists(), pulled) {
                (false, _) => Some("is missing".to_owned()),
                // Brought here by other means: whether it is whole, its header tells when it is opened.
                (true, None) => None,
                (true, Some(pulled)) if pulled == has => None,
                (true, Some(pulled)) => Some(format!("has {has} bytes of {pulled}")),
            };
            wrong = wrong.or_else(|| what.map(|what| format!("{} {what}", path.display())));
        }
        match wrong {
            None => Installed::Whole { bytes },
            Some(_) if bytes == 0 => Installed::Not,
            Some(wrong) => Installed::Partly { bytes, wrong },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_told_by_names_and_lengths() {
        let models = tempfile::tempdir().unwrap();
        let directory = models.path().join("stt");
        assert_eq!(Model::Stt.installed(models.path()), Installed::Not);
        fs::create_dir_all(directory.join(UNDER_WAY)).unwrap();
        assert_eq!(Model::Stt.installed(models.path()), Installed::Not);
        fs::write(directory.join(UNDER_WAY).join("x.part"), [0; 30]).unwrap();
        let missing = |name: &str| format!("{} is missing", directory.join(name).display());
        let partly = Installed::Partly { bytes: 30, wrong: missing("config.json") };
        assert_eq!(Model::Stt.installed(models.path()), partly);
        let (last, others) = Model::Stt.files().split_last().unwrap();
        for file in others {
            fs::write(directory.join(&*file.name), [0; 10]).unwrap();
        }
        let partly = Installed::Partly { bytes: 60, wrong: missing(&last.name) };
        assert_eq!(Model::Stt.installed(models.path()), partly);
        fs::remove_dir_all(directory.join(UNDER_WAY)).unwrap();
        fs::write(directory.join(&*last.name), [0; 10]).unwrap();
        assert_eq!(Model::Stt.installed(models.path()), Installed::Whole { bytes: 40 });
        fs::write(directory.join("pulled.json"), r#"{"config.json": {"bytes": 11, "sha256": ""}}"#).unwrap();
        let wrong = format!("{} has 10 bytes of 11", directory.join("config.json").display());
        assert_eq!(Model::Stt.installed(models.path()), Installed::Partly { bytes: 40, wrong });
    }
}
