//! Who speaks: voices of three synthesizers, each either learnt from or measured with, never both.

use std::{fs, io::Write, process};

use super::SpeechError;
use crate::acoustics::wave;

/// A synthetic voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Voice {
    /// espeak-ng: an accent and a variant of the voice.
    Espeak {
        /// As `espeak-ng -v` names it.
        accent: &'static str,
        /// The same.
        variant: &'static str,
    },
    /// flite, by the voice's name.
    Flite(&'static str),
    /// festival, by the voice's name.
    Festival(&'static str),
}

/// How it speaks. 1 is the voice's own way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Manner {
    /// Words in a time.
    pub pace: f32,
    /// Height of the voice. Festival's voices have only their own.
    pub pitch: f32,
}

/// British English is "en": where voices of mbrola are installed, "en-gb" would be one of them, whose licence forbids
/// commercial use, and which knows no variants.
const ACCENTS: &[&str] = &["en-us", "en", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd"];

const TRAINING_VARIANTS: &[&str] = &[
    "adam",
    "Alex",
    "Alicia",
    "Andrea",
    "Annie",
    "antonio",
    "aunty",
    "belinda",
    "boris",
    "david",
    "Denis",
    "Diogo",
    "ed",
    "edward",
    "Gene",
    "gustave",
    "announcer",
    "Henrique",
    "iven",
    "iven3",
    "Jacky",
    "Lee",
    "linda",
    "marcelo",
    "Marco",
    "max",
    "Michael",
    "miguel",
    "Nguyen",
    "pablo",
    "paul",
    "quincy",
    "rob",
    "robert",
    "steph",
    "steph3",
    "zac",
    "f1",
    "f2",
    "f4",
    "grandpa",
    "klatt",
    "klatt3",
    "klatt5",
    "m1",
    "m2",
    "m4",
    "m6",
    "shelby",
    "travis",
    "AnxiousAndy",
    "edward2",
    "fast",
    "iven4",
    "RicishayMax",
    "RicishayMax3",
    "robosoft3",
    "robosoft7",
    "Storm",
    "Tweaky",
];

const HELD_OUT_VARIANTS: &[&str] = &[
    "Andy", "benjamin", "Hugo", "iven2", "john", "Mario", "michel", "Mike", "pedro", "norbert", "sandro", "steph2",
    "anika", "f3", "f5", "grandma", "klatt2", "klatt4", "m3", "m5", "m7", "m8", "victor", "Gene2",
];

impl Voice {
    /// The voices to learn from: each variant of espeak-ng in each accent, then flite and festival.
    pub fn training() -> Vec<Self> {
        let espeak = TRAINING_VARIANTS
            .iter()
            .flat_map(|variant| ACCENTS.iter().map(move |accent| Self::Espeak { accent, variant }));
        let others = [Self::Flite("slt"), Self::Flite("awb"), Self::Flite("kal16")];
        espeak.chain(others).chain([Self::Festival("cmu_us_slt_arctic_hts"), Self::Festival("kal_diphone")]).collect()
    }

    /// The voices to measure with: other variants, one accent that was never learnt, other speakers of flite and festival.
    pub fn held_out() -> Vec<Self> {
        let accents = ACCENTS.iter().chain(&["en-029"]).cycle();
        let espeak = HELD_OUT_VARIANTS.iter().zip(accents).map(|(variant, accent)| Self::Espeak { accent, variant });
        espeak.chain([Self::Flite("rms"), Self::Festival("ked_diphone")]).collect()
    }

    /// Whose voice it is: the same in every accent.
    pub(crate) fn speaker(self) -> &'static str {
        match self {
            Self::Espeak { variant, .. } => variant,
            Self::Flite(name) | Self::Festival(name) => name,
        }
    }

    /// The program, and Debian's package of it.
    fn program(self) -> (&'static str, &'static str) {
        match self {
            Self::Espeak { .. } => ("espeak-ng", "espeak-ng"),
            Self::Flite(_) => ("flite", "flite"),
            Self::Festival(_) => ("text2wave", "festival festvox-kallpc16k festvox-kdlpc16k festvox-us-slt-hts"),
        }
    }

    /// Whether its program is on this machine; the error says how to get it.
    pub fn installed(self) -> Result<(), SpeechError> {
        let (program, package) = self.program();
        let tried = process::Command::new(program).arg("--version").stdin(process::Stdio::null()).output();
        tried.map(drop).map_err(|source| SpeechError::Program { program, package, source })
    }

    /// Says a text: mono, 16 kHz, without the silence around it, at full scale.
    pub fn say(self, text: &str, manner: Manner) -> Result<Vec<f32>, SpeechError> {
        let silent = |why: String| SpeechError::Silent { voice: format!("{self:?}"), text: text.to_owned(), why };
        let bytes = self.run(text, manner)?.map_err(silent)?;
        let (samples, rate_hz) = wave::read(&bytes).map_err(|error| silent(error.to_string()))?;
        #[expect(clippy::cast_precision_loss, reason = "sampling rates are small")]
        let samples = wave::resample(&samples, rate_hz as f32 / crate::SAMPLE_RATE_HZ as f32);
        let samples = wave::normalised(wave::trimmed(&samples));
        if samples.is_empty() { Err(silent("silence".to_owned())) } else { Ok(samples) }
    }

    /// The inner error is what the program says.
    fn run(self, text: &str, manner: Manner) -> Result<Result<Vec<u8>, String>, SpeechError> {
        let (program, package) = self.program();
        let failed = |source| SpeechError::Program { program, package, source };
        let mut command = process::Command::new(program);
        // flite writes to files only.
        let file = tempfile::NamedTempFile::new().map_err(failed)?;
        match self {
            Self::Espeak { accent, variant } => {
                let (speed, pitch) = (165.0 * manner.pace, 50.0 * manner.pitch);
                command.args(["--stdout", "--stdin", "-v", &format!("{accent}+{variant}")]);
                command.args(["-s", &format!("{speed:.0}"), "-p", &format!("{pitch:.0}")]);
            }
            Self::Flite(name) => {
                let natural = if name == "slt" { 170.0 } else { 110.0 };
                command.args(["-voice", name, "-f", "/dev/stdin"]);
                command.args(["--setf", &format!("duration_stretch={:.3}", 1.0 / manner.pace)]);
                command.args(["--setf", &format!("int_f0_target_mean={:.1}", natural * manner.pitch)]);
                command.arg("-o").arg(file.path());
            }
            Self::Festival(name) => {
                let stretch = format!("(Parameter.set 'Duration_Stretch {:.3})", 1.0 / manner.pace);
                command.args(["-eval", &format!("(begin (voice_{name}) {stretch})")]);
                command.arg("-o").arg(file.path());
            }
        }
        let piped = process::Stdio::piped;
        let mut child = command.stdin(piped()).stdout(piped()).stderr(piped()).spawn().map_err(failed)?;
        if let Some(mut input) = child.stdin.take() {
            // A program that read enough and closed its end says below what it made of it.
            let written = input.write_all(text.as_bytes());
            drop(written);
        }
        let output = child.wait_with_output().map_err(failed)?;
        if !output.status.success() {
            return Ok(Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        Ok(Ok(match self {
            Self::Espeak { .. } => output.stdout,
            Self::Flite(_) | Self::Festival(_) => fs::read(file.path()).map_err(failed)?,
        }))
    }
}

/// How espeak-ng pronounces a text in an accent, without stress.
pub fn pronunciation(text: &str, accent: &str) -> Result<String, SpeechError> {
    let failed = |source| SpeechError::Program { program: "espeak-ng", package: "espeak-ng", source };
    let output =
        process::Command::new("espeak-ng").args(["-q", "-x", "-v", accent, "--", text]).output().map_err(failed)?;
    let said = String::from_utf8_lossy(&output.stdout);
    Ok(said.chars().filter(|sound| !" '_,\n:".contains(*sound)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_learnt_from_and_measured_with() {
        let (training, held_out) = (Voice::training(), Voice::held_out());
        assert!(held_out.len() >= 20 && training.len() >= 50);
        assert!(held_out.iter().all(|voice| !training.contains(voice)));
        assert!(HELD_OUT_VARIANTS.iter().all(|variant| !TRAINING_VARIANTS.contains(variant)));
    }

    /// espeak-ng takes another voice for one that it does not know, and says nothing.
    #[test]
    fn no_voice_of_espeak_is_another_under_a_different_name() {
        let mut sounds = std::collections::HashMap::new();
        let voices = Voice::training().into_iter().chain(Voice::held_out());
        for voice in voices.filter(|voice| matches!(voice, Voice::Espeak { .. })) {
            let said = voice.run("hey boss", Manner { pace: 1.0, pitch: 1.0 }).unwrap().unwrap();
            if let Some(other) = sounds.insert(said, voice) {
                panic!("{voice:?} is {other:?}");
            }
        }
    }

    #[test]
    fn espeak_speaks_and_says_how_it_pronounces() {
        let voice = Voice::Espeak { accent: "en-us", variant: "f3" };
        let manner = Manner { pace: 1.0, pitch: 1.0 };
        let said = voice.say("hey boss", manner).unwrap();
        assert!((5_000..24_000).contains(&said.len()), "{} samples", said.len());
        assert_eq!(said, voice.say("hey boss", manner).unwrap(), "the same text is the same sound");
        assert_eq!(pronunciation("hay boss", "en-us").unwrap(), pronunciation("hey boss", "en-us").unwrap());
        assert_ne!(pronunciation("hey moss", "en-us").unwrap(), pronunciation("hey boss", "en-us").unwrap());
    }
}
