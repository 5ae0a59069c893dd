//! `POST /api/query`: a question, answered by events as they come.

use std::{convert::Infallible, time::Duration};

use api::Query;
use axum::{
    Extension, Json,
    body::{Body, Bytes},
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, Response, header},
    response::IntoResponse as _,
};
use filter::assist::{Recognised, recognise};
use futures::StreamExt as _;

use super::{RequestId, wire};
use crate::{
    app_state::AppState,
    error::{Error, Reply},
    query::{self, Context},
    source::{Job, XRay},
};

/// A question for a live range to AWS is answered alike for a while: a part of the range, within these bounds.
const PART_OF_RANGE: u32 = 240;
const SHORTEST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(30);

pub(super) async fn query(
    State(state): State<AppState>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    asked: HeaderMap,
    question: Result<Json<Query>, JsonRejection>,
) -> Result<Response<Body>, Reply> {
    let fail = |error| Reply { error, request_id: Some(request_id.clone()) };
    let Json(question) = question.map_err(|error| fail(Error::BadRequest(error.body_text())))?;
    let (source, region, range, fresh) = match &question {
        Query::TraceList(list) => (&list.source, &list.region, list.range, list.fresh),
        Query::ServiceMap(map) => (&map.source, &map.region, map.range, map.fresh),
    };
    let now = query::now();
    let range = range.resolve(query::quantised(now)).map_err(|error| fail(Error::BadRequest(error.to_string())))?;
    let xray = state.sources().client(source.as_deref(), region.as_deref()).await.map_err(&fail)?;
    let budgets = state.sources().scan_budgets(&xray.source);
    let budget = state.spending().budget(&xray.source, budgets).await;
    let kept_for = if xray.is_local() {
        // It costs nothing and is asked by those who wait for their own trace.
        Duration::ZERO
    } else {
        let length = Duration::from_nanos(u64::try_from((range.1 - range.0).0).unwrap_or(0));
        (length / PART_OF_RANGE).clamp(SHORTEST, LONGEST)
    };
    let key = key(&question, &xray).map_err(&fail)?;
    let context = Context {
        job: Job::new(state.conversations().clone(), budget.clone()),
        cache: state.windows().clone(),
        fresh,
        request_id: Some(request_id.clone()),
        spending: state.spending().clone(),
        budget,
        xray,
    };
    let work = Box::new(move || match question {
        Query::TraceList(list) => match recognise(&list.filter) {
            Some(Recognised::Traces(ids)) => query::named_traces(context, ids, range).boxed(),
            _ => query::trace_list(context, list, range).boxed(),
        },
        Query::ServiceMap(map) => query::service_map(context, map, range).boxed(),
    });
    let events = state.answers().ask(key, kept_for, now, fresh, work);
    let (media_type, write): (_, fn(&Bytes) -> Bytes) = if wire::takes(&asked, api::path::EVENTS) {
        (api::path::EVENTS, wire::frame)
    } else {
        (api::path::JSON_LINES, wire::line)
    };
    let parts = events.map(move |event| Ok::<_, Infallible>(write(&event)));
    let headers = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(parts)).into_response())
}

/// What is the same for the same question, however its source was named.
fn key(question: &Query, xray: &XRay) -> Result<String, Error> {
    let mut question = question.clone();
    let (source_of, region_of, fresh) = match &mut question {
        Query::TraceList(list) => (&mut list.source, &mut list.region, &mut list.fresh),
        Query::ServiceMap(map) => (&mut map.source, &mut map.region, &mut map.fresh),
    };
    (*source_of, *region_of, *fresh) = (Some(xray.source.to_string()), Some(xray.region.to_string()), false);
    let question = serde_json::to_string(&question).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(format!("{} {question}", xray.revision))
}
