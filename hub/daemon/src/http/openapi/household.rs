//! Persons, their preferences and keys; strangers; messages.

use xswarm_core::{
    admin::{
        ApprovePairing, ConventionChange, Conventions, CreatedKey, MailPreferences, MailPreferencesChange, NewCall,
        NewKey, NewMail, NewSms, NewUser, UserChange,
    },
    device::{NewDevice, OfferedDevice, PairDevice, PairedDevice},
    message::{Channel, MessageStatus},
    pin::{NewPin, PinState},
    schema::PartialSchema,
    suggestion::{SuggestionPreferences, Suggestions},
};

use super::{
    answers::{
        Attachments, CalendarPreferencesAnswer, CalendarPreferencesChange, Devices, Keys, Messages, OneMessage,
        OneSuggestion, OneUser, Pairings, Success, Users,
    },
    operation::{Family, Operation, day, id, number},
};
use crate::http::api::letters::{Format, LetterKind};

pub(super) fn operations() -> Vec<Operation> {
    let mut all = persons();
    all.extend(messages());
    all
}

fn persons() -> Vec<Operation> {
    let household = Family("Household");
    vec![
        household.get("/api/users", "List persons; a member sees themselves.").answers::<Users>(200),
        household.post("/api/users", "Add a person.").body::<NewUser>().answers::<OneUser>(201),
        household.get("/api/users/{id}", "Show a person.").answers::<OneUser>(200),
        household
            .put("/api/users/{id}", "Change a person; what is absent stays.")
            .body::<UserChange>()
            .answers::<OneUser>(200),
        household
            .delete("/api/users/{id}", "Remove a person and what is theirs.")
            .answers::<Success>(200)
            .refuses(409, "It is the only admin."),
        household.get("/api/users/{id}/conventions", "How a person means times.").answers::<Conventions>(200),
        household
            .put("/api/users/{id}/conventions", "Change how a person means times; null is the usual.")
            .body::<ConventionChange>()
            .answers::<Conventions>(200),
        household
            .get("/api/users/{id}/calendar-preferences", "How a person wants their calendar kept.")
            .answers::<CalendarPreferencesAnswer>(200),
        household
            .put("/api/users/{id}/calendar-preferences", "Change that by name; null is the usual.")
            .body::<CalendarPreferencesChange>()
            .answers::<CalendarPreferencesAnswer>(200),
        household
            .get("/api/users/{id}/mail-preferences", "What a person is mailed by itself.")
            .answers::<MailPreferences>(200),
        household
            .put("/api/users/{id}/mail-preferences", "Change what a person is mailed by itself.")
            .body::<MailPreferencesChange>()
            .answers::<MailPreferences>(200),
        household
            .get("/api/users/{id}/suggestion-preferences", "Whether the Boss makes suggestions to a person.")
            .answers::<SuggestionPreferences>(200),
        household
            .put("/api/users/{id}/suggestion-preferences", "Change that.")
            .body::<SuggestionPreferences>()
            .answers::<SuggestionPreferences>(200),
        household.get("/api/users/{id}/pin", "Whether a person has a PIN; never which.").answers::<PinState>(200),
        household
            .put("/api/users/{id}/pin", "Set a person's PIN, which is typed on a call for what is risky.")
            .body::<NewPin>()
            .answers::<PinState>(200),
        household.delete("/api/users/{id}/pin", "Take a person's PIN away.").answers::<PinState>(200),
        household
            .post("/api/users/{id}/pin/unlock", "Take PINs again after too many wrong ones; for an admin.")
            .answers::<PinState>(200),
        household
            .get("/api/suggestions", "What the Boss noticed and suggested, the newest first.")
            .of_person()
            .answers::<Suggestions>(200),
        household
            .post("/api/suggestions/{id}/accept", "Say yes to a suggestion: it is done at once, and can be undone.")
            .answers::<OneSuggestion>(200)
            .refuses(409, "It was accepted already."),
        household
            .post("/api/suggestions/{id}/decline", "Say no to a suggestion: it is not made again.")
            .answers::<OneSuggestion>(200)
            .refuses(409, "It was accepted or declined already."),
        household.get("/api/keys", "List keys, without their text.").answers::<Keys>(200),
        household
            .post("/api/keys", "Make a key; its text is told this once.")
            .body::<NewKey>()
            .answers::<CreatedKey>(201),
        household.delete("/api/keys/{id}", "Revoke a key.").answers::<Success>(200),
        household.get("/api/devices", "Devices of rooms.").answers::<Devices>(200),
        household
            .post("/api/devices", "Let a device of a room in, or pair it anew; its code is told this once.")
            .body::<NewDevice>()
            .answers::<OfferedDevice>(201),
        household.delete("/api/devices/{id}", "Forget a device.").answers::<Success>(200),
        household
            .post("/api/devices/pair", "Pair the device that has this code; its token is told this once.")
            .more("The code is the secret part of the whole, its last two groups. By https, or from the hub's own machine.")
            .open()
            .body::<PairDevice>()
            .answers::<PairedDevice>(200)
            .refuses(400, "The body is no such object.")
            .refuses(403, "The code is not good, because it was used or is too old; or it came in the clear."),
        household.get("/api/pairings", "Strangers who asked to be let in.").answers::<Pairings>(200),
        household
            .post("/api/pairings/{code}/approve", "Let a stranger in.")
            .body::<ApprovePairing>()
            .answers::<OneUser>(200),
    ]
}

fn messages() -> Vec<Operation> {
    let messages = Family("Messages");
    let listing = |operation: Operation| {
        operation
            .query("user_id", id(), "Whose.")
            .query("channel", Channel::schema(), "Only those that travel this way.")
            .query("status", MessageStatus::schema(), "Only those that got this far.")
            .query("limit", number(0, 4_294_967_295), "At most so many, 1,000 at most; 50 when absent.")
            .answers::<Messages>(200)
    };
    let mut all = vec![
        listing(messages.get("/api/messages", "Messages of everybody, the newest first.")),
        listing(messages.get("/api/messages/history", "Messages of a person, the newest first.")),
        messages.get("/api/messages/{id}", "Show a message.").answers::<OneMessage>(200),
        messages.get("/api/messages/{id}/attachments", "Files that came with a message.").answers::<Attachments>(200),
        messages
            .get("/api/attachments/{id}", "A file as it came; always a download.")
            .answers_as(200, &["application/octet-stream"]),
        messages
            .post("/api/messages/{id}/resend", "Send a failed or unknown message again.")
            .answers::<OneMessage>(200)
            .refuses(409, "It is neither failed nor unknown."),
        messages
            .get("/api/mail/previews/{kind}", "A letter as it would go out.")
            .of_person()
            .query("date", day(), "For which day; today when absent.")
            .query("format", Format::schema(), "HTML when absent.")
            .answers_as(200, &["text/html", "text/plain"])
            .path_of(LetterKind::schema()),
    ];
    for path in ["/api/messages/sms", "/sms/outbound"] {
        let text = messages.post(path, "Text somebody.").body::<NewSms>();
        all.push(text.answers::<OneMessage>(202));
    }
    for path in ["/api/messages/email", "/email/outbound"] {
        let mail = messages.post(path, "Mail somebody.").body::<NewMail>();
        all.push(mail.answers::<OneMessage>(202));
    }
    let call = messages.post("/api/messages/voice", "Call somebody and say it.").body::<NewCall>();
    all.push(call.answers::<OneMessage>(202));
    all
}
