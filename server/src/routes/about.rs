//! `GET /api/about`: sources, versions, notices.

use api::About;
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, Response},
};

use super::wire;
use crate::{app_state::AppState, error::Reply};

pub(super) async fn about(State(state): State<AppState>, headers: HeaderMap) -> Result<Response<Body>, Reply> {
    // The state reads a file of the kernel's; that is not for the threads that serve sockets.
    let about = tokio::task::spawn_blocking(move || state.about()).await.unwrap_or_else(|error| {
        tracing::error!(%error, "could not tell about the server");
        About::default()
    });
    wire::value(&headers, &about).map_err(|error| Reply { error, request_id: None })
}
