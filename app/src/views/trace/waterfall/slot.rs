//! One row's elements, which show one span after another.
//!
//! A slot remembers what it shows and writes only what differs: scrolling by three rows rewrites three slots.

use api::trace::bit;
use layout::{
    scale::{LabelSide, Place},
    waterfall::{Node, NodeIx, SpanIx},
};

use super::{
    super::reading::Reading,
    label::{self, px},
    marks,
    scene::{DEEPEST_INDENT, Scene},
};
use crate::platform::drawn::{Drawn, Stroke, Words};

/// The height of a row in CSS pixels.
pub(super) const ROW_PX: f64 = 26.0;
/// How far a level is indented, in CSS pixels.
pub(super) const INDENT_PX: u32 = 12;

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
        time.attribute("data-time", "");
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
        let mark = marks::outcome(scene.outcome(Node::Group(group), 1));
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
        let gradient = scene.gradient(shown);
        if gradient.is_empty() && !self.stretched {
            return;
        }
        self.stretched = !gradient.is_empty();
        self.stretches.style("background-image", if gradient.is_empty() { "none" } else { &gradient });
    }
}

/// The id of a slot's row, for `aria-activedescendant`.
pub(super) fn id(number: usize) -> String {
    format!("waterfall-row-{number}")
}
