//! Sequences smaller than one that a hub failed, the smallest first.

use super::operation::{Manner, Operation, Sequence};

impl Sequence {
    /// Shorter or simpler sequences of which one may show the same, what leaves out most first.
    pub fn smaller(&self) -> Vec<Sequence> {
        let mut smaller = Vec::new();
        let mut add = |groups: Vec<Vec<Operation>>| {
            let candidate = Sequence {
                groups: groups.into_iter().filter(|group| !group.is_empty()).collect(),
                ..self.clone()
            };
            let is_new = candidate.operations() > 0 && candidate != *self && !smaller.contains(&candidate);
            if is_new && candidate.is_whole() {
                smaller.push(candidate);
            }
        };
        self.without_others(&mut add);
        self.without_some(&mut add);
        self.without_one(&mut add);
        self.in_sequence(&mut add);
        self.simpler(&mut add);
        smaller.sort_by_key(|candidate| (candidate.operations() == self.operations(), candidate.operations()));
        smaller
    }

    /// The operations under one key alone, and those on one input alone: most breaches are about one.
    fn without_others(&self, add: &mut impl FnMut(Vec<Vec<Operation>>)) {
        let operations = || self.groups.iter().flatten();
        for own in operations() {
            add(self.only(|other| other.key() == own.key()));
            add(self.only(|other| other.slot() == own.slot()));
            add(self.only(|other| other.slot().tool == own.slot().tool));
        }
    }

    fn only(&self, is_wanted: impl Fn(&Operation) -> bool) -> Vec<Vec<Operation>> {
        let kept = |group: &Vec<Operation>| group.iter().copied().filter(|own| is_wanted(own)).collect();
        self.groups.iter().map(kept).collect()
    }

    /// Without a run of groups: half of them, a quarter, and so on.
    fn without_some(&self, add: &mut impl FnMut(Vec<Vec<Operation>>)) {
        let all = self.groups.len();
        let mut length = all.div_ceil(2);
        while length > 0 {
            for start in (0..all).step_by(length).rev() {
                let kept = self.groups.iter().enumerate();
                let kept = kept.filter(|(at, _)| !(start..start + length).contains(at));
                add(kept.map(|(_, group)| group.clone()).collect());
            }
            length /= 2;
        }
    }

    /// With half of a group, and without one of its operations.
    fn without_one(&self, add: &mut impl FnMut(Vec<Vec<Operation>>)) {
        for (at, group) in self.groups.iter().enumerate().filter(|(_, group)| group.len() > 1) {
            let mut with = |operations: Vec<Operation>| {
                let mut groups = self.groups.clone();
                groups[at] = operations;
                add(groups);
            };
            with(group[..group.len().div_ceil(2)].to_vec());
            for leaving in 0..group.len() {
                let mut operations = group.clone();
                operations.remove(leaving);
                with(operations);
            }
        }
    }

    /// With a group one after the other.
    fn in_sequence(&self, add: &mut impl FnMut(Vec<Vec<Operation>>)) {
        for (at, group) in self.groups.iter().enumerate().filter(|(_, group)| group.len() > 1) {
            let mut groups = self.groups.clone();
            groups.splice(at..=at, group.iter().map(|own| vec![*own]));
            add(groups);
        }
    }

    /// With a call meant more simply: to execute, and with no word of dry runs.
    fn simpler(&self, add: &mut impl FnMut(Vec<Vec<Operation>>)) {
        for (at, group) in self.groups.iter().enumerate() {
            for (within, operation) in group.iter().enumerate() {
                let Operation::Call(sent) = operation else { continue };
                if sent.manner == Manner::NotDry {
                    let mut groups = self.groups.clone();
                    let mut simpler = *sent;
                    simpler.manner = Manner::Real;
                    groups[at][within] = Operation::Call(simpler);
                    add(groups);
                }
            }
        }
    }
}
