//! X-Ray, as the rest of the server sees it: questions in, model values out. The only room that names `aws_sdk_xray`.

mod call;
mod convert;
mod graph;
mod groups;
mod job;
mod lane;
mod limits;
mod probe;
mod retrieval;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use api::query::TimeOf;
use aws_sdk_xray::{Client, config, primitives::DateTime, types::TimeRangeType};
use futures::future::BoxFuture;
use model::{Moment, ServiceGraph, Trace, TraceId, TraceSummary};

pub(crate) use self::{
    job::{Budget, Conversations, Job},
    lane::{Lane, Lanes, Priority},
    limits::{ALL as OPERATIONS, GET_SERVICE_GRAPH, GET_TRACE_SUMMARIES, Operation, Probe, TRACES_AT_ONCE},
    retrieval::Retrieved,
};
use crate::{data_source::LOCAL_REGION, error::Error};

/// Makes the next call fetch credentials anew.
type Forget = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// A client of one source in one region. Cheap to clone.
#[derive(Clone)]
pub(crate) struct XRay {
    client: Client,
    /// The source's name.
    pub(crate) source: Arc<str>,
    /// Which definition of that name it is: answers that are kept belong to one.
    pub(crate) revision: u64,
    /// The region that is asked.
    pub(crate) region: Arc<str>,
    lane: Lane,
    forget: Forget,
    /// No further attempt of a call begins so long after its first.
    patience: Duration,
    /// How a terminal names this X-Ray.
    terminal: Arc<str>,
}

/// Which traces a page is of.
#[derive(Clone, Debug)]
pub(crate) struct Summaries {
    /// Start inclusive, end exclusive.
    pub(crate) window: (Moment, Moment),
    pub(crate) time_of: TimeOf,
    pub(crate) filter: String,
}

/// A page of summaries.
pub(crate) struct SummaryPage {
    pub(crate) summaries: Vec<TraceSummary>,
    /// Traces that X-Ray looked at for this page and those before it.
    pub(crate) scanned: u64,
    /// Everything of the window from this moment on has come.
    pub(crate) reached: Option<Moment>,
    pub(crate) next: Option<String>,
}

/// A trace as X-Ray has it.
pub(crate) struct FoundTrace {
    pub(crate) trace: Trace,
    /// X-Ray cut it for its size.
    pub(crate) limit_exceeded: bool,
    /// It came from Transaction Search rather than from X-Ray's own store.
    pub(crate) retrieved: bool,
}

impl XRay {
    /// A client with this configuration; an endpoint given here goes before the configuration's own. `source` is its name
    /// and revision.
    pub(crate) fn new(
        config: impl Into<config::Builder>,
        endpoint: Option<&str>,
        (source, revision): (&str, u64),
        region: &str,
        lane: Lane,
        forget: Forget,
        patience: Duration,
    ) -> Self {
        let mut builder = config.into();
        let mut terminal = format!("--region {region}");
        if let Some(endpoint) = endpoint {
            builder = builder.endpoint_url(endpoint);
            // Without a region the command line signs for another one, or refuses.
            terminal = format!("{terminal} --endpoint-url {endpoint}");
        }
        let client = Client::from_conf(builder.build());
        Self {
            client,
            source: source.into(),
            revision,
            region: region.into(),
            lane,
            forget,
            patience,
            terminal: terminal.into(),
        }
    }

    /// Whether this is the X-Ray inside this program.
    pub(crate) fn is_local(&self) -> bool {
        *self.region == *LOCAL_REGION
    }

    /// Sends the demo's traffic to this X-Ray, as a program with an AWS SDK would, until the future is dropped.
    pub(crate) async fn run_demo(&self, options: demo::Options) -> Result<(), demo::Error> {
        demo::run(self.client.clone(), options).await
    }

    /// `PutTraceSegments`; gives why documents were refused, each in a sentence.
    pub(crate) async fn put(&self, documents: Vec<String>) -> Result<Vec<String>, Error> {
        let request = self.client.put_trace_segments().set_trace_segment_documents(Some(documents));
        let answer = self
            .call(
                &Job::unrecorded(),
                limits::PUT_TRACE_SEGMENTS,
                None,
                |recorder| request.clone().customize().interceptor(recorder).send(),
                |_| 0,
            )
            .await?;
        let refused = answer.unprocessed_trace_segments().iter().map(|refused| {
            let [id, code, message] =
                [refused.id(), refused.error_code(), refused.message()].map(Option::unwrap_or_default);
            format!("document {id}: {code}: {message}")
        });
        Ok(refused.collect())
    }

    /// A page of `GetTraceSummaries`; `scanned` is what the pages before it scanned.
    pub(crate) async fn summaries(
        &self,
        job: &Job,
        asked: &Summaries,
        token: Option<String>,
        scanned: u64,
    ) -> Result<SummaryPage, Error> {
        let (from, to) = asked.window;
        let filter = Some(asked.filter.trim()).filter(|filter| !filter.is_empty()).map(str::to_owned);
        let kind = match asked.time_of {
            TimeOf::Start => TimeRangeType::TraceId,
            TimeOf::Event => TimeRangeType::Event,
            TimeOf::Service => TimeRangeType::Service,
        };
        let request = self.client.get_trace_summaries().start_time(time(from)).end_time(time_before(to));
        let request = request.time_range_type(kind).set_filter_expression(filter).set_next_token(token);
        let answer = self
            .call(
                job,
                GET_TRACE_SUMMARIES,
                Some(asked.window),
                |recorder| request.clone().customize().interceptor(recorder).send(),
                |answer| answer.trace_summaries().len(),
            )
            .await?;
        let count = answer.traces_processed_count().and_then(|count| count.try_into().ok()).unwrap_or(0);
        job.charge(u64::saturating_sub(count, scanned));
        Ok(SummaryPage {
            reached: answer.approximate_time().map(convert::moment),
            scanned: count,
            next: answer.next_token().filter(|token| !token.is_empty()).map(str::to_owned),
            summaries: answer.trace_summaries().iter().filter_map(convert::summary).collect(),
        })
    }

    /// `GetServiceGraph`, all pages. The window's end is exclusive.
    pub(crate) async fn service_graph(
        &self,
        job: &Job,
        window: (Moment, Moment),
        group: Option<&str>,
    ) -> Result<ServiceGraph, Error> {
        let (mut services, mut token) = (Vec::new(), None);
        loop {
            let request = self.client.get_service_graph().start_time(time(window.0)).end_time(time_before(window.1));
            let request = request.set_group_name(group.map(str::to_owned)).set_next_token(token);
            let answer = self
                .call(
                    job,
                    GET_SERVICE_GRAPH,
                    Some(window),
                    |recorder| request.clone().customize().interceptor(recorder).send(),
                    |answer| answer.services().len(),
                )
                .await?;
            token = answer.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
            services.extend(answer.services.unwrap_or_default());
            if token.is_none() {
                return Ok(graph::graph(&services));
            }
        }
    }

    /// `BatchGetTraces` for one trace, and Transaction Search where X-Ray does not have it.
    pub(crate) async fn trace(&self, job: &Job, id: TraceId) -> Result<Retrieved, Error> {
        match self.traces(job, &[id]).await?.pop() {
            Some(found) => Ok(Retrieved::Found(found)),
            None => self.retrieved(job, id).await,
        }
    }

    /// `BatchGetTraces` for at most [`TRACES_AT_ONCE`] traces; those that X-Ray does not have are left out.
    pub(crate) async fn traces(&self, job: &Job, ids: &[TraceId]) -> Result<Vec<FoundTrace>, Error> {
        let mut found: BTreeMap<TraceId, (Vec<Arc<str>>, bool)> = BTreeMap::new();
        let mut token = None;
        loop {
            let asked = ids.iter().map(TraceId::to_string).collect();
            let request = self.client.batch_get_traces().set_trace_ids(Some(asked)).set_next_token(token);
            let answer = self
                .call(
                    job,
                    limits::BATCH_GET_TRACES,
                    None,
                    |recorder| request.clone().customize().interceptor(recorder).send(),
                    |answer| answer.traces().len(),
                )
                .await?;
            for trace in answer.traces() {
                // Alone it needs no name.
                let named = trace.id().and_then(|id| id.parse().ok());
                let Some(id) = named.or_else(|| ids.first().copied().filter(|_| ids.len() == 1)) else { continue };
                let (documents, limit_exceeded) = found.entry(id).or_default();
                *limit_exceeded |= trace.limit_exceeded().unwrap_or(false);
                documents.extend(trace.segments().iter().filter_map(|segment| segment.document()).map(Arc::from));
            }
            token = answer.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
            if token.is_none() {
                break;
            }
        }
        job.charge(found.len() as u64);
        // A large trace takes a moment to assemble; other requests go on meanwhile.
        let work = tokio::task::spawn_blocking(move || {
            let traces = found.into_iter().map(|(id, (documents, limit_exceeded))| FoundTrace {
                trace: Trace::assemble(id, documents),
                limit_exceeded,
                retrieved: false,
            });
            traces.collect()
        });
        work.await.map_err(|error| Error::Internal(error.to_string()))
    }
}

fn time(moment: Moment) -> DateTime {
    let second = model::time::SECOND;
    DateTime::from_secs_and_nanos(moment.0.div_euclid(second), moment.0.rem_euclid(second) as u32)
}

/// X-Ray's ranges are closed; a nanosecond less keeps windows from sharing traces.
fn time_before(moment: Moment) -> DateTime {
    time(Moment(moment.0.saturating_sub(1)))
}
