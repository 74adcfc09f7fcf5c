//! The judges that say something of an answer by itself, whatever was answered before: what each answer under load is judged by that is
//! no ordinary success.

use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Violation};
use hubproof_model::requirement::{Area, Requirement, RequirementId};
use hubproof_model::surface::Surface;

use crate::areas::REGISTRY;
use crate::check::Check;
use crate::evidence::Evidence;
use crate::schemas::Schemas;

/// The label of a call whose input the published schema accepts: EXE-01 looks at the answers to these alone.
pub const VALID: &str = "probe";

/// The requirements whose judges look at the exchanges of a log one by one, and that answers to executes can break.
const LONE: [(Area, u8); 16] = [
    (Area::Auth, 10),
    (Area::Env, 1),
    (Area::Env, 2),
    (Area::Env, 3),
    (Area::Env, 4),
    (Area::Env, 6),
    (Area::Env, 7),
    (Area::Env, 9),
    (Area::Env, 10),
    (Area::Env, 11),
    (Area::Env, 12),
    (Area::Env, 13),
    (Area::Exe, 1),
    (Area::Apr, 10),
    (Area::Rtl, 1),
    (Area::Rtl, 2),
];

/// The judges of lone answers.
pub struct LoneJudges {
    checks: Vec<&'static dyn Check>,
}

impl Default for LoneJudges {
    fn default() -> Self {
        let is_lone = |check: &&&'static dyn Check| {
            let id = check.requirement().id;
            LONE.iter()
                .any(|(area, number)| id == RequirementId::new(*area, *number))
        };
        Self {
            checks: REGISTRY.iter().filter(is_lone).copied().collect(),
        }
    }
}

impl std::fmt::Debug for LoneJudges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids = self.checks.iter().map(|check| check.requirement().id);
        f.debug_list().entries(ids).finish()
    }
}

impl LoneJudges {
    /// The requirements that they judge, in the registry's order.
    pub fn requirements(&self) -> impl Iterator<Item = &'static Requirement> + '_ {
        self.checks.iter().map(|check| check.requirement())
    }

    /// What an exchange breaks.
    #[must_use]
    pub fn violations(
        &self,
        surface: &Surface,
        schemas: &Schemas,
        exchange: &Exchange,
    ) -> Vec<(&'static Requirement, Violation)> {
        let evidence = Evidence {
            surface,
            schemas,
            case: None,
            exchanges: vec![exchange],
            deeds: &[],
        };
        let found = self.checks.iter().flat_map(|check| {
            let findings = check.judge(&evidence).into_iter();
            findings.map(|finding| (check.requirement(), finding))
        });
        found
            .filter_map(|(requirement, finding)| match finding {
                Finding::Violated(violation) => Some((requirement, violation)),
                _ => None,
            })
            .collect()
    }
}
