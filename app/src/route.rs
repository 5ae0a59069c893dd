//! The state that a link carries: the only file that knows paths and query keys.
//!
//! What cannot be read falls back, so that an old or damaged link still opens something sensible.

mod trace_view;

use api::query::{MOST_TRACES, TimeOf};
use model::{Moment, range::Bound, range::TimeRange};

pub(crate) use self::trace_view::{Colour, Fold, Tab, TraceView};
use crate::state::Zone;

/// A place in the page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Route {
    /// `/explore`: query, list, and the open trace beside it.
    Explore(Explore),
    /// `/trace/<id>`: one trace alone.
    Trace(TracePlace),
    /// `/map`, and `/` at first: the services of a time range.
    Map(MapPlace),
    /// `/sources`: the data sources, and the form of one.
    Sources(SourcesPlace),
    /// `/file`: traces from files, and the open one of them.
    File(FilePlace),
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
    /// How many traces are wanted; `None`: the default number.
    pub(crate) limit: Option<u32>,
    /// Which time of a trace the range means.
    pub(crate) time_of: TimeOf,
    /// The AWS account that must have taken part.
    pub(crate) account: Option<String>,
    /// The calls to X-Ray are shown.
    pub(crate) calls: bool,
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

/// The state of the page of files. The files themselves are in no link.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FilePlace {
    /// The open trace, as written; `None`: the list of them.
    pub(crate) trace: Option<String>,
    /// In which zone moments are written.
    pub(crate) zone: Zone,
    /// What is selected in it.
    pub(crate) view: TraceView,
}

/// The state of the map page.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct MapPlace {
    /// The source; `None`: the default one.
    pub(crate) source: Option<String>,
    /// The region; `None`: the source's default.
    pub(crate) region: Option<String>,
    /// X-Ray's group; `None`: all traces.
    pub(crate) group: Option<String>,
    /// The time range.
    pub(crate) range: TimeRange,
    /// In which zone moments are written.
    pub(crate) zone: Zone,
    /// Seconds between refreshes; `None`: none.
    pub(crate) refresh: Option<u32>,
    /// The AWS account whose services are wanted.
    pub(crate) account: Option<String>,
    /// The calls to X-Ray are shown.
    pub(crate) calls: bool,
    /// What the size of a node tells.
    pub(crate) size: SizeBy,
    /// The table instead of the picture.
    pub(crate) table: bool,
    /// The selected node, or edge with its other end.
    pub(crate) chosen: Option<(NodeKey, Option<NodeKey>)>,
    /// Nodes that were dragged, with their places in units of the picture.
    pub(crate) moved: Vec<(NodeKey, i32, i32)>,
}

/// The state of the page of data sources.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SourcesPlace {
    /// Whose form is open; none: the list.
    pub(crate) form: Option<SourceForm>,
    /// In which zone the other pages write moments.
    pub(crate) zone: Zone,
}

/// A form of a data source.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SourceForm {
    /// One that is to be made: `?new`.
    New,
    /// One that there is, by its name: `?edit=<name>`.
    Edit(String),
}

/// What the size of a node tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SizeBy {
    /// How many requests it served.
    #[default]
    Traffic,
    /// How many of them failed.
    Health,
    /// Nothing.
    None,
}

impl SizeBy {
    /// All of them, with their names in links and for people.
    pub(crate) const ALL: [(Self, &str, &str); 3] =
        [(Self::Traffic, "traffic", "traffic"), (Self::Health, "health", "failures"), (Self::None, "none", "nothing")];
}

/// A node by name and type, as a link carries it: `name~type`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeKey {
    /// The service's name.
    pub(crate) name: String,
    /// Its type; empty where nothing is known.
    pub(crate) kind: String,
}

impl NodeKey {
    fn read(text: &str) -> Self {
        let (name, kind) = text.rsplit_once('~').unwrap_or((text, ""));
        Self { name: name.to_owned(), kind: kind.to_owned() }
    }

    /// As a link carries it.
    pub(crate) fn text(&self) -> String {
        [&self.name, "~", &self.kind].concat()
    }
}

impl Default for Route {
    fn default() -> Self {
        Self::Map(MapPlace::default())
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
            // Before there was a map, a list's address had no path.
            None if path == "/explore" || (path == "/" && !keys.0.is_empty()) => Self::Explore(Explore {
                source: keys.text("source"),
                region: keys.text("region"),
                query: keys.text("q").unwrap_or_default(),
                range: keys.range(),
                zone,
                refresh: keys.refresh(),
                sort: keys.text("sort").unwrap_or_default(),
                columns: keys
                    .text("columns")
                    .map(|text| text.split('~').map(str::to_owned).collect())
                    .unwrap_or_default(),
                limit: keys
                    .text("limit")
                    .and_then(|text| text.parse().ok())
                    .filter(|limit| (1..=MOST_TRACES).contains(limit)),
                time_of: match keys.text("time").as_deref() {
                    Some("event") => TimeOf::Event,
                    Some("service") => TimeOf::Service,
                    _ => TimeOf::Start,
                },
                account: keys.text("account"),
                calls: keys.text("calls").is_some(),
                open: keys.text("trace"),
                view: keys.view(),
            }),
            None if ["/map", "/", ""].contains(&path) => Self::Map(MapPlace {
                source: keys.text("source"),
                region: keys.text("region"),
                group: keys.text("group"),
                range: keys.range(),
                zone,
                refresh: keys.refresh(),
                account: keys.text("account"),
                calls: keys.text("calls").is_some(),
                size: keys
                    .text("size")
                    .and_then(|text| SizeBy::ALL.into_iter().find(|(_, name, _)| *name == text))
                    .map_or_else(SizeBy::default, |(size, ..)| size),
                table: keys.text("view").as_deref() == Some("table"),
                chosen: keys
                    .text("node")
                    .map(|node| (NodeKey::read(&node), keys.text("callee").map(|other| NodeKey::read(&other)))),
                moved: keys.moved(),
            }),
            None if path == "/sources" => Self::Sources(SourcesPlace {
                form: if keys.0.iter().any(|(key, _)| key == "new") {
                    Some(SourceForm::New)
                } else {
                    keys.text("edit").map(SourceForm::Edit)
                },
                zone,
            }),
            None if path == "/file" => Self::File(FilePlace { trace: keys.text("trace"), zone, view: keys.view() }),
            _ => Self::Unknown(path.to_owned()),
        }
    }

    /// Path and query; what has its default value is left out.
    pub(crate) fn address(&self) -> String {
        match self {
            Self::Explore(explore) => {
                let mut query = Query::new("/explore");
                query.set("source", explore.source.as_deref());
                query.set("region", explore.region.as_deref());
                query.set("q", Some(explore.query.as_str()));
                query.range(explore.range);
                query.zone(explore.zone);
                query.set("refresh", explore.refresh.map(|seconds| seconds.to_string()).as_deref());
                query.set("sort", Some(&explore.sort));
                query.set("columns", Some(&explore.columns.join("~")));
                query.set("limit", explore.limit.map(|limit| limit.to_string()).as_deref());
                query.set("time", time_name(explore.time_of));
                query.set("account", explore.account.as_deref());
                query.set("calls", explore.calls.then_some("1"));
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
            Self::Map(map) => {
                let mut query = Query::new("/map");
                query.set("source", map.source.as_deref());
                query.set("region", map.region.as_deref());
                query.set("group", map.group.as_deref());
                query.range(map.range);
                query.zone(map.zone);
                query.set("refresh", map.refresh.map(|seconds| seconds.to_string()).as_deref());
                query.set("account", map.account.as_deref());
                query.set("calls", map.calls.then_some("1"));
                let size = SizeBy::ALL.into_iter().find(|(size, ..)| *size == map.size && *size != SizeBy::default());
                query.set("size", size.map(|(_, name, _)| name));
                query.set("view", map.table.then_some("table"));
                if let Some((node, other)) = &map.chosen {
                    query.set("node", Some(&node.text()));
                    query.set("callee", other.as_ref().map(NodeKey::text).as_deref());
                }
                for (node, x, y) in &map.moved {
                    query.set("moved", Some(&format!("{x},{y},{}", node.text())));
                }
                query.finish()
            }
            Self::Sources(place) => {
                let mut query = Query::new("/sources");
                match &place.form {
                    Some(SourceForm::New) => query.flag("new"),
                    Some(SourceForm::Edit(name)) => query.set("edit", Some(name)),
                    None => {}
                }
                query.zone(place.zone);
                query.finish()
            }
            Self::File(place) => {
                let mut query = Query::new("/file");
                query.zone(place.zone);
                query.set("trace", place.trace.as_deref());
                query.view(&place.view);
                query.finish()
            }
            Self::Unknown(path) => path.clone(),
        }
    }

    /// The map of the same source, region and range.
    pub(crate) fn map(&self) -> MapPlace {
        match self {
            Self::Map(map) => MapPlace { chosen: None, table: false, ..map.clone() },
            Self::Explore(explore) => MapPlace {
                source: explore.source.clone(),
                region: explore.region.clone(),
                range: explore.range,
                zone: explore.zone,
                refresh: explore.refresh,
                account: explore.account.clone(),
                ..MapPlace::default()
            },
            Self::Trace(place) => MapPlace {
                source: place.source.clone(),
                region: place.region.clone(),
                zone: place.zone,
                ..MapPlace::default()
            },
            Self::Sources(place) => MapPlace { zone: place.zone, ..MapPlace::default() },
            Self::File(place) => MapPlace { zone: place.zone, ..MapPlace::default() },
            Self::Unknown(_) => MapPlace::default(),
        }
    }

    /// All traces of the same source, region and range.
    pub(crate) fn explore(&self) -> Explore {
        let map = self.map();
        Explore {
            source: map.source,
            region: map.region,
            range: map.range,
            zone: map.zone,
            refresh: map.refresh,
            account: map.account,
            ..Explore::default()
        }
    }

    /// The data sources, or the form of one.
    pub(crate) fn sources(&self, form: Option<SourceForm>) -> Self {
        Self::Sources(SourcesPlace { form, zone: self.zone() })
    }

    /// In which zone moments are written.
    pub(crate) fn zone(&self) -> Zone {
        match self {
            Self::Explore(explore) => explore.zone,
            Self::Trace(place) => place.zone,
            Self::Map(map) => map.zone,
            Self::Sources(place) => place.zone,
            Self::File(place) => place.zone,
            Self::Unknown(_) => Zone::default(),
        }
    }
}

/// The name of a time in links; `None` for the default one.
pub(crate) fn time_name(time_of: TimeOf) -> Option<&'static str> {
    match time_of {
        TimeOf::Start => None,
        TimeOf::Event => Some("event"),
        TimeOf::Service => Some("service"),
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

    fn refresh(&self) -> Option<u32> {
        self.text("refresh").and_then(|text| text.parse().ok()).filter(|seconds| (1..=3600).contains(seconds))
    }

    fn moved(&self) -> Vec<(NodeKey, i32, i32)> {
        let all = self.0.iter().filter(|(key, _)| key == "moved");
        all.filter_map(|(_, text)| {
            let mut parts = text.splitn(3, ',');
            let (x, y) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            Some((NodeKey::read(parts.next()?), x, y))
        })
        .collect()
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

    fn flag(&mut self, name: &str) {
        self.pairs.append_key_only(name);
        self.is_empty = false;
    }

    fn range(&mut self, range: TimeRange) {
        if range != TimeRange::default() {
            self.set("from", Some(&range.from.to_string()));
            self.set("to", Some(&range.to.to_string()));
        }
    }

    fn zone(&mut self, zone: Zone) {
        self.set("tz", (zone == Zone::Utc).then_some("utc"));
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
