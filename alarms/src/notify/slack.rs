//! A notification for Slack's incoming webhooks and those that take the same, such as Mattermost.
//! <https://api.slack.com/messaging/webhooks>
//!
//! Attachments, not blocks: both show them. Names come from people who push workflows, so nothing of
//! them is ever markup or calls anybody.
//! <https://api.slack.com/reference/surfaces/formatting#escaping>

use serde_json::{Value, json};

use super::notification::{AlarmReport, Notification, Report, Told};
use super::plain::{in_words_of, opening, place, word};
use crate::{Severity, State};

/// Characters of one attachment's text; Slack folds what is longer, and cuts far beyond.
const TEXT_MAX: usize = 3_000;

/// The body of the request.
pub fn slack(notification: &Notification) -> Value {
    let attachments: Vec<Value> = notification.incidents.iter().map(attachment).collect();
    let mut text = format!("*{}*", escaped(&notification.headline));
    if notification.omitted > 0 {
        text.push_str(&format!("\n{} more are not listed here.", notification.omitted));
    }
    json!({ "text": text, "attachments": attachments })
}

fn attachment(report: &Report) -> Value {
    let mut text = escaped(&opening(report));
    for alarm in &report.alarms {
        text.push_str(&alarm_text(alarm, report.told));
    }
    json!({
        "color": color(report),
        "fallback": escaped(&opening(report)),
        "title": escaped(&format!("{} {}", word(report), place(report))),
        "title_link": report.dashboard_url,
        "text": cut(text),
        "mrkdwn_in": ["text"],
    })
}

/// Red, amber, grey; green once it is over.
fn color(report: &Report) -> &'static str {
    match (report.told, report.severity) {
        (Told::Over, _) => "#2e7d32",
        (_, Severity::Page) => "#c62828",
        (_, Severity::Ticket) => "#ef6c00",
        (_, Severity::Info) => "#757575",
    }
}

fn alarm_text(alarm: &AlarmReport, told: Told) -> String {
    let mut text = format!("\n\n*{}*", escaped(&alarm.name));
    if !alarm.meaning.is_empty() {
        text.push_str(&format!(": {}", escaped(&alarm.meaning)));
    }
    let [then, now] = [&alarm.then, &alarm.now].map(|said| escaped(&in_words_of(said)));
    let figures = match now == then {
        true => format!("\n{then}"),
        false => format!("\nThen: {then}\nNow: {now}"),
    };
    text.push_str(&figures);
    if told == Told::Over || alarm.state == State::Ok {
        return text;
    }
    if let Some(note) = &alarm.note {
        text.push_str(&format!("\n{}", escaped(note)));
    }
    if let Some(cause) = alarm.causes.first() {
        text.push_str(&format!("\n_Likely cause:_ {}", escaped(cause)));
    }
    if let Some(action) = alarm.actions.first() {
        text.push_str(&format!("\n_What to do:_ {}", escaped(action)));
    }
    text.push_str(&format!("\n<{}|Runbook>", alarm.runbook_url));
    text
}

/// Text in which nothing is a link or calls anybody: Slack's three characters are escaped, and an
/// `@`, which its kin take for a call also where it is bare, is parted from what follows. That a
/// name may look bold does no harm.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '`' => escaped.push('\''),
            // With a word joiner, which nobody sees.
            '@' => escaped.push_str("@\u{2060}"),
            c if c.is_control() && c != '\n' => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// At most [`TEXT_MAX`] characters, ended at the end of a line.
fn cut(text: String) -> String {
    let Some((end, _)) = text.char_indices().nth(TEXT_MAX) else { return text };
    let end = text[..end].rfind('\n').unwrap_or(end);
    format!("{}\n...", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_name_is_markup_or_calls_anybody() {
        for (text, expected) in [
            ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@\u{2060}U1&gt;"),
            ("@here `x`", "@\u{2060}here 'x'"),
            ("linux,x64\u{7}", "linux,x64 "),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }

    #[test]
    fn a_long_text_ends_with_a_whole_line() {
        let text = cut("0123456789\n".repeat(1_000));
        assert!(
            text.chars().count() <= TEXT_MAX + 4 && text.ends_with("0123456789\n..."),
            "{text}"
        );
        assert_eq!(cut("short".into()), "short");
    }
}
