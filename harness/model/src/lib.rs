//! The nouns of hubproof as plain data, in the order in which a run meets them: profile, surface, plan (cases and calls),
//! exchange, judgment, run record. Nothing here does I/O, and nothing here knows how a requirement is probed or shown.

pub mod approval;
pub mod baseline;
pub mod bench_record;
pub mod call;
pub mod case;
pub mod catalogue;
pub mod document;
pub mod effect;
pub mod event;
pub mod exchange;
pub mod failure;
pub mod gate;
pub mod json_body;
pub mod judgment;
pub mod kind;
pub mod latency;
pub mod measurement;
pub mod observations;
pub mod outcome;
pub mod printable;
pub mod profile;
pub mod quota;
pub mod rate_limit;
pub mod record;
pub mod repetition;
pub mod requirement;
pub mod role;
pub mod safety;
pub mod secret;
pub mod shard;
pub mod side_effects;
pub mod slo;
pub mod surface;
pub mod timeline;
pub mod upstream;
