//! One row's elements, which show one span after another.
//!
//! A slot remembers what it shows and writes only what differs: scrolling by three rows rewrites three slots.

use api::{TraceColumns, trace::bit};
use layout::{
    scale::{LabelSide, Place, Scale},
    warp::Warp,
    waterfall::{Node, NodeIx, Outline, Rows, SpanIx},
};
use model::Outcome;

use super::{
    super::reading::Reading,
    label::{self, px},
    marks,
};
use crate::{
    platform::drawn::{Drawn, Stroke, Words},
    route::Colour,
};

/// The height of a row in CSS pixels.
pub(super) const ROW_PX: f64 = 26.0;
/// How far a level is indented, in CSS pixels.
const INDENT_PX: u32 = 12;
/// Deeper levels are not indented further; their number is written instead.
const DEEPEST_INDENT: u32 = 14;
/// A bar is at least this wide, in CSS pixels, so that a microsecond in an hour can be seen.
const LEAST_PX: f64 = 2.0;
/// Distinct colours of services; further services begin again with the first one.
const SERVICE_COLOURS: u32 = 12;

/// Stretches closer than this, in CSS pixels, are drawn as one; and a row has at most so many.
const NEAR_PX: f64 = 1.5;
const MOST_STRETCHES: usize = 80;

/// What all rows are drawn from.
pub(super) struct Scene<'a> {
    pub(super) reading: &'a Reading,
    pub(super) outline: &'a Outline,
    pub(super) rows: &'a Rows,
    pub(super) warp: &'a Warp,
    /// Of shown time.
    pub(super) scale: Scale,
    pub(super) colour: Colour,
    /// For each span whether it is found; empty while nothing is looked for.
    pub(super) hits: &'a [bool],
    /// Changes with the scale.
    pub(super) epoch: u32,
    pub(super) active: Option<NodeIx>,
    pub(super) selected: Option<SpanIx>,
}

/// From the first start to the last end of a group's members, in nanoseconds after the trace's start.
pub(super) fn group_stretch(reading: &Reading, group: u32) -> (i64, i64) {
    let repeats = reading.repeats();
    let members = repeats.groups.get(group as usize).map_or(&[][..], |set| repeats.members(set));
    let start = members.first().map_or(0, |first| reading.stretch(*first).0);
    (start, members.iter().map(|span| reading.stretch(*span).1).max().unwrap_or(start))
}

/// A row's elements and what they show.
pub(super) struct Slot {
    row: Drawn,
    cell: Drawn,
    level: Words,
    kind: Stroke,
    name: Words,
    operation: Words,
    outcome: Stroke,
    status: Words,
    bar: Drawn,
    tail: Drawn,
    label: Drawn,
    label_words: Words,
    /// The row's stretches: of the critical path, or of a group's members.
    stretches: Drawn,
    stretched: bool,
    /// The row and the node that are shown.
    shown: Option<(u32, NodeIx)>,
    shift_px: f64,
    class: String,
    epoch: u32,
    expanded: Option<bool>,
    is_selected: bool,
    is_explained: bool,
    /// The span that is shown, if it is not a group.
    span: Option<SpanIx>,
}

impl Slot {
    /// New elements inside `body`; `number` tells the slots apart.
    pub(super) fn new(body: &Drawn, number: usize) -> Self {
        let row = body.child("div", "waterfall__row waterfall__row--spare");
        row.attribute("role", "row");
        row.attribute("id", &id(number));
        row.attribute("data-slot", &number.to_string());
        row.attribute("aria-selected", "false");
        let cell = row.child("div", "waterfall__name");
        cell.attribute("role", "gridcell");
        let level = cell.child("span", "waterfall__level").words();
        let twisty = cell.child("span", "waterfall__twisty");
        twisty.attribute("data-twisty", "");
        cell.child("span", "waterfall__service");
        let kind = cell.stroke("waterfall__kind");
        let name = cell.child("span", "waterfall__title").words();
        let operation = cell.child("span", "waterfall__operation").words();
        let outcome = cell.stroke("waterfall__outcome");
        let status = cell.child("span", "waterfall__status").words();
        let time = row.child("div", "waterfall__time");
        time.attribute("role", "gridcell");
        let bar = time.child("div", "waterfall__bar");
        let tail = bar.child("div", "waterfall__tail");
        let stretches = time.child("div", "waterfall__stretches");
        let label = time.child("span", "waterfall__label");
        let label_words = label.words();
        Self {
            row,
            cell,
            level,
            kind,
            name,
            operation,
            outcome,
            status,
            bar,
            tail,
            label,
            label_words,
            stretches,
            stretched: false,
            shown: None,
            shift_px: 0.0,
            class: String::new(),
            epoch: 0,
            expanded: None,
            is_selected: false,
            is_explained: false,
            span: None,
        }
    }

    /// The node that is shown.
    pub(super) fn node(&self) -> Option<NodeIx> {
        self.shown.map(|(_, node)| node)
    }

    /// The row that is shown.
    pub(super) fn row(&self) -> Option<u32> {
        self.shown.map(|(row, _)| row)
    }

    /// Shows nothing.
    pub(super) fn clear(&mut self) {
        if self.shown.take().is_some() {
            self.row.class("waterfall__row waterfall__row--spare");
            self.class.clear();
        }
    }

    /// Shows a node in a row. `shift_px` is added to the row's place.
    pub(super) fn show(&mut self, scene: &Scene<'_>, row: u32, node: NodeIx, shift_px: f64) {
        let Some(shown) = scene.outline.node(node) else { return };
        let (shown_row, shown_node) = self.shown.unzip();
        if shown_row != Some(row) || (self.shift_px - shift_px).abs() > 0.01 {
            self.row.style("transform", &format!("translateY({})", px(f64::from(row) * ROW_PX + shift_px)));
            // Row 1 is the header.
            self.row.attribute("aria-rowindex", &(row + 2).to_string());
            self.shift_px = shift_px;
        }
        let is_new = shown_node != Some(node);
        if is_new {
            self.write_place(scene, node);
            match shown {
                Node::Span(span) => self.write_span(scene, span),
                Node::Group(group) => self.write_group(scene, group),
            }
        }
        let bits = scene.bits(shown);
        let text = scene.text(shown, bits);
        let place = scene.place(shown);
        self.write_state(scene, node, shown, bits, place, &text);
        if is_new || self.epoch != scene.epoch {
            self.write_bar(scene, node, bits, place, &text);
            self.write_stretches(scene, shown);
        }
        self.shown = Some((row, node));
        self.epoch = scene.epoch;
    }

    /// Whole texts for the one who points at the row and waits.
    pub(super) fn explain(&mut self, reading: &Reading) {
        if let Some(span) = self.span.filter(|_| !self.is_explained) {
            self.is_explained = true;
            self.row.attribute("title", &label::title(reading, span));
        }
    }

    /// Where the node stands in the tree.
    fn write_place(&mut self, scene: &Scene<'_>, node: NodeIx) {
        let tree = scene.rows.tree();
        let depth = tree.depth(node);
        let indent = depth.min(DEEPEST_INDENT) * INDENT_PX;
        self.cell.style("padding-left", &format!("{}px", indent + 6));
        self.cell.style("background-size", &format!("{indent}px 100%"));
        self.level.set(&if depth > DEEPEST_INDENT { format::number::integer(i64::from(depth)) } else { String::new() });
        let (position, siblings) = tree.place(node);
        self.row.attribute("aria-level", &(depth + 1).to_string());
        self.row.attribute("aria-posinset", &position.to_string());
        self.row.attribute("aria-setsize", &siblings.to_string());
        if std::mem::take(&mut self.is_explained) {
            self.row.attribute_if("title", None);
        }
    }

    fn write_span(&mut self, scene: &Scene<'_>, span: SpanIx) {
        let trace = &scene.reading.trace;
        let bits = trace.bits.get(span as usize).copied().unwrap_or(0);
        let kind = marks::kind(bits);
        self.kind.set(kind.path, kind.name);
        self.name.set(&label::name(trace, span));
        let operation = trace.operation.get(span as usize).map_or("", |operation| trace.text(*operation));
        self.operation.set(label::clip(operation, 160));
        let outcome = bit::outcome(bits);
        let mark = marks::outcome(outcome);
        self.outcome.set(mark.path, if mark.path.is_empty() { "" } else { mark.name });
        let status = trace.status.get(span as usize).copied().unwrap_or(0);
        self.status.set(&if status == 0 { String::new() } else { status.to_string() });
        self.span = Some(span);
    }

    fn write_group(&mut self, scene: &Scene<'_>, group: u32) {
        let (title, facts) = label::group(scene.reading, group);
        self.kind.set(marks::GROUP.path, marks::GROUP.name);
        self.name.set(&title);
        self.operation.set(&facts);
        self.row.attribute("title", &[&title, "\n", &facts].concat());
        let failed = scene.group_outcome(group);
        let mark = marks::outcome(failed);
        self.outcome.set(mark.path, if mark.path.is_empty() { "" } else { mark.name });
        self.status.set("");
        self.span = None;
        self.is_explained = true;
    }

    fn write_state(&mut self, scene: &Scene<'_>, node: NodeIx, shown: Node, bits: u32, place: Place, text: &str) {
        let expanded = scene.rows.tree().has_children(node).then(|| !scene.rows.is_collapsed(node));
        if self.expanded != expanded {
            self.expanded = expanded;
            self.row.attribute_if("aria-expanded", expanded.map(|open| if open { "true" } else { "false" }));
        }
        let is_selected = matches!(shown, Node::Span(span) if scene.selected == Some(span));
        if self.is_selected != is_selected {
            self.is_selected = is_selected;
            self.row.attribute("aria-selected", if is_selected { "true" } else { "false" });
        }
        let class = scene.class(node, shown, bits, place, expanded, text);
        if self.class != class {
            self.row.class(&class);
            self.class = class;
        }
    }

    fn write_bar(&self, scene: &Scene<'_>, node: NodeIx, bits: u32, place: Place, text: &str) {
        let scale = scene.scale;
        let bar = match place {
            Place::Before => {
                self.label_words.set(&format!("‹ {text}"));
                self.label.style("transform", "none");
                return;
            }
            Place::After => {
                self.label_words.set(&format!("{text} ›"));
                self.label.style("transform", &format!("translateX({}) translateX(-100%)", px(scale.width_px())));
                return;
            }
            Place::Within(bar) => bar,
        };
        self.bar.style("transform", &format!("translateX({})", px(bar.x_px)));
        self.bar.style("width", &px(bar.width_px));
        if bits & bit::ASYNCHRONOUS != 0 {
            let end = scene.parent_end(node).map(|end| scale.x_px(scene.warp.shown(end)));
            let from = layout::clamp(end.map_or(0.0, |end| end - bar.x_px), 0.0, bar.width_px);
            self.tail.style("left", &px(from));
        }
        self.label_words.set(text);
        let transform = match scale.label_side(bar, label::width_px(text)) {
            LabelSide::Right => format!("translateX({})", px(bar.x_px + bar.width_px + 6.0)),
            LabelSide::Left => format!("translateX({}) translateX(-100%)", px(bar.x_px - 6.0)),
            LabelSide::Inside => format!("translateX({})", px(bar.x_px + 6.0)),
        };
        self.label.style("transform", &transform);
    }

    /// The parts of the row in which the critical path runs through the span, or a group's members were.
    fn write_stretches(&mut self, scene: &Scene<'_>, shown: Node) {
        let gradient = scene.stretches(shown);
        if gradient.is_empty() && !self.stretched {
            return;
        }
        self.stretched = !gradient.is_empty();
        self.stretches.style("background-image", if gradient.is_empty() { "none" } else { &gradient });
    }
}

impl Scene<'_> {
    fn trace(&self) -> &TraceColumns {
        &self.reading.trace
    }

    /// The span's bits; of a group only how it ended.
    fn bits(&self, shown: Node) -> u32 {
        match shown {
            Node::Span(span) => self.trace().bits.get(span as usize).copied().unwrap_or(0),
            Node::Group(_) => 1,
        }
    }

    /// The text beside the bar.
    fn text(&self, shown: Node, bits: u32) -> String {
        match shown {
            Node::Span(span) => label::duration(self.trace(), span, bits),
            Node::Group(group) => {
                let (start, end) = group_stretch(self.reading, group);
                format::duration::short(end - start)
            }
        }
    }

    /// How a group's members ended, if all did well or one did not.
    fn group_outcome(&self, group: u32) -> Outcome {
        let repeats = self.reading.repeats();
        let members = repeats.groups.get(group as usize).filter(|set| set.failed > 0).map(|set| repeats.members(set));
        let outcome = |span: &SpanIx| bit::outcome(self.trace().bits.get(*span as usize).copied().unwrap_or(0));
        members.into_iter().flatten().map(outcome).find(|outcome| *outcome != Outcome::Ok).unwrap_or(Outcome::Ok)
    }

    /// Where the bar lies. What is still in progress reaches to the end of what is known.
    fn place(&self, shown: Node) -> Place {
        let (start, end) = match shown {
            Node::Span(span) => self.reading.stretch(span),
            Node::Group(group) => group_stretch(self.reading, group),
        };
        self.scale.bar(self.warp.shown(start), self.warp.shown(end), LEAST_PX)
    }

    fn parent_end(&self, node: NodeIx) -> Option<i64> {
        let parent = self.outline.span(self.rows.tree().parent(node)?)?;
        Some(self.reading.stretch(parent).1)
    }

    /// Stretches of the row as the gradient that draws them; empty for none. O(pixels × log n) at most.
    fn stretches(&self, shown: Node) -> String {
        match shown {
            Node::Span(span) => {
                let path = self.reading.path();
                let (own, pieces) = (path.of(span), path.pieces());
                let stretch = |place: usize| {
                    let piece = pieces.get(*own.get(place)? as usize)?;
                    Some((piece.start, piece.end))
                };
                self.gradient("var(--path)", own.len(), &stretch)
            }
            Node::Group(group) => {
                let repeats = self.reading.repeats();
                let members = repeats.groups.get(group as usize).map_or(&[][..], |set| repeats.members(set));
                let stretch = |place: usize| members.get(place).map(|span| self.reading.stretch(*span));
                self.gradient("var(--hue)", members.len(), &stretch)
            }
        }
    }

    /// Stretches ascending in time, in one colour. What would touch is one; what is out of sight is passed over.
    fn gradient(&self, colour: &str, count: usize, stretch: &dyn Fn(usize) -> Option<(i64, i64)>) -> String {
        let (scale, warp) = (self.scale, self.warp);
        let x_px = |time: i64| scale.x_px(warp.shown(time));
        // The first stretch from a place on that ends after so many pixels.
        let first_after = |from: usize, limit_px: f64| {
            let (mut low, mut high) = (from, count);
            while low < high {
                let middle = usize::midpoint(low, high);
                if stretch(middle).is_some_and(|(_, end)| x_px(end) < limit_px) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            low
        };
        let mut parts: Vec<(f64, f64)> = Vec::new();
        let mut place = first_after(0, 0.0);
        while let Some((start, end)) = stretch(place).filter(|_| parts.len() < MOST_STRETCHES) {
            let (from, to) = (x_px(start).max(0.0), x_px(end).min(scale.width_px()));
            if from > scale.width_px() {
                break;
            }
            let to = to.max(from + 1.0);
            match parts.last_mut() {
                Some(last) if from - last.1 < NEAR_PX => last.1 = to.max(last.1),
                _ => parts.push((from, to)),
            }
            let reached = parts.last().map_or(to, |last| last.1);
            place = (place + 1).max(first_after(place + 1, reached + NEAR_PX / 2.0));
        }
        if parts.is_empty() {
            return String::new();
        }
        let mut gradient = String::from("linear-gradient(90deg");
        for (from, to) in parts {
            let (from, to) = (px(from), px(to));
            for part in [",transparent ", &from, ",", colour, " ", &from, " ", &to, ",transparent ", &to] {
                gradient.push_str(part);
            }
        }
        gradient.push(')');
        gradient
    }

    fn class(&self, node: NodeIx, shown: Node, bits: u32, place: Place, expanded: Option<bool>, text: &str) -> String {
        let mut class = String::from("waterfall__row");
        let mut set = |is: bool, name: &str| {
            if is {
                class.push_str(" waterfall__row--");
                class.push_str(name);
            }
        };
        let speaks = match shown {
            Node::Span(span) => Some(span),
            Node::Group(group) => {
                let repeats = self.reading.repeats();
                repeats.groups.get(group as usize).and_then(|set| repeats.members(set).first().copied())
            }
        };
        let service = speaks.and_then(|span| self.trace().service.get(span as usize)).copied().unwrap_or(0);
        match self.colour {
            Colour::Service => set(true, &["s", &(service % SERVICE_COLOURS).to_string()].concat()),
            Colour::Kind => set(true, &["s", &marks::kind_number(bits).to_string()].concat()),
            Colour::State => {}
        }
        let outcome = match shown {
            Node::Span(_) => bit::outcome(bits),
            Node::Group(group) => self.group_outcome(group),
        };
        let mark = marks::outcome(outcome);
        set(!mark.path.is_empty(), mark.name);
        set(matches!(shown, Node::Group(_)), "group");
        set(bits & bit::KIND == 2, "inferred");
        set(bits & bit::KIND == 3, "placeholder");
        set(bits & bit::IN_PROGRESS != 0, "progress");
        set(bits & bit::ASYNCHRONOUS != 0, "async");
        set(bits & bit::SKEWED != 0, "skewed");
        set(self.rows.tree().depth(node) > DEEPEST_INDENT, "deep");
        set(expanded == Some(true), "open");
        set(expanded == Some(false), "closed");
        set(self.active == Some(node), "active");
        if let Node::Span(span) = shown {
            set(self.selected == Some(span), "selected");
            if !self.hits.is_empty() {
                let is_hit = self.hits.get(span as usize) == Some(&true);
                set(true, if is_hit { "hit" } else { "dim" });
            }
        }
        match place {
            Place::Before | Place::After => set(true, "outside"),
            Place::Within(bar) => {
                set(bar.cut_left, "cut-left");
                set(bar.cut_right, "cut-right");
                set(self.scale.label_side(bar, label::width_px(text)) == LabelSide::Inside, "inside");
            }
        }
        class
    }
}

/// The id of a slot's row, for `aria-activedescendant`.
pub(super) fn id(number: usize) -> String {
    format!("waterfall-row-{number}")
}
