//! `xswarm chat`: a conversation, with a line editor on a terminal, and line by line otherwise.
//!
//! It shows what the Boss says of its own accord (reminders) only on a terminal, where somebody sees it: what was shown
//! counts as delivered.

mod editor;
mod news;

use std::{
    io::{self, BufRead, IsTerminal},
    pin::pin,
};

use xswarm_core::{
    admin::{Answered, Status},
    id::UserId,
    message::Message,
};

use crate::{
    arguments::ChatArguments,
    client::{Client, ClientError, said},
    failure::Exit,
    household::{Household, user_id},
    locate,
    screen::{Screen, Tone, harmless, one_line},
};
use editor::{Editor, Typed};
use news::News;
pub(super) use news::Unseen;

use super::talk::{as_speech, turn};

const PROMPT: &str = "you> ";
const SPEAKER: &str = "boss> ";

pub(super) async fn chat(hub: &Client, options: ChatArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let user = user_id(hub, options.user.as_deref()).await?;
    if io::stdin().is_terminal() && io::stdout().is_terminal() && !screen.json() {
        on_terminal(hub, user, screen).await
    } else {
        line_by_line(hub, user, screen).await
    }
}

/// Every line of standard input is a turn. A turn that the hub refuses does not end the rest, but is a failure.
async fn line_by_line(hub: &Client, user: Option<UserId>, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    // Also with nothing to say: a hub that does not run is no success.
    if let Err(error @ ClientError::Unreachable { .. }) = hub.get::<Status>("/api/status").await {
        return Err(error.into());
    }
    let mut exit = Exit::Done;
    let mut line = Vec::new();
    loop {
        line.clear();
        if io::stdin().lock().read_until(b'\n', &mut line)? == 0 {
            return Ok(exit);
        }
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        if text.is_empty() {
            continue;
        }
        match turn(hub, user, text, false).await {
            Ok(document) if screen.json() => screen.line(document.text())?,
            Ok(document) => {
                for reply in &document.read::<Answered>()?.replies {
                    screen.line(&harmless(&reply.content))?;
                }
            }
            Err(ClientError::Refused { problem }) => {
                complain(&said(&problem));
                exit = Exit::Failed;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Says on standard error that one turn failed.
fn complain(detail: &str) {
    use std::io::Write as _;
    // With standard error gone there is nobody left to tell.
    let _ = writeln!(io::stderr(), "xswarm: {}", harmless(detail));
}

async fn on_terminal(hub: &Client, user: Option<UserId>, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let household = Household::fetch(hub).await?;
    let person = household.users.iter().find(|person| Some(person.id) == user).or(household.admin());
    let greeting = person.map_or_else(
        || "Talking with the Boss.".to_owned(),
        |person| format!("Talking with the Boss as {} ({}).", one_line(&person.name), person.timezone),
    );
    screen.toned(Tone::Faint, &format!("{greeting} Ask \"what can you do?\"; Ctrl-D ends."))?;
    let mut editor = Editor::start(PROMPT, locate::history()).await?;
    let mut news = News::new(hub, user);
    loop {
        match typed(&mut editor, &mut news, screen).await? {
            Typed::End => break,
            Typed::Cleared => {}
            Typed::Line(text) if text.trim().is_empty() => {}
            Typed::Line(text) => answered(hub, user, text.trim().to_owned(), &mut news, screen).await?,
        }
    }
    editor.stop();
    Ok(Exit::Done)
}

/// Waits for the person; meanwhile what the Boss says appears above the prompt.
async fn typed(editor: &mut Editor, news: &mut News<'_>, screen: &mut Screen<'_>) -> anyhow::Result<Typed> {
    editor.ask().await?;
    loop {
        tokio::select! {
            typed = editor.typed() => return typed,
            said = news.next() => editor.print_above(&words(&said, screen), screen)?,
        }
    }
}

/// Waits for the Boss; Ctrl-C stops waiting, not the Boss.
async fn answered(
    hub: &Client,
    user: Option<UserId>,
    text: String,
    news: &mut News<'_>,
    screen: &mut Screen<'_>,
) -> anyhow::Result<()> {
    let mut turn = pin!(turn(hub, user, text, true));
    let mut interrupted = pin!(tokio::signal::ctrl_c());
    loop {
        tokio::select! {
            // First, so that Ctrl-C is listened for before anything is said.
            biased;
            _ = &mut interrupted => {
                screen.line("")?;
                screen.toned(Tone::Faint, "Not waiting any longer. The Boss has it; `xswarm messages` shows the answer.")?;
                return Ok(());
            }
            result = &mut turn => {
                match result {
                    Ok(document) => {
                        let replies = document.read::<Answered>()?.replies;
                        screen.prompt(&words(&Said::Messages(replies), screen))?;
                    }
                    Err(ClientError::Refused { problem }) => screen.toned(Tone::Bad, &harmless(&said(&problem)))?,
                    Err(error) => screen.toned(Tone::Bad, unheard(&error))?,
                }
                return Ok(());
            }
            said = news.next() => {
                let text = words(&said, screen);
                screen.prompt(&text)?;
            }
        }
    }
}

/// What is known about a turn that the hub did not answer.
fn unheard(error: &ClientError) -> &'static str {
    match error {
        ClientError::Unreachable { .. } => {
            "The hub is out of reach; it did not hear that. Say it again once it is back."
        }
        ClientError::Broken { .. } | ClientError::Refused { .. } => {
            "The hub fell silent; perhaps it did not hear that. `xswarm messages` tells, once it is back."
        }
    }
}

/// What is to be shown between turns.
enum Said {
    /// Messages of the Boss.
    Messages(Vec<Message>),
    /// The hub fell silent.
    Lost,
    /// The hub is back.
    Back,
}

fn words(said: &Said, screen: &Screen<'_>) -> String {
    match said {
        Said::Messages(messages) => {
            let speaker = screen.paint(Tone::Good, SPEAKER);
            let speeches = messages.iter().map(|message| as_speech(message, SPEAKER).replacen(SPEAKER, &speaker, 1));
            speeches.collect()
        }
        Said::Lost => screen.paint(Tone::Warning, "The hub is out of reach. Trying again until it is back.") + "\n",
        Said::Back => screen.paint(Tone::Good, "The hub is back.") + "\n",
    }
}
