//! One span's details, drawn on bare elements: they are made anew at each step of a walk through the trace.

use api::{Failure, SpanDocument, TraceColumns, trace::bit};
use layout::waterfall::SpanIx;
use model::{
    Outcome, SpanId,
    document::{self, Member},
};

use super::{
    super::waterfall::{label, marks},
    exceptions,
    facts::{self, COPY, DOES},
    json_tree::Tree,
    logs, overview, sections,
};
use crate::{
    platform::{
        drawn::Drawn,
        sketch::{Paper, Sketch},
    },
    route::TracePlace,
    state::{Load, Shared, Zone},
};

/// The raw document is laid out up to this many bytes; the copy has all.
const MOST_BYTES: usize = 200_000;

/// What a pane shows.
#[derive(Clone, PartialEq)]
pub(super) struct Shown {
    pub(super) span: SpanId,
    pub(super) trace: Shared<TraceColumns>,
    pub(super) document: Load<Shared<SpanDocument>>,
    pub(super) zone: Zone,
    /// It is one of those that stay beside the selected one.
    pub(super) is_pinned: bool,
    /// It is the selected one.
    pub(super) is_selected: bool,
    /// Whether the trace is on AWS, so that its resources have pages in the console.
    pub(super) is_aws: bool,
}

impl Shown {
    /// Whether the span has a document that can come: it is there, and not a placeholder.
    pub(super) fn is_coming(&self) -> bool {
        let index = self.trace.span.iter().position(|known| *known == self.span.0);
        index.and_then(|index| self.trace.bits.get(index)).is_some_and(|bits| bits & bit::KIND != 3)
    }
}

/// A place for one span's details.
pub(super) struct Pane {
    root: Drawn,
    /// What is in it.
    paper: Paper,
    shown: Option<Shown>,
    /// The metadata, with what is open of it.
    tree: Option<Tree>,
    /// Whether the raw document was opened, and is laid out.
    is_raw: bool,
}

impl Pane {
    /// A pane with nothing in it, the last one inside.
    pub(super) fn new(inside: &Drawn, place: usize) -> Self {
        let root = inside.child("section", "inspector");
        root.attribute("data-pane", &place.to_string());
        root.attribute("tabindex", "-1");
        Self { root, paper: Paper::new(), shown: None, tree: None, is_raw: false }
    }

    pub(super) fn shown(&self) -> Option<&Shown> {
        self.shown.as_ref()
    }

    pub(super) fn remove(self) {
        self.root.remove();
    }

    /// Says that what is shown is not what is asked for, until it is drawn.
    pub(super) fn wait(&self) {
        self.root.attribute("aria-busy", "true");
    }

    /// Shows other details in the place of the former.
    pub(super) fn draw(&mut self, shown: Shown) {
        let is_pin = shown.is_pinned && !shown.is_selected;
        self.root.class(if is_pin { "inspector inspector--pinned" } else { "inspector" });
        self.root.attribute("aria-busy", "false");
        self.root
            .attribute("aria-label", if is_pin { "Details of a pinned span" } else { "Details of the selected span" });
        let is_other = self.shown.as_ref().is_none_or(|former| former.span != shown.span);
        if is_other {
            (self.tree, self.is_raw) = (None, false);
        }
        self.shown = Some(shown);
        self.put(is_other);
    }

    /// Draws what is shown over what was drawn before.
    fn put(&mut self, is_other: bool) {
        let Some(shown) = self.shown.take() else { return };
        let had_focus = self.root.has_focus();
        // Here, where nothing is written yet, the layout is known and need not be made.
        let body = self.root.within(".inspector__body").filter(|body| is_other && body.scrolled() > 0.0);
        if let Some(body) = body {
            body.scroll(0.0);
        }
        let mut paper = Paper::new();
        self.fill(&shown, paper.sketch());
        paper.put(&self.root, std::mem::replace(&mut self.paper, Paper::new()), is_other);
        (self.paper, self.shown) = (paper, Some(shown));
        if had_focus && !self.root.has_focus() {
            self.root.focus();
        }
    }

    fn fill(&mut self, shown: &Shown, place: Sketch<'_>) {
        let trace = &*shown.trace;
        let Some(index) = trace.span.iter().position(|known| *known == shown.span.0) else {
            return absent(place, shown);
        };
        let span = index as SpanIx;
        head(place, shown, trace, span);
        let body = place.child("div", "inspector__body");
        let bits = trace.bits.get(index).copied().unwrap_or(0);
        let text = shown.document.value().map(|document| &document.document);
        let parsed = text.map(|text| document::parse_top(text));
        let detail = parsed.as_ref().and_then(|parsed| parsed.as_ref().ok()).map(|entity| (entity.detail(), entity));
        // What went wrong comes first.
        if let Some(cause) = detail.as_ref().and_then(|((detail, _), _)| detail.cause.as_ref()) {
            exceptions::draw(body, trace, span, cause);
        }
        overview::draw(body, trace, span, shown.zone);
        // There is no document of what has not come.
        if bits & bit::KIND == 3 {
            return;
        }
        if let Load::Failed { failure, .. } = &shown.document {
            failed(body, failure);
        }
        let Some(document) = shown.document.value() else {
            if !matches!(shown.document, Load::Failed { .. }) {
                waiting(body);
            }
            return;
        };
        if let Some(Err(error)) = &parsed {
            body.says("p", "note note--warn", &["The document cannot be read: ", &error.to_string()].concat());
        }
        if let Some(((detail, problems), entity)) = &detail {
            for problem in problems {
                body.says("p", "inspector__note", problem);
            }
            if let Some(http) = &detail.http {
                sections::http(body, http, overview::scope(trace, span).as_deref());
            }
            if let Some(sql) = &detail.sql {
                sections::sql(body, sql);
            }
            sections::annotations(body, &detail.annotations);
            if let Some(metadata) = entity.get(Member::Metadata) {
                let section = facts::section(body, "Metadata");
                let tree = self.tree.take().filter(|tree| tree.is_of(metadata.get()));
                let tree = tree.unwrap_or_else(|| Tree::new(metadata.get().to_owned()));
                tree.draw(section);
                self.tree = Some(tree);
            }
            let region = shown.is_aws.then_some(&*trace.region);
            let groups = logs::groups(detail, label::service(trace, span));
            let logs = region.and_then(|region| logs::address(trace, region, &groups, label::times(trace, span, bits)));
            sections::aws(body, detail.aws.as_ref(), detail, region, logs);
            let here = TracePlace {
                source: Some(trace.source.clone()),
                region: Some(trace.region.clone()),
                zone: shown.zone,
                ..TracePlace::default()
            };
            sections::links(body, &detail.links, &here);
            sections::rest(body, detail, entity, &|id| trace.span.contains(&id.0));
            sections::unknown(body, entity);
        }
        raw(body, document, self.is_raw);
    }

    /// Opens or closes a row of the metadata.
    pub(super) fn toggle(&mut self, row: usize) {
        if let Some(tree) = &mut self.tree {
            tree.toggle(row);
            self.put(false);
            if let Some(row) = self.root.within(&["[data-row=\"", &row.to_string(), "\"]"].concat()) {
                row.focus();
            }
        }
    }

    /// The JSON of a row of the metadata.
    pub(super) fn json(&self, row: usize) -> Option<String> {
        Some(self.tree.as_ref()?.json(row)?.to_owned())
    }

    /// The document as X-Ray has it.
    pub(super) fn document(&self) -> Option<&SpanDocument> {
        self.shown.as_ref()?.document.value().map(|document| &**document)
    }

    /// Lays the raw document out, when somebody opens it first.
    pub(super) fn open_raw(&mut self) {
        if !std::mem::replace(&mut self.is_raw, true) {
            self.put(false);
        }
    }
}

fn button<'a>(place: Sketch<'a>, text: &str, name: &str, title: &str, does: &str) -> Sketch<'a> {
    let button = place.says("button", "button button--quiet", text);
    button.with(&[("type", "button"), ("aria-label", name), ("title", title), (DOES, does)])
}

fn top(place: Sketch<'_>, title: &str, shown: &Shown) {
    let top = place.child("div", "inspector__top");
    top.says("h3", "inspector__title", title);
    let tools = top.child("div", "inspector__tools");
    let pin = if shown.is_pinned { "Unpin" } else { "Pin" };
    let name =
        if shown.is_pinned { "No longer keep this span beside others" } else { "Keep this span beside the next" };
    button(tools, pin, name, name, "pin").attribute("aria-pressed", if shown.is_pinned { "true" } else { "false" });
    if shown.is_selected {
        let turn = "Details on the right, or below";
        button(tools, "⬓", turn, turn, "turn");
        button(tools, "✕", "Close the details", "Close (Esc)", "close");
    } else {
        let select = "Select this span in the trace";
        button(tools, "Select", select, select, "select");
    }
}

/// Name and outcome of the span, and the ways out.
fn head(place: Sketch<'_>, shown: &Shown, trace: &TraceColumns, span: SpanIx) {
    let index = span as usize;
    let bits = trace.bits.get(index).copied().unwrap_or(0);
    let head = place.child("header", "inspector__head");
    top(head, &label::name(trace, span), shown);
    let line = head.child("p", "inspector__operation");
    outcome(line, bit::outcome(bits));
    if let Some(status) = trace.status.get(index).filter(|status| **status != 0) {
        line.says("code", "", &status.to_string());
    }
    let operation = trace.operation.get(index).map_or("", |operation| trace.text(*operation));
    line.says("span", "", operation);
}

/// The trace has no such span.
fn absent(place: Sketch<'_>, shown: &Shown) {
    let head = place.child("header", "inspector__head");
    top(head, "No such span", shown);
    let line = head.says("p", "", "This trace has no span with the id ");
    line.says("code", "", &shown.span.to_string());
    line.text(". It may not have come yet");
}

fn waiting(place: Sketch<'_>) {
    let status = place.child("div", "");
    status.attribute("role", "status");
    status.attribute("aria-label", "Loading the document");
    for _ in 0..5 {
        status.child("div", "skeleton");
    }
}

fn failed(place: Sketch<'_>, failure: &Failure) {
    let note = place.child("div", "note note--bad");
    note.attribute("role", "alert");
    note.says("p", "note__title", "The span's document could not be loaded");
    note.says("p", "", &failure.message);
    let aws = failure.aws.as_ref();
    for (name, value) in [
        ("Call", aws.map(|aws| &aws.operation)),
        ("Code", aws.and_then(|aws| aws.code.as_ref())),
        ("Message", aws.and_then(|aws| aws.message.as_ref())),
        ("AWS request id", aws.and_then(|aws| aws.request_id.as_ref())),
        ("Request id", failure.request_id.as_ref()),
    ] {
        if let Some(value) = value {
            note.says("p", "", &[name, ": ", value].concat());
        }
    }
    let button = note.says("button", "button", "Try again");
    button.attribute("type", "button");
    button.attribute(DOES, "retry");
}

/// What became of the span, in a word and a drawing.
fn outcome(place: Sketch<'_>, outcome: Outcome) {
    let mark = marks::outcome(outcome);
    let shown = place.child("span", &["outcome outcome--", mark.name].concat());
    if !mark.path.is_empty() {
        let drawing = shown.child("svg", "outcome__mark").with(&[("viewBox", "0 0 16 16"), ("aria-hidden", "true")]);
        drawing.child("path", "").attribute("d", mark.path);
    }
    shown.text(mark.name);
}

/// The document as X-Ray has it; laid out once somebody has opened it.
fn raw(place: Sketch<'_>, document: &SpanDocument, is_open: bool) {
    let details = place.child("details", "inspector__section raw");
    let summary = details.says("summary", "inspector__heading", "Raw JSON ");
    summary.attribute(DOES, "raw");
    summary.says("span", "hint", &format::number::bytes(document.document.len() as u64));
    let copy = facts::small_button(summary, "the document");
    copy.attribute(DOES, "copy");
    copy.attribute(COPY, "");
    if !is_open {
        return;
    }
    if document.subsegments > 0 {
        let (one, many) = ("subsegment is", "subsegments are");
        let count = format::number::counted(u64::from(document.subsegments), one, many);
        details.says("p", "hint", &[&count, " shown as spans of their own and left out here"].concat());
    }
    let pretty = format::json::pretty(&document.document, MOST_BYTES);
    if pretty.cut {
        details.says("p", "hint", "Only the beginning is shown. Copying takes the whole document");
    }
    details.says("pre", "inspector__code", &pretty.text).attribute("tabindex", "0");
}
