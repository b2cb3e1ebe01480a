//! The words by which mail programs mark what they quote, pass on or append.

use xswarm_core::provenance::Source;

/// Lines that announce a mail that is passed on, without dashes, lower case.
const FORWARDED: &[&str] = &[
    "forwarded message",
    "begin forwarded message",
    "forwarded by",
    "weitergeleitete nachricht",
    "anfang der weitergeleiteten nachricht",
    "anfang der weitergeleiteten e-mail",
    "message transféré",
    "début du message transféré",
    "début du message réexpédié",
    "mensaje reenviado",
    "inicio del mensaje reenviado",
    "messaggio inoltrato",
    "inizio messaggio inoltrato",
    "mensagem encaminhada",
    "início da mensagem encaminhada",
    "doorgestuurd bericht",
    "begin doorgestuurd bericht",
    "vidarebefordrat meddelande",
    "videresendt meddelelse",
    "videresendt melding",
    "välitetty viesti",
    "przekazana wiadomość",
    "wiadomość przekazana dalej",
    "přeposlaná zpráva",
    "пересылаемое сообщение",
    "переслане повідомлення",
    "yönlendirilen ileti",
    "iletilen ileti",
    "továbbított üzenet",
    "转发的邮件",
    "转发邮件信息",
    "転送されたメッセージ",
];

/// Lines that announce the mail that is answered.
const ORIGINAL: &[&str] = &[
    "original message",
    "original appointment",
    "reply message",
    "ursprüngliche nachricht",
    "originalnachricht",
    "original-nachricht",
    "ursprünglicher termin",
    "message d'origine",
    "message d’origine",
    "message original",
    "mensaje original",
    "messaggio originale",
    "mensagem original",
    "oorspronkelijk bericht",
    "ursprungligt meddelande",
    "originalmeddelande",
    "oprindelig meddelelse",
    "opprinnelig melding",
    "alkuperäinen viesti",
    "wiadomość oryginalna",
    "oryginalna wiadomość",
    "původní zpráva",
    "исходное сообщение",
    "оригінальне повідомлення",
    "orijinal ileti",
    "özgün ileti",
    "eredeti üzenet",
    "原始邮件",
    "元のメッセージ",
    "원본 메시지",
];

/// How programs and companies sign in everybody's name: beginnings of lines.
const SIGNATURES: &[&str] = &[
    "sent from my ",
    "sent from outlook",
    "sent from mail for",
    "sent from yahoo",
    "sent from proton",
    "sent from samsung",
    "sent from the ",
    "sent via ",
    "sent with proton",
    "get outlook for ",
    "von meinem iphone",
    "von meinem ipad",
    "von meinem samsung",
    "von meinem handy",
    "von meinem mobil",
    "von meinem smartphone",
    "von meinem android",
    "gesendet von ",
    "gesendet mit ",
    "diese nachricht wurde von meinem",
    "holen sie sich outlook",
    "envoyé de mon",
    "envoyé depuis",
    "envoyé à partir",
    "télécharger outlook",
    "enviado desde",
    "enviado do meu",
    "enviado de mi",
    "obtener outlook",
    "inviato da",
    "scarica outlook",
    "verzonden vanaf",
    "verstuurd vanaf",
    "skickat från min",
    "sendt fra min",
    "lähetetty ",
    "wysłane z ",
    "odesláno z ",
    "отправлено с ",
    "надіслано з ",
    "iphone'umdan",
    "confidentiality notice",
    "disclaimer:",
    "this email and any",
    "this e-mail and any",
    "this message and any",
    "this message is intended",
    "this email is intended",
    "this e-mail is intended",
    "this email is confidential",
    "this e-mail is confidential",
    "this email may contain",
    "the information contained in this",
    "the information in this email",
    "this email has been checked for viruses",
    "this email has been scanned",
    "virus-free.",
    "diese e-mail enthält vertrauliche",
    "diese e-mail kann vertrauliche",
    "diese nachricht enthält vertrauliche",
    "ce message et toutes",
    "este mensaje y",
    "questo messaggio e",
    "think before you print",
    "please consider the environment before",
];

/// What a quoted header calls the sender.
const FROM: &[&str] = &[
    "from",
    "von",
    "de",
    "da",
    "van",
    "från",
    "fra",
    "lähettäjä",
    "od",
    "от",
    "від",
    "kimden",
    "gönderen",
    "feladó",
    "de la",
    "从",
    "发件人",
    "寄件者",
    "差出人",
    "보낸 사람",
    "από",
    "expéditeur",
    "remitente",
    "mittente",
    "remetente",
    "afzender",
    "absender",
    "nadawca",
    "odesílatel",
    "отправитель",
];

/// What a quoted header calls date and subject.
const DATE_OR_SUBJECT: &[&str] = &[
    "sent",
    "date",
    "subject",
    "gesendet",
    "datum",
    "betreff",
    "envoyé",
    "objet",
    "sujet",
    "enviado",
    "fecha",
    "asunto",
    "enviada em",
    "data",
    "assunto",
    "inviato",
    "oggetto",
    "verzonden",
    "onderwerp",
    "skickat",
    "ämne",
    "sendt",
    "emne",
    "dato",
    "lähetetty",
    "aihe",
    "päivämäärä",
    "wysłano",
    "temat",
    "odesláno",
    "předmět",
    "отправлено",
    "дата",
    "тема",
    "надіслано",
    "gönderildi",
    "tarih",
    "konu",
    "küldve",
    "tárgy",
    "dátum",
    "发送时间",
    "日期",
    "主题",
    "送信日時",
    "日時",
    "件名",
    "보낸 날짜",
    "날짜",
    "제목",
];

/// The verb of "… wrote:", wherever the language puts it.
const WROTE: &[&str] = &[
    "wrote",
    "writes",
    "schrieb",
    "geschrieben",
    "a écrit",
    "escribió",
    "ha escrito",
    "ha scritto",
    "scrisse",
    "escreveu",
    "schreef",
    "geschreven",
    "skrev",
    "kirjoitti",
    "napisał",
    "pisze",
    "napsal",
    "написал",
    "пишет",
    "написав",
    "пише",
    "yazdı",
    "şunu yazdı",
    "írta",
    "έγραψε",
    "a scris",
    "写道",
    "寫道",
    "书写",
    "のメール",
    "書きました",
    "작성",
];

/// How "On … wrote:" begins.
const STARTS: &[&str] = &[
    "on ", "am ", "um ", "le ", "el ", "il ", "em ", "op ", "den ", "på ", "w dniu ", "dnia ", "dne ", "à ", "a ",
    "at ", "в ", "пн", "вт", "ср", "чт", "пт", "сб", "вс", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "mo", "di",
    "mi", "do", "fr", "sa", "so", "lun", "mar", "mer", "jeu", "ven", "sam", "dim", "pon", "wt", "śr", "czw", "pt",
    "ma", "ti", "ke", "to", "pe", "la", "su", "z ",
];

/// What begins at a line that separates; `None` for an ordinary line.
pub(super) fn separator(line: &str) -> Option<Source> {
    // RFC 3676 §4.3; the space is often lost.
    if line == "--" || line == "—" {
        return Some(Source::Boilerplate);
    }
    let rule = line.chars().count() >= 5 && line.chars().all(|c| matches!(c, '_' | '-' | '=' | '*' | '—' | '–'));
    if rule {
        return Some(Source::Quoted);
    }
    let lower = line.to_lowercase();
    let words =
        lower.trim_matches(|c: char| matches!(c, '-' | '_' | '=' | '*' | ':' | '：' | '—' | '–') || c.is_whitespace());
    let dashed = line.starts_with("--") || line.starts_with("__") || line.starts_with("==");
    // "Forwarded message from Jo" with dashes, or the words alone.
    let says = |known: &str| words == known || (dashed && words.starts_with(known));
    if FORWARDED.iter().any(|known| says(known)) {
        return Some(Source::Forwarded);
    }
    if ORIGINAL.iter().any(|known| says(known)) {
        return Some(Source::Quoted);
    }
    let plain = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
    SIGNATURES.iter().any(|known| plain.starts_with(known)).then_some(Source::Boilerplate)
}

/// The name before the colon of a header line, in lower case.
fn label(line: &str) -> Option<String> {
    let line = line.trim().trim_start_matches('*');
    let (name, _) = line.split_once([':', '：'])?;
    let name = name.trim().trim_end_matches('*').trim();
    let short = !name.is_empty() && name.chars().count() <= 24;
    (short && name.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '.' | '\'')))
        .then(|| name.to_lowercase())
}

/// Whether the header of a quoted mail begins here: sender, then date or subject within a few lines; or, in a language
/// that is not known, three such lines of which the first has a mail address.
pub(super) fn header_block(lines: &[&str]) -> bool {
    let Some(first) = lines.first() else { return false };
    let Some(name) = label(first) else { return false };
    let labels: Vec<String> = lines.iter().skip(1).map_while(|line| label(line)).collect();
    let date_or_subject = |label: &String| DATE_OR_SUBJECT.contains(&label.as_str());
    if FROM.contains(&name.as_str()) {
        // A long list of recipients may take several lines.
        return lines.iter().skip(1).filter_map(|line| label(line)).any(|label| date_or_subject(&label));
    }
    let address = first.contains('@');
    // "Subject:" or "Date:" first, as some programs do.
    (address || date_or_subject(&name)) && labels.len() >= 2 && lines.iter().take(4).any(|line| line.contains('@'))
}

/// How many lines, if any, say "… wrote:" here.
pub(super) fn introduction(lines: &[&str]) -> Option<usize> {
    let mut joined = String::new();
    for (index, line) in lines.iter().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            return None;
        }
        joined.push_str(&line.to_lowercase());
        if introduces(&joined, index > 0) {
            return Some(index + 1);
        }
        joined.push(' ');
    }
    None
}

fn introduces(text: &str, several_lines: bool) -> bool {
    let Some(before) = text.trim_end().strip_suffix([':', '：']) else { return false };
    let dated = before.contains(|c: char| c.is_ascii_digit());
    let addressed = before.contains('@');
    let wrote = WROTE.iter().any(|verb| before.contains(verb));
    let starts =
        STARTS.iter().any(|start| before.starts_with(start)) || before.starts_with(|c: char| c.is_ascii_digit());
    if several_lines {
        // What stands before must not be swallowed: it has to begin like an introduction.
        return starts && dated && (wrote || addressed);
    }
    (wrote && (dated || addressed || before.split_whitespace().count() <= 6))
        || (dated && before.ends_with('>') && addressed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn introductions_are_known_in_many_languages() {
        for line in [
            "On Mon, Mar 3, 2025 at 10:00 AM Jo Bloggs <jo@x.example> wrote:",
            "Am 03.03.2025 um 10:00 schrieb Jo Bloggs <jo@x.example>:",
            "Le lun. 3 mars 2025 à 10:00, Jo <jo@x.example> a écrit :",
            "El lun, 3 mar 2025 a las 10:00, Jo (<jo@x.example>) escribió:",
            "Il giorno lun 3 mar 2025 alle ore 10:00 Jo <jo@x.example> ha scritto:",
            "Em seg., 3 de mar. de 2025 às 10:00, Jo <jo@x.example> escreveu:",
            "Op ma 3 mrt 2025 om 10:00 schreef Jo <jo@x.example>:",
            "Den mån 3 mars 2025 kl 10:00 skrev Jo <jo@x.example>:",
            "pon., 3 mar 2025 o 10:00 Jo <jo@x.example> napisał(a):",
            "пн, 3 мар. 2025 г. в 10:00, Jo <jo@x.example>:",
            "Jo Bloggs wrote:",
            "2025年3月3日(月) 10:00 Jo <jo@x.example>:",
            "Jo <jo@x.example> 于2025年3月3日周一 10:00写道：",
            "Dana 3.3.2025. u 10:00, Jo <jo@x.example>:",
        ] {
            assert_eq!(introduction(&[line]), Some(1), "{line}");
        }
        let wrapped = ["On Mon, Mar 3, 2025 at 10:00 AM Jo Bloggs", "<jo@x.example> wrote:"];
        assert_eq!(introduction(&wrapped), Some(2));
    }

    #[test]
    fn ordinary_sentences_are_no_introductions() {
        for lines in [
            &["Remind me at 10:00"][..],
            &["Things to buy:"],
            &["Two things for tomorrow at 5:"],
            &["Please book it", "On Mon, Mar 3, 2025 Jo wrote:"],
            &["I wrote to her yesterday, please remind me to call"],
        ] {
            assert_eq!(introduction(lines), None, "{lines:?}");
        }
    }

    #[test]
    fn separators_and_signatures_are_known() {
        for (line, source) in [
            ("-----Original Message-----", Source::Quoted),
            ("-----Ursprüngliche Nachricht-----", Source::Quoted),
            ("________________________________", Source::Quoted),
            ("---------- Forwarded message ---------", Source::Forwarded),
            ("Begin forwarded message:", Source::Forwarded),
            ("-------- Weitergeleitete Nachricht --------", Source::Forwarded),
            ("----- Forwarded message from Jo <jo@x.example> -----", Source::Forwarded),
            ("--", Source::Boilerplate),
            ("Sent from my iPhone", Source::Boilerplate),
            ("Von meinem iPhone gesendet", Source::Boilerplate),
            ("Get Outlook for iOS<https://aka.ms/o0ukef>", Source::Boilerplate),
            ("CONFIDENTIALITY NOTICE: this", Source::Boilerplate),
        ] {
            assert_eq!(separator(line), Some(source), "{line}");
        }
        for line in ["Cancel the original message", "- milk", "---", "Send it from my account", "a -- b"] {
            assert_eq!(separator(line), None, "{line}");
        }
    }

    #[test]
    fn the_header_of_a_quoted_mail_is_known_and_an_appointment_is_not() {
        for lines in [
            &["From: Jo <jo@x.example>", "Sent: Monday", "To: Anna", "Subject: Hi"][..],
            &["*From:* Jo", "*Date:* Monday", "*Subject:* Hi"],
            &["Von: Jo", "Gesendet: Montag", "An: Anna", "Betreff: Hi"],
            &["De : Jo <jo@x.example>", "Envoyé : lundi", "À : Anna", "Objet : Hi"],
            &["От: Jo", "Отправлено: понедельник", "Кому: Anna"],
            &["Saatja: Jo <jo@x.example>", "Saadetud: esmaspäev", "Adressaat: Anna"],
            &["Subject: Hi", "Date: Monday", "From: jo@x.example"],
        ] {
            assert!(header_block(lines), "{lines:?}");
        }
        for lines in [
            &["From: 3pm", "To: 4pm"][..],
            &["Milk: 2", "Bread: 1", "Eggs: 12"],
            &["Mail: anna@x.example", "Call her tomorrow"],
            &["From now on remind me at 9"],
        ] {
            assert!(!header_block(lines), "{lines:?}");
        }
    }
}
