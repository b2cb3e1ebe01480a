//! Looking at pages: pictures that a real browser (Debian's headless Chromium) takes of HTML.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::BufReader,
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::Command;

use crate::environment;

/// What the reader's screen is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Whether the reader prefers dark colours.
    pub dark: bool,
}

/// A picture that was taken.
#[derive(Debug)]
pub struct Picture {
    /// Where it lies.
    pub path: PathBuf,
    /// Red, green and blue of each pixel, row by row.
    pub pixels: Vec<[u8; 3]>,
}

impl Picture {
    /// How bright it is on average, from 0 to 255.
    pub fn brightness(&self) -> f64 {
        let sum: f64 =
            self.pixels.iter().map(|pixel| pixel.iter().map(|part| f64::from(*part)).sum::<f64>() / 3.0).sum();
        sum / f64::from(u32::try_from(self.pixels.len()).expect("a screen has fewer pixels"))
    }

    /// How many different colours there are: text alone has dozens, because its edges are smoothed.
    pub fn colours(&self) -> usize {
        self.pixels.iter().collect::<HashSet<_>>().len()
    }
}

/// Takes a picture of `html` on a screen and keeps it as `target/letters/<name>.png`, for people to look at.
pub async fn picture(name: &str, html: &str, screen: Screen) -> Picture {
    let kept = environment::repository().join("target/letters");
    fs::create_dir_all(&kept).expect("target/ can be written");
    let scratch = tempfile::tempdir().expect("a directory for the browser");
    let page = scratch.path().join("page.html");
    fs::write(&page, html).expect("the page can be written");
    let path = kept.join(format!("{name}.png"));
    let said = Command::new("chromium-headless-shell")
        .env_clear()
        .env("PATH", environment::path())
        .env("HOME", scratch.path())
        // Test machines run as root or in containers, where Chromium's own sandbox cannot be set up.
        .args(["--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage"])
        .arg(format!("--user-data-dir={}", scratch.path().join("profile").display()))
        .arg(format!("--window-size={},{}", screen.width, screen.height))
        .arg(format!("--blink-settings=preferredColorScheme={}", i32::from(!screen.dark)))
        .arg(format!("--screenshot={}", path.display()))
        .arg(&page)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("chromium-headless-shell is installed by `make test-deps`");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    Picture { pixels: pixels(&path), path }
}

fn pixels(path: &Path) -> Vec<[u8; 3]> {
    let file = BufReader::new(File::open(path).expect("the browser took a picture"));
    let mut reader = png::Decoder::new(file).read_info().expect("a PNG");
    let mut buffer = vec![0; reader.output_buffer_size().expect("a picture that fits into memory")];
    let frame = reader.next_frame(&mut buffer).expect("a whole picture");
    let samples = frame.color_type.samples();
    assert!(samples >= 3, "a picture in colours");
    buffer[..frame.buffer_size()].chunks_exact(samples).map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect()
}
