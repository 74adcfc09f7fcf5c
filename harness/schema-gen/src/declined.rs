//! Why a schema is not modelled: by name, so that a caller can say it.

/// A schema that [`Generator::compile`](crate::Generator::compile) refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Declined {
    /// `$schema` names a dialect that is none of the drafts 4 to 2020-12.
    #[error(
        "`$schema` names the unknown dialect `{uri}`: name one of the drafts 4 to 2020-12, or set `Options::draft`"
    )]
    UnknownDialect {
        /// What `$schema` says.
        uri: String,
    },
    /// A reference leads out of the document, to nothing, or is malformed.
    #[error("cannot resolve `{reference}` inside the document: {reason}")]
    UnresolvedReference {
        /// The reference as written, or the URI that it stands for.
        reference: String,
        /// What the resolver says.
        reason: String,
    },
    /// References that lead back to themselves without a step into the instance: no instance decides them.
    #[error("the references at `{pointer}` lead back to themselves")]
    EndlessReference {
        /// JSON Pointer of a schema on the cycle.
        pointer: String,
    },
    /// A pattern that is no ECMA-262 regular expression, or too large to compile.
    #[error("cannot compile the pattern at `{pointer}`")]
    Pattern {
        /// JSON Pointer of the subschema that holds it.
        pointer: String,
    },
    /// The schema is nested, or chains references, more deeply than the limit.
    #[error("the schema is nested more than {limit} deep")]
    TooDeep {
        /// Levels allowed.
        limit: usize,
    },
    /// The schema has more parts than the limit.
    #[error("the schema has more than {limit} subschemas")]
    TooLarge {
        /// Subschemas allowed.
        limit: usize,
    },
    /// A keyword that only instances beyond the size limit of [`Options`](crate::Options) satisfy.
    #[error("`{keyword}` at `{pointer}` asks for instances beyond the size limit")]
    BeyondSize {
        /// `minLength`, `minItems` or `minProperties`.
        keyword: String,
        /// JSON Pointer of the subschema that holds it.
        pointer: String,
    },
    /// The document is no JSON Schema of its draft.
    #[error("not a JSON Schema of its draft: {reason}")]
    InvalidSchema {
        /// The metaschema's first complaint.
        reason: String,
    },
}
