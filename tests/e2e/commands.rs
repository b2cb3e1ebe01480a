//! The command line against a real hub: what it says, how it ends, and what it prints for machines.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use xswarm_core::message::MessageStatus;
use xswarm_tests::{
    cli::Cli,
    hub::{ADMIN_NAME, Hub},
    inbound_mail::{ANNA, InboundMail, post},
    sendgrid::FakeSendgrid,
    twilio::{Endpoint, Fault},
    wait::wait_for,
    world::{ADMIN, MAIL_FROM, STRANGER, World},
};

#[tokio::test]
async fn one_turn_on_the_command_line() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let cli = hub.cli();
    let said = cli.run(&["ask", "Schedule meeting with John tomorrow at 3pm"]).await.expect(0);
    assert!(said.out.contains("John") && said.out.contains("3:00"), "{}", said.out);
    let words = cli.run(&["ask", "what", "time", "is", "it?"]).await.expect(0);
    assert!(words.out.contains("It is"), "{}", words.out);
    let piped = cli.run_with(&["ask", "-"], "What's on my calendar tomorrow?\n", &[]).await.expect(0);
    assert!(piped.out.contains("John"), "{}", piped.out);
    let json = cli.run(&["ask", "--json", "What time is it?"]).await.json();
    assert!(json["replies"][0]["content"].as_str().is_some_and(|text| text.contains("It is")), "{json}");
    hub.finish(&[]).await;
}

#[tokio::test]
async fn a_conversation_over_a_pipe() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let turns = "Schedule a meeting with John\ntomorrow at 3pm\n\nwhat time is it?\n";
    let said = hub.cli().run_with(&["chat"], turns, &[]).await.expect(0);
    let (when, booked, time) = (said.out.find("When?"), said.out.find("3:00"), said.out.find("It is"));
    assert!(when.is_some() && when < booked && booked < time, "{}", said.out);
    hub.finish(&[]).await;
}

#[tokio::test]
async fn speaking_as_somebody_else() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let cli = hub.cli();
    cli.run(&["user", "add", "--name", "Anna", "--timezone", "America/New_York"]).await.expect(0);
    cli.run(&["ask", "--user", "anna", "Schedule lunch with Tom tomorrow at noon"]).await.expect(0);
    let hers = cli.run(&["agenda", "tomorrow", "--user", "Anna", "--days", "2"]).await.expect(0);
    assert!(hers.out.contains("Tom"), "{}", hers.out);
    let admins = cli.run(&["agenda", "week"]).await.expect(0);
    assert!(!admins.out.contains("Tom"), "{}", admins.out);
    let nobody = cli.run(&["ask", "--user", "nobody", "hello"]).await.expect(1);
    assert!(nobody.err.contains("nobody"), "{}", nobody.err);
    hub.finish(&[]).await;
}

#[tokio::test]
async fn every_verb_works_and_speaks_json() {
    let world = World::start().await;
    world.say(ADMIN, "remind me to call mom in 3 hours").await;
    world.hub.settle().await;
    let cli = world.hub.cli();
    let verbs: [(&[&str], &str); 11] = [
        (&["status"], "texting"),
        (&["user", "list"], ADMIN_NAME),
        (&["user", "show", ADMIN_NAME], ADMIN),
        (&["key", "list"], ""),
        (&["pairing", "list"], ""),
        (&["agenda"], ""),
        (&["agenda", "week"], ""),
        (&["reminders"], "call mom"),
        (&["messages"], "call mom"),
        (&["jobs"], ""),
        (&["events"], ""),
    ];
    for (verb, part) in verbs {
        let said = cli.run(verb).await.expect(0);
        assert!(said.out.contains(part) && !said.out.is_empty(), "{verb:?}: {}", said.out);
        let mut words = verb.to_vec();
        words.push("--json");
        let json = cli.run(&words).await.json();
        assert!(json.is_object(), "{verb:?}: {json}");
    }
    let audit = cli.run(&["audit", "verify", "--json"]).await.json();
    assert_eq!(audit["intact"], true);
    for shell in ["bash", "zsh", "fish"] {
        assert!(cli.run(&["completions", shell]).await.expect(0).out.contains("xswarm"));
    }
    assert!(cli.run(&["man"]).await.expect(0).out.contains(".TH"));
    world.finish().await;
}

#[tokio::test]
async fn the_exit_codes_are_those_documented() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let cli = hub.cli();
    for usage in [&["fly"][..], &[], &["user", "add"], &["messages", "--status", "lost"], &["agenda", "someday"]] {
        let said = cli.run(usage).await.expect(2);
        assert!(!said.err.is_empty() || !said.out.is_empty(), "{usage:?}");
    }
    for failed in [
        &["user", "show", "nobody"][..],
        &["user", "remove", ADMIN_NAME, "--yes"],
        &["messages", "show", "01890000-0000-7000-8000-000000000000"],
        &["jobs", "retry", "123456"],
        &["key", "revoke", "nothing"],
        &["pairing", "approve", "ABCDEF", "--name", "Eve"],
    ] {
        let said = cli.run(failed).await.expect(1);
        assert!(said.out.is_empty() && !said.err.trim().is_empty(), "{failed:?}: {said:?}");
    }
    let nowhere = Cli::new(std::path::Path::new("/nonexistent/admin.sock"));
    for verb in [&["status"][..], &["ask", "hello"], &["doctor"], &["user", "list", "--json"]] {
        let said = nowhere.run(verb).await.expect(3);
        // What doctor finds is its output; everybody else complains.
        let words = if verb == ["doctor"] { &said.out } else { &said.err };
        assert!(words.contains("/nonexistent/admin.sock"), "{verb:?}: {said:?}");
    }
    let socket = hub.socket().display().to_string();
    nowhere.run(&["status", "--socket", &socket]).await.expect(0);
    let said = hub.cli().run_with(&["status"], "", &[("XSWARM_SOCKET", "/nonexistent/admin.sock")]).await;
    assert_eq!(said.code, 3, "the environment counts: {said:?}");
    hub.finish(&[]).await;
}

#[tokio::test]
async fn persons_and_keys_from_the_command_line() {
    let world = World::start().await;
    let cli = world.hub.cli();
    cli.run(&["user", "add", "--name", "Tom", "--phone", "(415) 555-0125", "--timezone", "America/New_York"])
        .await
        .expect(0);
    let shown = cli.run(&["user", "show", "tom"]).await.expect(0);
    assert!(shown.out.contains("+14155550125") && shown.out.contains("America/New_York"), "{}", shown.out);
    cli.run(&["user", "set", "tom", "--timezone", "Europe/Berlin"]).await.expect(0);
    assert!(cli.run(&["user", "show", "tom"]).await.expect(0).out.contains("Europe/Berlin"));
    let twice = cli.run(&["user", "add", "--name", "Twin", "--phone", "+14155550125"]).await.expect(1);
    assert!(twice.err.contains("somebody already"), "{}", twice.err);

    let created = cli.run(&["key", "create", "--user", "tom", "--name", "laptop", "--json"]).await.json();
    let key = created["key"].as_str().unwrap().to_owned();
    world.hub.lan(Some(&key)).get("/api/messages/history").await.expect(200);
    let listed = cli.run(&["key", "list"]).await.expect(0);
    assert!(listed.out.contains("laptop") && !listed.out.contains(&key), "{}", listed.out);
    cli.run(&["key", "revoke", "laptop"]).await.expect(0);
    world.hub.lan(Some(&key)).get("/api/messages/history").await.problem(401);

    world.turn(STRANGER, "Hi, it's Mia").await;
    let pairings = cli.run(&["pairing", "list", "--json"]).await.json();
    let code = pairings["pairings"][0]["code"].as_str().unwrap();
    cli.run(&["pairing", "approve", code, "--name", "Mia"]).await.expect(0);
    cli.run(&["user", "remove", "tom", "--yes"]).await.expect(0);
    let left = cli.run(&["user", "list"]).await.expect(0);
    assert!(left.out.contains("Mia") && !left.out.contains("Tom"), "{}", left.out);
    world.finish().await;
}

#[tokio::test]
async fn what_is_unknown_is_shown_and_sent_again_by_one_command() {
    let world = World::start().await;
    world.twilio.next(Endpoint::Send, Fault::Answer { status: 500, code: 20_500, retry_after_s: None });
    let message = world.text(ADMIN, "What time is it?").await;
    let inbound = world.recorded(&message).await;
    let unknown = async || world.answers(&inbound).await.pop().filter(|row| row.status == MessageStatus::Unknown);
    let row = wait_for("the answer to be unclear", unknown).await;
    let cli = world.hub.cli();
    let listed = cli.run(&["messages", "--status", "unknown"]).await.expect(0);
    assert!(listed.out.contains("unknown") && listed.out.contains("resend"), "{}", listed.out);
    cli.run(&["messages", "resend", &row.id.to_string()]).await.expect(0);
    let sent =
        async || Some(world.api().message(&row.id.to_string()).await).filter(|row| row.status == MessageStatus::Sent);
    wait_for("it to be sent", sent).await;
    assert_eq!(world.twilio.sent_to(ADMIN).len(), 1);
    let again = cli.run(&["messages", "resend", &row.id.to_string()]).await.expect(1);
    assert!(again.err.contains("sent"), "{}", again.err);
    world.finish().await;
}

#[tokio::test]
async fn doctor_ends_with_failure_until_all_is_well() {
    let world = World::start().await;
    let cli = world.hub.cli();
    let said = cli.run(&["doctor"]).await;
    assert_eq!(said.code, 1, "the webhook is not set yet: {said:?}");
    let json: Value = serde_json::from_str(&cli.run(&["doctor", "--json"]).await.out).unwrap();
    assert!(json["checks"].as_array().is_some_and(|checks| checks.len() >= 8), "{json}");
    world.finish().await;
}

#[tokio::test]
async fn setup_without_questions_makes_texting_work() {
    let mut world = World::start_with(|builder| {
        builder.credential("twilio_auth_token", None).config("twilio", "account_sid", "").config(
            "twilio",
            "phone_number",
            "",
        )
    })
    .await;
    assert!(!world.api().status().await.sms.configured);
    let arguments = [
        "setup",
        "--non-interactive",
        "--account-sid",
        xswarm_tests::twilio::ACCOUNT,
        "--phone-number",
        xswarm_tests::twilio::OUR_NUMBER,
        "--auth-token-file",
        "-",
        "--set-webhooks",
    ];
    let said = world.hub.cli().run_with(&arguments, xswarm_tests::twilio::TOKEN, &[]).await.expect(0);
    assert!(!said.out.contains(xswarm_tests::twilio::TOKEN), "a secret is not repeated: {}", said.out);
    world.hub.reloaded().await;
    assert!(world.api().status().await.sms.configured);
    let inbound = format!("{}/sms/inbound", xswarm_tests::hub::PUBLIC_URL);
    assert_eq!(world.twilio.number(xswarm_tests::twilio::OUR_NUMBER).sms_url, inbound);
    let reply = world.say(ADMIN, "What time is it?").await;
    assert!(reply.contains("It is"), "{reply}");
    let config = std::fs::read_to_string(world.hub.config_file()).unwrap();
    assert!(!config.contains(xswarm_tests::twilio::TOKEN), "{config}");
    world.finish().await;
}

#[tokio::test]
async fn setup_lets_mail_in_by_a_password_that_it_shows_once() {
    let sendgrid = FakeSendgrid::start().await;
    let mut hub = Hub::builder().sendgrid(&sendgrid).config("admin", "email", ANNA).build();
    hub.start().await;
    let mail = || InboundMail { to: vec![MAIL_FROM.to_owned()], ..InboundMail::new("", "what time is it?") };
    post(&hub, mail().parsed(), &[]).await.expect("an answer").problem(404);
    let said = hub.cli().run(&["setup", "--non-interactive", "--sendgrid-inbound-password"]).await.expect(0);
    let url = said.out.split_whitespace().find(|word| word.ends_with("/email/inbound")).expect("the URL to set");
    let credentials = url.split_once("://").and_then(|(_, rest)| rest.split_once('@')).expect("a password in it").0;
    hub.reloaded().await;
    assert_eq!(hub.api().status().await.mail.incoming.as_deref(), Some("password"));
    let basic = format!("Basic {}", STANDARD.encode(credentials));
    post(&hub, mail().parsed(), &[("authorization", "Basic Ojo=")]).await.expect("an answer").problem(403);
    post(&hub, mail().parsed(), &[("authorization", &basic)]).await.expect("an answer").expect(200);
    sendgrid.wait_sent(ANNA, "It is").await;
    let password = credentials.trim_start_matches("boss:").to_owned();
    hub.finish(&[password]).await;
}
