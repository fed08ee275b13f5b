//! The files beside the page. They may be cached for good: their addresses carry a fingerprint.

/// The stylesheet, served at `/assets/app.css` as `text/css`.
pub const APP_CSS: &str = include_str!("../assets/app.css");

/// The script, served at `/assets/app.js` as `text/javascript`. The page works without it.
pub const APP_JS: &str = include_str!("../assets/app.js");

/// The icon, served at `/assets/favicon.svg` as `image/svg+xml`.
pub const FAVICON_SVG: &str = include_str!("../assets/favicon.svg");

/// The fingerprint that addresses carry as `?v=`: a new one whenever any of the files changes.
pub const FINGERPRINT: u32 = fnv1a(&[APP_CSS, APP_JS, FAVICON_SVG]);

/// A file by its path, such as `/assets/app.css`: its media type and its text.
pub fn find(path: &str) -> Option<(&'static str, &'static str)> {
    match path {
        "/assets/app.css" => Some(("text/css; charset=utf-8", APP_CSS)),
        "/assets/app.js" => Some(("text/javascript; charset=utf-8", APP_JS)),
        "/assets/favicon.svg" => Some(("image/svg+xml", FAVICON_SVG)),
        _ => None,
    }
}

/// FNV-1a, 32 bits: enough to tell two releases apart, and it runs in the compiler.
/// <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>
const fn fnv1a(texts: &[&str]) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    let mut text = 0;
    while text < texts.len() {
        let bytes = texts[text].as_bytes();
        let mut index = 0;
        while index < bytes.len() {
            hash = (hash ^ bytes[index] as u32).wrapping_mul(0x0100_0193);
            index += 1;
        }
        text += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_is_the_published_hash() {
        assert_eq!(fnv1a(&["foobar"]), 0xbf9c_f968);
        assert_eq!(fnv1a(&["foo", "bar"]), 0xbf9c_f968);
    }
}
