//! `GET` and `POST /api/groups`: the groups of an X-Ray, and changes of them.

use api::{GroupChange, path};
use axum::{
    Extension, Json,
    body::Body,
    extract::{Query, State, rejection::JsonRejection, rejection::QueryRejection},
    http::{HeaderMap, Response},
};

use super::{RequestId, trace::Place, wire};
use crate::{
    app_state::AppState,
    error::{Error, Reply},
    source::XRay,
};

pub(super) async fn list(
    State(state): State<AppState>,
    Extension(RequestId(id)): Extension<RequestId>,
    place: Result<Query<Place>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response<Body>, Reply> {
    let answer = async { wire::value(&headers, &xray(&state, place).await?.groups().await?) };
    answer.await.map_err(|error| Reply { error, request_id: Some(id) })
}

pub(super) async fn change(
    State(state): State<AppState>,
    Extension(RequestId(id)): Extension<RequestId>,
    place: Result<Query<Place>, QueryRejection>,
    headers: HeaderMap,
    change: Result<Json<GroupChange>, JsonRejection>,
) -> Result<Response<Body>, Reply> {
    let answer = async {
        let Json(change) =
            change.map_err(|error| Error::BadRequest(format!("{}: {}", path::GROUPS, error.body_text())))?;
        let xray = xray(&state, place).await?;
        xray.change_group(&change).await?;
        wire::value(&headers, &xray.groups().await?)
    };
    answer.await.map_err(|error| Reply { error, request_id: Some(id) })
}

async fn xray(state: &AppState, place: Result<Query<Place>, QueryRejection>) -> Result<XRay, Error> {
    let Query(place) = place.map_err(|error| Error::BadRequest(error.body_text()))?;
    place.xray(state).await
}
