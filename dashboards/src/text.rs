//! Other people's text: any length, any script, any direction.

use maud::{Markup, html};

/// Longer text may be cut off by the stylesheet, and then shows in full as a tooltip.
const SHORT_CHARS: usize = 14;

/// One line of text with an ellipsis if it does not fit. `bdi` keeps a right-to-left name from
/// turning its surroundings around.
pub(crate) fn clipped(class: &str, text: &str) -> Markup {
    let long = text.chars().nth(SHORT_CHARS).is_some();
    html! {
        bdi class=(format!("clip {class}").trim_end()) title=[long.then_some(text)] { (text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_that_may_be_cut_off_is_repeated_as_a_tooltip() {
        assert_eq!(clipped("", "lint").into_string(), r#"<bdi class="clip">lint</bdi>"#);
        assert!(clipped("", &"x".repeat(500)).into_string().contains("title="));
    }
}
