//! Trying operations out, with questions that find nothing.

use std::time::{Duration, SystemTime};

use aws_sdk_xray::primitives::DateTime;

use super::{Job, Operation, XRay, limits};
use crate::error::Error;

/// Beyond X-Ray's retention: there is nothing to scan, and nothing to pay.
const LONG_AGO: Duration = Duration::from_hours(40 * 24);
/// Nobody's trace.
const NO_TRACE: &str = "1-00000001-000000000000000000000000";

impl XRay {
    /// Calls an operation so that it finds nothing; `None` for one that cannot be tried out. The answer, or AWS's
    /// refusal, says whether it may be called.
    pub(crate) async fn probe(&self, job: &Job, operation: Operation) -> Option<Result<(), Error>> {
        let from = DateTime::from(SystemTime::now() - LONG_AGO);
        let to = DateTime::from_secs(from.secs() + 1);
        macro_rules! call {
            ($request:expr) => {{
                let request = $request;
                let called = self.call(
                    job,
                    operation,
                    None,
                    |recorder| request.clone().customize().interceptor(recorder).send(),
                    |_| 0,
                );
                called.await.map(drop)
            }};
        }
        let client = &self.client;
        Some(match operation.name {
            name if name == limits::GET_TRACE_SUMMARIES.name => {
                call!(client.get_trace_summaries().start_time(from).end_time(to))
            }
            name if name == limits::BATCH_GET_TRACES.name => call!(client.batch_get_traces().trace_ids(NO_TRACE)),
            name if name == limits::GET_SERVICE_GRAPH.name => {
                call!(client.get_service_graph().start_time(from).end_time(to))
            }
            name if name == limits::GET_GROUPS.name => call!(client.get_groups()),
            name if name == limits::LIST_RETRIEVED_TRACES.name => {
                call!(client.list_retrieved_traces().retrieval_token("roentgen-probe"))
            }
            _ => return None,
        })
    }
}
