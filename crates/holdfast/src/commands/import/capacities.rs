//! The number of rooms of each type: one of the sets of a JSON file, at `capacities.<set>.<room type>`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, ensure};
use domain::limits::CAPACITY_MAX;
use serde::Deserialize;

/// Units of each room type.
pub type Capacities = BTreeMap<String, i64>;

#[derive(Deserialize)]
struct CapacityFile {
    capacities: BTreeMap<String, Capacities>,
}

pub fn read(path: &Path, set: &str) -> anyhow::Result<Capacities> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    choose(&text, set).with_context(|| path.display().to_string())
}

fn choose(text: &[u8], set: &str) -> anyhow::Result<Capacities> {
    let mut file: CapacityFile = serde_json::from_slice(text)?;
    let chosen = file.capacities.remove(set).with_context(|| {
        let others: Vec<&str> = file.capacities.keys().map(String::as_str).collect();
        format!("no capacity set {set:?}; available: {}", others.join(", "))
    })?;
    for (room_type, units) in &chosen {
        ensure!(
            (0..=CAPACITY_MAX).contains(units),
            "capacities.{set}.{room_type} is {units}: must be from 0 to {CAPACITY_MAX}"
        );
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::choose;

    fn expect(text: &str, expected: &str) {
        let told = choose(text.as_bytes(), "peak").map(|chosen| format!("{chosen:?}"));
        let told = told.unwrap_or_else(|error| format!("{error:#}"));
        assert!(told.contains(expected), "{told}");
    }

    #[test]
    fn a_set_is_found_and_everything_else_passed_over() {
        expect(r#"{"note": 1, "capacities": {"peak": {"A": 2, "B": 0}, "all": {}}}"#, r#"{"A": 2, "B": 0}"#);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let none_such = r#"no capacity set "peak"; available: all, best"#;
        expect(r#"{"capacities": {"all": {}, "best": {}}}"#, none_such);
        expect(r#"{"capacities": {"peak": {"A": -1}}}"#, "capacities.peak.A is -1");
        expect(r#"{"capacities": {"peak": {"A": "1"}}}"#, "invalid type");
        expect(r#"{"peak": {"A": 1}}"#, "missing field `capacities`");
        expect("", "EOF");
    }
}
