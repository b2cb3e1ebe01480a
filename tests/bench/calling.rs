//! (g) Calls in real time, with the scripted engine: how long a caller waits for the first sound, for silence after they
//! began to speak, for an answer after they have spoken, and what the bridge between line and engine adds.
//!
//! Callers interrupt the Boss once a turn. It falls silent because somebody speaks ("pause"). 80 ms of sound, sent as four
//! packets, are a frame of the engine; the fourth loud frame makes the scripted engine hear words, and the hub drops what it
//! was saying. From the packet that completes that frame to the order to drop: line → engine → line ("bridge"). Which of
//! four packets that is, is the same in every call; the unloaded first run tells. In the first turn of a call the hub does not
//! know yet that its line has no echo, and cancels one: that is shown by itself.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::MissedTickBehavior};
use xswarm_tests::{
    caller::{ring, speech},
    footprint,
    phone_line::{FromHub, PACKET, PhoneLine, silence},
    world::World,
};

/// Packets of a frame.
const FRAME: usize = 4;

/// So many packets of an answer are listened to before it is interrupted.
const LISTENS: usize = 40;

/// What a caller says: without a pause, 640 ms.
const SPEECH: usize = 32 * PACKET;

/// What the scripted engine waits for after somebody spoke, in milliseconds.
const ENGINE_MS: f64 = 600.0;

/// So long after they spoke, callers give up waiting for the Boss to fall silent.
const UNNOTICED: Duration = Duration::from_millis(400);

/// What was measured, in milliseconds.
#[derive(Default)]
struct Measured {
    first_sound: Vec<f64>,
    pause: Vec<f64>,
    /// From the first packet of speech, and from when each packet was sent, to the order to drop: in the first turn, and after.
    dropped_first: Vec<(f64, Vec<f64>)>,
    dropped: Vec<(f64, Vec<f64>)>,
    answer: Vec<f64>,
    /// Interruptions that nothing followed upon while somebody spoke.
    unnoticed: usize,
    gaps: usize,
    played: usize,
}

/// Prints a line for each number of calls at once.
pub(crate) async fn calling(binary: &Path) {
    println!("\n(g) calls in real time, scripted engine, each interrupted once a turn (ms: p50 / p99)");
    println!(
        "{:>6}{:>7}{:>18}{:>18}{:>18}{:>18}{:>18}{:>12}{:>12}{:>14}{:>12}",
        "calls",
        "turns",
        "first sound",
        "pause",
        "bridge, 1st turn",
        "later",
        "answer - 600",
        "unnoticed",
        "gaps",
        "KiB a call",
        "CPU a call"
    );
    let mut residue = None;
    for (calls, turns) in [(1, 20), (10, 12), (100, 10)] {
        residue = Some(row(binary, calls, turns, residue).await);
    }
}

async fn row(binary: &Path, calls: usize, turns: usize, residue: Option<usize>) -> usize {
    let lines = ["What's on my calendar today?", "What's on my calendar tomorrow?"];
    let script: toml_edit::Array = lines.into_iter().cycle().take(turns + 2).collect();
    let mut world = World::start_with(|builder| {
        let builder = builder.binary(binary).config("voice", "engine", "scripted").config("voice", "script", script);
        builder.config("voice", "sessions", 128)
    })
    .await;
    let mut tokens = Vec::new();
    for n in 0..calls {
        let phone = format!("+1415555{:04}", 5_000 + n);
        world.add_member(&format!("Member {n}"), &phone).await;
        tokens.push(ring(&world, &phone, &format!("CA{n:032}")).await.token().to_owned());
    }
    let pid = world.hub.pid();
    let address = world.hub.status().listeners.public.clone();
    let (memory, before, began) = (footprint::resident_kib(pid), footprint::processor_ms(pid), Instant::now());
    let said: Vec<u8> = speech("No no no no no no no").into_iter().skip(PACKET).take(SPEECH).collect();
    let mut all = JoinSet::new();
    for (n, token) in tokens.into_iter().enumerate() {
        let (address, said) = (address.clone(), said.clone());
        // They begin one after the other, so that their packets do not all come in the same millisecond.
        let delay = Duration::from_micros(20_700) * u32::try_from(n).unwrap();
        all.spawn(async move {
            tokio::time::sleep(delay).await;
            call(&address, &token, &said, turns).await
        });
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    let kept = footprint::resident_kib(pid).saturating_sub(memory) / calls as u64;
    let mut sum = Measured::default();
    while let Some(one) = all.join_next().await {
        let one = one.unwrap();
        sum.first_sound.extend(one.first_sound);
        sum.pause.extend(one.pause);
        sum.dropped_first.extend(one.dropped_first);
        sum.dropped.extend(one.dropped);
        sum.answer.extend(one.answer);
        sum.unnoticed += one.unnoticed;
        sum.gaps += one.gaps;
        sum.played += one.played;
    }
    let processor = (footprint::processor_ms(pid) - before) as f64 / began.elapsed().as_millis() as f64 / calls as f64;
    let mut onsets: Vec<f64> = sum.dropped.iter().map(|(after_onset, _)| *after_onset).collect();
    onsets.sort_by(f64::total_cmp);
    let residue = residue.unwrap_or((onsets[onsets.len() / 2] / 20.0) as usize % FRAME);
    let [first, later] =
        [sum.dropped_first, sum.dropped].map(|all| all.iter().map(|(_, since)| bridge(since, residue)).collect());
    let answer: Vec<f64> = sum.answer.iter().map(|ms| ms - ENGINE_MS).collect();
    println!(
        "{calls:>6}{turns:>7}{:>18}{:>18}{:>18}{:>18}{:>18}{:>12}{:>12}{kept:>14}{:>11.1}%",
        quantiles(sum.first_sound),
        quantiles(sum.pause),
        quantiles(first),
        quantiles(later),
        quantiles(answer),
        format!("{}/{}", sum.unnoticed, calls * turns),
        format!("{}/{}", sum.gaps, sum.played),
        processor * 100.0,
    );
    world.hub.kill();
    world.hub.abandon();
    residue
}

/// How long ago the last packet was sent that completed a frame.
fn bridge(since: &[f64], residue: usize) -> f64 {
    let completing = since.iter().enumerate().filter(|(packet, _)| packet % FRAME == residue);
    completing.map(|(_, ms)| *ms).fold(f64::INFINITY, f64::min)
}

fn quantiles(mut all: Vec<f64>) -> String {
    all.sort_by(f64::total_cmp);
    let at = |share: f64| all.get(((all.len().max(1) - 1) as f64 * share) as usize).copied().unwrap_or(f64::NAN);
    format!("{:.1} / {:.1}", at(0.5), at(0.99))
}

/// What a caller waits for.
enum Awaits {
    /// That the Boss has spoken for a while.
    Sound {
        heard: usize,
    },
    /// That it falls silent, and then drops what it was saying.
    Pause,
    Drop,
    /// That it answers.
    Answer,
}

/// One call.
async fn call(address: &str, token: &str, said: &[u8], turns: usize) -> Measured {
    let mut line = PhoneLine::open(address).await;
    let (mut measured, quiet) = (Measured::default(), silence(20));
    let began = Instant::now();
    line.start(token).await;
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (mut awaits, mut packet) = (Awaits::Sound { heard: 0 }, 0);
    let mut to_say = [].chunks_exact(PACKET);
    // When each packet was sent since speech began, and when the last sound ends that is to be played.
    let (mut sent, mut spoken, mut playing): (Vec<Instant>, Instant, Option<Instant>) = (Vec::new(), began, None);
    loop {
        tokio::select! {
            biased;
            came = line.next() => {
                let now = Instant::now();
                match (&mut awaits, came) {
                    (_, FromHub::Closed) => panic!("the hub ended a call in turn {}", measured.answer.len() + 1),
                    (_, FromHub::Mark(name)) => line.mark(&name).await,
                    (Awaits::Pause, FromHub::Clear) => {
                        measured.pause.push(ms(sent[0], now));
                        (awaits, playing) = (Awaits::Drop, None);
                    }
                    (Awaits::Drop, FromHub::Clear) => {
                        let since = sent.iter().map(|&at| ms(at, now)).collect();
                        let turn =
                            if measured.answer.is_empty() { &mut measured.dropped_first } else { &mut measured.dropped };
                        turn.push((ms(sent[0], now), since));
                        awaits = Awaits::Answer;
                    }
                    (Awaits::Sound { .. } | Awaits::Answer, FromHub::Clear) => {}
                    (waits, FromHub::Sound(_)) => {
                        if measured.first_sound.is_empty() {
                            measured.first_sound.push(ms(began, now));
                        }
                        measured.played += 1;
                        measured.gaps += usize::from(playing.is_some_and(|until| until < now));
                        playing = Some(playing.unwrap_or(now).max(now) + Duration::from_millis(20));
                        match waits {
                            Awaits::Answer => {
                                measured.answer.push(ms(spoken, now));
                                awaits = Awaits::Sound { heard: 1 };
                            }
                            Awaits::Sound { heard } => *heard += 1,
                            Awaits::Pause | Awaits::Drop => {}
                        }
                    }
                }
            }
            _ = ticks.tick() => {
                let listened = matches!(awaits, Awaits::Sound { heard } if heard >= LISTENS);
                if listened && packet % FRAME == 0 {
                    if measured.answer.len() == turns {
                        line.stop().await;
                        return measured;
                    }
                    sent.clear();
                    to_say = said.chunks_exact(PACKET);
                    awaits = Awaits::Pause;
                }
                let now = Instant::now();
                let waits = matches!(awaits, Awaits::Pause | Awaits::Drop);
                if waits && to_say.len() == 0 && now.duration_since(spoken) > UNNOTICED {
                    measured.unnoticed += 1;
                    awaits = Awaits::Answer;
                }
                if let Some(sound) = to_say.next() {
                    line.packet(sound).await;
                    spoken = now;
                } else {
                    line.packet(&quiet).await;
                }
                sent.push(now);
                packet += 1;
            }
        }
    }
}

fn ms(from: Instant, to: Instant) -> f64 {
    to.duration_since(from).as_secs_f64() * 1_000.0
}
