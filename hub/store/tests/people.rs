//! Persons, their keys, strangers, secrets, open questions and receipts.

use chrono::Duration;
use rusqlite::{Connection, types::ValueRef};
use xswarm_core::{
    address::Address,
    device::Device,
    id::{ConversationId, DeviceId, KeyId, MessageId},
    message::{Channel, Direction},
    phone::Phone,
    receipt::{AskedBy, ReceiptOrigin},
    user::{Role, User},
};
use xswarm_store::{NewMessage, StoreError};

use crate::scratch::{Scratch, appointment, at, message, person, reminder};

fn by(message: MessageId) -> ReceiptOrigin {
    ReceiptOrigin { message, channel: Some(Channel::Sms), asked_by: AskedBy::Words }
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn phone(text: &str) -> Phone {
    text.parse().unwrap()
}

/// Everything in the database, as text.
fn everything(raw: &Connection) -> String {
    let mut tables = raw.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut text = String::new();
    for table in tables {
        let mut statement = raw.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                match row.get_ref(column).unwrap() {
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => text.push_str(&String::from_utf8_lossy(bytes)),
                    ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => {}
                }
                text.push('\n');
            }
        }
    }
    text
}

#[tokio::test]
async fn a_person_reads_back_whole_and_changes_stay() {
    let scratch = Scratch::new();
    let mut user = User {
        email: Some("ada@example.com".into()),
        phone: Some(phone("+4930901820")),
        boss_phone: Some(phone("+4930901899")),
        boss_email: Some("boss@example.com".into()),
        preferences: serde_json::json!({ "quiet": ["22:00", "07:00"] }),
        can_provision_numbers: true,
        role: Role::Admin,
        ..person("Ada")
    };
    let id = user.id;
    scratch
        .write({
            let user = user.clone();
            move |tx| tx.user_insert(&user)
        })
        .await;
    assert_eq!(scratch.read(move |rows| rows.user(id)).await.as_ref(), Some(&user));
    user.phone = Some(phone("+4930901821"));
    user.timezone = chrono_tz::America::New_York;
    scratch
        .write({
            let user = user.clone();
            move |tx| tx.user_update(&user)
        })
        .await;
    assert_eq!(scratch.read(|rows| rows.user_by_phone(&phone("+4930901820"))).await, None);
    assert_eq!(scratch.read(|rows| rows.user_by_phone(&phone("+4930901821"))).await, Some(user));
    assert_eq!(scratch.read(|rows| rows.boss_phones()).await, [phone("+4930901899")]);
}

#[tokio::test]
async fn a_telephone_or_mail_address_belongs_to_one_person() {
    let scratch = Scratch::new();
    let ada = User { phone: Some(phone("+4930901820")), email: Some("a@example.com".into()), ..person("Ada") };
    scratch.write(move |tx| tx.user_insert(&ada)).await;
    for other in [
        User { phone: Some(phone("+4930901820")), ..person("Bob") },
        User { email: Some("a@example.com".into()), ..person("Bob") },
    ] {
        let refused = scratch.store.write(move |tx| tx.user_insert(&other)).await;
        assert!(matches!(refused, Err(StoreError::Exists(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn the_first_admin_is_the_one_added_first() {
    let scratch = Scratch::new();
    assert_eq!(scratch.read(|rows| rows.user_first_admin()).await, None);
    for (name, role, created) in [("M", Role::Member, 0), ("late", Role::Admin, 20), ("early", Role::Admin, 10)] {
        let user = User { role, created_at: at(created), ..person(name) };
        scratch.write(move |tx| tx.user_insert(&user)).await;
    }
    assert_eq!(scratch.read(|rows| rows.user_first_admin()).await.map(|user| user.name).as_deref(), Some("early"));
    let names: Vec<_> = scratch.read(|rows| rows.users()).await.into_iter().map(|user| user.name).collect();
    assert_eq!(names, ["M", "early", "late"]);
}

#[tokio::test]
async fn removing_a_person_removes_all_that_is_theirs_and_nothing_of_others() {
    let scratch = Scratch::new();
    let (ada, bob) = (scratch.person("Ada").await, scratch.person("Bob").await);
    scratch
        .write(move |tx| {
            for user in [ada, bob] {
                tx.appointment_insert(&appointment(user, "Dentist", at(0), at(60)))?;
                tx.reminder_insert(&reminder(user, "call mom", at(0)), at(0))?;
                tx.conversation_of(user, at(0))?;
                tx.key_insert(KeyId::new(at(0)), user, "phone", &format!("key of {user}"), at(0))?;
                tx.receipt_insert(user, by(MessageId::new(at(0))), &"booked", at(0))?;
            }
            tx.user_delete(ada, at(1))
        })
        .await;
    let raw = scratch.raw();
    let text = everything(&raw);
    assert!(!text.contains(&ada.to_string()));
    for table in ["users", "appointments", "appointment_reminders", "conversations", "api_keys", "receipts"] {
        let left: u32 = raw.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(left, 1, "{table}");
    }
}

#[tokio::test]
async fn a_key_opens_for_its_owner_until_it_is_revoked_and_an_unknown_one_never() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let id = KeyId::new(at(0));
    scratch
        .write(move |tx| {
            tx.key_insert(id, user, "phone", "xs_secret", at(0))?;
            assert_eq!(tx.key_owner("xs_secret", at(1))?, Some((id, user, true)));
            assert_eq!(tx.key_owner("xs_secre", at(1))?, None);
            assert_eq!(tx.key_owner("XS_SECRET", at(1))?, None);
            assert_eq!(tx.key_owner("", at(1))?, None);
            tx.key_revoke(id, at(5))?;
            tx.key_revoke(id, at(9))?;
            assert_eq!(tx.key_owner("xs_secret", at(6))?, None);
            assert_eq!(tx.keys()?.iter().map(|key| key.revoked_at).collect::<Vec<_>>(), [Some(at(5))]);
            assert!(matches!(tx.key_revoke(KeyId::new(at(0)), at(9)), Err(StoreError::Missing("key"))));
            let twice = tx.key_insert(KeyId::new(at(0)), user, "again", "xs_secret", at(9));
            assert!(matches!(twice, Err(StoreError::Exists(_))));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_devices_code_is_good_once_and_not_for_ever_and_only_its_last_token_opens() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let id = DeviceId::new(at(0));
    scratch
        .write(move |tx| {
            let kitchen = Device {
                id,
                name: "Kitchen".to_owned(),
                user_ids: Vec::new(),
                created_at: at(0),
                paired_at: None,
                last_seen_at: None,
                health: None,
            };
            tx.device_insert(&kitchen)?;
            tx.device_code_set(id, "code", at(600), &[user])?;
            assert_eq!(tx.device_pair("another", "t", at(1))?, None);
            assert_eq!(tx.device_pair("code", "t", at(600))?, None, "it was good until then");
            let paired = tx.device_pair("code", "first", at(1))?;
            assert_eq!(paired, Some(Device { paired_at: Some(at(1)), user_ids: vec![user], ..kitchen }));
            assert_eq!(tx.device_pair("code", "t", at(1))?, None, "once");
            assert_eq!(tx.device_by_token("first")?, paired);
            tx.device_code_set(id, "again", at(600), &[])?;
            assert_eq!(tx.device_by_token("first")?, paired, "until the new one is there");
            let guests = tx.device_pair("again", "second", at(2))?;
            assert!(guests.is_some_and(|device| device.user_ids.is_empty()), "whom the code was for");
            assert_eq!(tx.device_by_token("first")?, None);
            assert!(tx.device_by_name("KITCHEN")?.is_some());
            for (later, seen) in [(10, 10), (69, 10), (70, 70)] {
                tx.device_seen(id, at(later))?;
                assert_eq!(tx.device(id)?.and_then(|device| device.last_seen_at), Some(at(seen)));
            }
            tx.device_delete(id)?;
            assert_eq!(tx.device_by_token("second")?, None);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn the_use_of_a_key_is_noted_once_an_hour() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    scratch
        .write(move |tx| {
            let id = KeyId::new(at(0));
            tx.key_insert(id, user, "phone", "xs_secret", at(0))?;
            tx.key_used(id, at(10))?;
            assert_eq!(tx.key_owner("xs_secret", at(3_610))?, Some((id, user, false)));
            assert_eq!(tx.key_owner("xs_secret", at(3_611))?, Some((id, user, true)));
            assert_eq!(tx.keys()?.first().and_then(|key| key.last_used_at), Some(at(10)));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn even_inside_the_encrypted_file_a_key_is_only_a_digest() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    scratch.write(move |tx| tx.key_insert(KeyId::new(at(0)), user, "phone", "xs_secret_key", at(0))).await;
    let text = everything(&scratch.raw());
    assert!(text.contains("phone"), "the search finds what is there");
    assert!(!text.contains("xs_secret_key"));
}

#[tokio::test]
async fn a_stranger_is_answered_once_a_day_with_the_same_code_while_it_works() {
    let scratch = Scratch::new();
    let (number, day, week) = (address("+4930901820"), 86_400, 7 * 86_400);
    scratch
        .write(move |tx| {
            let offer = |fresh: &str, seconds| tx.pairing_offer(&number, fresh, at(seconds));
            assert_eq!(offer("AAAAAA", 0)?.as_deref(), Some("AAAAAA"));
            assert_eq!(offer("BBBBBB", day - 1)?, None);
            assert_eq!(offer("BBBBBB", day)?.as_deref(), Some("AAAAAA"));
            assert_eq!(tx.pairing("AAAAAA", at(week))?.map(|row| row.address), Some(number.clone()));
            assert!(tx.pairing("AAAAAA", at(day + week))?.is_none());
            assert!(tx.pairings(at(day + week))?.is_empty());
            let much_later = tx.pairing_offer(&number, "CCCCCC", at(day + week))?;
            assert_eq!(much_later.as_deref(), Some("CCCCCC"));
            assert_eq!(tx.pairings(at(day + week))?.len(), 1);
            assert_eq!(tx.pairings_answered_since(at(day + week))?, 1);
            assert_eq!(tx.pairings_answered_since(at(day + week + 1))?, 0);
            tx.pairing_delete(&number)?;
            assert!(tx.pairing("CCCCCC", at(day + week))?.is_none());
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn two_strangers_never_get_the_same_code() {
    let scratch = Scratch::new();
    scratch.write(|tx| tx.pairing_offer(&address("+4930901820"), "AAAAAA", at(0))).await;
    let second = scratch.store.write(|tx| tx.pairing_offer(&address("+4930901821"), "AAAAAA", at(0))).await;
    assert!(matches!(second, Err(StoreError::Exists(_))), "{second:?}");
}

#[tokio::test]
async fn stop_and_start_are_news_only_the_first_time() {
    let scratch = Scratch::new();
    let number = phone("+4930901820");
    scratch
        .write(move |tx| {
            for (stopped, news) in [(false, false), (true, true), (true, false), (false, true), (false, false)] {
                assert_eq!(tx.opt_out_set(number.as_str(), stopped, at(0))?, news);
                assert_eq!(tx.opted_out(number.as_str())?, stopped);
            }
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn an_open_question_counts_until_it_expires_or_is_cleared() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    scratch
        .write(move |tx| {
            let id = tx.conversation_of(user, at(0))?;
            let new = message(Direction::Outbound, "When?");
            let asked = new.id;
            tx.message_insert(&new, at(0))?;
            let question = |now| Ok::<_, StoreError>(tx.conversation::<String>(id, at(now))?.unwrap().question);
            assert_eq!(question(0)?, None);
            tx.conversation_ask(id, Some((&"When?", asked)), at(60))?;
            assert_eq!(question(59)?.as_deref(), Some("When?"));
            assert_eq!(tx.conversation::<String>(id, at(59))?.unwrap().asked_by, Some(asked));
            assert_eq!(tx.conversation::<String>(id, at(60))?.unwrap().asked_by, None);
            assert_eq!(question(60)?, None);
            tx.conversation_ask(id, Some((&"Where?", asked)), at(60))?;
            tx.conversation_ask::<String>(id, None, at(60))?;
            assert_eq!(question(1)?, None);
            assert_eq!(tx.conversation::<String>(ConversationId::new(at(0)), at(0))?, None);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn the_last_turn_is_undone_newest_effect_first_and_each_once() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    scratch
        .write(move |tx| {
            let (first, last) = (MessageId::new(at(0)), MessageId::new(at(60)));
            tx.receipt_insert(user, by(first), &"one", at(1))?;
            tx.receipt_insert(user, by(last), &"two", at(61))?;
            tx.receipt_insert(user, by(last), &"three", at(62))?;
            let left = |since: i64| {
                let receipts = tx.receipts_of_last_turn::<String>(user, at(since))?;
                Ok::<_, StoreError>(receipts.into_iter().map(|one| (one.id, one.effect)).collect::<Vec<_>>())
            };
            let effects = left(0)?;
            assert_eq!(effects.iter().map(|(_, effect)| effect.as_str()).collect::<Vec<_>>(), ["three", "two"]);
            assert_eq!(left(62)?.len(), 1);
            for (id, _) in &effects {
                tx.receipt_undone(*id, at(70))?;
                assert!(matches!(tx.receipt_undone(*id, at(71)), Err(StoreError::Stale("receipt"))));
            }
            assert_eq!(left(0)?.into_iter().map(|(_, effect)| effect).collect::<Vec<_>>(), ["one"]);
            assert_eq!(left(2)?, []);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn receipts_tell_who_asked_and_how_also_when_they_were_undone() {
    let scratch = Scratch::new();
    let (ada, bob) = (scratch.person("Ada").await, scratch.person("Bob").await);
    scratch
        .write(move |tx| {
            let asking = NewMessage { provider_id: Some("SM1".into()), ..message(Direction::Inbound, "book it") };
            tx.message_insert(&asking, at(0))?;
            let first = tx.receipt_insert(ada, by(asking.id), &"one", at(1))?;
            let api = ReceiptOrigin { message: MessageId::new(at(2)), channel: None, asked_by: AskedBy::Api };
            tx.receipt_insert(bob, api, &"two", at(2))?;
            tx.receipt_insert(ada, by(asking.id), &"three", at(3))?;
            tx.receipt_undone(first, at(9))?;
            let told = |user, from: i64, to: i64, limit| {
                let all = tx.receipts_between::<String>(user, at(from), at(to), limit)?;
                Ok::<_, StoreError>(all.into_iter().map(|one| one.effect).collect::<Vec<_>>())
            };
            assert_eq!(told(Some(ada), 0, 10, 10)?, ["one", "three"]);
            assert_eq!(told(None, 0, 10, 10)?, ["one", "two", "three"]);
            assert_eq!(told(None, 2, 3, 10)?, ["two"], "from the first instant to before the last");
            assert_eq!(told(None, 0, 10, 2)?, ["two", "three"], "the latest");
            let one = tx.receipt::<String>(first)?.unwrap();
            assert_eq!((one.user, one.origin, one.undone_at), (ada, by(asking.id), Some(at(9))));
            assert_eq!((one.message_kept, one.provider_id.as_deref()), (true, Some("SM1")));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn secrets_and_facts_are_replaced_and_survive_a_restart() {
    let scratch = Scratch::new();
    for text in ["old", "new"] {
        scratch.write(move |tx| tx.secret_set("twilio_auth_token", text, at(0))).await;
        scratch.write(move |tx| tx.meta_set("stopped", text)).await;
    }
    let scratch = scratch.reopen();
    assert_eq!(scratch.read(|rows| rows.secret("twilio_auth_token")).await.as_deref(), Some("new"));
    assert_eq!(scratch.read(|rows| rows.meta("stopped")).await.as_deref(), Some("new"));
    assert_eq!(scratch.read(|rows| rows.secret("another")).await, None);
}

#[tokio::test]
async fn the_status_page_counts_what_there_is() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let counts = scratch
        .write(move |tx| {
            tx.appointment_insert(&appointment(user, "over", at(-120), at(-60)))?;
            tx.appointment_insert(&appointment(user, "now", at(-60), at(60)))?;
            let mut daily = appointment(user, "daily", at(-120), at(-60));
            daily.recurrence = Some("FREQ=DAILY".parse().unwrap());
            tx.appointment_insert(&daily)?;
            tx.reminder_insert(&reminder(user, "call mom", at(0) + Duration::hours(1)), at(0))?;
            tx.counts(at(0))
        })
        .await;
    let seen = (counts.users, counts.appointments, counts.reminders, counts.jobs, counts.jobs_dead);
    assert_eq!((seen, counts.messages_unknown), ((1, 2, 1, 1, 0), 0));
}
