//! Walks over JSON: keeps what is asked for and passes over the rest.
//!
//! Of a payload's 9 KB a fiftieth is of use. What is left out is still checked, to RFC 8259's
//! grammar and to [`DEPTH_MAX`], but a text is looked at sixteen bytes at a time and nothing is kept
//! of it. What is wrong, and where, is left to `serde_json`, which is asked when something is.
//! <https://www.rfc-editor.org/rfc/rfc8259>

use std::borrow::Cow;

use wide::u8x16;

/// Values within values; `serde_json` reads that many as well.
pub(crate) const DEPTH_MAX: u8 = 128;

/// No JSON, or JSON that is nested deeper than [`DEPTH_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken;

/// A place in a text.
pub(crate) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    depth: u8,
}

/// A text as it stands between its quotes.
#[derive(Clone, Copy)]
struct Quoted<'a> {
    raw: &'a str,
    is_plain: bool,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Cursor { text, at: 0, depth: 0 }
    }

    /// The byte that the next value begins with.
    #[expect(
        clippy::inline_always,
        reason = "called for each sign; a call takes as long as it does"
    )]
    #[inline(always)]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\t' | b'\r') => self.at += 1,
                found => return found.copied(),
            }
        }
    }

    /// Hands over the members of the object that begins here, each with its name; `take` has to
    /// pass the value.
    pub(crate) fn members<E: From<Broken>>(
        &mut self,
        mut take: impl FnMut(&mut Self, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        self.object(|cursor, name| match name.is_plain {
            true => take(cursor, name.raw),
            false => take(cursor, &unescaped(name.raw)?),
        })
    }

    /// Hands over the items of the list that begins here; `take` has to pass each.
    pub(crate) fn items<E: From<Broken>>(
        &mut self,
        mut take: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        self.enter(b'[')?;
        if self.peek() == Some(b']') {
            self.leave();
            return Ok(());
        }
        loop {
            take(self)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.leave();
                    return Ok(());
                }
                _ => return Err(Broken.into()),
            }
        }
    }

    /// Passes a value over; what it is, as it stands in the text.
    pub(crate) fn value(&mut self) -> Result<&'a str, Broken> {
        self.peek();
        let start = self.at;
        self.skip()?;
        Ok(&self.text[start..self.at])
    }

    /// Passes a value over.
    pub(crate) fn skip(&mut self) -> Result<(), Broken> {
        match self.peek().ok_or(Broken)? {
            b'"' => self.quoted().map(|_| ()),
            b'{' => self.object(|cursor, _| cursor.skip()),
            b'[' => self.items(Cursor::skip),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => self.number(),
        }
    }

    /// There must be nothing more.
    pub(crate) fn end(&mut self) -> Result<(), Broken> {
        self.peek().map_or(Ok(()), |_| Err(Broken))
    }

    fn object<E: From<Broken>>(
        &mut self,
        mut take: impl FnMut(&mut Self, Quoted<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.enter(b'{')?;
        if self.peek() == Some(b'}') {
            self.leave();
            return Ok(());
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(Broken.into());
            }
            let name = self.quoted()?;
            if self.peek() != Some(b':') {
                return Err(Broken.into());
            }
            self.at += 1;
            take(self, name)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.leave();
                    return Ok(());
                }
                _ => return Err(Broken.into()),
            }
        }
    }

    fn enter(&mut self, bracket: u8) -> Result<(), Broken> {
        if self.peek() != Some(bracket) || self.depth == DEPTH_MAX {
            return Err(Broken);
        }
        self.at += 1;
        self.depth += 1;
        Ok(())
    }

    fn leave(&mut self) {
        self.at += 1;
        self.depth -= 1;
    }

    /// Passes the text whose opening quote is here.
    #[expect(clippy::inline_always, reason = "called for each text; see `plain`")]
    #[inline(always)]
    fn quoted(&mut self) -> Result<Quoted<'a>, Broken> {
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let (mut at, mut is_plain) = (start, true);
        loop {
            at += plain(&bytes[at..]);
            match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    is_plain = false;
                    at += escape(&bytes[at + 1..]).ok_or(Broken)?;
                }
                _ => return Err(Broken),
            }
        }
        self.at = at + 1;
        Ok(Quoted { raw: &self.text[start..at], is_plain })
    }

    fn word(&mut self, word: &str) -> Result<(), Broken> {
        let is_there = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        self.at += word.len();
        is_there.then_some(()).ok_or(Broken)
    }

    fn number(&mut self) -> Result<(), Broken> {
        let bytes = &self.text.as_bytes()[self.at..];
        let mut len = usize::from(bytes.first() == Some(&b'-'));
        let whole = digits(&bytes[len..]);
        if whole == 0 || (whole > 1 && bytes[len] == b'0') {
            return Err(Broken);
        }
        len += whole;
        if bytes.get(len) == Some(&b'.') {
            len += 1 + some_digits(&bytes[len + 1..])?;
        }
        if let Some(b'e' | b'E') = bytes.get(len) {
            len += 1 + usize::from(matches!(bytes.get(len + 1), Some(b'+' | b'-')));
            len += some_digits(&bytes[len..])?;
        }
        self.at += len;
        Ok(())
    }
}

/// The text that a value, as it stands, means; `None` when it is none.
///
/// # Errors
/// When it holds half of a surrogate pair.
pub(crate) fn text(raw: &str) -> Result<Option<Cow<'_, str>>, serde_json::Error> {
    let Some(inner) = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')) else {
        return Ok(None);
    };
    match inner.contains('\\') {
        false => Ok(Some(Cow::Borrowed(inner))),
        true => serde_json::from_str(raw).map(|text| Some(Cow::Owned(text))),
    }
}

/// A name that nobody can read is none that is asked for, but it is no JSON either.
fn unescaped(raw: &str) -> Result<String, Broken> {
    serde_json::from_str(&format!("\"{raw}\"")).map_err(|_| Broken)
}

/// How many bytes from here on are neither quote nor backslash nor control character.
#[expect(clippy::inline_always, reason = "called for each text; a call took a fifth of all")]
#[inline(always)]
fn plain(bytes: &[u8]) -> usize {
    let [quote, backslash, control] = [b'"', b'\\', 0x1f].map(u8x16::splat);
    let (blocks, rest) = bytes.as_chunks();
    let mut len = 0;
    for block in blocks {
        let block = u8x16::from(*block);
        let is_control = block.simd_eq(block.min(control));
        let found = block.simd_eq(quote) | block.simd_eq(backslash) | is_control;
        match found.to_bitmask() {
            0 => len += 16,
            found => return len + found.trailing_zeros() as usize,
        }
    }
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20);
    len + rest.iter().position(special).unwrap_or(rest.len())
}

/// The length of an escape, its backslash included; `after` is what follows that.
fn escape(after: &[u8]) -> Option<usize> {
    match after.first()? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => after.get(1..5)?.iter().all(u8::is_ascii_hexdigit).then_some(6),
        _ => None,
    }
}

fn digits(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len())
}

fn some_digits(bytes: &[u8]) -> Result<usize, Broken> {
    Some(digits(bytes)).filter(|n| *n > 0).ok_or(Broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn passes(text: &str) -> bool {
        let mut cursor = Cursor::new(text);
        cursor.skip().and_then(|()| cursor.end()).is_ok()
    }

    fn is_json(text: &str) -> bool {
        serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
    }

    #[test]
    fn it_passes_what_is_json_and_nothing_else() {
        for text in [
            "",
            " ",
            "{}",
            "[ ]",
            "{,}",
            "[,]",
            "[1,]",
            "[1 2]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{1:2}",
            "{\"a\":1 \"b\":2}",
            "null",
            "nul",
            "nulll",
            "true",
            "falsE",
            "0",
            "00",
            "-",
            "-0",
            "01",
            "1.",
            "1.5",
            ".5",
            "1e",
            "1e+",
            "1e-7",
            "1E+07",
            "+1",
            "0x1",
            "\"",
            "\"\\\"",
            "\"\\\\\"",
            "\"\\u12\"",
            "\"\\u12aG\"",
            "\"\\u12aF\"",
            "\"\\x\"",
            "\"\t\"",
            "\"\u{7f}é\"",
            "\"\n",
            "[[[]]",
            "[[]]]",
            "{\"a\":[{\"b\":null}]}  ",
            "\u{feff}{}",
            "1 1",
            "\"0123456\u{1}\"",
            "\"01234567\"",
            "\"0123456\\\\\"",
        ] {
            assert_eq!(passes(text), is_json(text), "{text:?}");
        }
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(passes(&nested(usize::from(DEPTH_MAX))));
        assert!(!passes(&nested(usize::from(DEPTH_MAX) + 1)));
        assert!(!passes(&"[".repeat(1 << 20)), "and no stack overflows");
    }

    /// Some JSON, some almost.
    fn almost_json() -> impl Strategy<Value = String> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,20}|[a-z\"\\\\\n\u{1}]{0,20}".prop_map(Value::from),
        ];
        let value = scalar.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z\"é]{0,9}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        });
        (
            value,
            any::<bool>(),
            any::<prop::sample::Index>(),
            prop::option::of("[\\[\\]{}:,\"\\\\0-9 a]"),
        )
            .prop_map(|(value, is_pretty, at, slip)| {
                let text = if is_pretty { format!("{value:#}") } else { value.to_string() };
                let Some(slip) = slip else { return text };
                let at = text.floor_char_boundary(at.index(text.len() + 1));
                format!("{}{slip}{}", &text[..at], &text[at..])
            })
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_reader_of_all_of_json(text in almost_json()) {
            prop_assert_eq!(passes(&text), is_json(&text));
        }

        #[test]
        fn members_are_handed_over_as_they_stand(text in almost_json()) {
            let Ok(Value::Object(expected)) = serde_json::from_str::<Value>(&text) else {
                return Ok(());
            };
            let mut found = serde_json::Map::new();
            let walked = Cursor::new(&text).members(|cursor, name| {
                let value = cursor.value()?;
                found.insert(name.to_owned(), serde_json::from_str(value).map_err(|_| Broken)?);
                Ok::<_, Broken>(())
            });
            prop_assert_eq!((walked, found), (Ok(()), expected));
        }
    }
}
