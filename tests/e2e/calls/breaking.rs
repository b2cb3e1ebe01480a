//! Many calls at once, of which most go wrong: whatever a line does, its call ends for the right reason, and nothing of it
//! stays. Through the real hub; sound is sent and marks are given back at once, so that a call takes no longer than the
//! Boss talks.

use std::{
    collections::BTreeMap,
    sync::LazyLock,
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream};
use tokio::{sync::Semaphore, time::timeout};
use tokio_tungstenite::tungstenite::Message as Frame;
use xswarm_tests::{
    database::Database,
    environment, footprint,
    phone_line::{self, FromHub, PACKET, PhoneLine, STREAM, silence},
    wait::{random_moment, wait_within},
};

use super::*;

/// So many calls are held at once.
const AT_ONCE: usize = 100;

/// What the scripted engine hears on each call.
const SCRIPT: [&str; 6] =
    ["What's on my calendar today", "okay, bye", "okay, bye", "okay, bye", "okay, bye", "okay, bye"];

/// A call may keep so much after its end: what an allocator keeps of what was given back.
const KEPT_KIB: u64 = 24 << 10;

/// What a line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    SaysGoodbye,
    HangsUp,
    IsCutOff,
    GoesSilent,
    SendsNoMarks,
    TalksNonsense,
    SendsTooMuch,
    SendsOutOfOrder,
    BeginsBadly,
    ComesBack,
    ShowsItsTokenTwice,
}

impl Fate {
    /// Those that take ten seconds, because a line counts as broken only then, come now and then.
    fn of(number: usize) -> Self {
        const USUAL: [Fate; 9] = [
            Fate::SaysGoodbye,
            Fate::HangsUp,
            Fate::IsCutOff,
            Fate::TalksNonsense,
            Fate::SendsTooMuch,
            Fate::SendsOutOfOrder,
            Fate::BeginsBadly,
            Fate::ComesBack,
            Fate::ShowsItsTokenTwice,
        ];
        match number % 20 {
            7 => Self::GoesSilent,
            13 => Self::SendsNoMarks,
            _ => USUAL[number % USUAL.len()],
        }
    }

    const fn ends(self) -> CallEnd {
        match self {
            Self::SaysGoodbye | Self::SendsOutOfOrder | Self::ShowsItsTokenTwice => CallEnd::Finished,
            // The stream of one that begins badly never was; the telephone company tells that the call is over.
            Self::HangsUp
            | Self::IsCutOff
            | Self::GoesSilent
            | Self::SendsTooMuch
            | Self::ComesBack
            | Self::BeginsBadly => CallEnd::HungUp,
            Self::SendsNoMarks | Self::TalksNonsense => CallEnd::BadProtocol,
        }
    }
}

/// Listens until what is awaited comes, or for so long. Sends back the marks that come, and a little silence now and then: a
/// line that sends nothing at all is broken.
async fn hears_within(limit: Duration, line: &mut PhoneLine, awaited: fn(&FromHub) -> bool) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < limit {
        let Ok(came) = timeout(Duration::from_secs(1), line.next()).await else {
            line.says(&silence(20)).await;
            continue;
        };
        if let FromHub::Mark(name) = &came {
            line.mark(name).await;
        }
        if awaited(&came) {
            return true;
        }
        assert_ne!(came, FromHub::Closed, "the hub ended the call too early");
    }
    false
}

async fn hears(line: &mut PhoneLine, awaited: fn(&FromHub) -> bool) {
    assert!(hears_within(Duration::from_mins(1), line, awaited).await, "nothing came");
}

const fn is_sound(came: &FromHub) -> bool {
    matches!(came, FromHub::Sound(_))
}

fn is_over(came: &FromHub) -> bool {
    *came == FromHub::Closed
}

/// Speech, and the silence after which it counts as said. Whatever the Boss says meanwhile, it is interrupted by it.
fn words() -> Vec<u8> {
    static WORDS: LazyLock<Vec<u8>> =
        LazyLock::new(|| [&speech("No no no no no no no")[PACKET..33 * PACKET], &silence(720)].concat());
    WORDS.clone()
}

/// Interrupts the Boss with a key and asks.
async fn asks(line: &mut PhoneLine) {
    hears(line, is_sound).await;
    line.presses('#').await;
    line.says(&words()).await;
}

async fn says_goodbye(mut line: PhoneLine) {
    asks(&mut line).await;
    // What the Boss begins to say just then drowns a goodbye; whoever wants to go says it again.
    while !hears_within(Duration::from_secs(3), &mut line, is_over).await {
        line.presses('#').await;
        line.says(&words()).await;
    }
}

/// One call from its ring to its end.
async fn lives(world: &World, number: usize, moment: Duration, ringing: &Semaphore) {
    let (sid, fate) = (sid(number), Fate::of(number));
    let rings = async || {
        let _few = ringing.acquire().await.unwrap();
        ring(world, ADMIN, &sid).await
    };
    let address = world.hub.status().listeners.public.clone();
    let told = rings().await;
    let mut line = PhoneLine::open(&address).await;
    if fate == Fate::BeginsBadly {
        let beginnings =
            [phone_line::media(0, &silence(20)), json!({}), json!({ "event": "stop" }), json!({ "event": "start" })];
        line.send(&beginnings[number % beginnings.len()]).await;
        hears(&mut line, is_over).await;
        let completed: Form =
            [("CallSid", sid.as_str()), ("From", ADMIN), ("To", OUR_NUMBER), ("CallStatus", "completed")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into_iter()
                .collect();
        world.post_signed("/voice/status", &completed).await.expect(200);
        return;
    }
    line.start(told.token()).await;
    match fate {
        Fate::BeginsBadly => unreachable!("it is over already"),
        Fate::SaysGoodbye => says_goodbye(line).await,
        Fate::HangsUp => {
            random_moment(moment).await;
            line.stop().await;
            hears(&mut line, is_over).await;
        }
        Fate::IsCutOff => random_moment(moment).await,
        Fate::GoesSilent => while line.next().await != FromHub::Closed {},
        Fate::SendsNoMarks => loop {
            tokio::select! {
                came = line.next() => if came == FromHub::Closed { break },
                () = random_moment(Duration::from_secs(1)) => line.says(&silence(1_000)).await,
            }
        },
        Fate::TalksNonsense => {
            hears(&mut line, is_sound).await;
            let nonsense = [
                Frame::Text("not json".into()),
                Frame::Binary(vec![0, 159, 146, 150].into()),
                Frame::Text(
                    json!({ "event": "media", "streamSid": STREAM, "media": { "timestamp": "1", "payload": "*" } })
                        .to_string()
                        .into(),
                ),
                Frame::Text(
                    json!({ "event": "media", "streamSid": "MZ9", "media": { "timestamp": "1", "payload": "" } })
                        .to_string()
                        .into(),
                ),
                Frame::Text(json!({ "event": "start", "streamSid": STREAM, "start": {} }).to_string().into()),
            ];
            for one in nonsense.iter().cycle().take(25) {
                line.send_raw(one.clone()).await;
            }
            hears(&mut line, is_over).await;
        }
        Fate::SendsTooMuch => {
            line.send(&json!({ "event": "media", "payload": "x".repeat(1 << 20) })).await;
            hears(&mut line, is_over).await;
        }
        Fate::SendsOutOfOrder => {
            // The same packets twice, some far ahead, some long over: nothing of it is heard twice or waited for.
            for number in [0, 0, 5, 3, 3, 1, 0] {
                line.send(&phone_line::media(number, &silence(20)[..PACKET])).await;
            }
            says_goodbye(line).await;
        }
        Fate::ComesBack => {
            asks(&mut line).await;
            drop(line);
            let mut again = PhoneLine::open(&address).await;
            again.start(told.token()).await;
            hears(&mut again, is_over).await;
            let over = async || rings().await.twiml.contains("<Hangup").then_some(());
            wait_for("the call to be over", over).await;
        }
        Fate::ShowsItsTokenTwice => {
            hears(&mut line, is_sound).await;
            let mut second = PhoneLine::open(&address).await;
            second.start(told.token()).await;
            hears(&mut second, is_over).await;
            says_goodbye(line).await;
        }
    }
}

/// Holds these calls, at most [`AT_ONCE`] of them together.
async fn hold(world: &World, numbers: std::ops::Range<usize>, seed: u64) {
    let ringing = &Semaphore::new(4);
    let held = stream::iter(numbers).for_each_concurrent(AT_ONCE, async |number| {
        let moment = Duration::from_millis(fastrand::Rng::with_seed(seed.wrapping_add(number as u64)).u64(0..1_500));
        lives(world, number, moment, ringing).await;
    });
    held.await;
}

fn sid(number: usize) -> String {
    format!("CA{number:032}")
}

/// How many calls are not over.
async fn open_calls(world: &World) -> usize {
    let all: Vec<Call> = world.api().get("/api/calls?limit=1000").await.expect(200).part("calls");
    all.iter().filter(|call| call.state != CallState::Ended).count()
}

#[tokio::test]
async fn whatever_lines_do_every_call_ends_and_nothing_stays() {
    let (calls, seed) = (environment::calls().max(2 * AT_ONCE), environment::seed());
    let script: toml_edit::Array = SCRIPT.into_iter().collect();
    let mut world = World::start_with(|builder| {
        let builder = builder.config("voice", "engine", "scripted").config("voice", "script", script);
        builder.config("voice", "sessions", i64::try_from(AT_ONCE).unwrap() + 28)
    })
    .await;
    let pid = world.hub.pid();
    // What many calls at once need at first is not given back at once: a leak is what grows with the calls after a tenth of
    // them.
    let first = AT_ONCE.max(calls / 10);
    hold(&world, 0..first, seed).await;
    wait_for("the first calls to be over", async || (open_calls(&world).await == 0).then_some(())).await;
    let (files, memory) = (footprint::open_files(pid), footprint::resident_kib(pid));
    hold(&world, first..calls, seed).await;
    wait_for("all calls to be over", async || (open_calls(&world).await == 0).then_some(())).await;
    let freed = async || (footprint::open_files(pid) <= files + 4).then_some(());
    wait_within(Duration::from_secs(30), format!("{files} open files (seed {seed})"), freed).await;
    let kept = footprint::resident_kib(pid).saturating_sub(memory);
    assert!(kept < KEPT_KIB, "{kept} KiB more than after the first {first} of {calls} calls (seed {seed})");

    wait_for("what is owed to be sent", async || world.hub.undone_jobs().await.is_empty().then_some(())).await;
    world.hub.stop().await;
    let found: BTreeMap<String, (Option<String>, String)> = Database::open(&world.hub.state_dir())
        .query("SELECT provider_id, ended_because, state FROM calls", [], |row| {
            Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))
        })
        .into_iter()
        .collect();
    assert_eq!(found.len(), calls);
    let mut wrong = Vec::new();
    for number in 0..calls {
        let (ended, fate) = (&found[&sid(number)], Fate::of(number));
        if *ended != (Some(fate.ends().to_string()), "ended".to_owned()) {
            wrong.push((number, fate, ended));
        }
    }
    assert!(wrong.is_empty(), "ended for another reason (seed {seed}): {wrong:?}");
    world.hub.start().await;
    world.finish().await;
}

#[tokio::test]
async fn a_hub_that_stops_in_the_midst_of_many_calls_leaves_none_of_them_open() {
    let mut world =
        World::start_with(|builder| builder.config("voice", "engine", "scripted").config("voice", "sessions", 64))
            .await;
    let mut numbers = 0..;
    for killed in [false, true] {
        let mut lines = Vec::new();
        for number in numbers.by_ref().take(30) {
            let ringing = ring(&world, ADMIN, &sid(number)).await;
            let mut line = PhoneLine::open(&world.hub.status().listeners.voice).await;
            line.start(ringing.token()).await;
            hears(&mut line, is_sound).await;
            lines.push(line);
        }
        if killed {
            world.hub.kill();
        } else {
            world.hub.stop().await;
        }
        for mut line in lines {
            hears(&mut line, is_over).await;
        }
        world.hub.start().await;
    }
    let all: Vec<Call> = world.api().get("/api/calls").await.expect(200).part("calls");
    assert_eq!(all.len(), 60);
    assert!(all.iter().all(|call| call.ended_because == Some(CallEnd::HubStopped)), "{all:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_token_that_is_too_old_opens_nothing_and_its_call_is_over() {
    let world = scripted(&[]).await;
    let ringing = ring(&world, ADMIN, SID).await;
    let past = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-10 minutes')";
    let aged = format!("UPDATE calls SET created_at = {past}, token_expires_at = {past}");
    assert_eq!(Database::open(&world.hub.state_dir()).execute(&aged, []), 1);
    let late = ringing.connect(&world).await;
    late.is_over().await;
    assert_eq!(call_of(&world, SID).await.0.state, CallState::Ringing);
    // Nobody tells that it is over. It is found when somebody else calls.
    ring(&world, ADMIN, &sid(2)).await;
    assert_eq!(call_of(&world, SID).await.0.ended_because, Some(CallEnd::NotAnswered));
    world.finish().await;
}
