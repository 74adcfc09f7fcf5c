//! Kinds of violations: those that are alike but for their tool and their numbers. One bug, most likely.

use std::collections::{BTreeSet, HashMap};

/// Violations that are alike, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// What their summaries have in common, `…` in the place of tools and numbers.
    pub pattern: String,
    /// The summary that all of them have; the pattern where they differ.
    pub summary: String,
    /// How many violations.
    pub count: u64,
    /// The tools that they are about.
    pub tools: BTreeSet<String>,
}

impl Kind {
    /// Takes in others of the same kind.
    pub fn take(&mut self, summary: &str, count: u64, tools: impl IntoIterator<Item = String>) {
        if self.summary != summary {
            self.summary.clone_from(&self.pattern);
        }
        self.count = self.count.saturating_add(count);
        self.tools.extend(tools);
    }
}

/// The summary of a violation without what differs between tools and tries: the tool's key, and digits.
pub fn pattern(tool: Option<&str>, summary: &str) -> String {
    let summary = match tool.filter(|tool| !tool.is_empty()) {
        Some(tool) => summary.replace(tool, "…"),
        None => summary.to_owned(),
    };
    let mut pattern = String::with_capacity(summary.len());
    for character in summary.chars() {
        match character {
            '0'..='9' if pattern.ends_with('…') => {}
            '0'..='9' => pattern.push('…'),
            other => pattern.push(other),
        }
    }
    pattern
}

/// Kinds as they are counted, in the order in which they first occur.
#[derive(Debug, Default)]
pub struct Kinds {
    all: Vec<Kind>,
    places: HashMap<String, usize>,
}

impl Kinds {
    /// Takes in so many violations of a pattern with one summary.
    pub fn add(&mut self, pattern: String, summary: &str, count: u64, tools: impl IntoIterator<Item = String>) {
        let place = *self.places.entry(pattern.clone()).or_insert(self.all.len());
        match self.all.get_mut(place) {
            Some(kind) => kind.take(summary, count, tools),
            None => self.all.push(Kind {
                pattern,
                summary: summary.to_owned(),
                count,
                tools: tools.into_iter().collect(),
            }),
        }
    }

    /// The kinds, the largest first.
    pub fn finish(mut self) -> Vec<Kind> {
        self.all.sort_by_key(|kind| std::cmp::Reverse(kind.count));
        self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_ones_are_told_by_what_differs_in_tool_and_number_alone() {
        let mut kinds = Kinds::default();
        for (tool, summary, count) in [
            (Some("a.b.c"), "a.b.c was executed", 1),
            (Some("d.e.f"), "answered 200 after 12 ms", 4),
            (Some("x.y.z"), "x.y.z was executed", 1),
            (None, "answered 500 after 7 ms", 2),
            (None, "the listing is empty", 3),
            (Some("a.b.c"), "the listing is empty", 1),
        ] {
            kinds.add(pattern(tool, summary), summary, count, tool.map(str::to_owned));
        }
        let told: Vec<_> = kinds
            .finish()
            .into_iter()
            .map(|kind| (kind.summary, kind.count, kind.tools.len()))
            .collect();
        assert_eq!(
            told,
            [
                ("answered … after … ms".to_owned(), 6, 1),
                ("the listing is empty".to_owned(), 4, 1),
                ("… was executed".to_owned(), 2, 2),
            ]
        );
    }
}
