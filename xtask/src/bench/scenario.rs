//! What is measured.

/// One call of `holdfast stress`.
pub struct Scenario {
    /// Its row in the tables.
    pub name: &'static str,
    pub arguments: &'static [&'static str],
    /// Whether it runs for a given time, or else until it is sold out.
    pub timed: bool,
    /// Bookings that are stored before the first round; the database is then kept from round to round. Without them each
    /// run has an empty database.
    pub stored: Option<&'static str>,
}

/// Measured in every round.
pub const REPEATED: [Scenario; 5] = [
    timed("hot", &["hot", "--connections", "256"]),
    Scenario { stored: Some("1000000"), ..timed("hot, 1,000,000 stored", &["hot", "--connections", "256"]) },
    timed("spread", &["spread", "--connections", "256"]),
    timed("stay", &["stay", "--connections", "256"]),
    timed("echo", &["echo", "--connections", "256"]),
];

/// Measured once, because it sells out.
pub const ONCE: [Scenario; 1] = [Scenario {
    timed: false,
    ..timed("sellout", &["sellout", "--buyers", "20000", "--units", "1000", "--connections", "1000"])
}];

const fn timed(name: &'static str, arguments: &'static [&'static str]) -> Scenario {
    Scenario { name, arguments, timed: true, stored: None }
}

/// A name, and the scenarios whose rates are divided.
pub const RATIOS: [(&str, &str, &str); 3] = [
    ("hot / echo", "hot", "echo"),
    ("hot / spread", "hot", "spread"),
    ("full / empty", "hot, 1,000,000 stored", "hot"),
];
