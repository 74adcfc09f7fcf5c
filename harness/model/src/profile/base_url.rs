//! The target's URL as a profile may have it.

use std::net::IpAddr;

/// The URL without slashes at its end.
///
/// # Errors
/// What keeps it from being a hub's base URL, in words that do not repeat it: it may hold credentials.
pub(super) fn checked(url: &str) -> Result<String, String> {
    let (scheme, rest) = url
        .split_once("://")
        .ok_or("expected a URL that begins with http:// or https://")?;
    if !is_web(scheme) {
        return Err("expected the scheme http or https".to_owned());
    }
    if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("white space cannot stand in a URL".to_owned());
    }
    if rest.contains(['?', '#']) {
        return Err("a base URL has no query and no fragment".to_owned());
    }
    let authority = authority(rest);
    if authority.contains('@') {
        return Err("a URL with a user name or password is not taken: keys belong in [keys]".to_owned());
    }
    let (host, port) = split_port(authority);
    if host.is_empty() {
        return Err("the URL has no host".to_owned());
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err("the URL's port is no number from 0 to 65535".to_owned());
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// Whether keys sent there cross a network that others may read.
pub(super) fn is_exposed(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let (host, _) = split_port(authority(rest));
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_local = bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    scheme.eq_ignore_ascii_case("http") && !is_local
}

fn is_web(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

fn authority(rest: &str) -> &str {
    rest.split('/').next().unwrap_or_default()
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    // The colons of an IPv6 address stand before its bracket.
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_loses_the_slashes_at_its_end() {
        for (given, taken) in [
            ("https://hub.example/api/v1/", "https://hub.example/api/v1"),
            ("http://127.0.0.1:1//", "http://127.0.0.1:1"),
            ("HTTPS://[::1]:8443/a", "HTTPS://[::1]:8443/a"),
            ("http://[::1]", "http://[::1]"),
        ] {
            assert_eq!(checked(given).as_deref(), Ok(taken));
        }
    }

    #[test]
    fn what_is_no_base_url_says_why_and_repeats_nothing() {
        for (given, reason) in [
            ("", "expected a URL that begins with http:// or https://"),
            ("localhost:8080", "expected a URL that begins with http:// or https://"),
            ("ftp://hub_sk_secret", "expected the scheme http or https"),
            ("http://hub example", "white space cannot stand in a URL"),
            ("http://", "the URL has no host"),
            ("http://:80/x", "the URL has no host"),
            ("http://hub:hub_sk_secret", "the URL's port is no number"),
            ("http://me:hub_sk_secret@hub", "a URL with a user name or password"),
            ("http://hub?key=hub_sk_secret", "a base URL has no query"),
            ("http://hub/#hub_sk_secret", "a base URL has no query and no fragment"),
        ] {
            let fault = checked(given).unwrap_err();
            assert!(fault.starts_with(reason), "{given}: {fault}");
            assert!(!fault.contains("hub_sk_secret"), "{fault}");
        }
    }

    #[test]
    fn only_http_beyond_this_machine_is_exposed() {
        for local in [
            "http://localhost:1/x",
            "http://127.0.0.9",
            "http://[::1]:80",
            "https://hub.example",
        ] {
            assert!(!is_exposed(local), "{local}");
        }
        assert!(is_exposed("http://hub.example/api"));
        assert!(is_exposed("http://localhost.example"));
    }
}
