//! Keeps other people's web pages out: any page in the user's browser can reach a port on loopback.
//!
//! Refused are requests with a foreign `Origin`, requests that come from another site by `Sec-Fetch-Site`, and requests
//! to a `Host` that is not ours (a foreign name that was pointed at loopback). Programs send none of these headers.

use std::{net::IpAddr, sync::Arc};

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use serde_json::json;

/// Who may call.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    /// Names by which the service may be called, beside loopback's.
    pub allowed_hosts: Vec<String>,
    /// Any address in numbers may be called: for a service that listens beyond loopback. Numbers cannot be re-pointed.
    pub any_address: bool,
    /// Our own page may call: an `Origin` that equals the `Host`, and `Sec-Fetch-Site: same-origin`.
    pub own_page: bool,
}

impl Guard {
    /// `Ok` when a request with these headers may pass, else the reason for its refusal.
    pub fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), String> {
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
        let host = text(header::HOST).or_else(|| uri.authority().map(Authority::as_str)).unwrap_or("");
        if !self.is_ours(host) {
            return Err(format!("the host {host:.80} is not this service; --allowed-host can allow a name"));
        }
        if let Some(origin) = text(header::ORIGIN) {
            let own = origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host));
            if !(self.own_page && own) {
                return Err(format!("requests of web pages of {origin:.80} are refused"));
            }
        }
        match text(header::HeaderName::from_static("sec-fetch-site")) {
            None | Some("none") => Ok(()),
            Some("same-origin") if self.own_page => Ok(()),
            Some(site) if is_navigation(headers) && self.own_page && site != "unreadable" => Ok(()),
            Some(_) => Err("requests of web pages of other sites are refused".to_owned()),
        }
    }

    fn is_ours(&self, host: &str) -> bool {
        let name = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or(""),
            None => host.split(':').next().unwrap_or(""),
        };
        if name.eq_ignore_ascii_case("localhost")
            || self.allowed_hosts.iter().any(|other| other.eq_ignore_ascii_case(name))
        {
            return true;
        }
        name.parse::<IpAddr>().is_ok_and(|address| self.any_address || address.is_loopback())
    }
}

/// Somebody followed a link to a page of ours: a top-level `GET`, whose answer the other site cannot read.
fn is_navigation(headers: &HeaderMap) -> bool {
    let is = |name, value| headers.get(name).is_some_and(|found: &header::HeaderValue| found == value);
    is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "document")
}

/// The guard as axum middleware: `middleware::from_fn_with_state(Arc::new(guard), guard::layer)`.
pub async fn layer(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let safe = request.method().is_safe();
    match guard.check(request.uri(), request.headers()) {
        Ok(()) if safe || !is_navigation(request.headers()) || !is_cross_site(request.headers()) => {
            next.run(request).await
        }
        Ok(()) => refuse("forms of other sites are refused"),
        Err(reason) => refuse(&reason),
    }
}

fn is_cross_site(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none")
}

fn refuse(reason: &str) -> Response {
    tracing::warn!(reason, "refused a request");
    // `code` and `message` are what our page reads, `__type` what AWS's SDKs read.
    let body = json!({ "__type": "AccessDeniedException", "code": "forbidden", "message": reason });
    (StatusCode::FORBIDDEN, [("x-amzn-errortype", "AccessDeniedException")], Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(guard: &Guard, headers: &[(&str, &str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| {
            (header::HeaderName::try_from(*name).unwrap(), header::HeaderValue::try_from(*value).unwrap())
        });
        guard.check(&Uri::from_static("/"), &headers.collect()).is_ok()
    }

    /// Headers, and whether they pass the guard of the X-Ray port and of the server.
    type Case<'a> = (&'a [(&'a str, &'a str)], bool, bool);

    #[test]
    fn the_table_of_callers() {
        let xray = Guard::default();
        let server = Guard { own_page: true, allowed_hosts: vec!["roentgen.example.com".into()], ..Guard::default() };
        let host = ("host", "127.0.0.1:2000");
        let navigate =
            [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"), ("sec-fetch-site", "cross-site")];
        let cases: [Case<'_>; 20] = [
            (&[host], true, true),
            (&[("host", "localhost")], true, true),
            (&[("host", "LOCALHOST:1")], true, true),
            (&[("host", "[::1]:2000")], true, true),
            (&[("host", "127.9.9.9")], true, true),
            (&[("host", "evil.example.com")], false, false),
            (&[("host", "evil.example.com:2000")], false, false),
            (&[("host", "127.0.0.1.evil.example.com")], false, false),
            (&[("host", "192.0.2.1")], false, false),
            (&[("host", "roentgen.example.com:1895")], false, true),
            (&[("host", "")], false, false),
            (&[], false, false),
            (&[host, ("origin", "https://evil.example.com")], false, false),
            (&[host, ("origin", "null")], false, false),
            (&[host, ("origin", "http://127.0.0.1:2000")], false, true),
            (&[host, ("origin", "http://127.0.0.1:9")], false, false),
            (&[host, ("sec-fetch-site", "none")], true, true),
            (&[host, ("sec-fetch-site", "same-origin")], false, true),
            (&[host, ("sec-fetch-site", "same-site")], false, false),
            (&[host, navigate[0], navigate[1], navigate[2]], false, true),
        ];
        for (headers, xray_passes, server_passes) in cases {
            assert_eq!((passes(&xray, headers), passes(&server, headers)), (xray_passes, server_passes), "{headers:?}");
        }
        let open = Guard { any_address: true, ..Guard::default() };
        assert!(passes(&open, &[("host", "192.0.2.1:2000")]) && !passes(&open, &[("host", "evil.example.com")]));
    }
}
