//! Why a request was not answered: one enum, its status, and the JSON that the page shows.

use api::{AwsFailure, Failure};
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};

/// A request that was not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// The request is wrong; says what and where.
    #[error("{0}")]
    BadRequest(String),
    /// What was asked for is not there.
    #[error("{0}")]
    NotFound(String),
    /// The path is right and the method wrong.
    #[error("{0}")]
    MethodNotAllowed(String),
    /// No or the wrong token.
    #[error("an access token is needed: open / in a browser, or send `Authorization: Bearer …`")]
    Unauthorized,
    /// X-Ray answered with an error, or not at all.
    #[error("{}", describe(.0))]
    Xray(AwsFailure),
    /// The scan budget is used up.
    #[error("{0}")]
    Budget(String),
    /// Our own fault; the cause is in the log.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Xray(_) => StatusCode::BAD_GATEWAY,
            Self::Budget(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What the page is told, and the log where it is our fault. Called once, where the error is handled.
    pub(crate) fn failure(&self, request_id: Option<&str>) -> Failure {
        let request_id = request_id.map(str::to_owned);
        let (code, message, aws) = match self {
            Self::BadRequest(message) => ("bad_request", message.clone(), None),
            Self::NotFound(message) => ("not_found", message.clone(), None),
            Self::MethodNotAllowed(message) => ("method_not_allowed", message.clone(), None),
            Self::Unauthorized => ("unauthorized", self.to_string(), None),
            Self::Xray(aws) => {
                tracing::warn!(
                    request_id,
                    operation = aws.operation,
                    code = aws.code,
                    aws_request_id = aws.request_id,
                    "X-Ray failed"
                );
                let code = if aws.code.is_some() { "xray_failed" } else { "xray_unreachable" };
                (code, self.to_string(), Some(aws.clone()))
            }
            Self::Budget(message) => ("budget", message.clone(), None),
            Self::Internal(cause) => {
                tracing::error!(request_id, cause, "internal error");
                ("internal", "the server failed; its log says why".to_owned(), None)
            }
        };
        Failure { code: code.to_owned(), message, request_id, aws }
    }
}

fn describe(aws: &AwsFailure) -> String {
    let operation = &aws.operation;
    match (&aws.code, &aws.message) {
        (Some(code), Some(message)) => format!("{operation} failed with {code}: {message}"),
        (Some(code), None) => format!("{operation} failed with {code}"),
        (None, Some(message)) => format!("{operation} got no answer from X-Ray: {message}"),
        (None, None) => format!("{operation} got no answer from X-Ray"),
    }
}

/// An error on its way out, with the id under which it is logged.
pub(crate) struct Reply {
    pub(crate) error: Error,
    pub(crate) request_id: Option<String>,
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        (self.error.status(), Json(self.error.failure(self.request_id.as_deref()))).into_response()
    }
}
