//! What Twilio's error codes mean for the person who waits for a text, and what to do next.
//!
//! Source: Twilio's error dictionary, one page per code (`https://www.twilio.com/docs/api/errors/<code>`). Twilio adds and
//! refines codes and advises against programming by them; nothing is decided by a code but the words shown.

/// The recipient stopped texts from this number.
pub(crate) const STOPPED: i64 = 21610;

/// Code and words, in order of code.
const KNOWN: [(i64, &str); 45] = [
    (10001, "the Twilio account is not active: see its status in the Twilio console"),
    (
        20003,
        "Twilio does not accept the account and token (or the account is suspended or out of funds): check account_sid and the secret twilio_auth_token, then the account's status in the Twilio console",
    ),
    (20404, "Twilio knows no such account or resource: check account_sid"),
    (20429, "too many requests at once: it will be tried again"),
    (20500, "Twilio had an internal error"),
    (20503, "Twilio is unavailable for the moment"),
    (21210, "the calling number is not one of this account's: check twilio.phone_number (or the person's boss_phone)"),
    (21211, "the recipient's number is not a valid telephone number: correct it, with country code"),
    (21212, "the sending number is not valid: correct twilio.phone_number (or the person's boss_phone)"),
    (21214, "the number cannot be called: check it"),
    (
        21215,
        "calls to the recipient's country are switched off: allow the country under Voice, Geo permissions in the Twilio console",
    ),
    (21216, "Twilio does not put calls through to this number"),
    (21219, "a trial account may only call numbers verified with Twilio: verify the number or upgrade the account"),
    (21265, "a short code cannot be texted from here"),
    (21266, "recipient and sending number are the same"),
    (
        21408,
        "texts to the recipient's country are switched off: allow the country under Messaging, Geo permissions in the Twilio console",
    ),
    (21601, "the sending number cannot send texts: choose a number with SMS capability"),
    (21602, "the message was empty"),
    (21603, "no sending number was given: set twilio.phone_number"),
    (21604, "no recipient was given"),
    (21606, "the sending number is not one of this account's that can text this recipient: check twilio.phone_number"),
    (21608, "a trial account may only text numbers verified with Twilio: verify the number or upgrade the account"),
    (21609, "the address for delivery reports is not valid: check server.public_url"),
    (STOPPED, "the recipient answered STOP and gets no more texts from this number, until they text START to it"),
    (21611, "too many texts wait to leave this number: it can be sent again later"),
    (
        21612,
        "no route from this sending number to this recipient: the number may not text that country or network; try another sending number",
    ),
    (21614, "the recipient's number cannot receive texts (a landline?): give a mobile number"),
    (21617, "the text is longer than 1,600 characters: shorten it"),
    (21635, "the recipient's number is a landline and cannot receive texts: give a mobile number"),
    (21659, "the sending number is not a Twilio number of this country: check twilio.phone_number"),
    (21660, "the sending number belongs to another account: check twilio.phone_number and account_sid"),
    (21661, "the sending number cannot send texts: choose a number with SMS capability"),
    (30001, "the sending queue was full, or the text waited in it for too long: it can be sent again"),
    (30002, "the Twilio account is suspended: see its status in the Twilio console"),
    (30003, "the recipient's phone could not be reached (switched off, no reception): it can be sent again later"),
    (30004, "the recipient's network or phone blocks texts from this number"),
    (30005, "the recipient's number is unknown to its network: check it"),
    (30006, "the recipient's number is a landline, or its network takes no texts: give a mobile number"),
    (30007, "Twilio or the network filtered the text as spam: reword it; in the USA, register for A2P 10DLC"),
    (30008, "the network reported an unknown error: it can be sent again"),
    (30023, "the network's daily limit for this registered sender is reached: it can be sent again tomorrow"),
    (
        30032,
        "the toll-free number is not verified, so networks in the USA and Canada block its texts: submit the toll-free verification in the Twilio console",
    ),
    (
        30034,
        "the number is not registered for A2P 10DLC, so networks in the USA block its texts: register a brand and a campaign in the Twilio console (`xswarm setup` explains it), or use a verified toll-free number",
    ),
    (63016, "WhatsApp takes a free text only within 24 hours of the recipient's last message"),
    (63038, "the account's daily limit of messages is reached: it can be sent again tomorrow"),
];

/// What went wrong and what to do about it.
pub(crate) fn explain(code: i64) -> Option<&'static str> {
    KNOWN.iter().find(|(known, _)| *known == code).map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_there_once_in_order_with_words() {
        assert!(KNOWN.is_sorted_by(|(a, _), (b, _)| a < b));
        for (code, words) in &KNOWN {
            assert!(words.len() > 20 && !words.ends_with('.'), "{code}");
        }
    }

    #[test]
    fn the_codes_people_meet_are_explained() {
        for (code, word) in [
            (21211, "valid"),
            (21408, "Geo permissions"),
            (STOPPED, "STOP"),
            (21614, "mobile"),
            (21617, "1,600"),
            (20003, "twilio_auth_token"),
            (30003, "reached"),
            (30008, "again"),
            (30032, "toll-free"),
            (30034, "10DLC"),
        ] {
            assert!(explain(code).is_some_and(|words| words.contains(word)), "{code}");
        }
        assert_eq!(explain(99999), None);
    }
}
