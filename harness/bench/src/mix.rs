//! The mix: which tools are called, how often beside each other, and in which order.

use std::collections::BTreeMap;

use hubproof_model::surface::Surface;
use hubproof_runner::select::ToolGlobs;

use crate::options::BenchError;

/// The most places in the order that repeats.
const MOST_PLACES: u64 = 4096;

/// The weights of some tools: the last glob that matches counts, and without one a tool weighs 1. Tools of weight 0 are left out.
///
/// # Errors
/// A glob that is none or matches no tool of the hub, or weights that leave no tool.
pub(crate) fn weigh(
    tools: &[String],
    weights: &[(String, u32)],
    surface: &Surface,
) -> Result<BTreeMap<String, u32>, BenchError> {
    let mut weighed: BTreeMap<_, _> = tools.iter().map(|key| (key.clone(), 1)).collect();
    for (glob, weight) in weights {
        let globs = ToolGlobs {
            only: vec![glob.clone()],
            ..ToolGlobs::default()
        };
        for key in globs.select(surface)? {
            weighed.entry(key).and_modify(|own| *own = *weight);
        }
    }
    weighed.retain(|_, weight| *weight > 0);
    if weighed.is_empty() && !tools.is_empty() {
        return Err(BenchError::NoWeight);
    }
    Ok(weighed)
}

/// An order of calls that repeats, in which each tool stands as often as it weighs.
#[derive(Debug)]
pub(crate) struct Order {
    places: Vec<u16>,
    seed: u64,
}

impl Order {
    /// An order of tools of these weights, which are named by their place in the list.
    pub(crate) fn new(weights: &[u32], seed: u64) -> Self {
        let sum: u64 = weights.iter().copied().map(u64::from).sum();
        // Weights in the millions are brought down, and none to nothing.
        let scaled = |weight: u32| match sum {
            0..=MOST_PLACES => u64::from(weight),
            sum => (u64::from(weight) * MOST_PLACES / sum).max(1),
        };
        let numbered = (0_u16..).zip(weights);
        let mut places: Vec<u16> = numbered
            .flat_map(|(tool, weight)| std::iter::repeat_n(tool, scaled(*weight) as usize))
            .collect();
        for place in (1..places.len()).rev() {
            let other = scattered(seed, place as u64) % (place as u64 + 1);
            places.swap(place, other as usize);
        }
        Self { places, seed }
    }

    /// The tool of a call, and which of its `count(tool)` inputs, by the call's number.
    pub(crate) fn of(&self, number: u64, count: impl Fn(usize) -> usize) -> (usize, usize) {
        let place = number % self.places.len().max(1) as u64;
        let tool = self.places.get(place as usize).copied().map_or(0, usize::from);
        let input = scattered(self.seed, number) % count(tool).max(1) as u64;
        (tool, input as usize)
    }

    /// How many of the first so many calls are of tools that this is so of.
    pub(crate) fn count(&self, calls: u64, is_so: impl Fn(usize) -> bool) -> u64 {
        let length = self.places.len().max(1) as u64;
        let of_first = |places: u64| {
            let first = self.places.iter().take(places as usize);
            first.filter(|tool| is_so(usize::from(**tool))).count() as u64
        };
        (calls / length).saturating_mul(of_first(length)) + of_first(calls % length)
    }
}

/// A number that looks like chance, and is the same for the same seed (SplitMix64).
pub(crate) fn scattered(seed: u64, number: u64) -> u64 {
    let mut mixed = seed.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use hubproof_model::surface::Tool;

    use super::*;

    fn surface(keys: &[&str]) -> Surface {
        let tool = |key: &&str| Tool {
            key: (*key).to_owned(),
            ..Tool::default()
        };
        Surface {
            tools: keys.iter().map(tool).collect(),
            ..Surface::default()
        }
    }

    fn weighed(weights: &[(&str, u32)]) -> Result<Vec<(String, u32)>, BenchError> {
        let keys = ["crm.deals.list", "itsm.tickets.get", "itsm.tickets.list"];
        let weights: Vec<_> = weights
            .iter()
            .map(|(glob, weight)| ((*glob).to_owned(), *weight))
            .collect();
        let tools = keys.map(str::to_owned);
        Ok(weigh(&tools[..2], &weights, &surface(&keys))?.into_iter().collect())
    }

    #[test]
    fn the_last_glob_counts_and_nothing_joins_by_a_weight() {
        let named = |crm, itsm| {
            vec![
                ("crm.deals.list".to_owned(), crm),
                ("itsm.tickets.get".to_owned(), itsm),
            ]
        };
        assert_eq!(weighed(&[]).unwrap(), named(1, 1));
        assert_eq!(weighed(&[("*", 3), ("itsm.*", 7)]).unwrap(), named(3, 7));
        assert_eq!(weighed(&[("crm.*", 0)]).unwrap(), named(1, 1)[1..]);
        assert!(matches!(weighed(&[("*", 0)]), Err(BenchError::NoWeight)));
        assert!(weighed(&[("hr.*", 1)]).unwrap_err().to_string().contains("hr.*"));
    }

    #[test]
    fn each_tool_comes_as_often_as_it_weighs() {
        let order = Order::new(&[1, 3, 6], 7);
        let mut seen = [0; 3];
        let mut inputs = [0; 4];
        for number in 0..1000 {
            let (tool, input) = order.of(number, |tool| if tool == 2 { 4 } else { 1 });
            seen[tool] += 1;
            if tool == 2 {
                inputs[input] += 1;
            }
        }
        assert_eq!(seen, [100, 300, 600]);
        assert!(inputs.iter().all(|count| (100..200).contains(count)), "{inputs:?}");
    }

    #[test]
    fn calls_of_some_tools_are_counted_exactly() {
        for (seed, weights) in [(1, &[1, 9][..]), (2, &[5, 1, 3]), (3, &[1]), (4, &[2, 3000, 40])] {
            let order = Order::new(weights, seed);
            for calls in [0, 1, 2, 9, 10, 11, 1000, 7777] {
                let called = (0..calls).filter(|number| order.of(*number, |_| 1).0 == 0).count();
                assert_eq!(
                    order.count(calls, |tool| tool == 0),
                    called as u64,
                    "{calls} of {weights:?}"
                );
            }
        }
    }

    #[test]
    fn huge_weights_leave_no_tool_out() {
        let order = Order::new(&[1, u32::MAX], 1);
        assert!(order.places.len() as u64 <= MOST_PLACES + 1);
        assert!(order.places.contains(&0));
    }
}
