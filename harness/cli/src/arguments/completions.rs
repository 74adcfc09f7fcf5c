//! What `completions` takes.

use clap::Args;
use clap_complete::Shell;

/// Of which shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Where shells look for them:
  bash        hubproof completions bash > ~/.local/share/bash-completion/completions/hubproof
  zsh         hubproof completions zsh > DIR/_hubproof, where DIR is in $fpath
  fish        hubproof completions fish > ~/.config/fish/completions/hubproof.fish
  elvish      hubproof completions elvish >> ~/.config/elvish/rc.elv
  powershell  hubproof completions powershell >> $PROFILE")]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub(crate) shell: Shell,
}
