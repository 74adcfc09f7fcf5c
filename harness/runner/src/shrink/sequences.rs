//! Looks for the shortest sequence of operations that still shows a violation. A sequence executes for real: so each try has markers and
//! idempotency keys of its own, few are made, and what they leave is removed with all else that the run made.

use std::collections::{BTreeMap, HashMap, HashSet};

use hubproof_model::case::Case;
use hubproof_model::event::Event;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Violation};
use hubproof_model::record::ShortestSequence;
use hubproof_requirements::check::Check;
use hubproof_requirements::evidence::Evidence;
use hubproof_requirements::sequences::{self, Sequence};

use super::{Shrinking, was_sent};
use crate::judge::FoldedViolation;
use crate::plan::Plan;
use crate::script::Played;

/// How many sequences of a run are shortened.
pub(super) const MOST_SEQUENCES: usize = 3;
/// The most tries for one of them.
const MOST_TRIES: u64 = 60;
/// How often a sequence is tried whose operations race, before it counts as not showing the violation: a race shows only sometimes.
const TRIES_OF_RACE: usize = 3;

/// The search for the shortest sequence that shows a violation.
struct Search<'v> {
    check: &'v dyn Check,
    /// The planned case.
    case: &'v Case,
    violation: &'v mut Violation,
    shortest: ShortestSequence,
}

impl Shrinking<'_> {
    /// Puts the shortest sequences in the place of those that showed the violations, `told` holding their operations by case.
    pub(crate) async fn shorten(
        &mut self,
        check: &dyn Check,
        plan: &Plan,
        told: &HashMap<String, Vec<String>>,
        violations: impl Iterator<Item = &mut FoldedViolation>,
        log: &mut BTreeMap<u64, Exchange>,
    ) {
        for folded in violations {
            let planned = plan.cases.iter().find(|planned| planned.case.id == folded.case);
            let Some((case, sequence)) =
                planned.and_then(|planned| Some((&planned.case, sequences::sequence_of(&planned.case)?)))
            else {
                continue;
            };
            let search = Search {
                check,
                case,
                shortest: ShortestSequence {
                    operations: told.get(&folded.case).cloned().unwrap_or_default(),
                    planned: sequence.operations() as u64,
                    tries: 0,
                    settled: false,
                    first_shown: folded.violation.exchanges.clone(),
                },
                violation: &mut folded.violation,
            };
            let may_try = self.sequences_left > 0 && !self.is_over && case.required_allow() <= self.options.allow;
            folded.sequence = Some(match may_try {
                true => {
                    self.sequences_left -= 1;
                    self.search_sequence(search, sequence, log).await
                }
                false => search.shortest,
            });
        }
    }

    async fn search_sequence(
        &mut self,
        mut search: Search<'_>,
        planned: Sequence,
        log: &mut BTreeMap<u64, Exchange>,
    ) -> ShortestSequence {
        (self.events)(Event::Shortening {
            id: search.check.requirement().id,
            tool: search.violation.tool.clone(),
        });
        let mut tried = HashSet::from([planned.clone()]);
        let mut candidates = planned.smaller().into_iter();
        while let Some(candidate) = candidates.next() {
            if !tried.insert(candidate.clone()) {
                continue;
            }
            let times = if candidate.races() { TRIES_OF_RACE } else { 1 };
            for _ in 0..times {
                self.is_over |= self.interrupt.reason().is_some();
                if self.is_over || search.shortest.tries >= MOST_TRIES {
                    return search.shortest;
                }
                match self.try_sequence(&mut search, &candidate, log).await {
                    None => return search.shortest,
                    Some(false) => {}
                    Some(true) => {
                        candidates = candidate.smaller().into_iter();
                        break;
                    }
                }
            }
        }
        search.shortest.settled = true;
        search.shortest
    }

    /// Whether a sequence shows the violation, which is that of this sequence then; `None` where there is no use in further tries.
    async fn try_sequence(
        &mut self,
        search: &mut Search<'_>,
        candidate: &Sequence,
        log: &mut BTreeMap<u64, Exchange>,
    ) -> Option<bool> {
        search.shortest.tries += 1;
        let id = search.check.requirement().id;
        let id = format!("{}/{id}/try-{}", search.case.id, search.shortest.tries);
        let site = self.ground.site(self.options);
        let Some(case) = sequences::case(&site, candidate, &id) else {
            return Some(false);
        };
        let played = self.send(&case).await;
        let exchanges: Vec<_> = played.exchanges.iter().collect();
        let goes_on = self.goes_on(&exchanges);
        let evidence = Evidence {
            surface: &self.ground.surface,
            schemas: &self.ground.schemas,
            case: Some(&case),
            exchanges,
            deeds: &played.deeds,
        };
        let found = search.check.judge(&evidence).into_iter();
        let again = found.filter_map(|finding| match finding {
            Finding::Violated(again) => Some(again),
            _ => None,
        });
        let again = again.filter(|again| is_same(again, search.violation)).find(|_| goes_on);
        let is_shown = again.is_some();
        if let Some(again) = again {
            *search.violation = again;
            search.shortest.operations = sequences::told(&evidence);
        }
        keep(played, log);
        goes_on.then_some(is_shown)
    }
}

fn keep(played: Played, log: &mut BTreeMap<u64, Exchange>) {
    let sent = played.exchanges.into_iter().chain(played.beside).filter(was_sent);
    log.extend(sent.map(|exchange| (exchange.number, exchange)));
}

/// Whether two sequences show one violation: what was observed differs with the operations.
fn is_same(one: &Violation, other: &Violation) -> bool {
    one.tool == other.tool && one.summary == other.summary
}
