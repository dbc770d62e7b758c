//! `cargo xtask new-migration NAME`: the next number's four files.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};

use crate::project;

pub const DATABASES: [&str; 2] = ["sqlite", "postgres"];
pub const DIRECTIONS: [&str; 2] = ["up", "down"];

pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let [name] = arguments else { bail!("usage: cargo xtask new-migration NAME") };
    for path in create(&project::root().join("crates/store/migrations"), name)? {
        println!("{path}");
    }
    Ok(ExitCode::SUCCESS)
}

fn create(migrations: &Path, name: &str) -> Result<Vec<String>> {
    ensure!(is_snake_case(name), "`{name}` is no migration name: use lower case letters, digits and `_`");
    let number = next_number(migrations)?;
    let mut created = Vec::new();
    for database in DATABASES {
        let directory = migrations.join(database);
        fs::create_dir_all(&directory).with_context(|| format!("cannot create {}", directory.display()))?;
        for direction in DIRECTIONS {
            let path = directory.join(format!("{number:04}_{name}.{direction}.sql"));
            write_new(&path, &format!("-- {}, {direction}.\n", name.replace('_', " ")))?;
            created.push(path.display().to_string());
        }
    }
    Ok(created)
}

fn is_snake_case(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

/// One more than the highest number of either database, so that the two never part.
fn next_number(migrations: &Path) -> Result<u32> {
    let mut highest = 0;
    for database in DATABASES {
        let Ok(entries) = fs::read_dir(migrations.join(database)) else { continue };
        for entry in entries {
            let name = entry?.file_name();
            highest = highest.max(number_of(&name.to_string_lossy()).unwrap_or(0));
        }
    }
    Ok(highest + 1)
}

fn number_of(file_name: &str) -> Option<u32> {
    file_name.split_once('_')?.0.parse().ok()
}

fn write_new(path: &Path, text: &str) -> Result<()> {
    let mut file = fs::File::create_new(path).with_context(|| format!("cannot create {}", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::create;

    #[test]
    fn numbers_follow_the_highest_of_both_databases() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(create(directory.path(), "bookings").unwrap().len(), 4);
        std::fs::write(directory.path().join("postgres/0007_seats.up.sql"), "").unwrap();
        create(directory.path(), "guest_notes").unwrap();
        assert!(directory.path().join("sqlite/0001_bookings.up.sql").exists());
        assert!(directory.path().join("sqlite/0008_guest_notes.down.sql").exists());
        assert!(directory.path().join("postgres/0008_guest_notes.up.sql").exists());
    }

    #[test]
    fn a_name_is_snake_case() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["", "Bookings", "../escape", "1st", "guest-notes"] {
            assert!(create(directory.path(), name).is_err(), "{name}");
        }
    }
}
