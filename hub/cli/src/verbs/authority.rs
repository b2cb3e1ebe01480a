//! `xswarm authority`: what browsers and devices know the hub by.

use xswarm_core::authority::ShownAuthority;

use crate::{
    arguments::AuthorityVerb,
    client::{Client, Request},
    failure::Exit,
    screen::Screen,
    table::pairs,
};

use super::answer;

pub(super) async fn authority(hub: &Client, verb: &AuthorityVerb, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let AuthorityVerb::Show { pem } = verb;
    let Some(document) = answer(hub, Request::get("/api/authority"), screen).await? else { return Ok(Exit::Done) };
    let shown: ShownAuthority = document.read()?;
    if *pem {
        screen.line(shown.pem.trim_end())?;
        return Ok(Exit::Done);
    }
    let day = "%-d %B %Y";
    let valid = format!("{} to {}", shown.valid_from.format(day), shown.valid_until.format(day));
    pairs(
        screen,
        [
            ("name", shown.name.into()),
            ("fingerprint", shown.fingerprint.into()),
            ("valid", valid.into()),
            ("vouches for", "names and addresses inside a house, nothing else".into()),
        ],
    )?;
    screen.line(
        "The file is at /authority.pem of the hub's pages; `xswarm authority show --pem` prints it. Trust it only where the \
         fingerprint is this one.",
    )?;
    Ok(Exit::Done)
}
