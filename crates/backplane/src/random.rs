//! Unpredictable random values.

use aws_lc_rs::rand;

pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the system has random bytes");
    bytes
}

pub fn number() -> u64 {
    u64::from_le_bytes(bytes())
}
