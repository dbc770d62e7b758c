//! What the demo prints once it listens: its address, the people who are signed in, and lines to paste.

use std::fmt;
use std::path::{Path, PathBuf};

use jiff::ToSpan;
use jiff::civil::Date;

use super::{GUEST, PASSWORD, Person};

pub struct Greeting<'a> {
    pub server: &'a str,
    pub people: &'a [Person],
    /// The file with each person's token, in their order.
    pub files: &'a [PathBuf],
    pub today: Date,
}

impl fmt::Display for Greeting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, .. } = self;
        writeln!(f, "Holdfast demo, listening on {server}")?;
        writeln!(f, "Documentation of its API: {server}/docs\n")?;
        writeln!(f, "People, signed in, each with a file that holds their access token:")?;
        for (Person { role, email, .. }, file) in self.people.iter().zip(self.files) {
            writeln!(f, "  {role:<9} {email:<19} {}", file.display())?;
        }
        writeln!(f, "The guest's password is \"{PASSWORD}\".\n")?;
        writeln!(f, "Three commands to paste: is a room free, book it, see your bookings.\n")?;
        self.commands(f)
    }
}

impl Greeting<'_> {
    fn commands(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = format!("{}/api/v1/bookings", self.server);
        let guest = format!("-H @{}", self.files.first().map_or_else(String::new, |file| shell_word(file)));
        let checkin = self.today.saturating_add(30.days());
        let stay = stay(checkin);
        writeln!(f, "curl -s {base}/availability/check \\\n  {guest} -d '{stay}'\n")?;
        writeln!(
            f,
            "curl -s {base} \\\n  {guest} \\\n  -H 'Idempotency-Key: \"demo-{checkin}\"' -d '{stay}'\n"
        )?;
        writeln!(f, "curl -s {guest} \\\n  {base}/guest/{}\n", domain::ids::GuestId(GUEST))
    }
}

fn stay(checkin: Date) -> String {
    let checkout = checkin.saturating_add(3.days());
    format!(
        "{{
  \"room_type_id\": \"city-double\", \"num_rooms\": 1, \"num_guests\": 2,
  \"checkin_date\": \"{checkin}\", \"checkout_date\": \"{checkout}\",
  \"guests\": [{{\"name\": \"Ada Guest\", \"age\": 34}},
    {{\"name\": \"Bo Guest\", \"age\": 36}}]}}"
    )
}

/// The path as a shell reads it back.
fn shell_word(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = path.chars().all(|letter| letter.is_alphanumeric() || "/._-+:@".contains(letter));
    if plain { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_lines_fit_a_terminal_and_show_no_token() {
        let person = |role, email| Person { role, email, token: "a secret".to_owned() };
        let people = [person("guest", "guest@demo.example"), person("business", "owner@demo.example")];
        let files = ["holdfast-demo.guest", "holdfast-demo.business"].map(PathBuf::from);
        let today = jiff::civil::date(2026, 12, 30);
        let greeting = Greeting { server: "http://127.0.0.1:8080", people: &people, files: &files, today };
        let text = greeting.to_string();
        // An address is not broken.
        for line in text.lines().filter(|line| !line.contains("/guest/gst_")) {
            assert!(line.len() <= 80, "{line}");
        }
        assert!(!text.contains("a secret"));
        assert_eq!(text.matches("-H @holdfast-demo.guest").count(), 3, "{text}");
        assert!(
            text.contains("\"checkin_date\": \"2027-01-29\", \"checkout_date\": \"2027-02-01\""),
            "{text}"
        );
    }

    #[test]
    fn a_path_is_quoted_where_a_shell_needs_it() {
        assert_eq!(shell_word(Path::new("data/holdfast-demo.guest")), "data/holdfast-demo.guest");
        assert_eq!(shell_word(Path::new("my demo's.guest")), r"'my demo'\''s.guest'");
    }
}
