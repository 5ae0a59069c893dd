//! What all rows are drawn from, and what follows from it for one row: on the page and in pictures.

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
use crate::route::Colour;

/// Deeper levels are not indented further; their number is written instead.
pub(super) const DEEPEST_INDENT: u32 = 14;
/// A bar is at least this wide, in CSS pixels, so that a microsecond in an hour can be seen.
const LEAST_PX: f64 = 2.0;
/// Distinct colours of services; further services begin again with the first one.
const SERVICE_COLOURS: u32 = 12;
/// Stretches closer than this, in CSS pixels, are drawn as one; and a row has at most so many: where there would be more,
/// those that are further from each other are drawn as one as well.
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

impl Scene<'_> {
    fn trace(&self) -> &TraceColumns {
        &self.reading.trace
    }

    /// The span's bits; of a group only how it ended.
    pub(super) fn bits(&self, shown: Node) -> u32 {
        match shown {
            Node::Span(span) => self.trace().bits.get(span as usize).copied().unwrap_or(0),
            Node::Group(_) => 1,
        }
    }

    /// The text beside the bar.
    pub(super) fn text(&self, shown: Node, bits: u32) -> String {
        match shown {
            Node::Span(span) => label::duration(self.trace(), span, bits),
            Node::Group(group) => {
                let (start, end) = group_stretch(self.reading, group);
                format::duration::short(end - start)
            }
        }
    }

    /// How it ended: of a group, how the first of those that failed did.
    pub(super) fn outcome(&self, shown: Node, bits: u32) -> Outcome {
        let Node::Group(group) = shown else { return bit::outcome(bits) };
        let repeats = self.reading.repeats();
        let members = repeats.groups.get(group as usize).filter(|set| set.failed > 0).map(|set| repeats.members(set));
        let outcome = |span: &SpanIx| bit::outcome(self.trace().bits.get(*span as usize).copied().unwrap_or(0));
        members.into_iter().flatten().map(outcome).find(|outcome| *outcome != Outcome::Ok).unwrap_or(Outcome::Ok)
    }

    /// The number of the row's colour; none where colours tell only what became of it.
    pub(super) fn hue(&self, shown: Node, bits: u32) -> Option<u32> {
        let speaks = match shown {
            Node::Span(span) => Some(span),
            Node::Group(group) => {
                let repeats = self.reading.repeats();
                repeats.groups.get(group as usize).and_then(|set| repeats.members(set).first().copied())
            }
        };
        match self.colour {
            Colour::Service => {
                let service = speaks.and_then(|span| self.trace().service.get(span as usize)).copied().unwrap_or(0);
                Some(service % SERVICE_COLOURS)
            }
            Colour::Kind => Some(marks::kind_number(bits)),
            Colour::State => None,
        }
    }

    /// Whether a row is among what is found; `None` while nothing is looked for, and for groups.
    pub(super) fn is_hit(&self, shown: Node) -> Option<bool> {
        match shown {
            Node::Span(span) if !self.hits.is_empty() => Some(self.hits.get(span as usize) == Some(&true)),
            _ => None,
        }
    }

    /// Where the bar lies. What is still in progress reaches to the end of what is known.
    pub(super) fn place(&self, shown: Node) -> Place {
        let (start, end) = match shown {
            Node::Span(span) => self.reading.stretch(span),
            Node::Group(group) => group_stretch(self.reading, group),
        };
        self.scale.bar(self.warp.shown(start), self.warp.shown(end), LEAST_PX)
    }

    pub(super) fn parent_end(&self, node: NodeIx) -> Option<i64> {
        let parent = self.outline.span(self.rows.tree().parent(node)?)?;
        Some(self.reading.stretch(parent).1)
    }

    /// The parts of the row, from where to where in CSS pixels, in which the critical path runs through the span, or a
    /// group's members were. O(pixels × log n) at most.
    pub(super) fn parts(&self, shown: Node) -> Vec<(f64, f64)> {
        match shown {
            Node::Span(span) => {
                let path = self.reading.path();
                let (own, pieces) = (path.of(span), path.pieces());
                self.merged(own.len(), &|place| {
                    let piece = pieces.get(*own.get(place)? as usize)?;
                    Some((piece.start, piece.end))
                })
            }
            Node::Group(group) => {
                let repeats = self.reading.repeats();
                let members = repeats.groups.get(group as usize).map_or(&[][..], |set| repeats.members(set));
                self.merged(members.len(), &|place| members.get(place).map(|span| self.reading.stretch(*span)))
            }
        }
    }

    /// The same as the gradient that draws them; empty for none.
    pub(super) fn gradient(&self, shown: Node) -> String {
        let parts = self.parts(shown);
        if parts.is_empty() {
            return String::new();
        }
        let colour = if matches!(shown, Node::Span(_)) { "var(--path)" } else { "var(--hue)" };
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

    /// Stretches ascending in time. What would touch is one; what is out of sight is passed over.
    fn merged(&self, count: usize, stretch: &dyn Fn(usize) -> Option<(i64, i64)>) -> Vec<(f64, f64)> {
        let mut near_px = NEAR_PX;
        loop {
            let parts = self.merged_within(near_px, count, stretch);
            if parts.len() < MOST_STRETCHES || near_px > self.scale.width_px() {
                return parts;
            }
            near_px *= 2.0;
        }
    }

    fn merged_within(
        &self,
        near_px: f64,
        count: usize,
        stretch: &dyn Fn(usize) -> Option<(i64, i64)>,
    ) -> Vec<(f64, f64)> {
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
                Some(last) if from - last.1 < near_px => last.1 = to.max(last.1),
                _ => parts.push((from, to)),
            }
            let reached = parts.last().map_or(to, |last| last.1);
            place = (place + 1).max(first_after(place + 1, reached + NEAR_PX / 2.0));
        }
        parts
    }

    /// The classes of the row's element.
    pub(super) fn class(
        &self,
        node: NodeIx,
        shown: Node,
        bits: u32,
        place: Place,
        expanded: Option<bool>,
        text: &str,
    ) -> String {
        let mut class = String::from("waterfall__row");
        let mut set = |is: bool, name: &str| {
            if is {
                class.push_str(" waterfall__row--");
                class.push_str(name);
            }
        };
        if let Some(number) = self.hue(shown, bits) {
            set(true, &["s", &number.to_string()].concat());
        }
        let mark = marks::outcome(self.outcome(shown, bits));
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
        }
        if let Some(is_hit) = self.is_hit(shown) {
            set(true, if is_hit { "hit" } else { "dim" });
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
