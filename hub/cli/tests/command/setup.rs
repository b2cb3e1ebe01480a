//! `setup`, with and without questions, and `reload`.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use chrono::Duration;
use serde_json::json;
use xswarm_core::{
    admin::{LlmState, NewSms, SecretValue, Status, UserChange},
    message::{Channel, Message, MessageStatus},
    user::{Role, User},
};

use crate::{
    hub::Hub,
    rows::{message, status, user},
    shell::{fed, run},
    terminal::Terminal,
};

const SID: &str = "AC0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const FILE: &str = "# Our hub.\n[twilio]\nphone_number = \"\" # to come\n\n[server]\nlan_listen = \"0.0.0.0:9997\"\n";

/// A hub that is not set up, with its file; after a reload it is.
struct Fresh {
    hub: Hub,
    file: PathBuf,
    anna: User,
}

fn fresh() -> Fresh {
    let hub = Hub::start();
    let file = hub.dir().join("hub.toml");
    fs::write(&file, FILE).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let after = status();
    let mut before = Status { config_path: file.to_str().map(str::to_owned), ..status() };
    before.started_at -= Duration::hours(1);
    before.listeners.public_url = None;
    before.sms.configured = false;
    before.llm = LlmState::default();
    before.sms.missing = vec!["twilio.account_sid".into(), "the secret twilio_auth_token".into()];
    let anna = user("Admin", Role::Admin, 0);
    hub.answers("GET /api/status", &before)
        .answers("GET /api/status", &after)
        .answers("GET /api/users", &json!({ "users": [anna] }))
        .answers("PUT /api/secrets/twilio_auth_token", &json!({ "success": true }))
        .answers("PUT /api/secrets/sendgrid_api_key", &json!({ "success": true }))
        .answers("PUT /api/secrets/sendgrid_inbound_password", &json!({ "success": true }))
        .answers("PUT /api/secrets/anthropic_api_key", &json!({ "success": true }))
        .answers("POST /api/setup/llm", &json!({ "answer": "Here I am." }))
        .answers("POST /api/reload", &json!({ "success": true }))
        .answers(
            "POST /api/setup/webhooks",
            &json!({ "numbers": [
            { "phone_number": "+4930901820", "sms_url": "https://boss.example.com/sms/inbound" }
        ] }),
        );
    Fresh { hub, file, anna }
}

fn changed(file: &PathBuf) {
    assert_eq!(
        fs::read_to_string(file).unwrap(),
        format!(
            "# Our hub.\n[twilio]\nphone_number = \"+4930901820\" # to come\naccount_sid = \"{SID}\"\n\n\
             [server]\nlan_listen = \"0.0.0.0:9997\"\npublic_url = \"https://boss.example.com\"\n"
        )
    );
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o640);
}

const OPTIONS: [&str; 12] = [
    "setup",
    "--non-interactive",
    "--account-sid",
    SID,
    "--phone-number",
    "+49 30 901820",
    "--auth-token-file",
    "-",
    "--public-url",
    "https://boss.example.com/",
    "--set-webhooks",
    "--json",
];

#[test]
fn without_questions_it_does_what_the_options_say() {
    let Fresh { hub, file, .. } = fresh();
    let outcome = fed(&hub.socket(), &OPTIONS, format!("{TOKEN}\n").as_bytes());
    let report: serde_json::Value = serde_json::from_str(&outcome.ok()).unwrap();
    let names: Vec<&str> =
        report["checks"].as_array().unwrap().iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["auth token", "settings", "hub", "webhook"]);
    changed(&file);
    assert!(!fs::read_to_string(&file).unwrap().contains(TOKEN));
    assert_eq!(hub.asked_once("PUT /api/secrets/twilio_auth_token").body::<SecretValue>().value, TOKEN);
    assert_eq!(hub.asked("POST /api/setup/webhooks").len(), 1);
    assert!(hub.asked("POST /api/messages/sms").is_empty(), "nobody asked for a test message");
}

#[test]
fn a_hub_without_a_file_gets_the_text_to_paste() {
    let nowhere = Hub::start();
    let mut before = status();
    before.listeners.public_url = None;
    nowhere
        .answers("GET /api/status", &before)
        .answers("GET /api/users", &json!({ "users": [user("Anna", Role::Admin, 0)] }));
    let outcome = run(&nowhere.socket(), &["setup", "--non-interactive", "--public-url", "https://boss.example.com"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.out.contains("[server]\npublic_url = \"https://boss.example.com\"\n"), "{outcome:?}");
    assert!(outcome.out.contains("/etc/xswarm/hub.toml"), "{outcome:?}");
    assert!(nowhere.asked("POST /api/reload").is_empty());
}

/// A hub of which the model is the only thing that was ever set up.
fn half_set_up(file: &str, missing: &[&str]) -> Fresh {
    let (hub, anna) = (Hub::start(), user("Anna", Role::Admin, 0));
    let path = hub.dir().join("hub.toml");
    fs::write(&path, file).unwrap();
    let mut before = Status { config_path: path.to_str().map(str::to_owned), ..status() };
    before.sms.configured = false;
    before.sms.missing = vec!["twilio.account_sid".into()];
    before.llm = LlmState::default();
    let mut after = Status { started_at: before.now, ..before.clone() };
    after.llm.missing = missing.iter().map(|name| (*name).to_owned()).collect();
    hub.answers("GET /api/status", &before)
        .answers("GET /api/status", &after)
        .answers("GET /api/users", &json!({ "users": [anna] }))
        .answers("PUT /api/secrets/openai_api_key", &json!({ "success": true }))
        .answers("POST /api/reload", &json!({ "success": true }));
    Fresh { hub, file: path, anna }
}

#[test]
fn a_model_without_its_key_is_not_done() {
    let Fresh { hub, .. } = half_set_up("", &["the secret anthropic_api_key"]);
    let outcome = run(&hub.socket(), &["setup", "--non-interactive", "--llm-provider", "anthropic"]);
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(
        outcome.out.contains("✗ language model     it does not work yet; missing: the secret anthropic_api_key"),
        "{outcome:?}"
    );
    assert!(outcome.out.contains("--llm-key-file") && !outcome.out.contains("Done."), "{outcome:?}");
    assert!(!outcome.out.contains("texting"), "nobody spoke of texting: {outcome:?}");
}

#[test]
fn a_short_key_is_the_providers_to_judge_and_a_key_for_nobody_is_told() {
    let Fresh { hub, file, .. } = half_set_up("", &[]);
    let arguments = ["setup", "--non-interactive", "--llm-provider", "openai", "--llm-key-file", "-"];
    fed(&hub.socket(), &arguments, b"sk-good-123\n").ok();
    assert_eq!(hub.asked_once("PUT /api/secrets/openai_api_key").body::<SecretValue>().value, "sk-good-123");
    assert_eq!(fs::read_to_string(&file).unwrap(), "[llm]\nprovider = \"openai\"\n");
    let outcome = fed(&hub.socket(), &arguments, b"short\n");
    assert!(outcome.code == 1 && outcome.err.contains("one word of at least 8"), "{outcome:?}");
    let Fresh { hub, .. } = half_set_up("", &[]);
    let outcome = fed(&hub.socket(), &["setup", "--non-interactive", "--llm-key-file", "-"], b"sk-good-123\n");
    assert!(outcome.code == 1 && outcome.out.contains("--llm-provider"), "{outcome:?}");
}

#[test]
fn a_model_that_is_switched_off_leaves_nothing_behind() {
    let before = "[llm]\nprovider = \"openai\"\nmodel = \"m\"\nbase_url = \"https://gateway.example/v1\"\n";
    let Fresh { hub, file, .. } = half_set_up(before, &[]);
    run(&hub.socket(), &["setup", "--non-interactive", "--llm-provider", "off"]).ok();
    assert_eq!(fs::read_to_string(&file).unwrap(), "[llm]\nprovider = \"off\"\n");
}

#[test]
fn whoever_chooses_a_server_of_their_own_is_asked_where_it_is_and_which_model() {
    let Fresh { hub, file, .. } = half_set_up("[llm]\nprovider = \"anthropic\"\nmodel = \"claude-x\"\n", &[]);
    let mut terminal = Terminal::start(&hub.socket(), hub.dir(), "setup");
    let mut talk = |question: &str, answer: &str| {
        terminal.expect(question);
        terminal.write(answer);
    };
    for question in
        ["call you?", "time zone?", "for texts?", "Account SID?", "number?", "Auth token", "Who carries mail"]
    {
        talk(question, "\n");
    }
    talk("ollama or off? [anthropic] ", "openai\n");
    talk("Where is its API? [https://api.openai.com/v1] ", "kitchen\n");
    talk("Where is its API? [https://api.openai.com/v1] ", "https://gateway.example/v1/\n");
    talk("Which model? [gpt-6-luna] ", "large-1\n");
    talk("API key (not shown)? [skip] ", "sk-good-123\n");
    talk("Public address?", "\n");
    let (code, rest) = terminal.end();
    assert_eq!(code, 0, "{rest}");
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "[llm]\nprovider = \"openai\"\nmodel = \"large-1\"\nbase_url = \"https://gateway.example/v1\"\n"
    );
}

#[test]
fn a_refused_step_is_told_and_the_others_go_on() {
    let broken = Hub::start();
    let mut ready = status();
    ready.config_path = None;
    broken
        .answers("GET /api/status", &ready)
        .answers("GET /api/users", &json!({ "users": [user("Anna", Role::Admin, 0)] }))
        .refuses("POST /api/setup/webhooks", 503, "the credentials are not accepted")
        .refuses("POST /api/messages/sms", 400, "that is not a number");
    let arguments = ["setup", "--non-interactive", "--set-webhooks", "--test-to", "+4915123456789"];
    let outcome = run(&broken.socket(), &arguments);
    assert_eq!(outcome.code, 1);
    assert!(outcome.out.contains("✗ webhook            the credentials are not accepted"), "{outcome:?}");
    assert!(
        outcome.out.contains("A message comes in     Webhook   https://boss.example.com/sms/inbound"),
        "{outcome:?}"
    );
    assert!(outcome.out.contains("✗ test message       that is not a number"), "{outcome:?}");
}

#[test]
fn with_questions_it_walks_through_every_step() {
    let Fresh { hub, file, anna } = fresh();
    let put = format!("PUT /api/users/{}", anna.id);
    let renamed = User { name: "Anna".into(), phone: "+4915123456789".parse().ok(), ..anna.clone() };
    let sent: Message = message("test", Channel::Sms, MessageStatus::Delivered, 0);
    hub.answers(&put, &json!({ "user": renamed }))
        .answers(&format!("GET /api/users/{}", anna.id), &json!({ "user": renamed }))
        .answers("POST /api/messages/sms", &json!({ "message": sent }))
        .answers(&format!("GET /api/messages/{}", sent.id), &json!({ "message": sent }));
    let mut terminal = Terminal::start(&hub.socket(), hub.dir(), "setup");
    let mut talk = |question: &str, answer: &str| {
        terminal.expect(question);
        terminal.write(answer);
    };
    talk("call you? [Admin] ", "Anna\n");
    talk("time zone? [Europe/Berlin] ", "\n");
    talk("mobile number, for texts? [skip] ", "0151\n");
    talk("mobile number, for texts? [skip] ", "+49 151 23456789\n");
    talk("Account SID? [skip] ", &format!("{SID}\n"));
    talk("number? [skip] ", "+49 30 901820\n");
    talk("Auth token (not shown)? [skip] ", &format!("{TOKEN}\n"));
    talk("sendgrid, smtp or off? [skip] ", "pigeon\n");
    talk("sendgrid, smtp or off? [skip] ", "sendgrid\n");
    talk("The Boss's mail address? [skip] ", "boss@example.com\n");
    talk("API key (not shown)? [skip] ", "SG.0123456789.0123456789\n");
    talk("/email/events", "");
    talk("Verification key? [skip] ", "\n");
    talk("/email/inbound", "");
    talk("Public key of the security policy? [skip] ", "\n");
    talk("by a password in the URL instead? [y/N] ", "y\n");
    talk("@boss.example.com/email/inbound", "");
    talk("anthropic, openai, ollama or off? [skip] ", "clippy\n");
    talk("anthropic, openai, ollama or off? [skip] ", "anthropic\n");
    talk("Which model? [claude-haiku-5-5] ", "two words\n");
    talk("Which model? [claude-haiku-5-5] ", "\n");
    talk("API keys → Create key", "");
    talk("API key (not shown)? [skip] ", "sk-ant-0123456789abcdef\n");
    talk("service: http://127.0.0.1:9996", "");
    talk("Public address? [skip] ", "boss.example.com\n");
    talk("Public address? [skip] ", "https://boss.example.com\n");
    talk("Ask claude-haiku-5-5 for a word? (it costs next to nothing) [y/N] ", "y\n");
    talk("claude-haiku-5-5 answers: Here I am.", "");
    talk("webhooks at Twilio now? [y/N] ", "y\n");
    talk("test message to +4915123456789? [y/N] ", "y\n");
    let (code, rest) = terminal.end();
    assert_eq!(code, 0, "{rest}");
    assert!(rest.contains("it arrived at +4915123456789") && rest.contains("Done."), "{rest}");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("[mail]\nprovider = \"sendgrid\"\nfrom = \"boss@example.com\"\n"), "{text}");
    assert!(text.contains("[llm]\nprovider = \"anthropic\"\n"), "{text}");
    assert!(!text.contains("SG.") && !text.contains("sk-ant"), "{text}");
    let key = hub.asked_once("PUT /api/secrets/anthropic_api_key").body::<SecretValue>().value;
    assert_eq!(key, "sk-ant-0123456789abcdef");
    let key = hub.asked_once("PUT /api/secrets/sendgrid_api_key").body::<SecretValue>().value;
    assert_eq!(key, "SG.0123456789.0123456789");
    let password = hub.asked_once("PUT /api/secrets/sendgrid_inbound_password").body::<SecretValue>().value;
    assert!(password.len() == 32 && !text.contains(&password), "{password}");
    let change: UserChange = hub.asked_once(&put).body();
    assert_eq!((change.name.as_deref(), change.timezone), (Some("Anna"), None));
    assert_eq!(change.phone.as_deref(), Some("+4915123456789"));
    assert_eq!(hub.asked_once("PUT /api/secrets/twilio_auth_token").body::<SecretValue>().value, TOKEN);
    assert_eq!(hub.asked_once("POST /api/messages/sms").body::<NewSms>().to, "+4915123456789");
}

#[test]
fn a_typed_token_is_never_shown() {
    let Fresh { hub, .. } = fresh();
    let mut terminal = Terminal::start(&hub.socket(), hub.dir(), "setup");
    for _ in 0..5 {
        terminal.expect("[");
        terminal.expect("] ");
        terminal.write("\n");
    }
    terminal.expect("Auth token (not shown)? [skip] ");
    terminal.write(&format!("{TOKEN}\n"));
    let shown = terminal.expect("kept in the hub's encrypted database");
    assert!(!shown.contains(&TOKEN[..8]), "{shown}");
    terminal.expect("sendgrid, smtp or off? [skip] ");
    terminal.write("\n");
    terminal.expect("ollama or off? [skip] ");
    terminal.write("\n");
    terminal.expect("Public address? [skip] ");
    terminal.write("\u{4}");
    let (code, rest) = terminal.end();
    assert_eq!(code, 1, "{rest}");
    assert!(rest.contains("Setup ended early"), "{rest}");
}

#[test]
fn enter_skips_everything_and_changes_nothing() {
    let Fresh { hub, file, .. } = fresh();
    let mut terminal = Terminal::start(&hub.socket(), hub.dir(), "setup");
    for question in [
        "call you?",
        "time zone?",
        "for texts?",
        "Account SID?",
        "number?",
        "Auth token",
        "Who carries mail",
        "Who serves it",
        "Public address?",
    ] {
        terminal.expect(question);
        terminal.expect("] ");
        terminal.write("\n");
    }
    let (code, rest) = terminal.end();
    assert_eq!(code, 0, "{rest}");
    assert_eq!(fs::read_to_string(&file).unwrap(), FILE);
    for route in ["PUT /api/secrets/twilio_auth_token", "POST /api/reload", "POST /api/setup/webhooks"] {
        assert!(hub.asked(route).is_empty(), "{route}");
    }
}

#[test]
fn reload_waits_until_the_hub_serves_again() {
    let hub = Hub::start();
    let before = status();
    let after = Status { started_at: before.now, ..status() };
    hub.answers("GET /api/status", &before)
        .answers("POST /api/reload", &json!({ "success": true }))
        .answers("GET /api/status", &before)
        .hangs_up("GET /api/status")
        .answers("GET /api/status", &after);
    assert!(run(&hub.socket(), &["reload"]).ok().contains("read its configuration again"));
    assert_eq!(hub.asked("GET /api/status").len(), 4);
}

#[test]
fn ctrl_c_at_the_hidden_question_leaves_the_terminal_as_it_was() {
    let Fresh { hub, .. } = fresh();
    let mut terminal = Terminal::shell(&hub.socket(), hub.dir(), "\"$XSWARM\" setup; stty -a; exit 7");
    for question in ["call you?", "time zone?", "for texts?", "Account SID?", "number?"] {
        terminal.expect(question);
        terminal.expect("] ");
        terminal.write("\n");
    }
    terminal.expect("Auth token (not shown)? [skip] ");
    terminal.write("half\u{3}");
    terminal.expect("Setup ended early");
    let modes = terminal.expect("echoke");
    assert!(modes.contains(" echo ") && modes.contains("isig") && modes.contains("eol = <undef>"), "{modes}");
    assert_eq!(terminal.end().0, 7);
}

#[test]
fn a_hub_that_refuses_the_configuration_says_why() {
    let hub = Hub::start();
    let mistake = "hub.toml: unknown key `bogus` in [server]";
    hub.answers("GET /api/status", &status())
        .answers("GET /api/users", &json!({ "users": [user("Anna", Role::Admin, 0)] }))
        .answers("PUT /api/secrets/twilio_auth_token", &json!({ "success": true }))
        .refuses("POST /api/reload", 400, mistake);
    let outcome = run(&hub.socket(), &["reload"]);
    assert_eq!((outcome.code, outcome.err), (1, format!("xswarm: {mistake}.\n")));
    let arguments = ["setup", "--non-interactive", "--auth-token-file", "-"];
    let outcome = fed(&hub.socket(), &arguments, TOKEN.as_bytes());
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.out.contains(&format!("✗ hub                it keeps its old configuration: {mistake}")),
        "{outcome:?}"
    );
}
