//! A runbook: Markdown in the frame of the page.

use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, html::push_html};

/// What a runbook says. It is ours; all the same it cannot bring markup or scripts of its own.
pub(super) fn view(markdown: &str) -> Markup {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = if is_harmless(&dest_url) { dest_url } else { CowStr::Borrowed("#") };
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        // Pictures would come from elsewhere.
        Event::Start(Tag::Image { .. }) => Event::Text(CowStr::Borrowed("")),
        other => other,
    });
    let mut text = String::new();
    push_html(
        &mut text,
        events.filter(|event| !matches!(event, Event::End(pulldown_cmark::TagEnd::Image))),
    );
    html! { article id="runbook" class="panel runbook" { (PreEscaped(text)) } }
}

/// Following it runs nothing: the web, or a place on this page or server.
fn is_harmless(url: &str) -> bool {
    let has_scheme = url.split(['/', '?', '#']).next().is_some_and(|head| head.contains(':'));
    !has_scheme || crate::link::external(Some(url)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_markup_and_markup_becomes_text() {
        let text =
            view("# Title\n\nA `code` and <script>alert(1)</script>.\n\n<b>x</b>\n").into_string();
        assert!(text.contains("<h1>Title</h1>") && text.contains("<code>code</code>"), "{text}");
        assert!(!text.contains("<script>") && !text.contains("<b>"), "{text}");
    }

    #[test]
    fn a_link_runs_nothing_and_a_picture_loads_nothing() {
        let text =
            view("[a](javascript:alert(1)) [b](/alarms) [c](https://x/) ![d](https://x/y.png)");
        let text = text.into_string();
        assert!(!text.contains("javascript:") && !text.contains("<img"), "{text}");
        assert!(
            text.contains(r#"href="/alarms""#) && text.contains(r#"href="https://x/""#),
            "{text}"
        );
    }
}
