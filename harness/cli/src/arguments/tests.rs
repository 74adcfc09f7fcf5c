//! What the grammar says of slips.

use clap::{CommandFactory, Parser};

use super::Arguments;

#[test]
fn the_grammar_is_sound() {
    Arguments::command().debug_assert();
}

#[test]
fn a_slip_meets_what_may_have_been_meant() {
    for (line, meant) in [
        ("explane AUTH-01", "explain"),
        ("run --formt json", "--format"),
        ("run --format jsn", "json"),
        ("run --format junti", "junit"),
        ("bench --format hlgo", "hlog"),
        ("report render --format termnal", "terminal"),
        ("run --allow wirte", "write"),
        ("run --fail-on shuold", "should"),
        ("completions bsh", "bash"),
        ("generate --schema a --draft 2020-21", "2020-12"),
    ] {
        let words = std::iter::once("hubproof").chain(line.split(' '));
        let said = Arguments::try_parse_from(words).unwrap_err().to_string();
        let (_, tip) = said.split_once("tip:").unwrap_or_else(|| panic!("{line}: {said}"));
        assert!(tip.contains(&format!("'{meant}'")), "{line}: {said}");
    }
}

#[test]
fn how_each_command_ends_stands_in_the_page_of_exit_codes() {
    const PAGE: &str = include_str!("../../../../docs/exit-codes.md");
    let named = |name: &str| PAGE.contains(&format!("`{name}`")) || PAGE.contains(&format!("`hubproof {name}`"));
    for subcommand in Arguments::command().get_subcommands() {
        let name = subcommand.get_name();
        let below: Vec<_> = subcommand
            .get_subcommands()
            .map(|own| format!("{name} {}", own.get_name()))
            .collect();
        let names = if below.is_empty() { vec![name.to_owned()] } else { below };
        for name in names {
            assert!(named(&name), "{name}");
        }
    }
}
