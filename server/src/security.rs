//! Who may come in, and what a browser may do with what it gets.

use std::path::Path;

use anyhow::Context as _;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use subtle::ConstantTimeEq as _;

use crate::{
    app_state::AppState,
    error::{Error, Reply},
    routes::login,
};

/// The cookie that a browser carries after the login page.
pub(crate) const COOKIE: &str = "roentgen_access";

/// The token that lets people in. It cannot be printed.
#[derive(Clone)]
pub(crate) struct Token(String);

impl Token {
    /// Reads the token from its file, without the white space around it.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let place = || format!("--access-token-file: cannot read {}", path.display());
        let token = std::fs::read_to_string(path).with_context(place)?.trim().to_owned();
        anyhow::ensure!(
            token.len() >= 16 && token.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';' && byte != b'"'),
            "--access-token-file: {} should hold a token of at least 16 letters and digits",
            path.display()
        );
        Ok(Self(token))
    }

    /// Compares without telling by its time how much was right.
    pub(crate) fn is(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }

    /// Whether a request carries the token, as a bearer or in the cookie.
    fn is_in(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or("");
        let bearer = text(header::AUTHORIZATION).strip_prefix("Bearer ");
        let cookies = text(header::COOKIE).split(';').filter_map(|cookie| cookie.trim().split_once('='));
        bearer.is_some_and(|token| self.is(token.trim()))
            || cookies.into_iter().any(|(name, value)| name == COOKIE && self.is(value))
    }
}

/// Lets only those in who have the token, when there is one. Browsers are sent to the login page.
pub(crate) async fn only_with_token(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let open = path == login::PATH || path == api::path::HEALTH;
    match state.token() {
        Some(token) if !open && !token.is_in(request.headers()) => {
            if path.starts_with("/api/") || path.starts_with("/assets/") {
                return Reply { error: Error::Unauthorized, request_id: None }.into_response();
            }
            Redirect::to(login::PATH).into_response()
        }
        _ => next.run(request).await,
    }
}

/// No script or style but our own files, no frames, nothing from elsewhere. WebAssembly needs `wasm-unsafe-eval`.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; \
    connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Headers of every answer.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ] {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}
