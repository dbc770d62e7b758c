//! Valid requests with several random changes. The same seed gives the same requests: `HOLDFAST_SEED=7 cargo test -p
//! api mutations`.

use serde_json::{Value, json};
use testkit::SeededChance;

use super::{Targets, answer};
use crate::client::Call;
use crate::world::{World, run};

testkit::on_both_databases! {
    fn whatever_is_sent_is_answered(database: &TestDatabase) {
        let given = std::env::var("HOLDFAST_SEED").ok().and_then(|seed| seed.parse().ok());
        run(database, async |world| mutations(world, given.unwrap_or(1)).await);
    }
}

/// Requests of one seed.
const REQUESTS: usize = 3_000;

async fn mutations(world: &World, seed: u64) {
    let mut dice = Dice(SeededChance::new(seed));
    let targets = Targets::new(world).await;
    let examples = targets.examples(world);
    for number in 0..REQUESTS {
        let (call, body) = dice.pick(&examples);
        let mut body = Value::clone(body);
        for _ in 0..=dice.below(4) {
            dice.mutate(&mut body);
        }
        let bytes = dice.scramble(body.to_string().into_bytes());
        let call: Call = call.clone().body(bytes);
        let key = format!("key {}", dice.below(20));
        let call = if dice.below(3) == 0 { call.key(&key) } else { call };
        let _told = Told(format!("seed {seed}, request {number}"));
        answer(world, &call).await;
    }
}

/// Prints the request if the test fails.
struct Told(String);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{}", self.0);
        }
    }
}

struct Dice(SeededChance);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.0.below(bound as u64)).unwrap()
    }

    fn pick<'v, T>(&mut self, of: &'v [T]) -> &'v T {
        &of[self.below(of.len())]
    }

    /// Changes one value somewhere inside.
    fn mutate(&mut self, value: &mut Value) {
        let stop = self.below(3) == 0;
        match value {
            Value::Object(object) if !stop && !object.is_empty() => {
                let name = object.keys().nth(self.below(object.len())).cloned().unwrap();
                match self.below(8) {
                    0 => drop(object.remove(&name)),
                    1 => drop(object.insert(format!("{name}\u{0}"), json!(1))),
                    2 => {
                        let moved = object.remove(&name).unwrap();
                        let other = self.name().to_owned();
                        object.insert(other, moved);
                    }
                    _ => self.mutate(&mut object[&name]),
                }
            }
            Value::Array(array) if !stop && !array.is_empty() => {
                let index = self.below(array.len());
                match self.below(6) {
                    0 => drop(array.remove(index)),
                    1 => {
                        let again = array[index].clone();
                        array.extend(std::iter::repeat_n(again, 30));
                    }
                    _ => self.mutate(&mut array[index]),
                }
            }
            other => *other = self.value(other),
        }
    }

    fn name(&mut self) -> &'static str {
        let names = [
            "lines",
            "bookings",
            "kind",
            "seats",
            "seat_count",
            "guests",
            "num_guests",
            "quantity",
            "expected_version",
            "metadata",
            "idempotency_key",
            "expected_total",
            "guest_id",
            "from",
            "to",
            "recipes",
            "pool_id",
            "opening_hours",
            "seat_map",
            "",
        ];
        names[self.below(names.len())]
    }

    fn value(&mut self, old: &Value) -> Value {
        let huge = i64::MAX - i64::try_from(self.below(3)).unwrap();
        match self.below(14) {
            0 => Value::Null,
            1 => json!(huge),
            2 => json!(-huge),
            3 => json!(self.below(200)),
            4 => json!(1e308),
            5 => json!([old]),
            6 => json!({"amount": old}),
            7 => json!("x".repeat(self.below(3_000))),
            8 => json!(format!(
                "{}-{:02}-{:02}",
                [0, 1970, 2025, 2026, 9999][self.below(5)],
                self.below(14),
                self.below(33)
            )),
            9 => json!(format!("{:02}:{:02}", self.below(26), self.below(62))),
            10 => json!(["\u{0}", "\u{202e}אבג", "🔑", "\u{ffff}", "\\", "\"", "\r\n"][self.below(7)]),
            11 => json!(
                [
                    "double",
                    "suite",
                    "1",
                    "bistro",
                    "concert-seat",
                    "museum-mug",
                    "transfer",
                    "cellar-tasting"
                ][self.below(8)]
            ),
            12 => json!({"lines": [old], "kind": "stay"}),
            _ => match old {
                Value::Number(number) => json!(number.as_i64().unwrap_or(0).saturating_sub(1)),
                Value::String(text) => json!(text.repeat(2)),
                other => json!(!other.as_bool().unwrap_or_default()),
            },
        }
    }

    /// Usually leaves the bytes unchanged.
    fn scramble(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        match self.below(12) {
            0 => bytes.truncate(self.below(bytes.len() + 1)),
            1 => {
                let at = self.below(bytes.len());
                bytes[at] = u8::try_from(self.below(256)).unwrap();
            }
            2 => {
                let again = bytes.clone();
                bytes.extend(again);
            }
            _ => {}
        }
        bytes
    }
}
