//! `POST /api/query`: a question, answered by lines of JSON as they come.

use std::convert::Infallible;

use api::{Event, Query};
use axum::{
    Extension, Json,
    body::{Body, Bytes},
    extract::{State, rejection::JsonRejection},
    http::{Response, header},
    response::IntoResponse as _,
};
use futures::StreamExt as _;
use model::Moment;

use super::RequestId;
use crate::{
    error::{Error, Reply},
    query,
    state::AppState,
};

pub(super) async fn query(
    State(state): State<AppState>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    question: Result<Json<Query>, JsonRejection>,
) -> Result<Response<Body>, Reply> {
    let fail = |error| Reply { error, request_id: Some(request_id.clone()) };
    let Json(question) = question.map_err(|error| fail(Error::BadRequest(error.body_text())))?;
    let (source, region, range) = match &question {
        Query::TraceList(list) => (&list.source, &list.region, list.range),
        Query::ServiceMap(map) => (&map.source, &map.region, map.range),
    };
    let now = Moment(chrono::Utc::now().timestamp_nanos_opt().unwrap_or(i64::MAX));
    let range = range.resolve(now).map_err(|error| fail(Error::BadRequest(error.to_string())))?;
    let xray = state.sources().client(source.as_deref(), region.as_deref()).map_err(&fail)?;
    let request_id = Some(request_id.clone());
    let events = match question {
        Query::TraceList(list) => query::trace_list(xray, list, range, request_id).boxed(),
        Query::ServiceMap(map) => query::service_map(xray, map, range, request_id).boxed(),
    };
    let lines = events.map(|event| Ok::<_, Infallible>(line(&event)));
    let headers = [(header::CONTENT_TYPE, api::path::JSON_LINES), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(lines)).into_response())
}

fn line(event: &Event) -> Bytes {
    // Writing our own plain types cannot fail; should it, the page sees a line that it cannot read and says so.
    let mut line = serde_json::to_vec(event).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}").into_bytes());
    line.push(b'\n');
    line.into()
}
