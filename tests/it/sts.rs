//! A stand-in for STS, which cannot be had here: it gives credentials for a role to those who know the external id, and
//! notes what it was asked.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Form, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};

/// What a request asked for, by the names of its parameters.
pub(crate) type Asked = BTreeMap<String, String>;

/// A running STS.
pub(crate) struct Sts {
    address: SocketAddr,
    state: Arc<Shared>,
}

struct Shared {
    external_id: &'static str,
    lifetime: Duration,
    asked: Mutex<Vec<Asked>>,
}

impl Sts {
    /// An STS whose role asks for this external id, and whose credentials last so long.
    pub(crate) async fn start(external_id: &'static str, lifetime: Duration) -> Self {
        let state = Arc::new(Shared { external_id, lifetime, asked: Mutex::default() });
        let router = Router::new().route("/", post(answer)).with_state(state.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, state }
    }

    /// Its address, as `http://127.0.0.1:1234`.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().unwrap().clone()
    }
}

async fn answer(State(state): State<Arc<Shared>>, Form(asked): Form<Asked>) -> Response {
    let number = {
        let mut all = state.asked.lock().unwrap();
        all.push(asked.clone());
        all.iter().filter(|one| one.get("Action").is_some_and(|it| it == "AssumeRole")).count()
    };
    let get = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let (status, body) = match get("Action") {
        "AssumeRole" if get("ExternalId") != state.external_id => (
            StatusCode::FORBIDDEN,
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:iam::111111111111:user/base is not authorized to perform: sts:AssumeRole on resource: {}</Message></Error><RequestId>r1</RequestId></ErrorResponse>",
                get("RoleArn")
            ),
        ),
        "AssumeRole" => {
            let ends = chrono::Utc::now() + state.lifetime;
            (
                StatusCode::OK,
                format!(
                    "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><AssumedRoleUser><Arn>{arn}</Arn><AssumedRoleId>AROA:roentgen</AssumedRoleId></AssumedRoleUser><Credentials><AccessKeyId>ASIAROLE{number}</AccessKeyId><SecretAccessKey>of-the-role</SecretAccessKey><SessionToken>token-of-the-role</SessionToken><Expiration>{ends}</Expiration></Credentials></AssumeRoleResult><ResponseMetadata><RequestId>r2</RequestId></ResponseMetadata></AssumeRoleResponse>",
                    arn = get("RoleArn"),
                    ends = ends.format("%Y-%m-%dT%H:%M:%SZ"),
                ),
            )
        }
        "GetCallerIdentity" => (
            StatusCode::OK,
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>arn:aws:sts::222222222222:assumed-role/reader/roentgen</Arn><UserId>AROA:roentgen</UserId><Account>222222222222</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>r3</RequestId></ResponseMetadata></GetCallerIdentityResponse>".to_owned(),
        ),
        _ => (StatusCode::BAD_REQUEST, "<ErrorResponse><Error><Code>InvalidAction</Code><Message>?</Message></Error></ErrorResponse>".to_owned()),
    };
    (status, [(header::CONTENT_TYPE, "text/xml")], body).into_response()
}
