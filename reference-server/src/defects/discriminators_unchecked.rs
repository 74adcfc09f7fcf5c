//! Chooses a branch of `oneOf` by its members, and does not check the `const` that tells it from the others.

use serde_json::Value;

use super::Defect;
use crate::flow::Flow;
use crate::misreading;
use crate::subschemas::change_each;

pub(super) const DEFECT: Defect = Defect {
    name: "discriminators-unchecked",
    requirement: "EXE-02",
    summary: "Chooses a branch of `oneOf` by its members, and does not check the `const` that tells it from the others.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.validate = misreading::rewriting_whole(rewrite);
}

fn rewrite(schema: &mut Value) {
    let mut branches = Vec::new();
    change_each(schema, &mut |subschema, place| {
        let listed = subschema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
        branches.extend(listed.enumerate().map(|(at, branch)| {
            let definition = branch["$ref"].as_str().and_then(|target| target.strip_prefix('#'));
            definition.map_or_else(|| format!("{}/oneOf/{at}", place.pointer), str::to_owned)
        }));
    });
    for branch in branches {
        let properties = schema.pointer_mut(&format!("{branch}/properties"));
        let properties = properties.and_then(Value::as_object_mut).into_iter();
        for property in properties.flat_map(|properties| properties.values_mut()) {
            if let Value::Object(property) = property {
                property.shift_remove("const");
            }
        }
    }
}
