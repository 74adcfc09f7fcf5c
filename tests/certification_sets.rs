//! The frozen sets of requirements name what there is.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use hubproof_certificate::played::TriedWith;
use hubproof_certificate::set::{RequirementSet, SetName};
use hubproof_model::requirement::{CONTRACT_REVISION, Need};
use hubproof_requirements::areas::REGISTRY;

#[test]
fn every_requirement_of_a_set_is_one_that_runs_exercise() {
    for name in SetName::ALL {
        let set = RequirementSet::published(name, CONTRACT_REVISION).unwrap();
        for asked in &set.requirements {
            let own = REGISTRY
                .iter()
                .map(|check| check.requirement())
                .find(|own| own.id == asked.id);
            let own = own.unwrap_or_else(|| panic!("{name} asks for {}, which no run exercises", asked.id));
            assert_eq!(own.level, asked.level, "{name}: {}", asked.id);
        }
    }
}

#[test]
fn what_takes_a_vendor_and_what_takes_a_write_is_what_requirements_need() {
    for own in REGISTRY.iter().map(|check| check.requirement()) {
        let needs = |need| own.needs.contains(&need);
        let with = match (needs(Need::Upstream), needs(Need::Effect)) {
            (false, _) => None,
            (true, false) => Some(TriedWith::Any),
            (true, true) => Some(TriedWith::StateChanging),
        };
        assert_eq!(TriedWith::of(own.id), with, "{}", own.id);
    }
}
