//! The wrong outcomes, and which requirement each breaks.

use hubproof_model::requirement::{Area, RequirementId};

use super::id;

/// A wrong outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::sequences) struct Breach {
    /// What it breaks.
    pub(in crate::sequences) id: RequirementId,
    /// What is wrong, in a line.
    pub(in crate::sequences) summary: &'static str,
    /// What a sound hub does.
    pub(in crate::sequences) expected: &'static str,
}

const fn breach(id: RequirementId, summary: &'static str, expected: &'static str) -> Breach {
    Breach { id, summary, expected }
}

/// Whether a sequence can break the requirement.
pub(in crate::sequences) fn is_rule(id: RequirementId) -> bool {
    ALL.iter().any(|breach| breach.id == id)
}

const IDM_01: RequirementId = id(Area::Idm, 1);
const IDM_02: RequirementId = id(Area::Idm, 2);
const IDM_03: RequirementId = id(Area::Idm, 3);
const IDM_04: RequirementId = id(Area::Idm, 4);
const IDM_05: RequirementId = id(Area::Idm, 5);
const IDM_07: RequirementId = id(Area::Idm, 7);
const IDM_08: RequirementId = id(Area::Idm, 8);
const DRY_01: RequirementId = id(Area::Dry, 1);
const DRY_03: RequirementId = id(Area::Dry, 3);
const DRY_05: RequirementId = id(Area::Dry, 5);
const APR_01: RequirementId = id(Area::Apr, 1);
const APR_02: RequirementId = id(Area::Apr, 2);
const APR_03: RequirementId = id(Area::Apr, 3);
const APR_04: RequirementId = id(Area::Apr, 4);
const APR_05: RequirementId = id(Area::Apr, 5);
const APR_06: RequirementId = id(Area::Apr, 6);
const APR_07: RequirementId = id(Area::Apr, 7);
const APR_08: RequirementId = id(Area::Apr, 8);

macro_rules! breaches {
    ($($name:ident: $id:expr, $summary:literal, $expected:literal;)*) => {
        $(pub(in crate::sequences) const $name: Breach = breach($id, $summary, $expected);)*

        /// Every breach.
        const ALL: &[Breach] = &[$($name,)*];
    };
}

breaches! {
    REPLAY_ACTS: IDM_01, "in a sequence, a replay acts again", "the first answer's data, and no second effect";
    REPLAY_DIFFERS: IDM_01, "in a sequence, a replay is answered with other data", "the first answer's data";
    REPLAY_REFUSED: IDM_01, "in a sequence, a replay is not answered with the first success", "the first answer's data";
    DUPLICATE_ACTS: IDM_02, "in a sequence, duplicates that come at once act more than once", "one effect, and the same success for each";
    DUPLICATE_DIFFERS: IDM_02, "in a sequence, duplicates that come at once succeed with different data", "the same success for each";
    DUPLICATE_SPOILS: IDM_02, "in a sequence, the success of duplicates that came at once is not told again", "the same success on a later retry";
    OTHER_REPLAYED: IDM_03, "in a sequence, another input under a used key is answered with a success", "a refusal";
    OTHER_ACTS: IDM_03, "in a sequence, another input under a used key acts", "a refusal, and no effect";
    MERGED: IDM_04, "in a sequence, a call of its own is answered with another call's success", "an execution of its own";
    NOT_EXECUTED: IDM_04, "in a sequence, a call equal to an earlier one is refused", "an execution of its own";
    ACTS_TWICE: IDM_04, "in a sequence, one call acts twice", "one effect";
    OTHER_WORKSPACE_REPLAYED: IDM_05, "in a sequence, a key used in another workspace replays its success", "an execution of its own";
    OTHER_WORKSPACE_REFUSED: IDM_05, "in a sequence, a key used in another workspace is refused", "an execution of its own";
    KEY_SPENT_BY_INVALID: IDM_07, "in a sequence, an invalid call spends its key", "the corrected call executes";
    KEY_SPENT_BY_DRY_RUN: IDM_08, "in a sequence, a dry run spends its key", "the call itself executes";
    DRY_RUN_ACTS: DRY_01, "in a sequence, a dry run acts", "no effect";
    DRY_RUN_REFUSED: DRY_01, "in a sequence, a valid dry run is refused", "success";
    NOT_DRY_REHEARSED: DRY_03, "in a sequence, a call with `dry_run: false` is answered as a dry run", "an execution";
    NOT_DRY_REFUSED: DRY_03, "in a sequence, a call with `dry_run: false` is refused", "an execution";
    GATED_DRY_RUN_ACTS: DRY_05, "in a sequence, the dry run of a gated tool acts", "no effect";
    GATED_DRY_RUN_REFUSED: DRY_05, "in a sequence, the dry run of a gated tool is refused", "success or APPROVAL_REQUIRED";
    DRY_RUN_ENTRY: DRY_05, "in a sequence, the dry run of a gated tool makes an approval entry", "no entry";
    UNASKED: APR_01, "in a sequence, a gated call executes", "APPROVAL_REQUIRED, and no effect";
    ASKS_AND_ACTS: APR_01, "in a sequence, a gated call is answered APPROVAL_REQUIRED and acts", "APPROVAL_REQUIRED, and no effect";
    NOT_ASKED: APR_01, "in a sequence, a gated call is refused in another way than APPROVAL_REQUIRED", "APPROVAL_REQUIRED";
    NO_ENTRY: APR_02, "in a sequence, a gated call has no approval entry", "an entry";
    APPROVED_ACTS_AGAIN: APR_03, "in a sequence, an approved call acts more than once", "one effect";
    APPROVED_NOT_EXECUTED: APR_03, "in a sequence, an approved call does not execute", "an execution at its replay";
    WAITING_NOT_ASKED: APR_04, "in a sequence, a replay before the decision is not answered APPROVAL_REQUIRED", "APPROVAL_REQUIRED";
    SECOND_ENTRY: APR_04, "in a sequence, a waiting call has more than one approval entry", "one entry";
    REJECTED_ACTS: APR_05, "in a sequence, a rejected call executes", "APPROVAL_REQUIRED or FORBIDDEN, and no effect";
    REJECTED_ANSWERED: APR_05, "in a sequence, a rejected call is answered otherwise", "APPROVAL_REQUIRED or FORBIDDEN";
    REJECTION_ACTS: APR_05, "in a sequence, a rejection executes its call", "no effect";
    OTHER_APPROVED: APR_06, "in a sequence, another input executes on an approval", "no execution without an approval of its own";
    UNAPPROVED: APR_07, "in a sequence, a gated call executes without an approval of that very call", "APPROVAL_REQUIRED, and no effect";
    INVALID_ASKS: APR_08, "in a sequence, an invalid call of a gated tool is answered APPROVAL_REQUIRED", "INVALID_INPUT";
    INVALID_ENTRY: APR_08, "in a sequence, an invalid call of a gated tool makes an approval entry", "no entry";
    REFUSED_ACTS: id(Area::Exe, 11), "in a sequence, a refused call acts", "no effect";
}
