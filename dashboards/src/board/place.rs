//! Where each widget lies: rows of a grid of 24 columns, filled from left to right.

use super::{Kind, Row, Widget};

/// Columns of the grid, in CloudWatch as in Grafana.
pub const COLUMNS: u32 = 24;

/// Where something lies, in columns and rows of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    /// Columns to the left.
    pub x: u32,
    /// Rows above.
    pub y: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// The places of a row's widgets below `y`, and where the next row begins. `height` says how many
/// rows of the grid a kind of widget takes; those side by side are all as high as the highest.
pub fn places(row: &Row, y: u32, height: impl Fn(&Widget) -> u32) -> (Vec<Place>, u32) {
    let mut places = Vec::with_capacity(row.widgets.len());
    let mut y = y;
    for side_by_side in lines(&row.widgets) {
        let highest = side_by_side.iter().map(&height).max().unwrap_or(0);
        let mut x = 0;
        for widget in side_by_side {
            places.push(Place { x, y, width: widget.columns, height: highest });
            x += widget.columns;
        }
        y += highest;
    }
    (places, y)
}

/// The widgets broken into lines that fit into the grid.
fn lines(widgets: &[Widget]) -> Vec<&[Widget]> {
    let mut lines = Vec::new();
    let mut rest = widgets;
    while !rest.is_empty() {
        let mut width = 0;
        let fits = rest.iter().take_while(|widget| {
            width += widget.columns;
            width <= COLUMNS
        });
        let (line, after) = rest.split_at(fits.count().max(1));
        lines.push(line);
        rest = after;
    }
    lines
}

impl Kind {
    /// Whether it shows one figure for each line instead of a course over time.
    pub const fn is_of_one_figure(self) -> bool {
        matches!(self, Kind::SingleValue | Kind::Table)
    }
}
