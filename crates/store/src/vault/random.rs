//! Random bytes for keys and nonces, read from the system's generator in larger pieces: one call for each key would
//! cost more than sealing with it.

use std::sync::{Mutex, PoisonError};

use aws_lc_rs::rand;
use zeroize::{Zeroize, Zeroizing};

/// Bytes read at once.
const STOCK_BYTES: usize = 4_096;

pub(super) struct Random(Mutex<Stock>);

struct Stock {
    bytes: Zeroizing<Vec<u8>>,
    used: usize,
}

impl Default for Random {
    fn default() -> Self {
        Self(Mutex::new(Stock { bytes: Zeroizing::new(vec![0; STOCK_BYTES]), used: STOCK_BYTES }))
    }
}

impl Random {
    /// Fills `out`, which must be much shorter than the stock. Bytes that were handed out are wiped from the stock.
    pub fn fill(&self, out: &mut [u8]) {
        let mut stock = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if stock.used + out.len() > STOCK_BYTES {
            rand::fill(&mut stock.bytes).expect("the system has random bytes");
            stock.used = 0;
        }
        let from = stock.used;
        stock.used += out.len();
        let to = stock.used;
        let taken = stock.bytes.get_mut(from..to).expect("no key is as long as the stock");
        out.copy_from_slice(taken);
        taken.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_given_out_twice() {
        let random = Random::default();
        let mut seen = std::collections::HashSet::new();
        for _ in 0..10_000 {
            let mut bytes = [0; 12];
            random.fill(&mut bytes);
            assert!(seen.insert(bytes));
        }
    }
}
