//! Receipts: told apart by their time and a short id, and taken back by it.

use chrono::Duration;
use serde_json::json;
use xswarm_core::{
    id::{ReceiptId, UserId},
    message::Channel,
    receipt::{AskedBy, ReceiptRow},
};

use crate::{
    rows::{household, now},
    shell::line,
};

fn receipt(user: UserId, seconds: i64) -> ReceiptRow {
    let at = now() - Duration::seconds(seconds);
    ReceiptRow {
        id: ReceiptId::new(at),
        user_id: user,
        asked_by: AskedBy::Words,
        channel: Some(Channel::Console),
        message_id: None,
        provider_id: None,
        words: "Remembered: something you told me".into(),
        subject: None,
        created_at: at,
        undone_at: None,
    }
}

#[test]
fn a_receipt_is_shown_with_its_second_and_taken_back_by_a_beginning_of_its_id() {
    let (hub, anna, _) = household();
    let rows = [receipt(anna.id, 62), receipt(anna.id, 60)];
    let id = rows[1].id.to_string();
    hub.answers("GET /api/receipts", &json!({ "receipts": rows }))
        .answers(&format!("POST /api/receipts/{id}/undo"), &json!({ "undone": "something is forgotten" }));
    let out = line(&hub.socket(), "receipts").ok();
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].starts_with("ID ") && lines[0].ends_with("WHAT"), "{out}");
    assert!(lines[1].contains("today 12:58:58") && lines[2].contains("today 12:59:00"), "{out}");
    assert!(lines[2].starts_with(&format!("{}  ", &id[..13])), "{out}");
    assert!(lines[3].starts_with("The newest stands last."), "{out}");
    let out = line(&hub.socket(), &format!("receipts undo {}", &id[..13])).ok();
    assert_eq!(out, "Undone: something is forgotten.\n");
    line(&hub.socket(), &format!("receipts undo {id}")).ok();
    assert_eq!(hub.asked(&format!("POST /api/receipts/{id}/undo")).len(), 2);
    for (wanted, words) in
        [(&id[..4], "Write more of the id."), ("zzz", "There is no receipt `zzz`.\n`xswarm receipts")]
    {
        let outcome = line(&hub.socket(), &format!("receipts undo {wanted}"));
        assert!(outcome.code == 1 && outcome.err.contains(words), "{outcome:?}");
    }
}
