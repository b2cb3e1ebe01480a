//! Which engines listen and speak, and which of them takes the next call: the first in the order of `[voice] engine` that
//! can.
//!
//! Nobody waits for an engine. Kyutai's models are loaded while the hub serves; when they cannot be, or their thread dies,
//! they are tried again, after a minute at first and an hour at most, or at once when somebody asks. Servers are asked
//! whether they are there at the start, and whenever somebody calls. What happens on a call is not known here: one whose
//! engine dies ends, and the next call is taken by the next engine.

#[cfg(feature = "moshi")]
mod local;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::sync::{oneshot, watch};
#[cfg(any(test, feature = "moshi"))]
use tokio::{
    sync::Notify,
    time::{Duration, Instant, sleep},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use xswarm_core::admin::{EngineState, Readiness, VoiceState};
use xswarm_voice::{Checked, Engine, EngineError, Scripted, Wyoming, WyomingConfig};

use crate::{
    config::{VoiceConfig, VoiceEngine},
    error::Result,
};

/// After so long an engine that could not start, or died, is started again; each time in a row twice as long.
#[cfg(any(test, feature = "moshi"))]
const FIRST_PAUSE: Duration = Duration::from_mins(1);

/// The longest such pause.
#[cfg(any(test, feature = "moshi"))]
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// An engine that ran so long did not fail in a row.
#[cfg(any(test, feature = "moshi"))]
const LASTED: Duration = Duration::from_mins(10);

/// What a program without Kyutai's models says when it is told to use them.
#[cfg(not(feature = "moshi"))]
const NOT_BUILT: &str = "this program was built without Kyutai's models: build the hub with the cargo feature `cuda` (for an \
                         NVIDIA GPU) or `moshi`, or choose another engine in [voice]";

/// The engines of this hub.
pub(crate) struct Engines {
    places: Vec<Place>,
    models_dir: PathBuf,
    /// Fires when those that are away are to be tried again.
    #[cfg(any(test, feature = "moshi"))]
    retry: Notify,
    #[cfg(feature = "moshi")]
    moshi: xswarm_voice::moshi::MoshiSettings,
}

/// An engine, and whether it can take calls.
struct Place {
    kind: VoiceEngine,
    /// What is always there, though its servers may not be.
    standing: Option<Arc<Engine>>,
    state: watch::Sender<State>,
}

#[derive(Clone)]
enum State {
    #[cfg_attr(
        not(any(test, feature = "moshi")),
        expect(dead_code, reason = "nothing of this program has to be loaded")
    )]
    Loading,
    Ready(Arc<Engine>),
    Away(EngineError),
}

impl Engines {
    /// Those of the configuration. What they do for calls runs in `tasks`; Kyutai's models are loaded by [`Engines::run`].
    pub(crate) fn new(voice: &VoiceConfig, state_dir: &Path, tasks: &TaskTracker) -> Self {
        let place = |kind: &VoiceEngine| {
            let standing = match kind {
                VoiceEngine::Moshi => None,
                VoiceEngine::Wyoming => Some(Engine::Wyoming(wyoming(voice, tasks))),
                VoiceEngine::Scripted => {
                    let script = voice.script.clone().into();
                    let scripted = Scripted::new(script, voice.sessions, tasks.clone());
                    Some(Engine::Scripted(scripted.chatting(voice.chat.clone().into())))
                }
            };
            let standing = standing.map(Arc::new);
            let state = standing.clone().map_or_else(not_yet, State::Ready);
            Place { kind: *kind, standing, state: watch::Sender::new(state) }
        };
        let models_dir = voice.moshi.models_dir.clone().unwrap_or_else(|| state_dir.join("models"));
        Self {
            places: voice.engines.iter().map(place).collect(),
            #[cfg(any(test, feature = "moshi"))]
            retry: Notify::new(),
            #[cfg(feature = "moshi")]
            moshi: local::settings(voice, &models_dir),
            models_dir,
        }
    }

    /// Looks which servers are there, and keeps Kyutai's models loaded, if they were chosen, until `stop`.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) -> Result<()> {
        #[cfg(feature = "moshi")]
        tokio::join!(self.look(), self.keep_models(&stop));
        #[cfg(not(feature = "moshi"))]
        {
            if self.kinds().any(|kind| kind == VoiceEngine::Moshi) {
                log::error!(engine = VoiceEngine::Moshi.as_str(); "{NOT_BUILT}");
            }
            self.look().await;
        }
        stop.cancelled().await;
        Ok(())
    }

    #[cfg(feature = "moshi")]
    async fn keep_models(&self, stop: &CancellationToken) {
        if let Some(place) = self.places.iter().find(|place| place.kind == VoiceEngine::Moshi) {
            let start = || local::start(self.moshi.clone());
            self.keep(place, start, |engine| async move { engine.ended().await }, stop).await;
        }
    }

    /// Starts an engine, and starts it again whenever it could not or has `ended`.
    #[cfg(any(test, feature = "moshi"))]
    async fn keep<Starting, Ending>(
        &self,
        place: &Place,
        start: impl Fn() -> Starting,
        ended: impl Fn(Arc<Engine>) -> Ending,
        stop: &CancellationToken,
    ) where
        Starting: Future<Output = std::result::Result<Engine, EngineError>>,
        Ending: Future<Output = EngineError>,
    {
        let mut pause = FIRST_PAUSE;
        while !stop.is_cancelled() {
            place.state.send_replace(State::Loading);
            // Loading is heard out: a thread cannot be called back.
            let why = match start().await {
                Ok(engine) => {
                    let (engine, began) = (Arc::new(engine), Instant::now());
                    place.state.send_replace(State::Ready(Arc::clone(&engine)));
                    log::info!(engine = engine.name(); "the voice engine is ready");
                    let why = tokio::select! {
                        why = ended(Arc::clone(&engine)) => why,
                        () = stop.cancelled() => break,
                    };
                    place.state.send_replace(State::Away(why.clone()));
                    let_go(engine).await;
                    if began.elapsed() >= LASTED {
                        pause = FIRST_PAUSE;
                    }
                    why
                }
                Err(error) => error,
            };
            log::warn!(engine = place.kind.as_str(), again_in_s = pause.as_secs(); "{why}");
            place.state.send_replace(State::Away(why));
            tokio::select! {
                () = sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
                () = self.retry.notified() => pause = FIRST_PAUSE,
                () = stop.cancelled() => break,
            }
        }
    }

    /// Tries those that are away again, now.
    pub(crate) async fn retry(&self) {
        #[cfg(any(test, feature = "moshi"))]
        {
            // Whoever asked is told so at once.
            for place in self.places.iter().filter(|place| place.standing.is_none()) {
                place.state.send_if_modified(|state| {
                    let is_away = matches!(state, State::Away(_));
                    if is_away {
                        *state = State::Loading;
                    }
                    is_away
                });
            }
            self.retry.notify_one();
        }
        self.look().await;
    }

    /// Asks servers whether they are there, until an engine is found that can take a call.
    pub(crate) async fn look(&self) {
        for place in &self.places {
            if let Some(engine) = &place.standing
                && let Engine::Wyoming(servers) = &**engine
            {
                let Checked { stt, tts } = servers.check().await;
                let state = stt.and(tts).map_or_else(State::Away, |_program| State::Ready(Arc::clone(engine)));
                if let State::Away(why) = &state {
                    log::warn!(engine = place.kind.as_str(); "{why}");
                }
                place.state.send_replace(state);
            }
            if matches!(&*place.state.borrow(), State::Ready(_)) {
                return;
            }
        }
    }

    /// The engine that takes the next call.
    pub(crate) fn first(&self) -> Option<Arc<Engine>> {
        self.places.iter().find_map(|place| match &*place.state.borrow() {
            State::Ready(engine) => Some(Arc::clone(engine)),
            State::Loading | State::Away(_) => None,
        })
    }

    /// The servers of the Wyoming protocol, if they were chosen.
    pub(crate) fn wyoming(&self) -> Option<&Wyoming> {
        self.places.iter().find_map(|place| match place.standing.as_deref() {
            Some(Engine::Wyoming(wyoming)) => Some(wyoming),
            Some(_) | None => None,
        })
    }

    /// How it is with all of them.
    pub(crate) fn state(&self) -> VoiceState {
        let engine = |place: &Place| {
            let (readiness, why) = match &*place.state.borrow() {
                State::Loading => (Readiness::Loading, None),
                State::Ready(_) => (Readiness::Ready, None),
                State::Away(why) => (Readiness::Away, Some(why.to_string())),
            };
            EngineState { name: place.kind.as_str().to_owned(), readiness, why }
        };
        let models_dir = std::path::absolute(&self.models_dir).unwrap_or_else(|_| self.models_dir.clone());
        VoiceState {
            engines: self.places.iter().map(engine).collect(),
            runs_models: cfg!(feature = "moshi"),
            models_dir: models_dir.display().to_string(),
        }
    }

    /// What was chosen, in its order.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = VoiceEngine> {
        self.places.iter().map(|place| place.kind)
    }

    /// Where the models of this machine lie.
    #[cfg(feature = "moshi")]
    pub(crate) fn models_dir(&self) -> &Path {
        &self.models_dir
    }

    /// Which of them the engine of this machine needs.
    #[cfg(feature = "moshi")]
    pub(crate) fn models(&self) -> Vec<xswarm_voice::catalogue::Model> {
        let listening = self.moshi.transcription.iter().map(|listening| listening.model);
        let speaking = self.moshi.synthesis.iter().map(|_speaking| xswarm_voice::catalogue::Model::Tts);
        let talking = self.moshi.duplex.iter().map(|_talking| xswarm_voice::catalogue::Model::Moshi);
        listening.chain(speaking).chain(talking).collect()
    }

    /// Lets all of them go. Models are waited for: for the step that they are making.
    pub(crate) async fn close(&self) {
        for place in &self.places {
            let stopped = State::Away(EngineError::Unavailable("the hub stops".to_owned()));
            if let State::Ready(engine) = place.state.send_replace(stopped) {
                let_go(engine).await;
            }
        }
    }
}

/// Dropping an engine of this machine waits for its threads.
async fn let_go(engine: Arc<Engine>) {
    if aside(|| drop(engine)).await.is_none() {
        log::error!("a voice engine did not end in order");
    }
}

/// Does on a thread of its own what blocks; nothing if that panicked, or there is no thread to be had.
async fn aside<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (done, result) = oneshot::channel();
    // Whoever asked may be gone.
    let work = move || drop(done.send(what()));
    let thread = std::thread::Builder::new().name("voice-engine".to_owned()).spawn(work);
    if let Err(error) = thread {
        log::error!("a voice engine gets no thread: {error}");
    }
    result.await.ok()
}

/// How it is with an engine that has to be started.
fn not_yet() -> State {
    #[cfg(feature = "moshi")]
    return State::Loading;
    #[cfg(not(feature = "moshi"))]
    State::Away(EngineError::Unavailable(NOT_BUILT.to_owned()))
}

fn wyoming(voice: &VoiceConfig, tasks: &TaskTracker) -> Wyoming {
    let config = WyomingConfig {
        stt: voice.stt_url.clone(),
        tts: voice.tts_url.clone(),
        language: voice.language.clone(),
        voice: voice.voice.clone(),
        sessions: voice.sessions,
    };
    Wyoming::new(config, tasks.clone())
}

#[cfg(test)]
mod tests;
