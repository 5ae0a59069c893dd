//! What is looked at in an open trace, as a link carries it.

use model::SpanId;

use super::{Keys, Query};

/// The view of an open trace.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TraceView {
    /// The selected span.
    pub(crate) span: Option<SpanId>,
    /// Which of the views.
    pub(crate) tab: Tab,
    /// Which spans hide their children, before anybody touched a single one.
    pub(crate) fold: Fold,
    /// The spans that are folded otherwise than that says; groups by their first member.
    pub(crate) toggled: Vec<SpanId>,
    /// The window of time, in nanoseconds after the trace's start; `None`: all of it.
    pub(crate) window: Option<(i64, i64)>,
    /// What is looked for.
    pub(crate) find: String,
    /// Only what is found is shown.
    pub(crate) only: bool,
    /// Only this span and what hangs under it is shown.
    pub(crate) focus: Option<SpanId>,
    /// What colours tell.
    pub(crate) colour: Colour,
    /// Repeated siblings are not one row.
    pub(crate) ungrouped: bool,
    /// Idle gaps are shortened.
    pub(crate) gaps: bool,
    /// The spans that are pinned beside the selected one.
    pub(crate) pins: Vec<SpanId>,
    /// What the table of statistics is by; the others are keys of annotations.
    pub(crate) by: String,
}

/// The ways to look at a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tab {
    /// Spans over time.
    #[default]
    Timeline,
    /// Numbers of services and operations.
    Statistics,
    /// Who called whom.
    Map,
}

impl Tab {
    /// All of them, with their names in links and for people.
    pub(crate) const ALL: [(Self, &str, &str); 3] =
        [(Self::Timeline, "", "Timeline"), (Self::Statistics, "statistics", "Statistics"), (Self::Map, "map", "Map")];
}

/// Which spans hide their children.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fold {
    /// None.
    #[default]
    None,
    /// Those so deep or deeper.
    Level(u32),
    /// Those off the critical path, outermost.
    OffPath,
    /// Those that take less than so many nanoseconds.
    Shorter(i64),
}

/// What the colours of bars tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Colour {
    /// The service.
    #[default]
    Service,
    /// How the span ended.
    State,
    /// What kind of span it is.
    Kind,
}

impl Colour {
    /// All of them, with their names in links and for people.
    pub(crate) const ALL: [(Self, &str, &str); 3] =
        [(Self::Service, "", "service"), (Self::State, "state", "state"), (Self::Kind, "kind", "kind")];
}

impl Fold {
    fn read(text: &str) -> Self {
        let number = || text.get(1..).and_then(|number| number.parse::<u32>().ok());
        match text.as_bytes().first() {
            Some(b'p') if text == "path" => Self::OffPath,
            Some(b'l') => number().map_or(Self::None, Self::Level),
            Some(b'<') => text
                .get(1..)
                .and_then(|nanos| nanos.parse().ok())
                .filter(|nanos| *nanos > 0)
                .map_or(Self::None, Self::Shorter),
            _ => Self::None,
        }
    }

    fn text(self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Level(level) => Some(["l", &level.to_string()].concat()),
            Self::OffPath => Some("path".to_owned()),
            Self::Shorter(nanos) => Some(["<", &nanos.to_string()].concat()),
        }
    }
}

impl Keys {
    /// The view of a trace.
    pub(super) fn view(&self) -> TraceView {
        let ids = |key: &str| -> Vec<SpanId> {
            self.text(key).unwrap_or_default().split('.').filter_map(|id| id.parse().ok()).collect()
        };
        let id = |key: &str| self.text(key).and_then(|text| text.parse().ok());
        let named = |key: &str| self.text(key).unwrap_or_default();
        let window = named("window");
        let window =
            window.split_once('-').and_then(|(from, to)| Some((from.parse::<i64>().ok()?, to.parse::<i64>().ok()?)));
        let colour = named("colour");
        let tab = named("tab");
        TraceView {
            span: id("span"),
            tab: Tab::ALL.into_iter().find(|(_, name, _)| *name == tab).map_or(Tab::Timeline, |(tab, ..)| tab),
            fold: Fold::read(&named("fold")),
            toggled: ids("collapsed"),
            window: window.filter(|(from, to)| (0..*to).contains(from)),
            find: named("find"),
            only: self.text("only").is_some(),
            focus: id("focus"),
            colour: Colour::ALL
                .into_iter()
                .find(|(_, name, _)| *name == colour)
                .map_or(Colour::Service, |(colour, ..)| colour),
            ungrouped: self.text("groups").as_deref() == Some("off"),
            gaps: self.text("gaps").as_deref() == Some("short"),
            pins: ids("pins"),
            by: named("by"),
        }
    }
}

impl Query {
    /// Adds the view of a trace.
    pub(super) fn view(&mut self, view: &TraceView) {
        let joined = |ids: &[SpanId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
        let name_of = |found: Option<&'static str>| found.filter(|name| !name.is_empty());
        self.set("tab", name_of(Tab::ALL.into_iter().find(|(tab, ..)| *tab == view.tab).map(|(_, name, _)| name)));
        self.set("span", view.span.map(|span| span.to_string()).as_deref());
        self.set("fold", view.fold.text().as_deref());
        self.set("collapsed", Some(&joined(&view.toggled)));
        self.set("window", view.window.map(|(from, to)| [&from.to_string(), "-", &to.to_string()].concat()).as_deref());
        self.set("find", Some(&view.find));
        self.set("only", view.only.then_some("1"));
        self.set("focus", view.focus.map(|span| span.to_string()).as_deref());
        let colour = Colour::ALL.into_iter().find(|(colour, ..)| *colour == view.colour);
        self.set("colour", name_of(colour.map(|(_, name, _)| name)));
        self.set("groups", view.ungrouped.then_some("off"));
        self.set("gaps", view.gaps.then_some("short"));
        self.set("pins", Some(&joined(&view.pins)));
        self.set("by", Some(&view.by));
    }
}
