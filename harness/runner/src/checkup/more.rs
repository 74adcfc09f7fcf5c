//! What a profile or a flag would have to grant, so that a run exercises more.

use super::verdict::{Check, Group};
use crate::wanted::Wanted;

/// The grants, that of most requirements first.
pub(super) fn checks(wanted: &Wanted) -> Vec<Check> {
    let most_first = wanted.most_first().into_iter();
    let checks = most_first.map(|(need, ids)| {
        let named: Vec<_> = ids.iter().map(ToString::to_string).collect();
        Check::not_tried(Group::More, need.to_string(), named.join(", ")).unless(need.grant())
    });
    checks.collect()
}
