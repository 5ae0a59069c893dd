//! A window of a range that could not be had: what is said of it, and whether the others are worth asking.

use api::{Event, Failure, event::FailedWindow};

use super::windows::Window;
use crate::error::Error;

/// What is said of a window.
pub(super) fn failed((from, to): Window, error: &Error, request_id: Option<&str>) -> Event {
    Event::Failed(Box::new(FailedWindow { from, to, failure: error.failure(request_id) }))
}

/// A part that was not asked for, because the others say that it would be in vain.
pub(super) fn not_asked((from, to): Window) -> Event {
    let failure = Failure {
        code: "not_asked".to_owned(),
        message: "it was not asked for, because it would fail in the same way".to_owned(),
        ..Failure::default()
    };
    Event::Failed(Box::new(FailedWindow { from, to, failure }))
}

/// So many windows may fail before one has gone well.
const IN_VAIN: u32 = 3;

/// How windows went so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Record {
    /// One went well.
    pub(super) went_well: bool,
    /// So many did not.
    pub(super) failures: u32,
}

/// Errors that say the same of every window: nothing is gained by asking again. So does an X-Ray that does not answer at
/// all, and one that has answered nothing but errors.
pub(super) fn is_hopeless(error: &Error, record: Record) -> bool {
    if !record.went_well && record.failures >= IN_VAIN {
        return true;
    }
    let aws = match error {
        Error::Budget(_) => return true,
        Error::Xray(aws) => aws,
        _ => return false,
    };
    match aws.code.as_deref() {
        None => !record.went_well,
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
