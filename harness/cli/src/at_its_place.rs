//! A mistake in a document, shown with the lines around it. The document may be anybody's, so that nothing of it acts on the terminal.

use std::ops::Range;
use std::path::Path;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use hubproof_model::document::DocumentError;
use hubproof_model::printable::{brackets_spelled, is_hidden, log_line};

/// The mistake in the text of a file, in lines for a terminal of so many columns.
pub(crate) fn render(path: &Path, text: &str, fault: &DocumentError, colour: bool, width: usize) -> String {
    let path = log_line(&path.display().to_string());
    let message = log_line(&fault.message);
    let help = fault.help.as_deref().map(log_line);
    let place = fault
        .span
        .as_ref()
        .and_then(|span| text.get(span.clone()).map(|_| printable(text, span)));
    let mut report = Group::with_title(Level::ERROR.primary_title(&message));
    match &place {
        Some((text, span)) => {
            let source = Snippet::source(text.as_str()).path(&path);
            report = report.element(source.annotation(AnnotationKind::Primary.span(span.clone())));
        }
        None => report = report.element(Origin::path(&path)),
    }
    if let Some(help) = &help {
        report = report.element(Level::HELP.message(help));
    }
    let renderer = match colour {
        true => Renderer::styled(),
        false => Renderer::plain(),
    };
    let shown = renderer
        .decor_style(DecorStyle::Unicode)
        .term_width(width)
        .render(&[report]);
    brackets_spelled(&shown, r"\u{5b}").into_owned()
}

/// The document with hidden characters written as escapes, and a place in it. Its lines stay its lines.
fn printable(text: &str, span: &Range<usize>) -> (String, Range<usize>) {
    let mut shown = String::with_capacity(text.len());
    let mut own = 0..0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if at == span.start {
            own.start = shown.len();
        }
        if at == span.end {
            own.end = shown.len();
        }
        let ends_line = character == '\r' && characters.peek().is_some_and(|(_, next)| *next == '\n');
        if is_hidden(character) && !matches!(character, '\n' | '\t') && !ends_line {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    if span.start >= text.len() {
        own.start = shown.len();
    }
    if span.end >= text.len() {
        own.end = shown.len();
    }
    (shown, own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(message: &str, span: Option<Range<usize>>) -> DocumentError {
        DocumentError {
            message: message.to_owned(),
            span,
            help: Some("a\u{1b}[2J\n::error::b".to_owned()),
        }
    }

    #[test]
    fn nothing_of_a_document_acts_on_the_terminal() {
        let text = "url = 1\r\n\tname\u{202e} = \"\u{9b}2J\"\n";
        let at = text.find("name").unwrap();
        let span = Some(at..at + "name\u{202e}".len());
        for fault in [
            fault("no `\u{1b}]0;x\u{7}`\n::error::c", span),
            fault("x\u{200b}", None),
        ] {
            let said = render(Path::new("hub\u{1b}.toml"), text, &fault, false, 100);
            assert!(!said.contains(|own| is_hidden(own) && own != '\n'), "{said:?}");
            assert!(!said.lines().any(|line| line.trim_start().starts_with("::")), "{said}");
        }
    }

    #[test]
    fn the_place_is_that_of_the_document() {
        let text = "a\u{1b} = 1\r\nb\u{200b} = 2";
        let place = |of: &str| {
            let at = text.find(of).unwrap();
            let (shown, own) = printable(text, &(at..at + of.len()));
            shown[own].to_owned()
        };
        assert_eq!(place("a\u{1b}"), r"a\u{1b}");
        assert_eq!(place("b\u{200b} = 2"), r"b\u{200b} = 2");
        let (shown, own) = printable(text, &(text.len()..text.len()));
        assert_eq!(own, shown.len()..shown.len());
    }
}
