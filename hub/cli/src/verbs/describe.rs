//! `xswarm completions` and `xswarm man`: what the command line says about itself. No hub is needed.

use std::fs;

use anyhow::Context;
use clap::CommandFactory;

use crate::{
    arguments::{Arguments, CompletionsArguments, ManArguments},
    failure::Exit,
    screen::Screen,
};

pub(super) fn completions(options: &CompletionsArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), "xswarm", &mut script);
    if screen.json() {
        let script = String::from_utf8_lossy(&script);
        screen.line(&serde_json::json!({ "shell": options.shell.to_string(), "script": script }).to_string())?;
    } else {
        screen.raw(&script)?;
    }
    Ok(Exit::Done)
}

pub(super) fn man(options: &ManArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let Some(dir) = &options.dir else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Arguments::command()).render(&mut page)?;
        if screen.json() {
            screen.line(&serde_json::json!({ "page": String::from_utf8_lossy(&page) }).to_string())?;
        } else {
            screen.raw(&page)?;
        }
        return Ok(Exit::Done);
    };
    fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    // A directory of their own, so that what is listed is what was written.
    let fresh = tempfile::tempdir_in(dir).with_context(|| format!("{} cannot be written to", dir.display()))?;
    clap_mangen::generate_to(Arguments::command(), fresh.path())
        .with_context(|| format!("{} cannot be written to", dir.display()))?;
    let mut files = Vec::new();
    for entry in fs::read_dir(fresh.path())? {
        let entry = entry?;
        let target = dir.join(entry.file_name());
        fs::rename(entry.path(), &target).with_context(|| format!("{} cannot be written", target.display()))?;
        files.push(target.display().to_string());
    }
    files.sort_unstable();
    if screen.json() {
        screen.line(&serde_json::json!({ "files": files }).to_string())?;
    } else {
        for file in &files {
            screen.line(file)?;
        }
    }
    Ok(Exit::Done)
}
