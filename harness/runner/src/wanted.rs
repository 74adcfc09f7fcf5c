//! What a run with the profile as it stands could not exercise, by what would grant it.

use std::collections::BTreeSet;

use hubproof_model::judgment::Unexercised;
use hubproof_model::requirement::{Need, RequirementId};

use crate::plan::Plan;

/// The requirements that are not exercised.
pub struct Wanted {
    by_need: Vec<(Need, BTreeSet<RequirementId>)>,
    /// Those that nothing in a profile grants, and why.
    pub ungrantable: Vec<(RequirementId, String)>,
}

impl Wanted {
    /// What the plan of a run leaves out; `further` is the plan of one that may go as far as any, and tells what is wanted then.
    #[must_use]
    pub fn of(plan: &Plan, further: &Plan) -> Self {
        let mut wanted = Self {
            by_need: Vec::new(),
            ungrantable: Vec::new(),
        };
        for (id, why) in plan.unexercised.iter().chain(&further.unexercised) {
            if let Unexercised::Missing(needs) = why {
                needs.iter().for_each(|need| wanted.note(*need, *id));
            }
        }
        for (id, why) in &plan.unexercised {
            if let Unexercised::NotApplicable(why) = why {
                wanted.ungrantable.push((*id, why.clone()));
            }
        }
        wanted
    }

    fn note(&mut self, need: Need, id: RequirementId) {
        match self.by_need.iter_mut().find(|(known, _)| *known == need) {
            Some((_, ids)) => drop(ids.insert(id)),
            None => self.by_need.push((need, [id].into())),
        }
    }

    /// A sentence that names the requirements which these needs keep from being exercised; empty where they keep none.
    #[must_use]
    pub fn sentence(&self, needs: &[Need]) -> String {
        let of_needs = self.by_need.iter().filter(|(need, _)| needs.contains(need));
        let ids: BTreeSet<_> = of_needs.flat_map(|(_, ids)| ids).collect();
        if ids.is_empty() {
            return String::new();
        }
        let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
        format!(" For {}.", ids.join(", "))
    }
}

impl Wanted {
    /// What would exercise more, each with its requirements: that of most requirements first.
    #[must_use]
    pub fn most_first(&self) -> Vec<(Need, Vec<RequirementId>)> {
        let listed = self.by_need.iter();
        let mut listed: Vec<(Need, Vec<_>)> = listed
            .map(|(need, ids)| (*need, ids.iter().copied().collect()))
            .collect();
        listed.sort_by_key(|(_, ids)| std::cmp::Reverse(ids.len()));
        listed
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::requirement::Area;
    use hubproof_model::role::Role;
    use hubproof_model::safety::Allow;

    use super::*;

    fn plan(unexercised: &[(u8, &[Need])]) -> Plan {
        let entry = |(number, needs): &(u8, &[Need])| {
            let id = RequirementId::new(Area::Auth, *number);
            let why = match needs.is_empty() {
                true => Unexercised::NotApplicable("the hub has no tools".to_owned()),
                false => Unexercised::Missing(needs.to_vec()),
            };
            (id, why)
        };
        Plan {
            cases: Vec::new(),
            unexercised: unexercised.iter().map(entry).collect(),
        }
    }

    #[test]
    fn what_is_wanted_further_on_is_wanted_too() {
        let restricted = Need::Key(Role::Restricted);
        let probe = Need::Allow(Allow::Probe);
        let reading = plan(&[(5, &[restricted, probe]), (7, &[probe]), (8, &[])]);
        let wanted = Wanted::of(&reading, &plan(&[(7, &[restricted, Need::Effect])]));
        assert_eq!(wanted.sentence(&[restricted]), " For AUTH-05, AUTH-07.");
        assert_eq!(wanted.sentence(&[probe, Need::Effect]), " For AUTH-05, AUTH-07.");
        assert_eq!(wanted.sentence(&[Need::GatedTool]), "");
        assert_eq!(wanted.ungrantable.len(), 1);
        let most = wanted.most_first();
        assert_eq!(most.iter().map(|(_, ids)| ids.len()).collect::<Vec<_>>(), [2, 2, 1]);
    }
}
