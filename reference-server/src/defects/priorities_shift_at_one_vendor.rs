//! Takes the priorities of one vendor for those of another scale: what is high there is medium here.

use serde_json::Value;

use super::Defect;
use crate::call::carry_out;
use crate::connectors::Data;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "priorities-shift-at-one-vendor",
    requirement: "equal-results",
    summary: "Takes the priorities of one vendor for those of another scale: what is high there is medium here.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.carry_out = Box::new(|call| {
        Box::pin(async move {
            let data = carry_out(call).await?;
            if call.connection.connector != "jira" {
                return Ok(data);
            }
            let mut value = data.into_value();
            shift(&mut value);
            Ok(Data::from(value))
        })
    });
}

fn shift(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let shifted = match member.as_str() {
                    Some("critical") => "high",
                    Some("high") => "medium",
                    Some("medium") => "low",
                    _ => "",
                };
                if name == "priority" && !shifted.is_empty() {
                    *member = shifted.into();
                } else {
                    shift(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(shift),
        _ => {}
    }
}
