//! A bar on standard error. What it says may be a hub's words: all of it goes through here, so that none of it can act on the terminal.

use std::time::Duration;

use hubproof_model::printable::log_line;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::terminal;

/// A bar; hidden where standard error is no terminal, or where the user wants quiet.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// A bar of this template.
    pub(crate) fn new(quiet: bool, template: &str) -> Self {
        let target = if quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = Self(ProgressBar::with_draw_target(None, target));
        bar.reshape(template);
        bar
    }

    /// Moves it on by itself.
    pub(crate) fn tick_every(&self, interval: Duration) {
        self.0.enable_steady_tick(interval);
    }

    /// Gives it another template.
    pub(crate) fn reshape(&self, template: &str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.0.set_style(style);
        }
    }

    /// Whether nobody sees it.
    pub(crate) fn is_hidden(&self) -> bool {
        self.0.is_hidden()
    }

    /// What goes on now.
    pub(crate) fn say(&self, text: &str) {
        self.0.set_message(log_line(text));
    }

    /// What a person must see, whatever comes next.
    pub(crate) fn note(&self, text: &str) {
        self.0.suspend(|| terminal::note(text));
    }

    /// How long the way is.
    pub(crate) fn set_length(&self, length: u64) {
        self.0.set_length(length);
    }

    /// How far it is.
    pub(crate) fn set_position(&self, position: u64) {
        self.0.set_position(position);
    }

    /// A step further.
    pub(crate) fn step(&self) {
        self.0.inc(1);
    }

    /// Takes it away, so that results can be printed.
    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }

    #[cfg(test)]
    fn message(&self) -> String {
        self.0.message()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_says_cannot_act_on_the_terminal() {
        let bar = Bar::new(true, "{wide_msg}");
        bar.say("a\u{1b}[2Jb\n::error::c\u{202e}");
        assert_eq!(bar.message(), r"a\u{1b}[2Jb\n::error::c\u{202e}");
    }
}
