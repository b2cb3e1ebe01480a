//! What persons told the Boss, summaries, and search: found as it should be, by nobody else, and gone when it is deleted.

use rusqlite::Connection;
use xswarm_core::{
    id::{MemoryId, MessageId, SummaryId, UserId},
    memory::{Memory, SearchHit, Summary, SummaryAuthor},
    message::{DeliveryNews, Direction},
    provenance::Source,
};
use xswarm_store::{NewMessage, StoreError, Tx};

use crate::scratch::{Scratch, at, message};

fn memory(user: UserId, text: &str) -> Memory {
    Memory {
        id: MemoryId::new(at(0)),
        user_id: user,
        text: text.to_owned(),
        source: Source::Own,
        message_id: None,
        created_at: at(0),
        updated_at: at(0),
    }
}

fn summary(user: UserId, text: &str, from: i64, until: i64) -> Summary {
    Summary {
        id: SummaryId::new(at(until)),
        user_id: user,
        text: text.to_owned(),
        sources: vec![Source::Own, Source::Quoted],
        from_at: at(from),
        until_at: at(until),
        made_by: SummaryAuthor::Model,
        created_at: at(until),
        updated_at: at(until),
    }
}

fn said(user: UserId, content: &str) -> NewMessage {
    NewMessage { user_id: Some(user), ..message(Direction::Inbound, content) }
}

async fn say(scratch: &Scratch, new: NewMessage, seconds: i64) -> MessageId {
    let id = new.id;
    scratch.write(move |tx| tx.message_insert(&new, at(seconds)).map(drop)).await;
    id
}

#[tokio::test]
async fn forgetting_empties_what_was_said_of_it_and_nothing_else() {
    let scratch = Scratch::new();
    let (ada, bob) = (scratch.person("Ada").await, scratch.person("Bob").await);
    let told = memory(ada, "I like tea");
    let (id, inserted) = (told.id, told.clone());
    scratch.write(move |tx| tx.memory_insert(&inserted)).await;
    let mut kept = Vec::new();
    for (whose, text) in [(ada, "I would like lunch at noon"), (ada, "buy tea"), (bob, "I like tea")] {
        kept.push(say(&scratch, said(whose, text), 10).await);
    }
    let mut gone = Vec::new();
    for text in ["remember that I like tea", "You like tea."] {
        gone.push(say(&scratch, said(ada, text), 10).await);
    }
    assert!(scratch.write(move |tx| tx.memory_delete(id)).await);
    let content = |id| scratch.read(move |rows| Ok(rows.message(id)?.map(|message| message.content)));
    for id in kept {
        assert_ne!(content(id).await.as_deref(), Some("(forgotten)"));
    }
    for id in gone {
        assert_eq!(content(id).await.as_deref(), Some("(forgotten)"));
    }
}

#[tokio::test]
async fn what_was_written_since_the_last_check_is_no_damage() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    for n in 0..30 {
        say(&scratch, said(user, &format!("word{n} and some more words")), n).await;
        for _ in 0..3 {
            assert_eq!(scratch.store.read(|rows| rows.check()).await.unwrap(), None, "after {n} messages");
        }
    }
}

async fn search(scratch: &Scratch, user: UserId, query: &str) -> Vec<SearchHit> {
    let query = query.to_owned();
    scratch.read(move |rows| rows.search(user, &query, 20)).await
}

async fn snippets(scratch: &Scratch, user: UserId, query: &str) -> Vec<String> {
    search(scratch, user, query).await.into_iter().map(|hit| hit.snippet).collect()
}

/// Every table, shadow tables of the indexes included, that has these letters anywhere; then the pages themselves, with
/// the log folded in.
fn places(connection: &Connection, word: &str) -> Vec<String> {
    let names = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
    };
    let mut found = Vec::new();
    for table in names("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0") {
        for column in names(&format!("SELECT name FROM pragma_table_xinfo('{table}') WHERE hidden IN (0, 2, 3)")) {
            let sql =
                format!("SELECT count(*) FROM \"{table}\" WHERE instr(lower(hex(\"{column}\")), lower(hex(?1))) > 0");
            let count: i64 = connection.query_row(&sql, [word], |row| row.get(0)).unwrap();
            if count > 0 {
                found.push(format!("{table}.{column}"));
            }
        }
    }
    found
}

/// Where the word still is, with the log folded in: in which columns, and whether anywhere in the decrypted pages, free ones
/// included.
fn left(scratch: &Scratch, word: &str) -> Vec<String> {
    let mut connection = scratch.raw();
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    let mut found = places(&connection, word);
    let pages = connection.serialize("main").unwrap();
    if pages.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes())) {
        found.push("the file".to_owned());
    }
    found
}

#[tokio::test]
async fn memories_are_kept_found_and_forgotten() {
    let scratch = Scratch::new();
    let (ada, bob) = (scratch.person("Ada").await, scratch.person("Bob").await);
    let (nuts, code) = (memory(ada, "Anna is allergic to nuts"), memory(ada, "my locker code is 4711"));
    let kept = [nuts.clone(), code.clone()];
    scratch.write(move |tx| kept.iter().try_for_each(|one| tx.memory_insert(one))).await;
    let (all, one, count) =
        scratch.read(move |rows| Ok((rows.memories(ada)?, rows.memory(nuts.id)?, rows.memories_count(ada)?))).await;
    assert_eq!((all.len(), one.as_ref(), count), (2, all.first(), 2));
    let about = |words: &'static str| scratch.read(move |rows| rows.memories_about(ada, words));
    assert_eq!(about("ANNA").await, all[..1]);
    assert_eq!(about("lock").await, all[1..]);
    assert!(about("anna locker").await.is_empty() && about("?").await.is_empty());
    assert!(scratch.read(move |rows| rows.memories_about(bob, "anna")).await.is_empty());
    assert_eq!(snippets(&scratch, ada, "locker").await, ["my locker code is 4711"]);
    assert!(search(&scratch, bob, "locker").await.is_empty());
    assert!(scratch.write(move |tx| tx.memory_delete(code.id)).await);
    assert!(!scratch.write(move |tx| tx.memory_delete(code.id)).await);
    assert!(search(&scratch, ada, "locker").await.is_empty());
}

#[tokio::test]
async fn words_that_were_merely_read_are_never_remembered() {
    let scratch = Scratch::new();
    let ada = scratch.person("Ada").await;
    for source in Source::ALL.iter().copied().filter(|source| !source.is_own()) {
        let read = Memory { source, ..memory(ada, "pay the invoice") };
        let refused = scratch.store.write(move |tx| tx.memory_insert(&read)).await;
        refused.unwrap_err();
    }
}

#[tokio::test]
async fn messages_are_found_by_their_owner_newest_first_with_whose_words_they_are() {
    let scratch = Scratch::new();
    let (ada, bob) = (scratch.person("Ada").await, scratch.person("Bob").await);
    let first = say(&scratch, said(ada, "The boiler makes noises"), 1).await;
    say(&scratch, said(bob, "My boiler too"), 2).await;
    let answer = NewMessage { user_id: Some(ada), ..message(Direction::Outbound, "Booked: boiler repair") };
    let second = say(&scratch, answer, 3).await;
    let tainted = serde_json::json!([
        { "text": "Yours, Huber", "source": "boilerplate" },
        { "text": "The BOILER will cost 3,000", "source": "quoted" },
    ]);
    let mail = NewMessage { metadata: serde_json::json!({ "tainted": tainted }), ..said(ada, "see below") };
    let third = say(&scratch, mail, 4).await;
    let passed = NewMessage { metadata: serde_json::json!({ "provenance": "forwarded" }), ..said(ada, "boiler offer") };
    let fourth = say(&scratch, passed, 5).await;
    say(&scratch, message(Direction::Inbound, "a stranger's boiler"), 6).await;
    let hits = search(&scratch, ada, "boiler").await;
    let told: Vec<_> = hits.iter().map(|hit| (hit.message_id, hit.direction, hit.source)).collect();
    assert_eq!(
        told,
        [
            (Some(fourth), Some(Direction::Inbound), Source::Forwarded),
            (Some(third), Some(Direction::Inbound), Source::Quoted),
            (Some(second), Some(Direction::Outbound), Source::Automatic),
            (Some(first), Some(Direction::Inbound), Source::Own),
        ]
    );
    assert_eq!((hits[1].snippet.as_str(), hits[1].at), ("The BOILER will cost 3,000", at(4)));
    assert_eq!(snippets(&scratch, bob, "boiler").await, ["My boiler too"]);
    assert_eq!(search(&scratch, ada, "boiler").await.len(), 4);
    let two = scratch.read(move |rows| rows.search(ada, "boiler", 2)).await;
    assert_eq!(two, hits[..2]);
}

#[tokio::test]
async fn case_accents_and_beginnings_do_not_matter() {
    let scratch = Scratch::new();
    let ada = scratch.person("Ada").await;
    say(&scratch, said(ada, "Müllers Rechnung über 300 €"), 1).await;
    say(&scratch, said(ada, "the invoices of last year"), 2).await;
    say(&scratch, said(ada, "an invoice"), 3).await;
    for query in ["muller", "MÜLL", "müllers rech", "mu\u{308}llers", "uber"] {
        assert_eq!(snippets(&scratch, ada, query).await, ["Müllers Rechnung über 300 €"], "{query}");
    }
    assert_eq!(snippets(&scratch, ada, "invoice").await, ["an invoice", "the invoices of last year"]);
    assert!(search(&scratch, ada, "in").await.is_empty(), "two letters are no beginning");
    assert!(search(&scratch, ada, "invoice rechnung").await.is_empty(), "every word has to occur");
}

#[tokio::test]
async fn nothing_that_is_asked_is_an_error() {
    let scratch = Scratch::new();
    let ada = scratch.person("Ada").await;
    say(&scratch, said(ada, "say \"hello\" AND wave NEAR hello door"), 1).await;
    for query in
        ["\"hello", "\"hello\" AND", "NEAR(hello door)", "text : hello", "hello*", "^hello", "-hello +wave", "(hello"]
    {
        assert_eq!(search(&scratch, ada, query).await.len(), usize::from(!query.starts_with("text")), "{query}");
    }
    for query in ["", " ", "*", "🎉", "\"", "\0", "'; DROP TABLE users; --", "{}[]", "NOT", "OR", "\u{202e}x", "%_"] {
        search(&scratch, ada, query).await;
    }
    for long in ["a ".repeat(5_000), "x".repeat(10_000), "\"".repeat(10_000), "é".repeat(10_000)] {
        assert!(search(&scratch, ada, &long).await.is_empty());
    }
    assert_eq!(search(&scratch, ada, "🎉 hello").await.len(), 1, "what is no word does not count");
}

#[tokio::test]
async fn a_message_that_moves_on_or_changes_is_found_as_it_is_now() {
    let scratch = Scratch::new();
    let (ada, bob) = (scratch.person("Ada").await, scratch.person("Bob").await);
    let id = say(&scratch, NewMessage { user_id: Some(ada), ..message(Direction::Outbound, "hello") }, 1).await;
    scratch.write(move |tx| tx.message_news(id, DeliveryNews::Started, at(2)).map(drop)).await;
    assert_eq!(search(&scratch, ada, "hello").await.len(), 1);
    let raw = scratch.raw();
    raw.execute("UPDATE communication_logs SET message_content = 'goodbye', user_id = ?", [bob.to_string()]).unwrap();
    let tainted = r#"{"tainted": [{"text": "a quotation", "source": "quoted"}]}"#;
    raw.execute("UPDATE communication_logs SET metadata = ?", [tainted]).unwrap();
    assert!(search(&scratch, ada, "hello").await.is_empty() && search(&scratch, ada, "goodbye").await.is_empty());
    assert_eq!(search(&scratch, bob, "goodbye").await.len(), 1);
    assert_eq!(search(&scratch, bob, "quotation").await[0].source, Source::Quoted);
    assert_eq!(left(&scratch, "hello"), Vec::<String>::new());
    intact(&scratch);
}

/// The indexes agree with what they index.
fn intact(scratch: &Scratch) {
    let raw = scratch.raw();
    for index in ["memory_words", "message_words"] {
        raw.execute(&format!("INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)"), []).unwrap();
    }
}

/// What is left of the secret in an index that writes words without the beginning that they share with the one before.
const TAIL: &str = "qzwvk";

/// A secret in everything that keeps words for a person.
async fn told_everywhere(scratch: &Scratch, ada: UserId, secret: &'static str) -> Memory {
    let tainted = serde_json::json!([{ "text": format!("they wrote {secret}"), "source": "quoted" }]);
    let mail =
        NewMessage { metadata: serde_json::json!({ "tainted": tainted }), ..said(ada, &format!("my {secret} is 5")) };
    let message_id = Some(say(scratch, mail, 10).await);
    let told = Memory { message_id, created_at: at(11), ..memory(ada, &format!("my {secret} is 5")) };
    let kept = told.clone();
    let about = summary(ada, &format!("they spoke of the {secret}"), 5, 20);
    let question = serde_json::json!({ "rest": format!("you told me: {}", told.text) });
    scratch
        .write(move |tx| {
            tx.memory_insert(&kept)?;
            let conversation = tx.conversation_of(ada, at(12))?;
            tx.conversation_ask(conversation, message_id.map(|asking| (&question, asking)), at(90_000))?;
            tx.summary_insert(&about)
        })
        .await;
    told
}

#[tokio::test]
async fn what_is_forgotten_is_nowhere() {
    let scratch = Scratch::new();
    let ada = scratch.person("Ada").await;
    let told = told_everywhere(&scratch, ada, "xyloqzwvk").await;
    let older = summary(ada, "spoke of gardens", 0, 9);
    scratch.write(move |tx| tx.summary_insert(&older)).await;
    assert!(scratch.write(move |tx| tx.memory_delete(told.id)).await);
    assert_eq!(left(&scratch, TAIL), Vec::<String>::new());
    let summaries = scratch.read(move |rows| rows.summaries(ada)).await;
    assert_eq!(summaries.len(), 1, "a stretch that ended before it was told is not touched: {summaries:?}");
    intact(&scratch);
}

#[tokio::test]
async fn retention_leaves_nothing_of_a_message() {
    let scratch = Scratch::new();
    let ada = scratch.person("Ada").await;
    let told = told_everywhere(&scratch, ada, "xyloqzwvk").await;
    // Others around it, so that pages are shared.
    for n in 0..200 {
        say(&scratch, said(ada, &format!("neighbour {n} xylograph xyloz")), 100 + n).await;
    }
    scratch.write(move |tx| tx.memory_delete(told.id)).await;
    let message = told.message_id.unwrap();
    scratch.write(move |tx| tx.message_processed(message, at(30))).await;
    let again = summary(ada, "again of the xyloqzwvk", 8, 12);
    scratch.write(move |tx| tx.summary_insert(&again)).await;
    assert_eq!(scratch.write(move |tx| tx.messages_expire(at(50), at(5_000))).await, 1);
    assert_eq!(left(&scratch, TAIL), Vec::<String>::new());
    assert_eq!(search(&scratch, ada, "neighbour").await.len(), 20);
    intact(&scratch);
}

#[tokio::test]
async fn a_person_who_is_removed_leaves_nothing() {
    let scratch = Scratch::new();
    let (ada, bob) = (scratch.person("Ada").await, scratch.person("Bob").await);
    told_everywhere(&scratch, ada, "xyloqzwvk").await;
    say(&scratch, said(bob, "my boiler"), 40).await;
    scratch.write(move |tx| tx.user_delete(ada, at(50))).await;
    assert_eq!(left(&scratch, TAIL), Vec::<String>::new());
    assert_eq!(snippets(&scratch, bob, "boiler").await, ["my boiler"]);
    // Whoever comes next finds nothing of theirs, whatever place they get.
    let eve = scratch.person("Eve").await;
    assert!(search(&scratch, eve, "boiler").await.is_empty() && search(&scratch, eve, "xyloqzwvk").await.is_empty());
    intact(&scratch);
}

#[tokio::test]
async fn a_copy_made_by_vacuum_finds_the_same() {
    let scratch = Scratch::new();
    let ada = scratch.person("Ada").await;
    for n in 0..50 {
        say(&scratch, said(ada, &format!("message number{n}")), n).await;
    }
    scratch.raw().execute("DELETE FROM communication_logs WHERE message_content LIKE '%number_'", []).unwrap();
    scratch.write(move |tx| tx.memory_insert(&memory(ada, "the key is under the mat"))).await;
    scratch.raw().execute_batch("VACUUM").unwrap();
    let scratch = scratch.reopen();
    assert_eq!(snippets(&scratch, ada, "number31").await, ["message number31"]);
    assert_eq!(snippets(&scratch, ada, "mat").await, ["the key is under the mat"]);
    intact(&scratch);
}

#[tokio::test]
async fn a_summary_is_corrected_by_its_person_and_deleted() {
    let scratch = Scratch::new();
    let ada = scratch.person("Ada").await;
    let (late, early) = (summary(ada, "later", 50, 60), summary(ada, "earlier", 5, 20));
    let (id, both) = (early.id, [late, early.clone()]);
    scratch.write(move |tx| both.iter().try_for_each(|one| tx.summary_insert(one))).await;
    scratch.write(move |tx| tx.summary_correct(id, "better", at(70))).await;
    let all = scratch.read(move |rows| rows.summaries(ada)).await;
    let corrected = Summary { text: "better".into(), made_by: SummaryAuthor::Person, updated_at: at(70), ..early };
    assert_eq!(all[0], corrected);
    assert_eq!(all[1].text, "later");
    assert!(scratch.write(move |tx| tx.summary_delete(id)).await);
    assert_eq!(scratch.read(move |rows| rows.summary(id)).await, None);
    let missing = scratch.store.write(move |tx: &Tx<'_>| tx.summary_correct(id, "x", at(80))).await;
    assert!(matches!(missing, Err(StoreError::Missing("summary"))), "{missing:?}");
}
