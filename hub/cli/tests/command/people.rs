//! `user`, `key` and `pairing`: what is sent to the hub, and what is asked first.

use chrono::Duration;
use serde_json::json;
use xswarm_core::{
    admin::{
        ApprovePairing, Convention, ConventionChange, Conventions, CreatedKey, KeyRow, MailPreferences, NewKey,
        NewUser, PairingRow, UserChange,
    },
    id::KeyId,
    reminder::ReminderPreferences,
    user::Role,
};

use crate::{
    hub::Asked,
    rows::{household, now, user},
    shell::{line, run},
    terminal::Terminal,
};

#[test]
fn a_person_is_added_with_all_that_is_known() {
    let (hub, ..) = household();
    hub.answers("POST /api/users", &json!({ "user": user("Carol", Role::Admin, 0) }));
    let arguments = [
        "user",
        "add",
        "--name",
        "Carol",
        "--phone",
        "0151 2345678",
        "--email",
        "c@example.com",
        "--timezone",
        "new york",
        "--boss-phone",
        "+14155550100",
        "--admin",
    ];
    assert!(run(&hub.socket(), &arguments).ok().starts_with("Added Carol ("));
    let new: NewUser = hub.asked_once("POST /api/users").body();
    assert_eq!((new.name.as_str(), new.phone.as_deref(), new.role), ("Carol", Some("0151 2345678"), Some(Role::Admin)));
    assert_eq!(new.timezone, Some(chrono_tz::America::New_York));
    assert_eq!((new.email.as_deref(), new.boss_phone.as_deref()), (Some("c@example.com"), Some("+14155550100")));
}

#[test]
fn only_what_is_named_changes() {
    let (hub, _, bob) = household();
    let route = format!("PUT /api/users/{}", bob.id);
    hub.answers(&route, &json!({ "user": bob }));
    assert_eq!(run(&hub.socket(), &["user", "set", "bob", "--phone", ""]).ok(), "Changed Bob.\n");
    let asked = hub.asked_once(&route);
    let change: UserChange = asked.body();
    assert_eq!(change.phone.as_deref(), Some(""), "empty removes");
    assert!(change.name.is_none() && change.email.is_none() && change.role.is_none(), "{}", asked.text());
    line(&hub.socket(), "user set bob --member").ok();
    assert_eq!(hub.asked(&route)[1].body::<UserChange>().role, Some(Role::Member));
}

#[test]
fn a_person_is_removed_only_after_a_yes() {
    let (hub, _, bob) = household();
    let route = format!("DELETE /api/users/{}", bob.id);
    hub.answers(&route, &json!({ "success": true }));
    assert_eq!(line(&hub.socket(), "user remove bob").code, 2, "there is nobody to ask");
    for (answer, removed) in [("\n", 0), ("y\n", 1)] {
        let mut terminal = Terminal::start(&hub.socket(), hub.dir(), "user remove bob");
        terminal.expect("Remove Bob with calendar, reminders, messages and keys? [y/N] ");
        terminal.write(answer);
        assert_eq!(terminal.end().0, 0);
        assert_eq!(hub.asked(&route).len(), removed);
    }
    assert_eq!(line(&hub.socket(), "user remove bob --yes").ok(), "Removed Bob.\n");
}

#[test]
fn persons_are_listed_and_shown_with_short_ids() {
    let (hub, anna, bob) = household();
    hub.answers(&format!("GET /api/users/{}", anna.id), &json!({ "user": anna }));
    let out = line(&hub.socket(), "user list").ok();
    assert!(out.contains(&bob.id.to_string()[..13]) && !out.contains(&bob.id.to_string()), "{out}");
    let path = |family: &str| format!("GET /api/users/{}/{family}-preferences", anna.id);
    hub.answers(&path("reminder"), &json!({ "preferences": ReminderPreferences::default() }))
        .answers(
            &path("calendar"),
            &json!({ "calendar_preferences": { "buffer_minutes": 10, "working_hours": "mon-fri 9:00-17:00" } }),
        )
        .answers(&path("mail"), &MailPreferences { daily_digest: "07:00".into(), confirmations: false })
        .answers(&path("suggestion"), &json!({ "enabled": true }));
    let out = line(&hub.socket(), "user show an").ok();
    assert!(out.contains(&anna.id.to_string()) && out.contains("CET"), "{out}");
    for chosen in [
        "reminders      channels=",
        "calendar       buffer_minutes=10 working_hours=\"mon-fri 9:00-17:00\"\n",
        "mailed         digest 07:00, confirmations off\n",
        "suggestions    on\n",
    ] {
        assert!(out.contains(chosen), "{chosen}: {out}");
    }
}

#[test]
fn a_key_is_shown_once_and_revoked_by_its_label() {
    let (hub, anna, _) = household();
    let key = KeyRow {
        id: KeyId::new(now()),
        user_id: anna.id,
        name: "laptop".into(),
        created_at: now() - Duration::days(1),
        last_used_at: None,
        revoked_at: None,
    };
    let old = KeyRow { id: KeyId::new(now() - Duration::days(9)), revoked_at: Some(now()), ..key.clone() };
    hub.answers("POST /api/keys", &CreatedKey { id: key.id, key: "xsw_secret".into() });
    hub.answers("GET /api/keys", &json!({ "keys": [key, old] }));
    let revoke = format!("DELETE /api/keys/{}", key.id);
    hub.answers(&revoke, &json!({ "success": true }));
    let out = run(&hub.socket(), &["key", "create", "--user", "anna", "--name", "laptop"]).ok();
    assert_eq!(out.lines().next(), Some("xsw_secret"));
    let new: NewKey = hub.asked_once("POST /api/keys").body();
    assert_eq!((new.user_id, new.name.as_str()), (anna.id, "laptop"));
    let out = line(&hub.socket(), "key list").ok();
    assert!(out.contains("yesterday 13:00       never ") && out.contains("revoked"), "{out}");
    line(&hub.socket(), "key revoke laptop").ok();
    assert_eq!(hub.asked(&revoke).len(), 1);
}

#[test]
fn a_stranger_is_let_in_by_code() {
    let (hub, anna, _) = household();
    let row = PairingRow {
        code: "K7PM2X".into(),
        address: "+4915123456789".parse().unwrap(),
        created_at: now() - Duration::hours(1),
        expires_at: now() + Duration::days(6),
    };
    hub.answers("GET /api/pairings", &json!({ "pairings": [row] }));
    hub.answers("POST /api/pairings/K7PM2X/approve", &json!({ "user": anna }));
    let out = line(&hub.socket(), "pairing list").ok();
    assert!(out.contains("K7PM2X  +4915123456789  today 12:00") && out.contains("Mon 30 Nov 13:00"), "{out}");
    line(&hub.socket(), "pairing approve k7pm2x --user anna").ok();
    line(&hub.socket(), "pairing approve K7PM2X --name Carol").ok();
    let approvals: Vec<ApprovePairing> =
        hub.asked("POST /api/pairings/K7PM2X/approve").iter().map(Asked::body).collect();
    assert_eq!((approvals[0].user_id, approvals[0].name.as_deref()), (Some(anna.id), None));
    assert_eq!((approvals[1].user_id, approvals[1].name.as_deref()), (None, Some("Carol")));
}

#[test]
fn conventions_are_shown_and_changed() {
    let (hub, anna, _) = household();
    let evening = Convention {
        name: "evening".into(),
        value: "17-23".into(),
        usual: "18-22".into(),
        values: "hours such as 6-12".into(),
        help: "When the evening is.".into(),
    };
    let path = format!("/api/users/{}/conventions", anna.id);
    hub.answers(&format!("GET {path}"), &Conventions { conventions: vec![evening.clone()] });
    hub.answers(&format!("PUT {path}"), &Conventions { conventions: vec![evening] });
    let out = line(&hub.socket(), "user conventions anna").ok();
    assert!(out.contains("evening     17-23  18-22  When the evening is.  hours such as 6-12"), "{out}");
    let out = line(&hub.socket(), "user conventions anna evening=17-23 --usual couple").ok();
    assert!(out.contains("evening for Anna: 17-23."), "{out}");
    let change: ConventionChange = hub.asked_once(&format!("PUT {path}")).body();
    assert_eq!(change.conventions["evening"].as_deref(), Some("17-23"));
    assert_eq!(change.conventions["couple"], None);
    let wrong = line(&hub.socket(), "user conventions anna evening");
    assert!(wrong.code == 2 && wrong.err.contains("lacks its value"), "{wrong:?}");
}

#[test]
fn how_a_calendar_is_kept_is_shown_and_changed_by_name() {
    let (hub, _, bob) = household();
    let path = format!("/api/users/{}/calendar-preferences", bob.id);
    let kept = json!({ "calendar_preferences": { "buffer_minutes": 10, "working_hours": "mon-fri 09:00-17:00" } });
    hub.answers(&format!("GET {path}"), &kept);
    hub.answers(&format!("PUT {path}"), &kept);
    let shown = line(&hub.socket(), "user calendar bob").ok();
    assert_eq!(shown, "buffer_minutes: 10\nworking_hours: mon-fri 09:00-17:00\n");
    let set = run(&hub.socket(), &["user", "calendar", "bob", "buffer_minutes=10", "--usual", "working_hours"]).ok();
    assert_eq!(set, "buffer_minutes for Bob: 10.\nworking_hours for Bob: mon-fri 09:00-17:00.\n");
    let asked = hub.asked_once(&format!("PUT {path}"));
    assert_eq!(asked.body::<serde_json::Value>(), json!({ "buffer_minutes": "10", "working_hours": null }));
}
