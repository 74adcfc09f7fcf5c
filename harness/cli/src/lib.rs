//! The command line of hubproof: the only code that prints or exits.
