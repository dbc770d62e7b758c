//! Dependencies run one way, downwards.

use super::source::{Finding, Source};

/// Which of our crates each may use, from the bottom up. `testkit` stands beside the house: any crate's tests may use it,
/// no crate may.
const FLOORS: [(&str, &[&str]); 12] = [
    ("domain", &[]),
    ("backplane", &[]),
    ("gateways", &["domain"]),
    ("store", &["domain"]),
    ("engine", &["domain", "store"]),
    ("identity", &["backplane", "domain", "engine", "gateways", "store"]),
    ("app", &["backplane", "domain", "engine", "gateways", "identity", "store"]),
    ("wire", &["app", "domain", "identity"]),
    ("api", &["app", "backplane", "domain", "identity", "wire"]),
    ("bench", &[]),
    ("testkit", &["api", "app", "backplane", "domain", "engine", "gateways", "identity", "store"]),
    ("holdfast", &["api", "app", "backplane", "bench", "domain", "engine", "gateways", "identity", "store"]),
];
/// The rules decide; they neither wait, nor store, nor answer, nor draw lots.
const NOT_IN_DOMAIN: [&str; 5] = ["axum", "rand", "rusqlite", "tokio", "tokio-postgres"];

pub fn dependencies(sources: &[Source]) -> Vec<Finding> {
    let manifests = sources.iter().filter_map(|source| Some((crate_of(&source.path)?, source)));
    manifests.flat_map(|(name, manifest)| check_manifest(name, manifest)).collect()
}

fn crate_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")?;
    (!name.contains('/')).then_some(name)
}

fn check_manifest(name: &str, manifest: &Source) -> Vec<Finding> {
    let Some((_, allowed)) = FLOORS.iter().find(|(floor, _)| *floor == name) else {
        return vec![
            manifest.finding(1, format!("`{name}` has no floor yet: give it one in xtask's tidy/floors.rs")),
        ];
    };
    let used = dependencies_in(manifest).into_iter();
    let wrong = used.filter_map(|(line, used)| Some(manifest.finding(line, complaint(name, allowed, used)?)));
    wrong.collect()
}

fn complaint(name: &str, allowed: &[&str], used: &str) -> Option<String> {
    let ours = FLOORS.iter().any(|(floor, _)| *floor == used);
    if ours && !allowed.contains(&used) {
        return Some(format!("`{name}` must not depend on `{used}`: dependencies run downwards"));
    }
    let impure = name == "domain" && NOT_IN_DOMAIN.contains(&used);
    impure.then(|| format!("`domain` must not depend on `{used}`: it is pure"))
}

/// The names in `[dependencies]`, also where one stands as `[dependencies.name]` or under a target. What only tests or
/// build scripts use is free.
fn dependencies_in(manifest: &Source) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut found = Vec::new();
    for (line, text) in manifest.lines() {
        let name = if let Some(header) = text.trim().strip_prefix('[') {
            let mut parts = header.trim_end_matches(']').split('.');
            let opens = parts.any(|part| part == "dependencies");
            let named = parts.next().filter(|_| opens);
            inside = opens && named.is_none();
            named
        } else {
            key_of(text).filter(|_| inside)
        };
        found.extend(name.map(|name| (line, name)));
    }
    found
}

fn key_of(line: &str) -> Option<&str> {
    let key = line.trim().split(['.', '=', ' ']).next()?.trim_matches('"');
    (!key.is_empty() && !key.starts_with('#')).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::super::source::check;
    use super::{FLOORS, dependencies};

    fn expect(manifest: &str, name: &str, expected: &[&str]) {
        assert_eq!(check(dependencies, &format!("crates/{name}/Cargo.toml"), manifest), expected, "{name}");
    }

    #[test]
    fn what_runs_upwards_is_found() {
        let store = "[dependencies]\ndomain.workspace = true\napp = { path = \"../app\" }\n";
        expect(store, "store", &["3: `store` must not depend on `app`: dependencies run downwards"]);
        expect(store, "holdfast", &[]);
        expect(
            "[dependencies.testkit]\npath = \"x\"\n",
            "app",
            &["1: `app` must not depend on `testkit`: dependencies run downwards"],
        );
        expect(
            "[target.'cfg(unix)'.dependencies]\napi = \"1\"\n",
            "bench",
            &["2: `bench` must not depend on `api`: dependencies run downwards"],
        );
    }

    #[test]
    fn the_domain_is_pure() {
        expect(
            "[dependencies]\n# rand\ntokio = \"1\"\n",
            "domain",
            &["3: `domain` must not depend on `tokio`: it is pure"],
        );
        expect("[dev-dependencies]\ntokio = \"1\"\ntestkit = \"1\"\n", "domain", &[]);
    }

    #[test]
    fn a_new_crate_needs_a_floor() {
        assert_eq!(check(dependencies, "crates/site/Cargo.toml", "").len(), 1);
        assert!(check(dependencies, "xtask/Cargo.toml", "").is_empty());
    }

    #[test]
    fn each_floor_rests_on_those_before_it() {
        let mut before = Vec::new();
        for (name, allowed) in FLOORS {
            assert!(allowed.iter().all(|below| before.contains(below)), "{name}");
            before.push(name);
        }
    }
}
