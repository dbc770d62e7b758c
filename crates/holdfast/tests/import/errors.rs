//! A history that cannot be replayed is reported, and nothing is written.

use std::path::Path;

use super::history;
use super::program::Import;

struct Case {
    file: &'static str,
    capacities: &'static str,
    set: &'static str,
    concurrency: &'static str,
}

const GOOD: Case = Case { file: "history.csv", capacities: "capacities.json", set: "some", concurrency: "1" };

fn expect(case: &Case, expected: &[&str]) {
    let directory = tempfile::tempdir().expect("the system has a directory for temporary files");
    prepare(directory.path());
    let database = directory.path().join("untouched.db");
    let file = directory.path().join(case.file);
    let capacities = directory.path().join(case.capacities);
    let import = Import { file: &file, capacities: &capacities, set: case.set, order: "book_first" };
    let mut command = import.command();
    command.args(["--json", "--concurrency", case.concurrency, "--database"]);
    let output =
        command.arg(format!("sqlite:{}", database.display())).output().expect("the program can be started");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    for part in expected {
        assert!(told.contains(part), "{part:?} is not in {told:?}");
    }
    assert_eq!(output.stdout, b"");
    assert!(!database.exists());
}

fn prepare(directory: &Path) {
    let file = directory.join("history.csv");
    history::write(&file, &history::generate(1, 20));
    let text = std::fs::read_to_string(&file).expect("it was just written");
    let broken = text.lines().map(str::to_owned).enumerate().map(|(line, text)| match line {
        10 => text.replacen("Resort Hotel,0,", "Resort Hotel,0,soon", 1).replacen(
            "Resort Hotel,1,",
            "R,1,soon",
            1,
        ),
        _ => text,
    });
    let broken: Vec<String> = broken.collect();
    std::fs::write(directory.join("broken.csv"), broken.join("\n")).expect("the directory can be written");
    std::fs::write(directory.join("cut.csv"), text.trim_end().rsplit_once(',').expect("it has commas").0)
        .expect("the directory can be written");
    std::fs::write(
        directory.join("capacities.json"),
        r#"{"capacities": {"some": {"A": 1}, "wrong": {"A": -1}}}"#,
    )
    .expect("the directory can be written");
}

#[test]
fn a_missing_file_is_named() {
    expect(&Case { file: "absent.csv", ..GOOD }, &["cannot read", "absent.csv"]);
    expect(&Case { capacities: "absent.json", ..GOOD }, &["cannot read", "absent.json"]);
}

#[test]
fn a_set_of_capacities_that_is_absent_or_wrong_is_named() {
    expect(&Case { set: "many", ..GOOD }, &["capacities.json", "\"many\"", "available: some, wrong"]);
    expect(&Case { set: "wrong", ..GOOD }, &["capacities.json", "capacities.wrong.A is -1"]);
    expect(&Case { capacities: "history.csv", ..GOOD }, &["history.csv", "line 1"]);
}

#[test]
fn a_malformed_row_is_named_with_its_column() {
    expect(
        &Case { file: "broken.csv", ..GOOD },
        &["broken.csv", "row 9 (line 11)", "column lead_time", "\"soon"],
    );
    expect(
        &Case { file: "cut.csv", ..GOOD },
        &["cut.csv", "row 19 (line 21)", "column reservation_status_date", "missing"],
    );
    expect(&Case { file: "capacities.json", ..GOOD }, &["capacities.json", "header has no column lead_time"]);
}

#[test]
fn invalid_concurrency_is_refused() {
    for concurrency in ["0", "1000000"] {
        expect(&Case { concurrency, ..GOOD }, &["--concurrency must be from 1 to 4096"]);
    }
}
