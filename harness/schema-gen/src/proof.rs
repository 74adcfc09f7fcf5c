//! What a schema accepts as a whole, proved: the one place that rests on jsonschema's experimental canonical form.
//!
//! Equal schemas have one canonical form, so a schema that accepts nothing is `false` there, and one that accepts everything
//! `true`. The generator does not draw from it: a list that stays empty asks why.

use jsonschema::Draft;
use jsonschema::canonical::{self, CanonicalView, Satisfiability};
use serde_json::Value;

/// What a schema accepts, as [`Generator::acceptance`](crate::Generator::acceptance) proves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// No instance satisfies the schema: there is nothing valid to draw.
    Nothing,
    /// Every instance satisfies it: there is nothing to break.
    Everything,
    /// Neither was proved.
    Undecided,
}

/// Subschemas up to which the canonical form is asked for; it takes longer than the draws beyond.
const MOST: usize = 2_000;

pub(crate) fn acceptance(document: &Value, draft: Draft, subschemas: usize, assert_format: bool) -> Acceptance {
    if subschemas > MOST {
        return Acceptance::Undecided;
    }
    let canonical = canonical::options()
        .with_draft(draft)
        .offline()
        .should_validate_formats(assert_format)
        .canonicalize(document);
    match canonical {
        Ok(schema) if schema.satisfiability() == Satisfiability::No => Acceptance::Nothing,
        Ok(schema) if matches!(schema.view(), CanonicalView::True) => Acceptance::Everything,
        _ => Acceptance::Undecided,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(schema: Value) -> Acceptance {
        acceptance(&schema, Draft::Draft202012, 1, false)
    }

    #[test]
    fn what_accepts_nothing_or_everything_is_proved() {
        assert_eq!(of(json!(false)), Acceptance::Nothing);
        assert_eq!(
            of(json!({"type": "integer", "minimum": 3, "maximum": 2})),
            Acceptance::Nothing
        );
        assert_eq!(
            of(json!({"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}})),
            Acceptance::Nothing
        );
        assert_eq!(of(json!(true)), Acceptance::Everything);
        assert_eq!(of(json!({"title": "anything", "minLength": 0})), Acceptance::Everything);
        assert_eq!(
            of(json!({"anyOf": [{"type": "string"}, {"not": {"type": "string"}}]})),
            Acceptance::Everything
        );
        assert_eq!(of(json!({"format": "date"})), Acceptance::Everything);
    }

    #[test]
    fn what_accepts_something_is_left_undecided() {
        assert_eq!(of(json!({"type": "string"})), Acceptance::Undecided);
    }
}
