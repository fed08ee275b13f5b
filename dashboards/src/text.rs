//! Other people's text: any length, any script, any direction.

use maud::{Markup, html};

/// Longer text may be cut off by the stylesheet, and then shows in full as a tooltip.
const SHORT_CHARS: usize = 14;

/// Longer text is cut for good: no line shows more, and a page of such lines has to be sent.
const LONG_CHARS: usize = 160;

/// One line of text with an ellipsis if it does not fit. `bdi` keeps a right-to-left name from
/// turning its surroundings around.
pub(crate) fn clipped(class: &str, text: &str) -> Markup {
    let long = text.chars().nth(SHORT_CHARS).is_some();
    let cut = text.char_indices().nth(LONG_CHARS).map(|(at, _)| format!("{}…", &text[..at]));
    let text = cut.as_deref().unwrap_or(text);
    html! {
        bdi class=(format!("clip {class}").trim_end()) title=[long.then_some(text)] { (text) }
    }
}

/// Text of our own, in which `backticks` set a word in the type of code.
pub(crate) fn prose(text: &str) -> Markup {
    html! {
        @for (i, part) in text.split('`').enumerate() {
            @if i % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_between_backticks_is_code() {
        let shown = prose("the roll-up `a<b` is off").into_string();
        assert_eq!(shown, "the roll-up <code>a&lt;b</code> is off");
    }

    #[test]
    fn only_text_that_may_be_cut_off_is_repeated_as_a_tooltip() {
        assert_eq!(clipped("", "lint").into_string(), r#"<bdi class="clip">lint</bdi>"#);
        assert!(clipped("", &"x".repeat(500)).into_string().contains("title="));
    }

    #[test]
    fn a_text_without_end_is_cut() {
        assert!(clipped("", &"é".repeat(160)).into_string().ends_with("é</bdi>"));
        assert!(clipped("", &"é".repeat(161)).into_string().ends_with("é…</bdi>"));
    }
}
