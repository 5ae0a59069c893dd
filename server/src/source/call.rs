//! One call to X-Ray: its turn in the lane, its attempts, and a note of what was said.
//!
//! The SDK's own retries are off, because they know nothing of the other calls of the account.

use std::{
    error::Error as _,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use api::{AwsFailure, event::Call};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_xray::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef},
    },
    error::{BoxError, ProvideErrorMetadata, SdkError},
    operation::RequestId,
};
use aws_smithy_runtime_api::client::result::DispatchFailure;
use backon::{BackoffBuilder as _, ExponentialBuilder};
use bytes::Bytes;
use model::Moment;

use super::{Job, Operation, XRay};
use crate::error::Error;

/// Attempts that fail for X-Ray's own reasons, and those that it throttles.
const ATTEMPTS: u32 = 4;
const THROTTLED_ATTEMPTS: u32 = 7;
/// Pauses begin with this, double up to the other, and vary by as much again.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// Notes what goes over the wire: bodies alone, never a header.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorder(Arc<Mutex<Recorded>>);

#[derive(Debug, Default)]
struct Recorded {
    request: Bytes,
    answer: Bytes,
    status: u16,
}

impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "Recorder"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut recorded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recorded.request = Bytes::copy_from_slice(context.request().body().bytes().unwrap_or_default());
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut recorded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recorded.status = context.response().status().as_u16();
        recorded.answer = Bytes::copy_from_slice(context.response().body().bytes().unwrap_or_default());
        Ok(())
    }
}

/// What a failed attempt means for the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// X-Ray asks for patience.
    Throttled,
    /// It may go well next time.
    Passing,
    /// The credentials have expired; new ones may do.
    Expired,
    /// It will fail again.
    Final,
}

impl XRay {
    /// Makes a call, again where that may help. `rows` counts what an answer has.
    pub(super) async fn call<T, E, F>(
        &self,
        job: &Job,
        operation: Operation,
        window: Option<(Moment, Moment)>,
        mut attempt: impl FnMut(Recorder) -> F,
        rows: impl Fn(&T) -> usize,
    ) -> Result<T, Error>
    where
        T: RequestId,
        E: ProvideErrorMetadata + RequestId + std::error::Error + Send + Sync + 'static,
        F: Future<Output = Result<T, SdkError<E>>>,
    {
        job.check_budget()?;
        let recorder = Recorder::default();
        let pauses = ExponentialBuilder::default().with_min_delay(FIRST_PAUSE).with_max_delay(LONGEST_PAUSE);
        let mut pauses = pauses.without_max_times().with_jitter().build();
        let mut call =
            Call { number: job.next_number(), operation: operation.name.to_owned(), window, ..Call::default() };
        let (mut begun, mut renewed) = (None, false);
        let outcome = loop {
            let permit = self.lane.enter(job.priority).await;
            let begun = *begun.get_or_insert_with(|| {
                call.begun_ms = job.elapsed_ms();
                Instant::now()
            });
            let outcome = attempt(recorder.clone()).await;
            drop(permit);
            let error = match outcome {
                Ok(answer) => {
                    self.lane.recover();
                    break Ok(answer);
                }
                Err(error) => error,
            };
            let kind = kind(&error);
            let again = match kind {
                Kind::Throttled => {
                    self.lane.slow();
                    call.throttled += 1;
                    call.retries + 1 < THROTTLED_ATTEMPTS
                }
                Kind::Passing => call.retries - call.throttled.min(call.retries) + 1 < ATTEMPTS,
                Kind::Expired => !std::mem::replace(&mut renewed, true),
                Kind::Final => false,
            };
            if !again || begun.elapsed() >= self.patience {
                break Err(error);
            }
            if kind == Kind::Expired {
                (self.forget)().await;
            } else if let Some(pause) = pauses.next() {
                tokio::time::sleep(pause).await;
            }
            call.retries += 1;
        };
        call.elapsed_ms = job.elapsed_ms() - call.begun_ms;
        let noted = std::mem::take(&mut *recorder.0.lock().unwrap_or_else(PoisonError::into_inner));
        call.status = noted.status;
        let outcome = match outcome {
            Ok(answer) => {
                call.rows = rows(&answer) as u64;
                call.request_id = answer.request_id().map(str::to_owned);
                Ok(answer)
            }
            Err(error) => {
                let aws = failure(operation.name, &error);
                call.request_id.clone_from(&aws.request_id);
                call.error = aws.code.clone().or_else(|| aws.message.clone());
                Err(Error::Xray(aws))
            }
        };
        job.end(call, &self.terminal, noted.request, &noted.answer);
        outcome
    }
}

/// AWS's codes for a client that asks too much.
const THROTTLES: [&str; 6] = [
    "ThrottledException",
    "ThrottlingException",
    "Throttling",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "SlowDown",
];
const EXPIRED: [&str; 3] = ["ExpiredTokenException", "ExpiredToken", "TokenRefreshRequired"];

fn kind<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Kind {
    match error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            let code = answer.err().meta().code();
            if status == 429 || code.is_some_and(|code| THROTTLES.contains(&code)) {
                Kind::Throttled
            } else if code.is_some_and(|code| EXPIRED.contains(&code)) {
                Kind::Expired
            } else if status >= 500 || (code.is_none() && status < 400) {
                // The latter cannot be read: it was cut short, or a broken proxy made it up.
                Kind::Passing
            } else {
                Kind::Final
            }
        }
        SdkError::ResponseError(answer) if answer.raw().status().is_client_error() => Kind::Final,
        SdkError::ResponseError(_) | SdkError::TimeoutError(_) => Kind::Passing,
        // Connections that break; credentials that cannot be had look alike from outside.
        SdkError::DispatchFailure(failure) if !failure.is_user() && !is_about_credentials(failure) => Kind::Passing,
        _ => Kind::Final,
    }
}

/// A failed call in AWS's own words.
pub(super) fn failure<E>(operation: &str, error: &SdkError<E>) -> AwsFailure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    SdkError<E>: RequestId,
{
    let mut aws = AwsFailure { operation: operation.to_owned(), ..AwsFailure::default() };
    aws.request_id = error.request_id().map(str::to_owned);
    match error {
        SdkError::ServiceError(answer) => {
            let meta = answer.err().meta();
            let status = answer.raw().status().as_u16();
            aws.code = Some(meta.code().map_or_else(|| format!("HTTP {status}"), str::to_owned));
            aws.message = meta.message().map(str::to_owned);
            if meta.code().is_none() && meta.message().is_none() {
                aws.message =
                    Some("the answer is not one of X-Ray's, or it was cut short; is the endpoint right?".to_owned());
            }
        }
        SdkError::ResponseError(answer) => {
            let status = answer.raw().status().as_u16();
            aws.code = Some(format!("HTTP {status}"));
            aws.message = Some("the answer is not one of X-Ray's, or it was cut short".to_owned());
        }
        SdkError::TimeoutError(_) => aws.message = Some("no answer in time".to_owned()),
        // Why a connection or a credential could not be had. The SDK's errors name no secrets.
        SdkError::DispatchFailure(failure) => aws.message = failure.as_connector_error().map(|error| chain(error)),
        other => aws.message = other.source().map(chain),
    }
    aws
}

fn is_about_credentials(failure: &DispatchFailure) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> =
        failure.as_connector_error().and_then(std::error::Error::source);
    while let Some(error) = cause {
        if error.is::<CredentialsError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// What went wrong, and why, and why that; each once.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut cause = Some(error);
    while let Some(error) = cause {
        let words = error.to_string();
        if !said.last().is_some_and(|last| last.contains(&words)) {
            said.push(words);
        }
        cause = error.source();
    }
    said.join(": ").chars().take(400).collect()
}
