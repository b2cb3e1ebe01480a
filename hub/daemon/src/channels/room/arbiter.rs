//! Which of several devices answers when more than one has heard the same words: the surest.
//!
//! Those that hear a wake word within a moment have heard the same one. The first to tell of it opens the moment; at its end
//! the surest is chosen, and whoever tells of it a little later still is too late.

use std::sync::{Mutex, PoisonError};

use tokio::{
    sync::oneshot,
    time::{Duration, Instant, sleep_until},
};

/// How long the others are waited for.
const MOMENT: Duration = Duration::from_millis(250);

/// So long after that nobody else is chosen: a wake word is longer, so nobody can have said it again.
const AFTERWARDS: Duration = Duration::from_millis(500);

/// Chooses.
#[derive(Debug, Default)]
pub(super) struct Arbiter {
    round: Mutex<Round>,
}

#[derive(Debug, Default)]
struct Round {
    ends_at: Option<Instant>,
    heard: Vec<(f32, oneshot::Sender<bool>)>,
}

impl Arbiter {
    /// A device is as sure as this that it has heard its wake word. Whether it is the one to answer.
    pub(super) async fn answers(&self, score: f32) -> bool {
        let (tell, told) = oneshot::channel();
        let now = Instant::now();
        let opened = self.round.lock().unwrap_or_else(PoisonError::into_inner).enter(score, tell, now);
        match opened {
            Entered::First { ends_at } => {
                sleep_until(ends_at).await;
                self.round.lock().unwrap_or_else(PoisonError::into_inner).choose();
            }
            Entered::Later => {}
            Entered::TooLate => return false,
        }
        told.await.unwrap_or(false)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Entered {
    First { ends_at: Instant },
    Later,
    TooLate,
}

impl Round {
    fn enter(&mut self, score: f32, tell: oneshot::Sender<bool>, now: Instant) -> Entered {
        let entered = match self.ends_at {
            Some(ends_at) if now < ends_at => Entered::Later,
            Some(ends_at) if now < ends_at + AFTERWARDS => return Entered::TooLate,
            Some(_) | None => {
                let ends_at = now + MOMENT;
                self.ends_at = Some(ends_at);
                Entered::First { ends_at }
            }
        };
        self.heard.push((score, tell));
        entered
    }

    /// Tells everybody; of several that are equally sure the first answers.
    fn choose(&mut self) {
        let mut heard = std::mem::take(&mut self.heard);
        heard.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        for (at, (_, tell)) in heard.into_iter().enumerate() {
            // Whoever is gone need not be told.
            let _ = tell.send(at == 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_surest_answers() {
        let arbiter = Arbiter::default();
        let answers = tokio::join!(arbiter.answers(0.7), arbiter.answers(0.9), arbiter.answers(0.8));
        assert_eq!(answers, (false, true, false));
    }

    #[tokio::test(start_paused = true)]
    async fn of_equals_the_first_answers_and_one_alone_does() {
        let arbiter = Arbiter::default();
        assert_eq!(tokio::join!(arbiter.answers(0.9), arbiter.answers(0.9)), (true, false));
        advance(AFTERWARDS).await;
        assert!(arbiter.answers(0.5).await);
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_a_little_later_has_heard_the_same_words() {
        let arbiter = Arbiter::default();
        assert!(arbiter.answers(0.5).await);
        assert!(!arbiter.answers(0.9).await);
        advance(AFTERWARDS).await;
        assert!(arbiter.answers(0.9).await, "those are others");
    }
}
