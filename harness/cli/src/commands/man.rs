//! `hubproof man`: the manual pages, made from the command line's grammar.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::Done;
use crate::arguments::{Arguments, ManArguments};
use crate::terminal;
use crate::usage::Complaint;

/// Prints the page of the program, or writes a page for each subcommand.
pub(crate) fn man(arguments: &ManArguments) -> Done {
    let command = Arguments::command();
    let Some(out) = &arguments.out else {
        let page = page(command).map_err(|fault| Complaint::Harness(fault.to_string()))?;
        terminal::print(&page)?;
        return Ok(ExitCode::SUCCESS);
    };
    write(command, out).map_err(|fault| Complaint::UnusableOut {
        path: out.clone(),
        fault,
    })?;
    terminal::print(&format!(
        "wrote hubproof.1 and the subcommands' pages to {}\n",
        out.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn page(command: Command) -> io::Result<String> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn write(command: Command, out: &Path) -> io::Result<()> {
    std::fs::create_dir_all(out)?;
    // `help` has no page of its own: it shows the others.
    clap_mangen::generate_to(command.disable_help_subcommand(true), out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_every_subcommand() {
        let page = page(Arguments::command()).unwrap();
        for subcommand in Arguments::command().get_subcommands() {
            assert!(
                page.contains(&format!("hubproof\\-{}", subcommand.get_name())),
                "{}",
                subcommand.get_name()
            );
        }
    }

    #[test]
    fn every_subcommand_has_a_page_and_so_has_what_is_below_it() {
        let out = tempfile::tempdir().unwrap();
        write(Arguments::command(), out.path()).unwrap();
        let is_there = |name: &str| out.path().join(format!("hubproof{name}.1")).exists();
        for subcommand in Arguments::command().get_subcommands() {
            assert!(
                is_there(&format!("-{}", subcommand.get_name())),
                "{}",
                subcommand.get_name()
            );
        }
        assert!(is_there("") && is_there("-report-render"));
    }
}
