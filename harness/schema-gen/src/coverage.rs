//! What no instance has exercised yet, and which way leads there: steers a draw into as much of it as fits.

use std::cell::Cell;

use crate::focus;
use crate::rule::{NodeId, Program};

/// Values that one steered instance may have; what is left then waits for the next one.
const VALUES: usize = 1_500;
/// Applicators in a row, all judging one value, that a look ahead follows.
const AHEAD: usize = 4;

/// What one draw should exercise.
#[derive(Debug)]
pub(crate) struct Coverage {
    /// Whether the node, or one that an instance reaches through it, has not been exercised.
    leads: Vec<bool>,
    /// Nodes that this draw has come to.
    begun: Vec<Cell<bool>>,
    left: Cell<usize>,
}

impl Coverage {
    /// `None` where all that instances can reach has been exercised.
    pub(crate) fn new(program: &Program, order: &[NodeId], visited: &[bool]) -> Option<Self> {
        let mut leads = vec![false; program.nodes.len()];
        let wanted = |node: NodeId| !visited[node as usize] && program.height(node) != u32::MAX;
        for &node in order {
            leads[node as usize] = wanted(node);
        }
        // Nearest first, so that going backwards settles trees at once; cycles take a few rounds.
        loop {
            let mut changed = false;
            for &node in order.iter().rev() {
                if !leads[node as usize] && program.height(node) != u32::MAX {
                    let mut below = program.node(node).rules.iter();
                    if below.any(|entry| focus::any_child(&entry.rule, |child| leads[child as usize])) {
                        leads[node as usize] = true;
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }
        leads.first().is_some_and(|leads| *leads).then(|| Self {
            begun: vec![Cell::new(false); leads.len()],
            leads,
            left: Cell::new(VALUES),
        })
    }

    /// The draw has come to a value that these nodes hold for.
    pub(crate) fn begin(&self, nodes: impl Iterator<Item = NodeId>) {
        self.left.set(self.left.get().saturating_sub(1));
        for node in nodes {
            self.begun[node as usize].set(true);
        }
    }

    /// Whether a value of the node exercises something new.
    pub(crate) fn wants(&self, program: &Program, node: NodeId) -> bool {
        self.left.get() > 0 && self.wants_ahead(program, node, AHEAD)
    }

    fn wants_ahead(&self, program: &Program, node: NodeId, ahead: usize) -> bool {
        if !self.leads[node as usize] {
            return false;
        }
        if !self.begun[node as usize].get() {
            return true;
        }
        ahead > 0
            && program.node(node).rules.iter().any(|entry| {
                entry.rule.is_in_place()
                    && focus::any_child(&entry.rule, |child| self.wants_ahead(program, child, ahead - 1))
            })
    }
}
