//! An exchange: what was sent, and what came back.

use maud::{Markup, html};

use super::differences::{self, Against, against};
use super::json_lines::pretty;
use crate::document::body::Body;
use crate::document::exchange::{Exchange, Header};
use crate::figures::{count, short_milliseconds};
use crate::printable::visible;

/// The exchanges of a violation, each folded but for the last: it is the one that shows it, as a rule.
pub(super) fn list(exchanges: &[Exchange]) -> Markup {
    html! {
        @for (index, (exchange, held_against)) in exchanges.iter().zip(against(exchanges)).enumerate() {
            (one(exchange, held_against, index + 1 == exchanges.len()))
        }
    }
}

fn one(exchange: &Exchange, held_against: Against<'_>, is_last: bool) -> Markup {
    let elapsed = short_milliseconds(exchange.elapsed.duration());
    html! {
        details.exchange open[is_last] {
            summary {
                span.muted { "#" (exchange.number) } " "
                @if !exchange.label.is_empty() { strong { (visible(&exchange.label)) } " " }
                code { (visible(&exchange.method)) " " (visible(path(&exchange.url))) }
                " → " (status(exchange)) " "
                span.muted { "as " (exchange.sender) ", " (elapsed) }
            }
            div.sides {
                div {
                    h6 { "Request" }
                    p.url { code { (visible(&exchange.url)) } }
                    (headers(&exchange.request_headers))
                    @let other = held_against.request;
                    (body("Body of the request", exchange.request_body.as_ref(), other.and_then(differences::request_value)))
                    @if let Some(other) = other { p.muted { "Marked: what #" (other.number) " did not send." } }
                }
                div {
                    h6 { "Answer: " (status(exchange)) }
                    @match &exchange.result {
                        Ok(answer) => {
                            (headers(&answer.headers))
                            @let other = held_against.answer;
                            (body("Body of the answer", answer.body.as_ref(), other.and_then(differences::answer_value)))
                            @if let Some(other) = other {
                                p.muted { "Marked: what #" (other.number) ", the same request, was not answered." }
                            }
                        }
                        Err(fault) => p { (visible(fault)) },
                    }
                }
            }
        }
    }
}

/// The status, or that there is none.
pub(super) fn status(exchange: &Exchange) -> Markup {
    match &exchange.result {
        Ok(answer) => html! { span.status { (answer.status) } },
        Err(_) => html! { span.status { "no answer" } },
    }
}

/// The URL without what all URLs of a hub have in common.
pub(super) fn path(url: &str) -> &str {
    let after = url.split_once("://").map_or(url, |(_, after)| after);
    after.find('/').map_or("/", |at| &after[at..])
}

fn headers(headers: &[Header]) -> Markup {
    html! {
        @if !headers.is_empty() {
            details.headers {
                summary { (headers.len()) " headers" }
                dl {
                    @for header in headers {
                        dt { (visible(&header.name)) } dd { (visible(&header.value)) }
                    }
                }
            }
        }
    }
}

/// A body over several lines under a name for those who have it read out, with what differs from another marked.
pub(super) fn body(name: &str, body: Option<&Body>, against: Option<&serde_json::Value>) -> Markup {
    match body {
        None => html! { p.muted { "no body" } },
        Some(Body::Json(value)) => {
            html! { pre tabindex="0" role="group" aria-label=(name) { (pretty(value, against)) } }
        }
        Some(Body::Text { text, size, truncated }) => html! {
            pre tabindex="0" role="group" aria-label=(name) { code { (visible(text)) } }
            p.muted {
                (count(*size)) " bytes" @if *truncated { ", of which this is the beginning" }
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_what_follows_the_authority() {
        assert_eq!(path("https://hub.example:8443/api/v1/tools?x=/"), "/api/v1/tools?x=/");
        assert_eq!([path("https://hub.example"), path("x"), path("")], ["/", "/", "/"]);
    }
}
