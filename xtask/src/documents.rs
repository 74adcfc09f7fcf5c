//! The documents that are generated from the registry, the defects and the profile's types, and the examples of the registry's recordings.

use std::fmt::Write;
use std::path::Path;

use hubproof_model::requirement::{Area, CONTRACT_REVISION, Requirement};
use hubproof_requirements::areas::{is_measured, requirements};
use reference_server::defects;

use crate::examples::{self, EXAMPLES};
use crate::exit_codes::{self, EXIT_CODES};
use crate::profile_reference::{self, PAGE, SCHEMA};

const REQUIREMENTS: &str = "docs/REQUIREMENTS.md";

/// Writes every generated file.
pub(crate) fn write(root: &Path) -> Result<String, String> {
    let files = [
        (REQUIREMENTS, document()),
        (EXIT_CODES, exit_codes::document()),
        (EXAMPLES, examples::text(root)?),
        (SCHEMA, profile_reference::schema()?),
        (PAGE, profile_reference::page(root)?),
    ];
    let mut said = Vec::new();
    for (name, text) in files {
        let path = root.join(name);
        std::fs::write(&path, text).map_err(|fault| format!("{}: {fault}", path.display()))?;
        said.push(format!("wrote {name}"));
    }
    Ok(said.join("\n"))
}

/// docs/REQUIREMENTS.md.
fn document() -> String {
    let mut text = format!(
        "# Requirements\n\n\
         What a hub must do, as this version of hubproof judges it (contract revision {CONTRACT_REVISION}, {} requirements). \
         Generated from the registry by `cargo xtask codegen`: edit the requirement's file, not this page.\n\n\
         *Level*: a violated MUST fails a run; a violated SHOULD is a warning, and fails only with `--fail-on should`. \
         *Basis*: who says so, namely the REST reference (`ref`), the product's other public pages (`docs`), an RFC or IETF draft \
         (`http`), nobody in writing though a hub without it loses data, leaks or misleads (`safe`), or the target's profile \
         (`profile`). *Defects*: what the reference hub can be told to do wrong, which proves that the check can fail.\n",
        requirements().count()
    );
    for area in Area::ALL {
        let mut of_area = requirements().filter(|own| own.id.area == area).peekable();
        if of_area.peek().is_some() {
            let _ = write!(text, "\n## {area}: {}\n", area.title());
        }
        for requirement in of_area {
            write_requirement(&mut text, requirement);
        }
    }
    text
}

fn write_requirement(text: &mut String, requirement: &Requirement) {
    let Requirement {
        id,
        level,
        basis,
        source,
        title,
        statement,
        rationale,
        method,
        mend,
        needs,
        reach,
        since,
    } = requirement;
    let _ = write!(
        text,
        "\n### {id}: {title}\n\n**{level}**, basis `{basis}`, source: {source}. Since {since}.\n\n{statement}\n\n\
         *Why it matters.* {rationale}\n\n"
    );
    // A bench calls the tools of its mix, for one requirement as for the other.
    let _ = match is_measured(*id) {
        true => writeln!(text, "*How it is measured.* {method}"),
        false => writeln!(
            text,
            "*How it is probed.* {method} It goes as far as `--allow {reach}`."
        ),
    };
    let _ = writeln!(text, "\n*How it is mended.* {mend}");
    if !needs.is_empty() {
        let _ = write!(text, "\n*Needs*\n\n");
        for need in *needs {
            let _ = writeln!(text, "- {need}: `{}`", need.grant());
        }
    }
    let id = id.to_string();
    let defects: Vec<_> = defects::all()
        .iter()
        .filter(|defect| defect.requirement == id)
        .collect();
    if !defects.is_empty() {
        let _ = write!(text, "\n*Defects*\n\n");
        for defect in defects {
            let _ = writeln!(text, "- `{}`: {}", defect.name, defect.summary);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_requirements_document_is_current() {
        let written = std::fs::read_to_string(crate::root().join(REQUIREMENTS)).unwrap_or_default();
        assert!(
            written == document(),
            "{REQUIREMENTS} is stale: run `cargo xtask codegen`"
        );
    }
}
