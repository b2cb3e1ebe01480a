//! Files that come with a mail: what they are called, what they claim to be and what they look like.
//!
//! Nothing is opened, unpacked or rendered: an archive is bytes like any other, so that nothing in it can do harm.

use axum::body::Bytes;

/// Files of one mail that are kept; a mail with more has a flaw.
pub(crate) const FILES_MOST: usize = 64;

/// The longest name, in bytes.
const NAME_BYTES: usize = 150;

/// Ends of names of what a computer would run. Such files are listed, but not kept.
const PROGRAMS: &[&str] = &[
    "exe", "com", "scr", "pif", "bat", "cmd", "msi", "msp", "jar", "js", "jse", "vbs", "vbe", "wsf", "wsh", "hta",
    "ps1", "lnk", "reg", "dll", "cpl", "apk", "app", "dmg", "pkg", "deb", "rpm", "iso", "img", "vhd", "chm", "xll",
];

/// A file that came with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// Its name: no path, nothing that steers a terminal or a file system.
    pub(crate) name: String,
    /// What the sender says it is, such as `application/pdf`.
    pub(crate) claimed: String,
    /// What its first bytes say it is, when they say anything.
    pub(crate) looks_like: Option<&'static str>,
    /// What is in it.
    pub(crate) content: Bytes,
}

impl File {
    /// A file as it was sent; `position` counts from 0 and names one that has no name.
    pub(crate) fn new(name: Option<&str>, claimed: Option<&str>, content: Bytes, position: usize) -> Self {
        let claimed = claimed.and_then(media_type).unwrap_or_else(|| "application/octet-stream".to_owned());
        let looks_like = infer::get(&content).map(|kind| kind.mime_type());
        let fallback = || format!("file-{}{}", position + 1, extension(&claimed));
        let name = name.map(safe_name).filter(|name| !name.is_empty()).unwrap_or_else(fallback);
        Self { name, claimed, looks_like, content }
    }

    /// Whether a computer might run it.
    pub(crate) fn is_program(&self) -> bool {
        let ends = self.name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
        ends.is_some_and(|end| PROGRAMS.contains(&end.as_str())) || infer::is_app(&self.content)
    }
}

/// A media type without parameters, lower case; `None` when it is none.
fn media_type(text: &str) -> Option<String> {
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    // RFC 6838 §4.2.
    let token = |part: &str| {
        (1..=80).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    essence.split_once('/').is_some_and(|(kind, subkind)| token(kind) && token(subkind)).then_some(essence)
}

fn extension(media_type: &str) -> &'static str {
    match media_type {
        "message/rfc822" => ".eml",
        "text/calendar" => ".ics",
        "text/plain" => ".txt",
        "text/html" => ".html",
        "image/png" => ".png",
        "image/jpeg" => ".jpg",
        "application/pdf" => ".pdf",
        _ => "",
    }
}

/// The last part of whatever path stands in a name, without what is invisible, reserved or a way out of a directory.
fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let invisible = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let clean: String =
        last.chars().filter(|c| !invisible(*c)).map(|c| if "<>:\"|?*".contains(c) { '_' } else { c }).collect();
    let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    let clean = clean.trim_start_matches(['.', ' ', '-']).trim_end_matches(['.', ' ']);
    if clean.len() <= NAME_BYTES {
        return clean.to_owned();
    }
    // The end tells what it is.
    let end = clean.rsplit_once('.').map(|(_, end)| end).filter(|end| end.len() <= 10).unwrap_or_default();
    let room = NAME_BYTES - end.len() - 1;
    let at = (0..=room).rev().find(|at| clean.is_char_boundary(*at)).unwrap_or(0);
    let begin = clean.get(..at).unwrap_or_default();
    if end.is_empty() { begin.to_owned() } else { format!("{begin}.{end}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> String {
        File::new(Some(text), None, Bytes::new(), 0).name
    }

    #[test]
    fn a_name_leads_nowhere_and_hides_nothing() {
        for (given, expected) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\system.ini", "system.ini"),
            ("/etc/", "file-1"),
            ("..", "file-1"),
            (".bashrc", "bashrc"),
            ("-rf", "rf"),
            ("a\0b\x1b[31m\r\n.txt", "ab[31m.txt"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("what?.txt", "what_.txt"),
            ("Grüße  aus.txt", "Grüße aus.txt"),
        ] {
            assert_eq!(name(given), expected, "{given:?}");
        }
        let long = name(&format!("{}.pdf", "ü".repeat(500)));
        assert!(long.len() <= NAME_BYTES && long.rsplit_once('.').is_some_and(|(_, end)| end == "pdf"), "{long}");
    }

    #[test]
    fn programs_are_known_by_name_and_by_content() {
        let file = |name: &str, content: &'static [u8]| File::new(Some(name), None, Bytes::from_static(content), 0);
        assert!(file("Setup.EXE", b"").is_program());
        assert!(file("harmless.pdf", b"MZ\x90\x00\x03\x00\x00\x00").is_program());
        assert!(file("harmless", b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00").is_program());
        assert!(!file("photo.jpg", b"\xff\xd8\xff\xe0").is_program());
        assert!(!file("archive.zip", b"PK\x03\x04").is_program(), "archives are kept, and never opened");
    }

    #[test]
    fn claims_are_media_types_or_nothing() {
        let claimed = |text: &str| File::new(None, Some(text), Bytes::new(), 2).claimed;
        assert_eq!(claimed("Application/PDF; name=x"), "application/pdf");
        for bad in ["", "pdf", "a/b/c", "text/html\r\nX: y", "/", "text/"] {
            assert_eq!(claimed(bad), "application/octet-stream", "{bad:?}");
        }
        assert_eq!(File::new(None, Some("text/calendar"), Bytes::new(), 2).name, "file-3.ics");
    }
}
