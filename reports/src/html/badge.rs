//! How a requirement stands, for the eye: a word, a symbol and a colour, none of them alone.

use maud::{Markup, html};

use crate::standing::Standing;

/// Symbol and word in the standing's colour.
pub(super) fn badge(standing: Standing) -> Markup {
    html! { span class={ "badge " (standing.name()) } { span aria-hidden="true" { (standing.symbol()) } " " (standing.word()) } }
}
