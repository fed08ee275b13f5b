//! Which instance a runner is on, by its name.

/// Hexadecimal digits of an instance's id, today's and those before 2016.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html>
const DIGITS: [usize; 2] = [17, 8];

/// The id of an instance in the name of a runner, such as `i-0123456789abcdef0` in
/// `linux-i-0123456789abcdef0`.
pub(super) fn instance(name: &str) -> Option<&str> {
    name.match_indices("i-").find_map(|(start, mark)| {
        let is_word = name[..start].chars().next_back().is_none_or(|c| !c.is_ascii_alphanumeric());
        let rest = &name[start + mark.len()..];
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        let ends = rest[digits..].chars().next().is_none_or(|c| !c.is_ascii_alphanumeric());
        let is_id = is_word && ends && DIGITS.contains(&digits);
        is_id.then(|| &name[start..start + mark.len() + digits])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_wherever_it_stands() {
        let id = "i-0123456789abcdef0";
        for name in
            [id.to_owned(), format!("linux-{id}"), format!("linux_{id}-2"), format!("x {id}")]
        {
            assert_eq!(instance(&name), Some(id), "{name}");
        }
        assert_eq!(instance("ci-i-deadbeef"), Some("i-deadbeef"));
    }

    #[test]
    fn what_only_looks_alike_is_none() {
        for name in
            ["", "i-", "ubuntu", "i-0123456789abcdef01", "hi-deadbeef", "i-deadbeefs", "i-dead"]
        {
            assert_eq!(instance(name), None, "{name}");
        }
    }
}
