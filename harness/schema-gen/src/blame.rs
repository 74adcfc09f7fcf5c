//! Which assertions an instance breaks by itself: an evaluation that follows each failure to what would mend it.
//!
//! An instance that fails has a set of culprits: the assertions any one of which, taken out of the schema, would let the
//! instance pass. A single fault is in its own set; beneath `anyOf`, or behind a subschema that stands in for several,
//! one instance tells of more than one. An empty set means that no single assertion is to blame.

use serde_json::{Map, Value};

use crate::faults::Assertion;
use crate::judge;
use crate::rule::{NodeId, Program, Rule};

/// Levels of schemas and values together that are followed.
const MAX_DEPTH: usize = 512;
const NONE: u32 = u32::MAX;

/// The assertions of a program by their rules.
#[derive(Debug)]
pub(crate) struct Culprits {
    /// For each node and rule, its assertion.
    numbers: Vec<Vec<u32>>,
    annotated: bool,
}

/// `None`: it holds. Else the culprits, ascending.
type Verdict = Option<Vec<u32>>;

impl Culprits {
    pub(crate) fn new(program: &Program, assertions: &[Assertion]) -> Self {
        let mut numbers: Vec<Vec<u32>> = program.nodes.iter().map(|node| vec![NONE; node.rules.len()]).collect();
        for (number, assertion) in assertions.iter().enumerate() {
            for (node, rule) in &assertion.rules {
                numbers[*node as usize][*rule] = u32::try_from(number).unwrap_or(NONE);
            }
        }
        let rules = program.nodes.iter().flat_map(|node| &node.rules);
        let annotated = |rule: &Rule| matches!(rule, Rule::UnevaluatedItems(_) | Rule::UnevaluatedProperties(_));
        Self {
            numbers,
            annotated: rules.map(|entry| &entry.rule).any(annotated),
        }
    }

    /// The assertions that the instance breaks by themselves; `None` where it breaks nothing, or where it takes annotations
    /// to tell (`unevaluatedProperties`, `unevaluatedItems`), which failures take with them.
    pub(crate) fn of(&self, program: &Program, instance: &Value) -> Verdict {
        if self.annotated {
            return None;
        }
        Blame {
            program,
            numbers: &self.numbers,
        }
        .node(0, instance, 0)
    }
}

struct Blame<'p> {
    program: &'p Program,
    numbers: &'p [Vec<u32>],
}

/// What has failed so far where all must hold: only what mends every failure is to blame.
#[derive(Default)]
struct All(Verdict);

impl All {
    /// True where no single assertion can be to blame any more.
    fn and(&mut self, verdict: Verdict) -> bool {
        if let Some(culprits) = verdict {
            match &mut self.0 {
                None => self.0 = Some(culprits),
                Some(known) => known.retain(|number| culprits.binary_search(number).is_ok()),
            }
        }
        self.0.as_ref().is_some_and(Vec::is_empty)
    }
}

fn one(number: u32) -> Verdict {
    Some(if number == NONE { Vec::new() } else { vec![number] })
}

/// Any of the failures mended mends the whole.
fn any(own: u32, failures: impl Iterator<Item = Vec<u32>>) -> Verdict {
    let mut culprits: Vec<u32> = failures.flatten().collect();
    if own != NONE {
        culprits.push(own);
    }
    culprits.sort_unstable();
    culprits.dedup();
    Some(culprits)
}

impl Blame<'_> {
    fn node(&self, id: NodeId, value: &Value, depth: usize) -> Verdict {
        if depth > MAX_DEPTH {
            return Some(Vec::new());
        }
        let mut all = All::default();
        for (at, entry) in self.program.node(id).rules.iter().enumerate() {
            if all.and(self.rule(id, at, &entry.rule, value, depth + 1)) {
                break;
            }
        }
        all.0
    }

    fn rule(&self, id: NodeId, at: usize, rule: &Rule, value: &Value, depth: usize) -> Verdict {
        let own = self.numbers[id as usize][at];
        match rule {
            Rule::AllOf(nodes) => self.each(nodes.iter().map(|node| (*node, value)), depth),
            Rule::Reference(node) => self
                .node(*node, value, depth)
                .and_then(|culprits| any(own, std::iter::once(culprits))),
            Rule::AnyOf(nodes) => {
                let mut failures = Vec::with_capacity(nodes.len());
                for node in nodes {
                    failures.push(self.node(*node, value, depth)?);
                }
                any(own, failures.into_iter())
            }
            Rule::OneOf(nodes) => self.one_of(own, nodes, value, depth),
            Rule::If {
                condition,
                then,
                otherwise,
            } => {
                let branch = if self.holds(*condition, value) { then } else { otherwise };
                self.node(*branch, value, depth)
                    .and_then(|culprits| any(own, std::iter::once(culprits)))
            }
            Rule::DependentSchema { name, node } => {
                value.get(name)?;
                self.node(*node, value, depth)
            }
            _ => match value {
                Value::Array(items) => self.array((own, id), rule, items, value, depth),
                Value::Object(members) => self.object(own, rule, members, value, depth),
                _ => self.leaf(own, rule, value),
            },
        }
    }

    /// A rule that no subschema of its own can mend.
    fn leaf(&self, own: u32, rule: &Rule, value: &Value) -> Verdict {
        if judge::rule_holds(self.program, rule, value) {
            None
        } else {
            one(own)
        }
    }

    fn holds(&self, node: NodeId, value: &Value) -> bool {
        judge::holds(self.program, node, value)
    }

    fn each<'v>(&self, judged: impl Iterator<Item = (NodeId, &'v Value)>, depth: usize) -> Verdict {
        let mut all = All::default();
        for (node, value) in judged {
            if all.and(self.node(node, value, depth)) {
                break;
            }
        }
        all.0
    }

    fn one_of(&self, own: u32, nodes: &[NodeId], value: &Value, depth: usize) -> Verdict {
        let mut failures = Vec::with_capacity(nodes.len());
        let mut holding = 0;
        for node in nodes {
            match self.node(*node, value, depth) {
                None => holding += 1,
                Some(culprits) => failures.push(culprits),
            }
        }
        match holding {
            0 => {
                // What mends two branches at once makes them both hold.
                let shared = |number: &u32| failures.iter().filter(|other| other.contains(number)).count() > 1;
                let single = failures
                    .iter()
                    .map(|culprits| culprits.iter().copied().filter(|n| !shared(n)).collect());
                any(own, single.collect::<Vec<Vec<u32>>>().into_iter())
            }
            1 => None,
            _ => one(own),
        }
    }

    fn array(&self, (own, id): (u32, NodeId), rule: &Rule, items: &[Value], value: &Value, depth: usize) -> Verdict {
        match rule {
            Rule::Prefix(nodes) => self.each(nodes.iter().copied().zip(items), depth),
            Rule::Items { from, node } => self.each(items.iter().skip(*from).map(|item| (*node, item)), depth),
            Rule::Contains { node, min } | Rule::MinContains { node, min } => {
                let failures: Vec<Vec<u32>> = items.iter().filter_map(|item| self.node(*node, item, depth)).collect();
                let matching = (items.len() - failures.len()) as u64;
                if matching >= *min {
                    None
                } else if matching + 1 == *min {
                    any(own, failures.into_iter().chain(self.counted(id)))
                } else {
                    any(own, self.counted(id))
                }
            }
            Rule::MaxContains { node, max } => {
                let matching = items.iter().filter(|item| self.holds(*node, item)).count() as u64;
                if matching <= *max {
                    None
                } else {
                    any(own, self.counted(id))
                }
            }
            _ => self.leaf(own, rule, value),
        }
    }

    /// The `contains` that a node's counts belong to: without it they count nothing.
    fn counted(&self, id: NodeId) -> impl Iterator<Item = Vec<u32>> {
        let rules = &self.program.node(id).rules;
        let contains = rules
            .iter()
            .position(|entry| matches!(entry.rule, Rule::Contains { .. }));
        let number = contains.map_or(NONE, |at| self.numbers[id as usize][at]);
        (number != NONE).then(|| vec![number]).into_iter()
    }

    fn object(&self, own: u32, rule: &Rule, members: &Map<String, Value>, value: &Value, depth: usize) -> Verdict {
        match rule {
            Rule::Properties(nodes) => self.each(nodes.of(members).map(|(_, node, member)| (node, member)), depth),
            Rule::PatternProperties(nodes) => {
                let matching = nodes.iter().flat_map(|(pattern, node)| {
                    let fitting = members.iter().filter(|(name, _)| pattern.is_match(name));
                    fitting.map(|(_, member)| (*node, member))
                });
                self.each(matching, depth)
            }
            Rule::AdditionalProperties { node, known, patterns } => {
                let beyond = members.iter().filter(|(name, _)| {
                    !known.contains(*name) && !patterns.iter().any(|pattern| pattern.is_match(name))
                });
                self.each(beyond.map(|(_, member)| (*node, member)), depth)
            }
            Rule::PropertyNames(node) => {
                let mut all = All::default();
                for name in members.keys() {
                    if all.and(self.node(*node, &Value::String(name.clone()), depth)) {
                        break;
                    }
                }
                all.0
            }
            _ => self.leaf(own, rule, value),
        }
    }
}
