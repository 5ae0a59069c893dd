//! `/api/data-sources`: what there is, changes, and the permission doctor.

use api::path;
use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, Query, State, rejection::JsonRejection},
    http::{HeaderMap, Response},
};
use serde::Deserialize;

use super::{RequestId, wire};
use crate::{
    app_state::AppState,
    data_source::Change,
    error::{Error, Reply},
};

type Answer = Result<Response<Body>, Reply>;

fn reply(id: String) -> impl FnOnce(Error) -> Reply {
    move |error| Reply { error, request_id: Some(id) }
}

fn body(change: Result<Json<Change>, JsonRejection>) -> Result<Change, Error> {
    // What was sent may hold secrets: only where it is wrong is told, never what it says.
    change.map(|Json(change)| change).map_err(|error| {
        let place = match &error {
            JsonRejection::JsonDataError(_) => "a member is missing, unknown, or of another type",
            JsonRejection::JsonSyntaxError(_) => "it is no JSON",
            _ => "JSON is needed, with content-type application/json",
        };
        Error::BadRequest(format!("{}: {place}", path::DATA_SOURCES))
    })
}

pub(super) async fn list(
    State(state): State<AppState>,
    Extension(RequestId(id)): Extension<RequestId>,
    headers: HeaderMap,
) -> Answer {
    wire::value(&headers, &state.sources().tell()).map_err(reply(id))
}

pub(super) async fn create(
    State(state): State<AppState>,
    Extension(RequestId(id)): Extension<RequestId>,
    headers: HeaderMap,
    change: Result<Json<Change>, JsonRejection>,
) -> Answer {
    let answer = async {
        state.sources().create(body(change)?).await?;
        wire::value(&headers, &state.sources().tell())
    };
    answer.await.map_err(reply(id))
}

pub(super) async fn change(
    State(state): State<AppState>,
    Extension(RequestId(id)): Extension<RequestId>,
    Path(name): Path<String>,
    headers: HeaderMap,
    change: Result<Json<Change>, JsonRejection>,
) -> Answer {
    let answer = async {
        state.sources().change(&name, body(change)?).await?;
        wire::value(&headers, &state.sources().tell())
    };
    answer.await.map_err(reply(id))
}

pub(super) async fn delete(
    State(state): State<AppState>,
    Extension(RequestId(id)): Extension<RequestId>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let answer = async {
        state.sources().delete(&name).await?;
        wire::value(&headers, &state.sources().tell())
    };
    answer.await.map_err(reply(id))
}

/// Where the doctor looks.
#[derive(Deserialize)]
pub(super) struct Where {
    region: Option<String>,
}

pub(super) async fn test(
    State(state): State<AppState>,
    Extension(RequestId(id)): Extension<RequestId>,
    Path(name): Path<String>,
    Query(place): Query<Where>,
    headers: HeaderMap,
) -> Answer {
    let answer = async {
        let diagnosis = state.sources().diagnose(&name, place.region.as_deref()).await?;
        wire::value(&headers, &diagnosis)
    };
    answer.await.map_err(reply(id))
}
