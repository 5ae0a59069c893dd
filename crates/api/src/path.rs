//! The addresses of the server's routes.

/// `GET`: is the server ready? `{"status":"ok","version":…,"app":…}`.
pub const HEALTH: &str = "/api/health";
/// `GET`: the sources, versions and notices as [`crate::About`].
pub const ABOUT: &str = "/api/about";
/// `POST` of a [`crate::Query`]: answers lines of [`crate::Event`].
pub const QUERY: &str = "/api/query";
/// `GET`: the groups, a list of [`crate::Group`]; `POST` of a [`crate::GroupChange`] changes them and answers the same.
/// Query parameters `source` and `region` are those of [`crate::TraceListQuery`].
pub const GROUPS: &str = "/api/groups";
/// `GET`: the pattern of [`call`].
pub const CALL: &str = "/api/answers/{answer}/calls/{number}";
/// `GET`: all data sources without their secrets, as [`crate::DataSources`]; `POST` of a data source adds one.
pub const DATA_SOURCES: &str = "/api/data-sources";
/// The pattern of [`data_source`].
pub const DATA_SOURCE: &str = "/api/data-sources/{name}";
/// The pattern of [`test_data_source`].
pub const TEST_DATA_SOURCE: &str = "/api/data-sources/{name}/test";
/// `GET`: the pattern of [`trace`].
pub const TRACE: &str = "/api/traces/{id}";
/// `GET`: the pattern of [`file()`].
pub const FILE: &str = "/api/traces/{id}/file";
/// `GET`: the pattern of [`documents`].
pub const DOCUMENTS: &str = "/api/traces/{id}/documents";
/// `GET`: the pattern of [`span`].
pub const SPAN: &str = "/api/traces/{id}/spans/{span}";

/// The media type of one of this crate's values in postcard's bytes; whoever does not ask for it gets JSON.
pub const VALUE: &str = "application/vnd.roentgen.value";
/// The media type of a stream of [`crate::Event`]s in postcard's bytes, each after their number in four bytes, the least
/// first; whoever does not ask for it gets [`JSON_LINES`].
pub const EVENTS: &str = "application/vnd.roentgen.events";
/// The media type of a stream of JSON objects, one a line.
pub const JSON_LINES: &str = "application/x-ndjson";

/// `GET`: what was said in a call of an answer, as [`crate::event::Said`]; kept for some minutes.
pub fn call(answer: &str, number: u32) -> String {
    format!("/api/answers/{answer}/calls/{number}")
}

/// `PUT` changes a data source, `DELETE` takes it away; both answer as [`DATA_SOURCES`] does.
///
/// What is sent with `POST` and `PUT` is JSON: `name`, `is_default`, `settings` ([`crate::data_source::Settings`]) and
/// `secrets`, an object of [`crate::data_source::SECRETS`]. A secret that is left out stays as it is; an empty one goes.
pub fn data_source(name: &str) -> String {
    format!("/api/data-sources/{name}")
}

/// `POST`: the permission doctor; answers a [`crate::Diagnosis`]. The query parameter `region` names another region than
/// the data source's own.
pub fn test_data_source(name: &str) -> String {
    format!("/api/data-sources/{name}/test")
}

/// `GET`: one trace. Query parameters `source` and `region` are those of [`crate::TraceListQuery`].
pub fn trace(id: &str) -> String {
    format!("/api/traces/{id}")
}

/// `GET`: one trace as a file. The query parameter `format` is `documents` (X-Ray's, as they came), `otlp` (OpenTelemetry's
/// JSON) or `csv`; `show=true` is for looking at it; `source` and `region` are those of [`trace`].
pub fn file(id: &str) -> String {
    format!("/api/traces/{id}/file")
}

/// `GET`: the documents of several spans of a trace that the server has at hand, as far as they are; X-Ray is not asked.
/// The query parameter `spans` names at most [`MOST_SPANS`] of them, each by 16 hex digits, with commas between; the
/// answer has pairs of a span's id and its [`crate::SpanDocument`].
pub fn documents(id: &str) -> String {
    format!("/api/traces/{id}/documents")
}

/// So many spans can be named in one question for documents.
pub const MOST_SPANS: usize = 100;

/// `GET`: the document of one span of a trace, by the span's 16 hex digits.
pub fn span(id: &str, span: &str) -> String {
    format!("/api/traces/{id}/spans/{span}")
}
