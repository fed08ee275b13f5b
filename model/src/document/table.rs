//! A table of texts, and figures as people read them.

use serde::Serialize;

/// A header and rows of the same length. Texts are plain; whoever renders them escapes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Table {
    /// The names of the columns.
    pub header: Vec<String>,
    /// One list of cells for each row.
    pub rows: Vec<Vec<String>>,
    /// Which columns hold figures, to be aligned to the right.
    pub right: Vec<bool>,
}

impl Table {
    /// A table without rows. Columns whose name starts with `>` hold figures.
    pub fn new<const N: usize>(columns: [&str; N]) -> Self {
        Table {
            header: columns.map(|name| name.trim_start_matches('>').to_owned()).to_vec(),
            rows: Vec::new(),
            right: columns.map(|name| name.starts_with('>')).to_vec(),
        }
    }

    /// With these rows.
    pub fn with<const N: usize>(mut self, rows: impl IntoIterator<Item = [String; N]>) -> Self {
        self.rows.extend(rows.into_iter().map(|row| row.to_vec()));
        self
    }

    /// The table in Markdown, ending in a newline.
    pub fn markdown(&self) -> String {
        let rule: Vec<String> =
            self.right.iter().map(|right| if *right { "--:" } else { "---" }.to_owned()).collect();
        let lines = [&self.header, &rule].into_iter().chain(&self.rows).map(|cells| {
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        });
        lines.collect()
    }
}

/// `60000` as `60,000`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn a_bar_in_a_cell_does_not_end_the_cell() {
        let table = Table::new(["what", ">how many"]).with([["a|b".to_owned(), "3".to_owned()]]);
        assert_eq!(table.markdown(), "| what | how many |\n| --- | --: |\n| a\\|b | 3 |\n");
    }
}
