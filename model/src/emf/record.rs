//! What is to be written: points that share their dimension values, and searchable properties.

use crate::{Dimensions, Point, Timestamp};

/// Points observed together. One record becomes one line, or several where it does not fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// `_aws.Timestamp`: the receive time of an event, the start of the minute of an aggregate.
    pub at: Timestamp,
    /// The values for every dimension set that the points are published under.
    pub dimensions: Dimensions,
    /// What was observed; each metric at most once.
    pub points: Vec<Point>,
    /// Members of the document that are searchable in the log and are no metrics.
    pub properties: Vec<(&'static str, Property)>,
}

/// A searchable value of a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Property {
    /// Any Unicode, cut at [`Property::TEXT_BYTES_MAX`] as it is written, escapes included.
    Text(String),
    /// An id or a number.
    Number(u64),
    /// An instant, written in RFC 3339.
    Time(Timestamp),
    /// At most [`Property::LIST_LEN_MAX`] texts, each cut at [`Property::LIST_TEXT_BYTES_MAX`].
    List(Vec<String>),
}

impl Property {
    /// Keeps a line far below [`super::EVENT_BYTES_ADVISED`] whatever a payload holds.
    pub const TEXT_BYTES_MAX: usize = 4096;

    /// Keeps a line far below [`super::EVENT_BYTES_ADVISED`] whatever a payload holds.
    pub const LIST_LEN_MAX: usize = 32;

    /// A label of a runner is at most 256 characters long; a whole list stays near 8 KB.
    pub const LIST_TEXT_BYTES_MAX: usize = 256;
}

impl Record {
    /// A record without points and properties.
    pub fn new(at: Timestamp, dimensions: Dimensions) -> Self {
        Record { at, dimensions, points: Vec::new(), properties: Vec::new() }
    }

    /// One more point.
    pub fn with(mut self, point: Point) -> Self {
        self.points.push(point);
        self
    }
}
