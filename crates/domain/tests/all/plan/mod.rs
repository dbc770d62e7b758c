//! From a request to a plan, or to all its invalid fields.

mod lines;
mod moments;
mod quantity;
mod seating;
mod stay;
mod ticket;

use domain::line::Ask;
use domain::plan::{Need, Plan, Rules};
use domain::time::Instant;

use crate::desk::planned;
use crate::world::{pool_id, start, world};

fn plan(asks: &[Ask]) -> Plan {
    planned(&world(), start(), Rules::Guest, asks).unwrap()
}

/// The invalid fields, as `pointer: detail`.
fn wrong_at(now: Instant, rules: Rules, asks: &[Ask]) -> Vec<String> {
    match planned(&world(), now, rules, asks) {
        Ok(_) => Vec::new(),
        Err(errors) => {
            errors.into_iter().map(|error| format!("{}: {}", error.pointer, error.detail)).collect()
        }
    }
}

/// The same for a guest with one line, now. Pointers are relative to the line.
fn wrong(ask: Ask) -> Vec<String> {
    let errors = wrong_at(start(), Rules::Guest, &[ask]);
    errors
        .into_iter()
        .map(|error| error.strip_prefix("/lines/0").map(str::to_owned).unwrap_or(error))
        .collect()
}

/// Each choice of a line as its needs.
fn needs(plan: &Plan, line: usize) -> Vec<Vec<Need>> {
    plan.lines[line].choices.iter().map(|choice| choice.needs.clone()).collect()
}

fn range(pool: &str, first: i64, last: i64, units: i64) -> Need {
    Need::Range { pool: pool_id(pool), first, last, units }
}
