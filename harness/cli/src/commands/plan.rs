//! `hubproof plan`: what a run would send, and what it could not exercise. It reads the listing and the definitions, and executes
//! nothing.

mod page;

use std::process::ExitCode;

use hubproof_model::event::Event;
use hubproof_runner::ground::{Ground, GroundError};
use hubproof_runner::plan::plan_run;
use hubproof_runner::run::UsageError;
use hubproof_runner::select::Selection;

use super::run::scope_options;
use crate::Done;
use crate::arguments::PlanArguments;
use crate::target::resolve;
use crate::terminal;
use crate::usage::Complaint;

/// Prints the plan of a run with the same arguments.
pub(crate) async fn plan(arguments: &PlanArguments) -> Done {
    let requirements = Selection::new(&arguments.scope.only, &arguments.scope.skip).map_err(Complaint::from)?;
    let target = resolve(&arguments.target, arguments.scope.connector.as_deref()).await?;
    let options = scope_options(&arguments.scope, &target, requirements);
    let ground = Ground::discover(target.profile.clone(), &options, &mistakes).await;
    let planned = ground.map_err(complaint).and_then(|ground| {
        let plan = plan_run(&options.requirements, &ground.site(&options));
        plan.map(|plan| page::render(&ground, &options, &plan))
            .map_err(|fault| Complaint::Harness(fault.to_string()))
    });
    target.close().await;
    terminal::print(&planned?)?;
    Ok(ExitCode::SUCCESS)
}

/// Tells the profile's mistakes: all else that goes on is over in a moment.
fn mistakes(event: Event) {
    if let Event::Mistaken { text } = event {
        terminal::note(&text);
    }
}

pub(super) fn complaint(fault: GroundError) -> Complaint {
    match fault {
        GroundError::Session(fault) => UsageError::from(fault).into(),
        GroundError::Select(fault) => fault.into(),
        GroundError::Unusable(unusable) => Complaint::Unusable(unusable.to_string()),
    }
}
