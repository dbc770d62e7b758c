//! The program's settings from outside: errors are listed, nothing starts with them, and secrets are masked.

use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The program in a separate directory, with an empty environment.
fn holdfast(directory: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command.args(arguments).current_dir(directory.path()).env_clear().stdin(Stdio::null());
    command
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

#[test]
fn a_wrong_setting_is_named_and_nothing_starts() {
    let directory = directory(&[
        ("holdfast.toml", "port = \"x\"\n[limits]\nbodies = 1\n"),
        (".env", "SECRET_KEY=hush\n"),
    ]);
    let expected = [
        "holdfast.toml line 1: port is \"x\"",
        "holdfast.toml line 3: limits.bodies is not a setting",
        ".env line 1: SECRET_KEY is invalid: has 4 bytes",
        "environment: HOLDFAST_READERS is \"none\"",
    ];
    for arguments in [&["config", "check"][..], &["serve"], &["demo"], &["verify"], &["migrate", "status"]] {
        let output = holdfast(&directory, arguments).env("HOLDFAST_READERS", "none").output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", said(&output));
        for complaint in expected {
            assert!(said(&output).contains(complaint), "{arguments:?}: {}", said(&output));
        }
        assert!(!said(&output).contains("hush"), "{}", said(&output));
    }
    assert!(!directory.path().join("holdfast.db").exists(), "nothing was started");
}

#[test]
fn settings_in_order_are_ok() {
    let directory = directory(&[("other.toml", "port = 0\n[database]\nurl = \"sqlite:shop.db\"\n")]);
    let output = holdfast(&directory, &["config", "check", "--config", "other.toml"]).output().unwrap();
    assert_eq!((output.status.code(), said(&output).as_str()), (Some(0), "ok\n"));
    let migrate = ["migrate", "up", "--config", "other.toml"];
    let output = holdfast(&directory, &migrate).output().unwrap();
    assert!(output.status.success() && directory.path().join("shop.db").exists(), "{}", said(&output));
}

#[test]
fn what_counts_is_shown_with_its_source_and_without_secrets() {
    let secret = "a secret of at least thirty-two bytes";
    let directory = directory(&[("holdfast.toml", "lanes = 3\n"), (".env", "HOLDFAST_READERS=9\n")]);
    let show = |arguments: &[&str]| {
        let mut command = holdfast(&directory, arguments);
        let output = command
            .env("SECRET_KEY", secret)
            .env("DATABASE_URL", "postgres://ada:hush@h/x")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
        assert!(!said(&output).contains(secret) && !said(&output).contains("hush"), "{}", said(&output));
        said(&output)
    };
    let json: Value = serde_json::from_str(&show(&["config", "show", "--json", "--set", "port=1"])).unwrap();
    let expected = [
        ("lanes", "3", "holdfast.toml line 1"),
        ("readers", "9", ".env line 1"),
        ("secrets.key", "***", "environment"),
        ("database.url", "postgres://ada:***@h/x", "environment"),
        ("port", "1", "command line --set"),
        ("host", "127.0.0.1", "default"),
    ];
    for (key, value, source) in expected {
        assert_eq!((&json[key]["value"], &json[key]["source"]), (&value.into(), &source.into()), "{key}");
    }
    assert!(show(&["config", "show"]).contains("postgres://ada:***@h/x"));
}
