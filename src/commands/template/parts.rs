//! A template of several parts, put together section by section.

/// The sections, in the order in which they are written.
const SECTIONS: [&str; 4] = ["Parameters", "Conditions", "Resources", "Outputs"];

/// What each section holds so far, and what stands before them.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    head: String,
    bodies: [String; SECTIONS.len()],
}

impl Parts {
    /// The first part; what stands above its sections stands above all.
    pub fn of(text: &str) -> Parts {
        let mut parts = Parts::default();
        parts.head = parts.take(text);
        parts
    }

    /// One more part; what stands above its sections is for its readers only.
    pub fn add(&mut self, text: &str) {
        self.take(text);
    }

    /// A resource, written as JSON.
    pub fn resource(&mut self, id: &str, value: &serde_json::Value) {
        let [_, _, resources, _] = &mut self.bodies;
        resources.push_str(&format!("  {id}: {value}\n"));
    }

    /// The whole.
    pub fn text(&self) -> String {
        let mut text = self.head.clone();
        for (name, body) in SECTIONS.iter().zip(&self.bodies) {
            if !body.is_empty() {
                text.push_str(&format!("{name}:\n{}\n", body.trim_end()));
                text.push('\n');
            }
        }
        format!("{}\n", text.trim_end())
    }

    /// Sorts lines into sections and gives back those above the first.
    fn take(&mut self, text: &str) -> String {
        let mut head = String::new();
        let mut section = None;
        for line in text.lines() {
            let named = SECTIONS.iter().position(|name| line.strip_suffix(':') == Some(name));
            if named.is_some() {
                section = named;
                continue;
            }
            let body = section.and_then(|place: usize| self.bodies.get_mut(place));
            let body = body.unwrap_or(&mut head);
            body.push_str(line);
            body.push('\n');
        }
        for body in &mut self.bodies {
            let kept = body.trim_end().len();
            body.truncate(kept);
            if kept > 0 {
                body.push('\n');
            }
        }
        head
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_of_the_same_name_become_one() {
        let mut parts = Parts::of("# head\n\nParameters:\n  A: 1\n\nResources:\n  B: 2\n");
        parts.add("# not shown\nResources:\n  # why\n  C: 3\n\nOutputs:\n  D: 4\n");
        parts.resource("E", &serde_json::json!({ "Type": "x" }));
        let expected = "# head\n\nParameters:\n  A: 1\n\nResources:\n  B: 2\n  # why\n  C: 3\n  \
                        E: {\"Type\":\"x\"}\n\nOutputs:\n  D: 4\n";
        assert_eq!(parts.text(), expected);
    }
}
