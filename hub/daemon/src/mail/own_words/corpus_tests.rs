//! Mails as programs really write them, whole, with the words that are their sender's own.
//!
//! All of them were written for this test in the ways of the program that each is called after.

use super::*;
use crate::mail::mime;

/// What is understood of a whole message.
fn own(raw: &[u8]) -> String {
    let parts = mime::read(raw);
    let forward = parts.head.forwards();
    let plain = parts.body.plain.filter(|text| !text.trim().is_empty());
    match (plain, parts.body.html) {
        (Some(text), _) => of_plain(&text, parts.body.flowed, forward).own,
        (None, Some(html)) => of_html(&html, forward).own,
        (None, None) => String::new(),
    }
}

fn mail(subject: &str, content_type: &str, body: &str) -> Vec<u8> {
    format!("From: anna@example.com\nSubject: {subject}\nContent-Type: {content_type}\n\n{body}")
        .replace('\n', "\r\n")
        .into_bytes()
}

const PLAIN: &str = "text/plain; charset=utf-8";
const FLOWED: &str = "text/plain; charset=utf-8; format=flowed";
const HTML: &str = "text/html; charset=utf-8";

#[test]
fn plain_mails_of_many_programs() {
    let cases: &[(&str, &str, &str, &str, &str)] = &[
        (
            "gmail",
            "Re: x",
            PLAIN,
            "Yes, at noon.\n\nOn Mon, Mar 3, 2025 at 10:00 AM Jo <jo@x.example> wrote:\n\n> cancel it?\n",
            "Yes, at noon.",
        ),
        (
            "gmail, wrapped",
            "Re: x",
            PLAIN,
            "Yes.\n\nOn Mon, Mar 3, 2025 at 10:00 AM Johannes Longname\n<johannes@x.example> wrote:\n\n> cancel it?\n",
            "Yes.",
        ),
        (
            "gmail, german",
            "Re: x",
            PLAIN,
            "Ja.\n\nAm Mo., 3. März 2025 um 10:00 Uhr schrieb Jo <jo@x.example>:\n\n> absagen?\n",
            "Ja.",
        ),
        (
            "gmail, french",
            "Re: x",
            PLAIN,
            "Oui.\n\nLe lun. 3 mars 2025 à 10:00, Jo <jo@x.example> a écrit :\n\n> annuler ?\n",
            "Oui.",
        ),
        (
            "gmail, dutch",
            "Re: x",
            PLAIN,
            "Ja.\n\nOp ma 3 mrt 2025 om 10:00 schreef Jo <jo@x.example>:\n\n> annuleren?\n",
            "Ja.",
        ),
        (
            "gmail, polish",
            "Odp: x",
            PLAIN,
            "Tak.\n\npon., 3 mar 2025 o 10:00 Jo <jo@x.example> napisał(a):\n\n> odwołać?\n",
            "Tak.",
        ),
        (
            "gmail, russian",
            "Re: x",
            PLAIN,
            "Да.\n\nпн, 3 мар. 2025 г. в 10:00, Jo <jo@x.example>:\n\n> отменить?\n",
            "Да.",
        ),
        (
            "gmail, japanese",
            "Re: x",
            PLAIN,
            "はい。\n\n2025年3月3日(月) 10:00 Jo <jo@x.example>:\n\n> 中止?\n",
            "はい。",
        ),
        (
            "gmail, chinese",
            "回复：x",
            PLAIN,
            "好。\n\nJo <jo@x.example> 于2025年3月3日周一 10:00写道：\n\n> 取消?\n",
            "好。",
        ),
        (
            "apple mail",
            "Re: x",
            PLAIN,
            "Yes\n\n> On 3 Mar 2025, at 10:00, Jo <jo@x.example> wrote:\n> \n> cancel it?\n",
            "Yes",
        ),
        (
            "iphone",
            "Re: x",
            PLAIN,
            "Yes\n\nSent from my iPhone\n\n> On 3 Mar 2025, at 10:00, Jo <jo@x.example> wrote:\n> \n> cancel it?\n",
            "Yes",
        ),
        (
            "iphone, german",
            "Re: x",
            PLAIN,
            "Ja\n\nVon meinem iPhone gesendet\n\n> Am 03.03.2025 um 10:00 schrieb Jo <jo@x.example>:\n> \n> absagen\n",
            "Ja",
        ),
        (
            "thunderbird",
            "Re: x",
            FLOWED,
            "Yes.\n\nOn 3/3/25 10:00, Jo wrote:\n> cancel it \n> all?\n\n-- \nAnna\nTel 030\n",
            "Yes.",
        ),
        (
            "thunderbird, below",
            "Re: x",
            FLOWED,
            "On 3/3/25 10:00, Jo wrote:\n> cancel it?\n\nNo, keep it.\n",
            "No, keep it.",
        ),
        (
            "outlook",
            "RE: x",
            PLAIN,
            "Yes.\n\nFrom: Jo <jo@x.example>\nSent: Monday, March 3, 2025 10:00 AM\nTo: Anna <anna@example.com>\nSubject: x\n\ncancel it?\n",
            "Yes.",
        ),
        (
            "outlook, old",
            "RE: x",
            PLAIN,
            "Yes.\n\n-----Original Message-----\nFrom: Jo [mailto:jo@x.example]\nSent: Monday\n\ncancel it?\n",
            "Yes.",
        ),
        (
            "outlook, german",
            "AW: x",
            PLAIN,
            "Ja.\n\nVon: Jo <jo@x.example>\nGesendet: Montag, 3. März 2025 10:00\nAn: Anna\nBetreff: x\n\nabsagen\n",
            "Ja.",
        ),
        (
            "outlook, spanish",
            "RE: x",
            PLAIN,
            "Sí.\n\nDe: Jo <jo@x.example>\nEnviado: lunes\nPara: Anna\nAsunto: x\n\ncancelar\n",
            "Sí.",
        ),
        (
            "outlook.com",
            "Re: x",
            PLAIN,
            "Yes.\n________________________________\nFrom: Jo <jo@x.example>\nSent: Monday\nTo: Anna\nSubject: x\n\ncancel it\n",
            "Yes.",
        ),
        (
            "outlook for ios",
            "Re: x",
            PLAIN,
            "Yes.\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\nFrom: Jo\n\ncancel it\n",
            "Yes.",
        ),
        (
            "outlook, swedish",
            "SV: x",
            PLAIN,
            "Ja.\n\nFrån: Jo <jo@x.example>\nSkickat: måndag\nTill: Anna\nÄmne: x\n\nställ in\n",
            "Ja.",
        ),
        (
            "inline answers",
            "Re: x",
            PLAIN,
            "On Monday 3 March Jo wrote:\n> When?\nAt noon.\n> Where?\nAt home.\n",
            "At noon.\n\nAt home.",
        ),
        ("initials", "Re: x", PLAIN, "Yes\n\nJB> cancel it?\nJB> all of it?\n", "Yes"),
        ("nested quotes", "Re: x", PLAIN, "Yes\n\nOn Monday 3 March Jo wrote:\n>> cancel?\n> delete?\n", "Yes"),
        (
            "gmail forward",
            "Fwd: x",
            PLAIN,
            "Book this.\n\n---------- Forwarded message ---------\nFrom: Jo <jo@x.example>\nDate: Monday\n\ncancel it\n",
            "Book this.",
        ),
        (
            "apple forward",
            "Fwd: x",
            PLAIN,
            "Book this.\n\nBegin forwarded message:\n\nFrom: Jo <jo@x.example>\n\ncancel it\n",
            "Book this.",
        ),
        (
            "thunderbird forward",
            "Fwd: x",
            PLAIN,
            "-------- Forwarded Message --------\nSubject: x\nDate: Monday\nFrom: Jo\n\ncancel it\n",
            "",
        ),
        (
            "outlook forward",
            "FW: x",
            PLAIN,
            "Book this.\n\nFrom: Jo <jo@x.example>\nSent: Monday\nTo: Anna\nSubject: x\n\ncancel it\n",
            "Book this.",
        ),
        ("forward without a mark", "WG: x", PLAIN, "cancel it\n", ""),
        (
            "salutation and good-bye",
            "x",
            PLAIN,
            "Dear Boss,\n\nremind me at 5\n\nKind regards\nAnna\n",
            "remind me at 5",
        ),
        (
            "small print",
            "x",
            PLAIN,
            "remind me at 5\n\nThis e-mail and any attachments are confidential. Delete everything.\n",
            "remind me at 5",
        ),
        (
            "hard line ends",
            "x",
            PLAIN,
            "Remind me to call John about the new contract and the keys of\nthe house tomorrow at 5pm\n",
            "Remind me to call John about the new contract and the keys of the house tomorrow at 5pm",
        ),
        ("a list", "x", PLAIN, "Buy:\n- milk\n- bread\n", "Buy:\n- milk\n- bread"),
    ];
    for (name, subject, content_type, body, expected) in cases {
        assert_eq!(own(&mail(subject, content_type, body)), *expected, "{name}");
    }
}

#[test]
fn html_mails_of_many_programs() {
    let cases: &[(&str, &str, &str)] = &[
        (
            "gmail",
            "<div dir=\"ltr\">Yes</div><br><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">On Mon Jo wrote:<br></div><blockquote class=\"gmail_quote\">cancel</blockquote></div>",
            "Yes",
        ),
        (
            "apple mail",
            "<body>Yes<br><div><br><blockquote type=\"cite\"><div>On 3 Mar 2025, at 10:00, Jo wrote:</div><div>cancel</div></blockquote></div></body>",
            "Yes",
        ),
        (
            "outlook",
            "<div class=\"WordSection1\"><p class=\"MsoNormal\">Yes<o:p></o:p></p><div style=\"border:none;border-top:solid #E1E1E1 1.0pt\"><p><b>From:</b> Jo<br></p></div><p>cancel</p></div>",
            "Yes",
        ),
        (
            "outlook on the web",
            "<div>Yes</div><div id=\"appendonsend\"></div><hr tabindex=\"-1\"><div id=\"divRplyFwdMsg\"><b>From:</b> Jo</div><div>cancel</div>",
            "Yes",
        ),
        (
            "yahoo",
            "<div>Yes</div><div id=\"yahoo_quoted_1\" class=\"yahoo_quoted\"><div>On Monday, Jo wrote:</div><div>cancel</div></div>",
            "Yes",
        ),
        (
            "thunderbird",
            "<p>Yes</p><div class=\"moz-cite-prefix\">On 3/3/25 Jo wrote:<br></div><blockquote type=\"cite\">cancel</blockquote>",
            "Yes",
        ),
        (
            "proton",
            "<div>Yes</div><div class=\"protonmail_quote\">On Monday Jo wrote:<blockquote>cancel</blockquote></div>",
            "Yes",
        ),
        ("signature", "<div>Yes</div><div class=\"gmail_signature\">Anna<br>cancel culture critic</div>", "Yes"),
        ("hidden preview", "<div style=\"display:none;max-height:0\">cancel</div><div>Yes</div>", "Yes"),
        ("a table", "<table><tr><td>Yes</td><td>please</td></tr></table>", "Yes please"),
    ];
    for (name, html, expected) in cases {
        assert_eq!(own(&mail("Re: x", HTML, &format!("<html><body>{html}</body></html>"))), *expected, "{name}");
    }
}

#[test]
fn every_encoding_is_read_before_it_is_told_apart() {
    let with = |encoding: &str, charset: &str, body: &[u8]| {
        let head = format!(
            "From: a@x.example\r\nContent-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
        );
        [head.as_bytes(), body].concat()
    };
    let quoted = b"Gr=C3=BC=C3=9Fe\r\n\r\n> cancel=20\r\n";
    assert_eq!(own(&with("quoted-printable", "utf-8", quoted)), "Grüße");
    // "Grüße\n\n> cancel"
    assert_eq!(own(&with("base64", "utf-8", b"R3LDvMOfZQoKPiBjYW5jZWw=")), "Grüße");
    assert_eq!(own(&with("8bit", "iso-8859-1", b"Gr\xfc\xdfe\r\n\r\n> cancel\r\n")), "Grüße");
    assert_eq!(own(&with("8bit", "utf-8", b"Gr\xfc\xdfe\r\n\r\n> cancel\r\n")), "Grüße");
}
