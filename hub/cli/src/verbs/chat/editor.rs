//! The line editor: a thread of its own, since reading a terminal blocks, told when a line is wanted.
//!
//! What was typed is kept in a history that only its owner can read.

use std::{
    fs::{DirBuilder, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    thread::{self, JoinHandle},
};

use anyhow::Context;
use rustyline::{Config, DefaultEditor, ExternalPrinter, error::ReadlineError};
use tokio::sync::{mpsc, oneshot};

use crate::screen::Screen;

/// How many lines are kept.
const HISTORY_LINES: usize = 1_000;

/// What came of a prompt.
#[derive(Debug)]
pub(super) enum Typed {
    /// A line.
    Line(String),
    /// The line was cleared with Ctrl-C.
    Cleared,
    /// The person ended with Ctrl-D.
    End,
}

type Printer = Box<dyn ExternalPrinter + Send>;
type Answer = Result<Typed, ReadlineError>;

/// A line editor on the terminal.
pub(super) struct Editor {
    wanted: mpsc::Sender<()>,
    lines: mpsc::Receiver<Answer>,
    printer: Option<Printer>,
    thread: JoinHandle<()>,
}

impl Editor {
    /// Starts it. Without a place for the history, or when that cannot be written, nothing is kept.
    pub(super) async fn start(prompt: &'static str, history: Option<PathBuf>) -> anyhow::Result<Self> {
        let (wanted, asks) = mpsc::channel(1);
        let (answers, lines) = mpsc::channel(1);
        let (ready, started) = oneshot::channel();
        let history = history.filter(|path| prepare(path).is_ok());
        let thread = thread::Builder::new()
            .name("line-editor".to_owned())
            .spawn(move || {
                match open(history.as_deref()) {
                    Ok((editor, printer)) => {
                        // The other end waits for it right now.
                        let _ = ready.send(Ok(printer));
                        edit(editor, prompt, history.as_deref(), asks, &answers);
                    }
                    Err(error) => drop(ready.send(Err(error))),
                }
            })
            .context("the line editor cannot start")?;
        let printer = started.await.context("the line editor ended")?.context("the terminal cannot be edited on")?;
        Ok(Self { wanted, lines, printer, thread })
    }

    /// Shows the prompt.
    pub(super) async fn ask(&mut self) -> anyhow::Result<()> {
        self.wanted.send(()).await.context("the line editor ended")
    }

    /// What came of the prompt.
    pub(super) async fn typed(&mut self) -> anyhow::Result<Typed> {
        let answer = self.lines.recv().await.context("the line editor ended")?;
        answer.context("the terminal cannot be read")
    }

    /// Prints whole lines above the prompt, and the prompt again.
    pub(super) fn print_above(&mut self, text: &str, screen: &mut Screen<'_>) -> anyhow::Result<()> {
        match &mut self.printer {
            Some(printer) => printer.print(text.to_owned()).context("the terminal cannot be written to"),
            // A terminal without cursor movement: below the prompt will have to do.
            None => Ok(screen.prompt(&format!("\n{text}"))?),
        }
    }

    /// Ends it.
    pub(super) fn stop(self) {
        drop(self.wanted);
        // It waits for nothing any more; what a panic there had to say is on the terminal already.
        let _ = self.thread.join();
    }
}

fn open(history: Option<&Path>) -> Result<(DefaultEditor, Option<Printer>), ReadlineError> {
    let config = Config::builder().max_history_size(HISTORY_LINES)?.history_ignore_space(true).build();
    let mut editor = DefaultEditor::with_config(config)?;
    if let Some(path) = history {
        // An unreadable history is an empty one.
        let _ = editor.load_history(path);
    }
    let printer = editor.create_external_printer().ok().map(|printer| Box::new(printer) as Printer);
    Ok((editor, printer))
}

fn edit(
    mut editor: DefaultEditor,
    prompt: &str,
    history: Option<&Path>,
    mut asks: mpsc::Receiver<()>,
    answers: &mpsc::Sender<Answer>,
) {
    while asks.blocking_recv().is_some() {
        let answer = match editor.readline(prompt) {
            Ok(line) => {
                // A line that is not kept is still said.
                if editor.add_history_entry(&line).unwrap_or(false)
                    && let Some(path) = history
                {
                    let _ = editor.append_history(path);
                }
                Ok(Typed::Line(line))
            }
            Err(ReadlineError::Interrupted) => Ok(Typed::Cleared),
            Err(ReadlineError::Eof) => Ok(Typed::End),
            Err(error) => Err(error),
        };
        if answers.blocking_send(answer).is_err() {
            return;
        }
    }
}

/// Makes the file and the directories above it, for their owner alone.
fn prepare(history: &Path) -> io::Result<()> {
    if let Some(dir) = history.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    }
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(history)?;
    // One that others could read, from whatever time, is closed to them.
    file.set_permissions(Permissions::from_mode(0o600))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn only_its_owner_can_read_the_history() {
        let home = tempfile::tempdir().unwrap();
        let history = home.path().join(".local/state/xswarm/history");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        prepare(&history).unwrap();
        assert_eq!((mode(&history), mode(history.parent().unwrap())), (0o600, 0o700));
        fs::write(&history, "said before\n").unwrap();
        fs::set_permissions(&history, Permissions::from_mode(0o644)).unwrap();
        prepare(&history).unwrap();
        assert_eq!(mode(&history), 0o600);
        assert_eq!(fs::read_to_string(&history).unwrap(), "said before\n");
    }
}
