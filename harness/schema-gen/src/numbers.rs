//! `minimum`, `maximum`, their exclusive forms and `multipleOf`: a grid of exact decimals between two bounds.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use crate::decimal::Decimal;
use crate::near;
use crate::options::Options;
use crate::random::Random;
use crate::rule::{Rule, Types, is_integral};
use crate::shape::Extent;

/// A bound and whether it is excluded.
type Bound = (Decimal, bool);

/// What numbers must be.
#[derive(Debug, Clone, Default)]
pub(crate) struct NumberFacts {
    lower: Option<Bound>,
    upper: Option<Bound>,
    multiples: Vec<Decimal>,
    not_multiples: Vec<Decimal>,
    /// A bound beyond what is computed with here: nothing is generated.
    unknown: bool,
}

impl NumberFacts {
    pub(crate) fn is_constrained(&self) -> bool {
        self.lower.is_some() || self.upper.is_some() || !self.multiples.is_empty() || !self.not_multiples.is_empty()
    }

    pub(crate) fn assume(&mut self, rule: &Rule) {
        match rule {
            Rule::Lower { bound, exclusive } => self.raise(bound, *exclusive),
            Rule::Upper { bound, exclusive } => self.reduce(bound, *exclusive),
            Rule::MultipleOf(step) => match Decimal::of(step) {
                Some(step) if step.mantissa != 0 => self.multiples.push(step),
                _ => self.unknown = true,
            },
            _ => {}
        }
    }

    /// The rule fails; says which end is closest to it.
    pub(crate) fn deny(&mut self, rule: &Rule) -> Option<Extent> {
        match rule {
            Rule::Lower { bound, exclusive } => {
                self.reduce(bound, !exclusive);
                Some(Extent::High)
            }
            Rule::Upper { bound, exclusive } => {
                self.raise(bound, !exclusive);
                Some(Extent::Low)
            }
            Rule::MultipleOf(step) => {
                match Decimal::of(step) {
                    Some(step) => self.not_multiples.push(step),
                    None => self.unknown = true,
                }
                None
            }
            _ => None,
        }
    }

    fn raise(&mut self, bound: &Number, exclusive: bool) {
        let Some(bound) = Decimal::of(bound) else {
            // Below everything that is generated, or above it.
            self.unknown |= bound.as_f64().is_some_and(|bound| bound > 0.0);
            return;
        };
        let tighter = self.lower.is_none_or(|(known, open)| match bound.compare(known) {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => exclusive && !open,
            _ => false,
        });
        if tighter {
            self.lower = Some((bound, exclusive));
        }
    }

    fn reduce(&mut self, bound: &Number, exclusive: bool) {
        let Some(bound) = Decimal::of(bound) else {
            self.unknown |= bound.as_f64().is_some_and(|bound| bound < 0.0);
            return;
        };
        let tighter = self.upper.is_none_or(|(known, open)| match bound.compare(known) {
            Some(Ordering::Less) => true,
            Some(Ordering::Equal) => exclusive && !open,
            _ => false,
        });
        if tighter {
            self.upper = Some((bound, exclusive));
        }
    }

    pub(crate) fn contradicts(&self, types: Types) -> bool {
        if self.unknown {
            return true;
        }
        if let (Some((low, low_open)), Some((high, high_open))) = (self.lower, self.upper) {
            match low.compare(high) {
                Some(Ordering::Greater) => return true,
                Some(Ordering::Equal) if low_open || high_open => return true,
                _ => {}
            }
        }
        if types.has(Types::FRACTION) {
            return false;
        }
        self.grid(true, &Options::default())
            .is_none_or(|grid| grid.low > grid.high)
    }

    pub(crate) fn admits(&self, number: &Number) -> bool {
        let Some(value) = Decimal::of(number) else {
            return !self.is_constrained();
        };
        let above = self.lower.is_none_or(|(bound, open)| match value.compare(bound) {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => !open,
            _ => false,
        });
        let below = self.upper.is_none_or(|(bound, open)| match value.compare(bound) {
            Some(Ordering::Less) => true,
            Some(Ordering::Equal) => !open,
            _ => false,
        });
        above
            && below
            && self.multiples.iter().all(|step| is_multiple(value, *step))
            && !self.not_multiples.iter().any(|step| is_multiple(value, *step))
    }

    /// The values as `k × step × 10^-scale` for `k` from `low` to `high`.
    fn grid(&self, integers: bool, options: &Options) -> Option<Grid> {
        let bounds = self.lower.iter().chain(&self.upper).map(|(bound, _)| bound.scale);
        let steps = self.multiples.iter().chain(&self.not_multiples).map(|step| step.scale);
        let mut scale = bounds.chain(steps).max().unwrap_or(0);
        if !integers && self.multiples.is_empty() {
            // One digit finer than what is written: room for a value just inside.
            scale = (scale + 1).max(2);
        }
        let unit = 10_i128.checked_pow(scale)?;
        let mut step: i128 = if integers { unit } else { 1 };
        for multiple in &self.multiples {
            let other = multiple.at_scale(scale)?.checked_abs()?;
            step = (step / gcd(step, other)).checked_mul(other)?;
        }
        let most = i128::from(options.max_integer).checked_mul(unit)?;
        let ends = |bound: Option<Bound>, fallback: i128| match bound {
            Some((bound, open)) => bound.at_scale(scale).map(|value| (value, open)),
            None => Some((fallback, false)),
        };
        // A bound beyond what readers of binary64 keep exact is not stood on.
        let (mut low, mut low_open) = ends(self.lower, -most)?;
        if low < -most {
            (low, low_open) = (-most, false);
        }
        let (mut high, mut high_open) = ends(self.upper, most)?;
        if high > most {
            (high, high_open) = (most, false);
        }
        let mut first = low.checked_add(step - 1)?.div_euclid(step);
        if low_open && first.checked_mul(step)? == low {
            first += 1;
        }
        let mut last = high.div_euclid(step);
        if high_open && last.checked_mul(step)? == high {
            last -= 1;
        }
        Some(Grid {
            low: first,
            high: last,
            step,
            scale,
        })
    }

    /// A number, or `None` where the search finds none.
    pub(crate) fn write(
        &self,
        types: Types,
        extent: Extent,
        denied: &[&Value],
        random: &mut Random,
        options: &Options,
    ) -> Option<Value> {
        let write = |integers, random: &mut Random| self.write_kind(integers, types, extent, denied, random, options);
        if !types.has(Types::FRACTION) {
            return write(true, random);
        }
        if !types.has(Types::INTEGER) {
            return write(false, random);
        }
        let bounded = match extent {
            Extent::Low => self.lower.is_some(),
            Extent::High => self.upper.is_some(),
            Extent::Random => false,
        };
        if bounded {
            // The one closest to the bound.
            return match (write(true, random), write(false, random)) {
                (Some(integer), Some(fraction)) => {
                    let lower = integer.as_f64() <= fraction.as_f64();
                    Some(if lower == (extent == Extent::Low) {
                        integer
                    } else {
                        fraction
                    })
                }
                (integer, fraction) => integer.or(fraction),
            };
        }
        let integers = extent != Extent::Random || random.one_in(2);
        write(integers, random).or_else(|| write(!integers, random))
    }

    fn write_kind(
        &self,
        integers: bool,
        types: Types,
        extent: Extent,
        denied: &[&Value],
        random: &mut Random,
        options: &Options,
    ) -> Option<Value> {
        let grid = self.grid(integers, options)?;
        if grid.low > grid.high {
            return None;
        }
        for attempt in 0..48 + denied.len() as i128 {
            let index = match extent {
                Extent::Low if self.lower.is_some() => grid.low + attempt,
                Extent::High if self.upper.is_some() => grid.high - attempt,
                // Without a bound, from nought outwards.
                Extent::Low => grid.nearest(if attempt % 2 == 0 {
                    attempt / 2
                } else {
                    -attempt / 2 - 1
                }),
                Extent::High => grid.nearest(1000 / grid.step.min(1000) + attempt),
                Extent::Random => self.random_index(&grid, attempt, random),
            };
            if index < grid.low || index > grid.high {
                return None;
            }
            let value = Decimal {
                mantissa: index.checked_mul(grid.step)?,
                scale: grid.scale,
            };
            if !integers && value.is_integer() && !types.has(Types::INTEGER) {
                continue;
            }
            let Some(json) = value.to_json() else { continue };
            let Value::Number(number) = &json else { continue };
            let kind = if is_integral(number) {
                Types::INTEGER
            } else {
                Types::FRACTION
            };
            if types.has(kind)
                && self.admits(number)
                && self.is_undisputed(number)
                && !denied.iter().any(|other| crate::rule::equal(other, &json))
            {
                let floats = extent == Extent::Random && options.integral_floats && kind == Types::INTEGER;
                return Some(if floats && random.one_in(12) {
                    near::rewritten(&json).unwrap_or(json)
                } else {
                    json
                });
            }
        }
        None
    }

    /// Validators divide in binary floating point, or exactly: both must come to the same answer.
    fn is_undisputed(&self, number: &Number) -> bool {
        let quotient = |step: &Decimal| {
            let step = step.to_json().and_then(|step| step.as_f64())?;
            let quotient = number.as_f64()? / step;
            quotient.is_finite().then_some(quotient)
        };
        self.multiples
            .iter()
            .all(|step| quotient(step).is_some_and(|quotient| quotient.fract() == 0.0))
            && self
                .not_multiples
                .iter()
                .all(|step| quotient(step).is_some_and(|quotient| (quotient - quotient.round()).abs() > 1e-6))
    }

    fn random_index(&self, grid: &Grid, attempt: i128, random: &mut Random) -> i128 {
        match (self.lower.is_some(), self.upper.is_some()) {
            (true, true) if grid.high - grid.low < 1 << 40 => random.between(grid.low, grid.high),
            (true, _) => grid.nearest(grid.low + spread(random) + attempt),
            (false, true) => grid.nearest(grid.high - spread(random) - attempt),
            (false, false) => {
                let size = spread(random);
                grid.nearest(if random.one_in(3) { -size } else { size } + attempt)
            }
        }
    }
}

/// Mostly small, sometimes large.
fn spread(random: &mut Random) -> i128 {
    let digits = [10, 100, 1_000, 100_000, 1 << 31, 1 << 48, 1 << 62];
    random.between(0, digits[random.clone().below(digits.len())])
}

struct Grid {
    low: i128,
    high: i128,
    step: i128,
    scale: u32,
}

impl Grid {
    fn nearest(&self, index: i128) -> i128 {
        index.clamp(self.low, self.high)
    }
}

fn is_multiple(value: Decimal, step: Decimal) -> bool {
    let scale = value.scale.max(step.scale);
    match (value.at_scale(scale), step.at_scale(scale)) {
        (Some(value), Some(step)) if step != 0 => value % step == 0,
        _ => false,
    }
}

fn gcd(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.abs().max(1)
}
