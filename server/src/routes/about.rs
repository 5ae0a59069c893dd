//! `GET /api/about`: sources, versions, notices.

use api::About;
use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use crate::state::AppState;

pub(super) async fn about(State(state): State<AppState>) -> Response {
    // The state reads a file of the kernel's; that is not for the threads that serve sockets.
    let about = tokio::task::spawn_blocking(move || state.about()).await.unwrap_or_else(|error| {
        tracing::error!(%error, "could not tell about the server");
        About::default()
    });
    ([(header::CACHE_CONTROL, "no-store")], Json(about)).into_response()
}
