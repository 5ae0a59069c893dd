//! The login page, for servers that listen beyond this machine: a form for the token, plain HTML.

use axum::{
    Extension, Form,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::RequestId;
use crate::{app_state::AppState, security};

/// Where the login page is.
pub(crate) const PATH: &str = "/login";

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Entry {
    token: String,
}

fn page(message: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Roentgen: sign in</title></head><body><main><h1>Roentgen</h1><p role=\"alert\">{message}</p>\
         <form method=\"post\" action=\"{PATH}\"><label>Access token <input type=\"password\" name=\"token\" required autofocus \
         autocomplete=\"current-password\"></label> <button>Sign in</button></form></main></body></html>"
    ))
}

pub(super) async fn show(State(state): State<AppState>) -> Response {
    if state.token().is_none() {
        return Redirect::to("/").into_response();
    }
    page("").into_response()
}

pub(super) async fn enter(
    State(state): State<AppState>,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Form(entry): Form<Entry>,
) -> Response {
    let Some(token) = state.token() else { return Redirect::to("/").into_response() };
    if !token.is(entry.token.trim()) {
        tracing::warn!(request_id, "a wrong access token was tried");
        return (StatusCode::UNAUTHORIZED, page("This is not the token of this server.")).into_response();
    }
    let mut response = Redirect::to("/").into_response();
    let cookie =
        format!("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000", security::COOKIE, entry.token.trim());
    match HeaderValue::try_from(cookie) {
        Ok(cookie) => {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        Err(error) => tracing::error!(request_id, %error, "the token is no cookie"),
    }
    response
}
