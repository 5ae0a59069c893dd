//! The columns of the trace list: what they are called, what they show, how they sort.

use std::{cmp::Ordering, sync::Arc};

use api::TraceRow;
use filter::assist::narrow;
use model::{AnnotationValue, Outcome};

use crate::{platform::drawn::Drawn, state::Zone};

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    /// The trace's id.
    Id,
    /// The earliest start.
    Start,
    /// The request's method.
    Method,
    /// The response's status.
    Status,
    /// The root segment's time.
    ResponseTime,
    /// From first start to last end.
    Duration,
    /// The address that was asked.
    Url,
    /// The requester's address.
    Client,
    /// The users.
    Users,
    /// How it ended, and whether parts are missing.
    Flags,
    /// The entry's service.
    Service,
    /// All annotations.
    Annotations,
    /// One annotation, by its key.
    Annotation(String),
}

/// A column with its name in links, its name for people, its least width in `em` and its share of what is left.
type Named = (Column, &'static str, &'static str, u32, u32);

const NAMED: [Named; 12] = [
    (Column::Start, "start", "Start", 12, 0),
    (Column::Flags, "flags", "State", 8, 0),
    (Column::Status, "status", "Status", 5, 0),
    (Column::Method, "method", "Method", 6, 0),
    (Column::Url, "url", "URL", 16, 3),
    (Column::ResponseTime, "response", "Response time", 10, 0),
    (Column::Duration, "duration", "Duration", 7, 0),
    (Column::Service, "service", "Service", 8, 1),
    (Column::Users, "users", "Users", 7, 1),
    (Column::Client, "client", "Client", 9, 0),
    (Column::Annotations, "annotations", "Annotations", 14, 2),
    (Column::Id, "id", "Trace", 24, 0),
];

/// The tracks of a CSS grid with these columns. None depends on what stands in it, so that all rows agree.
pub(crate) fn tracks(columns: &[Column]) -> String {
    let track = |column: &Column| match column.width() {
        (least, 0) => format!("{least}em"),
        (least, share) => format!("minmax({least}em, {share}fr)"),
    };
    columns.iter().map(track).collect::<Vec<_>>().join(" ")
}

/// The least width of all columns together, in `em`.
pub(crate) fn least_width(columns: &[Column]) -> u32 {
    columns.iter().map(|column| column.width().0).sum::<u32>() + 2
}

/// The columns that are shown when nothing else is said.
pub(crate) fn defaults() -> Vec<Column> {
    NAMED.iter().map(|(column, ..)| column.clone()).collect()
}

/// The columns by their names; the default ones when none of the names is known.
pub(crate) fn chosen(names: &[String]) -> Vec<Column> {
    let found: Vec<Column> = names.iter().filter_map(|name| Column::read(name)).collect();
    if found.is_empty() { defaults() } else { found }
}

/// Annotation keys that are offered as columns at most; more would be no menu.
const MOST_KEYS: usize = 60;

/// All columns that can be shown for these rows.
pub(crate) fn offered(rows: &[Arc<TraceRow>], shown: &[Column]) -> Vec<Column> {
    let mut keys: Vec<&str> = Vec::new();
    let shown = shown.iter().filter_map(|column| match column {
        Column::Annotation(key) => Some(key),
        _ => None,
    });
    for key in shown.chain(rows.iter().flat_map(|row| row.annotations.iter().map(|(key, _)| key))) {
        if let Err(place) = keys.binary_search(&key.as_str())
            && keys.len() < MOST_KEYS
        {
            keys.insert(place, key);
        }
    }
    let keys = keys.into_iter().map(|key| Column::Annotation(key.to_owned()));
    defaults().into_iter().chain(keys).collect()
}

impl Column {
    fn read(name: &str) -> Option<Self> {
        if let Some(key) = name.strip_prefix('@') {
            return Some(Self::Annotation(key.to_owned()));
        }
        NAMED.iter().find(|(_, other, ..)| *other == name).map(|(column, ..)| column.clone())
    }

    /// Its name in links.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Annotation(key) => format!("@{key}"),
            named => NAMED.iter().find(|(column, ..)| column == named).map_or("", |(_, name, ..)| name).to_owned(),
        }
    }

    /// Its name for people.
    pub(crate) fn title(&self) -> String {
        match self {
            Self::Annotation(key) => key.clone(),
            named => NAMED.iter().find(|(column, ..)| column == named).map_or("", |(_, _, title, ..)| title).to_owned(),
        }
    }

    /// Its least width in `em`, and its share of what is left.
    fn width(&self) -> (u32, u32) {
        NAMED.iter().find(|(column, ..)| column == self).map_or((8, 1), |(_, _, _, least, share)| (*least, *share))
    }

    /// Whether it is sorted downwards first.
    pub(crate) fn is_numeric(&self) -> bool {
        matches!(self, Self::Start | Self::Status | Self::ResponseTime | Self::Duration | Self::Flags)
    }

    /// Draws what stands in it for a trace.
    pub(crate) fn draw(&self, place: &Drawn, row: &TraceRow, zone: Zone) {
        if let Self::Flags = self {
            return flags(place, row);
        }
        let text = self.text(row, zone);
        let class = match self {
            Self::Status | Self::ResponseTime | Self::Duration => "list__cell list__cell--number",
            Self::Id => "list__cell list__cell--id",
            _ => "list__cell",
        };
        let title = if *self == Self::Url { row.http.url.as_deref() } else { None };
        let cell = place.says("div", class, &text);
        cell.attribute("role", "gridcell");
        cell.attribute("title", title.unwrap_or(&text));
        cell.attribute_if("data-filter", self.condition(row).as_deref());
    }

    /// The condition that other traces have the same value; `None` where there is none or several.
    fn condition(&self, row: &TraceRow) -> Option<String> {
        let text = |keyword: &str, value: Option<&String>| Some(narrow::is_text(keyword, value?));
        match self {
            Self::Method => text("http.method", row.http.method.as_ref()),
            Self::Status => Some(format!("http.status = {}", row.http.status?)),
            Self::Url => text("http.url", row.http.url.as_ref()),
            Self::Client => text("http.clientip", row.http.client_ip.as_ref()),
            Self::Users => text("user", row.users.first().filter(|_| row.users.len() == 1)),
            Self::Service => Some(narrow::has_service(name(row)?, "")),
            Self::Annotation(key) => {
                let (_, values) = row.annotations.iter().find(|(other, _)| other == key)?;
                Some(narrow::is_annotated(key, values.first().filter(|_| values.len() == 1)?))
            }
            _ => None,
        }
    }

    /// Its text for a trace; a dash where nothing is known.
    fn text(&self, row: &TraceRow, zone: Zone) -> String {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
        match self {
            Self::Id => row.id.to_string(),
            Self::Start => or_dash(row.start.map(|start| {
                let precision = format::moment::Precision::Millis;
                format::moment::date_time(start.0, zone.offset_minutes(start), precision)[5..].to_owned()
            })),
            Self::Method => or_dash(row.http.method.clone()),
            Self::Status => or_dash(row.http.status.map(|status| status.to_string())),
            Self::ResponseTime => match (row.response_time, row.start) {
                (Some(length), _) => format::duration::short(length.0),
                (None, Some(_)) => "in progress".to_owned(),
                (None, None) => "–".to_owned(),
            },
            Self::Duration => or_dash(row.duration.map(|length| format::duration::short(length.0))),
            // Nearly all begin with `https://`, and the room is short; the whole stands in the title.
            Self::Url => or_dash(row.http.url.as_deref().map(|url| {
                let rest = url.split_once("://").map(|(_, rest)| rest);
                rest.unwrap_or(url).to_owned()
            })),
            Self::Client => or_dash(row.http.client_ip.clone()),
            Self::Users => row.users.join(", "),
            Self::Flags => state(row).to_owned(),
            Self::Service => or_dash(row.entry_point.as_ref().map(|service| service.name.clone())),
            Self::Annotations => {
                let each = row.annotations.iter().map(|(key, values)| format!("{key}={}", join(values)));
                each.collect::<Vec<_>>().join("  ")
            }
            Self::Annotation(key) => {
                let found = row.annotations.iter().find(|(other, _)| other == key);
                found.map(|(_, values)| join(values)).unwrap_or_default()
            }
        }
    }

    fn compare(&self, a: &TraceRow, b: &TraceRow) -> Ordering {
        match self {
            Self::Id => a.id.cmp(&b.id),
            Self::Start => a.start.cmp(&b.start),
            Self::Method => a.http.method.cmp(&b.http.method),
            Self::Status => a.http.status.cmp(&b.http.status),
            Self::ResponseTime => a.response_time.cmp(&b.response_time),
            Self::Duration => a.duration.cmp(&b.duration),
            Self::Url => a.http.url.cmp(&b.http.url),
            Self::Client => a.http.client_ip.cmp(&b.http.client_ip),
            Self::Users => a.users.cmp(&b.users),
            Self::Flags => (weight(a.outcome), a.partial).cmp(&(weight(b.outcome), b.partial)),
            Self::Service => name(a).cmp(&name(b)),
            Self::Annotations => a.annotations.len().cmp(&b.annotations.len()),
            Self::Annotation(key) => compare_values(value(a, key), value(b, key)),
        }
    }
}

/// How bad an outcome is.
fn weight(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Ok => 0,
        Outcome::Error => 1,
        Outcome::Throttle => 2,
        Outcome::Fault => 3,
    }
}

fn name(row: &TraceRow) -> Option<&str> {
    row.entry_point.as_ref().map(|service| service.name.as_str())
}

fn value<'a>(row: &'a TraceRow, key: &str) -> Option<&'a AnnotationValue> {
    row.annotations.iter().find(|(other, _)| other == key)?.1.first()
}

/// Missing values first, then booleans, numbers, texts.
fn compare_values(a: Option<&AnnotationValue>, b: Option<&AnnotationValue>) -> Ordering {
    use AnnotationValue::{Boolean, Number, String};
    let rank = |value: Option<&AnnotationValue>| match value {
        None => 0,
        Some(Boolean(_)) => 1,
        Some(Number(_)) => 2,
        Some(String(_)) => 3,
    };
    match (a, b) {
        (Some(Boolean(a)), Some(Boolean(b))) => a.cmp(b),
        (Some(Number(a)), Some(Number(b))) => a.total_cmp(b),
        (Some(String(a)), Some(String(b))) => a.cmp(b),
        (a, b) => rank(a).cmp(&rank(b)),
    }
}

fn join(values: &[AnnotationValue]) -> String {
    let each = values.iter().map(|value| match value {
        AnnotationValue::String(text) if text.is_empty() => "\"\"".to_owned(),
        AnnotationValue::String(text) => text.clone(),
        AnnotationValue::Number(number) => format::number::decimal(*number),
        AnnotationValue::Boolean(is) => is.to_string(),
    });
    each.collect::<Vec<_>>().join(", ")
}

fn state(row: &TraceRow) -> &'static str {
    match row.outcome {
        Outcome::Ok => "ok",
        Outcome::Error => "error",
        Outcome::Fault => "fault",
        Outcome::Throttle => "throttle",
    }
}

/// Draws how it ended: a glyph and a word, so that the colour is not needed.
fn flags(place: &Drawn, row: &TraceRow) {
    let glyph = match row.outcome {
        Outcome::Ok => "✓",
        Outcome::Error => "▲",
        Outcome::Fault => "✕",
        Outcome::Throttle => "◆",
    };
    let cell = place.child("div", "list__cell");
    cell.attribute("role", "gridcell");
    let told = cell.child("span", &["state state--", state(row)].concat());
    told.says("span", "", glyph).attribute("aria-hidden", "true");
    told.words().set(&[" ", state(row)].concat());
    if row.partial {
        let badge = cell.says("span", "badge", "partial");
        badge.attribute("title", "A parent that some segment names has not come");
    }
}

/// By which column, and in which direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sort {
    /// The column.
    pub(crate) column: Column,
    /// From the top.
    pub(crate) descending: bool,
}

impl Sort {
    /// Reads `-start` or `url`; newest first when it is neither.
    pub(crate) fn read(text: &str) -> Self {
        let (descending, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        Column::read(name)
            .map_or(Self { column: Column::Start, descending: true }, |column| Self { column, descending })
    }

    /// The indices of rows in this order; equals by their ids, so that the order is always the same.
    pub(crate) fn order(&self, rows: &[Arc<TraceRow>]) -> Vec<u32> {
        let order = order::places(rows.len(), &mut |one, other| {
            let (one, other) = (&rows[one], &rows[other]);
            let ordering = self.column.compare(one, other);
            let ordering = if self.descending { ordering.reverse() } else { ordering };
            ordering.then_with(|| one.id.cmp(&other.id))
        });
        order.into_iter().map(|place| place as u32).collect()
    }
}

#[cfg(test)]
mod tests {
    use model::{Moment, Nanos, TraceId, summary::HttpSummary};

    use super::*;

    fn row(number: u128, start: i64, response: Option<i64>, annotation: Option<AnnotationValue>) -> Arc<TraceRow> {
        Arc::new(TraceRow {
            id: TraceId::from_bits(number),
            start: Some(Moment(start)),
            duration: None,
            response_time: response.map(Nanos),
            outcome: Outcome::Ok,
            partial: false,
            http: HttpSummary::default(),
            users: Vec::new(),
            zones: Vec::new(),
            instances: Vec::new(),
            arns: Vec::new(),
            annotations: annotation.map(|value| ("k".to_owned(), vec![value])).into_iter().collect(),
            entry_point: None,
            services: 1,
            revision: 1,
        })
    }

    #[test]
    fn rows_sort_by_each_column_both_ways() {
        let text = |text: &str| Some(AnnotationValue::String(text.into()));
        let rows = [
            row(1, 30, Some(5), text("b")),
            row(2, 10, None, Some(AnnotationValue::Number(10.0))),
            row(3, 20, Some(7), Some(AnnotationValue::Number(9.0))),
            row(4, 20, Some(7), None),
        ];
        for (sort, expected) in [
            ("start", [1, 2, 3, 0]),
            ("-start", [0, 2, 3, 1]),
            ("nonsense", [0, 2, 3, 1]),
            ("-response", [2, 3, 0, 1]),
            ("response", [1, 0, 2, 3]),
            ("@k", [3, 2, 1, 0]),
            ("-@k", [0, 1, 2, 3]),
        ] {
            assert_eq!(Sort::read(sort).order(&rows), expected, "{sort}");
        }
    }

    #[test]
    fn columns_have_names_in_links() {
        for column in defaults() {
            assert_eq!(Column::read(&column.name()), Some(column));
        }
        assert_eq!(
            chosen(&["@tier".into(), "nonsense".into(), "url".into()]),
            [Column::Annotation("tier".into()), Column::Url]
        );
        assert_eq!(chosen(&["nonsense".into()]), defaults());
        let rows = [row(1, 1, None, Some(AnnotationValue::Boolean(false)))];
        assert!(
            offered(&rows, &[Column::Annotation("gone".into())])
                .ends_with(&[Column::Annotation("gone".into()), Column::Annotation("k".into())])
        );
    }

    #[test]
    fn nothing_is_hidden_because_it_is_small() {
        let shown = |value| Column::Annotation("k".into()).text(&row(1, 0, Some(0), Some(value)), Zone::Utc);
        assert_eq!(shown(AnnotationValue::Number(0.0)), "0");
        assert_eq!(shown(AnnotationValue::Boolean(false)), "false");
        assert_eq!(shown(AnnotationValue::String(String::new())), "\"\"");
        assert_eq!(Column::ResponseTime.text(&row(1, 0, None, None), Zone::Utc), "in progress");
    }
}
