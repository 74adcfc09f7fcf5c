//! What reports say of known failures, and of the baseline that names them.

use hubproof_model::baseline::{JudgedEntry, Silence, Stale, Standing};

use crate::document::baseline::Known;
use crate::figures::counted;

/// Why, whose and until when.
pub(crate) fn excuse(known: &Known) -> String {
    format!("{} ({}, until {})", known.reason, known.owner, known.expires)
}

/// How an entry stands, and what to do about it.
pub(crate) fn message(entry: &JudgedEntry) -> String {
    let matched = || counted(entry.matched, "violation");
    match &entry.standing {
        Standing::Matched => format!("matches {}", matched()),
        Standing::Stale(Stale::Expired) if entry.matched > 0 => format!(
            "expired on {} and excuses {} no more: mend the hub, or agree on another day",
            entry.known.expires,
            matched()
        ),
        Standing::Stale(Stale::Expired) => {
            format!(
                "expired on {}: delete the entry, or agree on another day",
                entry.known.expires
            )
        }
        Standing::Stale(Stale::Holds) => "holds now: delete the entry".to_owned(),
        Standing::Stale(Stale::NoViolation) => "no violation matches: delete the entry, or mend its glob".to_owned(),
        Standing::Stale(Stale::NoTool) => {
            "no tool matches that the hub lists and the profile admits: delete the entry, or mend its glob".to_owned()
        }
        Standing::Silent(silence) => silent(silence),
    }
}

fn silent(silence: &Silence) -> String {
    let with = |what: &str, why: &Option<String>| match why {
        Some(why) => format!("{what}: {why}"),
        None => what.to_owned(),
    };
    match silence {
        Silence::Interrupted => "the run was interrupted".to_owned(),
        Silence::EndedEarly => "the run ended early".to_owned(),
        Silence::NotSelected => "the requirement was not selected".to_owned(),
        Silence::NotExercised(why) => with("not exercised", why),
        Silence::Inconclusive(why) => with("inconclusive", why),
        Silence::ToolLeftOut(tool) => format!("--tools left out {tool}"),
        Silence::ToolNotTried => "no case was about a tool that it matches".to_owned(),
    }
}
