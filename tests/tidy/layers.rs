//! Which crate may depend on which, read from the manifests.

use std::{collections::BTreeMap, fs};

use toml_edit::{DocumentMut, Item};

/// For each of our crates those of ours it may use. Tests may use more (`dev-dependencies` are not looked at).
const ALLOWED: [(&str, &[&str]); 10] = [
    ("xswarm-core", &[]),
    ("xswarm-language", &["xswarm-core"]),
    ("xswarm-store", &["xswarm-core"]),
    ("xswarm-voice", &["xswarm-core"]),
    ("xswarm-audio", &["xswarm-core"]),
    ("xswarm-wake", &["xswarm-core"]),
    ("xswarm-hub", &["xswarm-core", "xswarm-language", "xswarm-store", "xswarm-voice"]),
    ("xswarm", &["xswarm-core", "xswarm-voice"]),
    ("xswarm-room", &["xswarm-core", "xswarm-audio", "xswarm-wake"]),
    ("xswarm-tests", &["xswarm-core", "xswarm-language", "xswarm-store", "xswarm-voice", "xswarm"]),
];

/// Manifests by the name of their package; the workspace's own is under "".
pub(crate) fn manifests() -> BTreeMap<String, DocumentMut> {
    let root = xswarm_tests::environment::repository();
    let read = |path: &str| -> DocumentMut {
        fs::read_to_string(root.join(path)).unwrap().parse().unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    let workspace = read("Cargo.toml");
    let members = workspace["workspace"]["members"].as_array().unwrap().clone();
    let mut all = BTreeMap::from([(String::new(), workspace)]);
    for member in &members {
        let manifest = read(&format!("{}/Cargo.toml", member.as_str().unwrap()));
        all.insert(manifest["package"]["name"].as_str().unwrap().to_owned(), manifest);
    }
    all
}

fn table<'a>(manifest: &'a DocumentMut, name: &str) -> Vec<(&'a str, &'a Item)> {
    manifest.get(name).and_then(Item::as_table_like).map(|table| table.iter().collect()).unwrap_or_default()
}

/// Dependencies that point upwards or sideways.
pub(crate) fn violations(manifests: &BTreeMap<String, DocumentMut>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, manifest) in manifests.iter().filter(|(name, _)| !name.is_empty()) {
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| known == name) else {
            found.push(format!("{name} has no place in the layers: give it one here"));
            continue;
        };
        for (dependency, _) in table(manifest, "dependencies") {
            if manifests.contains_key(dependency) && !allowed.contains(&dependency) {
                found.push(format!("{name} must not depend on {dependency}"));
            }
        }
    }
    found
}

/// Dependencies whose version is not the workspace's.
pub(crate) fn own_versions(manifests: &BTreeMap<String, DocumentMut>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, manifest) in manifests.iter().filter(|(name, _)| !name.is_empty()) {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (dependency, item) in table(manifest, section) {
                let inherited = item.get("workspace").and_then(Item::as_bool) == Some(true);
                if !inherited {
                    found.push(format!("{name}: {section}.{dependency} must say `workspace = true`"));
                }
            }
        }
    }
    found
}

/// Dependencies of the workspace that no crate uses.
pub(crate) fn unused(manifests: &BTreeMap<String, DocumentMut>) -> Vec<String> {
    let known = table_of_workspace(&manifests[""]);
    let used = |dependency: &str| {
        manifests.iter().filter(|(name, _)| !name.is_empty()).any(|(_, manifest)| {
            ["dependencies", "dev-dependencies", "build-dependencies"]
                .iter()
                .any(|section| table(manifest, section).iter().any(|(name, _)| *name == dependency))
        })
    };
    known.into_iter().filter(|dependency| !manifests.contains_key(dependency) && !used(dependency)).collect()
}

fn table_of_workspace(workspace: &DocumentMut) -> Vec<String> {
    let dependencies = workspace["workspace"]["dependencies"].as_table_like().unwrap();
    dependencies.iter().map(|(name, _)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(name: &str, rest: &str) -> (String, DocumentMut) {
        (name.to_owned(), format!("[package]\nname = \"{name}\"\n{rest}").parse().unwrap())
    }

    #[test]
    fn a_dependency_that_points_upwards_is_found() {
        let good = manifest("xswarm-store", "[dependencies]\nxswarm-core.workspace = true");
        let bad = manifest("xswarm-core", "[dependencies]\nxswarm-store.workspace = true");
        let stranger = manifest("xswarm-colour", "");
        let found = violations(&BTreeMap::from([good, bad, stranger]));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.contains(&"xswarm-core must not depend on xswarm-store".to_owned()));
    }

    #[test]
    fn a_version_of_its_own_is_found() {
        let all = [manifest("xswarm", "[dependencies]\na = \"1\"\nb.workspace = true\nc = { version = \"2\" }")];
        assert_eq!(own_versions(&BTreeMap::from(all)).len(), 2);
    }

    #[test]
    fn an_unused_dependency_is_found() {
        let workspace = (String::new(), "[workspace.dependencies]\na = \"1\"\nb = \"1\"".parse().unwrap());
        let all = BTreeMap::from([workspace, manifest("xswarm", "[dev-dependencies]\na.workspace = true")]);
        assert_eq!(unused(&all), ["b"]);
    }
}
