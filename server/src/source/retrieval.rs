//! Traces that are only in Transaction Search: a job is started, and asked for what it has found.
//! <https://docs.aws.amazon.com/xray/latest/api/API_StartTraceRetrieval.html>

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_sdk_xray::types::{RetrievalStatus, TraceFormatType};
use model::{Moment, Nanos, Trace, TraceId, time::SECOND};

use super::{FoundTrace, Job, XRay, limits, time};
use crate::error::Error;

/// Between two questions about a job that is not done.
const PAUSE: Duration = Duration::from_millis(500);
/// A trace is looked for so long before and after the time in its id.
const AROUND: Nanos = Nanos::seconds(24 * 3_600);
/// Older ones are not kept.
const RETENTION: Nanos = Nanos::seconds(30 * 24 * 3_600);

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
    /// The trace as Transaction Search has it. X-Ray without Transaction Search, or a role that may not ask, has none.
    pub(super) async fn retrieved(&self, job: &Job, id: TraceId) -> Result<Option<FoundTrace>, Error> {
        let Some(token) = self.start_retrieval(job, id).await? else { return Ok(None) };
        let begun = std::time::Instant::now();
        loop {
            let (status, documents) = self.retrieved_so_far(job, &token).await?;
            match status {
                RetrievalStatus::Complete if documents.is_empty() => return Ok(None),
                RetrievalStatus::Complete => {
                    job.charge(1);
                    let assemble = move || Trace::assemble(id, documents);
                    let trace = tokio::task::spawn_blocking(assemble).await;
                    let trace = trace.map_err(|error| Error::Internal(error.to_string()))?;
                    return Ok(Some(FoundTrace { trace, limit_exceeded: false, retrieved: true }));
                }
                RetrievalStatus::Scheduled | RetrievalStatus::Running
                    if begun.elapsed() < limits::RETRIEVAL_PATIENCE =>
                {
                    tokio::time::sleep(PAUSE).await;
                }
                _ => return Ok(None),
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
        match started {
            Ok(answer) => Ok(answer.retrieval_token().map(str::to_owned)),
            // Not every account has it, and the trace is as absent as before.
            Err(Error::Xray(aws)) if aws.code.is_some() => {
                tracing::info!(code = aws.code, "Transaction Search could not be asked");
                Ok(None)
            }
            Err(error) => Err(error),
        }
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
