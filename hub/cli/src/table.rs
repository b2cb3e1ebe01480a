//! Tables: columns that line up, on a terminal no wider than it is.
//!
//! It renders what it is given; it knows neither times nor persons. Wide and combining characters count as wide as they
//! are (Unicode Standard Annex #11).

use std::io;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::screen::{Screen, Tone, one_line};

/// Between two columns.
const GAP: &str = "  ";

/// No column is cut to less than this.
const NARROWEST: usize = 12;

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A field that stands out.
    pub fn toned(text: impl AsRef<str>, tone: Tone) -> Self {
        Self { text: one_line(text.as_ref()), tone }
    }

    /// What it says.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn width(&self) -> usize {
        self.text.width()
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::toned(text, Tone::Plain)
    }
}

/// A table with a heading.
#[derive(Debug, Clone)]
pub struct Table {
    headings: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table with these columns. The last is the one that gives way when the terminal is narrow.
    pub fn new(headings: &[&str]) -> Self {
        Self { headings: headings.iter().map(|heading| (*heading).to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row. Missing fields are empty.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Writes it.
    pub fn write(&self, screen: &mut Screen<'_>) -> io::Result<()> {
        let widths = self.widths(screen.abilities().width);
        let headings: Vec<Cell> = self.headings.iter().map(|heading| Cell::toned(heading, Tone::Faint)).collect();
        for row in std::iter::once(&headings).chain(&self.rows) {
            let line = line(screen, row, &widths);
            screen.line(&line)?;
        }
        Ok(())
    }

    fn widths(&self, available: Option<usize>) -> Vec<usize> {
        let mut widths: Vec<usize> = self.headings.iter().map(|heading| heading.width()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.width().max(*width);
            }
        }
        if let (Some(available), Some((last, others))) = (available, widths.split_last_mut()) {
            let taken = others.iter().map(|width| width + GAP.len()).sum::<usize>();
            *last = (*last).min(available.saturating_sub(taken).max(NARROWEST));
        }
        widths
    }
}

fn line(screen: &Screen<'_>, row: &[Cell], widths: &[usize]) -> String {
    let mut line = String::new();
    let last = row.len().min(widths.len()).saturating_sub(1);
    for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
        let text = shortened(&cell.text, *width);
        line.push_str(&screen.paint(cell.tone, &text));
        if column < last {
            let padding = width.saturating_sub(text.width());
            line.extend(std::iter::repeat_n(' ', padding));
            line.push_str(GAP);
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// The text, cut to a width with an ellipsis where it is longer.
pub fn shortened(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut taken = 0;
    for c in text.chars() {
        taken += c.width().unwrap_or(0);
        if taken >= width {
            break;
        }
        short.push(c);
    }
    short.push('…');
    short
}

/// Writes pairs of a name and what is to be said about it, the names lined up.
pub fn pairs<'a>(screen: &mut Screen<'_>, pairs: impl IntoIterator<Item = (&'a str, Cell)>) -> io::Result<()> {
    let pairs: Vec<_> = pairs.into_iter().collect();
    let width = pairs.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    for (name, cell) in pairs {
        let name = format!("{name}{}", " ".repeat(width.saturating_sub(name.width())));
        let line = format!("{}{GAP}{}", screen.paint(Tone::Faint, &name), screen.paint(cell.tone, &cell.text));
        screen.line(line.trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::Abilities;

    fn rendered(table: &Table, abilities: Abilities) -> String {
        let mut out = Vec::new();
        table.write(&mut Screen::new(&mut out, abilities)).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn people() -> Table {
        let mut table = Table::new(&["NAME", "ZONE", "SAYS"]);
        table.row(["Anna".into(), "Europe/Berlin".into(), "hello\nworld, how are you today?".into()]);
        table.row(["日本".into(), "".into(), Cell::toned("no", Tone::Bad)]);
        table
    }

    #[test]
    fn columns_line_up_and_nothing_trails() {
        let text = rendered(&people(), Abilities::default());
        assert_eq!(
            text,
            "NAME  ZONE           SAYS\nAnna  Europe/Berlin  hello world, how are you today?\n日本                 no\n"
        );
    }

    #[test]
    fn the_last_column_gives_way_on_a_narrow_terminal() {
        let text = rendered(&people(), Abilities { width: Some(40), ..Abilities::default() });
        assert!(text.contains("hello world, how a…\n"), "{text}");
        assert!(text.lines().all(|line| line.width() <= 40), "{text}");
        let text = rendered(&people(), Abilities { width: Some(5), ..Abilities::default() });
        assert!(text.contains("hello world…"), "a column stays readable: {text}");
    }

    #[test]
    fn colour_does_not_disturb_the_alignment() {
        let mut table = Table::new(&["A", "B"]);
        table.row([Cell::toned("x", Tone::Good), "y".into()]);
        let text = rendered(&table, Abilities { colour: true, ..Abilities::default() });
        assert_eq!(text.lines().nth(1), Some("\u{1b}[32mx\u{1b}[0m  y"));
    }

    #[test]
    fn cutting_counts_wide_characters_twice() {
        assert_eq!(shortened("日本語", 5), "日本…");
        assert_eq!(shortened("日本語", 6), "日本語");
        assert_eq!(shortened("abc", 1), "…");
    }

    #[test]
    fn pairs_line_up() {
        let mut out = Vec::new();
        let mut screen = Screen::new(&mut out, Abilities::default());
        pairs(&mut screen, [("id", "1".into()), ("status", "sent".into())]).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "id      1\nstatus  sent\n");
    }
}
