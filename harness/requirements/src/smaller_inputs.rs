//! Cases one step smaller than one that a hub failed: a smaller input that is still valid, or still breaks the same assertion.

use hubproof_model::call::Call;
use hubproof_model::case::Case;
use hubproof_model::surface::Tool;
use schema_gen::{Broken, Generator};
use serde_json::{Value, json};

use crate::broken_inputs::{breaks_published, fact, faults};
use crate::inputs::{keeps_to_profile, take_out};
use crate::site::Site;
use crate::traffic::with_member;

/// The case with a smaller valid input in the call of this label, the smallest first.
pub(crate) fn of_valid(site: &Site<'_>, case: &Case, label: &str) -> Option<Vec<Case>> {
    let tool = tool_of(site, case)?;
    let generator = site.generator(tool).ok()?;
    let known = site.profile.inputs.get(&tool.key);
    let call = call_of(case, label)?;
    let input = input_of(call)?;
    let smaller = generator.shrink_valid(input).into_iter();
    let smaller = smaller.filter(|after| after.is_object() && keeps_to_profile(known, input, after, |_| false));
    let with_input = |input| case.clone().with_calls(vec![carrying(call, input)]);
    Some(smaller.map(with_input).collect())
}

/// The case with a smaller input in the call of this label that breaks the same assertion, and with the control that differs from it
/// by the fault alone, the smallest first. The case's other faults are left out.
pub(crate) fn of_broken(site: &Site<'_>, case: &Case, label: &str) -> Option<Vec<Case>> {
    let tool = tool_of(site, case)?;
    let generator = site.generator(tool).ok()?;
    let known = site.profile.inputs.get(&tool.key);
    let assertion = faults(case).into_iter().find(|fault| fault.label == label)?.assertion;
    let (control, probe) = (call_of(case, "control")?, call_of(case, label)?);
    let broken = Broken {
        instance: input_of(probe)?.clone(),
        keyword: assertion.keyword,
        instance_pointer: assertion.instance_pointer,
        schema_pointer: assertion.schema_pointer,
        base: input_of(control)?.clone(),
    };
    let is_fault = |pointer: &str| broken.base.pointer(pointer) != broken.instance.pointer(pointer);
    let is_wanted = |smaller: &Broken| {
        keeps_to_profile(known, &broken.base, &smaller.base, |_| false)
            && keeps_to_profile(known, &broken.instance, &smaller.instance, is_fault)
    };
    let breaks_published = breaks_published(tool, site);
    let smaller = generator.shrink_broken(&broken).into_iter();
    let smaller = smaller
        .filter(|smaller| breaks_published(&smaller.instance))
        .filter_map(|smaller| with_control(&generator, &broken, smaller))
        .filter(is_wanted);
    let with_fault = |smaller: Broken| {
        let facts = json!([fact(label, &smaller)]);
        let calls = vec![carrying(control, smaller.base), carrying(probe, smaller.instance)];
        case.clone().with_calls(calls).with_facts(facts)
    };
    Some(smaller.map(with_fault).collect())
}

/// The smaller fault with the control that it differs from as the larger one does from its own. `None` where there is none.
fn with_control(generator: &Generator, before: &Broken, smaller: Broken) -> Option<Broken> {
    let mut differences = Vec::new();
    differ(&before.base, &before.instance, "", &mut differences);
    let mut control = smaller.instance.clone();
    // From the end, so that what is taken out of an array moves nothing that is still to be taken out.
    for difference in differences.iter().rev() {
        let below = difference.pointer.strip_prefix(&before.instance_pointer);
        let below = below.filter(|below| below.is_empty() || below.starts_with('/'));
        let pointer = match below {
            Some(below) => format!("{}{below}", smaller.instance_pointer),
            None => difference.pointer.clone(),
        };
        match &difference.valid {
            Some(value) => put(&mut control, &pointer, value.clone()),
            None => take_out(&mut control, &pointer),
        }
    }
    let is_sound = control.is_object() && generator.is_valid(&control);
    is_sound.then_some(Broken {
        base: control,
        ..smaller
    })
}

/// A place at which a broken input is not as its control.
struct Difference {
    pointer: String,
    /// What the control has there; `None` where it has nothing.
    valid: Option<Value>,
}

fn differ(valid: &Value, broken: &Value, at: &str, found: &mut Vec<Difference>) {
    let mut differ_at = |name: &str, valid: Option<&Value>, broken: Option<&Value>| {
        let pointer = format!("{at}/{name}");
        match (valid, broken) {
            (Some(valid), Some(broken)) => differ(valid, broken, &pointer, found),
            (None, None) => {}
            _ => found.push(Difference {
                pointer,
                valid: valid.cloned(),
            }),
        }
    };
    match (valid, broken) {
        _ if valid == broken => {}
        (Value::Object(valid), Value::Object(broken)) => {
            let added = broken.keys().filter(|name| !valid.contains_key(*name));
            for name in valid.keys().chain(added) {
                let token = name.replace('~', "~0").replace('/', "~1");
                differ_at(&token, valid.get(name), broken.get(name));
            }
        }
        (Value::Array(valid), Value::Array(broken)) => {
            for index in 0..valid.len().max(broken.len()) {
                differ_at(&index.to_string(), valid.get(index), broken.get(index));
            }
        }
        _ => found.push(Difference {
            pointer: at.to_owned(),
            valid: Some(valid.clone()),
        }),
    }
}

fn put(input: &mut Value, pointer: &str, value: Value) {
    if let Some(place) = input.pointer_mut(pointer) {
        *place = value;
        return;
    }
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return;
    };
    match input.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.insert(name.replace("~1", "/").replace("~0", "~"), value);
        }
        // Differences come from the end, and those of an array that is too short all follow its last element.
        Some(Value::Array(items)) => {
            let length = name.parse().unwrap_or(items.len()).min(items.len());
            items.insert(length, value);
        }
        _ => {}
    }
}

fn tool_of<'a>(site: &Site<'a>, case: &Case) -> Option<&'a Tool> {
    site.surface.tool(case.tool.as_deref()?)
}

fn call_of<'a>(case: &'a Case, label: &str) -> Option<&'a Call> {
    case.calls().into_iter().find(|call| call.label == label)
}

fn input_of(call: &Call) -> Option<&Value> {
    call.json()?.get("input")
}

fn carrying(call: &Call, input: Value) -> Call {
    with_member(call, "input", input).labelled(call.label.clone())
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::ExecuteBody;
    use hubproof_model::profile::ToolInputs;
    use hubproof_model::safety::{Allow, Risk};
    use jsonschema::Validator;

    use super::*;
    use crate::areas::exe::{exe_01_valid_inputs, exe_02_broken_inputs};
    use crate::check::Check;
    use crate::exchanges::{Hub, ticket_input, tool};

    const CREATE: &str = "itsm.tickets.create";

    fn tickets() -> Value {
        let watcher = json!({
            "type": "object",
            "properties": {"name": {"type": "string", "minLength": 1}, "email": {"type": "string"}},
            "required": ["name"],
            "additionalProperties": false
        });
        let mut schema = ticket_input();
        schema["properties"]["watchers"] = json!({"type": "array", "items": watcher, "maxItems": 3});
        schema["properties"]["id"] = json!({"type": "string", "pattern": "^T-[0-9]+$"});
        schema
    }

    fn hub() -> Hub {
        Hub::of(vec![tool(CREATE, Risk::Write, tickets())]).allowing(Allow::Probe)
    }

    /// The case of one broken input, as a plan would have it.
    fn broken_case(hub: &Hub, keyword: &str, at: [&str; 2], control: Value, probe: Value) -> Case {
        let broken = Broken {
            instance: probe.clone(),
            keyword: keyword.to_owned(),
            instance_pointer: at[0].to_owned(),
            schema_pointer: at[1].to_owned(),
            base: control.clone(),
        };
        let tool = hub.surface.tool(CREATE).unwrap();
        let call = |input, label: &str| Call::execute(tool, ExecuteBody::new(input).dry()).labelled(label);
        Case::new(
            "broken-input/1",
            "",
            vec![call(control, "control"), call(probe, "probe-1")],
        )
        .about(CREATE)
        .with_facts(json!([fact("probe-1", &broken)]))
    }

    fn input(case: &Case, label: &str) -> Value {
        input_of(call_of(case, label).unwrap()).unwrap().clone()
    }

    /// The schema that lacks the assertion at this pointer.
    fn without(schema: &Value, pointer: &str) -> Validator {
        let mut schema = schema.clone();
        take_out(&mut schema, pointer);
        jsonschema::validator_for(&schema).unwrap()
    }

    #[test]
    fn every_smaller_case_keeps_the_fault_and_a_valid_control() {
        let hub = hub();
        let schema = tickets();
        let whole = jsonschema::validator_for(&schema).unwrap();
        let control =
            json!({"title": "printer", "priority": 3, "watchers": [{"name": "Ada"}, {"name": "Bo", "email": "b"}]});
        let with = |pointer: &str, value: Value| {
            let mut probe = control.clone();
            put(&mut probe, pointer, value);
            probe
        };
        let lacking = |pointer: &str| {
            let mut probe = control.clone();
            take_out(&mut probe, pointer);
            probe
        };
        let faults = [
            (
                "maximum",
                ["/priority", "/properties/priority/maximum"],
                with("/priority", json!(900)),
            ),
            (
                "type",
                ["/title", "/properties/title/type"],
                with("/title", json!([1, 2])),
            ),
            (
                "minLength",
                [
                    "/watchers/1/name",
                    "/properties/watchers/items/properties/name/minLength",
                ],
                with("/watchers/1/name", json!("")),
            ),
            (
                "required",
                ["/watchers/1", "/properties/watchers/items/required"],
                lacking("/watchers/1/name"),
            ),
            ("required", ["", "/required"], lacking("/title")),
            (
                "additionalProperties",
                ["", "/additionalProperties"],
                with("/a~1b", json!({"deep": [1]})),
            ),
        ];
        for (keyword, at, probe) in faults {
            let case = broken_case(&hub, keyword, at, control.clone(), probe.clone());
            let smaller = of_broken(&hub.site(), &case, "probe-1").unwrap();
            let loosened = without(&schema, at[1]);
            assert!(!smaller.is_empty(), "{keyword}");
            for smaller in smaller {
                let (control, smaller_probe) = (input(&smaller, "control"), input(&smaller, "probe-1"));
                assert!(whole.is_valid(&control), "{keyword}: {control}");
                assert!(!whole.is_valid(&smaller_probe), "{keyword}: {smaller_probe}");
                assert!(loosened.is_valid(&smaller_probe), "{keyword}: {smaller_probe}");
                assert_ne!(smaller_probe, probe);
                let faults = faults_of(&smaller);
                assert_eq!(faults, [(keyword.to_owned(), at[1].to_owned())]);
                assert!(smaller.calls().into_iter().all(Call::is_dry_run));
            }
        }
    }

    fn faults_of(case: &Case) -> Vec<(String, String)> {
        let assertions = faults(case).into_iter().map(|fault| fault.assertion);
        assertions.map(|own| (own.keyword, own.schema_pointer)).collect()
    }

    #[test]
    fn the_control_differs_from_a_moved_fault_by_the_fault_alone() {
        let hub = hub();
        let control = json!({"title": "a", "watchers": [{"name": "Ada"}, {"name": "Bo"}]});
        let probe = json!({"title": "a", "watchers": [{"name": "Ada"}, {"name": ""}]});
        let at = [
            "/watchers/1/name",
            "/properties/watchers/items/properties/name/minLength",
        ];
        let case = broken_case(&hub, "minLength", at, control, probe);
        let smaller = of_broken(&hub.site(), &case, "probe-1").unwrap();
        let moved = smaller
            .iter()
            .find(|case| faults(case)[0].assertion.instance_pointer == "/watchers/0/name")
            .unwrap();
        assert_eq!(
            input(moved, "probe-1"),
            json!({"title": "a", "watchers": [{"name": ""}]})
        );
        assert_eq!(
            input(moved, "control"),
            json!({"title": "a", "watchers": [{"name": "Bo"}]})
        );
    }

    #[test]
    fn what_the_profile_wants_stays() {
        let mut hub = hub();
        let mut known = ToolInputs::default();
        known.values.insert("/id".to_owned(), vec![json!("T-1234")]);
        known.leave.push("/watchers".to_owned());
        known
            .examples
            .push(json!({"title": "a", "watchers": [{"name": "Ada"}]}));
        hub.profile.inputs.insert(CREATE.to_owned(), known);
        let control = json!({"title": "a", "id": "T-1234", "priority": 4, "watchers": [{"name": "Ada"}]});
        let mut probe = control.clone();
        probe["priority"] = json!(900);
        let at = ["/priority", "/properties/priority/maximum"];
        let case = broken_case(&hub, "maximum", at, control, probe);
        let call = call_of(&case, "control").unwrap().clone().labelled("probe");
        let valid = case.clone().with_calls(vec![call]);
        let of_broken = of_broken(&hub.site(), &case, "probe-1").unwrap();
        let of_valid = of_valid(&hub.site(), &valid, "probe").unwrap();
        assert!(!of_broken.is_empty() && !of_valid.is_empty());
        for call in of_broken.iter().chain(&of_valid).flat_map(|case| case.calls()) {
            let input = input_of(call).unwrap();
            assert_eq!(input["id"], "T-1234");
            assert_eq!(input["watchers"], json!([{"name": "Ada"}]));
        }
    }

    #[test]
    fn smaller_valid_inputs_are_valid_and_keep_the_call() {
        let hub = hub();
        let validator = jsonschema::validator_for(&tickets()).unwrap();
        let check = exe_01_valid_inputs::CHECK;
        let mut seen = 0;
        for case in hub.plan(&check).unwrap() {
            for smaller in check.smaller(&hub.site(), &case, "probe").unwrap() {
                assert!(validator.is_valid(&input(&smaller, "probe")));
                assert_eq!((&smaller.facts, smaller.calls().len()), (&case.facts, 1));
                let same_but_input = carrying(smaller.calls()[0], input(&case, "probe"));
                assert_eq!(same_but_input, *case.calls()[0]);
                seen += 1;
            }
        }
        assert!(seen > 20, "{seen}");
    }

    #[test]
    fn a_real_call_stays_one() {
        let hub = hub();
        let control = json!({"title": "a", "priority": 3});
        let probe = json!({"title": "a", "priority": 900});
        let at = ["/priority", "/properties/priority/maximum"];
        let mut case = broken_case(&hub, "maximum", at, control, probe.clone());
        let tool = hub.surface.tool(CREATE).unwrap();
        *case.calls_mut()[1] = Call::execute(tool, ExecuteBody::new(probe)).labelled("probe-1");
        let smaller = exe_02_broken_inputs::CHECK
            .smaller(&hub.site(), &case, "probe-1")
            .unwrap();
        assert!(!smaller.is_empty());
        for case in smaller {
            assert!(case.calls()[0].is_dry_run() && !case.calls()[1].is_dry_run());
        }
    }

    #[test]
    fn a_call_that_the_case_does_not_have_has_no_smaller_ones() {
        let hub = hub();
        let case = hub.plan(&exe_02_broken_inputs::CHECK).unwrap().remove(0);
        assert_eq!(of_broken(&hub.site(), &case, "control"), None);
        assert_eq!(of_valid(&hub.site(), &case, "none"), None);
    }
}
