//! A request as the routes see it.

use serde_json::Value;

/// What a request says: its path's parameters, its query, its body.
#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
    pub(crate) path: Vec<(String, String)>,
    pub(crate) query: &'a str,
    /// Null without a body.
    pub(crate) body: Value,
}

impl Request<'_> {
    /// A parameter of the path, else of the query, else a text that is a member of the body.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let path = self.path.iter().find(|(own, _)| own == name);
        path.map(|(_, value)| value.clone())
            .or_else(|| self.query_parameter(name))
            .or_else(|| self.body.get(name)?.as_str().map(str::to_owned))
    }

    pub(crate) fn query_parameter(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.find_map(|(own, value)| (own == name).then(|| value.into_owned()))
    }
}
