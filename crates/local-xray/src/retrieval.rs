//! Trace retrieval, as Transaction Search has it: a job that is complete as soon as it begins.
//! <https://docs.aws.amazon.com/xray/latest/api/API_StartTraceRetrieval.html>

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use model::{Moment, Nanos, SpanId, Trace, TraceId};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Engine, document, engine, graphs,
    protocol::{Failure, Time, range, read},
};

/// A job asks for so many traces at most.
const MOST_IDS: usize = 100;
/// Traces of one page, and spans of one trace in it.
const PAGE_TRACES: usize = 5;
const PAGE_SPANS: usize = 100;
/// A job is forgotten after this.
const LIFETIME: Nanos = Nanos::seconds(3_600);
/// A bound for the memory that jobs take.
const MOST_JOBS: usize = 1_000;

/// The jobs that were started.
#[derive(Default)]
pub(crate) struct Jobs(Mutex<BTreeMap<String, Job>>);

#[derive(Clone)]
struct Job {
    ids: Vec<TraceId>,
    started: Moment,
    is_cancelled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StartRequest {
    trace_ids: Option<Vec<String>>,
    start_time: Option<Time>,
    end_time: Option<Time>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct JobRequest {
    retrieval_token: Option<String>,
    trace_format: Option<String>,
    next_token: Option<String>,
}

pub(crate) fn start_trace_retrieval(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: StartRequest = read(body)?;
    let ids = request.trace_ids.ok_or_else(|| Failure::missing("traceIds"))?;
    range(request.start_time, request.end_time)?;
    if ids.is_empty() || ids.len() > MOST_IDS {
        return Err(Failure::invalid(format!("A retrieval is of 1 to {MOST_IDS} traces")));
    }
    let parse = |id: &String| id.parse().map_err(|_| Failure::invalid(format!("Invalid trace id {id:.80}")));
    let ids = ids.iter().map(parse).collect::<Result<Vec<TraceId>, _>>()?;
    let token = Uuid::new_v4().simple().to_string();
    let now = engine::now();
    let mut jobs = engine.jobs().0.lock().unwrap_or_else(PoisonError::into_inner);
    jobs.retain(|_, job| now - job.started < LIFETIME);
    if jobs.len() >= MOST_JOBS {
        return Err(Failure::of("ThrottledException", "Too many retrievals are going on"));
    }
    jobs.insert(token.clone(), Job { ids, started: now, is_cancelled: false });
    Ok(json!({ "RetrievalToken": token }).to_string())
}

/// The job of a request.
fn job(engine: &Engine, request: &JobRequest) -> Result<Job, Failure> {
    let token = request.retrieval_token.as_deref().ok_or_else(|| Failure::missing("retrievalToken"))?;
    let jobs = engine.jobs().0.lock().unwrap_or_else(PoisonError::into_inner);
    let job = jobs.get(token).filter(|job| engine::now() - job.started < LIFETIME).cloned();
    job.ok_or_else(|| Failure::not_found("There is no such retrieval", token))
}

pub(crate) fn cancel_trace_retrieval(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: JobRequest = read(body)?;
    job(engine, &request)?;
    let mut jobs = engine.jobs().0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(job) = request.retrieval_token.as_deref().and_then(|token| jobs.get_mut(token)) {
        job.is_cancelled = true;
    }
    Ok("{}".to_owned())
}

pub(crate) fn list_retrieved_traces(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: JobRequest = read(body)?;
    let format = match request.trace_format.as_deref() {
        None | Some("XRAY") => "XRAY",
        Some("OTEL") => "OTEL",
        Some(other) => return Err(Failure::not_in(other, "traceFormat", "[XRAY, OTEL]")),
    };
    let job = job(engine, &request)?;
    if job.is_cancelled {
        return Ok(json!({ "RetrievalStatus": "CANCELLED", "TraceFormat": format, "Traces": [] }).to_string());
    }
    // A page goes on at a trace, and in it at a span.
    let (mut at, mut from) = match request.next_token.as_deref() {
        None => (0, 0),
        Some(token) => {
            let wrong = || Failure::invalid(format!("Invalid token {token:.80}"));
            let (at, from) = token.split_once('-').ok_or_else(wrong)?;
            (at.parse().map_err(|_| wrong())?, from.parse().map_err(|_| wrong())?)
        }
    };
    let mut traces = Vec::new();
    while at < job.ids.len() && traces.len() < PAGE_TRACES {
        let stored = engine.store().traces(&job.ids[at..=at]).map_err(|error| Failure::store(&error))?;
        let Some(stored) = stored.into_iter().next() else {
            at += 1;
            continue;
        };
        let trace = Trace::assemble(stored.id, stored.documents);
        let spans = spans(&trace, format == "OTEL");
        let page: Vec<&Value> = spans.iter().skip(from).take(PAGE_SPANS).collect();
        let duration = analysis::summary::duration(&trace).map(model::Nanos::as_seconds);
        traces.push(json!({ "Id": trace.id, "Duration": duration, "Spans": page }));
        (at, from) = if from + PAGE_SPANS < spans.len() { (at, from + PAGE_SPANS) } else { (at + 1, 0) };
        if from > 0 {
            break;
        }
    }
    let next = (at < job.ids.len()).then(|| format!("{at}-{from}"));
    Ok(json!({ "RetrievalStatus": "COMPLETE", "TraceFormat": format, "Traces": traces, "NextToken": next }).to_string())
}

/// The documents of a trace: X-Ray's, or one span of OpenTelemetry each.
fn spans(trace: &Trace, is_otel: bool) -> Vec<Value> {
    if !is_otel {
        let segments = document::segments(trace).into_iter();
        return segments.map(|segment| json!({ "Id": segment.id, "Document": segment.document })).collect();
    }
    let exported = otlp::export(trace);
    let spans = exported.spans().map(|(resource, _, span)| {
        // The resource stands first in the span's own object.
        let id = span.span_id.as_slice().try_into().map_or(0, u64::from_be_bytes);
        let json = span.json();
        let members = json.strip_prefix('{').unwrap_or(&json);
        let document = [r#"{"resource":"#, &otlp::resource(resource), ",", members].concat();
        json!({ "Id": SpanId(id).to_string(), "Document": document })
    });
    spans.collect()
}

pub(crate) fn get_retrieved_traces_graph(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: JobRequest = read(body)?;
    let job = job(engine, &request)?;
    if job.is_cancelled {
        return Ok(json!({ "RetrievalStatus": "CANCELLED", "Services": [] }).to_string());
    }
    let services = graphs::of_traces(engine, &job.ids)?.unwrap_or_default().into_iter();
    let services: Vec<Value> = services.map(|service| json!({ "Service": service, "Links": [] })).collect();
    Ok(json!({ "RetrievalStatus": "COMPLETE", "Services": services, "NextToken": null }).to_string())
}
