//! Taking a mail in: recorded once, its files kept, with the job that answers it where it is to be answered.
//!
//! Every genuine mail is recorded. Understood is only what a person of the household freshly wrote ([`own_words`]) from an
//! address that is proven theirs (DMARC alignment) to an address that is theirs to write to. Answered are such persons
//! and, once, strangers whose address is proven: an answer to a forged sender would bother somebody innocent. Programs
//! are never answered (RFC 3834 §2), nor is anybody more often than a person would write.

pub(crate) mod record;

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};
use xswarm_core::{
    event::Event,
    id::{ConversationId, MessageId},
    job::{Job, Lane},
    mail::{MailAddress, message_id_left, row_of_message_id},
    message::{Channel, Direction},
    provenance::Source,
    user::User,
};
use xswarm_store::{Inserted, NewMessage, Rows, Store, Tx};

use crate::{
    blobs::Blobs,
    clock::Clock,
    error::Error,
    mail::{Mail, own_words},
    outbox::OurAddresses,
};
use record::{KeptFile, Record};

/// How many answers one address gets in an hour. A person writes less; two programs that answer each other do not.
const ANSWERS_PER_HOUR: u64 = 30;

/// How long a mail may have been on its way for its date to count: the provider tries for three days.
const ON_ITS_WAY: Duration = Duration::days(4);

/// Where mails arrive.
pub(crate) struct Letterbox {
    /// Where they are recorded.
    pub(crate) store: Arc<Store>,
    /// Where their files are kept.
    pub(crate) blobs: Arc<Blobs>,
    /// What time it is.
    pub(crate) clock: Clock,
    /// What is ours.
    pub(crate) ours: OurAddresses,
}

/// What is done about a mail.
#[derive(Debug)]
enum Fate {
    /// A person of the household says something.
    Turn(Box<User>),
    /// Somebody unknown, whose address is proven, writes to the Boss.
    Stranger,
    /// It is recorded, and that is all.
    Silent(&'static str, Source),
}

impl Letterbox {
    /// Takes a genuine mail in. A repeated one has no second effect.
    pub(crate) async fn take_in(&self, mail: Mail) -> Result<Inserted, Error> {
        let key = key(&mail);
        let seen = key.clone();
        if self.store.read(move |rows| rows.provider_id_seen(&seen).map_err(Error::from)).await? {
            return Ok(Inserted::Duplicate);
        }
        let words = words(&mail);
        // From here to the commit no sweep may take the files for forgotten.
        let _held = self.blobs.hold().await;
        let files = self.keep(&mail).await?;
        let (now, ours) = (self.clock.now(), self.ours.clone());
        self.store.write(move |tx| recorded(tx, &Arrived { mail, words, files, key, ours }, now)).await
    }

    /// Keeps the files of a mail and, where something of it could not be used, all of it.
    async fn keep(&self, mail: &Mail) -> Result<Vec<KeptFile>, Error> {
        let mut kept = Vec::new();
        for file in &mail.files {
            kept.push(if file.is_program() {
                KeptFile::not_kept(file, "programs are not kept")
            } else {
                KeptFile::kept(file, self.blobs.put(&file.content).await?)
            });
        }
        if !mail.flaws.is_empty() {
            kept.push(KeptFile::original(mail.original.len(), self.blobs.put(&mail.original).await?));
        }
        Ok(kept)
    }
}

/// What tells this mail from others, and a repetition of it from itself: its id, and who it is from and for. Whether
/// the sender is proven belongs to it, so that no forged mail can take the place of a genuine one.
fn key(mail: &Mail) -> String {
    let mut hash = Sha256::new();
    match &mail.head.message_id {
        Some(id) => hash.update(id.as_bytes()),
        None => hash.update(&mail.original),
    }
    let from = mail.head.from.as_ref().map_or("", MailAddress::as_str);
    let mut to: Vec<String> = mail.envelope.to.iter().map(|to| to.trim().to_ascii_lowercase()).collect();
    to.sort_unstable();
    hash.update([0]);
    hash.update(from.as_bytes());
    hash.update([0, u8::from(proven(mail).is_some())]);
    hash.update(to.join(",").as_bytes());
    format!("mail:{}", URL_SAFE_NO_PAD.encode(hash.finalize()))
}

/// A mail with all that is known before the database is asked.
struct Arrived {
    mail: Mail,
    words: own_words::Words,
    files: Vec<KeptFile>,
    key: String,
    ours: OurAddresses,
}

/// The words of a mail: its plain text, or its HTML where it has no other. The subject of a mail that begins a thread
/// is its sender's own too, and stands for the text where there is none.
fn words(mail: &Mail) -> own_words::Words {
    let forward = mail.head.forwards();
    let plain = mail.body.plain.as_deref().filter(|text| !text.trim().is_empty());
    let mut words = match (plain, &mail.body.html) {
        (Some(text), _) => own_words::of_plain(text, mail.body.flowed, forward),
        (None, Some(html)) => own_words::of_html(html, forward),
        (None, None) => own_words::Words::default(),
    };
    if words.own.is_empty() && mail.head.has_own_subject() {
        words.own.clone_from(&mail.head.subject);
    }
    words
}

/// The sender, when it is proven that the mail comes from there.
fn proven(mail: &Mail) -> Option<&MailAddress> {
    mail.head.from.as_ref().filter(|from| mail.verdicts.align(from.domain(), &mail.envelope.from))
}

fn recorded(tx: &Tx<'_>, arrived: &Arrived, now: DateTime<Utc>) -> Result<Inserted, Error> {
    let Arrived { mail, key, .. } = arrived;
    let fate = fate(tx, arrived, now)?;
    let conversation = match &fate {
        Fate::Turn(user) => Some(tx.conversation_of(user.id, now)?),
        Fate::Stranger | Fate::Silent(..) => None,
    };
    let id = MessageId::new(now);
    let message = new_message(tx, id, arrived, &fate, conversation, now)?;
    if tx.message_insert(&message, now)? == Inserted::Duplicate {
        return Ok(Inserted::Duplicate);
    }
    let mut calendars = false;
    for (position, file) in (0..).zip(&arrived.files) {
        let attachment = file.row(id, position, now);
        calendars |= attachment.is_calendar();
        tx.attachment_insert(&attachment)?;
    }
    log::debug!(message:% = id, files = arrived.files.len(), known = message.user_id.is_some(); "a mail was taken in: {key}");
    let lane = conversation.map(Lane::Conversation);
    let proposes = calendars && may_propose(tx, arrived)?;
    if proposes {
        let job = Job::ConsiderInvitations { message: id, sender: proven(mail).cloned() };
        tx.job_enqueue(&job, lane.as_ref(), now, now)?;
    }
    match fate {
        // What the file proposes is told, and there is nothing else to answer.
        Fate::Turn(_) if proposes && arrived.words.own.trim().is_empty() => tx.message_processed(id, now)?,
        Fate::Stranger if proposes => tx.message_processed(id, now)?,
        Fate::Turn(_) | Fate::Stranger => {
            tx.job_enqueue(&Job::Answer { message: id }, lane.as_ref(), now, now)?;
        }
        Fate::Silent(..) => tx.message_processed(id, now)?,
    }
    stranger_s_wish(tx, mail, message.user_id.is_none(), &arrived.words.own, now)?;
    Ok(Inserted::New)
}

fn new_message(
    tx: &Tx<'_>,
    id: MessageId,
    arrived: &Arrived,
    fate: &Fate,
    conversation: Option<ConversationId>,
    now: DateTime<Utc>,
) -> Result<NewMessage, Error> {
    let Arrived { mail, words, key, ours, .. } = arrived;
    let (user, provenance, unanswered) = match fate {
        Fate::Turn(user) => (Some(user.id), Source::Own, None),
        Fate::Stranger => (None, Source::Unknown, None),
        Fate::Silent(reason, source) => (None, *source, Some(*reason)),
    };
    let sent_at = mail.head.date.filter(|date| *date <= now && now - *date < ON_ITS_WAY);
    let record = Record { mail, words, provenance, unanswered, sent_at };
    Ok(NewMessage {
        id,
        user_id: user,
        conversation_id: conversation,
        channel: Channel::Email,
        direction: Direction::Inbound,
        content: words.own.clone(),
        sender: Some(mail.head.from.as_ref().map_or_else(|| record::shown(&mail.envelope.from), ToString::to_string)),
        recipient: reached(mail, ours, tx)?
            .map(|address| address.to_string())
            .or_else(|| mail.envelope.to.first().map(|to| record::shown(to))),
        provider_id: Some(key.clone()),
        in_reply_to: answered(tx, mail)?,
        metadata: record.metadata(),
    })
}

/// What is to be done about a mail.
fn fate(tx: &Tx<'_>, arrived: &Arrived, now: DateTime<Utc>) -> Result<Fate, Error> {
    let Arrived { mail, ours, .. } = arrived;
    if mail.head.automatic.is_some() {
        return Ok(Fate::Silent("a program sent it", Source::Automatic));
    }
    if mail.envelope.from.trim_matches(['<', '>', ' ']).is_empty() && !mail.envelope.to.is_empty() {
        return Ok(Fate::Silent("it has no return address, as reports have none", Source::Automatic));
    }
    let Some(from) = proven(mail) else {
        return Ok(Fate::Silent("it is not proven that the sender sent it", Source::Unknown));
    };
    if is_ours(tx, from, ours)? || own_mail(tx, mail)? {
        return Ok(Fate::Silent("it is one of the Boss's own mails", Source::Automatic));
    }
    if reached(mail, ours, tx)?.is_none() {
        return Ok(Fate::Silent("it was not written to the Boss's address", Source::Unknown));
    }
    if tx.answers_since(Channel::Email, from.as_str(), now - Duration::hours(1))? >= ANSWERS_PER_HOUR {
        log::warn!("somebody mails more often than a person does; they are not answered for now");
        return Ok(Fate::Silent("its sender had too many answers within an hour", Source::Automatic));
    }
    match tx.user_by_email(from.as_str())? {
        Some(user) if is_theirs(&user, mail, ours) => Ok(Fate::Turn(Box::new(user))),
        Some(_) => Ok(Fate::Silent("it was written to somebody else's Boss", Source::Unknown)),
        None if tx.opted_out(from.as_str())? => Ok(Fate::Silent("its sender wants no mail", Source::Unknown)),
        None => Ok(Fate::Stranger),
    }
}

/// Whether what a mail proposes is considered: one that was written to the Boss and is not the Boss's own. Programs may
/// propose, since calendars send invitations by themselves; what they propose is told to the person alone.
fn may_propose(rows: &Rows<'_>, arrived: &Arrived) -> Result<bool, Error> {
    let Arrived { mail, ours, .. } = arrived;
    let from_us = match &mail.head.from {
        Some(from) => is_ours(rows, from, ours)?,
        None => false,
    };
    Ok(!from_us && !own_mail(rows, mail)? && reached(mail, ours, rows)?.is_some())
}

/// An address without the part after a plus, which sorts mail for its owner (RFC 5233).
fn plain(address: &str) -> Option<MailAddress> {
    let address: MailAddress = address.trim().trim_matches(['<', '>']).parse().ok()?;
    let (local, domain) = address.as_str().split_once('@')?;
    let local = local.split('+').next().unwrap_or(local);
    format!("{local}@{domain}").parse().ok()
}

fn delivered_to(mail: &Mail) -> impl Iterator<Item = MailAddress> {
    mail.envelope.to.iter().filter_map(|to| plain(to))
}

/// The address of ours that the mail was delivered to.
fn reached(mail: &Mail, ours: &OurAddresses, rows: &Rows<'_>) -> Result<Option<MailAddress>, Error> {
    for address in delivered_to(mail) {
        if is_ours(rows, &address, ours)? {
            return Ok(Some(address));
        }
    }
    Ok(None)
}

fn is_ours(rows: &Rows<'_>, address: &MailAddress, ours: &OurAddresses) -> Result<bool, Error> {
    let address = plain(address.as_str());
    let is = |text: &str| plain(text).is_some_and(|one| Some(&one) == address.as_ref());
    Ok(ours.mail.as_ref().is_some_and(|ours| is(ours.as_str())) || rows.boss_emails()?.iter().any(|one| is(one)))
}

/// Whether the person wrote to the address that is theirs to write to.
fn is_theirs(user: &User, mail: &Mail, ours: &OurAddresses) -> bool {
    let expected = user.boss_email.as_deref().or(ours.mail.as_ref().map(MailAddress::as_str)).and_then(plain);
    expected.is_some_and(|expected| delivered_to(mail).any(|to| to == expected))
}

/// Whether it carries the id of a mail that we sent.
fn own_mail(rows: &Rows<'_>, mail: &Mail) -> Result<bool, Error> {
    let Some(id) = &mail.head.message_id else { return Ok(false) };
    Ok(sent(rows, id)?.is_some())
}

/// The mail of ours that it answers: the nearest in its thread that went to the sender.
fn answered(rows: &Rows<'_>, mail: &Mail) -> Result<Option<MessageId>, Error> {
    let from = mail.head.from.as_ref().map(MailAddress::as_str);
    for id in mail.head.thread.iter().rev() {
        if let Some((row, recipient)) = sent(rows, id)?
            && recipient.as_deref() == from
        {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// The mail that we sent with a Message-ID, and to whom.
fn sent(rows: &Rows<'_>, id: &str) -> Result<Option<(MessageId, Option<String>)>, Error> {
    let by_row = row_of_message_id(id).map_or(Ok(None), |row| rows.message(row))?;
    let row = match by_row {
        Some(row) => Some(row),
        None => rows.message_by_provider_id(message_id_left(id))?,
    };
    let ours = row.filter(|row| row.channel == Channel::Email && row.direction == Direction::Outbound);
    Ok(ours.map(|row| (row.id, row.recipient)))
}

/// A stranger who writes STOP is left alone, and no longer after START.
fn stranger_s_wish(tx: &Tx<'_>, mail: &Mail, stranger: bool, own: &str, now: DateTime<Utc>) -> Result<(), Error> {
    let Some(from) = proven(mail).filter(|_| stranger) else { return Ok(()) };
    let word = own.trim().trim_end_matches(['.', '!']).to_lowercase();
    let stopped = match word.as_str() {
        "stop" | "unsubscribe" => true,
        "start" | "unstop" if tx.opted_out(from.as_str())? => false,
        _ => return Ok(()),
    };
    if tx.opt_out_set(from.as_str(), stopped, now)? {
        tx.event_append(&Event::OptOutChanged { stopped }, None, now)?;
    }
    Ok(())
}
