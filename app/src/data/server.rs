//! Our server's answers as values.

use api::{About, AwsFailure, Failure, Group, GroupChange, SpanDocument, TraceColumns, path};
use futures::{Stream, StreamExt as _};
use model::{SpanId, document::read};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::platform::http;

/// What the server has to offer.
pub(crate) async fn about() -> Result<About, Failure> {
    value(path::ABOUT).await
}

/// One trace. `source` and `region` may be missing.
pub(crate) async fn trace(id: String, source: Option<String>, region: Option<String>) -> Result<TraceColumns, Failure> {
    let address = with_place(path::trace(&encode(&id)), source.as_deref(), region.as_deref());
    let columns: TraceColumns = value(&address).await?;
    if columns.is_consistent() { Ok(columns) } else { Err(unreadable()) }
}

/// The document of one span.
pub(crate) async fn span(
    (id, span): (String, SpanId),
    source: Option<String>,
    region: Option<String>,
) -> Result<SpanDocument, Failure> {
    value(&with_place(path::span(&encode(&id), &span.to_string()), source.as_deref(), region.as_deref())).await
}

/// The groups, after a change of them where there is one.
pub(crate) async fn groups(
    change: Option<GroupChange>,
    source: Option<String>,
    region: Option<String>,
) -> Result<Vec<Group>, Failure> {
    let body = change.and_then(|change| serde_json::to_string(&change).ok());
    let address = with_place(path::GROUPS.to_owned(), source.as_deref(), region.as_deref());
    value_of(http::send(&address, path::VALUE, body.as_deref()).await).await
}

/// The events of a query's answer as they come.
pub(crate) async fn query(
    query: &api::Query,
) -> Result<impl Stream<Item = Result<api::Event, Failure>> + use<>, Failure> {
    let body = serde_json::to_string(query).map_err(|_| unreadable())?;
    let answer = http::send(path::QUERY, path::EVENTS, Some(&body)).await.map_err(|()| unreachable())?;
    if answer.status() >= 400 {
        return Err(failure_of(answer).await);
    }
    // An event can be spread over several chunks; what is not whole waits in `rest`.
    let events = answer.chunks().scan(Vec::new(), |rest: &mut Vec<u8>, chunk| {
        let events: Vec<Result<api::Event, Failure>> = match chunk {
            Err(()) => vec![Err(broken())],
            Ok(bytes) => {
                rest.extend(bytes);
                std::iter::from_fn(|| frame(rest)).collect()
            }
        };
        std::future::ready(Some(futures::stream::iter(events)))
    });
    Ok(events.flatten())
}

/// Takes the first event, if it is whole: its bytes after their number in four bytes.
fn frame(rest: &mut Vec<u8>) -> Option<Result<api::Event, Failure>> {
    let count = u32::from_le_bytes(*rest.first_chunk()?) as usize;
    let event = postcard::from_bytes(rest.get(4..)?.get(..count)?).map_err(|_| unreadable());
    rest.drain(..4 + count);
    Some(event)
}

async fn value<T: DeserializeOwned>(address: &str) -> Result<T, Failure> {
    value_of(http::send(address, path::VALUE, None).await).await
}

async fn value_of<T: DeserializeOwned>(answer: Result<http::Answer, ()>) -> Result<T, Failure> {
    let answer = answer.map_err(|()| unreachable())?;
    if answer.status() >= 400 {
        return Err(failure_of(answer).await);
    }
    let bytes = answer.bytes().await.map_err(|()| broken())?;
    postcard::from_bytes(&bytes).map_err(|_| unreadable())
}

/// What an answer with a status of failure says; that is always JSON.
async fn failure_of(answer: http::Answer) -> Failure {
    let status = answer.status();
    let body = answer.bytes().await.unwrap_or_default();
    read_failure(&body).unwrap_or_else(|| Failure {
        code: "internal".to_owned(),
        message: format!("the server answered with status {status}; try again, or look at its log"),
        ..Failure::default()
    })
}

/// Reads a failure by hand: it is the only JSON among the answers, and not worth a reader of its own in the page.
fn read_failure(body: &[u8]) -> Option<Failure> {
    let whole: &RawValue = serde_json::from_slice(body).ok()?;
    let text = |object: &RawValue, name: &str| {
        let members = read::members(object)?;
        let (_, value) = members.into_iter().find(|(key, _)| key == name)?;
        read::text(value).map(std::borrow::Cow::into_owned)
    };
    let aws = read::members(whole)?.into_iter().find(|(key, _)| key == "aws").map(|(_, aws)| aws);
    let aws = aws.and_then(|aws| {
        let operation = text(aws, "operation")?;
        let (code, message, request_id) = (text(aws, "code"), text(aws, "message"), text(aws, "request_id"));
        Some(AwsFailure { operation, code, message, request_id })
    });
    Some(Failure {
        code: text(whole, "code")?,
        message: text(whole, "message")?,
        request_id: text(whole, "request_id"),
        aws,
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
