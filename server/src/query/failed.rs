//! A window of a range that could not be had: what is said of it, and whether the others are worth asking.

use api::{Event, event::FailedWindow};

use super::windows::Window;
use crate::error::Error;

/// What is said of a window.
pub(super) fn failed((from, to): Window, error: &Error, request_id: Option<&str>) -> Event {
    Event::Failed(Box::new(FailedWindow { from, to, failure: error.failure(request_id) }))
}

/// Errors that say the same of every window: nothing is gained by asking again. Before anything has gone well, an X-Ray
/// that does not answer is one of them.
pub(super) fn is_hopeless(error: &Error, anything_went_well: bool) -> bool {
    let aws = match error {
        Error::Budget(_) => return true,
        Error::Xray(aws) => aws,
        _ => return false,
    };
    match aws.code.as_deref() {
        None => !anything_went_well,
        Some(code) => [
            "InvalidRequestException",
            "AccessDeniedException",
            "UnrecognizedClientException",
            "ExpiredTokenException",
            "InvalidSignatureException",
            "MissingAuthenticationTokenException",
            "HTTP 403",
            "HTTP 404",
        ]
        .contains(&code),
    }
}

/// X-Ray does not know the token of the next page any more; the rest of the window can be asked for anew.
pub(super) fn is_refused_token(error: &Error) -> bool {
    let Error::Xray(aws) = error else { return false };
    aws.code.as_deref() == Some("InvalidRequestException")
        && aws.message.as_deref().is_some_and(|message| message.to_ascii_lowercase().contains("token"))
}
