//! What the demo has for sale, in the fuzzer's own words: left to chance it would never name a room that exists, and
//! would see little else than 400 and 404.

use std::fmt::Write as _;

use anyhow::Result;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// How often one of these values stands where it may; otherwise it is the fuzzer's own.
const PROBABILITY: f64 = 0.8;
/// Where lines and bookings stand in a body.
const PLACES: [&str; 4] = ["body", "body.lines[*]", "body.bookings[*]", "body.bookings[*].lines[*]"];
/// Fields of bookings, with codes of the demo's catalogue.
const FIELDS: [(&str, &[&str]); 9] = [
    ("venue_id", &["bistro", "roastery"]),
    ("room_type_id", &["city-double", "city-single", "city-suite"]),
    ("inventory_item_id", &["bistro-two"]),
    ("experience_id", &["roastery-tasting"]),
    ("ticket_type_id", &["concert-standing", "concert-seat"]),
    ("event_id", &["concert"]),
    ("product_id", &["shop-mug"]),
    ("service_id", &["city-breakfast"]),
    ("booking_time", &["19:30", "16:00"]),
];
const COUNTS: [&str; 6] =
    ["num_rooms", "num_guests", "party_size", "seat_count", "quantity", "expected_version"];
/// The demo's guest, a kind of problem, a new booking's version, and cursors as lists of bookings and of jobs write them.
const PARAMETERS: [(&str, &[&str]); 4] = [
    ("path.guest_id", &["gst_01900000000070008000000000000001"]),
    ("path.kind", &["unavailable"]),
    ("header.If-Match", &["\"1\""]),
    ("query.cursor", &["4f00.01900000000070008000000000000001", "job_01900000000070008000000000000001"]),
];
/// Days from today that rooms and tables are booked for.
const FIRST_DAYS: [i64; 2] = [10, 11];
const LAST_DAYS: [i64; 2] = [12, 13];

/// The fuzzer's configuration. The caller's token is not in it: that comes from the environment.
pub fn configuration(token_variable: Option<&str>) -> Result<String> {
    let today = today();
    let day = |days: [i64; 2]| days.map(|days| today.checked_add(days.days()).map(|day| day.to_string()));
    let [[first, second], [third, fourth]] = [day(FIRST_DAYS), day(LAST_DAYS)];
    let (first, last) = ([first?, second?], [third?, fourth?]);
    let mut hints = Hints::default();
    for (field, words) in FIELDS {
        hints.field(field, words);
    }
    for (field, days) in [("checkin_date", &first), ("booking_date", &first), ("checkout_date", &last)] {
        hints.field(field, days);
    }
    for field in COUNTS {
        hints.field(field, &[1, 2]);
    }
    for (parameter, words) in PARAMETERS {
        hints.parameter(parameter, words);
    }
    hints.parameter("query.from", &first);
    hints.parameter("query.to", &last);
    Ok(hints.written(token_variable))
}

#[expect(clippy::disallowed_methods, reason = "the server that is fuzzed goes by the real clock")]
fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

#[derive(Default)]
struct Hints {
    dictionaries: String,
    parameters: String,
}

impl Hints {
    fn field(&mut self, name: &str, values: &[impl std::fmt::Debug]) {
        self.dictionary(name, values);
        for place in PLACES {
            self.binding(&format!("{place}.{name}"), name);
        }
    }

    fn parameter(&mut self, parameter: &str, values: &[impl std::fmt::Debug]) {
        let name = parameter.replace('.', "-");
        self.dictionary(&name, values);
        self.binding(parameter, &name);
    }

    /// Texts and numbers are written in TOML as Rust shows them.
    fn dictionary(&mut self, name: &str, values: &[impl std::fmt::Debug]) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.dictionaries, "{name} = {{ values = {values:?} }}");
    }

    fn binding(&mut self, parameter: &str, dictionary: &str) {
        let _ = writeln!(
            self.parameters,
            "\"{parameter}\" = {{ dictionary = \"{dictionary}\", probability = {PROBABILITY} }}"
        );
    }

    /// Bodies are shown as they were sent, or a finding could not be repeated.
    fn written(self, token_variable: Option<&str>) -> String {
        let headers = token_variable.map_or_else(String::new, |variable| {
            format!("headers = {{ Authorization = \"Bearer ${{{variable}}}\" }}\n")
        });
        format!(
            "warnings = false\nsuppress-health-check = [\"all\"]\nrequest-timeout = 60\n{headers}\n\
             [output.sanitization]\nkeys-to-sanitize = [\"authorization\"]\nsensitive-markers = []\n\n\
             [dictionaries]\n{}\n[parameters]\n{}",
            self.dictionaries, self.parameters
        )
    }
}

#[cfg(test)]
mod tests {
    use super::configuration;

    #[test]
    fn hints_stand_wherever_lines_do() {
        let text = configuration(Some("TOKEN")).unwrap();
        assert!(text.contains("headers = { Authorization = \"Bearer ${TOKEN}\" }\n"), "{text}");
        assert!(text.contains("quantity = { values = [1, 2] }\n"), "{text}");
        let bound =
            "\"body.bookings[*].lines[*].event_id\" = { dictionary = \"event_id\", probability = 0.8 }\n";
        assert!(text.contains(bound), "{text}");
        assert!(!configuration(None).unwrap().contains("Authorization ="));
    }
}
