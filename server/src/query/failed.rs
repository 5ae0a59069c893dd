//! A window of a range that could not be had: what is said of it, and whether the others are worth asking.

use api::{Event, event::FailedWindow};
use model::Moment;

use crate::error::Error;

/// What is said of a window.
pub(super) fn failed((from, to): (Moment, Moment), error: &Error, request_id: Option<&str>) -> Event {
    Event::Failed(Box::new(FailedWindow { from, to, failure: error.failure(request_id) }))
}

/// Said when the windows after a hopeless one were left out.
pub(super) fn rest_unasked() -> Event {
    Event::Warning("The rest of the range was not asked for: it would fail in the same way.".to_owned())
}

/// Errors that say the same of every window: nothing is gained by asking again.
pub(super) fn is_hopeless(error: &Error) -> bool {
    let Error::Xray(aws) = error else { return false };
    match aws.code.as_deref() {
        None => true,
        Some(code) => [
            "InvalidRequestException",
            "AccessDeniedException",
            "UnrecognizedClientException",
            "ExpiredTokenException",
            "InvalidSignatureException",
            "MissingAuthenticationTokenException",
        ]
        .contains(&code),
    }
}
