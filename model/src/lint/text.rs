//! The alphabet and lengths of names and values.

use super::Rule;

/// The rules that a kind of text is held to.
pub(super) struct Alphabet {
    /// Characters at most; at least one is required.
    pub(super) len_max: usize,
    /// Objects to the length.
    pub(super) length: Rule,
    /// Objects to the characters.
    pub(super) charset: Rule,
    /// Whether a text of these bytes is allowed.
    pub(super) allows: fn(&str) -> bool,
}

impl Alphabet {
    /// The rules that `text` breaks.
    pub(super) fn objections(&self, text: &str) -> impl Iterator<Item = Rule> {
        let length = !(1..=self.len_max).contains(&text.chars().count());
        let charset = !text.is_empty() && !(self.allows)(text);
        [(length, self.length), (charset, self.charset)]
            .into_iter()
            .filter_map(|(broken, rule)| broken.then_some(rule))
    }
}

/// ASCII without control characters.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
}

/// Plain, and something besides blanks.
pub(super) fn is_name(text: &str) -> bool {
    is_plain(text) && !text.trim().is_empty()
}
