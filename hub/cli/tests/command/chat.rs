//! `ask` and `chat`.

use std::{fs, os::unix::fs::PermissionsExt};

use xswarm_core::admin::Ask;

use crate::{
    hub::{Asked, Hub},
    rows::{answered, household, unseen},
    shell::{fed, line, run},
    terminal::Terminal,
};

const ASK: &str = "POST /api/ask";
const CONSOLE: &str = "GET /api/console";

#[test]
fn ask_says_one_thing_and_prints_the_answer() {
    let (hub, _, bob) = household();
    hub.answers(CONSOLE, &unseen("Reminder: call mom"));
    hub.answers(ASK, &answered("Booked: Meeting with John.\nSecond line \u{1b}[2J."));
    let out = run(&hub.socket(), &["ask", "Schedule meeting with John tomorrow at 3pm", "--user", "bo"]).ok();
    assert_eq!(
        out, "Reminder: call mom\nBooked: Meeting with John.\nSecond line \u{fffd}[2J.\n",
        "what waited comes first"
    );
    let ask: Ask = hub.asked_once(ASK).body();
    assert_eq!(ask.text, "Schedule meeting with John tomorrow at 3pm");
    assert_eq!(ask.user_id, Some(bob.id));
    assert!(ask.client_id.is_some());
}

#[test]
fn ask_takes_words_without_quotes_and_standard_input() {
    let (hub, ..) = household();
    hub.refuses(CONSOLE, 503, "the hub is stopping");
    hub.answers(ASK, &answered("Hello."));
    line(&hub.socket(), "ask what time is it?").ok();
    fed(&hub.socket(), &["ask", "-"], b"what day is it?\n").ok();
    let said: Vec<Ask> = hub.asked(ASK).iter().map(Asked::body).collect();
    assert_eq!(said.iter().map(|ask| ask.text.as_str()).collect::<Vec<_>>(), ["what time is it?", "what day is it?"]);
    assert_eq!(said[0].user_id, None, "the hub knows who the admin is");
    assert_ne!(said[0].client_id, said[1].client_id);
}

#[test]
fn a_turn_whose_connection_breaks_is_sent_again_as_the_same_turn() {
    let (hub, ..) = household();
    hub.refuses(CONSOLE, 503, "the hub is stopping");
    hub.hangs_up(ASK).refuses(ASK, 503, "the hub is stopping").answers(ASK, &answered("Noted."));
    assert_eq!(line(&hub.socket(), "ask remember the milk").ok(), "Noted.\n");
    let said: Vec<Ask> = hub.asked(ASK).iter().map(Asked::body).collect();
    assert_eq!(said.len(), 3);
    assert!(said.iter().all(|ask| ask.client_id == said[0].client_id), "{said:?}");
}

#[test]
fn chat_on_a_pipe_is_one_turn_per_line() {
    let (hub, ..) = household();
    hub.answers(ASK, &answered("One.")).refuses(ASK, 400, "that is too long").answers(ASK, &answered("Three."));
    let outcome = fed(&hub.socket(), &["chat"], b"first\n\nsecond\nth\xffird");
    assert_eq!((outcome.code, outcome.out.as_str()), (1, "One.\nThree.\n"));
    assert!(outcome.err.contains("that is too long"), "{outcome:?}");
    let said: Vec<String> = hub.asked(ASK).iter().map(|asked| asked.body::<Ask>().text).collect();
    assert_eq!(said, ["first", "second", "th\u{fffd}ird"]);
    assert!(hub.asked("GET /api/console").is_empty(), "what nobody sees is not fetched");
}

#[test]
fn chat_on_a_pipe_gives_json_on_request() {
    let hub = Hub::start();
    hub.answers_text(ASK, r#"{ "message_id": "x", "replies": [] }"#);
    let out = fed(&hub.socket(), &["chat", "--json"], b"a\nb\n").ok();
    assert_eq!(out, "{ \"message_id\": \"x\", \"replies\": [] }\n".repeat(2));
}

#[test]
fn chat_on_a_terminal_is_a_conversation() {
    let (hub, ..) = household();
    let home = tempfile::tempdir().unwrap();
    hub.answers("GET /api/console", &unseen("Reminder from before."));
    hub.answers(ASK, &answered("It is one o'clock."));
    let mut terminal = Terminal::start(&hub.socket(), home.path(), "chat");
    terminal.expect("Talking with the Boss as Anna (Europe/Berlin).");
    terminal.expect("boss> Reminder from before.");
    terminal.expect("you> ");
    terminal.write("what time is it?\r");
    terminal.expect("boss> It is one o'clock.");
    terminal.expect("you> ");
    terminal.write("half a thou");
    terminal.expect("half a thou");
    hub.answers("GET /api/console", &unseen("Call mom.\nNow."));
    terminal.expect("boss> Call mom.");
    terminal.expect("      Now.");
    terminal.expect("you> half a thou");
    terminal.write("\u{3}");
    terminal.expect("you> ");
    terminal.write("\u{4}");
    assert_eq!(terminal.end().0, 0);
    assert_eq!(hub.asked_once(ASK).body::<Ask>().text, "what time is it?", "Ctrl-C cleared the line");
    let history = home.path().join(".local/state/xswarm/history");
    assert_eq!(fs::metadata(&history).unwrap().permissions().mode() & 0o777, 0o600);
    let kept = fs::read_to_string(&history).unwrap();
    assert!(kept.contains("what time is it?") && !kept.contains("half"), "{kept}");
}

#[test]
fn a_refused_turn_does_not_end_the_conversation() {
    let (hub, ..) = household();
    let home = tempfile::tempdir().unwrap();
    hub.refuses(ASK, 400, "that is too long: say at most 8000 characters at once").answers(ASK, &answered("Better."));
    let mut terminal = Terminal::start(&hub.socket(), home.path(), "chat --user anna");
    terminal.expect("you> ");
    terminal.write("long\r");
    terminal.expect("that is too long: say at most 8000 characters at once");
    terminal.expect("you> ");
    terminal.write("short\r");
    terminal.expect("boss> Better.");
    terminal.expect("you> ");
    terminal.write("\u{4}");
    assert_eq!(terminal.end().0, 0);
}

#[test]
fn ctrl_c_stops_waiting_and_the_conversation_goes_on() {
    let (hub, ..) = household();
    let home = tempfile::tempdir().unwrap();
    hub.is_silent(ASK);
    let mut terminal = Terminal::start(&hub.socket(), home.path(), "chat");
    terminal.expect("you> ");
    terminal.write("think hard\r");
    hub.wait_until_asked(ASK);
    terminal.write("\u{3}");
    terminal.expect("Not waiting any longer.");
    terminal.expect("you> ");
    terminal.write("\u{4}");
    assert_eq!(terminal.end().0, 0);
}

#[test]
fn a_hub_that_goes_away_and_comes_back_is_mentioned() {
    let (hub, ..) = household();
    let home = tempfile::tempdir().unwrap();
    for _ in 0..4 {
        hub.hangs_up("GET /api/console");
    }
    hub.answers_text("GET /api/console", r#"{"messages":[]}"#);
    let mut terminal = Terminal::start(&hub.socket(), home.path(), "chat");
    terminal.expect("The hub is out of reach.");
    terminal.expect("The hub is back.");
    terminal.expect("you> ");
    terminal.write("\u{4}");
    assert_eq!(terminal.end().0, 0);
}
