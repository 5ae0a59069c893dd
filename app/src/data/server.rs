//! Our server's answers as values.

use api::{About, Failure, SpanDocument, TraceColumns, path};
use futures::{Stream, StreamExt as _};
use model::SpanId;
use serde::de::DeserializeOwned;

use crate::platform::http;

/// What the server has to offer.
pub(crate) async fn about() -> Result<About, Failure> {
    json(path::ABOUT).await
}

/// One trace. `source` and `region` may be missing.
pub(crate) async fn trace(id: String, source: Option<String>, region: Option<String>) -> Result<TraceColumns, Failure> {
    let address = with_place(path::trace(&encode(&id)), source.as_deref(), region.as_deref());
    let bytes = bytes(&address, path::TRACE_COLUMNS).await?;
    let columns: Result<TraceColumns, _> = postcard::from_bytes(&bytes);
    columns.ok().filter(TraceColumns::is_consistent).ok_or_else(unreadable)
}

/// The document of one span.
pub(crate) async fn span(
    (id, span): (String, SpanId),
    source: Option<String>,
    region: Option<String>,
) -> Result<SpanDocument, Failure> {
    json(&with_place(path::span(&encode(&id), &span.to_string()), source.as_deref(), region.as_deref())).await
}

/// The lines of a query's answer as they come.
pub(crate) async fn query(
    query: &api::Query,
) -> Result<impl Stream<Item = Result<api::Event, Failure>> + use<>, Failure> {
    let body = serde_json::to_string(query).map_err(|_| unreadable())?;
    let answer = http::send(path::QUERY, path::JSON_LINES, Some(&body)).await.map_err(|()| unreachable())?;
    if answer.status() >= 400 {
        return Err(failure_of(answer).await);
    }
    // A line can be spread over several chunks; what is not a whole line waits in `rest`.
    let lines = answer.chunks().scan(Vec::new(), |rest: &mut Vec<u8>, chunk| {
        let events: Vec<Result<api::Event, Failure>> = match chunk {
            Err(()) => vec![Err(broken())],
            Ok(bytes) => {
                rest.extend(bytes);
                let whole = rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                let lines: Vec<u8> = rest.drain(..whole).collect();
                let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
                lines.map(|line| serde_json::from_slice(line).map_err(|_| unreadable())).collect()
            }
        };
        std::future::ready(Some(futures::stream::iter(events)))
    });
    Ok(lines.flatten())
}

async fn json<T: DeserializeOwned>(address: &str) -> Result<T, Failure> {
    let bytes = bytes(address, "application/json").await?;
    serde_json::from_slice(&bytes).map_err(|_| unreadable())
}

async fn bytes(address: &str, accept: &str) -> Result<Vec<u8>, Failure> {
    let answer = http::send(address, accept, None).await.map_err(|()| unreachable())?;
    if answer.status() >= 400 {
        return Err(failure_of(answer).await);
    }
    answer.bytes().await.map_err(|()| broken())
}

async fn failure_of(answer: http::Answer) -> Failure {
    let status = answer.status();
    let body = answer.bytes().await.unwrap_or_default();
    serde_json::from_slice(&body).unwrap_or_else(|_| Failure {
        code: "internal".to_owned(),
        message: format!("the server answered with status {status}; try again, or look at its log"),
        ..Failure::default()
    })
}

fn unreachable() -> Failure {
    let message = "Roentgen's server cannot be reached. Is it still running? Start it again, then try once more";
    Failure { code: "unreachable".to_owned(), message: message.to_owned(), ..Failure::default() }
}

fn broken() -> Failure {
    let message = "the connection to Roentgen's server broke; what had come until then is shown";
    Failure { code: "broken".to_owned(), message: message.to_owned(), ..Failure::default() }
}

fn unreadable() -> Failure {
    let message = "the server's answer cannot be read; it may be newer than this page: reload the page";
    Failure { code: "unreadable".to_owned(), message: message.to_owned(), ..Failure::default() }
}

fn with_place(path: String, source: Option<&str>, region: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("source", source), ("region", region)] {
        query.extend_pairs(value.map(|value| (name, value)));
    }
    let query = query.finish();
    if query.is_empty() { path } else { path + "?" + &query }
}

fn encode(segment: &str) -> String {
    form_urlencoded::byte_serialize(segment.as_bytes()).collect::<String>().replace('+', "%20")
}
