//! The rules of lint, each once: code, severity, reason and remedy.
//!
//! An error is what CloudWatch drops: the log event, the document, or the metric (it says which
//! only by `EMFParsingErrors` and `EMFValidationErrors`). A warning is what it takes although it is
//! probably not meant. Sources: the EMF specification, and `MetricDatum`, `Dimension` and
//! `PutLogEvents` of the API reference, which bind what is extracted.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use super::Severity::{self, Error, Warning};
use crate::emf::{
    DIMENSION_NAME_LEN_MAX, DIMENSION_VALUE_LEN_MAX, DIMENSIONS_MAX, EVENT_BYTES_ADVISED,
    EVENT_BYTES_MAX, METRIC_NAME_LEN_MAX, METRICS_MAX, NAMESPACE_LEN_MAX, VALUES_MAX,
};

macro_rules! rules {
    ($(
        $(#[doc = $why:literal])+
        $severity:ident $rule:ident = $code:literal, $remedy:literal;
    )+) => {
        /// What lint can object to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[doc = $why])+ $rule,)+
        }

        impl Rule {
            /// Every rule, in the order in which a line is read.
            pub const ALL: &[Rule] = &[$(Rule::$rule),+];

            /// The stable word for scripts: `values-too-many`.
            pub const fn code(self) -> &'static str {
                match self { $(Rule::$rule => $code),+ }
            }

            /// Whether CloudWatch drops something.
            pub const fn severity(self) -> Severity {
                match self { $(Rule::$rule => $severity),+ }
            }

            /// Why, in one sentence or two.
            pub fn explain(self) -> &'static str {
                match self { $(Rule::$rule => concat!($($why),+).trim_ascii()),+ }
            }

            /// What to do about it.
            pub fn remedy(self) -> String {
                match self { $(Rule::$rule => format!($remedy)),+ }
            }
        }
    };
}

rules! {
    // The line.

    /// The event is no JSON document, so that no metric is found in it.
    Error NotJson = "not-json",
        "write one complete JSON document per line; NaN and Infinity are no JSON";
    /// Metrics are looked for in a JSON object only.
    Error NotObject = "not-object", "write one object per line, not an array of documents";
    /// A log line without `_aws`: CloudWatch keeps it and extracts nothing, and whoever lints a line
    /// means it to hold metrics.
    Error PlainLine = "plain-line",
        "give it `_aws` at the root, or leave lines that are meant for the log alone out of lint";
    /// `_aws` counts at the root of the event only; inside another object or text nothing is
    /// extracted.
    Error NotAtRoot = "not-at-root",
        "write the document itself as the line, without an envelope around it";
    /// Text before the document. Lambda lets its own prefix pass, other sources need the bare
    /// document.
    Warning TextBefore = "text-before", "write the document alone on its line";
    /// Something follows the document, a second document for instance; the whole is no JSON.
    Error TextAfter = "text-after", "write one document per line";
    /// A byte order mark is not part of JSON, and not every reader skips it.
    Warning ByteOrderMark = "byte-order-mark", "write UTF-8 without a byte order mark";
    /// `PutLogEvents` refuses or cuts a longer event, and a cut document is no JSON.
    Error EventTooLarge = "event-too-large", "keep a line within {EVENT_BYTES_MAX} bytes: split it";
    /// Log shippers, emulators and regions with the older limit cut a longer event.
    Warning EventLarge = "event-large",
        "keep a line within {EVENT_BYTES_ADVISED} bytes, which passes everywhere";
    /// One of two members of the same name is lost, and which one is up to the reader.
    Error MemberRepeated = "member-repeated", "write each name once in an object";
    /// CloudWatch ignores members that the specification does not name; often it is a misspelt one.
    Warning MemberUnknown = "member-unknown",
        "remove it, or move it to the root, where it is searchable";

    // `_aws`.

    /// `_aws` holds the instructions for the extraction.
    Error AwsNotObject = "aws-not-object",
        "write \"_aws\":{{\"Timestamp\":..,\"CloudWatchMetrics\":[..]}}";
    /// The document needs the time of its metrics.
    Error TimestampMissing = "timestamp-missing",
        "add \"Timestamp\" to _aws: milliseconds since 1970, UTC";
    /// The time is an integer; CloudWatch takes no text and no fraction.
    Error TimestampNotInteger = "timestamp-not-integer",
        "write whole milliseconds since 1970, UTC, without quotes";
    /// The time is in another unit, which puts it outside of what CloudWatch accepts.
    Error TimestampUnit = "timestamp-unit", "write milliseconds since 1970, UTC";
    /// Events older than 14 days are refused.
    Error TimestampOld = "timestamp-old", "send within 14 days; check the clock of the sender";
    /// Events more than 2 hours ahead are refused.
    Error TimestampAhead = "timestamp-ahead",
        "check the clock and the time zone of the sender: the time is UTC";
    /// Without directives there is nothing to extract.
    Error DirectivesMissing = "directives-missing",
        "add \"CloudWatchMetrics\" to _aws: an array of directives";
    /// The directives stand in an array.
    Error DirectivesNotArray = "directives-not-array", "write \"CloudWatchMetrics\":[{{..}}]";
    /// The document is valid and yields no metric.
    Warning DirectivesEmpty = "directives-empty", "add a directive, or leave _aws out";

    // A directive.

    /// A directive is an object with a namespace, dimension sets and metrics.
    Error DirectiveNotObject = "directive-not-object",
        "write {{\"Namespace\":..,\"Dimensions\":[[..]],\"Metrics\":[..]}}";
    /// Every metric lives in a namespace.
    Error NamespaceMissing = "namespace-missing", "add \"Namespace\" with a text";
    /// The API limits the length of a namespace.
    Error NamespaceLength = "namespace-length", "use 1 to {NAMESPACE_LEN_MAX} characters";
    /// The API limits the characters of a namespace.
    Error NamespaceCharset = "namespace-charset",
        "use letters, digits, space and . - _ / # : only, not blank, no colon in front";
    /// Namespaces that begin with `AWS/` belong to AWS.
    Error NamespaceReserved = "namespace-reserved", "choose a name that does not begin with AWS/";

    // Dimension sets.

    /// A directive needs at least one dimension set.
    Error DimensionsMissing = "dimensions-missing",
        "add \"Dimensions\"; [[]] publishes without any dimension";
    /// Dimension sets are arrays in an array.
    Error DimensionsNotArray = "dimensions-not-array",
        "write \"Dimensions\":[[\"Name\"]]: an array of arrays of names";
    /// A set may be empty, the array of sets may not.
    Error DimensionsEmpty = "dimensions-empty", "write [[]] to publish without any dimension";
    /// A set has more dimensions than CloudWatch allows.
    Error DimensionsTooMany = "dimensions-too-many",
        "use at most {DIMENSIONS_MAX} dimensions in a set";
    /// A set refers to its dimensions by name.
    Error DimensionNotText = "dimension-not-text",
        "write the name of a member at the root, as a text";
    /// The API refuses a metric that names one dimension twice.
    Error DimensionRepeated = "dimension-repeated", "name each dimension once in a set";
    /// The schema limits the length of a dimension's name.
    Error DimensionNameLength = "dimension-name-length",
        "use 1 to {DIMENSION_NAME_LEN_MAX} characters";
    /// The API takes ASCII without control characters, not blank, not beginning with a colon.
    Error DimensionNameCharset = "dimension-name-charset",
        "use ASCII without control characters, not blank, no colon in front";
    /// Two equal sets create every metric of the directive twice: sums and sample counts double.
    /// The order of the names does not make a set another one.
    Warning DimensionSetRepeated = "dimension-set-repeated", "write each set once";
    /// A dimension takes its value from the root member of its name; where there is none, nothing
    /// is
    /// published under the set, without a word.
    Error DimensionMissing = "dimension-missing",
        "add the member at the root, or leave the dimension out of the set";
    /// The value of a dimension is a text.
    Error DimensionValueNotText = "dimension-value-not-text", "write the value in quotes";
    /// The API refuses an empty or blank value.
    Error DimensionValueBlank = "dimension-value-blank", "write a word for it, such as (none)";
    /// The API limits the length of a dimension's value.
    Error DimensionValueLength = "dimension-value-length",
        "use at most {DIMENSION_VALUE_LEN_MAX} characters";
    /// The API takes ASCII without control characters.
    Error DimensionValueCharset = "dimension-value-charset",
        "escape it, and keep the whole text in a member that is no dimension";

    // Metrics.

    /// A directive lists its metrics.
    Error MetricsMissing = "metrics-missing", "add \"Metrics\":[{{\"Name\":..}}]";
    /// The metrics stand in an array.
    Error MetricsNotArray = "metrics-not-array", "write \"Metrics\":[{{\"Name\":..}}]";
    /// The directive yields nothing.
    Warning MetricsEmpty = "metrics-empty", "name a metric, or leave the directive out";
    /// A directive has more metrics than CloudWatch allows.
    Error MetricsTooMany = "metrics-too-many",
        "use at most {METRICS_MAX} metrics in a directive: begin another document";
    /// A metric is defined by an object.
    Error MetricNotObject = "metric-not-object", "write {{\"Name\":..,\"Unit\":..}}";
    /// A metric is known by its name.
    Error MetricNameMissing = "metric-name-missing", "add \"Name\" with a text";
    /// The API limits the length of a metric's name; the schema's 1024 is more than it takes.
    Error MetricNameLength = "metric-name-length", "use 1 to {METRIC_NAME_LEN_MAX} characters";
    /// The API takes ASCII without control characters, not blank.
    Error MetricNameCharset = "metric-name-charset",
        "use ASCII without control characters, not blank";
    /// Twice under the same dimensions: each value counts twice, sums and sample counts double.
    Warning MetricRepeated = "metric-repeated",
        "name a metric once for each dimension set of a document";
    /// One text cannot be the value of a dimension and a number.
    Error MetricIsDimension = "metric-is-dimension",
        "give the metric or the dimension another name";
    /// CloudWatch has a closed list of units, and case counts.
    Error UnitUnknown = "unit-unknown", "use a unit of the API reference, or leave Unit out";
    /// Two units make two series of a metric, and an alarm without a unit sees either.
    Warning UnitConflict = "unit-conflict", "give a metric the same unit everywhere";
    /// CloudWatch stores at 1 or 60 seconds.
    Error ResolutionUnknown = "resolution-unknown",
        "write 1 or 60, without quotes, or leave StorageResolution out";

    // Values.

    /// A metric takes its value from the root member of its name; where there is none, it is
    /// skipped
    /// without a word.
    Error ValueMissing = "value-missing",
        "add the member at the root, or leave the metric out of the directive";
    /// A value is a number, an array of numbers, or an object with Values and Counts.
    Error ValueNotNumber = "value-not-number",
        "write a number without quotes, an array of numbers, or \
         {{\"Values\":[..],\"Counts\":[..]}}";
    /// Nothing was observed, and CloudWatch takes no metric without a sample.
    Error ValuesEmpty = "values-empty", "leave a metric without samples out";
    /// CloudWatch drops a document with more values in one metric.
    Error ValuesTooMany = "values-too-many",
        "use at most {VALUES_MAX} values for a metric: write the rest in another document";
    /// The API takes values from -2^360 to 2^360.
    Error ValueOutOfRange = "value-out-of-range", "leave the value out: infinity is no measurement";
    /// One negative value switches the percentiles of the metric off.
    Warning ValueNegative = "value-negative",
        "clamp durations to 0; leave a difference as it is if you need no percentile";

    // Distributions.

    /// Values and Counts belong together pairwise.
    Error CountsLength = "counts-length", "write one count for each value";
    /// A count says how often a value was seen.
    Error CountNotNumber = "count-not-number", "write counts as numbers, 0 or more";
    /// Without counts every value counts once; nothing documents that CloudWatch takes it so.
    Warning CountsMissing = "counts-missing", "add \"Counts\", or write a plain array of numbers";
    /// The members of a distribution contradict each other; averages or extremes will be wrong.
    Warning StatisticsInconsistent = "statistics-inconsistent",
        "compute Min, Max, Sum and Count from the same samples";
    /// Min, Max, Sum and Count without values: CloudWatch takes them, and has no percentiles for
    /// them.
    Warning StatisticSet = "statistic-set", "write Values and Counts, if percentiles are wanted";
}
