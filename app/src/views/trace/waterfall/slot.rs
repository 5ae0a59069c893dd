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
    /// The row and the node that are shown, or were last.
    shown: Option<(u32, NodeIx)>,
    /// It lies aside, with all that was written into it: the same is often wanted again.
    is_spare: bool,
    shift_px: f64,
    state: Option<State>,
    place: Place,
    text: String,
    epoch: u32,
    is_explained: bool,
    /// The span that is shown, if it is not a group.
    span: Option<SpanIx>,
}

/// What can change of a row while its node and the scale stay.
#[derive(Clone, Copy, PartialEq)]
struct State {
    expanded: Option<bool>,
    is_active: bool,
    is_selected: bool,
    is_hit: Option<bool>,
}

impl Slot {
    /// The elements of a row, to be taken as often as rows are needed: to build each by itself costs three times as much.
    pub(super) fn pattern() -> Drawn {
        let row = Drawn::new("div", "waterfall__row waterfall__row--spare");
        let row = row.with(&[("role", "row"), ("aria-selected", "false"), ("aria-hidden", "true")]);
        let cell = row.child("div", "waterfall__name").with(&[("role", "gridcell")]);
        cell.child("span", "waterfall__level").words();
        cell.child("span", "waterfall__twisty").attribute("data-twisty", "");
        cell.child("span", "waterfall__service");
        cell.stroke("waterfall__kind");
        cell.child("span", "waterfall__title").words();
        cell.child("span", "waterfall__operation").words();
        cell.stroke("waterfall__outcome");
        cell.child("span", "waterfall__status").words();
        let time = row.child("div", "waterfall__time").with(&[("role", "gridcell"), ("data-time", "")]);
        time.child("div", "waterfall__bar").child("div", "waterfall__tail");
        time.child("div", "waterfall__stretches");
        time.child("span", "waterfall__label").words();
        row
    }

    /// A row like the pattern inside `body`; `number` tells the slots apart.
    pub(super) fn new(body: &Drawn, number: usize, pattern: &Drawn) -> Option<Self> {
        let row = pattern.twin()?;
        row.attribute("id", &id(number));
        row.attribute("data-slot", &number.to_string());
        let words = |css: &str| row.within(css)?.first_words();
        let slot = Self {
            cell: row.within(".waterfall__name")?,
            level: words(".waterfall__level")?,
            kind: row.first_stroke(".waterfall__kind")?,
            name: words(".waterfall__title")?,
            operation: words(".waterfall__operation")?,
            outcome: row.first_stroke(".waterfall__outcome")?,
            status: words(".waterfall__status")?,
            bar: row.within(".waterfall__bar")?,
            tail: row.within(".waterfall__tail")?,
            label: row.within(".waterfall__label")?,
            label_words: words(".waterfall__label")?,
            stretches: row.within(".waterfall__stretches")?,
            row: row.clone(),
            stretched: false,
            shown: None,
            is_spare: true,
            shift_px: 0.0,
            state: None,
            place: Place::Before,
            text: String::new(),
            epoch: 0,
            is_explained: false,
            span: None,
        };
        body.add(&row);
        Some(slot)
    }

    /// The node that is shown.
    pub(super) fn node(&self) -> Option<NodeIx> {
        self.shown.filter(|_| !self.is_spare).map(|(_, node)| node)
    }

    /// The row that is shown.
    pub(super) fn row(&self) -> Option<u32> {
        self.shown.filter(|_| !self.is_spare).map(|(row, _)| row)
    }

    /// Shows nothing.
    pub(super) fn lay_aside(&mut self) {
        if !self.is_spare {
            self.is_spare = true;
            self.row.class("waterfall__row waterfall__row--spare");
            self.row.attribute("aria-hidden", "true");
        }
    }

    /// Shows nothing, and knows nothing of what was written: nodes have other numbers now.
    pub(super) fn clear(&mut self) {
        self.lay_aside();
        self.shown = None;
    }

    /// Shows a node in a row. `shift_px` is added to the row's place.
    pub(super) fn show(&mut self, scene: &Scene<'_>, row: u32, node: NodeIx, shift_px: f64) {
        let Some(shown) = scene.outline.node(node) else { return };
        let (shown_row, shown_node) = self.shown.unzip();
        if shown_row != Some(row) || !label::is_same_px(self.shift_px, shift_px) {
            self.row.style("transform", &["translateY(", &px(f64::from(row) * ROW_PX + shift_px), ")"].concat());
            // Row 1 is the header.
            self.row.attribute("aria-rowindex", &(row + 2).to_string());
            self.shift_px = shift_px;
        }
        let was_spare = std::mem::take(&mut self.is_spare);
        if was_spare {
            self.row.attribute_if("aria-hidden", None);
        }
        let is_new = shown_node != Some(node);
        if is_new {
            self.write_place(scene, node);
            match shown {
                Node::Span(span) => self.write_span(scene, span),
                Node::Group(group) => self.write_group(scene, group),
            }
        }
        let is_moved = is_new || self.epoch != scene.epoch;
        let bits = scene.bits(shown);
        if is_moved {
            (self.text, self.place) = (scene.text(shown, bits), scene.place(shown));
            self.write_bar(scene, node, bits);
            self.write_stretches(scene, shown);
        }
        self.write_state(scene, node, shown, bits, is_moved || was_spare);
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

    fn write_state(&mut self, scene: &Scene<'_>, node: NodeIx, shown: Node, bits: u32, is_classed: bool) {
        let state = State {
            expanded: scene.rows.tree().has_children(node).then(|| !scene.rows.is_collapsed(node)),
            is_active: scene.active == Some(node),
            is_selected: matches!(shown, Node::Span(span) if scene.selected == Some(span)),
            is_hit: scene.is_hit(shown),
        };
        let before = self.state.replace(state);
        if before == Some(state) && !is_classed {
            return;
        }
        if before.is_none_or(|before| before.expanded != state.expanded) {
            let expanded = state.expanded.map(|open| if open { "true" } else { "false" });
            self.row.attribute_if("aria-expanded", expanded);
        }
        if before.is_none_or(|before| before.is_selected != state.is_selected) {
            self.row.attribute("aria-selected", if state.is_selected { "true" } else { "false" });
        }
        self.row.class(&scene.class(node, shown, bits, self.place, state.expanded, &self.text));
    }

    fn write_bar(&self, scene: &Scene<'_>, node: NodeIx, bits: u32) {
        let (text, place) = (&*self.text, self.place);
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
