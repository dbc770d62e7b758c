//! What remains of a quota, packed into one number.

/// What remains of a class's quota, small enough to be stored in a connection's activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// The position of the class in the list of quotas.
    pub class: u8,
    pub remaining: u32,
    pub reset_s: u32,
}

impl Allowance {
    /// Never 0.
    pub fn packed(self) -> u64 {
        (1 << 63)
            | (u64::from(self.class) << 60)
            | (u64::from(self.reset_s) << 32)
            | u64::from(self.remaining)
    }

    pub fn unpacked(packed: u64) -> Option<Self> {
        let part = |shift: u32, bits: u32| u32::try_from((packed >> shift) & ((1 << bits) - 1)).unwrap_or(0);
        let class = u8::try_from(part(60, 3)).unwrap_or(0);
        (packed != 0).then(|| Self { class, remaining: part(0, 32), reset_s: part(32, 28) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_survives_its_packing() {
        for (class, remaining, reset_s) in [(0, 0, 0), (3, u32::MAX, (1 << 28) - 1), (1, 29_999, 60)] {
            let allowance = Allowance { class, remaining, reset_s };
            assert_eq!(Allowance::unpacked(allowance.packed()), Some(allowance));
        }
        assert_eq!(Allowance::unpacked(0), None);
    }
}
