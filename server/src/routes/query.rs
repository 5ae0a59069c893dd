//! `POST /api/query`: a question, answered by events as they come.

use std::convert::Infallible;

use api::{Event, Query};
use axum::{
    Extension, Json,
    body::{Body, Bytes},
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, Response, header},
    response::IntoResponse as _,
};
use filter::assist::{Recognised, recognise};
use futures::StreamExt as _;
use model::Moment;

use super::{RequestId, wire};
use crate::{
    error::{Error, Reply},
    query,
    state::AppState,
};

pub(super) async fn query(
    State(state): State<AppState>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    asked: HeaderMap,
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
        Query::TraceList(list) => match recognise(&list.filter) {
            Some(Recognised::Traces(ids)) => query::named_traces(xray, ids, range, request_id).boxed(),
            _ => query::trace_list(xray, list, range, request_id).boxed(),
        },
        Query::ServiceMap(map) => query::service_map(xray, map, range, request_id).boxed(),
    };
    let (media_type, write): (_, fn(&Event) -> Bytes) = if wire::takes(&asked, api::path::EVENTS) {
        (api::path::EVENTS, wire::frame)
    } else {
        (api::path::JSON_LINES, wire::line)
    };
    let parts = events.map(move |event| Ok::<_, Infallible>(write(&event)));
    let headers = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(parts)).into_response())
}
