//! The README's code map against the files.

use std::fs;

const ROOTS: [&str; 10] =
    ["hub/", "device/", "image/", "systemd/", "migrations/", "udev/", "tests/", "scripts/", ".config/", ".ci/"];

/// Paths from the root of the repository: in backquotes, or at the beginning of a line of a code block (the map).
fn paths(readme: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut in_block = false;
    for line in readme.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            found.extend(line.split_whitespace().next());
        } else {
            found.extend(line.split('`').skip(1).step_by(2));
        }
    }
    found.retain(|text| ROOTS.iter().any(|root| text.starts_with(root)) && !text.contains([' ', '*', '…', '<']));
    found
}

fn readme() -> String {
    fs::read_to_string(xswarm_tests::environment::repository().join("README.md")).expect("there is a README.md")
}

/// How many paths the README names, and those that do not exist.
pub(crate) fn missing_paths() -> (usize, Vec<String>) {
    let (root, text) = (xswarm_tests::environment::repository(), readme());
    let named = paths(&text);
    let missing = named.iter().filter(|path| !root.join(path).exists()).map(|path| (*path).to_owned()).collect();
    (named.len(), missing)
}

/// Crates whose directory the README does not name.
pub(crate) fn crates_not_named() -> Vec<String> {
    let text = readme();
    let manifests = crate::layers::manifests();
    let members = manifests[""]["workspace"]["members"].as_array().unwrap();
    let members = members.iter().map(|member| member.as_str().unwrap().to_owned());
    let named = paths(&text);
    let stands = |member: &String| named.iter().any(|path| path.trim_end_matches('/').starts_with(member.as_str()));
    members.filter(|member| !stands(member)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_other_words() {
        let text = "See `hub/core` and `cargo test`, not `https://x/hub/y` or `hub/*`.\n```\nhub/store/  SQL in hub/x\nmake run\n```\n";
        assert_eq!(paths(text), ["hub/core", "hub/store/"]);
    }
}
