//! Paths with parameters, such as `/rest/api/3/issue/{key}`.

use percent_encoding::percent_decode_str;

/// The segments of a route's path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathPattern(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Parameter(String),
}

impl PathPattern {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let Some(path) = text.strip_prefix('/') else {
            return Err("a path begins with `/`".to_owned());
        };
        let segment = |text: &str| match text.strip_prefix('{').map(|rest| rest.strip_suffix('}')) {
            Some(Some(name)) if !name.is_empty() => Ok(Segment::Parameter(name.to_owned())),
            Some(_) => Err(format!("`{text}` is no parameter: write it as {{name}}")),
            None => Ok(Segment::Literal(text.to_owned())),
        };
        path.split('/').map(segment).collect::<Result<_, _>>().map(Self)
    }

    /// The parameters of a path that fits.
    pub(crate) fn matches(&self, path: &str) -> Option<Vec<(String, String)>> {
        let mut parameters = Vec::new();
        let mut given = path.strip_prefix('/')?.split('/');
        for segment in &self.0 {
            let text = percent_decode_str(given.next()?).decode_utf8_lossy().into_owned();
            match segment {
                Segment::Literal(literal) if *literal == text => {}
                Segment::Literal(_) => return None,
                Segment::Parameter(_) if text.is_empty() => return None,
                Segment::Parameter(name) => parameters.push((name.clone(), text)),
            }
        }
        given.next().is_none().then_some(parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_gives_its_parameters_decoded() {
        let pattern = PathPattern::read("/issue/{key}/comment").unwrap();
        let of = |path: &str| pattern.matches(path);
        assert_eq!(
            of("/issue/a%2Fb/comment"),
            Some(vec![("key".to_owned(), "a/b".to_owned())])
        );
        assert_eq!(of("/issue/1/comment/"), None);
        assert_eq!(of("/issue//comment"), None);
        assert_eq!(of("/issue/1"), None);
        assert!(PathPattern::read("issue").is_err() && PathPattern::read("/a/{b").is_err());
    }
}
