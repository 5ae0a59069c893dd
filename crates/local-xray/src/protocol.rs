//! X-Ray's wire protocol (restJson1): what every operation's requests and answers have in common.
//! <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html>

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use model::Moment;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::value::RawValue;

/// An error as AWS answers it: a code and a message, in the header and in the body.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// What the failure is about, where AWS names it.
    pub(crate) resource: Option<String>,
}

impl Failure {
    /// A failure of the caller's with this code.
    pub(crate) fn of(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message: message.into(), resource: None }
    }

    /// There is no such thing.
    pub(crate) fn not_found(message: impl Into<String>, resource: &str) -> Self {
        let resource = Some(resource.chars().take(1_011).collect());
        Self { status: StatusCode::NOT_FOUND, resource, ..Self::of("ResourceNotFoundException", message) }
    }

    /// A member has a value that is none of those that it may have.
    pub(crate) fn not_in(value: &str, member: &str, set: &str) -> Self {
        let constraint = format!("failed to satisfy constraint: Member must satisfy enum value set: {set}");
        Self::validation(format!("1 validation error detected: Value '{value:.80}' at '{member}' {constraint}"))
    }

    /// The request is well-formed and cannot be answered.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::of("InvalidRequestException", message)
    }

    /// A required member is missing. `member` is in lowerCamel, as AWS writes it.
    pub(crate) fn missing(member: &str) -> Self {
        let constraint = "failed to satisfy constraint: Member must not be null";
        Self::validation(format!("1 validation error detected: Value null at '{member}' {constraint}"))
    }

    pub(crate) fn validation(message: String) -> Self {
        Self::of("ValidationException", message)
    }

    /// The body is not JSON, or a member has the wrong type.
    pub(crate) fn serialization(message: String) -> Self {
        Self::of("SerializationException", message)
    }

    /// Something that is not the caller's fault; the cause is logged here and not told.
    pub(crate) fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(%error, "the local X-Ray failed");
        let message = "the local X-Ray failed; its log says why".to_owned();
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, ..Self::of("InternalFailure", message) }
    }

    /// The store cannot do it; its words name no secret and tell what helps.
    pub(crate) fn store(error: &store::StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        let message = format!("the local X-Ray's store: {error}");
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, ..Self::of("InternalFailure", message) }
    }

    pub(crate) fn response(&self) -> Response<Body> {
        // AWS writes `Message` for its modelled errors and `message` for the others; SDKs read both.
        let is_modelled = !["ValidationException", "SerializationException", "InternalFailure"].contains(&self.code);
        let key = if is_modelled { "Message" } else { "message" };
        let mut body = serde_json::json!({ "__type": self.code, key: self.message });
        if let Some(resource) = &self.resource {
            body["ResourceName"] = serde_json::json!(resource);
        }
        let body = body.to_string();
        let mut response = json(self.status, body);
        response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(self.code));
        response
    }
}

/// An answer with a JSON body and the headers that AWS sends.
pub(crate) fn json(status: StatusCode, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::try_from(uuid::Uuid::new_v4().to_string()) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

/// Reads a request's body; an empty one counts as `{}`.
pub(crate) fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Failure> {
    let body = if body.trim_ascii().is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| Failure::serialization(error.to_string()))
}

/// A time of a request: epoch seconds as a JSON number in any form.
#[derive(Clone, Copy)]
pub(crate) struct Time(pub(crate) Moment);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Moment::from_seconds_text(raw.get()).map(Self).map_err(D::Error::custom)
    }
}

/// The time range that every listing needs.
pub(crate) fn range(start: Option<Time>, end: Option<Time>) -> Result<(Moment, Moment), Failure> {
    let start = start.ok_or_else(|| Failure::missing("startTime"))?.0;
    let end = end.ok_or_else(|| Failure::missing("endTime"))?.0;
    if end < start {
        return Err(Failure::invalid("End time cannot be earlier than start time"));
    }
    Ok((start, end))
}
