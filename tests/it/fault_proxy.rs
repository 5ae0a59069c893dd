//! An X-Ray that misbehaves on request: it passes calls on to the local X-Ray, late, or answers with an error instead.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};

/// What the proxy does with calls to an operation's path, as `/TraceSummaries`.
#[derive(Clone)]
pub(crate) enum Fault {
    /// Waits before it passes the call on.
    Delay(Duration),
    /// Answers with this status, AWS error code and message.
    Error(u16, &'static str, &'static str),
    /// Answers with this status and a page for people.
    Html(u16),
    /// Answers with a body that is none of X-Ray's.
    Body(&'static str),
    /// Passes the answer on but for its second half.
    Truncate,
    /// Breaks the connection in the middle of the answer.
    Reset,
    /// Never answers.
    Stall,
    /// Does this to calls that carry a page token.
    WithToken(Box<Fault>),
    /// Does this to calls whose body contains a text.
    Containing(String, Box<Fault>),
    /// Does this to calls signed with this access key.
    SignedWith(String, Box<Fault>),
    /// Does this to so many calls of a hundred, evenly.
    Percent(usize, Box<Fault>),
}

/// A call that came.
#[derive(Clone, Debug)]
pub(crate) struct Came {
    pub(crate) path: String,
    pub(crate) body: String,
    /// The access key that it was signed with.
    pub(crate) access_key: String,
}

/// A running proxy.
#[derive(Clone)]
pub(crate) struct FaultProxy {
    address: SocketAddr,
    state: Arc<Shared>,
}

struct Shared {
    target: SocketAddr,
    faults: Mutex<Vec<(&'static str, Fault)>>,
    calls: Mutex<Vec<Came>>,
    client: reqwest::Client,
}

impl FaultProxy {
    /// A proxy before the X-Ray at `target`.
    pub(crate) async fn start(target: SocketAddr) -> Self {
        let client = reqwest::Client::new();
        let state = Arc::new(Shared { target, faults: Mutex::default(), calls: Mutex::default(), client });
        let router = Router::new().fallback(pass).with_state(state.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, state }
    }

    /// The address for `AWS_ENDPOINT_URL_XRAY`.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on calls to `path` meet this fault.
    pub(crate) fn set(&self, path: &'static str, fault: Fault) {
        let mut faults = self.state.faults.lock().unwrap();
        faults.retain(|(other, _)| *other != path);
        faults.push((path, fault));
    }

    /// From now on all calls pass.
    pub(crate) fn heal(&self) {
        self.state.faults.lock().unwrap().clear();
    }

    /// The paths of all calls so far.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.state.calls.lock().unwrap().iter().map(|came| came.path.clone()).collect()
    }

    /// All calls since this was asked last.
    pub(crate) fn take_calls(&self) -> Vec<Came> {
        std::mem::take(&mut *self.state.calls.lock().unwrap())
    }
}

async fn pass(State(state): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let access_key = access_key(request.headers());
    let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.expect("a body");
    let came = Came { path: path.clone(), body: String::from_utf8_lossy(&body).into_owned(), access_key };
    let number = {
        let mut calls = state.calls.lock().unwrap();
        calls.push(came.clone());
        calls.iter().filter(|call| call.path == path).count() - 1
    };
    let fault = state.faults.lock().unwrap().iter().find(|(other, _)| *other == path).map(|(_, fault)| fault.clone());
    match fault.and_then(|fault| applies(fault, &came, number)) {
        None => forward(&state, &path, body).await,
        Some(Fault::Delay(length)) => {
            tokio::time::sleep(length).await;
            forward(&state, &path, body).await
        }
        Some(Fault::Error(status, code, message)) => {
            let headers = [("x-amzn-errortype", code), ("x-amzn-requestid", "5f2b1c3a-0000-4000-8000-000000000001")];
            let body = serde_json::json!({ "__type": code, "message": message }).to_string();
            (of(status), headers, body).into_response()
        }
        Some(Fault::Html(status)) => {
            (of(status), [(header::CONTENT_TYPE, "text/html")], "<html><body>nothing here</body></html>")
                .into_response()
        }
        Some(Fault::Body(text)) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Some(Fault::Truncate) => {
            let whole = forward(&state, &path, body).await;
            let bytes = axum::body::to_bytes(whole.into_body(), usize::MAX).await.expect("a body");
            ([(header::CONTENT_TYPE, "application/json")], bytes.slice(..bytes.len() / 2)).into_response()
        }
        Some(Fault::Reset) => {
            let parts = futures::stream::iter([Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("reset"))]);
            Body::from_stream(parts).into_response()
        }
        Some(Fault::Stall) => std::future::pending().await,
        Some(_) => unreachable!("conditions are taken off"),
    }
}

/// The fault that a call meets once all conditions hold.
fn applies(fault: Fault, came: &Came, number: usize) -> Option<Fault> {
    let (holds, inner) = match fault {
        Fault::WithToken(inner) => (came.body.contains("NextToken"), inner),
        Fault::Containing(text, inner) => (came.body.contains(&text), inner),
        Fault::SignedWith(key, inner) => (came.access_key == key, inner),
        Fault::Percent(share, inner) => (number * share / 100 != (number + 1) * share / 100, inner),
        other => return Some(other),
    };
    if holds { applies(*inner, came, number) } else { None }
}

fn of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status")
}

/// `Credential=<access key>/<date>/…` of the signature.
fn access_key(headers: &HeaderMap) -> String {
    let signature = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let after = signature.split("Credential=").nth(1).unwrap_or_default();
    after.split('/').next().unwrap_or_default().to_owned()
}

async fn forward(state: &Shared, path: &str, body: Bytes) -> Response {
    let sent = state.client.post(format!("http://{}{path}", state.target)).header("content-type", "application/json");
    match sent.body(body).send().await {
        Ok(answer) => {
            let mut response = Response::builder().status(answer.status());
            for (name, value) in answer.headers().iter().filter(|(name, _)| name.as_str() != "transfer-encoding") {
                response = response.header(name, value);
            }
            response.body(Body::from(answer.bytes().await.expect("a body"))).expect("a response")
        }
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}
