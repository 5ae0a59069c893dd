//! The state that a link carries: the only file that knows paths and query keys.
//!
//! What cannot be read falls back, so that an old or damaged link still opens something sensible.

use model::{Moment, SpanId, range::Bound, range::TimeRange};

use crate::state::Zone;

/// A place in the page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Route {
    /// `/`: query, list, and the open trace beside it.
    Explore(Explore),
    /// `/trace/<id>`: one trace alone.
    Trace(TracePlace),
    /// Anything else, with its path.
    Unknown(String),
}

/// The state of the Explore page.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Explore {
    /// The source; `None`: the default one.
    pub(crate) source: Option<String>,
    /// The region; `None`: the source's default.
    pub(crate) region: Option<String>,
    /// The query's text.
    pub(crate) query: String,
    /// The time range.
    pub(crate) range: TimeRange,
    /// In which zone moments are written.
    pub(crate) zone: Zone,
    /// Seconds between refreshes; `None`: none.
    pub(crate) refresh: Option<u32>,
    /// Column and direction, as `-start`; empty: the default order.
    pub(crate) sort: String,
    /// The columns by their names; empty: the default ones.
    pub(crate) columns: Vec<String>,
    /// The trace that is open beside the list, as written.
    pub(crate) open: Option<String>,
    /// What is selected in it.
    pub(crate) view: TraceView,
}

/// The state of the page of one trace.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TracePlace {
    /// The trace, as written.
    pub(crate) id: String,
    /// The source; `None`: the default one.
    pub(crate) source: Option<String>,
    /// The region; `None`: the source's default.
    pub(crate) region: Option<String>,
    /// About when it was.
    pub(crate) at: Option<Moment>,
    /// In which zone moments are written.
    pub(crate) zone: Zone,
    /// What is selected in it.
    pub(crate) view: TraceView,
}

/// What is selected in an open trace.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TraceView {
    /// The selected span.
    pub(crate) span: Option<SpanId>,
    /// The spans whose children are hidden.
    pub(crate) collapsed: Vec<SpanId>,
}

impl Default for Route {
    fn default() -> Self {
        Self::Explore(Explore::default())
    }
}

impl Route {
    /// Reads path and query of an address.
    pub(crate) fn read(address: &str) -> Self {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let keys = Keys(form_urlencoded::parse(query.as_bytes()).into_owned().collect());
        let zone = if keys.text("tz").as_deref() == Some("utc") { Zone::Utc } else { Zone::Local };
        match path.strip_prefix("/trace/").map(|id| id.trim_end_matches('/')) {
            Some(id) if !id.is_empty() && !id.contains('/') => Self::Trace(TracePlace {
                id: decode(id),
                source: keys.text("source"),
                region: keys.text("region"),
                at: keys.text("at").and_then(|at| match at.parse() {
                    Ok(Bound::At(moment)) => Some(moment),
                    _ => None,
                }),
                zone,
                view: keys.view(),
            }),
            None if path == "/" || path.is_empty() => Self::Explore(Explore {
                source: keys.text("source"),
                region: keys.text("region"),
                query: keys.text("q").unwrap_or_default(),
                range: keys.range(),
                zone,
                refresh: keys
                    .text("refresh")
                    .and_then(|text| text.parse().ok())
                    .filter(|seconds| (1..=3600).contains(seconds)),
                sort: keys.text("sort").unwrap_or_default(),
                columns: keys
                    .text("columns")
                    .map(|text| text.split('~').map(str::to_owned).collect())
                    .unwrap_or_default(),
                open: keys.text("trace"),
                view: keys.view(),
            }),
            _ => Self::Unknown(path.to_owned()),
        }
    }

    /// Path and query; what has its default value is left out.
    pub(crate) fn address(&self) -> String {
        match self {
            Self::Explore(explore) => {
                let mut query = Query::new("/");
                query.set("source", explore.source.as_deref());
                query.set("region", explore.region.as_deref());
                query.set("q", Some(explore.query.as_str()));
                if explore.range != TimeRange::default() {
                    query.set("from", Some(&explore.range.from.to_string()));
                    query.set("to", Some(&explore.range.to.to_string()));
                }
                query.zone(explore.zone);
                query.set("refresh", explore.refresh.map(|seconds| seconds.to_string()).as_deref());
                query.set("sort", Some(&explore.sort));
                query.set("columns", Some(&explore.columns.join("~")));
                query.set("trace", explore.open.as_deref());
                query.view(&explore.view);
                query.finish()
            }
            Self::Trace(place) => {
                let id: String = form_urlencoded::byte_serialize(place.id.as_bytes()).collect();
                let mut query = Query::new(&format!("/trace/{}", id.replace('+', "%20")));
                query.set("source", place.source.as_deref());
                query.set("region", place.region.as_deref());
                query.set("at", place.at.map(|at| Bound::At(at).to_string()).as_deref());
                query.zone(place.zone);
                query.view(&place.view);
                query.finish()
            }
            Self::Unknown(path) => path.clone(),
        }
    }

    /// In which zone moments are written.
    pub(crate) fn zone(&self) -> Zone {
        match self {
            Self::Explore(explore) => explore.zone,
            Self::Trace(place) => place.zone,
            Self::Unknown(_) => Zone::default(),
        }
    }
}

/// `%xx` in a path.
fn decode(text: &str) -> String {
    let escaped = text.replace('+', "%2B");
    form_urlencoded::parse(escaped.as_bytes()).next().map(|(key, _)| key.into_owned()).unwrap_or_default()
}

struct Keys(Vec<(String, String)>);

impl Keys {
    fn text(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.clone())
    }

    fn range(&self) -> TimeRange {
        let bound = |name: &str| self.text(name).and_then(|text| text.parse::<Bound>().ok());
        let default = TimeRange::default();
        TimeRange { from: bound("from").unwrap_or(default.from), to: bound("to").unwrap_or(default.to) }
    }

    fn view(&self) -> TraceView {
        let ids = self.text("collapsed").unwrap_or_default();
        TraceView {
            span: self.text("span").and_then(|text| text.parse().ok()),
            collapsed: ids.split('.').filter_map(|id| id.parse().ok()).collect(),
        }
    }
}

struct Query {
    path: String,
    pairs: form_urlencoded::Serializer<'static, String>,
    is_empty: bool,
}

impl Query {
    fn new(path: &str) -> Self {
        Self { path: path.to_owned(), pairs: form_urlencoded::Serializer::new(String::new()), is_empty: true }
    }

    fn set(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.pairs.append_pair(name, value);
            self.is_empty = false;
        }
    }

    fn zone(&mut self, zone: Zone) {
        self.set("tz", (zone == Zone::Utc).then_some("utc"));
    }

    fn view(&mut self, view: &TraceView) {
        self.set("span", view.span.map(|span| span.to_string()).as_deref());
        let ids: Vec<String> = view.collapsed.iter().map(ToString::to_string).collect();
        self.set("collapsed", Some(&ids.join(".")));
    }

    fn finish(mut self) -> String {
        if self.is_empty {
            return self.path;
        }
        self.path + "?" + &self.pairs.finish()
    }
}

#[cfg(test)]
mod tests;
