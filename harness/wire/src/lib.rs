//! The HTTP session of hubproof: every call leaves an exchange.
