//! `hubproof explain`: all that is known of a requirement, for whoever must mend what broke it.

mod page;

use std::process::ExitCode;

use hubproof_model::requirement::Requirement;
use hubproof_reports::terminal::page::Page;
use hubproof_requirements::areas::requirements;
use hubproof_runner::select::all_ids_of;
use reference_server::defects::{self, Defect};
use serde_json::{Map, Value, json};

use super::requirement_row::row;
use crate::Done;
use crate::arguments::ExplainArguments;
use crate::examples::{Examples, examples};
use crate::terminal;
use crate::usage::Complaint;

/// Explains the requirements that the arguments name.
pub(crate) fn explain(arguments: &ExplainArguments) -> Done {
    let ids = all_ids_of(&arguments.requirements).map_err(Complaint::from)?;
    let mut examples = examples().map_err(Complaint::Harness)?;
    let explained = requirements().filter(|requirement| ids.contains(&requirement.id));
    let explained: Vec<_> = explained
        .map(|requirement| Explained {
            requirement,
            defects: defects_of(requirement),
            examples: examples.remove(&requirement.id),
        })
        .collect();
    terminal::print(&match arguments.json {
        true => as_json(&explained),
        false => as_text(&explained, terminal::colours_stdout(), terminal::width()),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A requirement with what shows it at work.
struct Explained {
    requirement: &'static Requirement,
    /// The defects of the reference hub that break it.
    defects: Vec<&'static Defect>,
    /// None for what a bench measures.
    examples: Option<Examples>,
}

fn defects_of(requirement: &Requirement) -> Vec<&'static Defect> {
    let id = requirement.id.to_string();
    defects::all()
        .iter()
        .filter(|defect| defect.requirement == id)
        .collect()
}

fn as_text(explained: &[Explained], colour: bool, width: usize) -> String {
    let mut page = Page::new(colour, width);
    for one in explained {
        page.gap();
        page::write(&mut page, one);
    }
    page.finish()
}

fn as_json(explained: &[Explained]) -> String {
    let rows = explained.iter().map(|one| Value::Object(as_object(one)));
    format!("{}\n", Value::Array(rows.collect()))
}

fn as_object(explained: &Explained) -> Map<String, Value> {
    let defect = |defect: &&Defect| json!({ "name": defect.name, "summary": defect.summary });
    let mut object = row(explained.requirement);
    object.insert("defects".to_owned(), explained.defects.iter().map(defect).collect());
    object.insert("examples".to_owned(), json!(explained.examples));
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(id: &str) -> Explained {
        let requirement = requirements().find(|own| own.id.to_string() == id).unwrap();
        Explained {
            requirement,
            defects: defects_of(requirement),
            examples: examples().unwrap().remove(&requirement.id),
        }
    }

    #[test]
    fn a_requirement_is_explained_on_a_page() {
        insta::assert_snapshot!(as_text(&[explained("AUTH-04")], false, 100));
    }

    #[test]
    fn what_a_bench_measures_has_no_exchange_to_show() {
        insta::assert_snapshot!(as_text(&[explained("LAT-03")], false, 72));
    }

    #[test]
    fn prose_keeps_to_the_width() {
        let width = 60;
        for id in ["EXE-02", "IDM-05", "RTL-12", "LAT-02"] {
            let text = as_text(&[explained(id)], false, width);
            let prose = text.lines().filter(|line| !line.starts_with("    ")).skip(1);
            let long: Vec<_> = prose.filter(|line| line.chars().count() > width).collect();
            assert!(long.is_empty(), "{long:#?}");
        }
    }

    #[test]
    fn colours_come_only_where_they_are_asked_for() {
        assert!(!as_text(&[explained("EXE-02")], false, 100).contains('\u{1b}'));
        assert!(as_text(&[explained("EXE-02")], true, 100).contains("\u{1b}["));
    }

    #[test]
    fn every_requirement_of_a_run_has_examples_and_a_defect() {
        for requirement in requirements() {
            let one = explained(&requirement.id.to_string());
            assert!(!one.defects.is_empty(), "{}", requirement.id);
            let is_measured = hubproof_requirements::areas::is_measured(requirement.id);
            assert_eq!(one.examples.is_none(), is_measured, "{}", requirement.id);
        }
    }
}
