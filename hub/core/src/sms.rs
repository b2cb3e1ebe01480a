//! The shape of a text message: alphabets, segments and the provider's limit.
//!
//! Sources: 3GPP TS 23.038 §6.2.1 (GSM 7-bit default alphabet and extension table), 3GPP TS 23.040 §9.2.3.24.1
//! (concatenation header), Twilio "Message" resource (`Body`: at most 1,600 characters).

/// The provider's limit for one API message, in UTF-16 code units.
pub const BODY_LIMIT: usize = 1_600;

const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// How a text travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// True when every character is in the GSM alphabet; otherwise the text travels as UCS-2.
    pub gsm: bool,
    /// How many segments the network bills.
    pub segments: usize,
}

/// How `text` travels.
pub fn shape(text: &str) -> Shape {
    let septets = text.chars().try_fold(0_usize, |sum, c| {
        if BASIC.contains(c) {
            Some(sum + 1)
        } else if EXTENDED.contains(c) {
            Some(sum + 2)
        } else {
            None
        }
    });
    if let Some(septets) = septets {
        return Shape { gsm: true, segments: if septets <= 160 { 1 } else { septets.div_ceil(153) } };
    }
    let units = units(text);
    Shape { gsm: false, segments: if units <= 70 { 1 } else { units.div_ceil(67) } }
}

/// The length of `text` as the provider counts it: UTF-16 code units.
pub fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// What fits into one API message, and what is left for later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortened {
    /// To be sent now: the beginning of the text and, when something is left, the offer.
    pub now: String,
    /// What was left out.
    pub rest: Option<String>,
}

/// Cuts `text` at a line, sentence or word so that it fits [`BODY_LIMIT`] together with `offer`, which is appended only
/// when something was cut.
pub fn shorten(text: &str, offer: &str) -> Shortened {
    let text = text.trim();
    if units(text) <= BODY_LIMIT {
        return Shortened { now: text.to_owned(), rest: None };
    }
    let room = BODY_LIMIT.saturating_sub(units(offer) + 2);
    let mut used = 0;
    let hard = text
        .char_indices()
        .find(|(_, c)| {
            used += c.len_utf16();
            used > room
        })
        .map_or(text.len(), |(at, _)| at);
    let (fits, _) = text.split_at(hard);
    // A late cut at a boundary is better than an early one at a nicer boundary.
    let floor = hard / 2;
    let cut = [fits.rfind('\n'), fits.rfind(". ").map(|at| at + 1), fits.rfind(' ')]
        .into_iter()
        .flatten()
        .find(|at| *at > floor)
        .unwrap_or(hard);
    let (now, rest) = text.split_at(cut);
    Shortened { now: format!("{}\n\n{offer}", now.trim_end()), rest: Some(rest.trim_start().to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_follow_the_alphabet() {
        let cases = [
            ("", true, 1),
            (&"a".repeat(160), true, 1),
            (&"a".repeat(161), true, 2),
            (&"a".repeat(306), true, 2),
            (&"a".repeat(307), true, 3),
            (&"€".repeat(80), true, 1),
            (&"€".repeat(81), true, 2),
            (&"日".repeat(70), false, 1),
            (&"日".repeat(71), false, 2),
            (&"😀".repeat(35), false, 1),
            (&"😀".repeat(36), false, 2),
        ];
        for (text, gsm, segments) in cases {
            assert_eq!(shape(text), Shape { gsm, segments }, "{} × {:?}", text.chars().count(), text.chars().next());
        }
    }

    #[test]
    fn a_short_text_is_left_alone() {
        assert_eq!(shorten("Done.", "Reply MORE."), Shortened { now: "Done.".into(), rest: None });
    }

    #[test]
    fn a_long_text_is_cut_at_a_line_and_nothing_is_lost() {
        let line = "Tuesday: lunch with Anna at noon";
        let text = vec![line; 100].join("\n");
        let cut = shorten(&text, "Reply MORE for the rest.");
        assert!(units(&cut.now) <= BODY_LIMIT);
        assert!(cut.now.ends_with("Reply MORE for the rest."));
        let said = cut.now.matches(line).count();
        assert_eq!(said + cut.rest.unwrap().matches(line).count(), 100);
    }

    #[test]
    fn emoji_are_never_cut_in_half() {
        let cut = shorten(&"😀".repeat(1_600), "MORE?");
        assert!(units(&cut.now) <= BODY_LIMIT);
        assert_eq!(cut.now.matches('😀').count() + cut.rest.unwrap().matches('😀').count(), 1_600);
    }
}
