//! Both databases are migrated by the same steps, and every step can be taken back.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Finding, Source};
use crate::migration::{DATABASES, DIRECTIONS};

const DIRECTORY: &str = "crates/store/migrations/";

/// A step such as `0003_seats`, one of its four files, and where we met it.
struct File<'a> {
    step: &'a str,
    database: &'a str,
    direction: &'a str,
    source: &'a Source,
}

pub fn pairs(sources: &[Source]) -> Vec<Finding> {
    let scripts =
        sources.iter().filter(|source| source.path.starts_with(DIRECTORY) && source.extension() == "sql");
    let (files, misnamed) = parse_all(scripts);
    let mut findings: Vec<Finding> = misnamed
        .iter()
        .map(|source| source.finding(1, "expected {sqlite,postgres}/NNNN_name.{up,down}.sql"))
        .collect();
    findings.extend(missing(&files));
    findings.extend(shared_numbers(&files));
    findings
}

fn parse_all<'a>(scripts: impl Iterator<Item = &'a Source>) -> (Vec<File<'a>>, Vec<&'a Source>) {
    let (mut files, mut misnamed) = (Vec::new(), Vec::new());
    for source in scripts {
        match parse(source) {
            Some(file) => files.push(file),
            None => misnamed.push(source),
        }
    }
    (files, misnamed)
}

fn parse(source: &Source) -> Option<File<'_>> {
    let (database, name) = source.path.strip_prefix(DIRECTORY)?.split_once('/')?;
    let (step, direction) = name.strip_suffix(".sql")?.split_once('.')?;
    let (number, words) = step.split_once('_')?;
    let numbered =
        number.len() == 4 && number.bytes().all(|digit| digit.is_ascii_digit()) && !words.is_empty();
    let known = DATABASES.contains(&database) && DIRECTIONS.contains(&direction);
    (numbered && known).then_some(File { step, database, direction, source })
}

fn missing(files: &[File<'_>]) -> Vec<Finding> {
    let present: BTreeSet<_> = files.iter().map(|file| (file.step, file.database, file.direction)).collect();
    let steps: BTreeMap<_, _> = files.iter().map(|file| (file.step, file.source)).collect();
    let mut findings = Vec::new();
    for (step, source) in steps {
        let absent =
            each_file().filter(|(database, direction)| !present.contains(&(step, *database, *direction)));
        findings.extend(absent.map(|(database, direction)| {
            source.finding(1, format!("without its {database}/{step}.{direction}.sql"))
        }));
    }
    findings
}

fn each_file() -> impl Iterator<Item = (&'static str, &'static str)> {
    DATABASES.into_iter().flat_map(|database| DIRECTIONS.map(|direction| (database, direction)))
}

fn shared_numbers(files: &[File<'_>]) -> Vec<Finding> {
    let steps: BTreeMap<_, _> = files.iter().map(|file| (file.step, file.source)).collect();
    let number = |step: &str| step.split('_').next().map(ToOwned::to_owned);
    let pairs = steps.iter().zip(steps.iter().skip(1));
    let shared = pairs.filter(|((one, _), (next, _))| number(one) == number(next));
    shared.map(|((one, _), (_, source))| source.finding(1, format!("has the number of {one}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::source::given;
    use super::pairs;

    fn check(paths: &[&str]) -> Vec<String> {
        let sources: Vec<_> =
            paths.iter().map(|path| given(&format!("crates/store/migrations/{path}"), "")).collect();
        pairs(&sources).into_iter().map(|finding| finding.message).collect()
    }

    const WHOLE: [&str; 4] = [
        "sqlite/0001_bookings.up.sql",
        "sqlite/0001_bookings.down.sql",
        "postgres/0001_bookings.up.sql",
        "postgres/0001_bookings.down.sql",
    ];

    #[test]
    fn all_four_files_make_a_step() {
        assert!(check(&WHOLE).is_empty());
        assert_eq!(check(&WHOLE[..3]), ["without its postgres/0001_bookings.down.sql"]);
        assert_eq!(check(&WHOLE[..2]).len(), 2);
    }

    #[test]
    fn a_number_is_used_once() {
        let again = WHOLE.map(|path| path.replace("bookings", "seats"));
        let both: Vec<_> = WHOLE.into_iter().chain(again.iter().map(String::as_str)).collect();
        assert_eq!(check(&both), ["has the number of 0001_bookings"]);
    }

    #[test]
    fn names_are_checked() {
        for name in [
            "sqlite/1_a.up.sql",
            "sqlite/0001_a.sql",
            "mysql/0001_a.up.sql",
            "0001_a.up.sql",
            "sqlite/0001_.up.sql",
        ] {
            assert_eq!(check(&[name]), ["expected {sqlite,postgres}/NNNN_name.{up,down}.sql"], "{name}");
        }
    }
}
