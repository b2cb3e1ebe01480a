//! The rules about single files. Each says what it found, a line per finding.

use crate::source::Source;

const LINES_MOST: usize = 600;

pub(crate) fn too_long(source: &Source) -> Vec<String> {
    let lines = source.before_tests().lines().count();
    if lines > LINES_MOST { vec![format!("{lines} lines")] } else { Vec::new() }
}

pub(crate) fn bad_name(source: &Source) -> Vec<String> {
    const BAD: [&str; 10] =
        ["mod", "util", "utils", "common", "helper", "helpers", "manager", "types", "models", "misc"];
    let parts = source.path.split('/').map(|part| part.trim_end_matches(".rs"));
    // `command/types.rs` is about the types of commands; at the top of a crate the name would say nothing.
    let top = source.path.matches('/').count() <= 3;
    parts
        .filter(|part| BAD.contains(part) && (top || *part != "types"))
        .map(|part| format!("the name `{part}` says nothing"))
        .collect()
}

pub(crate) fn undocumented(source: &Source) -> Vec<String> {
    let first = source.text.lines().next().unwrap_or_default();
    let words = first.strip_prefix("//! ").unwrap_or_default().split_whitespace().count();
    if words >= 1 { Vec::new() } else { vec![format!("begins with `{first}`")] }
}

pub(crate) fn speaks_sql(source: &Source) -> Vec<String> {
    const WORDS: [&str; 8] =
        ["SELECT ", "INSERT INTO", "INSERT OR", "UPDATE ", "DELETE FROM", "CREATE TABLE", "PRAGMA ", "rusqlite::"];
    lines_with(source, |line| WORDS.iter().any(|word| line.contains(word)))
}

pub(crate) fn reads_environment(source: &Source) -> Vec<String> {
    lines_with(source, |line| line.contains("env::var") || line.contains("env::vars"))
}

pub(crate) fn asks_the_time(source: &Source) -> Vec<String> {
    let words = [concat!("Utc::", "now("), concat!("Local::", "now("), concat!("SystemTime::", "now(")];
    lines_with(source, |line| words.iter().any(|word| line.contains(word)))
}

pub(crate) fn unfinished(source: &Source) -> Vec<String> {
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("unimplemented", "!("),
        concat!("to", "do!("),
        concat!("X", "XX"),
    ];
    // RFC 5545 has a component whose name ends like that.
    let component = concat!("VTO", "DO");
    let lines = source.text.lines().enumerate();
    lines
        .filter(|(_, line)| words.iter().any(|word| line.replace(component, "").contains(word)))
        .map(|(n, line)| format!("line {}: {}", n + 1, line.trim()))
        .collect()
}

pub(crate) fn switched_off(source: &Source) -> Vec<String> {
    let attribute = concat!("#[", "ignore");
    lines_with(source, |line| line.starts_with(attribute))
}

pub(crate) fn sleeps(source: &Source) -> Vec<String> {
    let words =
        [concat!("time::", "sleep"), concat!("thread::", "sleep"), concat!("sleep", "_until("), concat!("sleep", "(")];
    lines_with(source, |line| words.iter().any(|word| line.contains(word)))
}

pub(crate) fn impure(source: &Source) -> Vec<String> {
    const WORDS: [&str; 7] = ["async fn", "std::fs", "std::net", "std::process", "std::thread", "tokio::", "log::"];
    lines_with(source, |line| WORDS.iter().any(|word| line.contains(word)))
}

pub(crate) fn unexplained_exception(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for opening in ["#[allow(", "#![allow(", "#[expect(", "#![expect("] {
        for (at, _) in source.text.match_indices(opening) {
            // An attribute of the language begins its line; in a string or a comment it does not.
            let line_start = source.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
            if !source.text[line_start..at].trim().is_empty() {
                continue;
            }
            let rest = &source.text[at..];
            let attribute = &rest[..rest.find(")]").unwrap_or(rest.len())];
            if !attribute.contains("reason =") {
                found.push(format!("{attribute})]"));
            }
        }
    }
    found
}

fn lines_with(source: &Source, bad: impl Fn(&str) -> bool) -> Vec<String> {
    source.code_lines().filter(|(_, line)| bad(line)).map(|(n, line)| format!("line {n}: {line}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn every_rule_finds_what_it_forbids() {
        type Rule = fn(&Source) -> Vec<String>;
        let long = "x\n".repeat(601);
        let cases: [(Rule, &str, &str); 12] = [
            (too_long, "hub/a/src/b.rs", &long),
            (bad_name, "hub/a/src/utils.rs", ""),
            (bad_name, "hub/a/src/b/mod.rs", ""),
            (undocumented, "hub/a/src/b.rs", "use x;"),
            (speaks_sql, "hub/a/src/b.rs", "let a = \"SELECT 1\";"),
            (reads_environment, "hub/a/src/b.rs", "std::env::var(\"A\")"),
            (asks_the_time, "hub/a/src/b.rs", concat!("Utc::", "now()")),
            (unfinished, "hub/a/src/b.rs", concat!("// TO", "DO")),
            (switched_off, "hub/a/src/b.rs", concat!("#[", "ignore]")),
            (sleeps, "hub/a/src/b.rs", concat!("tokio::time::", "sleep(x)")),
            (impure, "hub/a/src/b.rs", "async fn x() {}"),
            (unexplained_exception, "hub/a/src/b.rs", "#[allow(dead_code)]\nfn x() {}"),
        ];
        for (rule, path, text) in cases {
            assert_eq!(rule(&source(path, text)).len(), 1, "{path}: {text}");
        }
    }

    #[test]
    fn what_is_in_order_is_left_alone() {
        let text =
            "//! What it is for.\n// SELECT is only mentioned.\n#[allow(dead_code, reason = \"because\")]\nfn x() {}\n";
        let good = source("hub/a/src/b.rs", text);
        for rule in [
            too_long,
            bad_name,
            undocumented,
            speaks_sql,
            reads_environment,
            unfinished,
            sleeps,
            impure,
            unexplained_exception,
        ] {
            assert_eq!(rule(&good), Vec::<String>::new());
        }
        let tested =
            source("hub/a/src/b.rs", &format!("//! X y.\n#[cfg(test)]\nmod tests {{\n{}}}", "x\n".repeat(700)));
        assert!(too_long(&tested).is_empty(), "tests do not count");
    }
}
