//! `xswarm suggestions`: what the Boss suggested; yes or no to one.

use serde::Deserialize;
use xswarm_core::{
    id::SuggestionId,
    suggestion::{Suggestion, SuggestionState, Suggestions},
};

use crate::{
    arguments::{SuggestionVerb, SuggestionsArguments},
    client::{Client, Request},
    failure::{Exit, Failure},
    household::{Scene, user_id},
    ids::{Found, choices, find, shortened},
    screen::{Screen, Tone, one_line},
    table::{Cell, Table},
};

use super::answer;

/// Where an answer holds one.
#[derive(Deserialize)]
struct One {
    suggestion: Suggestion,
}

pub(super) async fn suggestions(
    hub: &Client,
    options: SuggestionsArguments,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    let user = user_id(hub, options.user.as_deref()).await?;
    let all = Request::get("/api/suggestions").query("user_id", user);
    let (wanted, verb) = match options.verb {
        None | Some(SuggestionVerb::List) => {
            let Some(document) = answer(hub, all, screen).await? else { return Ok(Exit::Done) };
            return list(hub, &document.read()?, screen).await;
        }
        Some(SuggestionVerb::Accept { id }) => (id, "accept"),
        Some(SuggestionVerb::Decline { id }) => (id, "decline"),
    };
    let Suggestions { suggestions, .. } = hub.send(all).await?.read()?;
    let id = chosen(&suggestions, &wanted)?;
    let request = Request::post(format!("/api/suggestions/{id}/{verb}"));
    let Some(document) = answer(hub, request, screen).await? else { return Ok(Exit::Done) };
    let One { suggestion } = document.read()?;
    screen.line(&match suggestion.state {
        SuggestionState::Accepted => "Done. Tell the Boss \"undo\" to take it back.".to_owned(),
        SuggestionState::Declined => "Declined. It is not suggested again.".to_owned(),
        state @ (SuggestionState::Offered | SuggestionState::Expired) => format!("It is {state}."),
    })?;
    Ok(Exit::Done)
}

async fn list(hub: &Client, all: &Suggestions, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    if !all.enabled {
        screen.toned(Tone::Warning, "Suggestions are off: `xswarm user suggestions WHO on` brings them back.")?;
    }
    if all.suggestions.is_empty() {
        screen.line("The Boss has not suggested anything.")?;
        return Ok(Exit::Done);
    }
    let view = Scene::fetch(hub, None).await?.view;
    let ids = shortened(&all.suggestions.iter().map(|one| one.id.to_string()).collect::<Vec<_>>());
    let mut table = Table::new(&["ID", &view.heading("MADE"), "STATE", "SUGGESTION"]);
    for (one, id) in all.suggestions.iter().zip(ids) {
        let tone = match one.state {
            SuggestionState::Offered => Tone::Strong,
            SuggestionState::Accepted => Tone::Good,
            SuggestionState::Declined | SuggestionState::Expired => Tone::Faint,
        };
        table.row([
            Cell::toned(id, Tone::Faint),
            view.moment(one.offered_at).into(),
            Cell::toned(one.state.as_str(), tone),
            one_line(&format!("{} {}", one.evidence, one.proposal)).into(),
        ]);
    }
    table.write(screen)?;
    if all.suggestions.iter().any(|one| one.state == SuggestionState::Offered) {
        screen.line("Say yes or no: `xswarm suggestions accept ID`, `xswarm suggestions decline ID`.")?;
    }
    Ok(Exit::Done)
}

/// The one that is meant by an id or a unique beginning.
fn chosen(all: &[Suggestion], wanted: &str) -> Result<SuggestionId, Failure> {
    let ids: Vec<SuggestionId> = all.iter().map(|one| one.id).collect();
    match find(wanted, &ids, |id| vec![id.to_string()]) {
        Found::One(id) => Ok(id),
        Found::None => {
            Err(Failure::failed(format!("there is no suggestion `{wanted}`"), "`xswarm suggestions` shows them."))
        }
        Found::Several(several) => {
            Err(Failure::failed(format!("`{wanted}` may be {}", choices(&several)), "Write more of the id."))
        }
    }
}
