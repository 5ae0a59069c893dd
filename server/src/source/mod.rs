//! X-Ray, as the rest of the server sees it: questions in, model values out. The only room that names `aws_sdk_xray`.

mod convert;
mod graph;
mod groups;

use std::{collections::BTreeMap, sync::Arc};

use api::AwsFailure;
use aws_sdk_xray::{
    Client, config,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::RequestId,
    primitives::DateTime,
};
use model::{Moment, ServiceGraph, Trace, TraceId, TraceSummary};

use crate::{data_source::LOCAL_REGION, error::Error};

/// So many traces are given for one `BatchGetTraces`.
pub(crate) const MOST_AT_ONCE: usize = 5;

/// A client of one source in one region. Cheap to clone.
#[derive(Clone)]
pub(crate) struct XRay {
    client: Client,
    /// The source's name.
    pub(crate) source: Arc<str>,
    /// The region that is asked.
    pub(crate) region: Arc<str>,
}

/// A page of summaries.
pub(crate) struct SummaryPage {
    pub(crate) summaries: Vec<TraceSummary>,
    /// Traces that X-Ray looked at for this page and those before it.
    pub(crate) scanned: u64,
    pub(crate) next: Option<String>,
}

/// A trace as X-Ray has it.
pub(crate) struct FoundTrace {
    pub(crate) trace: Trace,
    /// X-Ray cut it for its size.
    pub(crate) limit_exceeded: bool,
}

impl XRay {
    /// A client with this configuration; an endpoint given here goes before the configuration's own.
    pub(crate) fn new(config: impl Into<config::Builder>, endpoint: Option<&str>, source: &str, region: &str) -> Self {
        let mut builder = config.into();
        if let Some(endpoint) = endpoint {
            builder = builder.endpoint_url(endpoint);
        }
        let client = Client::from_conf(builder.build());
        Self { client, source: source.into(), region: region.into() }
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
        let answer = request.send().await.map_err(|error| failed("PutTraceSegments", &error))?;
        let refused = answer.unprocessed_trace_segments().iter().map(|refused| {
            let [id, code, message] =
                [refused.id(), refused.error_code(), refused.message()].map(Option::unwrap_or_default);
            format!("document {id}: {code}: {message}")
        });
        Ok(refused.collect())
    }

    /// A page of `GetTraceSummaries`, traces by their start.
    pub(crate) async fn summaries(
        &self,
        from: Moment,
        to: Moment,
        filter: &str,
        token: Option<String>,
    ) -> Result<SummaryPage, Error> {
        let filter = Some(filter.trim()).filter(|filter| !filter.is_empty()).map(str::to_owned);
        let request = self.client.get_trace_summaries().start_time(time(from)).end_time(time(to));
        let answer = request.set_filter_expression(filter).set_next_token(token).send().await;
        let answer = answer.map_err(|error| failed("GetTraceSummaries", &error))?;
        Ok(SummaryPage {
            summaries: answer.trace_summaries().iter().filter_map(convert::summary).collect(),
            scanned: answer.traces_processed_count().and_then(|count| count.try_into().ok()).unwrap_or(0),
            next: answer.next_token().filter(|token| !token.is_empty()).map(str::to_owned),
        })
    }

    /// `GetServiceGraph`, all pages, and how many they were.
    pub(crate) async fn service_graph(
        &self,
        from: Moment,
        to: Moment,
        group: Option<&str>,
    ) -> Result<(ServiceGraph, u32), Error> {
        let (mut services, mut pages, mut token) = (Vec::new(), 0, None);
        loop {
            let request = self.client.get_service_graph().start_time(time(from)).end_time(time(to));
            let request = request.set_group_name(group.map(str::to_owned)).set_next_token(token);
            let answer = request.send().await.map_err(|error| failed("GetServiceGraph", &error))?;
            pages += 1;
            token = answer.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
            services.extend(answer.services.unwrap_or_default());
            if token.is_none() {
                return Ok((graph::graph(&services), pages));
            }
        }
    }

    /// `BatchGetTraces` for one trace; `None` when X-Ray does not have it.
    pub(crate) async fn trace(&self, id: TraceId) -> Result<Option<FoundTrace>, Error> {
        Ok(self.traces(&[id]).await?.pop())
    }

    /// `BatchGetTraces` for at most [`MOST_AT_ONCE`] traces; those that X-Ray does not have are left out.
    pub(crate) async fn traces(&self, ids: &[TraceId]) -> Result<Vec<FoundTrace>, Error> {
        let mut found: BTreeMap<TraceId, (Vec<Arc<str>>, bool)> = BTreeMap::new();
        let mut token = None;
        loop {
            let asked = ids.iter().map(TraceId::to_string).collect();
            let request = self.client.batch_get_traces().set_trace_ids(Some(asked)).set_next_token(token);
            let answer = request.send().await.map_err(|error| failed("BatchGetTraces", &error))?;
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
        // A large trace takes a moment to assemble; other requests go on meanwhile.
        let work = tokio::task::spawn_blocking(move || {
            let traces = found.into_iter().map(|(id, (documents, limit_exceeded))| FoundTrace {
                trace: Trace::assemble(id, documents),
                limit_exceeded,
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

/// A failed call in AWS's own words.
fn failed<E>(operation: &str, error: &SdkError<E>) -> Error
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
        }
        SdkError::ResponseError(answer) => {
            let status = answer.raw().status().as_u16();
            aws.code = Some(format!("HTTP {status}"));
            aws.message = Some("the answer is not one of X-Ray's".to_owned());
        }
        SdkError::TimeoutError(_) => aws.message = Some("no answer in time".to_owned()),
        // Why a connection or a credential could not be had. The SDK's errors name no secrets.
        other => aws.message = Some(plain(&DisplayErrorContext(other).to_string())),
    }
    Error::Xray(aws)
}

/// The SDK's chain of causes without its debug form, which follows in brackets.
fn plain(message: &str) -> String {
    message.split(" (").next().unwrap_or(message).chars().take(300).collect()
}
