//! The catalogue that the binary carries: the files of `fixtures/catalogue`.

use std::sync::{Arc, OnceLock};

use super::load::{Source, read};
use super::{Catalogue, CatalogueError};

macro_rules! embedded {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../fixtures/catalogue/", $path)))),*]
    };
}

const HUB: &str = include_str!("../../../fixtures/catalogue/hub.json");

/// One file a domain, sorted; a test compares the list with the directory.
const DOMAINS: &[(&str, &str)] = embedded![
    "domains/calendar.json",
    "domains/communication.json",
    "domains/crm.json",
    "domains/documents.json",
    "domains/ecommerce.json",
    "domains/hris.json",
    "domains/identity.json",
    "domains/itsm.json",
    "domains/knowledge.json",
    "domains/payments.json",
];

impl Catalogue {
    /// The catalogue that the binary carries: read and compiled at the first call, shared ever after.
    ///
    /// # Errors
    /// A fault in the embedded files: a test makes sure that there is none.
    pub fn bundled() -> Result<Arc<Self>, CatalogueError> {
        static BUNDLED: OnceLock<Result<Arc<Catalogue>, CatalogueError>> = OnceLock::new();
        let embedded = |(path, text): &(&str, &'static str)| Source {
            path: (*path).into(),
            text: (*text).into(),
        };
        BUNDLED
            .get_or_init(|| {
                let domains = DOMAINS.iter().map(embedded).collect();
                read(&embedded(&("hub.json", HUB)), domains).map(Arc::new)
            })
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_domain_file_is_embedded() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/catalogue/domains");
        let mut files: Vec<_> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| format!("domains/{}", entry.unwrap().file_name().to_str().unwrap()))
            .collect();
        files.sort();
        assert_eq!(DOMAINS.iter().map(|(path, _)| *path).collect::<Vec<_>>(), files);
    }

    #[test]
    fn the_embedded_catalogue_is_sound() {
        Catalogue::bundled().unwrap();
    }
}
