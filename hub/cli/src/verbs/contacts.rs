//! `xswarm contact`: people that a person knows.

use std::{
    fs,
    io::{self, Read},
    path::Path,
    time::Duration,
};

use serde::Deserialize;
use serde_json::json;
use xswarm_core::{
    contact::{Contact, ContactDetails},
    exchange::ImportReport,
    phone::Phone,
};

use crate::{
    arguments::{ContactArguments, ContactFields, ContactVerb},
    client::{Client, Request},
    failure::{Exit, Failure},
    household::user_id,
    ids::{Found, choices, find},
    screen::{Screen, one_line},
    table::{Table, pairs},
};

use super::{answer, confirmed};

/// How long taking in a long file may take.
const IMPORT: Duration = Duration::from_mins(5);

/// How many remarks are shown.
const SHOWN: usize = 20;

#[derive(Deserialize)]
struct All {
    contacts: Vec<Contact>,
}

#[derive(Deserialize)]
struct One {
    contact: Contact,
}

pub(super) async fn contact(hub: &Client, options: ContactArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let user = user_id(hub, options.user.as_deref()).await?;
    let all = Request::get("/api/contacts").query("user_id", user);
    match options.verb.unwrap_or(ContactVerb::List { called: None }) {
        ContactVerb::Add { name, details } => {
            let contact = changed(ContactDetails { name, ..ContactDetails::default() }, details);
            let request = Request::post("/api/contacts").json(&json!({ "user_id": user, "contact": contact }))?;
            let Some(document) = answer(hub, request, screen).await? else { return Ok(Exit::Done) };
            let One { contact } = document.read()?;
            screen.line(&format!("Added {}.", contact.details.name))?;
        }
        ContactVerb::List { called } => {
            let Some(document) = answer(hub, all.query("q", called), screen).await? else { return Ok(Exit::Done) };
            listed(&document.read::<All>()?.contacts, screen)?;
        }
        ContactVerb::Show { who } => {
            let id = chosen(hub, all, &who).await?.id;
            let request = Request::get(format!("/api/contacts/{id}"));
            let Some(document) = answer(hub, request, screen).await? else { return Ok(Exit::Done) };
            shown(&document.read::<One>()?.contact, screen)?;
        }
        ContactVerb::Edit { who, name, details } => {
            let before = chosen(hub, all, &who).await?;
            let path = format!("/api/contacts/{}", before.id);
            let name = name.unwrap_or_else(|| before.details.name.clone());
            let body = changed(ContactDetails { name, ..before.details }, details);
            let Some(document) = answer(hub, Request::put(path).json(&body)?, screen).await? else {
                return Ok(Exit::Done);
            };
            shown(&document.read::<One>()?.contact, screen)?;
        }
        ContactVerb::Remove { who, yes } => {
            let contact = chosen(hub, all, &who).await?;
            if !yes && !confirmed(&format!("Delete the contact {}?", contact.details.name), screen)? {
                screen.line("Nothing was changed.")?;
                return Ok(Exit::Failed);
            }
            if answer(hub, Request::delete(format!("/api/contacts/{}", contact.id)), screen).await?.is_some() {
                screen.line(&format!("Deleted {}.", contact.details.name))?;
            }
        }
        ContactVerb::Import { file } => {
            let bytes = read(&file)?;
            let request = Request::post("/api/contacts/import").query("user_id", user).body("text/vcard", bytes);
            let Some(document) = answer(hub, request.within(IMPORT), screen).await? else { return Ok(Exit::Done) };
            reported(&document.read()?, screen)?;
        }
        ContactVerb::Export { format, output } => {
            let request = Request::get("/api/contacts/export").query("user_id", user).query("version", Some(format));
            let document = hub.send(request).await?;
            match output {
                None => screen.raw(document.text().as_bytes())?,
                Some(file) => {
                    fs::write(&file, document.text()).map_err(|error| {
                        let what = format!("the file {} cannot be written ({error})", file.display());
                        Failure::failed(what, "Name another place with --output.")
                    })?;
                    screen.line(&format!("Wrote {}.", file.display()))?;
                }
            }
        }
    }
    Ok(Exit::Done)
}

/// What is known, with what was said on the command line, as the hub reads it.
fn changed(before: ContactDetails, said: ContactFields) -> serde_json::Value {
    let ContactDetails { name, nicknames, phones, mails, relation, notes } = before;
    let or = |said: Vec<String>, before: Vec<String>| if said.is_empty() { before } else { said };
    let phones = phones.iter().map(Phone::to_string).collect();
    json!({
        "name": name,
        "nicknames": or(said.nickname, nicknames),
        "phones": or(said.phone, phones),
        "mails": or(said.mail, mails),
        "relation": said.relation.or(relation),
        "notes": said.notes.or(notes),
    })
}

fn listed(contacts: &[Contact], screen: &mut Screen<'_>) -> anyhow::Result<()> {
    if contacts.is_empty() {
        screen.line("No contacts.")?;
        return Ok(());
    }
    let mut table = Table::new(&["NAME", "RELATION", "PHONE", "MAIL"]);
    for Contact { details, .. } in contacts {
        table.row([
            details.name.as_str().into(),
            details.relation.as_deref().unwrap_or("–").into(),
            details.phones.first().map_or_else(|| "–".to_owned(), Phone::to_string).into(),
            details.mails.first().map_or("–", String::as_str).into(),
        ]);
    }
    table.write(screen)?;
    Ok(())
}

fn shown(contact: &Contact, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let ContactDetails { name, nicknames, phones, mails, relation, notes } = &contact.details;
    let phones: Vec<String> = phones.iter().map(Phone::to_string).collect();
    let or_none = |text: String| if text.is_empty() { "–".to_owned() } else { text };
    pairs(
        screen,
        [
            ("name", name.as_str().into()),
            ("also called", or_none(nicknames.join(", ")).into()),
            ("relation", or_none(relation.clone().unwrap_or_default()).into()),
            ("phone", or_none(phones.join(", ")).into()),
            ("mail", or_none(mails.join(", ")).into()),
            ("notes", or_none(one_line(notes.as_deref().unwrap_or_default())).into()),
            ("id", contact.id.to_string().into()),
        ],
    )?;
    Ok(())
}

/// The contact that is meant by an id, a name, or a unique beginning.
async fn chosen(hub: &Client, all: Request, wanted: &str) -> anyhow::Result<Contact> {
    let All { mut contacts } = hub.send(all).await?.read()?;
    let positions: Vec<usize> = (0..contacts.len()).collect();
    let names = |position: &usize| {
        contacts.get(*position).map(|one| vec![one.id.to_string(), one.details.name.clone()]).unwrap_or_default()
    };
    let unknown = || Failure::failed(format!("no contact is called `{wanted}`"), "`xswarm contact list` shows them.");
    match find(wanted, &positions, names) {
        Found::One(position) if position < contacts.len() => Ok(contacts.swap_remove(position)),
        Found::One(_) | Found::None => Err(unknown().into()),
        Found::Several(several) => {
            let what = format!("`{wanted}` may be {}", choices(&several));
            Err(Failure::failed(what, "Write more of the name, or the id.").into())
        }
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let unreadable = |error: io::Error| {
        let what = format!("the file {} cannot be read ({error})", file.display());
        Failure::failed(what, "Name a file of vCards (.vcf), or \"-\" for standard input.")
    };
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map_err(unreadable)?;
        return Ok(bytes);
    }
    Ok(fs::read(file).map_err(unreadable)?)
}

fn reported(report: &ImportReport, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let ImportReport { imported, updated, unchanged, skipped, notes } = report;
    screen.line(&format!("{imported} new, {updated} updated, {unchanged} unchanged, {} left out.", skipped.len()))?;
    for remark in skipped.iter().chain(notes).take(SHOWN) {
        screen.line(&format!("  {}: {}", one_line(&remark.uid), one_line(&remark.reason)))?;
    }
    let more = (skipped.len() + notes.len()).saturating_sub(SHOWN);
    if more > 0 {
        screen.line(&format!("  and {more} more (--json shows all)"))?;
    }
    Ok(())
}
