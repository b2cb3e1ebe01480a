//! Calls by telephone: taking one, opening its sound, and what is left when it is over.
//!
//! A call is told of by a signed webhook; the answer makes Twilio open a stream to us with a token that is good once and for
//! a minute. What is said is recorded like every message and answered by the same assistant; what was answered and never
//! heard reaches the person as a message. What is said when, and when a call ends, is [`crate::dialog`]'s business.

mod in_room;
mod ledger;
mod line;
mod opening;
mod outbound;
mod partner;
mod pin;
mod recording;
mod session;
mod speech;

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::extract::ws::WebSocket;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use xswarm_core::{
    call::{Call, CallEnd, CallState},
    id::CallId,
    message::Direction,
    phone::Phone,
};
use xswarm_store::{Store, StoreError, Tx};
use xswarm_voice::{Conversation, Engine, EngineError, audio::Format};

use super::{
    delivery::{Delivery, OptedOut},
    inbound,
};
use crate::{
    clock::Clock,
    dialog::InRoom,
    error::Error,
    http::client_address::network,
    outbox::OurAddresses,
    people,
    recordings::{Recordings, Tape},
    twilio::{
        client::Client,
        error_codes,
        voice::{CallStatus, CallWebhook, Twiml},
    },
    voice::Engines,
};
pub(super) use line::{Line, RoomEnd, ToRoom, unusual};
pub(crate) use opening::Opening;
use opening::Openings;
use session::{Ended, Session, Terms};

/// How long the token of a call is good.
const TOKEN_GOOD: chrono::Duration = chrono::Duration::seconds(60);

/// So soon after it rang the stream of a call is opened, unless it never is.
const OPENS_WITHIN: chrono::Duration = chrono::Duration::seconds(10);

/// How long the provider's word that a call is over waits for the line's own.
const LINE_FIRST: Duration = Duration::from_secs(1);

/// How long a stream may take to say which call it is.
const STARTING: Duration = Duration::from_secs(5);

/// How many turns a call may take.
const TURNS_MOST: u32 = 200;

/// How long somebody else than a person of the household may talk.
const STRANGER_LONGEST: Duration = Duration::from_secs(90);

/// What the telephone channel needs to know.
pub(crate) struct Settings {
    /// Our number, unless a person has their own.
    pub(crate) number: Option<Phone>,
    /// The address the world reaches us by.
    pub(crate) public_url: Option<String>,
    /// How many calls there may be at once.
    pub(crate) at_once: usize,
    /// How long a call may be.
    pub(crate) longest: Duration,
    /// Whether persons may converse freely, one at a time.
    pub(crate) converses: bool,
    /// Whether the sound of calls is kept.
    pub(crate) record: bool,
    /// Who makes our calls; nobody while there is no account.
    pub(crate) client: Option<Arc<Client>>,
    /// Whether a mailbox hears what a call is for.
    pub(crate) tells_mailboxes: bool,
}

/// The telephone channel.
pub(crate) struct Calls {
    store: Arc<Store>,
    clock: Clock,
    engines: Arc<Engines>,
    ours: OurAddresses,
    settings: Settings,
    places: Arc<Semaphore>,
    /// For streams that have not shown a token yet.
    openings: Arc<Openings>,
    /// What ends the calls that talk.
    ends: Mutex<HashMap<CallId, CancellationToken>>,
    /// The sound of calls, where it is kept.
    pub(crate) recordings: Arc<Recordings>,
    delivery: Delivery,
    /// What engines do for calls.
    tasks: TaskTracker,
}

impl Calls {
    /// A channel; while no engine is ready every caller is asked to write. What engines do runs in `tasks`.
    pub(crate) fn new(
        store: Arc<Store>,
        clock: Clock,
        engines: Arc<Engines>,
        ours: OurAddresses,
        settings: Settings,
        (recordings, tasks): (Arc<Recordings>, TaskTracker),
    ) -> Self {
        let places = Arc::new(Semaphore::new(settings.at_once));
        let opted_out = OptedOut {
            code: Some(error_codes::STOPPED),
            words: "the recipient answered STOP and is not called either, until they text START",
        };
        let first_look = Some(outbound::FIRST_LOOK);
        let delivery = Delivery { store: Arc::clone(&store), clock, first_look, opted_out };
        Self {
            store,
            clock,
            engines,
            ours,
            settings,
            places,
            openings: Arc::default(),
            ends: Mutex::default(),
            recordings,
            delivery,
            tasks,
        }
    }

    /// What listens and speaks.
    pub(crate) fn engines(&self) -> &Arc<Engines> {
        &self.engines
    }

    /// How many calls talk with an engine.
    pub(crate) fn talking(&self) -> usize {
        self.settings.at_once.saturating_sub(self.places.available_permits())
    }

    /// Somebody calls. The same call told of again is the same call, with a new token.
    pub(crate) async fn ring(&self, told: CallWebhook) -> Result<Twiml, Error> {
        let public_url = self.settings.public_url.clone().unwrap_or_default();
        self.engines.look().await;
        let Some(engine) = self.engines.first() else {
            self.turned_away(&told, CallEnd::Refused).await?;
            let words = "This is the Boss. I cannot talk on the telephone yet. Please send me a text message. Goodbye.";
            return Ok(Twiml::Say(words.to_owned()));
        };
        let now = self.clock.now();
        let sid = told.sid.clone();
        let waiting = self.store.read(move |rows| {
            let open = rows.calls_open()?;
            let opens = |call: &&Call| opens_soon(call, now) && call.provider_id.as_ref() != Some(&sid);
            Ok::<_, Error>(outbound::on_their_way(rows, now)? + open.iter().filter(opens).count())
        });
        let waiting = waiting.await?;
        if self.places.available_permits() <= waiting {
            log::warn!(engine = engine.name(); "a call finds all lines taken");
            self.turned_away(&told, CallEnd::AtCapacity).await?;
            let words = "This is the Boss. All my lines are busy. Please leave a message after the tone.";
            return Ok(Twiml::Record { words: words.to_owned(), action: format!("{public_url}/voice/recorded") });
        }
        let (number, token) = (self.settings.number.clone(), people::feed_token()?);
        let digest = digest(&token);
        let open = self
            .store
            .write(move |tx| {
                end_those_in_vain(tx, now)?;
                let call = known_or_new(tx, &told, number.as_ref(), CallState::Ringing, None, now)?;
                tx.call_token_set(call.id, &digest, now + TOKEN_GOOD)?;
                Ok::<_, Error>(call.state != CallState::Ended)
            })
            .await?;
        if !open {
            return Ok(Twiml::HangUp);
        }
        Ok(self.stream(token))
    }

    /// Has Twilio open the stream of a call.
    fn stream(&self, token: String) -> Twiml {
        let public_url = self.settings.public_url.clone().unwrap_or_default();
        let socket = public_url.replacen("http", "ws", 1);
        Twiml::Stream { url: format!("{socket}/voice/stream"), token, after: format!("{public_url}/voice/after") }
    }

    /// The stream of a call has ended: what Twilio does next.
    pub(crate) async fn after(&self, told: CallWebhook) -> Result<Twiml, Error> {
        let call = self.store.read(move |rows| rows.call_by_provider_id(&told.sid).map_err(Error::from)).await?;
        let failed = call.is_none_or(|call| match call.ended_because {
            None | Some(CallEnd::EngineFailed | CallEnd::HubStopped | CallEnd::BadProtocol) => true,
            Some(
                CallEnd::Finished
                | CallEnd::HungUp
                | CallEnd::Silence
                | CallEnd::TooLong
                | CallEnd::Loop
                | CallEnd::AtCapacity
                | CallEnd::NotAnswered
                | CallEnd::Voicemail
                | CallEnd::Refused,
            ) => false,
        });
        let sorry = "I am sorry, I cannot go on talking. Please send me a text message. Goodbye.";
        Ok(if failed { Twiml::Say(sorry.to_owned()) } else { Twiml::HangUp })
    }

    /// How far a call is: one of ours, of which it says so, or any. One that is over for the provider is over, but one
    /// that talks ends with its stream.
    pub(crate) async fn status(&self, ours: Option<CallId>, told: CallWebhook) -> Result<(), Error> {
        let (now, addresses) = (self.clock.now(), self.ours.clone());
        let sid = told.sid.clone();
        if told.status.and_then(over_for).is_some()
            && let Some(call) = self.store.read(move |rows| Ok::<_, Error>(rows.call_by_provider_id(&sid)?)).await?
        {
            self.is_gone(call.id);
        }
        self.store
            .write(move |tx| {
                if let Some(id) = ours {
                    let Some(call) = outbound::spoken_of(tx, id, &told.sid)? else { return Ok(()) };
                    outbound::is_placed(tx, &call, &told.sid, now)?;
                    return outbound::progress(tx, &call, told.status, &addresses, now);
                }
                let rings = |call: &Call| call.state == CallState::Ringing;
                let call = tx.call_by_provider_id(&told.sid)?.filter(rings);
                if let (Some(call), Some(because)) = (call, told.status.and_then(over_for)) {
                    tx.call_end(call.id, because, now)?;
                }
                Ok::<_, Error>(())
            })
            .await
    }

    /// A call that talks is over for the provider. Its line says so, too, unless that was lost.
    fn is_gone(&self, id: CallId) {
        let talking = self.ends.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        let Some(ends) = talking else { return };
        self.tasks.spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(LINE_FIRST) => ends.cancel(),
                () = ends.cancelled() => {}
            }
        });
    }

    /// A caller for whom there was no line left a message.
    pub(crate) async fn recorded(&self, told: CallWebhook) -> Result<Twiml, Error> {
        let (now, ours) = (self.clock.now(), self.ours.clone());
        self.store.write(move |tx| ledger::recorded(tx, &told, &ours, now)).await?;
        Ok(Twiml::Say("Thank you. Goodbye.".to_owned()))
    }

    /// Room for a stream from there that has still to show a token; none while too many strangers knock.
    pub(crate) fn opening(&self, from: Option<IpAddr>) -> Option<Opening> {
        self.openings.enter(from.map(network))
    }

    /// Talks over a stream, until one side ends it. Whoever cannot show a call's token is not listened to.
    pub(crate) async fn serve(&self, socket: WebSocket, opening: Opening, stopping: &CancellationToken) {
        let Some(engine) = self.engines.first() else { return };
        let Some((line, token)) = Line::open(socket, STARTING).await else { return };
        let (now, name) = (self.clock.now(), engine.name());
        let digest = digest(&token);
        let taken = self.store.write(move |tx| tx.call_token_take(&digest, name, now).map_err(Error::from)).await;
        let call = match taken {
            Ok(Some(call)) => call,
            Ok(None) => {
                log::warn!("a voice stream showed no token of a call");
                return line.refuse().await;
            }
            Err(error) => {
                log::error!("a call could not be taken: {}", error.chain());
                return line.refuse().await;
            }
        };
        drop(opening);
        self.hold(&engine, line, call, None, stopping).await;
    }

    /// Talks until it is over, and settles what is owed then.
    async fn hold(
        &self,
        engine: &Engine,
        line: Line,
        call: Call,
        room: Option<InRoom>,
        stopping: &CancellationToken,
    ) -> Ended {
        let id = call.id;
        let gone = CancellationToken::new();
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).insert(id, gone.clone());
        let talk = Box::pin(self.talk(engine, line, call, room, (stopping, &gone))).await;
        gone.cancel();
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        let ended = talk.unwrap_or_else(|error| {
            log::error!(call:% = id; "a call ended badly: {}", error.chain());
            Ended { because: CallEnd::EngineFailed, is_meant: true }
        });
        let (now, ours) = (self.clock.now(), self.ours.clone());
        let settled = self.store.write(move |tx| ledger::settle(tx, id, ended.because, &ours, now)).await;
        if let Err(error) = settled {
            log::error!(call:% = id; "a call could not be settled: {}", error.chain());
        }
        ended
    }

    async fn talk(
        &self,
        engine: &Engine,
        line: Line,
        call: Call,
        room: Option<InRoom>,
        ends: (&CancellationToken, &CancellationToken),
    ) -> Result<Ended, Error> {
        let id = call.id;
        let over = |because: CallEnd| Ended { because, is_meant: true };
        let failed = |error: EngineError| {
            log::warn!(call:% = id; "a call ends: {error}");
            over(match error {
                EngineError::AtCapacity { .. } => CallEnd::AtCapacity,
                EngineError::Unavailable(_) | EngineError::Died(_) | EngineError::Behind { .. } => {
                    CallEnd::EngineFailed
                }
            })
        };
        let Ok(_place) = self.places.try_acquire() else { return Ok(over(CallEnd::AtCapacity)) };
        let listener = match engine.listen() {
            Ok(listener) => listener,
            Err(error) => return Ok(failed(error)),
        };
        let (tells, ours) = (self.settings.tells_mailboxes, call.clone());
        let (user, persons, matter) = self
            .store
            .read(move |rows| {
                let user = match ours.direction {
                    Direction::Inbound => ours.user_id.map_or(Ok(None), |user| rows.user(user))?,
                    Direction::Outbound => outbound::person(rows, &ours)?,
                };
                let room = ours.room.as_deref().map_or(Ok(None), |room| rows.device_by_name(room))?;
                let persons = room.into_iter().flat_map(|room| room.user_ids).map(|user| rows.user(user));
                let persons = persons.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()?;
                Ok::<_, Error>((user, persons, outbound::errand(rows, &ours, tells)?))
            })
            .await?;
        let longest = if user.is_some() || room.is_some() { self.settings.longest } else { STRANGER_LONGEST };
        // Who is called is told what for; neither free talk nor a recording comes before that.
        let (partner, tape) = match call.direction {
            Direction::Inbound if room.is_some() => (None, None),
            Direction::Inbound => {
                let partner = if user.is_some() && self.settings.converses { converse(engine, id) } else { None };
                (partner, self.tape(&call, line.format()).await)
            }
            Direction::Outbound => (None, None),
        };
        let terms = Terms { user, longest, tape, matter, room, persons };
        let mut session = Session::new(self, engine, line, listener, call, terms)?;
        if let Some(partner) = partner {
            session = session.with_partner(partner);
        }
        Box::pin(session.run(ends)).await
    }

    /// What a call is recorded on, where it is. A stranger is not: they agreed to nothing, and what they leave is their
    /// message in words.
    async fn tape(&self, call: &Call, format: Format) -> Option<Tape> {
        if !self.settings.record || call.user_id.is_none() {
            return None;
        }
        let (now, format) = (self.clock.now(), recording::written_as(format));
        match self.recordings.begin(call.id, format, now, &self.tasks).await {
            Ok(tape) => Some(tape),
            Err(error) => {
                log::warn!(call:% = call.id; "a call is not recorded: {}", error.chain());
                None
            }
        }
    }

    /// After a start: calls that were under way are over, and what they owe is settled; so are those that rang in vain.
    pub(crate) async fn recover(&self) -> Result<(), Error> {
        let (now, ours) = (self.clock.now(), self.ours.clone());
        self.store
            .write(move |tx| {
                for call in tx.calls_open()? {
                    match call.state {
                        // What the provider's own voice says, it says without us; how far that is, is asked.
                        CallState::Connected | CallState::Ringing if outbound::goes_on(&call) => {
                            outbound::ask_soon(tx, &call, now)?;
                        }
                        CallState::Connected => ledger::settle(tx, call.id, CallEnd::HubStopped, &ours, now)?,
                        CallState::Ringing if now - call.created_at > TOKEN_GOOD => {
                            tx.call_end(call.id, CallEnd::NotAnswered, now)?;
                        }
                        CallState::Ringing | CallState::Ended => {}
                    }
                }
                Ok::<_, Error>(())
            })
            .await?;
        self.recover_placing().await
    }

    /// Waits until engines have let go of what calls used.
    pub(crate) async fn close(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        self.engines.close().await;
    }

    async fn turned_away(&self, told: &CallWebhook, because: CallEnd) -> Result<(), Error> {
        let (now, number, told) = (self.clock.now(), self.settings.number.clone(), told.clone());
        self.store
            .write(move |tx| {
                known_or_new(tx, &told, number.as_ref(), CallState::Ended, Some(because), now)?;
                Ok::<_, Error>(())
            })
            .await
    }
}

/// Whether a call that came in is about to open its stream: then its place is its own already.
fn opens_soon(call: &Call, now: chrono::DateTime<chrono::Utc>) -> bool {
    call.direction == Direction::Inbound && call.state == CallState::Ringing && now - call.created_at < OPENS_WITHIN
}

/// Calls that came in and whose stream can be opened no more are over, whether or not the provider tells so.
fn end_those_in_vain(tx: &Tx<'_>, now: chrono::DateTime<chrono::Utc>) -> Result<(), StoreError> {
    let rings = |call: &Call| call.direction == Direction::Inbound && call.state == CallState::Ringing;
    for call in tx.calls_open()?.into_iter().filter(rings) {
        // A webhook that is repeated gives a token once more.
        if now - call.created_at > TOKEN_GOOD * 2 {
            tx.call_end(call.id, CallEnd::NotAnswered, now)?;
        }
    }
    Ok(())
}

/// The call that a webhook tells of; a new one is noted in this state.
fn known_or_new(
    tx: &Tx<'_>,
    told: &CallWebhook,
    our_number: Option<&Phone>,
    state: CallState,
    ended_because: Option<CallEnd>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Call, StoreError> {
    if let Some(known) = tx.call_by_provider_id(&told.sid)? {
        return Ok(known);
    }
    let from = told.from.as_ref().and_then(|from| from.phone());
    let user = from.map_or(Ok(None), |phone| inbound::resolve(tx, phone, &told.to, our_number))?;
    let call = Call {
        id: CallId::new(now),
        user_id: user.map(|user| user.id),
        direction: Direction::Inbound,
        phone: told.from.as_ref().map(|from| from.as_str().to_owned()),
        our_phone: Some(told.to.as_str().to_owned()),
        room: None,
        provider_id: Some(told.sid.clone()),
        message_id: None,
        state,
        ended_because,
        answered_by: None,
        engine: None,
        created_at: now,
        connected_at: None,
        ended_at: ended_because.map(|_| now),
    };
    tx.call_insert(&call)?;
    Ok(call)
}

/// Free conversation, where it can be had just now: without it, a call is one with the Boss alone.
fn converse(engine: &Engine, call: CallId) -> Option<Conversation> {
    match engine.talk() {
        Ok(conversation) => Some(conversation),
        Err(EngineError::AtCapacity { .. }) => {
            log::info!(call:% = call; "somebody else has the free conversation");
            None
        }
        Err(error @ (EngineError::Unavailable(_) | EngineError::Died(_) | EngineError::Behind { .. })) => {
            log::warn!(call:% = call; "there is no free conversation: {error}");
            None
        }
    }
}

/// Why a call is over, if it is for the provider.
const fn over_for(status: CallStatus) -> Option<CallEnd> {
    match status {
        CallStatus::Completed => Some(CallEnd::HungUp),
        CallStatus::Busy | CallStatus::NoAnswer | CallStatus::Canceled => Some(CallEnd::NotAnswered),
        CallStatus::Failed => Some(CallEnd::Refused),
        CallStatus::Queued | CallStatus::Initiated | CallStatus::Ringing | CallStatus::InProgress => None,
    }
}

/// What of a token is kept.
fn digest(token: &str) -> String {
    STANDARD.encode(Sha256::digest(token.as_bytes()))
}

/// Whether the Boss's own voice may come back over a line of this format. A room takes it out by itself.
const fn has_echo(format: Format) -> bool {
    match format {
        Format::MuLaw => true,
        Format::Linear => false,
    }
}

#[cfg(test)]
mod tests;
