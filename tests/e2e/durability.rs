//! Durability by system-call trace: on disk first, then the answer; `sending` on disk first, then the request.

use xswarm_tests::{
    trace,
    wait::wait_for,
    world::{ADMIN, World},
};

const CALLS: &str = "trace=read,readv,recvfrom,recvmsg,write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync";

#[tokio::test]
async fn a_message_is_on_disk_before_it_is_answered_and_before_anything_is_sent() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("trace");
    let path = file.to_str().unwrap();
    let mut world = World::start_with(|builder| {
        builder.wrapper(&["strace", "-f", "-y", "-s", "96", "-e", CALLS, "-e", "signal=none", "-o", path])
    })
    .await;
    world.hub.settle().await;
    // Whatever the start had to do is done: the next writes belong to the message.
    let quiet = async || {
        let status = world.api().status().await;
        (world.twilio.requests(xswarm_tests::twilio::Endpoint::List) > 0 && status.counts.jobs > 0).then_some(())
    };
    wait_for("the first look at the list", quiet).await;
    world.hub.settle().await;

    let reply = world.say(ADMIN, "What time is it?").await;
    assert!(reply.contains("It is"), "{reply}");
    world.hub.settle().await;
    world.hub.stop().await;
    let text = std::fs::read_to_string(&file).unwrap();
    if let Err(wrong) = trace::commit_precedes_answer(&text, "POST /sms/inbound") {
        panic!("{wrong}\n{}", excerpt(&text));
    }
    if let Err(wrong) = trace::nothing_unsynced_before(&text, "POST /2010-04-01/") {
        panic!("{wrong}\n{}", excerpt(&text));
    }
    world.hub.wrapper(&[]);
    world.finish().await;
}

/// The lines that matter, for the message of a failed test.
fn excerpt(trace: &str) -> String {
    let wanted = |line: &&str| ["-wal", "POST /", "HTTP/1.1 200"].iter().any(|part| line.contains(part));
    trace.lines().filter(wanted).collect::<Vec<_>>().join("\n")
}
