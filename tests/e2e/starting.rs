//! What keeps a hub from starting: one clear error, a non-zero exit, and everything on disk as it was.

use std::{
    fs,
    io::Write,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use sha1::{Digest, Sha1};
use xswarm_tests::{
    binaries,
    database::Database,
    environment,
    hub::{Exit, Hub},
    signature,
    twilio::{FakeTwilio, OUR_NUMBER, TOKEN},
    wait::wait_for,
    world::{ADMIN, World},
};

/// A hub that ran and was stopped in order.
async fn stopped() -> Hub {
    let mut hub = Hub::builder().build();
    hub.start().await;
    hub.api().ask("Schedule meeting with John tomorrow at 3pm").await;
    hub.stop().await;
    hub
}

/// Every file of a directory with the digest of its content, but for the lock, an empty log and the index of the log.
fn contents(directory: &Path) -> Vec<(PathBuf, String)> {
    let mut files: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let nothing = name.ends_with("-shm") || (name.ends_with("-wal") && path.metadata().unwrap().len() == 0);
        path.is_file() && name != "lock" && !nothing
    });
    files.sort();
    files.into_iter().map(|path| (path.clone(), format!("{:x}", Sha1::digest(fs::read(&path).unwrap())))).collect()
}

/// It said one line that contains this, and ended as it should.
fn assert_refused(exit: &Exit, parts: &[&str]) {
    assert_eq!(exit.code, Some(1), "{exit:?}");
    let lines: Vec<_> = exit.stderr.lines().filter(|line| line.starts_with("xswarm-hub: ")).collect();
    assert_eq!(lines.len(), 1, "one clear line: {}", exit.stderr);
    assert!(!exit.stderr.contains("panicked"), "{}", exit.stderr);
    for part in parts {
        assert!(lines[0].contains(part), "`{part}` is missing in: {}", lines[0]);
    }
}

async fn refused(hub: &mut Hub, parts: &[&str]) {
    let before = contents(&hub.state_dir());
    let exit = hub.try_start().await.expect_err("it must not start");
    assert_refused(&exit, parts);
    assert_eq!(contents(&hub.state_dir()), before, "something was changed");
}

/// After the obstacle is gone everything is there again.
async fn well_again(mut hub: Hub) {
    hub.start().await;
    assert_eq!(hub.api().status().await.counts.appointments, 1);
    hub.finish(&[]).await;
}

#[tokio::test]
async fn a_second_hub_on_the_same_state() {
    let mut first = Hub::builder().build();
    first.start().await;
    let mut second = Hub::builder().build_beside(&first);
    let exit = second.try_start().await.expect_err("the state directory is taken");
    assert_refused(&exit, &["another hub", first.state_dir().to_str().unwrap()]);
    second.abandon();
    first.api().ask("Schedule meeting with John tomorrow at 3pm").await;
    first.finish(&[]).await;
}

#[tokio::test]
async fn a_key_that_belongs_to_another_file() {
    let mut hub = stopped().await;
    let file = hub.state_dir().join("database.key");
    let key = fs::read_to_string(&file).unwrap();
    fs::write(&file, "00".repeat(32)).unwrap();
    refused(&mut hub, &["another key"]).await;
    fs::write(&file, "not a key").unwrap();
    refused(&mut hub, &["64 hexadecimal digits"]).await;
    fs::remove_file(&file).unwrap();
    refused(&mut hub, &["database.key"]).await;
    fs::write(&file, &key).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    refused(&mut hub, &["chmod 600"]).await;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    well_again(hub).await;
}

#[tokio::test]
async fn the_key_may_come_as_a_credential() {
    let mut hub = stopped().await;
    let file = hub.state_dir().join("database.key");
    let key = fs::read_to_string(&file).unwrap();
    fs::remove_file(&file).unwrap();
    hub.credential("database_key", Some(&key));
    hub.start().await;
    assert_eq!(hub.api().status().await.counts.appointments, 1);
    assert!(!file.exists(), "a key file was made beside the credential");
    hub.finish(&[key.trim().to_owned()]).await;
}

#[tokio::test]
async fn a_damaged_file() {
    type Damage = fn(&mut Vec<u8>);
    let mut hub = stopped().await;
    let file = hub.state_dir().join("xswarm.db");
    let whole = fs::read(&file).unwrap();
    let damages: [(&str, Damage); 4] = [
        ("a page in the middle", |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle..middle + 64].fill(0x55);
        }),
        ("the first page", |bytes| bytes[100..200].fill(0x55)),
        ("cut short", |bytes| bytes.truncate(bytes.len() / 2 + 100)),
        ("cut to nearly nothing", |bytes| bytes.truncate(10)),
    ];
    for (what, damage) in damages {
        let mut bytes = whole.clone();
        damage(&mut bytes);
        fs::write(&file, bytes).unwrap();
        let before = contents(&hub.state_dir());
        let exit = hub.try_start().await.expect_err(what);
        assert_refused(&exit, &["damaged", "backup"]);
        assert_eq!(contents(&hub.state_dir()), before, "{what}: something was changed");
    }
    fs::write(&file, whole).unwrap();
    well_again(hub).await;
}

#[tokio::test]
async fn a_file_from_a_newer_hub() {
    let mut hub = stopped().await;
    let database = Database::open(&hub.state_dir());
    database.execute("UPDATE meta SET value = '99' WHERE name = 'min_reader'", []);
    database.execute_batch("PRAGMA user_version = 99");
    drop(database);
    refused(&mut hub, &["99", "newer"]).await;
    let database = Database::open(&hub.state_dir());
    database.execute("UPDATE meta SET value = '1' WHERE name = 'min_reader'", []);
    drop(database);
    // One release newer, and readable by this one.
    well_again(hub).await;
}

#[tokio::test]
async fn a_directory_that_is_read_only() {
    let mut hub = stopped().await;
    // Root may write anywhere; another user may not. The binary must be one that they can read.
    let place = tempfile::Builder::new().prefix("xswarm-bin-").tempdir().unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let binary = place.path().join("xswarm-hub");
    fs::copy(binaries::hub(), &binary).unwrap();
    hub.replace_binary(&binary);
    let state_dir = hub.state_dir();
    let is_root = rustix::process::geteuid().is_root();
    if is_root {
        hub.share_with_everybody();
        hub.wrapper(&["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
    }
    fs::set_permissions(&state_dir, fs::Permissions::from_mode(0o555)).unwrap();
    refused(&mut hub, &[state_dir.to_str().unwrap()]).await;
    fs::set_permissions(&state_dir, fs::Permissions::from_mode(0o700)).unwrap();
    hub.wrapper(&[]);
    well_again(hub).await;
}

/// What begins a mount namespace in which a file system can be mounted, as root or not.
fn namespace(script: &str) -> Vec<String> {
    let mut words = vec!["unshare".to_owned(), "--mount".to_owned()];
    if !rustix::process::geteuid().is_root() {
        words.push("--map-root-user".to_owned());
    }
    words.extend(["--", "sh", "-c", script, "sh"].map(str::to_owned));
    words
}

fn under(hub: &mut Hub, script: &str) {
    let words = namespace(script);
    hub.wrapper(&words.iter().map(String::as_str).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_full_disk() {
    let mut hub = stopped().await;
    let state = hub.state_dir().display().to_string();
    // The hub sees a small file system with a copy of its state, and no byte left.
    let script = format!(
        "set -e; cp -a {state} {state}.copy; mount -t tmpfs -o size=4m,mode=0700 tmpfs {state}; cp -a {state}.copy/. {state}/
         head -c 100m /dev/zero >{state}/filling 2>/dev/null || true
         before=$(sha1sum <{state}/xswarm.db); code=0; \"$@\" || code=$?
         test \"$before\" = \"$(sha1sum <{state}/xswarm.db)\" && echo unchanged; exit $code"
    );
    under(&mut hub, &script);
    let exit = hub.try_start().await.expect_err("there is no room");
    assert_refused(&exit, &["full"]);
    assert!(exit.stderr.contains("unchanged"), "{}", exit.stderr);
    hub.wrapper(&[]);
    well_again(hub).await;
}

#[tokio::test]
async fn a_disk_that_fills_up_while_the_hub_runs() {
    // The socket must not lie in the namespace that only the hub sees.
    let outside = tempfile::tempdir().unwrap();
    let socket = outside.path().join("admin.sock");
    let mut world = World::build(|builder| builder.config("twilio", "catch_up_s", 1).socket(&socket)).await;
    fs::create_dir(world.hub.state_dir()).unwrap();
    fs::set_permissions(world.hub.state_dir(), fs::Permissions::from_mode(0o700)).unwrap();
    let state = world.hub.state_dir().display().to_string();
    under(&mut world.hub, &format!("mount -t tmpfs -o size=8m,mode=0700 tmpfs {state} && exec \"$@\""));
    world.hub.start().await;
    world.say(ADMIN, "Schedule meeting with John tomorrow at 3pm").await;
    world.hub.settle().await;

    let inside = PathBuf::from(format!("/proc/{}/root{state}", world.hub.pid()));
    let filling = inside.join("filling");
    fill(&filling);
    let message = world.twilio.receive(ADMIN, OUR_NUMBER, "remind me to call mom in 3 hours");
    let form = FakeTwilio::inbound_form(&message);
    let refused = async || {
        // What is left in the last page of the log may still take a message or two.
        fill(&filling);
        let url = format!("{}/sms/inbound", xswarm_tests::hub::PUBLIC_URL);
        let another = world.twilio.receive(ADMIN, OUR_NUMBER, "What time is it?");
        let form = FakeTwilio::inbound_form(&another);
        let signed = signature::own(&url, &form, TOKEN);
        let status = world.post_form("/sms/inbound", &form, Some(&signed)).await.ok()?.status().as_u16();
        assert!([200, 503].contains(&status), "{status}");
        (status == 503).then_some(())
    };
    wait_for("the hub to say that it cannot take messages", refused).await;
    assert_eq!(world.hub.public().get("/health").await.status, 503);

    fs::remove_file(&filling).unwrap();
    let healthy = async || (world.hub.public().get("/health").await.status == 200).then_some(());
    wait_for("the hub to be well again", healthy).await;
    world.post_signed("/sms/inbound", &form).await.expect(200);
    // Whatever was refused is found by asking, and nothing is lost or done twice.
    for message in world.twilio.messages().into_iter().filter(|message| message.from == ADMIN) {
        let inbound = world.recorded(&message).await;
        world.answer_to(&inbound).await;
    }
    assert_eq!(world.api().reminders("pending").await.len(), 2, "the meeting's and the call");
    world.hub.expect_error("full");
    // Its file system is gone with it, so it cannot be started again: what must hold is checked while it runs.
    world.finish().await;
}

fn fill(file: &Path) {
    use std::io::Write;
    let mut file = fs::OpenOptions::new().create(true).append(true).open(file).unwrap();
    while file.write_all(&[0; 512]).is_ok() {}
}

#[tokio::test]
async fn a_configuration_with_mistakes() {
    let cases = [
        ("server", "colour", "blue", "colour"),
        ("colours", "sky", "blue", "colours"),
        ("server", "public_listen", "nowhere", "nowhere"),
        ("server", "public_url", "boss.example.com/", "public_url"),
        ("admin", "timezone", "Mars/Olympus", "Mars/Olympus"),
        ("twilio", "account_sid", "AC1", "account_sid"),
        ("twilio", "phone_number", "12345", "12345"),
        ("twilio", "api_base_url", "http://api.twilio.com", "https"),
    ];
    for (section, key, value, part) in cases {
        let mut hub = Hub::builder().config(section, key, value).build();
        let exit = hub.try_start().await.expect_err("the configuration is wrong");
        assert_refused(&exit, &[part]);
        assert!(!hub.state_dir().join("xswarm.db").exists(), "{section}.{key}: a database was made");
        let checked = hub.check_config();
        assert_refused(&checked, &[part]);
        hub.abandon();
    }
    let hub = Hub::builder().build();
    assert_eq!(hub.check_config().code, Some(0));
    assert!(!hub.state_dir().exists(), "checking starts nothing");
    hub.abandon();
}

#[tokio::test]
async fn a_port_that_somebody_else_has() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut hub = Hub::builder().config("server", "public_listen", address.as_str()).build();
    let exit = hub.try_start().await.expect_err("the port is taken");
    assert_refused(&exit, &[&address]);
    drop(taken);
    hub.start().await;
    assert_eq!(hub.status().listeners.public, address);
    hub.finish(&[]).await;
}

/// The first start of `make run` on a terminal. The hub itself is not started: its ports are not the test's to take.
#[test]
fn a_mistyped_zone_is_asked_again_and_what_is_made_is_private() {
    let dir = tempfile::tempdir().unwrap();
    let release = dir.path().join("release");
    fs::create_dir(&release).unwrap();
    let hub = format!("#!/bin/sh\n[ \"$1\" = check-config ] && exec {} \"$@\"\nexit 1\n", binaries::hub().display());
    fs::write(release.join("xswarm-hub"), hub).unwrap();
    fs::set_permissions(release.join("xswarm-hub"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink(binaries::cli(), release.join("xswarm")).unwrap();
    let state = dir.path().join("state");
    let run = environment::repository().join("scripts/run");
    let mut child = Command::new("script")
        .args(["--quiet", "--return", "--flush", "--command", &format!("{} {}", run.display(), state.display())])
        .arg("/dev/null")
        .env("CARGO_TARGET_DIR", dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.as_mut().unwrap().write_all(b"Anna\nEurope/Berln\nEurope/Berlin\n").unwrap();
    let said = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert!(said.contains("What shall the Boss call you? [") && !said.contains("[root]"), "{said}");
    assert_eq!(said.matches("Your time zone").count(), 2, "{said}");
    let config = state.join("hub.toml");
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.contains("name = \"Anna\"\ntimezone = \"Europe/Berlin\"\n"), "{text}");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&state), mode(&config)), (0o700, 0o600));
}
