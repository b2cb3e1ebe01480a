//! Calendar files that came by mail: whom they are for, and how that person hears of them.
//!
//! A person who passes an invitation on is answered in the thread of their mail. Anybody else's invitation is for whoever
//! has the address that it was written to, else for those whom it invites, else for the only person there is; when it is
//! nobody's, it stays a file of its mail. What is not proven to come from its sender, and what comes too often, is kept
//! and listed, but bothers nobody.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    id::MessageId,
    message::{Channel, Message},
    provenance::{self, Source, Sources},
    sms,
    user::User,
};
use xswarm_store::{Rows, Tx};

use super::{shall_i, title, told, who};
use crate::{
    assistant::{
        letter, links,
        question::{self, PATIENCE, Question},
    },
    error::Error,
    icalendar,
    invitations::{self, Arrived, News},
    outbox::{self, OurAddresses, Saying, To},
};

/// How many invitations of others a person is told of in an hour.
const TOLD_PER_HOUR: usize = 10;

/// How many calendar files of one mail are looked at. Mail programs send two; a stranger must not keep the writer busy.
const FILES: usize = 8;

/// How a person hears of an invitation.
#[derive(Debug, Clone, Copy)]
pub(in crate::assistant) struct Way<'a> {
    /// Where to; nowhere when it is only kept.
    pub(in crate::assistant) to: Option<&'a To>,
    /// Whether the mail that brought it is theirs, so that the words answer it.
    pub(in crate::assistant) answers: bool,
}

/// Tells the persons concerned what the calendar files of a mail propose. `sender` is proven.
pub(in crate::assistant) fn consider(
    tx: &Tx<'_>,
    mail: &Message,
    sender: Option<&str>,
    files: &[impl AsRef<[u8]>],
    ours: &OurAddresses,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let files = files.get(..FILES).unwrap_or(files);
    let persons = concerned(tx, mail, files, now)?;
    if persons.is_empty() {
        log::info!(message:% = mail.id; "a mail brought an invitation that is for nobody here; it stays a file of the mail");
    }
    for user in persons {
        let answers = mail.user_id == Some(user.id);
        let to = if answers {
            Some(letter::way_back(mail, outbox::mail_from(&user, ours)).unwrap_or(To::Console))
        } else if sender.is_some() {
            let reached = [Channel::Email, Channel::Sms].into_iter().find_map(|by| To::user(&user, by, ours));
            Some(reached.unwrap_or(To::Console))
        } else {
            None
        };
        let way = Way { to: to.as_ref(), answers };
        let mut news = Vec::new();
        for ics in files {
            let quiet = !answers && is_flooded(tx, &user, now)?;
            let way = if quiet { Way { to: None, ..way } } else { way };
            let arrived = Arrived { ics: ics.as_ref(), sender, message: mail.id };
            news.push(receive(tx, &user, arrived, way, now)?);
        }
        // Mail programs send one invitation twice, as a part to act on and as a file.
        let nothing: Option<Vec<_>> = news
            .iter()
            .map(|news| match news {
                News::Nothing(why) => Some(why),
                News::Proposed(_) | News::Withdrawn(_) => None,
            })
            .collect();
        if let (true, Some(Some(why))) = (answers, nothing.map(|whys| whys.first().copied())) {
            let words = format!("I looked at the calendar file in your mail: {why}. Nothing was changed.");
            say(tx, &user, (mail.id, way), &words, false, now)?;
        }
    }
    Ok(())
}

/// Whom the files of a mail are for.
fn concerned(
    rows: &Rows<'_>,
    mail: &Message,
    files: &[impl AsRef<[u8]>],
    now: DateTime<Utc>,
) -> Result<Vec<User>, Error> {
    let mut users = rows.users()?;
    if let Some(writer) = mail.user_id {
        users.retain(|user| user.id == writer);
        return Ok(users);
    }
    let owner = users.iter().find(|user| user.boss_email.is_some() && user.boss_email == mail.recipient);
    if let Some(owner) = owner {
        return Ok(vec![owner.clone()]);
    }
    // Who is invited does not depend on who reads the file.
    let Some(reader) = users.first() else { return Ok(Vec::new()) };
    let small = files.iter().map(AsRef::as_ref).filter(|ics| ics.len() <= invitations::INVITATION_BYTES);
    let entries = small.filter_map(|ics| icalendar::read(ics, reader, now).ok()).flat_map(|read| read.entries);
    let invited: Vec<String> = entries.flat_map(|entry| entry.attendees).collect();
    let is_invited = |user: &User| user.email.as_ref().is_some_and(|own| invited.contains(own));
    if users.iter().any(is_invited) {
        users.retain(is_invited);
    }
    Ok(if users.len() == 1 || users.iter().all(is_invited) { users } else { Vec::new() })
}

/// Whether a person was told of so many that another waits in the list.
fn is_flooded(rows: &Rows<'_>, user: &User, now: DateTime<Utc>) -> Result<bool, Error> {
    let latest = rows.invitations(user.id, u32::try_from(TOLD_PER_HOUR).unwrap_or(u32::MAX))?;
    Ok(latest.len() == TOLD_PER_HOUR && latest.iter().all(|one| one.created_at > now - Duration::hours(1)))
}

/// Takes in a calendar file that came by mail: keeps what it proposes and asks the person. Nothing on the calendar
/// changes. What it came to is in the answer.
pub(in crate::assistant) fn receive(
    tx: &Tx<'_>,
    user: &User,
    arrived: Arrived<'_>,
    way: Way<'_>,
    now: DateTime<Utc>,
) -> Result<News, Error> {
    let news = invitations::keep(tx, user, arrived, now)?;
    if way.to.is_none() {
        return Ok(news);
    }
    let conversation = tx.conversation_of(user.id, now)?;
    let (words, question) = match &news {
        News::Nothing(_) => return Ok(news),
        News::Withdrawn(about) => (format!("{} withdrew the invitation to {}.", who(about), title(about)), None),
        News::Proposed(invitation) => {
            let told = told(tx, user, invitation, now)?;
            // "Yes" must go on answering what was asked before.
            let busy = tx.conversation::<Question>(conversation, now)?.is_some_and(|known| known.question.is_some());
            if busy {
                let name = title(&invitation.about);
                (format!("{told} Say \"accept the invitation {name}\" or \"decline the invitation {name}\"."), None)
            } else {
                let asked = Question::Invitation { id: invitation.id, asked_at: now };
                (format!("{told} {} (yes or no)", shall_i(invitation.about.method)), Some(asked))
            }
        }
    };
    let said = say(tx, user, (arrived.message, way), &words, question.is_some(), now)?;
    if let Some((question, said)) = question.as_ref().zip(said) {
        tx.conversation_ask(conversation, Some((question, said)), now + PATIENCE)?;
    }
    Ok(news)
}

/// Says words of others: marked so, with links that nobody can follow, and noted when they ask.
fn say(
    tx: &Tx<'_>,
    user: &User,
    (mail, way): (MessageId, Way<'_>),
    words: &str,
    asks: bool,
    now: DateTime<Utc>,
) -> Result<Option<MessageId>, Error> {
    let Some(to) = way.to else { return Ok(None) };
    let channel = channel_of(to);
    let words = links::dead(words, true);
    let text = if channel == Channel::Sms { sms::shorten(&words, "…").now } else { words };
    let mut metadata = serde_json::json!({});
    provenance::note(&mut metadata, &Sources::of(Source::Attachment));
    if asks {
        question::note(&mut metadata);
    }
    let saying = Saying {
        user: Some(user),
        conversation: Some(tx.conversation_of(user.id, now)?),
        to,
        text: &text,
        in_reply_to: way.answers.then_some(mail),
        metadata,
    };
    Ok(Some(outbox::say(tx, &saying, now)?))
}

fn channel_of(to: &To) -> Channel {
    match to {
        To::Sms { .. } => Channel::Sms,
        To::Mail { .. } => Channel::Email,
        To::Phone { .. } | To::Call { .. } => Channel::Voice,
        To::Room { .. } | To::Device { .. } => Channel::Room,
        To::Console => Channel::Console,
    }
}
