//! What is measured.

/// One call of `holdfast stress`.
pub struct Scenario {
    /// Its row in the tables.
    pub name: &'static str,
    pub arguments: &'static [&'static str],
    /// Whether it runs for a given time, or else until it is sold out.
    pub timed: bool,
}

/// Measured in every round.
pub const REPEATED: [Scenario; 4] = [
    Scenario { name: "hot", arguments: &["hot", "--connections", "256"], timed: true },
    Scenario { name: "spread", arguments: &["spread", "--connections", "256"], timed: true },
    Scenario { name: "stay", arguments: &["stay", "--connections", "256"], timed: true },
    Scenario { name: "echo", arguments: &["echo", "--connections", "256"], timed: true },
];

/// Measured once, because they take long to prepare or cannot be repeated on the same stock.
pub const ONCE: [Scenario; 2] = [
    Scenario {
        name: "sellout",
        arguments: &["sellout", "--buyers", "20000", "--units", "1000", "--connections", "1000"],
        timed: false,
    },
    Scenario {
        name: "hot, 1,000,000 stored",
        arguments: &["hot", "--stored", "1000000", "--connections", "256"],
        timed: true,
    },
];

/// A name, and the scenarios whose rates are divided.
pub const RATIOS: [(&str, &str, &str); 3] = [
    ("hot / echo", "hot", "echo"),
    ("hot / spread", "hot", "spread"),
    ("full / empty", "hot, 1,000,000 stored", "hot"),
];
