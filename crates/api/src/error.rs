//! Why something could not be had: the body of every error response and of failed windows.

use serde::{Deserialize, Serialize};

/// What went wrong, for people and for programs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// A stable word for programs: `bad_request`, `not_found`, `unauthorized`, `forbidden`, `xray_failed`,
    /// `xray_unreachable`, `budget`, `internal`.
    pub code: String,
    /// A sentence for people: what happened, then what to do.
    pub message: String,
    /// The id under which the server logged it.
    #[serde(default)]
    pub request_id: Option<String>,
    /// The call to AWS (or to the local X-Ray) that failed, where that is the reason.
    #[serde(default)]
    pub aws: Option<AwsFailure>,
}

/// A failed call to X-Ray, in AWS's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwsFailure {
    /// The operation, as `GetTraceSummaries`.
    pub operation: String,
    /// AWS's error code, as `ThrottledException`; `None` when no answer came.
    #[serde(default)]
    pub code: Option<String>,
    /// AWS's message.
    #[serde(default)]
    pub message: Option<String>,
    /// AWS's request id.
    #[serde(default)]
    pub request_id: Option<String>,
}
