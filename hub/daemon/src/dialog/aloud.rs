//! Written answers as they are said: no brackets, no bullets, no dashes.

/// The words to say for a written answer.
pub(crate) fn aloud(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.trim().trim_start_matches(['–', '•', '*']).trim_start();
        if line.is_empty() {
            continue;
        }
        if !said.is_empty() {
            said.push_str(if said.ends_with(['.', '!', '?', ':', ';', ',']) { " " } else { ". " });
        }
        said.push_str(line);
    }
    let said = said.replace("(yes or no)", "Yes or no?").replace(['"', '“', '”', '(', ')'], "");
    let mut out = String::with_capacity(said.len());
    let mut chars = said.chars().peekable();
    while let Some(c) = chars.next() {
        // "7:00–8:00 PM" is a stretch of time; a dash between words is a pause.
        match (c, out.chars().next_back(), chars.peek()) {
            ('–', Some(before), Some(after)) if before.is_ascii_digit() || after.is_ascii_digit() => {
                out.push_str(" to ");
            }
            ('–' | '…', ..) => out.push(','),
            _ => out.push(c),
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::aloud;

    #[test]
    fn what_is_written_is_said_as_a_person_would() {
        for (written, said) in [
            (
                "Booked: Dinner, Friday, 27 November 2026, 7:00–8:00 PM CET.",
                "Booked: Dinner, Friday, 27 November 2026, 7:00 to 8:00 PM CET.",
            ),
            ("Cancel Dentist? (yes or no)", "Cancel Dentist? Yes or no?"),
            ("You have two:\n– call mom, 9:00 AM\n– buy milk", "You have two: call mom, 9:00 AM. buy milk"),
            ("Say \"undo\" to take it back.", "Say undo to take it back."),
            ("", ""),
        ] {
            assert_eq!(aloud(written), said);
        }
    }
}
