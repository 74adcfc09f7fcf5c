//! The description as a yardstick: each answer is held against it.

use std::collections::BTreeSet;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::client::{Answer, TestHub};

/// A path, a method and a status of the description.
pub(super) type Described = (String, String, String);

/// The description as the hub serves it, and which of its answers were seen.
pub(super) struct Description {
    pub(super) document: Value,
    pub(super) seen: BTreeSet<Described>,
}

impl Description {
    pub(super) async fn of(hub: &TestHub) -> Self {
        let document = Answer::of(hub.outside(Method::GET, "/openapi.json")).await.body;
        Self {
            document,
            seen: BTreeSet::new(),
        }
    }

    /// What a reference inside the document points at; anything else is itself.
    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.document.pointer(reference.trim_start_matches('#')).unwrap(),
            None => value,
        }
    }

    /// Every operation: its path and method.
    pub(super) fn operations(&self) -> Vec<(String, Method)> {
        let paths = self.document["paths"].as_object().unwrap().iter();
        let operations = paths.flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(|method| (path.clone(), method.to_uppercase().parse().unwrap()))
        });
        operations.collect()
    }

    pub(super) fn operation(&self, path: &str, method: &Method) -> &Value {
        &self.document["paths"][path][method.as_str().to_lowercase()]
    }

    /// The path with the examples of its parameters.
    pub(super) fn example_of(&self, path: &str, method: &Method) -> String {
        let parameters = self.operation(path, method)["parameters"].as_array();
        let in_path = parameters
            .into_iter()
            .flatten()
            .map(|parameter| self.resolve(parameter))
            .filter(|parameter| parameter["in"] == "path");
        in_path.fold(path.to_owned(), |path, parameter| {
            let name = parameter["name"].as_str().unwrap();
            path.replace(&format!("{{{name}}}"), parameter["example"].as_str().unwrap())
        })
    }

    /// Fails unless the description has this answer: status, headers, media type and body.
    pub(super) fn check(&mut self, path: &str, method: &Method, answer: &Answer) {
        let status = answer.status.to_string();
        let place = format!("{method} {path}: {status} {}", answer.body);
        let described = &self.operation(path, method)["responses"][&status];
        assert!(described.is_object(), "{place}");
        let described = self.resolve(described);
        for (name, header) in described["headers"].as_object().into_iter().flatten() {
            let header = self.resolve(header);
            match answer.headers.get(name) {
                None => assert_ne!(header["required"], true, "{place}: {name} is missing"),
                Some(sent) => {
                    let sent = sent.to_str().unwrap();
                    let value = sent.parse::<u64>().map_or_else(|_| json!(sent), |number| json!(number));
                    self.assert_valid(&header["schema"], &value, &format!("{place}: {name}"));
                }
            }
        }
        for name in answer.headers.keys().filter(|name| name.as_str().starts_with("x-")) {
            let mut headers = described["headers"].as_object().into_iter().flatten();
            let known = headers.any(|(described, _)| described.eq_ignore_ascii_case(name.as_str()));
            assert!(known, "{place}: {name} is not described");
        }
        assert_eq!(answer.headers["content-type"], "application/json", "{place}");
        let schema = &described["content"]["application/json"]["schema"];
        self.assert_valid(schema, &answer.body, &place);
        self.seen.insert((path.to_owned(), method.to_string(), status));
    }

    pub(super) fn assert_valid(&self, schema: &Value, instance: &Value, place: &str) {
        let mut schema = schema.clone();
        schema["components"] = self.document["components"].clone();
        let validator = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap();
        let faults: Vec<_> = validator.iter_errors(instance).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{place}: {faults:?}");
    }

    /// Sends the request and checks its answer.
    pub(super) async fn get(&mut self, hub: &TestHub, role: &str, described: &str, path: &str) -> Answer {
        self.send(described, &Method::GET, hub.request(role, Method::GET, path))
            .await
    }

    pub(super) async fn post(
        &mut self,
        hub: &TestHub,
        role: &str,
        described: &str,
        path: &str,
        body: &Value,
    ) -> Answer {
        let request = hub.request(role, Method::POST, path).json(body);
        self.send(described, &Method::POST, request).await
    }

    pub(super) async fn send(&mut self, described: &str, method: &Method, request: RequestBuilder) -> Answer {
        let answer = Answer::of(request).await;
        self.check(described, method, &answer);
        answer
    }

    /// Every answer that is described.
    pub(super) fn described(&self) -> BTreeSet<Described> {
        let operations = self.operations().into_iter();
        let answers = operations.flat_map(|(path, method)| {
            let statuses = self.operation(&path, &method)["responses"].as_object().unwrap().keys();
            let answers: Vec<_> = statuses
                .map(|status| (path.clone(), method.to_string(), status.clone()))
                .collect();
            answers
        });
        answers.collect()
    }
}
