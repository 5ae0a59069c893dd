//! Keeps web pages that happen to be open in the user's browser away from services on this machine.
//!
//! Any page can make the browser send a request to a loopback port, and a page whose name is made to resolve to
//! 127.0.0.1 can even read the answer. Such requests give themselves away: by their `Origin`, by `Sec-Fetch-Site`, or
//! by a `Host` that is not ours. There are no CORS headers anywhere.

use std::{
    collections::BTreeSet,
    net::IpAddr,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use futures::future::{Either, Ready, ready};
use http::{HeaderMap, Request, StatusCode, Uri, header, uri::Authority};
use tower::{Layer, Service};

/// Which requests with an `Origin` header pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origins {
    /// None: the service has no page of its own (X-Ray SDKs and AWS SDKs never send an `Origin`).
    None,
    /// Those from the service's own page: the origin's host and port are the request's `Host`.
    Own,
}

/// The rule, and the layer that applies it: `router.layer(Guard::new(…))`.
#[derive(Clone, Debug)]
pub struct Guard {
    origins: Origins,
    /// Names in lower case, without port.
    hosts: Arc<BTreeSet<String>>,
}

impl Guard {
    /// A guard that knows the loopback names and these further host names (without port; an IPv6 address without
    /// brackets or with them).
    pub fn new(origins: Origins, hosts: impl IntoIterator<Item = String>) -> Self {
        let hosts = hosts.into_iter().map(|host| host.trim_matches(['[', ']']).to_ascii_lowercase());
        Self { origins, hosts: Arc::new(hosts.collect()) }
    }

    /// Judges a request by its headers (and by its address, where that names the host). `Err` says why it is refused.
    pub fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), String> {
        let host = self.host(uri, headers)?;
        for origin in headers.get_all(header::ORIGIN) {
            let origin = String::from_utf8_lossy(origin.as_bytes());
            let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            match self.origins {
                Origins::Own if authority.is_some_and(|authority| authority.eq_ignore_ascii_case(&host)) => {}
                Origins::Own => return Err(format!("a page of another origin asked ({origin:.100})")),
                Origins::None => return Err(format!("web pages may not ask here (Origin {origin:.100})")),
            }
        }
        for site in headers.get_all("sec-fetch-site") {
            if !matches!(site.as_bytes(), b"same-origin" | b"none") {
                let site = String::from_utf8_lossy(site.as_bytes());
                return Err(format!("a page of another site asked (Sec-Fetch-Site: {site:.40})"));
            }
        }
        Ok(())
    }

    /// The request's host with its port, if it is one of ours.
    fn host(&self, uri: &Uri, headers: &HeaderMap) -> Result<String, String> {
        let mut named = headers.get_all(header::HOST).iter();
        let host = match (named.next(), named.next()) {
            (Some(host), None) => String::from_utf8_lossy(host.as_bytes()).into_owned(),
            (Some(_), Some(_)) => return Err("the request names more than one Host".into()),
            (None, _) => match uri.authority() {
                Some(authority) => authority.to_string(),
                None => return Err("the request names no Host".into()),
            },
        };
        let unknown = || format!("the Host {host:.100} is neither a loopback name nor a configured one");
        let authority: Authority = host.parse().map_err(|_| unknown())?;
        let name = authority.host().trim_matches(['[', ']']).to_ascii_lowercase();
        let is_loopback =
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback());
        if host.contains('@') || !(is_loopback || self.hosts.contains(&name)) {
            return Err(unknown());
        }
        Ok(host)
    }
}

fn refusal(why: &str) -> Response {
    let message = format!("refused: {why}");
    let body = serde_json::json!({ "code": "forbidden", "message": message });
    // The header is where AWS SDKs look for an error's code.
    let headers = [
        (header::CONTENT_TYPE.as_str(), "application/json"),
        ("x-amzn-errortype", "AccessDeniedException"),
        ("x-content-type-options", "nosniff"),
    ];
    (StatusCode::FORBIDDEN, headers, body.to_string()).into_response()
}

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { guard: self.clone(), inner }
    }
}

/// A service behind a [`Guard`].
#[derive(Clone, Debug)]
pub struct Guarded<S> {
    guard: Guard,
    inner: S,
}

impl<S> Service<Request<Body>> for Guarded<S>
where
    S: Service<Request<Body>, Response = Response>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Either<Ready<Result<Response, S::Error>>, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self.guard.check(request.uri(), request.headers()) {
            Ok(()) => Either::Right(self.inner.call(request)),
            Err(why) => {
                tracing::warn!(path = request.uri().path(), why, "request refused");
                Either::Left(ready(Ok(refusal(&why))))
            }
        }
    }
}
