//! Exact decimal numbers: bounds and `multipleOf` are written in decimal, and binary floating point would miss them.

use serde_json::{Number, Value};

/// `mantissa × 10^-scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub(crate) mantissa: i128,
    pub(crate) scale: u32,
}

impl Decimal {
    /// `None` where the number's magnitude is beyond what 128 bits hold.
    pub(crate) fn of(number: &Number) -> Option<Self> {
        if let Some(integer) = number.as_i64() {
            return Some(Self::integer(i128::from(integer)));
        }
        if let Some(integer) = number.as_u64() {
            return Some(Self::integer(i128::from(integer)));
        }
        Self::parse(&number.to_string())
    }

    pub(crate) fn integer(value: i128) -> Self {
        Self {
            mantissa: value,
            scale: 0,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mut mantissa: i128 = format!("{whole}{fraction}").parse().ok()?;
        let mut scale = i32::try_from(fraction.len()).ok()? - exponent;
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        if scale < 0 {
            mantissa = mantissa.checked_mul(10_i128.checked_pow(scale.unsigned_abs())?)?;
            scale = 0;
        }
        Some(Self {
            mantissa,
            scale: u32::try_from(scale).ok()?,
        })
    }

    /// The mantissa at a larger scale.
    pub(crate) fn at_scale(self, scale: u32) -> Option<i128> {
        self.mantissa
            .checked_mul(10_i128.checked_pow(scale.checked_sub(self.scale)?)?)
    }

    pub(crate) fn is_integer(self) -> bool {
        10_i128
            .checked_pow(self.scale)
            .is_some_and(|unit| self.mantissa % unit == 0)
    }

    /// A JSON number of exactly this value, or `None` where no binary64 prints as it.
    pub(crate) fn to_json(self) -> Option<Value> {
        let mut reduced = self;
        while reduced.scale > 0 && reduced.mantissa % 10 == 0 {
            reduced.mantissa /= 10;
            reduced.scale -= 1;
        }
        if reduced.scale == 0 {
            if let Ok(small) = i64::try_from(reduced.mantissa) {
                return Some(Value::from(small));
            }
            if let Ok(large) = u64::try_from(reduced.mantissa) {
                return Some(Value::from(large));
            }
        }
        let float: f64 = format!("{}e-{}", reduced.mantissa, reduced.scale).parse().ok()?;
        let number = Number::from_f64(float)?;
        (Self::parse(&number.to_string())? == reduced).then_some(Value::Number(number))
    }

    pub(crate) fn compare(self, other: Self) -> Option<std::cmp::Ordering> {
        let scale = self.scale.max(other.scale);
        Some(self.at_scale(scale)?.cmp(&other.at_scale(scale)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn reads_every_notation() {
        assert_eq!(
            decimal("-12.50"),
            Decimal {
                mantissa: -125,
                scale: 1
            }
        );
        assert_eq!(decimal("1e-8"), Decimal { mantissa: 1, scale: 8 });
        assert_eq!(decimal("1.5e3"), Decimal::integer(1500));
        assert_eq!(Decimal::parse("1e308"), None);
    }

    #[test]
    fn writes_what_it_read() {
        for text in ["0.1", "12.25", "-3", "1e-8", "19.99"] {
            assert_eq!(
                Decimal::of(decimal(text).to_json().unwrap().as_number().unwrap()),
                Some(decimal(text))
            );
        }
        assert!(decimal("2.0").is_integer());
        assert!(!decimal("2.5").is_integer());
    }
}
