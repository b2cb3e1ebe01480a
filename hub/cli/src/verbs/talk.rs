//! `xswarm ask`: one turn, and what a turn looks like on the terminal.

use std::{
    io::{self, Read, Write as _},
    time::Duration,
};

use uuid::Uuid;
use xswarm_core::{
    admin::{Answered, Ask},
    id::UserId,
    message::Message,
};

use crate::{
    arguments::AskArguments,
    client::{Client, ClientError, Document, Request},
    failure::{Exit, Failure},
    household::user_id,
    screen::{Screen, harmless},
};

use super::chat::Unseen;

/// The hub waits 60 s for an answer; a little more for the way.
const PATIENCE: Duration = Duration::from_secs(75);

/// How long it is looked whether something waits to be shown.
const LOOK: Duration = Duration::from_secs(5);

/// After so long somebody who waits is told that the Boss is still at it.
const THOUGHTFUL: Duration = Duration::from_millis(3_500);

/// Before each further attempt at a turn whose connection broke, in milliseconds.
const PAUSES_MS: [u64; 4] = [200, 500, 1_500, 4_000];

pub(super) async fn ask(hub: &Client, options: AskArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let text = spoken(&options.text)?;
    let user = user_id(hub, options.user.as_deref()).await?;
    if !screen.json() {
        // What cannot be fetched now waits; the turn itself tells what is wrong.
        for waiting in unseen(hub, user).await.unwrap_or_default() {
            screen.line(&harmless(&waiting.content))?;
        }
    }
    let mut turn = std::pin::pin!(turn(hub, user, text, false));
    let document = tokio::select! {
        document = &mut turn => document?,
        () = tokio::time::sleep(THOUGHTFUL) => {
            // With standard error gone there is nobody left to tell.
            let _ = writeln!(io::stderr(), "The Boss is thinking about it …");
            turn.await?
        }
    };
    if screen.json() {
        screen.line(document.text())?;
    } else {
        for reply in &document.read::<Answered>()?.replies {
            screen.line(&harmless(&reply.content))?;
        }
    }
    Ok(Exit::Done)
}

/// What the Boss said by itself since somebody last looked.
async fn unseen(hub: &Client, user: Option<UserId>) -> Result<Vec<Message>, ClientError> {
    let request = Request::get("/api/console").query("user_id", user).within(LOOK);
    Ok(hub.send(request).await?.read::<Unseen>()?.messages)
}

/// The words of the command line, or standard input for `-`.
fn spoken(words: &[String]) -> anyhow::Result<String> {
    let text = if words == ["-"] { io::read_to_string(io::stdin().lock().take(64 << 10))? } else { words.join(" ") };
    if text.trim().is_empty() {
        return Err(
            Failure::usage("There is nothing to say.", "Say it in quotes: xswarm ask \"what's on today?\"").into()
        );
    }
    Ok(text.trim().to_owned())
}

/// One turn. The id made up here lets it be sent again when the connection breaks: the hub answers it, not repeats it.
///
/// `begun` says that the hub answered before: when it is not there now, it may be back in a moment.
pub(super) async fn turn(
    hub: &Client,
    user_id: Option<UserId>,
    text: String,
    mut begun: bool,
) -> Result<Document, ClientError> {
    let ask = Ask { text, user_id, client_id: Some(Uuid::now_v7().to_string()) };
    let request = Request::post("/api/ask").json(&ask)?.within(PATIENCE);
    for pause_ms in PAUSES_MS {
        match hub.send(request.clone()).await {
            // A hub that never answered is not there; one that fell silent may come back.
            Err(ClientError::Unreachable { .. }) if begun => {}
            Err(error @ ClientError::Unreachable { .. }) => return Err(error),
            Err(error) if error.may_pass() => begun = true,
            done => return done,
        }
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
    }
    hub.send(request).await
}

/// A message as one side of a conversation: the speaker once, further lines below the first.
pub(super) fn as_speech(message: &Message, speaker: &str) -> String {
    let indent = " ".repeat(speaker.chars().count());
    let content = harmless(&message.content);
    let mut speech = String::new();
    for (number, line) in content.lines().enumerate() {
        speech.push_str(if number == 0 { speaker } else { &indent });
        speech.push_str(line);
        speech.push('\n');
    }
    speech
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_need_no_quotes_but_there_must_be_some() {
        assert_eq!(spoken(&["what's".into(), "on".into()]).unwrap(), "what's on");
        assert_eq!(spoken(&[" set a timer ".into()]).unwrap(), "set a timer");
        let error = spoken(&["  ".into()]).unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(Failure::Usage { .. })));
    }
}
