//! `xswarm capabilities`: what the Boss can do and what to say for it, and how often it was used.

use xswarm_core::capability::{Capabilities, CapabilityUse, CapabilityUses, CapabilityView, Category, EffectClass};

use crate::{
    arguments::CapabilitiesArguments,
    client::{Client, Request},
    failure::Exit,
    household::Scene,
    screen::{Screen, Tone},
    table::{Cell, Table},
};

use super::answer;

/// The longest bar, in characters.
const BAR: u64 = 20;

pub(super) async fn capabilities(
    hub: &Client,
    options: &CapabilitiesArguments,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    if options.usage {
        return usage(hub, options.days, screen).await;
    }
    let Some(document) = answer(hub, Request::get("/api/capabilities"), screen).await? else { return Ok(Exit::Done) };
    let Capabilities { capabilities } = document.read()?;
    for (at, category) in Category::ALL.iter().filter(|category| has(&capabilities, **category)).enumerate() {
        if at > 0 {
            screen.line("")?;
        }
        screen.toned(Tone::Strong, heading(*category))?;
        let mut table = Table::new(&["NAME", "EFFECT", "AVAILABLE", "SAY"]);
        for one in capabilities.iter().filter(|one| one.category == *category) {
            table.row(cells(one));
        }
        table.write(screen)?;
        for one in capabilities.iter().filter(|one| one.category == *category) {
            if let Some(why) = &one.unavailable_because {
                screen.toned(Tone::Warning, &format!("{} is not available: {why}.", one.name))?;
            }
        }
    }
    Ok(Exit::Done)
}

fn has(all: &[CapabilityView], category: Category) -> bool {
    all.iter().any(|one| one.category == category)
}

const fn heading(category: Category) -> &'static str {
    match category {
        Category::Communication => "Communication",
        Category::Scheduling => "Scheduling",
        Category::ProjectMgmt => "Projects",
        Category::Automation => "By itself",
        Category::Integration => "Contacts and invitations",
        Category::Monitoring => "The Boss itself",
    }
}

fn cells(one: &CapabilityView) -> [Cell; 4] {
    let effect = match one.effect {
        EffectClass::Read => "tells",
        EffectClass::WriteOwn => "changes what is yours",
        EffectClass::WriteOthers => "reaches others",
        EffectClass::Spend => "costs money",
        EffectClass::Irreversible => "is final",
    };
    let available = if one.available { "yes".into() } else { Cell::toned("no", Tone::Warning) };
    [one.name.as_str().into(), effect.into(), available, one.examples.first().map_or("", String::as_str).into()]
}

async fn usage(hub: &Client, days: u32, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let request = Request::get(format!("/api/capabilities/usage?days={days}"));
    let Some(document) = answer(hub, request, screen).await? else { return Ok(Exit::Done) };
    let CapabilityUses { uses, .. } = document.read()?;
    if uses.is_empty() {
        return Ok(screen.line("Nothing was used in that time.").map(|()| Exit::Done)?);
    }
    let view = Scene::fetch(hub, None).await?.view;
    let most = uses.iter().map(total).max().unwrap_or_default();
    let mut table = Table::new(&["CAPABILITY", "BY RULE", "BY MODEL", &view.heading("LAST USED"), ""]);
    for one in &uses {
        table.row([
            one.capability.as_str().into(),
            one.by_words.to_string().into(),
            one.by_model.to_string().into(),
            view.moment(one.last_used_at).into(),
            bar(total(one), most).into(),
        ]);
    }
    table.write(screen)?;
    Ok(Exit::Done)
}

const fn total(one: &CapabilityUse) -> u64 {
    one.by_words.saturating_add(one.by_model)
}

/// The most used has the longest bar, and everything that was used has one.
fn bar(uses: u64, most: u64) -> String {
    let length = uses.saturating_mul(BAR).checked_div(most).unwrap_or(0).clamp(1, BAR);
    "█".repeat(usize::try_from(length).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_used_has_the_longest_bar_and_all_have_one() {
        let length = |uses| bar(uses, 400).chars().count();
        assert_eq!((length(400), length(200), length(1)), (20, 10, 1));
        assert_eq!(bar(0, 0).chars().count(), 1);
    }
}
