//! The README's first command: the demo starts, and the lines that it prints can be pasted.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::root::Root;
use crate::steps::run_quietly;

/// Is a room free, book it, see your bookings: each with what its answer holds.
const ANSWERS: [&str; 3] = ["\"available\":true", "\"booking_reference\"", "\"bookings\""];

pub fn demo(root: &Root) -> Result<()> {
    let mut command = root.command(&["cargo", "run", "--release", "--", "demo"].map(str::to_owned));
    let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let output = process.stdout.take().context("the output was asked for")?;
    let mut lines = BufReader::new(output);
    let pasted = commands(&mut lines).and_then(|commands| {
        std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));
        paste(root, &commands)
    });
    // The processes inside end with the one that holds their namespace.
    let _ = process.kill();
    process.wait()?;
    pasted
}

/// With this machine's curl, from where the demo runs.
fn paste(root: &Root, commands: &[String]) -> Result<()> {
    for (command, expected) in commands.iter().zip(ANSWERS) {
        let answer = run_quietly(Command::new("sh").args(["-c", command]).current_dir(root.checkout()))?;
        let answer = String::from_utf8_lossy(&answer.stdout).into_owned();
        let compact: String = answer.split_whitespace().collect();
        ensure!(compact.contains(expected), "{command}\nhas no {expected} in its answer:\n{answer}");
        eprintln!("{command}");
    }
    Ok(())
}

/// What stands from `curl` to an empty line, as often as it comes.
fn commands(lines: &mut impl BufRead) -> Result<Vec<String>> {
    let (mut commands, mut command, mut line) = (Vec::new(), String::new(), String::new());
    while commands.len() < ANSWERS.len() && lines.read_line(&mut line)? > 0 {
        if line.starts_with("curl ") || !command.is_empty() {
            command.push_str(&line);
        }
        if line.trim().is_empty() && !command.is_empty() {
            commands.push(std::mem::take(&mut command).trim().to_owned());
        }
        line.clear();
    }
    ensure!(commands.len() == ANSWERS.len(), "the demo printed {} commands to paste", commands.len());
    Ok(commands)
}

#[cfg(test)]
mod tests {
    use super::commands;

    #[test]
    fn commands_are_read_with_their_further_lines() {
        let text = "Demo\n\ncurl -s a \\\n  -d '{\n}'\n\ncurl -s b\n\ncurl -s c\n\nMessages\n";
        let mut lines = text.as_bytes();
        assert_eq!(commands(&mut lines).unwrap(), ["curl -s a \\\n  -d '{\n}'", "curl -s b", "curl -s c"]);
        assert_eq!(lines, b"Messages\n");
        assert!(commands(&mut "curl -s a\n\n".as_bytes()).is_err());
    }
}
