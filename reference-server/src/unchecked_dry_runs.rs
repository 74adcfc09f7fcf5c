//! A hub whose dry runs miss a check: what it answers where the real call would be refused.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::catalogue::Connection;
use crate::envelope::Success;
use crate::error::ApiError;
use crate::execution::Refusal;
use crate::flow::Flow;
use crate::late_checks::{members, owner};

/// Answers dry runs that are refused like this as if they had passed.
pub(crate) fn let_dry_runs_pass(flow: &mut Flow, although: fn(&ApiError) -> bool) {
    flow.settle = Box::new(move |mut refusal| {
        Box::pin(async move {
            match dry_run(&mut refusal).await {
                Some(planned) if although(&refusal.error) => Ok(planned),
                _ => Err(refusal.error),
            }
        })
    });
}

/// What a refused dry run would have been answered with.
async fn dry_run(refusal: &mut Refusal<'_>) -> Option<Success> {
    let members = members(refusal).await?;
    members.get("dry_run").filter(|dry_run| **dry_run == true)?;
    let key = owner(refusal)?;
    let domain = refusal.tool.split('.').next().unwrap_or_default();
    let own = |connection: &&Arc<Connection>| connection.workspace == key.workspace && connection.domain == domain;
    let named = members.get("connection_id").and_then(Value::as_str);
    let connection = refusal.hub.connections.iter().find(own);
    let chosen = named.or(connection.map(|connection| connection.id.as_str()));
    Some(Success {
        data: json!({"dry_run": true, "tool": refusal.tool}).into(),
        connection_id: chosen.unwrap_or("none").to_owned(),
        workspace: key.workspace.clone(),
        domain: domain.to_owned(),
        duration: Duration::ZERO,
        dry_run: true,
    })
}
