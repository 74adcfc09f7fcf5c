//! `cargo xtask new-requirement`: creates the pieces of a requirement, so that what is left to do is marked in each.

use std::path::{Path, PathBuf};

use clap::Args;
use hubproof_model::requirement::{Area, RequirementId};

/// What the pieces are made from.
#[derive(Args)]
pub(crate) struct NewRequirement {
    /// The number in the contract, such as IDM-12
    id: RequirementId,
    /// What it is about, for the file name: a_few_words
    what: String,
    /// A few words for listings
    #[arg(long)]
    title: String,
    /// must, should or may
    #[arg(long, default_value = "must", value_parser = ["must", "should", "may"])]
    level: String,
    /// ref, docs, http, safe or profile
    #[arg(long, default_value = "safe", value_parser = ["ref", "docs", "http", "safe", "profile"])]
    basis: String,
    /// The name of the defect that breaks it, kebab-case
    #[arg(long)]
    defect: String,
}

impl NewRequirement {
    /// Creates the files and adds the lines. Existing files are left as they are.
    pub(crate) fn create(&self, root: &Path) -> Result<String, String> {
        let is_name = |text: &str, joint: char| {
            let part =
                |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
            text.split(joint).all(part)
        };
        if !is_name(&self.what, '_') {
            return Err(format!("`{}`: write what it is about as a_few_words", self.what));
        }
        if !is_name(&self.defect, '-') {
            return Err(format!("`{}`: write the defect's name as a-few-words", self.defect));
        }
        if self.id.area == Area::Lat {
            return Err(
                "LAT is judged of measurements: add a file beside areas/lat, and its line to `measured!`".to_owned(),
            );
        }
        let area = self.id.area.code().to_lowercase();
        let stem = format!("{area}_{:02}_{}", self.id.number, self.what);
        let check = root.join(format!("harness/requirements/src/areas/{area}/{stem}.rs"));
        let defect_stem = self.defect.replace('-', "_");
        let defect = root.join(format!("reference-server/src/defects/{defect_stem}.rs"));
        let registry = root.join("harness/requirements/src/areas.rs");
        let defects = root.join("reference-server/src/defects/mod.rs");

        let registry_text = with_requirement(&read(&registry)?, &stem, self.id)?;
        let defects_text = with_defect(&read(&defects)?, &defect_stem)?;
        let folder = check.parent().unwrap_or(root);
        std::fs::create_dir_all(folder).map_err(|fault| format!("{}: {fault}", folder.display()))?;
        create(&check, &self.check_file())?;
        create(&defect, &self.defect_file())?;
        write(&registry, &registry_text)?;
        write(&defects, &defects_text)?;
        Ok(format!(
            "created {}\ncreated {}\nadded a line to each registry\n\nnext: fill in both files, then\n  \
             cargo xtask record-exchanges {}\n  cargo xtask codegen\n  cargo test --workspace",
            check.display(),
            defect.display(),
            self.id,
        ))
    }

    fn check_file(&self) -> String {
        let capitalised = |text: &str| format!("{}{}", &text[..1].to_uppercase(), &text[1..]);
        let (area, level, basis) = (
            capitalised(&self.id.area.code().to_lowercase()),
            capitalised(&self.level),
            capitalised(&self.basis),
        );
        let name = format!("{area}{:02}", self.id.number);
        CHECK
            .replace("@ID", &self.id.to_string())
            .replace("@TITLE", &self.title)
            .replace("@AREA", &area)
            .replace("@NUMBER", &self.id.number.to_string())
            .replace("@LEVEL", &level)
            .replace("@KEYWORD", &self.level.to_uppercase())
            .replace("@BASIS", &basis)
            .replace("@SECTION", self.id.area.title())
            .replace("@VERSION", env!("CARGO_PKG_VERSION"))
            .replace("@NAME", &name)
    }

    fn defect_file(&self) -> String {
        DEFECT
            .replace("@ID", &self.id.to_string())
            .replace("@NAME", &self.defect)
            .replace("@TITLE", &self.title)
    }
}

/// Adds the file to its area's block, after the last file of a lower number; the first of an area opens the block.
fn with_requirement(registry: &str, stem: &str, id: RequirementId) -> Result<String, String> {
    let name = |area: Area| area.code().to_lowercase();
    let mut lines: Vec<String> = registry.lines().map(str::to_owned).collect();
    let opening =
        |lines: &[String], area: Area| lines.iter().position(|line| *line == format!("    {} {{", name(area)));
    let end_of = |lines: &[String], start: usize| {
        let length = lines[start..].iter().position(|line| line == "    }");
        length
            .map(|length| start + length)
            .ok_or("areas.rs: a block without an end")
    };
    if opening(&lines, id.area).is_none() {
        let before = Area::ALL.into_iter().take_while(|area| *area != id.area);
        let last = before
            .filter_map(|area| opening(&lines, area))
            .last()
            .ok_or("areas.rs has no block")?;
        let at = end_of(&lines, last)? + 1;
        lines.splice(at..at, [format!("    {} {{", name(id.area)), "    }".to_owned()]);
    }
    let start = opening(&lines, id.area).ok_or("areas.rs has no block")?;
    let block = &lines[start + 1..end_of(&lines, start)?];
    let number = format!("{}_{:02}_", name(id.area), id.number);
    if block.iter().any(|line| line.trim().starts_with(&number)) {
        return Err(format!("{id} is in the registry already: numbers are never reused"));
    }
    let after = block.iter().take_while(|line| line.trim() < stem).count();
    lines.insert(start + 1 + after, format!("        {stem},"));
    Ok(lines.join("\n") + "\n")
}

/// Adds the file to the sorted list of defects.
fn with_defect(defects: &str, stem: &str) -> Result<String, String> {
    let mut lines: Vec<&str> = defects.lines().collect();
    let start = lines
        .iter()
        .position(|line| line.trim() == "defects! {")
        .ok_or("defects/mod.rs has no list `defects! {`")?;
    let length = lines[start..]
        .iter()
        .position(|line| *line == "}")
        .ok_or("defects/mod.rs: a list without an end")?;
    let list = &lines[start + 1..start + length];
    if list.iter().any(|line| line.trim().trim_end_matches(',') == stem) {
        return Err(format!("the defect {stem} is in the list already"));
    }
    let after = list
        .iter()
        .take_while(|line| line.trim().trim_end_matches(',') < stem)
        .count();
    let line = format!("    {stem},");
    lines.insert(start + 1 + after, &line);
    Ok(lines.join("\n") + "\n")
}

fn read(path: &PathBuf) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|fault| format!("{}: {fault}", path.display()))
}

fn write(path: &PathBuf, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|fault| format!("{}: {fault}", path.display()))
}

fn create(path: &PathBuf, text: &str) -> Result<(), String> {
    if path.exists() {
        Err(format!("{} is there already", path.display()))
    } else {
        write(path, text)
    }
}

const CHECK: &str = include_str!("new_requirement/check.rs.template");
const DEFECT: &str = include_str!("new_requirement/defect.rs.template");

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str = "registry! {\n    auth {\n        auth_01_a,\n        auth_03_c,\n    }\n    exe {\n        exe_01_a,\n    }\n}\n";

    fn with(stem: &str, id: &str) -> Result<String, String> {
        with_requirement(REGISTRY, stem, id.parse().unwrap())
    }

    #[test]
    fn a_line_goes_to_its_place() {
        let added = with("auth_02_b", "AUTH-02").unwrap();
        assert_eq!(
            added,
            REGISTRY.replace("        auth_03_c,", "        auth_02_b,\n        auth_03_c,")
        );
        assert!(
            with("exe_02_b", "EXE-02")
                .unwrap()
                .contains("        exe_01_a,\n        exe_02_b,\n    }")
        );
    }

    #[test]
    fn the_first_of_an_area_opens_its_block_in_the_contracts_order() {
        let added = with("env_01_x", "ENV-01").unwrap();
        assert_eq!(
            added,
            REGISTRY.replace("    exe {", "    env {\n        env_01_x,\n    }\n    exe {")
        );
        assert!(
            with("idm_01_x", "IDM-01")
                .unwrap()
                .ends_with("    }\n    idm {\n        idm_01_x,\n    }\n}\n")
        );
    }

    #[test]
    fn a_number_is_never_reused() {
        assert!(with("exe_01_other", "EXE-01").unwrap_err().contains("never reused"));
    }

    #[test]
    fn a_defect_goes_to_its_place_once() {
        let list = "defects! {\n    a_b,\n    c,\n}\n";
        assert_eq!(
            with_defect(list, "b").unwrap(),
            list.replace("    c,", "    b,\n    c,")
        );
        assert!(with_defect(list, "c").is_err());
    }
}
