//! An X-Ray that misbehaves on request: it passes calls on to the local X-Ray, late, or answers with an error instead.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};

/// What the proxy does with calls to an operation's path, as `/TraceSummaries`.
#[derive(Clone)]
pub(crate) enum Fault {
    /// Waits before it passes the call on.
    Delay(Duration),
    /// Answers with this status, AWS error code and message.
    Error(u16, &'static str, &'static str),
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
    calls: Mutex<Vec<String>>,
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
        self.state.calls.lock().unwrap().clone()
    }
}

async fn pass(State(state): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    state.calls.lock().unwrap().push(path.clone());
    let fault = state.faults.lock().unwrap().iter().find(|(other, _)| *other == path).map(|(_, fault)| fault.clone());
    match fault {
        Some(Fault::Delay(length)) => tokio::time::sleep(length).await,
        Some(Fault::Error(status, code, message)) => {
            let status = StatusCode::from_u16(status).expect("a status");
            let headers = [("x-amzn-errortype", code), ("x-amzn-requestid", "5f2b1c3a-0000-4000-8000-000000000001")];
            let body = serde_json::json!({ "__type": code, "message": message }).to_string();
            return (status, headers, body).into_response();
        }
        None => {}
    }
    let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.expect("a body");
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
