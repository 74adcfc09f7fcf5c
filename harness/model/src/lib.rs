//! The nouns of hubproof as plain data: profile, surface, plan, exchange, judgment, run record.
