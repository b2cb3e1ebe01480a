//! The command `xswarm`: reads the command line, does what it says, and gives the exit status. All else is the library's.

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use clap::Parser;
use xswarm::{
    arguments::Arguments,
    failure::{Exit, exit_of, reader_gone, words},
    locate,
    screen::{Abilities, Screen, harmless},
    verbs,
};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // With nobody to read it, the status still tells.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Exit::Usage.code() } else { Exit::Done.code() });
        }
    };
    let socket = locate::socket(arguments.socket.as_deref());
    let abilities = abilities(arguments.json);
    let mut stdout = io::stdout().lock();
    let result = runtime().and_then(|runtime| {
        let mut screen = Screen::new(&mut stdout, abilities);
        let exit = runtime.block_on(verbs::run(arguments, &socket, &mut screen))?;
        stdout.flush()?;
        Ok(exit)
    });
    let exit = result.unwrap_or_else(|error| {
        if !reader_gone(&error) {
            // With standard error gone too there is nobody left to tell.
            let _ = writeln!(io::stderr(), "xswarm: {}", harmless(&words(&error, &socket)));
        }
        exit_of(&error)
    });
    ExitCode::from(exit.code())
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

fn abilities(json: bool) -> Abilities {
    let stdout = io::stdout();
    let terminal = stdout.is_terminal();
    let size = rustix::termios::tcgetwinsize(&stdout).ok();
    let width = size.map(|size| usize::from(size.ws_col)).filter(|columns| terminal && *columns > 0);
    Abilities { colour: terminal && locate::colour_welcome(), width, json }
}
