//! Recordings on a real disk, and on one that is full.

use xswarm_core::{message::Direction, time::from_text};
use xswarm_store::{Key, Options};

use super::*;

const KEY: [u8; 32] = [7; 32];

fn sealed(pieces: &[&[u8]]) -> Vec<u8> {
    let mut sealing = Sealing::new(Vec::new(), &KEY, "a.sealed");
    for piece in pieces {
        sealing.piece(piece).unwrap();
    }
    sealing.to
}

/// What is heard of a file with these bytes.
fn heard(bytes: &[u8], name: &str, key: [u8; 32]) -> io::Result<Vec<u8>> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let started_at = from_text("2026-11-24T09:00:00.000Z").unwrap();
    let kept =
        KeptRecording { call: CallId::new(started_at), file: name.into(), key, format: RecordedAs::MuLaw, started_at };
    let mut playback = Playback::open(file, &kept)?;
    let (mut all, length) = (Vec::new(), playback.length());
    while let Some(piece) = playback.next()? {
        all.extend(piece);
    }
    assert_eq!(all.len() as u64, length);
    Ok(all.split_off(58))
}

#[test]
fn what_was_sealed_is_heard_again_up_to_where_it_broke_off() {
    let (one, two, rest) = (vec![1; PIECE_BYTES], vec![2; PIECE_BYTES], vec![3; 320]);
    let whole = [one.clone(), two.clone(), rest.clone()].concat();
    let bytes = sealed(&[&one, &two, &rest]);
    assert_eq!(heard(&bytes, "a.sealed", KEY).unwrap(), whole);
    for (lost, left) in [(1, 2), (300, 2), (336, 2), (337, 1), (336 + PIECE_BYTES + TAG_BYTES, 1)] {
        let cut = heard(&bytes[..bytes.len() - lost], "a.sealed", KEY).unwrap();
        assert_eq!(cut, whole[..left * PIECE_BYTES], "without {lost} bytes");
    }
    assert!(heard(&[], "a.sealed", KEY).unwrap().is_empty());
    assert_eq!(heard(&sealed(&[&one, &two]), "a.sealed", KEY).unwrap(), whole[..2 * PIECE_BYTES]);
}

#[test]
fn nothing_is_heard_that_was_exchanged_and_nothing_without_the_key() {
    let (one, two) = (vec![1; PIECE_BYTES], vec![2; PIECE_BYTES]);
    let bytes = sealed(&[&one, &two]);
    assert!(!bytes.windows(64).any(|window| window == [1; 64]));
    assert!(heard(&bytes, "a.sealed", [8; 32]).is_err(), "another key");
    assert!(heard(&bytes, "b.sealed", KEY).is_err(), "another file");
    let (head, pieces) = bytes.split_at(1);
    let (first, second) = pieces.split_at(PIECE_BYTES + TAG_BYTES);
    assert!(heard(&[head, second, first].concat(), "a.sealed", KEY).is_err(), "another order");
}

#[test]
fn a_wav_header_is_read_by_others() {
    let header = wav::header(RecordedAs::MuLaw, 32_000);
    let number = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().unwrap());
    assert_eq!((header.len(), number(4), number(24), number(28)), (58, 32_050, 8_000, 16_000));
    assert_eq!((&header[..4], &header[36..42], &header[50..54]), (&b"RIFF"[..], &b"\0\0fact"[..], &b"data"[..]));
    assert_eq!((number(46), number(54)), (16_000, 32_000), "samples of one side, bytes of both");
    let wide = wav::header(RecordedAs::Linear, 96_000);
    assert_eq!(u32::from_le_bytes(wide[28..32].try_into().unwrap()), 96_000, "a second");
}

#[test]
fn a_full_disk_ends_what_is_written() {
    let full = || OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (pieces, coming) = mpsc::channel(2);
    pieces.try_send(vec![0; PIECE_BYTES]).unwrap();
    drop(pieces);
    let error = Sealing::new(full(), &KEY, "a.sealed").write_all(coming, || true).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    let (pieces, coming) = mpsc::channel(2);
    pieces.try_send(vec![0; PIECE_BYTES]).unwrap();
    let nearly = Sealing::new(tempfile::tempfile().unwrap(), &KEY, "a.sealed").write_all(coming, || false);
    assert_eq!(nearly.unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert!(pieces.try_send(Vec::new()).is_err(), "nobody takes more");
}

#[tokio::test]
async fn a_recording_is_gone_with_its_row_and_its_file_with_the_next_sweep() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(&Options::new(dir.path()), &Key::from_hex(&"5a".repeat(32)).unwrap()).unwrap());
    let recordings = Recordings::open(dir.path(), Arc::clone(&store)).unwrap();
    let now = from_text("2026-11-24T09:00:00.000Z").unwrap();
    let tasks = TaskTracker::new();
    let mut calls = Vec::new();
    for minute in 0..3 {
        let at = now + chrono::Duration::minutes(minute);
        let call = xswarm_core::call::Call {
            id: CallId::new(at),
            user_id: None,
            direction: Direction::Inbound,
            phone: None,
            our_phone: None,
            room: None,
            provider_id: None,
            message_id: None,
            state: xswarm_core::call::CallState::Connected,
            ended_because: None,
            answered_by: None,
            engine: None,
            created_at: at,
            connected_at: Some(at),
            ended_at: None,
        };
        calls.push(call.id);
        store.write(move |tx| tx.call_insert(&call).map_err(Error::from)).await.unwrap();
        let tape = recordings.begin(calls[calls.len() - 1], RecordedAs::MuLaw, at, &tasks).await.unwrap();
        assert!(tape.write(vec![5; 320]));
        tape.finish().await;
    }
    let files = || std::fs::read_dir(dir.path().join("recordings")).unwrap().count();
    assert_eq!(recordings.read(calls[0]).await.unwrap().unwrap().length(), 58 + 320);
    assert!(recordings.delete(calls[0]).await.unwrap() && !recordings.delete(calls[0]).await.unwrap());
    assert!(recordings.read(calls[0]).await.unwrap().is_none());
    assert_eq!(files(), 2);
    let before = now + chrono::Duration::seconds(90);
    store.write(move |tx| tx.recordings_expire(before).map_err(Error::from)).await.unwrap();
    assert!(recordings.read(calls[1]).await.unwrap().is_none() && recordings.read(calls[2]).await.unwrap().is_some());
    assert_eq!((recordings.sweep().await.unwrap(), files()), (1, 1));
}
