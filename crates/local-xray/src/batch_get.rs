//! `BatchGetTraces`: the documents of traces, as AWS rewrites them on reading.
//! <https://docs.aws.amazon.com/xray/latest/api/API_BatchGetTraces.html>

use std::collections::BTreeSet;

use model::{Trace, TraceId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::StoredTrace;

use crate::{
    Engine, document,
    protocol::{Failure, read},
};

/// AWS answers for this many traces at once; lenient mode for any number.
const MOST_IDS: usize = 5;

#[derive(Deserialize)]
struct Request {
    #[serde(rename = "TraceIds")]
    ids: Option<Vec<String>>,
    #[serde(rename = "NextToken")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    traces: Vec<TraceAnswer>,
    unprocessed_trace_ids: [(); 0],
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TraceAnswer {
    id: TraceId,
    duration: Option<Box<RawValue>>,
    limit_exceeded: bool,
    segments: Vec<document::Segment>,
}

pub(crate) fn batch_get_traces(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: Request = read(body)?;
    let ids = request.ids.ok_or_else(|| Failure::missing("traceIds"))?;
    if engine.strict() && ids.len() > MOST_IDS {
        return Err(Failure::invalid(format!("Exceeding maximum query size: {MOST_IDS}")));
    }
    if request.next_token.is_some() {
        return Err(Failure::invalid("NextToken is currently not supported"));
    }
    let mut parsed = Vec::with_capacity(ids.len());
    for id in &ids {
        let wrong = |_| Failure::invalid(format!("Invalid trace id {id:.80}: incorrect id format"));
        parsed.push(id.parse::<TraceId>().map_err(wrong)?);
    }
    if parsed.iter().collect::<BTreeSet<_>>().len() < parsed.len() {
        return Err(Failure::invalid("Containing duplicate trace ids"));
    }
    let traces = engine.store().traces(&parsed).map_err(|error| Failure::store(&error))?;
    let traces = traces.into_iter().map(|stored| answer(engine, stored)).collect();
    let answer = Answer { traces, unprocessed_trace_ids: [], next_token: None };
    serde_json::to_string(&answer).map_err(|error| Failure::serialization(error.to_string()))
}

fn answer(engine: &Engine, stored: StoredTrace) -> TraceAnswer {
    let trace = Trace::assemble(stored.id, stored.documents);
    // AWS shows nothing of a trace whose root has not come; for a developer what is there is worth seeing.
    let hidden = engine.strict() && trace.root().is_none();
    let duration =
        analysis::summary::duration(&trace).and_then(|length| RawValue::from_string(length.seconds_text()).ok());
    let segments = if hidden { Vec::new() } else { document::segments(&trace) };
    TraceAnswer { id: trace.id, duration, limit_exceeded: false, segments }
}
