//! Whether a larger share of calls than before is of some sort (slow, failed), by more than chance.
//!
//! Of the calls of that sort in both measurements, as many would be in the new one as it has of all calls, were the shares equal: the test
//! is the exact binomial one on that. Two things are added:
//!
//! - *Failures come in bursts.* Where they were uneven over the blocks of the baseline, by more than chance, all counts weigh less by as
//!   much ([`dispersion`]).
//! - *No two runs are alike.* A share counts as grown from a fifth more on.

use statrs::function::beta::checked_beta_reg;

/// How far a share may be off from run to run: a fifth.
const DRIFT: f64 = 1.2;

/// Calls of some sort, of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Those of the sort.
    pub part: u64,
    /// All.
    pub all: u64,
}

impl Share {
    /// The share, 0 where there are no calls.
    #[must_use]
    pub fn rate(self) -> f64 {
        if self.all > 0 {
            self.part as f64 / self.all as f64
        } else {
            0.0
        }
    }

    /// Whether it is larger than an older one: at most a part of `level` of equal shares are said to be. `dispersion` tells by how much the
    /// counts are more uneven than chance, 1 where they are not.
    #[must_use]
    pub fn has_grown(self, old: Share, dispersion: f64, level: f64) -> bool {
        if self.rate() <= old.rate() || old.all == 0 {
            return false;
        }
        let [new, old_part] = [self.part, old.part].map(|part| part as f64 / dispersion.max(1.0));
        let weight = DRIFT * self.all as f64;
        // The probability of as many or more in the new one, of as many in both.
        let chance = checked_beta_reg(new, old_part + 1.0, weight / (weight + old.all as f64));
        chance.is_ok_and(|chance| chance < level)
    }
}

/// By how much the counts of blocks are more uneven than chance alone leaves them: Pearson's statistic by its degrees of freedom, 1 at least.
#[must_use]
pub fn dispersion(blocks: &[Share]) -> f64 {
    let sum = |of: fn(&Share) -> u64| blocks.iter().map(of).sum::<u64>();
    let rate = Share {
        part: sum(|block| block.part),
        all: sum(|block| block.all),
    }
    .rate();
    if rate <= 0.0 || rate >= 1.0 || blocks.len() < 2 {
        return 1.0;
    }
    let uneven = blocks.iter().filter(|block| block.all > 0).map(|block| {
        let all = block.all as f64;
        (block.part as f64 - rate * all).powi(2) / (rate * (1.0 - rate) * all)
    });
    (uneven.sum::<f64>() / (blocks.len() - 1) as f64).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVEL: f64 = 0.001;

    fn share(part: u64, all: u64) -> Share {
        Share { part, all }
    }

    #[test]
    fn chance_is_no_growth() {
        assert!(!share(0, 1000).has_grown(share(0, 1000), 1.0, LEVEL));
        assert!(!share(110, 1000).has_grown(share(100, 1000), 1.0, LEVEL));
        assert!(!share(5, 1000).has_grown(share(0, 1000), 1.0, LEVEL), "2 in a hundred");
        assert!(!share(50, 1000).has_grown(share(100, 1000), 1.0, LEVEL), "less");
        assert!(!share(5, 0).has_grown(share(0, 0), 1.0, LEVEL));
    }

    #[test]
    fn more_than_chance_is() {
        assert!(share(20, 1000).has_grown(share(0, 1000), 1.0, LEVEL));
        assert!(share(200, 1000).has_grown(share(100, 1000), 1.0, LEVEL));
        assert!(
            share(20, 1000).has_grown(share(2, 10_000), 1.0, LEVEL),
            "of unequal numbers"
        );
        let large = share(12_500_000, 1_000_000_000);
        assert!(large.has_grown(share(10_000_000, 1_000_000_000), 1.0, LEVEL));
        assert!(!share(11_900_000, 1_000_000_000).has_grown(share(10_000_000, 1_000_000_000), 1.0, LEVEL));
    }

    #[test]
    fn what_comes_in_bursts_takes_more() {
        let even = vec![share(5, 50); 20];
        let mut bursts = vec![share(0, 50); 20];
        bursts[3].part = 50;
        bursts[11].part = 50;
        assert!((dispersion(&even) - 1.0).abs() < 1e-9);
        assert!(dispersion(&bursts) > 40.0, "{}", dispersion(&bursts));
        let (old, new) = (share(100, 1000), share(200, 1000));
        assert!(new.has_grown(old, dispersion(&even), LEVEL));
        assert!(!new.has_grown(old, dispersion(&bursts), LEVEL));
        assert!((dispersion(&[]) - 1.0).abs() < 1e-9);
    }
}
