//! The tables, in Markdown.

use std::fmt::Write;

use super::Summary;
use super::options::Options;
use super::scenario::RATIOS;

pub fn markdown(summaries: &[Summary], options: &Options) -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "Medians of {} rounds of {} s on {processors} processors, shared by server, database and load; \
         `cargo xtask bench` repeats it.\n\n{}\n{}",
        options.rounds,
        options.seconds,
        rates(summaries),
        ratios(summaries)
    )
}

fn rates(summaries: &[Summary]) -> String {
    let mut table = "| scenario | database | bookings/s | p50 ms | p99 ms | verify |\n".to_owned();
    table.push_str("|---|---|---:|---:|---:|---|\n");
    for Summary { scenario, database, measured } in summaries {
        let _ = writeln!(
            table,
            "| {scenario} | {database} | {:.0} | {:.1} | {:.1} | {} |",
            measured.bookings_per_s, measured.p50_ms, measured.p99_ms, measured.verify
        );
    }
    table
}

fn ratios(summaries: &[Summary]) -> String {
    let mut databases: Vec<&str> = summaries.iter().map(|summary| summary.database).collect();
    databases.sort_unstable();
    databases.dedup();
    let mut table =
        format!("| ratio | {} |\n|---|{}\n", databases.join(" | "), "---:|".repeat(databases.len()));
    for (name, above, below) in RATIOS {
        let cells = databases.iter().map(|database| ratio(summaries, database, above, below));
        let _ = writeln!(table, "| {name} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    table
}

fn ratio(summaries: &[Summary], database: &str, above: &str, below: &str) -> String {
    let rate = |scenario| {
        let found =
            summaries.iter().find(|summary| summary.database == database && summary.scenario == scenario);
        found.map(|summary| summary.measured.bookings_per_s)
    };
    match (rate(above), rate(below)) {
        (Some(above), Some(below)) if below > 0.0 => format!("{:.2}", above / below),
        _ => "–".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Summary;
    use super::super::measurement::measured;
    use super::{rates, ratios};

    fn summaries() -> Vec<Summary> {
        let row = |scenario, database, rate| Summary { scenario, database, measured: measured(rate, "ok") };
        vec![
            row("hot", "SQLite", 600.4),
            row("echo", "SQLite", 1200.0),
            row("hot", "PostgreSQL", 0.0),
            row("spread", "PostgreSQL", 0.0),
        ]
    }

    #[test]
    fn rates_are_rows() {
        let table = rates(&summaries());
        assert!(table.contains("\n| hot | SQLite | 600 | 1.0 | 2.5 | ok |\n"), "{table}");
    }

    #[test]
    fn ratios_are_by_database_and_absent_where_unmeasured() {
        let table = ratios(&summaries());
        assert!(table.starts_with("| ratio | PostgreSQL | SQLite |\n|---|---:|---:|\n"), "{table}");
        assert!(table.contains("| hot / echo | – | 0.50 |\n"), "{table}");
        assert!(table.contains("| hot / spread | – | – |\n"), "{table}");
    }
}
