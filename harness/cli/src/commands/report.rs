//! `hubproof report`: what is done with the reports of earlier runs.

mod compare;
mod merge;
mod render;

use crate::Done;
use crate::arguments::ReportCommand;

/// Does what the subcommand says.
pub(crate) fn report(command: &ReportCommand) -> Done {
    match command {
        ReportCommand::Render(render) => render::render(render),
        ReportCommand::Compare(compare) => compare::compare(compare),
        ReportCommand::Merge(merge) => merge::merge(merge),
    }
}
