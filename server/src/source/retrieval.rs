//! Traces that are only in Transaction Search: a job is started, and asked for what it has found.
//! <https://docs.aws.amazon.com/xray/latest/api/API_StartTraceRetrieval.html>

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_sdk_xray::types::{RetrievalStatus, TraceFormatType};
use model::{Moment, Nanos, Trace, TraceId, time::SECOND};

use api::AwsFailure;

use super::{FoundTrace, Job, XRay, limits, time};
use crate::error::Error;

/// Between two questions about a job that is not done.
const PAUSE: Duration = Duration::from_millis(500);
/// A trace is looked for so long before and after the time in its id.
const AROUND: Nanos = Nanos::seconds(24 * 3_600);
/// Older ones are not kept.
const RETENTION: Nanos = Nanos::seconds(30 * 24 * 3_600);

/// What Transaction Search says of a trace.
pub(crate) enum Retrieved {
    Found(FoundTrace),
    /// It does not have it.
    Absent,
    /// It could not be asked, or has not answered; why, in words that go on after a colon.
    Unknown(String),
}

/// Codes by which IAM refuses an operation.
const DENIED: [&str; 3] = ["AccessDeniedException", "AccessDenied", "UnauthorizedOperation"];

fn is_denied(aws: &AwsFailure) -> bool {
    aws.code.as_deref().is_some_and(|code| DENIED.contains(&code))
}

/// Why it could not be asked.
fn why(aws: AwsFailure) -> String {
    let operation = aws.operation.clone();
    let is_denied = is_denied(&aws);
    let said = Error::Xray(aws);
    if is_denied { format!("the permission xray:{operation} is missing ({said})") } else { said.to_string() }
}

/// When a trace may have been: about the time in its id, or the last day where an id has none (W3C allows any).
fn around(id: TraceId, now: SystemTime) -> (Moment, Moment) {
    let now = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
    let text = id.to_string();
    let in_id = text.get(2..10).and_then(|digits| i64::from_str_radix(digits, 16).ok());
    let at = in_id.filter(|at| (now - RETENTION.0 / SECOND..=now + AROUND.0 / SECOND).contains(at)).unwrap_or(now);
    let at = Moment(at * SECOND);
    (at - AROUND, at + AROUND)
}

impl XRay {
    /// The trace as Transaction Search has it. An account without it, or a role that may not ask, is no failure: X-Ray
    /// itself has answered.
    pub(crate) async fn retrieved(&self, job: &Job, id: TraceId) -> Result<Retrieved, Error> {
        let token = match self.start_retrieval(job, id).await {
            Ok(Some(token)) => token,
            Ok(None) => return Ok(Retrieved::Unknown("StartTraceRetrieval gave no token".to_owned())),
            Err(Error::Xray(aws)) if aws.code.is_some() => return Ok(Retrieved::Unknown(why(aws))),
            Err(error) => return Err(error),
        };
        let begun = std::time::Instant::now();
        loop {
            let (status, documents) = match self.retrieved_so_far(job, &token).await {
                Ok(so_far) => so_far,
                Err(Error::Xray(aws)) if is_denied(&aws) => return Ok(Retrieved::Unknown(why(aws))),
                Err(error) => return Err(error),
            };
            match status {
                RetrievalStatus::Complete if documents.is_empty() => return Ok(Retrieved::Absent),
                RetrievalStatus::Complete => {
                    job.charge(1);
                    let assemble = move || Trace::assemble(id, documents);
                    let trace = tokio::task::spawn_blocking(assemble).await;
                    let trace = trace.map_err(|error| Error::Internal(error.to_string()))?;
                    return Ok(Retrieved::Found(FoundTrace { trace, limit_exceeded: false, retrieved: true }));
                }
                RetrievalStatus::Scheduled | RetrievalStatus::Running
                    if begun.elapsed() < limits::RETRIEVAL_PATIENCE =>
                {
                    tokio::time::sleep(PAUSE).await;
                }
                RetrievalStatus::Scheduled | RetrievalStatus::Running => {
                    let seconds = limits::RETRIEVAL_PATIENCE.as_secs();
                    return Ok(Retrieved::Unknown(format!("it has not found an answer in {seconds} seconds")));
                }
                other => return Ok(Retrieved::Unknown(format!("the search ended as {}", other.as_str()))),
            }
        }
    }

    async fn start_retrieval(&self, job: &Job, id: TraceId) -> Result<Option<String>, Error> {
        let (from, to) = around(id, SystemTime::now());
        let request = self.client.start_trace_retrieval().trace_ids(id.to_string());
        let request = request.start_time(time(from)).end_time(time(to));
        let started = self
            .call(
                job,
                limits::START_TRACE_RETRIEVAL,
                None,
                |recorder| request.clone().customize().interceptor(recorder).send(),
                |_| 0,
            )
            .await;
        Ok(started?.retrieval_token().map(str::to_owned))
    }

    /// All pages of what a job has found so far.
    async fn retrieved_so_far(&self, job: &Job, token: &str) -> Result<(RetrievalStatus, Vec<Arc<str>>), Error> {
        let (mut documents, mut next) = (Vec::new(), None);
        loop {
            let request = self.client.list_retrieved_traces().retrieval_token(token);
            let request = request.trace_format(TraceFormatType::Xray).set_next_token(next);
            let answer = self
                .call(
                    job,
                    limits::LIST_RETRIEVED_TRACES,
                    None,
                    |recorder| request.clone().customize().interceptor(recorder).send(),
                    |answer| answer.traces().len(),
                )
                .await?;
            let spans = answer.traces().iter().flat_map(aws_sdk_xray::types::RetrievedTrace::spans);
            documents.extend(spans.filter_map(|span| span.document()).map(Arc::from));
            next = answer.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
            if next.is_none() {
                return Ok((answer.retrieval_status().cloned().unwrap_or(RetrievalStatus::Complete), documents));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_looked_for_about_the_time_in_its_id() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_hours(500_000);
        let day = 24 * 3_600;
        let told = |id: &str| {
            let (from, to) = around(id.parse().unwrap(), now);
            (from.0 / SECOND, to.0 / SECOND)
        };
        let hour_ago = 1_800_000_000 - 3_600;
        assert_eq!(told(&format!("1-{hour_ago:08x}-000000000000000000000001")), (hour_ago - day, hour_ago + day));
        for without_time in ["1-00000001-000000000000000000000001", "1-ffffffff-000000000000000000000001"] {
            assert_eq!(told(without_time), (1_800_000_000 - day, 1_800_000_000 + day));
        }
    }
}
