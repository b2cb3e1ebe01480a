//! Echoes through made-up paths, with and without somebody who talks over them.

use super::*;

fn noise(random: &mut fastrand::Rng, loudness: f32) -> Sound {
    let mut sound = [0.0; BLOCK];
    for sample in &mut sound {
        *sample = loudness * (random.f32() - 0.5);
    }
    sound
}

/// A way from the loudspeaker to the microphone: a delay in samples, then a tail that dies away.
struct Path {
    delay: usize,
    tail: Vec<f32>,
}

fn path(delay: usize, tail: usize, seed: u64) -> Path {
    let mut random = fastrand::Rng::with_seed(seed);
    let dying = (1..tail).map(|at| 0.3 * (random.f32() - 0.5) * (-(at as f32) / 400.0).exp());
    Path { delay, tail: std::iter::once(0.7).chain(dying).collect() }
}

/// A loudspeaker that plays noise, and two microphones, of which one hears half of it.
struct Scene {
    canceller: EchoCanceller,
    random: fastrand::Rng,
    past: VecDeque<f32>,
}

impl Scene {
    fn new(tail_ms: u32) -> Self {
        let past = std::iter::repeat_n(0.0, 16_000).collect();
        Self { canceller: EchoCanceller::new(2, tail_ms), random: fastrand::Rng::with_seed(11), past }
    }

    /// Plays so many blocks through a path, while somebody talks so loud. Returns the powers, in the last half second, of the
    /// echo and of what is left besides the talker.
    fn play(&mut self, blocks: usize, path: &Path, talk: f32) -> (f32, f32) {
        let (mut echoes, mut lefts) = (0.0, 0.0);
        for block in 0..blocks {
            let played = noise(&mut self.random, 0.5);
            let mut echo = [0.0; BLOCK];
            for (sample, played) in echo.iter_mut().zip(played) {
                self.past.pop_back();
                self.past.push_front(played);
                *sample =
                    path.tail.iter().zip(self.past.iter().skip(path.delay)).map(|(weight, past)| weight * past).sum();
            }
            let talker = noise(&mut self.random, talk);
            let mut heard = [1.0, 0.5].map(|loudness| {
                let mut heard = talker;
                heard.iter_mut().zip(&echo).for_each(|(sample, echo)| *sample += loudness * echo);
                heard
            });
            let mut estimate = [0.0; BLOCK];
            self.canceller.cancel(&played, &mut heard, &mut estimate);
            if block + 50 >= blocks {
                echoes += 1.25 * power(Some(&echo));
                let left = |heard: &Sound| -> f32 {
                    heard.iter().zip(&talker).map(|(left, talker)| (left - talker).powi(2)).sum()
                };
                lefts += heard.iter().map(left).sum::<f32>();
            }
        }
        (echoes, lefts)
    }
}

fn db((echo, left): (f32, f32)) -> f32 {
    10.0 * (echo / left).log10()
}

#[test]
fn an_echo_is_subtracted() {
    let mut scene = Scene::new(100);
    let path = path(30, 1_200, 1);
    let reduced = db(scene.play(300, &path, 0.0));
    assert!(reduced > 35.0, "{reduced} dB after 3 s");
    let report = scene.canceller.report();
    assert!(report.playing && report.reduction_db > 30.0, "{report:?}");
}

#[test]
fn a_talker_does_not_unlearn_it() {
    let mut scene = Scene::new(100);
    let path = path(30, 1_200, 1);
    scene.play(200, &path, 0.0);
    let reduced = db(scene.play(300, &path, 0.5));
    assert!(reduced > 20.0, "{reduced} dB while somebody talks as loud as the echo");
}

#[test]
fn a_new_path_is_learned() {
    let mut scene = Scene::new(100);
    scene.play(200, &path(30, 1_200, 1), 0.0);
    let reduced = db(scene.play(400, &path(50, 1_200, 2), 0.0));
    assert!(reduced > 25.0, "{reduced} dB after 4 s on another path");
}

#[test]
fn a_delay_longer_than_the_tail_is_found() {
    let mut scene = Scene::new(60);
    let late = path(4_800, 500, 3);
    let reduced = db(scene.play(500, &late, 0.0));
    assert_eq!(scene.canceller.report().delay_ms, 300);
    assert!(reduced > 25.0, "{reduced} dB");
    // Without a stop the card's buffer grows by 20 ms: the filter moves along instead of learning all anew.
    let reduced = db(scene.play(300, &path(4_800 + 640, 500, 3), 0.0));
    assert!(reduced > 20.0, "{reduced} dB after a jump");
}

#[test]
fn what_is_no_echo_is_left_alone() {
    let mut canceller = EchoCanceller::new(2, 100);
    let mut random = fastrand::Rng::with_seed(2);
    for _ in 0..100 {
        let talker = [noise(&mut random, 0.4), noise(&mut random, 0.4)];
        let mut heard = talker;
        canceller.cancel(&[0.0; BLOCK], &mut heard, &mut [0.0; BLOCK]);
        assert_eq!(heard, talker);
    }
    assert!(!canceller.report().playing);
}
