//! Invitations in conversation: the Boss tells what somebody proposes and asks; only the person's own answer does it.
//!
//! What is told of a proposal is somebody else's text, shortened and in quotation marks. It is shown and nothing more.
//! [`arriving`] takes proposals in; here they are told and answered.

mod arriving;

use chrono::{DateTime, Utc};
use xswarm_core::{
    id::InvitationId,
    invitation::{Invitation, InvitationMethod, InvitationState, Proposal},
    preferences::CalendarPreferences,
    provenance::{Source, Sources},
    user::User,
};
use xswarm_language::command::Which;
use xswarm_store::Rows;

use super::{
    effect::Effect,
    turn::{Decision, Turn},
};
use crate::{
    error::Error,
    invitations::{self, Step},
    wording,
};

pub(super) use arriving::consider;
#[cfg(test)]
pub(super) use arriving::{Way, receive};

/// The longest title, name or address that is told.
const TOLD: usize = 80;

/// How many are listed.
const LISTED: usize = 9;

fn shall_i(method: InvitationMethod) -> &'static str {
    match method {
        InvitationMethod::Publish | InvitationMethod::Request => "Shall I put it on your calendar?",
        InvitationMethod::Cancel => "Shall I take it off your calendar?",
    }
}

/// A proposal in words, with what gets in its way and a warning about who it is from.
fn told(rows: &Rows<'_>, user: &User, invitation: &Invitation, now: DateTime<Utc>) -> Result<String, Error> {
    let about = &invitation.about;
    let steps = invitations::steps(rows, user, invitation, now)?;
    let Some(first) = steps.first() else {
        return Ok(format!("{} wrote about {}, and nothing is left to do about it.", who(about), title(about)));
    };
    let mut words = match (about.method, first) {
        (InvitationMethod::Cancel, Step::Change { before, .. }) => {
            let what = about_one(first).unwrap_or_else(|| wording::appointment(before));
            format!("{} called off {}.", who(about), shown(&what))
        }
        (_, Step::Change { before, after }) => {
            let now = about_one(first).unwrap_or_else(|| wording::appointment(after));
            format!("{} changed {}. It would be: {}.", who(about), quoted(&before.title), shown(&now))
        }
        (InvitationMethod::Publish, Step::Book(one)) => {
            format!("{} sent a calendar entry: {}.", who(about), shown(&wording::appointment(one)))
        }
        (InvitationMethod::Request | InvitationMethod::Cancel, Step::Book(one)) => {
            format!("{} invites you: {}.", who(about), shown(&wording::appointment(one)))
        }
    };
    if steps.len() > 1 {
        words = format!("{words} And {} more.", steps.len() - 1);
    }
    let conflicts = invitations::in_the_way(rows, user, first.after(), now)?;
    words.push_str(&wording::conflicts(&conflicts, CalendarPreferences::of(user).buffer(), user.timezone));
    words.push_str(&careful(about, user));
    Ok(words)
}

/// The one occurrence that a change of a series is about.
fn about_one(step: &Step) -> Option<String> {
    let Step::Change { before, after } = step else { return None };
    let (at, _) = after.exceptions.iter().find(|(at, exception)| before.exceptions.get(*at) != Some(exception))?;
    let of = if before.status == after.status && before.start == after.start { before } else { return None };
    let one = after.occurrence_at(at).ok().flatten().or_else(|| of.occurrence_at(at).ok().flatten())?;
    Some(wording::occurrence(&one, of.timezone))
}

/// A warning when it is not from whom it says it is.
fn careful(about: &Proposal, user: &User) -> String {
    match (&about.sender, &about.organizer) {
        _ if invitations::is_genuine(about) || about.method == InvitationMethod::Publish => String::new(),
        // Whoever passes an invitation on to their own Boss has seen it.
        (Some(sender), _) if Some(sender) == user.email.as_ref() => String::new(),
        (Some(sender), Some(_)) => format!(" Careful: it was sent by {}, who is not the organizer.", shown(sender)),
        (None, _) => " Careful: I cannot tell who really sent it.".to_owned(),
        (Some(_), None) => " Careful: it does not say who the organizer is.".to_owned(),
    }
}

fn who(about: &Proposal) -> String {
    match (&about.organizer_name, about.organizer.as_ref().or(about.sender.as_ref())) {
        (Some(name), Some(mail)) if name != mail => format!("{} ({})", shown(name), shown(mail)),
        (_, Some(mail)) => shown(mail),
        (Some(name), None) => shown(name),
        (None, None) => "Somebody".to_owned(),
    }
}

/// What it is and who sent it.
pub(crate) fn named(about: &Proposal) -> String {
    format!("{} from {}", title(about), who(about))
}

fn title(about: &Proposal) -> String {
    quoted(&about.title)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", shown(&text.replace('"', "'")))
}

fn shown(text: &str) -> String {
    const MOST: usize = 3 * TOLD;
    let short: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST).collect();
    if text.chars().count() > MOST { format!("{short}…") } else { short }
}

/// What waits for the person's answer.
pub(super) fn list(turn: &Turn<'_>) -> Result<Decision, Error> {
    let open = turn.rows.invitations_open(turn.user.id)?;
    if open.is_empty() {
        return Ok(Decision::say("No invitation waits for your answer."));
    }
    let lines: Result<Vec<String>, Error> = (open.iter().take(LISTED).enumerate())
        .map(|(n, one)| Ok(format!("{}. {}", n + 1, told(turn.rows, turn.user, one, turn.now)?)))
        .collect();
    let hint = "Say \"accept\" or \"decline\" and the name, such as \"accept the invitation to lunch\".";
    // Whoever invites wrote these words.
    let sources = Sources::of(Source::Attachment);
    Ok(Decision { sources, ..Decision::say(format!("{}\n{hint}", lines?.join("\n"))) })
}

/// Accepts or declines the invitation that the person names.
pub(super) fn answer(turn: &Turn<'_>, accept: bool, which: &Which) -> Result<Decision, Error> {
    let open = turn.rows.invitations_open(turn.user.id)?;
    let names: Vec<&String> = which.title.iter().chain(&which.participants).collect();
    let mut meant: Vec<&Invitation> = open.iter().filter(|one| names.iter().all(|name| one.is_named(name))).collect();
    if let Some(nth) = which.nth.and_then(|nth| usize::try_from(nth).ok()).filter(|nth| *nth > 0) {
        meant = meant.into_iter().skip(nth - 1).take(1).collect();
    }
    match meant.as_slice() {
        [one] => decide(turn, one.id, accept),
        [] if open.is_empty() => Ok(Decision::say("No invitation waits for your answer. Nothing was changed.")),
        [] => Ok(Decision::say("I find no such invitation. Nothing was changed. Say \"show my invitations\".")),
        several => {
            let lines: Vec<_> = several.iter().take(LISTED).map(|one| format!("– {}", named(&one.about))).collect();
            let words = format!("Which one? Please name it. Nothing was changed yet.\n{}", lines.join("\n"));
            Ok(Decision { sources: Sources::of(Source::Attachment), ..Decision::say(words) })
        }
    }
}

/// Does what the person decided.
pub(super) fn decide(turn: &Turn<'_>, id: InvitationId, accept: bool) -> Result<Decision, Error> {
    let found = turn.rows.invitation(id)?.filter(|one| one.user_id == turn.user.id);
    let Some(invitation) = found.filter(|one| one.state == InvitationState::Proposed) else {
        return Ok(Decision::say("That invitation is settled already. Nothing was changed."));
    };
    let to = if accept { InvitationState::Accepted } else { InvitationState::Declined };
    let about = named(&invitation.about);
    let decided = Effect::DecideInvitation { invitation: id, about, from: InvitationState::Proposed, to };
    if !accept {
        let words = format!(
            "All right, I left {} as it was. {} is not told.",
            title(&invitation.about),
            who(&invitation.about)
        );
        return Ok(Decision::act(vec![decided], words));
    }
    let steps = invitations::steps(turn.rows, turn.user, &invitation, turn.now)?;
    let words = match steps.first() {
        None => "Nothing was left to change.".to_owned(),
        Some(first) => {
            let buffer = CalendarPreferences::of(turn.user).buffer();
            let conflicts = invitations::in_the_way(turn.rows, turn.user, first.after(), turn.now)?;
            format!("{}{}", done(&steps), wording::conflicts(&conflicts, buffer, turn.zone()))
        }
    };
    let channel = turn.reminders_by;
    let effects = steps.into_iter().map(|step| Effect::of(step, channel)).chain([decided]).collect();
    Ok(Decision::act(effects, format!("{words} {} is not told.", who(&invitation.about))))
}

/// What accepting did.
fn done(steps: &[Step]) -> String {
    let lines: Vec<_> = steps
        .iter()
        .take(LISTED)
        .map(|step| match step {
            Step::Book(one) => format!("On your calendar: {}.", wording::appointment(one)),
            Step::Change { before, after } if after.status == before.status => {
                format!("Changed: {}.", about_one(step).unwrap_or_else(|| wording::appointment(after)))
            }
            Step::Change { after, .. } => match after.status {
                xswarm_core::appointment::AppointmentStatus::Cancelled => {
                    format!("Off your calendar: {}.", wording::appointment(after))
                }
                xswarm_core::appointment::AppointmentStatus::Confirmed
                | xswarm_core::appointment::AppointmentStatus::Tentative => {
                    format!("On your calendar: {}.", wording::appointment(after))
                }
            },
        })
        .collect();
    lines.join(" ")
}
