//! Search by words, in a person's memories and in what was said to and by them.
//!
//! Whatever is asked is taken for words: there is no query language, and nothing that is typed is a mistake. Every word
//! has to occur; newest first. A word counts in any case and without its accents, and where whole words find too little,
//! the beginnings of words count too.

use rusqlite::{Row, params};
use xswarm_core::{
    id::{MessageId, UserId},
    memory::SearchHit,
    message::Direction,
    provenance::{self, Source, Tainted},
};

use super::Rows;
use crate::{
    StoreError,
    row::{instant, json, parsed},
};

/// Words of a query that count; the rest is ignored.
const WORDS_MOST: usize = 16;

/// Characters of a word that count.
const WORD_CHARACTERS: usize = 64;

/// From this length on a word may be the beginning of longer ones.
const BEGINNING_CHARACTERS: usize = 3;

/// Words that tell nothing about what a text is about.
const UNTELLING: &[&str] = &[
    "a", "am", "an", "and", "are", "at", "be", "for", "from", "had", "has", "have", "he", "her", "his", "i", "in",
    "is", "it", "its", "me", "my", "of", "on", "our", "she", "that", "the", "their", "they", "this", "to", "was", "we",
    "were", "with", "you", "your",
];

/// With fewer telling words than this, all words of a text must occur: one word alone would mean far too much.
const TELLING_LEAST: usize = 2;

/// So many words that begin alike are looked for, the first in the order of their letters.
const BEGUN_MOST: usize = 100;

/// A person's messages are numbered from their owner's number, shifted by so many bits.
const OWNER_BITS: u32 = 40;

/// The most that one search answers.
const HITS_MOST: u32 = 100;

/// The words of a query; what holds no letter or digit is none.
fn words(query: &str) -> Vec<String> {
    query
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| word.contains(char::is_alphanumeric))
        .take(WORDS_MOST)
        .map(|word| word.chars().take(WORD_CHARACTERS).collect::<String>())
        .filter(|word| word.contains(char::is_alphanumeric))
        .collect()
}

/// A word as a string of FTS5, so that it is never an operator.
fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}

/// All of these words.
fn all_of(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" AND ")
}

fn memory_hit(row: &Row<'_>) -> rusqlite::Result<SearchHit> {
    Ok(SearchHit {
        memory_id: Some(parsed(row, "id")?),
        message_id: None,
        at: instant(row, "created_at")?,
        channel: None,
        direction: None,
        source: parsed(row, "source")?,
        snippet: row.get("text")?,
    })
}

fn message_hit(row: &Row<'_>) -> rusqlite::Result<SearchHit> {
    let direction: Direction = parsed(row, "direction")?;
    let metadata: serde_json::Value = json(row, "metadata")?;
    let part: u32 = row.get("part")?;
    Ok(SearchHit {
        memory_id: None,
        message_id: Some(parsed(row, "id")?),
        at: instant(row, "created_at")?,
        channel: Some(parsed(row, "channel")?),
        direction: Some(direction),
        source: source(direction, &metadata, part),
        snippet: row.get("snippet")?,
    })
}

/// Whose words a part of a message are. The Boss's own answers may repeat what it read: they count as a program's.
fn source(direction: Direction, metadata: &serde_json::Value, part: u32) -> Source {
    match (part.checked_sub(1), direction) {
        (Some(at), _) => metadata
            .get(provenance::TAINTED)
            .and_then(|tainted| tainted.get(usize::try_from(at).ok()?))
            .and_then(|one| serde_json::from_value::<Tainted>(one.clone()).ok())
            .map_or(Source::Unknown, |one| one.source),
        (None, Direction::Outbound) if metadata.get(provenance::PROVENANCE).is_none() => Source::Automatic,
        (None, Direction::Inbound | Direction::Outbound) => provenance::of_content(metadata),
    }
}

/// A table of words: the index, and its vocabulary.
#[derive(Clone, Copy)]
enum Index {
    Memories,
    Messages,
}

/// Which talk is looked through. What was said in free conversation on a call (`chat` in its metadata) is nothing that the
/// Boss told or was told, but is forgotten like everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Talk {
    WithTheBoss,
    All,
}

impl Rows<'_> {
    /// What a person told and said, and what the Boss answered them, that has all words of the query: memories first,
    /// then messages, each newest first; at most `limit` (and 100) of them. Nothing of anybody else's.
    pub fn search(&self, user: UserId, query: &str, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        let (words, limit) = (words(query), limit.min(HITS_MOST));
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let mut hits = Vec::new();
        for index in [Index::Memories, Index::Messages] {
            let whole = self.found(index, user, &all_of(&words), Talk::WithTheBoss, limit)?;
            let enough = whole.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
            hits.extend(match self.beginnings(index, &words)? {
                Some(begun) if !enough => self.found(index, user, &begun, Talk::WithTheBoss, limit)?,
                Some(_) | None => whole,
            });
        }
        hits.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(hits)
    }

    /// The numbers of a person's memories that have all words of a query, or words that begin so, as SQL wants them.
    pub(super) fn memories_with(&self, query: &str) -> Result<Option<String>, StoreError> {
        let words = words(query);
        if words.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.beginnings(Index::Memories, &words)?.unwrap_or_else(|| all_of(&words))))
    }

    fn found(
        &self,
        index: Index,
        user: UserId,
        words: &str,
        talk: Talk,
        limit: u32,
    ) -> Result<Vec<SearchHit>, StoreError> {
        match index {
            Index::Memories => {
                let sql = "SELECT id, text, source, created_at FROM memories WHERE user_id = ?2 AND number IN \
                           (SELECT rowid FROM memory_words WHERE memory_words MATCH ?1) ORDER BY number DESC LIMIT ?3";
                self.many(sql, params![words, user.to_string(), limit], memory_hit)
            }
            Index::Messages => {
                let owner = "SELECT number FROM message_owners WHERE user_id = ?";
                let Some(owner) = self.one(owner, [user.to_string()], |row| row.get::<_, i64>(0))? else {
                    return Ok(Vec::new());
                };
                // The index walks a person's part of it from the newest on, and stops at the limit.
                let sql = "SELECT logs.id, logs.channel, logs.direction, logs.metadata, logs.created_at, parts.part, \
                           hits.snippet FROM (SELECT rowid AS number, \
                           snippet(message_words, 0, '', '', '…', 24) AS snippet FROM message_words \
                           WHERE message_words MATCH ?1 AND rowid >= ?2 AND rowid < ?3 ORDER BY rowid DESC LIMIT ?4) \
                           AS hits JOIN message_parts AS parts ON parts.number = hits.number \
                           JOIN communication_logs AS logs ON logs.id = parts.message_id \
                           WHERE ?5 OR logs.metadata ->> '$.chat' IS NULL ORDER BY hits.number DESC";
                let (from, to) = (owner << OWNER_BITS, (owner + 1) << OWNER_BITS);
                self.many(sql, params![words, from, to, limit, talk == Talk::All], message_hit)
            }
        }
    }

    /// A person's messages that have all the telling words of a text, at most 100.
    pub(super) fn messages_with_words_of(&self, user: UserId, text: &str) -> Result<Vec<MessageId>, StoreError> {
        let all: Vec<String> =
            text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
        let mut words: Vec<String> = all.iter().filter(|word| !UNTELLING.contains(&word.as_str())).cloned().collect();
        if words.len() < TELLING_LEAST {
            words = all;
        }
        words.dedup();
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let hits = self.found(Index::Messages, user, &all_of(&words), Talk::All, HITS_MOST)?;
        Ok(hits.into_iter().filter_map(|hit| hit.message_id).collect())
    }

    /// The same words, each or what begins with it; `None` when nothing begins with one of them but it itself.
    ///
    /// FTS5 gathers all that begins with a word before it gives the first; some words that begin so, joined by "or", are
    /// walked newest first like any other.
    fn beginnings(&self, index: Index, words: &[String]) -> Result<Option<String>, StoreError> {
        let (mut longer, mut wanted) = (false, Vec::new());
        for word in words {
            let plain = word.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if word.chars().count() < BEGINNING_CHARACTERS {
                wanted.push(quoted(word));
            } else if plain {
                let begun = self.words_from(index, &word.to_ascii_lowercase())?;
                longer |= begun.iter().any(|one| one.len() > word.len());
                let any = begun.iter().map(|one| quoted(one)).collect::<Vec<_>>().join(" OR ");
                wanted.push(if any.is_empty() { quoted(word) } else { format!("({any})") });
            } else {
                // Only the index knows how it writes these.
                longer = true;
                wanted.push(format!("{} *", quoted(word)));
            }
        }
        Ok(longer.then(|| wanted.join(" AND ")))
    }

    /// Words of the index that begin with this one, in order, [`BEGUN_MOST`] at most.
    fn words_from(&self, index: Index, beginning: &str) -> Result<Vec<String>, StoreError> {
        let sql = match index {
            Index::Memories => "SELECT term FROM memory_vocabulary WHERE term >= ? LIMIT 1",
            Index::Messages => "SELECT term FROM message_vocabulary WHERE term >= ? LIMIT 1",
        };
        let mut found: Vec<String> = Vec::new();
        let mut from = beginning.to_owned();
        while found.len() < BEGUN_MOST
            && let Some(term) = self.one(sql, [&from], |row| row.get::<_, String>(0))?
            && term.starts_with(beginning)
        {
            from = format!("{term}\u{1}");
            found.push(term);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_asked_is_words_and_nothing_else() {
        assert_eq!(words("  boiler \"NEAR\"\t* 🎉 AND (x)"), ["boiler", "\"NEAR\"", "AND", "(x)"]);
        assert_eq!(all_of(&words("say \"hi\" NOT")), "\"say\" AND \"\"\"hi\"\"\" AND \"NOT\"");
        assert!(words("🎉 *** \u{0}").is_empty());
        assert_eq!(words(&"a ".repeat(10_000)).len(), WORDS_MOST);
        assert_eq!(words(&"x".repeat(10_000)), ["x".repeat(WORD_CHARACTERS)]);
    }
}
