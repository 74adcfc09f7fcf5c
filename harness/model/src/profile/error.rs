//! What is wrong with a profile, and where.

use crate::document::DocumentError;

/// What is wrong with a profile, and where.
pub type ProfileError = DocumentError;
