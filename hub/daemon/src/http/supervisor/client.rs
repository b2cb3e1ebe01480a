//! One client: where it is in the record, what it may hear, and when it is parted with.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};
use tokio_util::sync::CancellationToken;
use xswarm_core::{
    supervisor::{CloseCode, Wish},
    user::Role,
};

use super::feed::{Fact, Feed, Meaning, Portion, Told};
use crate::{
    error::{Error, Result},
    http::caller::Caller,
};

/// How long a client may take to let one frame pass.
const SENDING: Duration = Duration::from_secs(10);

/// How long parting may take.
pub(super) const PARTING: Duration = Duration::from_secs(3);

/// Why a client is parted with. The reason has at most 123 bytes (RFC 6455 §5.5).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Parting {
    code: CloseCode,
    reason: String,
}

impl Parting {
    fn new(code: CloseCode, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }

    fn failed(error: &Error) -> Self {
        log::warn!("a client of the supervisor socket is given up: {}", error.chain());
        Self::new(CloseCode::Internal, "the hub cannot read its record; connect again later")
    }
}

/// A client and its place in the record.
pub(super) struct Client {
    told: broadcast::Receiver<Arc<Told>>,
    place: Place,
}

/// Where a client is in the record, and what waits to be sent. Knows nothing of sockets.
struct Place {
    caller: Caller,
    /// Up to where the record was read.
    position: i64,
    /// The record has more than what waits.
    behind: bool,
    /// A portion at most.
    waiting: VecDeque<Fact>,
    /// It said where to go on.
    placed: bool,
}

impl Place {
    /// Takes what follows of a portion; a portion that does not follow says that the record must be read.
    fn take(&mut self, portion: &Portion) {
        if portion.after > self.position {
            self.behind = true;
            return;
        }
        let follows = |fact: &&Fact| fact.sequence > self.position && self.hears(fact);
        let facts: Vec<Fact> = portion.facts.iter().filter(follows).cloned().collect();
        self.waiting.extend(facts);
        self.position = self.position.max(portion.upto);
    }

    fn hears(&self, fact: &Fact) -> bool {
        match fact.meaning {
            Meaning::News(_) => self.caller.may_see(fact.user).is_ok(),
            Meaning::Rights => true,
        }
    }

    /// Understands what the client said: from where to go on.
    fn understand(&mut self, said: &Message) -> Result<Option<i64>, Parting> {
        match said {
            Message::Text(text) => {
                let wish: Wish = serde_json::from_str(text).map_err(|_shape| {
                    let only = "the only thing to say here is {\"type\":\"resume\",\"data\":{\"after\":SEQUENCE}}";
                    Parting::new(CloseCode::Policy, only)
                })?;
                let Wish::Resume { after } = wish;
                if std::mem::replace(&mut self.placed, true) {
                    return Err(Parting::new(CloseCode::Policy, "where to go on can be said once; connect again"));
                }
                Ok(Some(after))
            }
            Message::Binary(_) => Err(Parting::new(CloseCode::Unsupported, "frames here are text")),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => Ok(None),
        }
    }

    /// Goes on after a fact.
    fn resume(&mut self, after: i64) {
        self.waiting.clear();
        (self.position, self.behind) = (after, true);
    }
}

/// The place that a client named must be in the record.
async fn checked(feed: &Feed, after: i64) -> Result<i64> {
    let last = feed.store.read(|rows| rows.event_last().map_err(Error::from)).await?;
    if (0..=last).contains(&after) {
        return Ok(after);
    }
    Err(Error::invalid(format!("the record of facts goes from 0 to {last}; there is no {after}")))
}

impl Client {
    /// A client that goes on after a fact, or from now on.
    pub(super) async fn new(feed: &Feed, caller: Caller, after: Option<i64>) -> Result<Self> {
        let told = feed.listen();
        let position = match after {
            Some(after) => checked(feed, after).await?,
            None => feed.store.read(|rows| rows.event_last().map_err(Error::from)).await?,
        };
        let place = Place { caller, position, behind: true, waiting: VecDeque::new(), placed: after.is_some() };
        Ok(Self { told, place })
    }

    /// Tells the client what happens until one of the two sides has enough.
    pub(super) async fn serve(mut self, mut socket: WebSocket, feed: &Feed, ping: Duration, stop: &CancellationToken) {
        let Err(parting) = self.converse(&mut socket, feed, ping, stop).await else { return };
        if parting.code == CloseCode::TooSlow {
            log::info!("a client of the supervisor socket is dropped, {}", parting.reason);
        }
        let close = CloseFrame { code: parting.code.number(), reason: parting.reason.into() };
        let part = async {
            if socket.send(Message::Close(Some(close))).await.is_ok() {
                // Until it has said goodbye too: closing on what it still sends would take the reason from it.
                while let Some(Ok(_)) = socket.recv().await {}
            }
        };
        let _ = timeout(PARTING, part).await;
    }

    /// `Ok` when the client is gone.
    async fn converse(
        &mut self,
        socket: &mut WebSocket,
        feed: &Feed,
        ping: Duration,
        stop: &CancellationToken,
    ) -> Result<(), Parting> {
        if self.place.caller.role == Role::Admin {
            let health = feed.health().await.map_err(|error| Parting::failed(&error))?;
            send(socket, Message::Text(health)).await?;
        }
        let mut pings = interval_at(Instant::now() + ping, ping);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = true;
        loop {
            tokio::select! {
                () = stop.cancelled() => {
                    return Err(Parting::new(CloseCode::GoingAway, "the hub stops; connect again and resume"));
                }
                said = socket.recv() => {
                    heard = true;
                    match said {
                        None | Some(Ok(Message::Close(_))) => return Ok(()),
                        Some(Ok(said)) => {
                            if let Some(after) = self.place.understand(&said)? {
                                let after = checked(feed, after).await;
                                let wrong = |error: Error| Parting::new(CloseCode::Policy, error.context);
                                self.place.resume(after.map_err(wrong)?);
                            }
                        }
                        Some(Err(error)) => {
                            log::debug!("a client of the supervisor socket broke off: {error}");
                            return Err(Parting::new(CloseCode::TooBig, "this frame is too long, or none of RFC 6455"));
                        }
                    }
                }
                _ = pings.tick() => {
                    if !std::mem::replace(&mut heard, false) {
                        return Err(too_slow(&format!("no answer to a ping within {} s", ping.as_secs())));
                    }
                    send(socket, Message::Ping(Vec::new().into())).await?;
                }
                news = self.next(feed) => match news? {
                    Next::Text(text) => send(socket, Message::Text(text)).await?,
                    Next::Rights => self.check_rights(feed).await?,
                },
            }
        }
    }

    /// What is to be done next. Nothing is lost when this is dropped while it waits.
    async fn next(&mut self, feed: &Feed) -> Result<Next, Parting> {
        loop {
            if let Some(fact) = self.place.waiting.pop_front() {
                return Ok(match fact.meaning {
                    Meaning::News(text) => Next::Text(text),
                    Meaning::Rights => Next::Rights,
                });
            }
            if self.place.behind {
                let portion = feed.read(self.place.position).await.map_err(|error| Parting::failed(&error))?;
                self.place.behind = portion.full;
                self.place.take(&portion);
                continue;
            }
            match self.told.recv().await {
                Ok(told) => match told.as_ref() {
                    Told::Facts(portion) => self.place.take(portion),
                    Told::Health(text) if self.place.caller.role == Role::Admin => {
                        return Ok(Next::Text(text.clone()));
                    }
                    Told::Health(_) => {}
                },
                Err(RecvError::Lagged(_)) => self.place.behind = true,
                Err(RecvError::Closed) => {
                    return Err(Parting::new(CloseCode::GoingAway, "the hub stops; connect again and resume"));
                }
            }
        }
    }

    async fn check_rights(&mut self, feed: &Feed) -> Result<(), Parting> {
        let caller = self.place.caller;
        match feed.store.read(move |rows| caller.again(rows)).await {
            Ok(Some(caller)) => {
                self.place.caller = caller;
                Ok(())
            }
            Ok(None) => Err(Parting::new(CloseCode::Policy, "this API key is no longer good")),
            Err(error) => Err(Parting::failed(&error)),
        }
    }
}

/// What a client is sent, or what must be looked at first.
enum Next {
    Text(Utf8Bytes),
    Rights,
}

fn too_slow(how: &str) -> Parting {
    Parting::new(CloseCode::TooSlow, format!("too slow: {how}; connect again and resume"))
}

async fn send(socket: &mut WebSocket, message: Message) -> Result<(), Parting> {
    match timeout(SENDING, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        // It is gone; parting will find that out too.
        Ok(Err(error)) => Err(Parting::new(CloseCode::GoingAway, error.to_string())),
        Err(_elapsed) => Err(too_slow(&format!("a frame did not pass within {} s", SENDING.as_secs()))),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use xswarm_core::id::UserId;

    use super::*;

    fn place(caller: Caller, position: i64) -> Place {
        Place { caller, position, behind: false, waiting: VecDeque::new(), placed: false }
    }

    fn fact(sequence: i64, user: Option<UserId>) -> Fact {
        Fact { sequence, user, meaning: Meaning::News(sequence.to_string().into()) }
    }

    fn portion(after: i64, upto: i64, user: Option<UserId>) -> Portion {
        Portion { after, upto, full: false, facts: (after + 1..=upto).map(|at| fact(at, user)).collect() }
    }

    fn waiting(place: &Place) -> Vec<i64> {
        place.waiting.iter().map(|fact| fact.sequence).collect()
    }

    #[test]
    fn portions_that_overlap_are_taken_once() {
        let mut place = place(Caller::SOCKET, 4);
        place.take(&portion(2, 6, None));
        place.take(&portion(4, 6, None));
        place.take(&portion(6, 7, None));
        assert_eq!(waiting(&place), [5, 6, 7]);
        assert!(!place.behind && place.position == 7);
    }

    #[test]
    fn a_gap_sends_the_client_back_to_the_record() {
        let mut place = place(Caller::SOCKET, 4);
        place.take(&portion(5, 9, None));
        assert!(place.behind && place.waiting.is_empty() && place.position == 4);
        place.take(&portion(4, 9, None));
        assert_eq!(waiting(&place), [5, 6, 7, 8, 9]);
    }

    #[test]
    fn a_member_hears_only_their_own_but_passes_what_concerns_others() {
        let member = UserId::new(DateTime::UNIX_EPOCH);
        let mut place = place(Caller { user: Some(member), role: Role::Member, key: None }, 0);
        place.take(&portion(0, 3, None));
        place.take(&portion(3, 4, Some(member)));
        assert_eq!(waiting(&place), [4]);
        let rights = Fact { sequence: 5, user: None, meaning: Meaning::Rights };
        place.take(&Portion { after: 4, upto: 5, full: false, facts: vec![rights] });
        assert_eq!(waiting(&place), [4, 5]);
        assert_eq!(place.position, 5);
    }

    #[test]
    fn a_client_may_say_where_to_go_on_once_and_nothing_else() {
        let mut place = place(Caller::SOCKET, 9);
        let resume = Message::Text(r#"{"type":"resume","data":{"after":3}}"#.into());
        assert_eq!(place.understand(&Message::Pong(Vec::new().into())), Ok(None));
        assert_eq!(place.understand(&resume), Ok(Some(3)));
        place.resume(3);
        assert!(place.behind && place.position == 3);
        let code = |place: &mut Place, said: &Message| place.understand(said).map_err(|parting| parting.code);
        assert_eq!(code(&mut place, &resume), Err(CloseCode::Policy));
        assert_eq!(code(&mut place, &Message::Text("hello".into())), Err(CloseCode::Policy));
        assert_eq!(code(&mut place, &Message::Binary(vec![1].into())), Err(CloseCode::Unsupported));
    }

    #[test]
    fn every_reason_fits_a_control_frame() {
        let mut place = place(Caller::SOCKET, 0);
        for said in [Message::Text("{}".into()), Message::Binary(Vec::new().into())] {
            assert!(place.understand(&said).unwrap_err().reason.len() <= 123);
        }
        assert!(too_slow("no answer to a ping within 3600 s").reason.len() <= 123);
    }
}
