//! `xswarm user pin`: the PIN that a person types on a call for what is risky. It is asked without being shown, and never
//! told.

use std::io::{self, IsTerminal as _, Read as _};

use xswarm_core::pin::{NewPin, Pin, PinState};

use super::{answer, known};
use crate::{
    arguments::PinArguments,
    client::{Client, Request},
    failure::Failure,
    household::Scene,
    screen::Screen,
    setup::hidden,
};

/// The most that is read from standard input.
const STDIN_BYTES: u64 = 64;

pub(super) async fn pin(hub: &Client, options: PinArguments, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let (name, id) = known(hub, &options.who).await?;
    let path = format!("/api/users/{id}/pin");
    let (request, done) = if options.clear {
        (Request::delete(path), format!("{name} has no PIN any more: what is risky is refused on the telephone."))
    } else if options.unlock {
        (Request::post(format!("{path}/unlock")), format!("PINs of {name} are taken again."))
    } else if options.show {
        return show(hub, &name, &id, screen).await;
    } else {
        let pin = if options.stdin { from_stdin()? } else { asked(&name, screen)? };
        let new = NewPin { pin: pin.expose().to_owned() };
        (
            Request::put(path).json(&new)?,
            format!("{name} has a PIN now; it is asked for on the telephone when it matters."),
        )
    };
    if answer(hub, request, screen).await?.is_some() {
        screen.line(&done)?;
    }
    Ok(())
}

async fn show(hub: &Client, name: &str, id: &str, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let Some(document) = answer(hub, Request::get(format!("/api/users/{id}/pin")), screen).await? else {
        return Ok(());
    };
    let PinState { set_at, locked_until } = document.read()?;
    let Scene { view, .. } = Scene::fetch(hub, id.parse().ok()).await?;
    screen.line(&match set_at {
        Some(at) => format!("{name} has a PIN, set {}.", view.in_full(at)),
        None => format!("{name} has no PIN."),
    })?;
    if let Some(until) = locked_until {
        let until = view.in_full(until);
        screen.line(&format!("Too many wrong ones were typed: none is taken before {until}, or until `--unlock`."))?;
    }
    Ok(())
}

/// Reads it twice, without showing it.
fn asked(name: &str, screen: &mut Screen<'_>) -> anyhow::Result<Pin> {
    if !io::stdin().is_terminal() {
        return Err(
            Failure::usage("There is no terminal to ask on.", "Give the PIN on standard input, with --stdin.").into()
        );
    }
    let pin = read(&hidden::ask(&format!("PIN of {name} (4 to 8 digits): "), screen)?)?;
    let again = hidden::ask("The same again: ", screen)?;
    if again.trim() == pin.expose() {
        Ok(pin)
    } else {
        Err(Failure::failed("The two are not the same.", "Nothing was changed; try again.").into())
    }
}

fn from_stdin() -> anyhow::Result<Pin> {
    let text = io::read_to_string(io::stdin().lock().take(STDIN_BYTES))?;
    Ok(read(&text)?)
}

fn read(text: &str) -> Result<Pin, Failure> {
    text.trim().parse().map_err(|error| Failure::usage(format!("{error}."), "Nothing was changed."))
}
