//! Money: an amount in minor units and an ISO 4217 code. Never a float.

use std::str::FromStr;

/// An ISO 4217 currency that has minor units. This excludes gold and the test code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Digits after the decimal point: 2 for EUR, 0 for JPY, 3 for BHD.
    pub fn exponent(self) -> u16 {
        self.0.exponent().unwrap_or(2)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be an ISO 4217 currency code such as EUR")]
pub struct NotACurrency;

impl FromStr for Currency {
    type Err = NotACurrency;

    fn from_str(code: &str) -> Result<Self, NotACurrency> {
        let found = iso_currency::Currency::from_code(code).ok_or(NotACurrency)?;
        found.exponent().map(|_| Self(found)).ok_or(NotACurrency)
    }
}

impl serde::Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// An amount of money. `amount` is in minor units: 12950 EUR is 129.50 euro.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Money {
    pub amount: i64,
    pub currency: Currency,
}

/// The sum, or `None` where it is more than can be written.
pub fn sum_minor(amounts: impl IntoIterator<Item = i64>) -> Option<i64> {
    amounts.into_iter().try_fold(0_i64, i64::checked_add)
}

/// The price of a booking, in minor units of its currency. It is recorded at creation and never recomputed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    pub currency: Currency,
    pub base_minor: i64,
    pub tax_minor: i64,
    pub discount_minor: i64,
    pub total_minor: i64,
}

impl Price {
    /// A price that consists of its base only. Taxes and promotions have their own rules.
    pub fn plain(base_minor: i64, currency: Currency) -> Self {
        Self { currency, base_minor, tax_minor: 0, discount_minor: 0, total_minor: base_minor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_knows_its_minor_units() {
        for (code, exponent) in [("EUR", 2), ("JPY", 0), ("BHD", 3), ("CLF", 4)] {
            assert_eq!(code.parse::<Currency>().map(Currency::exponent), Ok(exponent), "{code}");
        }
    }

    #[test]
    fn what_is_no_money_is_refused() {
        for code in ["", "eur", "EURO", "XAU", "ABC", "12"] {
            assert_eq!(code.parse::<Currency>(), Err(NotACurrency), "{code}");
        }
    }
}
