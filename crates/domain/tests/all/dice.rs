//! Deterministic random values: the same in every run.

use domain::decide::Chance;
use domain::time::Instant;
use uuid::Uuid;

#[derive(Debug, Default)]
pub struct Dice {
    thrown: u64,
}

impl Chance for Dice {
    fn id(&mut self, now: Instant, hint: u16) -> Uuid {
        let ms = u128::try_from(now.0).unwrap();
        Uuid::from_u128((ms << 80) | (u128::from(hint) << 48) | u128::from(self.bits()))
    }

    fn bits(&mut self) -> u64 {
        self.thrown += 1;
        self.thrown
    }
}
