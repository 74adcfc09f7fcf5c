//! What reports say of the smallest input that shows a violation.

use hubproof_model::record::Smallest;

use crate::figures::counted;

/// How it was found, in words.
pub(crate) fn search(smallest: &Smallest) -> String {
    // Each step is one change: a search that came to its end may still have missed what two at once would find.
    let found = if smallest.settled {
        "the smallest input found to show it"
    } else {
        "the smallest input found before the search was ended"
    };
    let steps = match smallest.steps {
        0 => "as planned".to_owned(),
        steps => counted(steps, "step"),
    };
    match smallest.requests {
        0 => format!("{found} ({steps}: nothing is one step smaller)"),
        requests => format!("{found} ({steps}, {})", counted(requests, "request")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_search_that_was_ended_says_so() {
        let smallest = |steps, requests, settled| Smallest {
            input: json!({}),
            steps,
            requests,
            settled,
            first_shown: Vec::new(),
        };
        let told = [smallest(3, 12, true), smallest(0, 0, true), smallest(1, 200, false)].map(|own| search(&own));
        assert_eq!(
            told,
            [
                "the smallest input found to show it (3 steps, 12 requests)",
                "the smallest input found to show it (as planned: nothing is one step smaller)",
                "the smallest input found before the search was ended (1 step, 200 requests)",
            ]
        );
    }
}
