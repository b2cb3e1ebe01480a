//! Lights on a terminal: a line of dots in their colours, drawn over itself, for devices without any.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use super::Colour;

/// How many dots there are.
pub(super) const COUNT: usize = 12;

/// A terminal, or whatever takes its place.
pub struct Console {
    out: Box<dyn Write + Send>,
    last: String,
}

impl Console {
    /// On this terminal.
    pub fn on(out: impl Write + Send + 'static) -> Self {
        Self { out: Box::new(out), last: String::new() }
    }

    pub(super) fn show(&mut self, picture: &[Colour]) -> io::Result<()> {
        let line = line(picture);
        // What stands there already need not be written again twenty-five times a second.
        if line == self.last {
            return Ok(());
        }
        self.out.write_all(line.as_bytes())?;
        self.out.flush()?;
        self.last = line;
        Ok(())
    }
}

/// Dots in colours of 24 bits (ISO 8613-6), and the cursor back at the beginning of the line.
fn line(picture: &[Colour]) -> String {
    let mut line = String::new();
    for [red, green, blue] in picture {
        // Writing into a text cannot fail.
        let _infallible = write!(line, "\x1b[38;2;{red};{green};{blue}m●");
    }
    line.push_str("\x1b[0m\r");
    line
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    struct Written(mpsc::Sender<Vec<u8>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_picture_is_a_line_of_coloured_dots_and_the_same_one_is_not_drawn_again() {
        let (sent, came) = mpsc::channel();
        let mut console = Console::on(Written(sent));
        console.show(&[[1, 2, 3], [255, 0, 0]]).unwrap();
        console.show(&[[1, 2, 3], [255, 0, 0]]).unwrap();
        let drawn: Vec<Vec<u8>> = came.try_iter().collect();
        assert_eq!(drawn, ["\x1b[38;2;1;2;3m●\x1b[38;2;255;0;0m●\x1b[0m\r".as_bytes()]);
    }
}
