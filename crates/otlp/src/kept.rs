//! Attributes that hold what OpenTelemetry has no words for, so that a document that became a span becomes itself again.

/// Attributes with this prefix are about documents, and become neither annotations nor metadata.
pub(crate) const PREFIX: &str = "aws.xray.";

/// `segment` or `subsegment`: the span was a document of X-Ray's, and the attributes below are all that it said.
pub(crate) const TYPE: &str = "aws.xray.type";

/// The keys of the attributes that are annotations; AWS's exporters know it too.
pub(crate) const ANNOTATIONS: &str = "aws.xray.annotations";

/// A namespace of metadata as JSON; AWS's exporters know it too.
pub(crate) const METADATA: &str = "aws.xray.metadata.";

/// Members that are text, with their attributes.
pub(crate) const TEXTS: [(&str, &str); 4] = [
    ("origin", "aws.xray.origin"),
    ("resource_arn", "aws.xray.resource_arn"),
    ("user", "aws.xray.user"),
    ("namespace", "aws.xray.namespace"),
];

/// Members that are anything else, with their attributes: JSON as it stood in the document.
pub(crate) const MEMBERS: [(&str, &str); 10] = [
    ("error", "aws.xray.error"),
    ("fault", "aws.xray.fault"),
    ("throttle", "aws.xray.throttle"),
    ("service", "aws.xray.service"),
    ("http", "aws.xray.http"),
    ("aws", "aws.xray.aws"),
    ("sql", "aws.xray.sql"),
    ("cause", "aws.xray.cause"),
    ("links", "aws.xray.links"),
    ("precursor_ids", "aws.xray.precursor_ids"),
];
