//! Our server's answers as values.

use api::{About, AwsFailure, Failure, Group, GroupChange, SpanDocument, TraceColumns, event::Said, path};
use futures::{Stream, StreamExt as _};
use model::{SpanId, document};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::platform::http;

/// Something that the server has at an address.
pub(crate) struct Resource<T> {
    pub(super) address: String,
    /// `None` for what cannot be read.
    pub(super) read: fn(&[u8]) -> Option<T>,
}

/// What the server has to offer.
pub(crate) fn about() -> Resource<About> {
    Resource { address: path::ABOUT.to_owned(), read }
}

/// One trace. `source` and `region` may be missing.
pub(crate) fn trace(id: &str, source: Option<&str>, region: Option<&str>) -> Resource<TraceColumns> {
    let consistent = |bytes: &[u8]| read(bytes).filter(TraceColumns::is_consistent);
    Resource { address: with_place(path::trace(&encode(id)), source, region), read: consistent }
}

/// The document of one span of a trace.
pub(crate) fn span(id: &str, span: SpanId, source: Option<&str>, region: Option<&str>) -> Resource<SpanDocument> {
    Resource { address: with_place(path::span(&encode(id), &span.to_string()), source, region), read }
}

/// The documents of several spans of a trace, as far as the server has them at hand.
pub(crate) fn documents_at_hand(
    id: &str,
    spans: &[SpanId],
    source: Option<&str>,
    region: Option<&str>,
) -> Resource<Vec<(SpanId, SpanDocument)>> {
    let named: Vec<String> = spans.iter().take(path::MOST_SPANS).map(SpanId::to_string).collect();
    let address = with_place(path::documents(&encode(id)), source, region);
    let joint = if address.contains('?') { "&spans=" } else { "?spans=" };
    Resource { address: [&address, joint, &named.join(",")].concat(), read }
}

/// What was said in a call of an answer.
pub(crate) fn said(answer: &str, number: u32) -> Resource<Said> {
    Resource { address: path::call(answer, number), read }
}

/// The groups.
pub(crate) fn groups(source: Option<&str>, region: Option<&str>) -> Resource<Vec<Group>> {
    Resource { address: with_place(path::GROUPS.to_owned(), source, region), read }
}

/// Changes the groups.
pub(crate) async fn change_groups(
    change: GroupChange,
    source: Option<String>,
    region: Option<String>,
) -> Result<(), Failure> {
    let body = serde_json::to_string(&change).map_err(|_| unreadable())?;
    let address = with_place(path::GROUPS.to_owned(), source.as_deref(), region.as_deref());
    bytes(&address, Some(&body)).await.map(drop)
}

/// The events of a query's answer as they come.
pub(crate) async fn query(
    query: &api::Query,
) -> Result<impl Stream<Item = Result<api::Event, Failure>> + use<>, Failure> {
    let body = serde_json::to_string(query).map_err(|_| unreadable())?;
    let answer = http::send("POST", path::QUERY, path::EVENTS, Some(&body)).await.map_err(|()| unreachable())?;
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

/// The answer of an address, to a question in JSON where there is one.
pub(super) async fn bytes(address: &str, body: Option<&str>) -> Result<Vec<u8>, Failure> {
    ask(if body.is_some() { "POST" } else { "GET" }, address, body).await
}

/// The answer of an address to a request with a method, and with JSON where there is some.
pub(super) async fn ask(method: &str, address: &str, body: Option<&str>) -> Result<Vec<u8>, Failure> {
    let answer = http::send(method, address, path::VALUE, body).await.map_err(|()| unreachable())?;
    if answer.status() >= 400 {
        return Err(failure_of(answer).await);
    }
    answer.bytes().await.map_err(|()| broken())
}

pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
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
        let members = document::read::members(object)?;
        let (_, value) = members.into_iter().find(|(key, _)| key == name)?;
        document::read::text(value).map(std::borrow::Cow::into_owned)
    };
    let aws = document::read::members(whole)?.into_iter().find(|(key, _)| key == "aws").map(|(_, aws)| aws);
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

pub(super) fn unreadable() -> Failure {
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

pub(super) fn encode(segment: &str) -> String {
    form_urlencoded::byte_serialize(segment.as_bytes()).collect::<String>().replace('+', "%20")
}
