//! `hubproof report`: what is done with the reports of earlier runs.

mod render;

use crate::Done;
use crate::arguments::ReportCommand;

/// Does what the subcommand says.
pub(crate) fn report(command: &ReportCommand) -> Done {
    match command {
        ReportCommand::Render(render) => render::render(render),
    }
}
