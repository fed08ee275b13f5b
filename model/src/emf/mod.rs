//! CloudWatch Embedded Metric Format: records in, one JSON document a line out.
//!
//! [`limits`] holds the specification's limits, [`Encoder`] writes lines that keep them, and
//! [`crate::lint`] checks anybody's lines against them. Nothing here is dropped: what does not fit
//! one document is split over several.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

mod batch;
mod encode;
mod limits;
mod record;
mod text;

pub use batch::summed;
pub use encode::{Encoder, Form, MissingDimension};
pub use limits::*;
pub use record::{Property, Record};
pub use text::dimension_value;
