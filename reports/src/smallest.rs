//! What reports say of the smallest input, and of the shortest sequence, that shows a violation.

use crate::document::violation::{Sequence, Smallest};
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

/// How the shortest sequence was found, in words.
pub(crate) fn shortened(sequence: &Sequence) -> String {
    let operations = counted(sequence.operations.len() as u64, "operation");
    let tries = match sequence.tries {
        1 => "1 try".to_owned(),
        tries => format!("{tries} tries"),
    };
    match (sequence.tries, sequence.settled) {
        (0, false) => format!("{operations}, as drawn"),
        (_, true) => format!(
            "{operations}, the fewest found of {} to show it ({tries})",
            sequence.planned
        ),
        (_, false) => format!(
            "{operations}, the fewest found of {} before the search was ended ({tries})",
            sequence.planned
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::document::body::Body;

    #[test]
    fn a_sequence_says_how_it_was_shortened() {
        let sequence = |tries, settled| Sequence {
            operations: vec![String::new(); 2],
            planned: 14,
            tries,
            settled,
            first_shown: Vec::new(),
        };
        let told = [sequence(0, false), sequence(1, true), sequence(60, false)].map(|own| shortened(&own));
        assert_eq!(
            told,
            [
                "2 operations, as drawn",
                "2 operations, the fewest found of 14 to show it (1 try)",
                "2 operations, the fewest found of 14 before the search was ended (60 tries)",
            ]
        );
    }

    #[test]
    fn a_search_that_was_ended_says_so() {
        let smallest = |steps, requests, settled| Smallest {
            input: Body::Json(json!({})),
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
