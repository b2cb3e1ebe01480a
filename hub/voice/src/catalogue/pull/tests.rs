//! Getting files from a hub on loopback that misbehaves.

use std::sync::LazyLock;

use super::*;
use crate::catalogue::file;

mod server;

use server::{Fault, Server};
use transfer::{FRUITLESS_MOST, files_in, is_part};

const REPOSITORY: &str = "kyutai/tiny";

/// A small file, a large one, and one in a directory; as the hub has them.
const FILES: [ModelFile; 3] = [
    file(REPOSITORY, "config.json", 20),
    file(REPOSITORY, "model@125.safetensors", 300_000),
    file(REPOSITORY, "voices/default.safetensors", 5_000),
];

/// What is in each.
static CONTENTS: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| {
    let mut random = fastrand::Rng::with_seed(1);
    FILES.map(|file| (0..file.bytes).map(|_| random.u8(..)).collect())
});

const LARGE: &str = "model@125.safetensors";

fn server() -> Server {
    Server::start(
        REPOSITORY,
        FILES.iter().zip(CONTENTS.iter()).map(|(file, content)| (file.name.to_string(), content.clone())),
    )
}

struct Pulled {
    result: Result<(), PullError>,
    progress: Vec<(String, u64, u64)>,
}

fn pull_into(directory: &Path, server: &Server, files: &[ModelFile]) -> Pulled {
    let place = Place { model: "tiny", directory: directory.to_owned(), endpoint: &server.endpoint() };
    let mut progress = Vec::new();
    let mut report = |now: Progress<'_>| progress.push((now.file.to_owned(), now.done_bytes, now.total_bytes));
    let result = place.fill(files, &mut report);
    Pulled { result, progress }
}

/// All there, and nothing else.
fn assert_whole(directory: &Path) {
    for (file, content) in FILES.iter().zip(CONTENTS.iter()) {
        assert_eq!(&fs::read(directory.join(&*file.name)).unwrap(), content, "{}", file.name);
    }
    assert_eq!(files_in(directory).len(), FILES.len() + 1);
    assert!(!directory.join(UNDER_WAY).exists());
}

#[test]
fn all_files_come_and_what_is_whole_does_not_come_again() {
    let (directory, server) = (tempfile::tempdir().unwrap(), server());
    let pulled = pull_into(directory.path(), &server, &FILES);
    pulled.result.unwrap();
    assert_whole(directory.path());
    for file in &FILES {
        let of_it: Vec<_> = pulled.progress.iter().filter(|(name, ..)| *name == file.name).collect();
        assert!(of_it.is_sorted_by_key(|(_, done, _)| done));
        assert_eq!(**of_it.last().unwrap(), (file.name.to_string(), file.bytes, file.bytes));
    }
    server.forget_requests();
    let again = pull_into(directory.path(), &server, &FILES);
    again.result.unwrap();
    assert_eq!(again.progress, FILES.map(|file| (file.name.to_string(), file.bytes, file.bytes)));
    assert_eq!(server.requests(), []);
}

#[test]
fn a_file_that_changed_or_went_missing_is_mended_and_no_other() {
    let (directory, server) = (tempfile::tempdir().unwrap(), server());
    pull_into(directory.path(), &server, &FILES).result.unwrap();
    let large = directory.path().join(LARGE);
    let damages: [&dyn Fn(); 3] =
        [&|| fs::remove_file(&large).unwrap(), &|| fs::write(&large, &CONTENTS[1][..1_000]).unwrap(), &|| {
            let mut content = CONTENTS[1].clone();
            content[200_000] ^= 1;
            fs::write(&large, content).unwrap();
        }];
    for damage in damages {
        damage();
        server.forget_requests();
        pull_into(directory.path(), &server, &FILES).result.unwrap();
        assert_whole(directory.path());
        assert!(server.requests().iter().all(|(name, _)| name == LARGE));
    }
}

#[test]
fn a_connection_that_drops_is_taken_up_where_it_broke() {
    let (directory, server) = (tempfile::tempdir().unwrap(), server());
    for _ in 0..5 {
        server.fault(LARGE, Fault::DropAfter(50_000));
    }
    let pulled = pull_into(directory.path(), &server, &FILES);
    pulled.result.unwrap();
    assert_whole(directory.path());
    let starts: Vec<u64> = server.requests().into_iter().filter(|(name, _)| name == LARGE).map(|(_, at)| at).collect();
    // Each attempt asks what there is (from 0), then for the rest.
    assert_eq!(starts, [0, 0, 0, 50_000, 0, 100_000, 0, 150_000, 0, 200_000, 0, 250_000]);
}

#[test]
fn what_was_under_way_when_the_program_ended_is_gone_on_with() {
    let (directory, server) = (tempfile::tempdir().unwrap(), server());
    server.fault(LARGE, Fault::DropAfter(120_000));
    for _ in 0..FRUITLESS_MOST {
        server.fault(LARGE, Fault::DropAfter(0));
    }
    let error = pull_into(directory.path(), &server, &FILES).result.unwrap_err();
    assert!(matches!(&error, PullError::Transfer { file, .. } if file == LARGE), "{error}");
    assert!(!directory.path().join(LARGE).exists(), "what is not whole is not there");
    assert!(directory.path().join("config.json").exists());
    server.forget_requests();
    pull_into(directory.path(), &server, &FILES).result.unwrap();
    assert_whole(directory.path());
    assert_eq!(server.requests().iter().filter(|(name, _)| name == LARGE).map(|(_, at)| *at).max(), Some(120_000));
}

#[test]
fn wrong_bytes_are_thrown_away() {
    let (directory, server) = (tempfile::tempdir().unwrap(), server());
    for name in ["config.json", LARGE] {
        server.fault(name, Fault::WrongBytes);
        let error = pull_into(directory.path(), &server, &FILES).result.unwrap_err();
        let PullError::Wrong { file, reason, .. } = &error else { panic!("{error}") };
        assert_eq!(file, name);
        assert!(reason.starts_with("its checksum is"), "{reason}");
        assert!(!directory.path().join(name).exists());
        let under_way = files_in(&directory.path().join(UNDER_WAY));
        let left = under_way.iter().find(|(path, bytes)| path.parent().unwrap().ends_with("blobs") && *bytes > 0);
        assert_eq!(left, None, "the next attempt must not go on from it");
    }
    pull_into(directory.path(), &server, &FILES).result.unwrap();
    assert_whole(directory.path());
}

#[test]
fn a_wrong_beginning_is_got_anew() {
    let (directory, server) = (tempfile::tempdir().unwrap(), server());
    server.fault(LARGE, Fault::WrongBytesThenDropAfter(1_000));
    for _ in 0..FRUITLESS_MOST {
        server.fault(LARGE, Fault::DropAfter(0));
    }
    pull_into(directory.path(), &server, &FILES).result.unwrap_err();
    pull_into(directory.path(), &server, &FILES).result.unwrap();
    assert_whole(directory.path());
}

#[test]
fn a_server_that_lies_about_the_length_is_found_out() {
    for (fault, has) in [(Fault::SaysLonger, 300_000), (Fault::SaysShorter, 300_000)] {
        let (directory, server) = (tempfile::tempdir().unwrap(), server());
        server.fault_always(LARGE, fault);
        let error = pull_into(directory.path(), &server, &FILES).result.unwrap_err();
        let PullError::Wrong { reason, .. } = &error else { panic!("{error}") };
        assert!(reason.starts_with(&format!("it has {has} bytes of")), "{reason}");
        assert!(!directory.path().join(LARGE).exists());
    }
}

#[test]
fn a_server_that_sends_everything_again_is_asked_from_the_beginning() {
    let (directory, server) = (tempfile::tempdir().unwrap(), server());
    server.fault(LARGE, Fault::DropAfter(100_000));
    server.fault(LARGE, Fault::IgnoresRange);
    pull_into(directory.path(), &server, &FILES).result.unwrap();
    assert_whole(directory.path());
    let starts: Vec<u64> = server.requests().into_iter().filter(|(name, _)| name == LARGE).map(|(_, at)| at).collect();
    assert_eq!(starts, [0, 0, 0, 100_000, 0, 0]);
}

#[test]
fn a_part_that_is_too_long_is_no_obstacle() {
    for bytes in [300_000, 300_001] {
        let (directory, server) = (tempfile::tempdir().unwrap(), server());
        server.fault(LARGE, Fault::DropAfter(1_000));
        for _ in 0..FRUITLESS_MOST {
            server.fault(LARGE, Fault::DropAfter(0));
        }
        pull_into(directory.path(), &server, &FILES).result.unwrap_err();
        let under_way = files_in(&directory.path().join(UNDER_WAY));
        let (part, _) = under_way.iter().find(|(path, _)| is_part(path)).unwrap();
        fs::write(part, vec![0; bytes]).unwrap();
        pull_into(directory.path(), &server, &FILES).result.unwrap();
        assert_whole(directory.path());
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let (directory, server) = (tempfile::tempdir().unwrap(), server());
    let files = [file(REPOSITORY, "nothing.safetensors", 1)];
    let error = pull_into(directory.path(), &server, &files).result.unwrap_err().to_string();
    assert!(error.contains("nothing.safetensors cannot be got from kyutai/tiny") && error.contains("404"), "{error}");
}

#[test]
fn too_little_room_is_told_before_anything_is_asked_for() {
    let (directory, server) = (tempfile::tempdir().unwrap(), server());
    let files = [ModelFile { bytes: 1 << 60, ..FILES[0].clone() }];
    let error = pull_into(directory.path(), &server, &files).result.unwrap_err();
    assert!(matches!(error, PullError::NoRoom { needed_bytes, .. } if needed_bytes > 1 << 60), "{error}");
    assert_eq!(server.requests(), []);
}

#[test]
fn two_at_once_are_not_in_each_others_way() {
    let (directory, server) = (tempfile::tempdir().unwrap(), server());
    let lock = File::open(directory.path()).unwrap();
    flock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
    let error = pull_into(directory.path(), &server, &FILES).result.unwrap_err();
    assert!(matches!(error, PullError::Busy { model: "tiny" }), "{error}");
    drop(lock);
    pull_into(directory.path(), &server, &FILES).result.unwrap();
}
