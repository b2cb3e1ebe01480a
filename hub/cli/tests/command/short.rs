//! Short ways of saying things, and what is said when a word is wrong.

use serde_json::json;

use crate::{
    rows::{household, now, status},
    shell::{line, run},
};

#[test]
fn a_family_alone_shows_its_list() {
    let (hub, ..) = household();
    hub.answers("GET /api/memory", &json!({ "memories": [] }))
        .answers("GET /api/calendar/feeds", &json!({ "feeds": [] }))
        .answers("GET /api/contacts", &json!({ "contacts": [] }));
    for (short, long) in [("memory", "memory list"), ("calendar", "calendar shares"), ("contact", "contact list")] {
        assert_eq!(line(&hub.socket(), short).ok(), line(&hub.socket(), long).ok(), "{short}");
    }
}

#[test]
fn a_list_is_shown_by_its_name() {
    let (hub, anna, _) = household();
    let id = "01a20b94-93bb-730b-bd09-184bd3245a9c";
    let list = json!({ "id": id, "user_id": anna.id, "name": "packing", "created_at": now(), "updated_at": now() });
    let kept = json!({ "list": list, "items": [] });
    hub.answers("GET /api/lists", &json!({ "lists": [kept] })).answers(&format!("GET /api/lists/{id}"), &kept);
    assert_eq!(line(&hub.socket(), "list packing").ok(), "Nothing is on it.\n");
    assert_eq!(line(&hub.socket(), "list show packing").ok(), "Nothing is on it.\n");
    assert_eq!(line(&hub.socket(), "list").ok().lines().count(), 2);
}

#[test]
fn wrong_words_are_answered_with_the_right_ones() {
    let (hub, ..) = household();
    for (words, expected) in [
        (&["agenda", "tomorow"][..], "say day, today, tomorrow, week, month"),
        (&["memory", "add", ""], "Say what to remember."),
        (&["memory", "search", " "], "Say what to look for."),
        (&["appointment", "add", "Lunch"], "--at"),
    ] {
        let outcome = run(&hub.socket(), words);
        assert!(outcome.code == 2 && outcome.err.contains(expected), "{words:?}: {outcome:?}");
    }
}

#[test]
fn mail_and_email_are_the_same_word() {
    let (hub, anna, _) = household();
    hub.answers(&format!("PUT /api/users/{}", anna.id), &json!({ "user": anna }));
    for word in ["--mail", "--email"] {
        line(&hub.socket(), &format!("user set anna {word} anna@example.com")).ok();
        run(&hub.socket(), &["contact", "add", "Tom", word, "tom@example.com"]);
    }
    assert_eq!(hub.asked(&format!("PUT /api/users/{}", anna.id)).len(), 2);
    for asked in hub.asked("POST /api/contacts") {
        assert!(asked.text().contains("tom@example.com"), "{asked:?}");
    }
    assert_eq!(hub.asked("POST /api/contacts").len(), 2);
}

#[test]
fn spending_since_a_day_is_asked_for_in_utc() {
    let (hub, ..) = household();
    let day = status().now.date_naive();
    hub.answers(
        "GET /api/spending",
        &json!({ "from": day, "to": day, "total": 0, "caps": [], "rows": [], "days": [] }),
    );
    for words in ["spending", "spending --day", "spending --since week", "spending --since 2026-11-01"] {
        line(&hub.socket(), words).ok();
    }
    let asked: Vec<String> = hub.asked("GET /api/spending").into_iter().map(|asked| asked.query).collect();
    assert_eq!(asked, ["period=month", "period=day", "from=2026-11-17", "from=2026-11-01"]);
}

#[test]
fn when_an_appointment_is_may_stand_behind_its_title() {
    let (hub, ..) = household();
    hub.refuses("POST /api/times", 400, "I get no time from that");
    line(&hub.socket(), "appointment add Lunch tomorrow at noon");
    line(&hub.socket(), "appointment add Lunch --at noon");
    let said: Vec<serde_json::Value> = hub.asked("POST /api/times").iter().map(crate::hub::Asked::body).collect();
    assert_eq!((said[0]["text"].as_str(), said[1]["text"].as_str()), (Some("tomorrow at noon"), Some("noon")));
}
