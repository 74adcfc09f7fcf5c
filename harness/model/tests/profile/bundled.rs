//! The bundled hub's profile against its catalogue.

use std::collections::BTreeSet;

use hubproof_model::approval::Driver;
use hubproof_model::role::Role;
use serde_json::{Value, json};

use crate::parse;

const BUNDLED: &str = include_str!("../../../../fixtures/profiles/bundled.toml");

#[test]
fn the_bundled_profile_fits_the_bundled_hub() {
    let profile = parse(BUNDLED).unwrap();
    assert_eq!(profile.warnings, Vec::<String>::new());
    assert_eq!(profile.target.url, "http://127.0.0.1:4711");
    assert_eq!(profile.keys.by_role.len(), Role::ALL.len());
    assert!(profile.keys.disposable);

    let hub = catalogue("hub.json");
    let key = |role: Role| {
        let keys = hub["keys"].as_array().unwrap();
        keys.iter().find(|key| key["role"] == role.name()).unwrap()
    };
    let home = &key(Role::Primary)["workspace"];
    let policies = hub["policies"].as_array().unwrap();
    let gated: BTreeSet<_> = policies
        .iter()
        .filter(|policy| policy["requires"] == "approval" && policy["workspace"] == *home)
        .map(|policy| policy["tool"].as_str().unwrap())
        .collect();
    assert_eq!(
        profile
            .approvals
            .gated
            .iter()
            .map(String::as_str)
            .collect::<BTreeSet<_>>(),
        gated
    );
    assert!(matches!(profile.approvals.driver, Some(Driver::Http(_))));
    let approver = key(Role::Approver);
    assert!(approver["approver"] == true && approver["workspace"] == *home);
    assert!(profile.target.exclusive);

    let restricted = &key(Role::Restricted)["permissions"]["deny"];
    let tool = profile.keys.restricted_tool.as_deref().unwrap();
    assert!(restricted.as_array().unwrap().contains(&json!(tool)), "{tool}");

    let all = hub["connections"].as_array().unwrap();
    let connection = |id: &str| all.iter().find(|connection| connection["id"] == id).unwrap();
    let connections = &profile.connections;
    let own: Vec<_> = all
        .iter()
        .filter(|connection| connection["workspace"] == *home)
        .collect();
    for (domain, id) in &connections.default {
        let it = connection(id);
        assert!(
            it["default"] == true && it["domain"] == **domain && it["workspace"] == *home,
            "{id}"
        );
    }
    let defaults = own.iter().filter(|connection| connection["default"] == true).count();
    assert_eq!(connections.default.len(), defaults);
    for (domain, ids) in &connections.explicit {
        for id in ids {
            let it = connection(id);
            assert!(
                it["status"] == "active" && it["domain"] == **domain && it["workspace"] == *home,
                "{id}"
            );
        }
    }
    for (connector, ids) in &connections.by_connector {
        for id in ids {
            let it = connection(id);
            assert!(it["connector"] == **connector && it["workspace"] == *home, "{id}");
        }
    }
    let inactive = connections.inactive.as_ref().unwrap();
    let it = connection(&inactive.id);
    assert!(it["status"] == "inactive" && it["domain"] == *inactive.domain && it["workspace"] == *home);
    let foreign = connections.foreign.as_ref().unwrap();
    let it = connection(&foreign.id);
    assert!(it["domain"] == *foreign.domain && it["workspace"] == key(Role::Foreign)["workspace"]);
    for domain in &connections.none {
        let usable = |connection: &&&Value| connection["domain"] == **domain && connection["status"] == "active";
        assert!(own.iter().find(usable).is_none(), "{domain}");
    }
}

#[test]
fn the_bundled_inputs_name_records_that_stay() {
    let profile = parse(BUNDLED).unwrap();
    let mut known = BTreeSet::new();
    let mut gone = BTreeSet::new();
    let mut read = BTreeSet::new();
    for domain in profile.connections.default.keys() {
        let domain = catalogue(&format!("domains/{domain}.json"));
        for tool in domain["tools"].as_array().unwrap() {
            let key = tool["key"].as_str().unwrap();
            known.insert(key.to_owned());
            let behavior = &tool["behavior"];
            let ids = |collection: &Value| -> BTreeSet<String> {
                let records = domain["records"][collection.as_str().unwrap()].as_array().unwrap();
                records
                    .iter()
                    .map(|record| record["id"].as_str().unwrap().to_owned())
                    .collect()
            };
            let Some(place) = behavior["id"].as_str() else {
                continue;
            };
            let inputs = profile
                .inputs
                .get(key)
                .unwrap_or_else(|| panic!("{key} needs an id that exists"));
            let records = ids(&behavior["collection"]);
            for id in &inputs.values[place] {
                let id = id.as_str().unwrap().to_owned();
                assert!(records.contains(&id), "{key}: {id}");
                match behavior["operation"].as_str().unwrap() {
                    "delete" => gone.insert(id),
                    _ => read.insert(id),
                };
            }
        }
    }
    for tool in profile.inputs.keys() {
        assert!(known.contains(tool), "{tool} is no tool of a domain with a connection");
    }
    assert!(gone.is_disjoint(&read), "{gone:?} {read:?}");
}

fn catalogue(file: &str) -> Value {
    let path = format!("{}/../../fixtures/catalogue/{file}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
