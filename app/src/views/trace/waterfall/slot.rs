//! One row's elements, which show one span after another.
//!
//! A slot remembers what it shows and writes only what differs: scrolling by three rows rewrites three slots.

use api::{TraceColumns, trace::bit};
use layout::{
    scale::{LabelSide, Place, Scale},
    waterfall::{Rows, SpanIx},
};

use super::{
    label::{self, px},
    marks,
};
use crate::platform::drawn::{Drawn, Stroke, Words};

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

/// What all rows are drawn from.
pub(super) struct Scene<'a> {
    pub(super) trace: &'a TraceColumns,
    pub(super) rows: &'a Rows,
    pub(super) scale: Scale,
    /// Changes with the scale.
    pub(super) epoch: u32,
    pub(super) active: Option<SpanIx>,
    pub(super) selected: Option<SpanIx>,
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
    /// The row and the span that are shown.
    shown: Option<(u32, SpanIx)>,
    shift_px: f64,
    class: String,
    epoch: u32,
    expanded: Option<bool>,
    is_selected: bool,
    is_explained: bool,
}

impl Slot {
    /// New elements inside `body`; `number` tells the slots apart.
    pub(super) fn new(body: &Drawn, number: usize) -> Option<Self> {
        let row = body.child("div", "waterfall__row waterfall__row--spare")?;
        row.attribute("role", "row");
        row.attribute("id", &id(number));
        row.attribute("data-slot", &number.to_string());
        row.attribute("aria-selected", "false");
        let cell = row.child("div", "waterfall__name")?;
        cell.attribute("role", "gridcell");
        let level = cell.child("span", "waterfall__level")?.words();
        let twisty = cell.child("span", "waterfall__twisty")?;
        twisty.attribute("data-twisty", "");
        cell.child("span", "waterfall__service")?;
        let kind = cell.stroke("waterfall__kind")?;
        let name = cell.child("span", "waterfall__title")?.words();
        let operation = cell.child("span", "waterfall__operation")?.words();
        let outcome = cell.stroke("waterfall__outcome")?;
        let status = cell.child("span", "waterfall__status")?.words();
        let time = row.child("div", "waterfall__time")?;
        time.attribute("role", "gridcell");
        let bar = time.child("div", "waterfall__bar")?;
        let tail = bar.child("div", "waterfall__tail")?;
        let label = time.child("span", "waterfall__label")?;
        let label_words = label.words();
        Some(Self {
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
            shown: None,
            shift_px: 0.0,
            class: String::new(),
            epoch: 0,
            expanded: None,
            is_selected: false,
            is_explained: false,
        })
    }

    /// The span that is shown.
    pub(super) fn span(&self) -> Option<SpanIx> {
        self.shown.map(|(_, span)| span)
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

    /// Shows a span in a row. `shift_px` is added to the row's place.
    pub(super) fn show(&mut self, scene: &Scene<'_>, row: u32, span: SpanIx, shift_px: f64) {
        let bits = scene.trace.bits.get(span as usize).copied().unwrap_or(0);
        let (shown_row, shown_span) = self.shown.unzip();
        if shown_row != Some(row) || (self.shift_px - shift_px).abs() > 0.01 {
            self.row.style("transform", &format!("translateY({})", px(f64::from(row) * ROW_PX + shift_px)));
            // Row 1 is the header.
            self.row.attribute("aria-rowindex", &(row + 2).to_string());
            self.shift_px = shift_px;
        }
        if shown_span != Some(span) {
            self.write_span(scene, span, bits);
        }
        let place = scene.place(span, bits);
        self.write_state(scene, span, bits, place);
        if shown_span != Some(span) || self.epoch != scene.epoch {
            self.write_bar(scene, span, bits, place);
        }
        self.shown = Some((row, span));
        self.epoch = scene.epoch;
    }

    /// Whole texts for the one who points at the row and waits.
    pub(super) fn explain(&mut self, trace: &TraceColumns) {
        if let Some(span) = self.span().filter(|_| !self.is_explained) {
            self.is_explained = true;
            self.row.attribute("title", &label::title(trace, span));
        }
    }

    fn write_span(&mut self, scene: &Scene<'_>, span: SpanIx, bits: u32) {
        let (trace, tree) = (scene.trace, scene.rows.tree());
        let depth = tree.depth(span);
        let indent = depth.min(DEEPEST_INDENT) * INDENT_PX;
        self.cell.style("padding-left", &format!("{}px", indent + 6));
        self.cell.style("background-size", &format!("{indent}px 100%"));
        self.level.set(&if depth > DEEPEST_INDENT { format::number::integer(i64::from(depth)) } else { String::new() });
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
        let (position, siblings) = tree.place(span);
        self.row.attribute("aria-level", &(depth + 1).to_string());
        self.row.attribute("aria-posinset", &position.to_string());
        self.row.attribute("aria-setsize", &siblings.to_string());
        if std::mem::take(&mut self.is_explained) {
            self.row.attribute_if("title", None);
        }
    }

    fn write_state(&mut self, scene: &Scene<'_>, span: SpanIx, bits: u32, place: Place) {
        let expanded = scene.rows.tree().has_children(span).then(|| !scene.rows.is_collapsed(span));
        if self.expanded != expanded {
            self.expanded = expanded;
            self.row.attribute_if("aria-expanded", expanded.map(|open| if open { "true" } else { "false" }));
        }
        let is_selected = scene.selected == Some(span);
        if self.is_selected != is_selected {
            self.is_selected = is_selected;
            self.row.attribute("aria-selected", if is_selected { "true" } else { "false" });
        }
        let class = scene.class(span, bits, place, expanded);
        if self.class != class {
            self.row.class(&class);
            self.class = class;
        }
    }

    fn write_bar(&self, scene: &Scene<'_>, span: SpanIx, bits: u32, place: Place) {
        let text = label::duration(scene.trace, span, bits);
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
            let from =
                layout::clamp(scene.parent_end(span).map_or(0.0, |end| scale.x_px(end) - bar.x_px), 0.0, bar.width_px);
            self.tail.style("left", &px(from));
        }
        self.label_words.set(&text);
        let transform = match scale.label_side(bar, label::width_px(&text)) {
            LabelSide::Right => format!("translateX({})", px(bar.x_px + bar.width_px + 6.0)),
            LabelSide::Left => format!("translateX({}) translateX(-100%)", px(bar.x_px - 6.0)),
            LabelSide::Inside => format!("translateX({})", px(bar.x_px + 6.0)),
        };
        self.label.style("transform", &transform);
    }
}

impl Scene<'_> {
    /// Where the span's bar lies. What is still in progress reaches to the end of what is known.
    fn place(&self, span: SpanIx, bits: u32) -> Place {
        let (start, end) = label::times(self.trace, span, bits);
        self.scale.bar(start, end, LEAST_PX)
    }

    fn parent_end(&self, span: SpanIx) -> Option<i64> {
        let parent = self.rows.tree().parent(span)?;
        let bits = self.trace.bits.get(parent as usize).copied()?;
        Some(label::times(self.trace, parent, bits).1)
    }

    fn class(&self, span: SpanIx, bits: u32, place: Place, expanded: Option<bool>) -> String {
        let mut class = String::from("waterfall__row waterfall__row--s");
        let service = self.trace.service.get(span as usize).copied().unwrap_or(0) % SERVICE_COLOURS;
        class.push_str(&service.to_string());
        let mut set = |is: bool, name: &str| {
            if is {
                class.push_str(" waterfall__row--");
                class.push_str(name);
            }
        };
        let outcome = marks::outcome(bit::outcome(bits));
        set(!outcome.path.is_empty(), outcome.name);
        set(bits & bit::KIND == 2, "inferred");
        set(bits & bit::KIND == 3, "placeholder");
        set(bits & bit::IN_PROGRESS != 0, "progress");
        set(bits & bit::ASYNCHRONOUS != 0, "async");
        set(bits & bit::SKEWED != 0, "skewed");
        set(self.rows.tree().depth(span) > DEEPEST_INDENT, "deep");
        set(expanded == Some(true), "open");
        set(expanded == Some(false), "closed");
        set(self.active == Some(span), "active");
        set(self.selected == Some(span), "selected");
        match place {
            Place::Before | Place::After => set(true, "outside"),
            Place::Within(bar) => {
                set(bar.cut_left, "cut-left");
                set(bar.cut_right, "cut-right");
                let text = label::duration(self.trace, span, bits);
                set(self.scale.label_side(bar, label::width_px(&text)) == LabelSide::Inside, "inside");
            }
        }
        class
    }
}

/// The id of a slot's row, for `aria-activedescendant`.
pub(super) fn id(number: usize) -> String {
    format!("waterfall-row-{number}")
}
