//! The frozen sets of requirements name what there is.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use hubproof_certificate::set::{RequirementSet, SetName};
use hubproof_model::requirement::CONTRACT_REVISION;
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
