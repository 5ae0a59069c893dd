//! `GET /api/answers/{answer}/calls/{number}`: what was said in a call.

use axum::{
    Extension,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, Response},
};

use super::{RequestId, wire};
use crate::{
    app_state::AppState,
    error::{Error, Reply},
};

pub(super) async fn call(
    State(state): State<AppState>,
    Extension(RequestId(id)): Extension<RequestId>,
    Path((answer, number)): Path<(String, u32)>,
    headers: HeaderMap,
) -> Result<Response<Body>, Reply> {
    let said = state.conversations().get(&answer, number).ok_or_else(|| {
        Error::NotFound("what was said in this call is not kept any more; ask again to see it".to_owned())
    });
    said.and_then(|said| wire::value(&headers, &said)).map_err(|error| Reply { error, request_id: Some(id) })
}
