//! Run record to a document, and the document to terminal text, JSON and JUnit; and the baseline that a run is to be held against next, with what writes texts of TOML and
//! of a shell.

pub mod baseline;
pub mod bench;
pub mod compare;
pub mod ctrf;
pub mod curl;
pub mod document;
pub mod figures;
pub mod formats;
pub mod github;
pub mod har;
pub mod hlog;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod merge;
pub mod sarif;
pub mod shell;
pub mod tap;
pub mod terminal;
pub mod toml_text;

mod clusters;
mod evidence;
mod known;
mod reproduce;
mod smallest;
mod standing;
mod unexercised;

pub use hubproof_model::printable;

#[cfg(test)]
mod canned;
