//! The message ledger: ids that count once for ever, and states that only move forward.

use xswarm_core::{
    id::MessageId,
    message::{Channel, DeliveryNews as News, Direction, Message, MessageStatus as Status},
};
use xswarm_store::{Inserted, MessageFilter, NewMessage, StoreError, Tx};

use crate::scratch::{Scratch, at, message, value};

fn with_provider_id(provider_id: &str) -> NewMessage {
    NewMessage { provider_id: Some(provider_id.to_owned()), ..message(Direction::Inbound, "hello") }
}

fn insert(tx: &Tx<'_>, new: &NewMessage) -> Result<MessageId, StoreError> {
    assert_eq!(tx.message_insert(new, at(0))?, Inserted::New);
    Ok(new.id)
}

fn contents(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|one| one.content.as_str()).collect()
}

#[tokio::test]
async fn a_recorded_message_reads_back_whole() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let new = NewMessage {
        user_id: Some(user),
        sender: Some("+4930901820".into()),
        recipient: Some("+4930901821".into()),
        provider_id: Some("SM1".into()),
        in_reply_to: Some(MessageId::new(at(0))),
        metadata: serde_json::json!({ "client_id": "c1", "purpose": "reminder" }),
        ..message(Direction::Outbound, "See you “tomorrow” 🦀")
    };
    let expected = new.clone();
    let conversation = scratch
        .write(move |tx| {
            let conversation = tx.conversation_of(user, at(0))?;
            assert_eq!(tx.conversation_of(user, at(9))?, conversation);
            insert(tx, &NewMessage { conversation_id: Some(conversation), ..new })?;
            Ok(conversation)
        })
        .await;
    let found = scratch.read(move |rows| rows.message(expected.id)).await.unwrap();
    let whole = Message {
        id: expected.id,
        user_id: expected.user_id,
        conversation_id: Some(conversation),
        channel: Channel::Sms,
        direction: Direction::Outbound,
        content: expected.content,
        sender: expected.sender,
        recipient: expected.recipient,
        provider_id: expected.provider_id,
        in_reply_to: expected.in_reply_to,
        metadata: expected.metadata,
        status: Status::Pending,
        error_code: None,
        error_message: None,
        created_at: at(0),
        processed_at: None,
    };
    assert_eq!(found, whole);
    assert_eq!(scratch.read(|rows| rows.message_by_provider_id("SM1")).await, Some(whole.clone()));
    assert_eq!(scratch.read(|rows| rows.message_by_client_id("c1")).await, Some(whole));
    assert_eq!(scratch.read(|rows| rows.message_by_client_id("c2")).await, None);
}

#[tokio::test]
async fn a_provider_id_counts_once_also_within_one_batch() {
    let scratch = Scratch::new();
    let (first, second) = (with_provider_id("SM1"), with_provider_id("SM1"));
    let (one, other) = tokio::join!(
        scratch.store.write(move |tx| tx.message_insert(&first, at(0))),
        scratch.store.write(move |tx| tx.message_insert(&second, at(0))),
    );
    let answers: (Result<_, StoreError>, Result<_, StoreError>) = (one, other);
    assert_eq!((answers.0.unwrap(), answers.1.unwrap()), (Inserted::New, Inserted::Duplicate));
    assert_eq!(scratch.read(|rows| rows.messages(&MessageFilter { limit: 9, ..Default::default() })).await.len(), 1);
}

#[tokio::test]
async fn an_outbound_message_cannot_take_another_s_provider_id() {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            insert(tx, &with_provider_id("SM1"))?;
            let id = insert(tx, &message(Direction::Outbound, "hi"))?;
            assert!(matches!(tx.message_provider_id(id, "SM1"), Err(StoreError::Exists(_))));
            tx.message_provider_id(id, "SM2")?;
            assert!(tx.provider_id_seen("SM2")?);
            assert!(matches!(tx.message_provider_id(MessageId::new(at(0)), "SM3"), Err(StoreError::Missing(_))));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_client_s_own_id_counts_once() {
    let scratch = Scratch::new();
    let with_client =
        || NewMessage { metadata: serde_json::json!({ "client_id": "c1" }), ..message(Direction::Outbound, "hi") };
    let (first, second) = (with_client(), with_client());
    scratch.write(move |tx| insert(tx, &first)).await;
    let again: Result<_, StoreError> = scratch.store.write(move |tx| tx.message_insert(&second, at(0))).await;
    assert!(matches!(again, Err(StoreError::Exists(_))), "{again:?}");
}

#[tokio::test]
async fn a_replay_after_retention_is_a_duplicate_and_only_a_digest_remembers_it() {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            let id = insert(tx, &with_provider_id("SM-old"))?;
            tx.message_processed(id, at(1))?;
            assert_eq!(tx.messages_expire(at(10), at(10))?, 1);
            assert_eq!(tx.message(id)?, None);
            Ok(())
        })
        .await;
    let scratch = scratch.reopen();
    let replay = with_provider_id("SM-old");
    assert_eq!(scratch.write(move |tx| tx.message_insert(&replay, at(20))).await, Inserted::Duplicate);
    assert!(scratch.read(|rows| rows.provider_id_seen("SM-old")).await);
    assert!(!scratch.read(|rows| rows.provider_id_seen("SM-new")).await);
    let digest: Vec<u8> = value(&scratch.raw(), "SELECT digest FROM provider_ids_seen", []);
    assert_eq!(digest.len(), 32);
}

#[tokio::test]
async fn a_replay_after_its_person_was_removed_is_a_duplicate() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let mine = NewMessage { user_id: Some(user), ..with_provider_id("SM-hers") };
    let id = scratch.write(move |tx| insert(tx, &mine)).await;
    scratch.write(move |tx| tx.user_delete(user, at(5))).await;
    assert_eq!(scratch.read(move |rows| rows.message(id)).await, None);
    let replay = with_provider_id("SM-hers");
    assert_eq!(scratch.write(move |tx| tx.message_insert(&replay, at(6))).await, Inserted::Duplicate);
}

#[tokio::test]
async fn retention_takes_old_messages_in_a_final_state_chunk_by_chunk_and_forgets_no_id() {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            for number in 0..1_100 {
                let id = insert(tx, &with_provider_id(&format!("SM{number}")))?;
                tx.message_processed(id, at(0))?;
            }
            let open = insert(tx, &with_provider_id("SM-open"))?;
            let sending = insert(tx, &message(Direction::Outbound, "on its way"))?;
            tx.message_news(sending, News::Started, at(0))?;
            let fresh = with_provider_id("SM-fresh");
            tx.message_insert(&fresh, at(10))?;
            tx.message_processed(fresh.id, at(10))?;
            let mut rounds = Vec::new();
            while rounds.last() != Some(&0) {
                rounds.push(tx.messages_expire(at(10), at(99))?);
            }
            assert_eq!(rounds, [500, 500, 100, 0]);
            for id in [open, sending, fresh.id] {
                assert!(tx.message(id)?.is_some());
            }
            for number in 0..1_100 {
                assert!(tx.provider_id_seen(&format!("SM{number}"))?, "SM{number} is forgotten");
            }
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn news_moves_a_message_forward_and_old_news_changes_nothing() {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            let id = insert(tx, &message(Direction::Outbound, "hi"))?;
            let history = [
                (News::Delivered, None),
                (News::Started, Some(Status::Sending)),
                (News::NotTaken, Some(Status::Pending)),
                (News::Started, Some(Status::Sending)),
                (News::Unclear, Some(Status::Unknown)),
                (News::Delivered, Some(Status::Delivered)),
                (News::Accepted, None),
                (News::Refused, None),
                (News::Resend, None),
            ];
            let mut status = Status::Pending;
            for (second, (news, expected)) in (1..).zip(history) {
                assert_eq!(tx.message_news(id, news, at(second))?, expected, "{news:?}");
                status = expected.unwrap_or(status);
                assert_eq!(tx.message(id)?.unwrap().status, status);
            }
            assert_eq!(tx.message(id)?.unwrap().processed_at, Some(at(4)), "the last attempt began then");
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn each_resend_is_a_sending_of_its_own() {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            let id = insert(tx, &message(Direction::Outbound, "hi"))?;
            for sending in 0..3 {
                assert_eq!(tx.message_sending(id)?, sending);
                tx.message_news(id, News::Started, at(0))?;
                tx.message_news(id, News::Refused, at(0))?;
                assert_eq!(tx.message_news(id, News::Resend, at(0))?, Some(Status::Pending));
            }
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn news_is_only_about_outbound_messages_and_processing_only_about_inbound_ones() {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            let (inbound, outbound) =
                (insert(tx, &message(Direction::Inbound, "a"))?, insert(tx, &message(Direction::Outbound, "b"))?);
            assert!(matches!(tx.message_news(inbound, News::Started, at(0)), Err(StoreError::Missing("message"))));
            assert!(matches!(tx.message_processed(outbound, at(0)), Err(StoreError::Missing("message"))));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn what_went_wrong_is_noted_and_cleared() {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            let id = insert(tx, &message(Direction::Outbound, "hi"))?;
            tx.message_error(id, Some(21_610), Some("said STOP"))?;
            let noted = tx.message(id)?.unwrap();
            assert_eq!((noted.error_code, noted.error_message.as_deref()), (Some(21_610), Some("said STOP")));
            tx.message_error(id, None, None)?;
            let cleared = tx.message(id)?.unwrap();
            assert_eq!((cleared.error_code, cleared.error_message), (None, None));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn lists_are_newest_first_and_filters_add_up() {
    let scratch = Scratch::new();
    let (ada, bob) = (scratch.person("Ada").await, scratch.person("Bob").await);
    scratch
        .write(move |tx| {
            let rows = [
                ("1", Some(ada), Channel::Sms),
                ("2", Some(bob), Channel::Sms),
                ("3", Some(ada), Channel::Console),
                ("4", None, Channel::Sms),
                ("5", Some(ada), Channel::Sms),
            ];
            for (second, (content, user_id, channel)) in (0..).zip(rows) {
                let new = NewMessage { user_id, channel, ..message(Direction::Inbound, content) };
                tx.message_insert(&new, at(second))?;
                if content == "5" {
                    tx.message_processed(new.id, at(9))?;
                }
            }
            let all = MessageFilter { limit: 9, ..MessageFilter::default() };
            let hers = MessageFilter { user_id: Some(ada), ..all.clone() };
            let texts = MessageFilter { channel: Some(Channel::Sms), ..hers.clone() };
            let open = MessageFilter { status: Some(Status::Pending), ..texts.clone() };
            let cases = [
                (MessageFilter { limit: 2, ..all.clone() }, vec!["5", "4"]),
                (all, vec!["5", "4", "3", "2", "1"]),
                (hers, vec!["5", "3", "1"]),
                (texts, vec!["5", "1"]),
                (open, vec!["1"]),
            ];
            for (filter, expected) in cases {
                assert_eq!(contents(&tx.messages(&filter)?), expected, "{filter:?}");
            }
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn answers_are_found_in_order() {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            let question = insert(tx, &message(Direction::Inbound, "?"))?;
            for (second, content) in (1..).zip(["a", "b", "c"]) {
                let id = MessageId::new(at(second));
                let new = NewMessage { id, in_reply_to: Some(question), ..message(Direction::Outbound, content) };
                tx.message_insert(&new, at(second))?;
            }
            insert(tx, &message(Direction::Outbound, "else"))?;
            assert_eq!(contents(&tx.message_replies(question)?), ["a", "b", "c"]);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn unseen_is_what_the_boss_said_to_that_person_there_and_nobody_took_yet() {
    let scratch = Scratch::new();
    let (ada, bob) = (scratch.person("Ada").await, scratch.person("Bob").await);
    scratch
        .write(move |tx| {
            let rows = [
                ("hers", ada, Channel::Console, Direction::Outbound),
                ("his", bob, Channel::Console, Direction::Outbound),
                ("texted", ada, Channel::Sms, Direction::Outbound),
                ("said", ada, Channel::Console, Direction::Inbound),
                ("taken", ada, Channel::Console, Direction::Outbound),
                ("hers too", ada, Channel::Console, Direction::Outbound),
            ];
            for (second, (content, user, channel, direction)) in (0..).zip(rows) {
                let id = MessageId::new(at(second));
                let new = NewMessage { id, user_id: Some(user), channel, ..message(direction, content) };
                tx.message_insert(&new, at(second))?;
                if content == "taken" {
                    tx.message_news(id, News::Started, at(9))?;
                }
            }
            assert_eq!(contents(&tx.messages_unseen(ada, Channel::Console)?), ["hers", "hers too"]);
            assert_eq!(contents(&tx.messages_outbound(Channel::Console, Status::Sending)?), ["taken"]);
            assert_eq!(contents(&tx.messages_outbound(Channel::Sms, Status::Pending)?), ["texted"]);
            Ok(())
        })
        .await;
}
