//! What the waterfall shows, as a picture of plain data: the same rows, bars, marks and colours, without elements.

use api::trace::bit;
use layout::{
    scale::{LabelSide, Place},
    ticks::WarpedTicks,
    waterfall::{Node, NodeIx},
};
use model::Outcome;

use super::{
    label, marks,
    ruler::GAP_PX,
    scene::{DEEPEST_INDENT, Scene},
    sheet::{HEADER_PX, PAD_PX},
    slot::{INDENT_PX, ROW_PX},
};
use crate::platform::picture::{Font, Item, Kind, Picture, number};

/// The height of the two lines above the ruler, in CSS pixels.
const TITLE_PX: f64 = 48.0;
const TITLE: Font = Font { size: 14, bold: true, italic: false };
const NAME: Font = Font { size: 13, bold: false, italic: false };
const SMALL: Font = Font { size: 12, bold: false, italic: false };
const TINY: Font = Font { size: 11, bold: false, italic: false };
/// Longer texts are never drawn; measuring them would take its time.
const MOST_LETTERS: usize = 300;

/// What a picture takes from the page that it is of.
pub(super) struct Look<'a> {
    /// The value of a token of the stylesheet.
    pub(super) ink: &'a dyn Fn(&str) -> String,
    /// The width of a text, in CSS pixels.
    pub(super) measure: &'a dyn Fn(&str, Font) -> f64,
    /// The family of the letters.
    pub(super) family: &'a str,
}

/// What is shown where, in CSS pixels.
pub(super) struct Frame {
    pub(super) width_px: f64,
    /// The width of the column of names.
    pub(super) name_px: f64,
    /// The first row, and the one after the last.
    pub(super) rows: (u32, u32),
    /// The two lines above the ruler.
    pub(super) titles: [String; 2],
}

/// Draws what a frame shows of a scene.
pub(super) fn draw(scene: &Scene<'_>, frame: &Frame, look: &Look<'_>) -> Picture {
    let (first, end) = frame.rows;
    let top = TITLE_PX + HEADER_PX;
    let (width, height) = (frame.width_px, top + f64::from(end.saturating_sub(first)) * ROW_PX + 1.0);
    let title = frame.titles.join(" · ");
    let picture = Picture { width, height, title, family: look.family.to_owned(), items: Vec::new() };
    let mut pen = Pen { picture, look, alpha: 1.0 };
    pen.rectangle([0.0, 0.0, width, height], "--surface", 1.0);
    let [what, which] = &frame.titles;
    let room = width - 2.0 * PAD_PX;
    pen.fitting(what, TITLE, [PAD_PX, 20.0], room, "--ink");
    pen.fitting(which, SMALL, [PAD_PX, 39.0], room, "--ink-faint");
    pen.ruler(scene, frame, height);
    for row in first..end {
        if let Some(node) = scene.rows.node(row) {
            pen.row(scene, frame, node, top + f64::from(row - first) * ROW_PX);
        }
    }
    pen.picture
}

struct Pen<'a> {
    picture: Picture,
    look: &'a Look<'a>,
    /// How opaque the present row is.
    alpha: f64,
}

/// `[x, y, width, height]`.
type Area = [f64; 4];

impl Pen<'_> {
    fn put(&mut self, kind: Kind, [x, y]: [f64; 2], colour: &str, alpha: f64) {
        let colour = (self.look.ink)(colour);
        self.picture.items.push(Item { kind, x, y, colour, alpha: alpha * self.alpha });
    }

    fn rectangle(&mut self, area: Area, colour: &str, alpha: f64) {
        let [x, y, ..] = area;
        self.put(Kind::Filled { path: outline(area), scale: 1.0 }, [x, y], colour, alpha);
    }

    /// The frame of an area, inside of it.
    fn frame(&mut self, [x, y, width, height]: Area, line: f64, dashed: bool, colour: &str) {
        let area = [x + line / 2.0, y + line / 2.0, (width - line).max(0.5), (height - line).max(0.5)];
        let kind = Kind::Line { path: outline(area), scale: 1.0, width: line, dashed };
        self.put(kind, [area[0], area[1]], colour, 1.0);
    }

    /// Lines from the lower left to the upper right, `step` pixels apart, cut at the edges.
    fn hatch(&mut self, [x, y, width, height]: Area, step: f64, line: f64, colour: &str, alpha: f64) {
        let mut path = String::new();
        let mut from = step - height;
        while from < width {
            // How far up the line enters and leaves the area.
            let (enters, leaves) = ((-from).max(0.0), height.min(width - from));
            if leaves > enters {
                for (letter, along) in [("M", enters), ("L", leaves)] {
                    for part in [letter, &number(from + along), " ", &number(height - along)] {
                        path.push_str(part);
                    }
                }
            }
            from += step;
        }
        self.put(Kind::Line { path, scale: 1.0, width: line, dashed: false }, [x, y], colour, alpha);
    }

    /// A drawing of 16 by 16 units.
    fn mark(&mut self, path: &str, is_filled: bool, [x, y]: [f64; 2], size: f64, colour: &str) {
        let (path, scale) = (path.to_owned(), size / 16.0);
        let kind = if is_filled {
            Kind::Filled { path, scale }
        } else {
            Kind::Line { path, scale, width: 1.4, dashed: false }
        };
        self.put(kind, [x, y], colour, 1.0);
    }

    fn text(&mut self, text: &str, font: Font, at: [f64; 2], colour: &str) {
        self.put(Kind::Text { text: text.to_owned(), font }, at, colour, 1.0);
    }

    /// As much of a text as there is room for; gives its width.
    fn fitting(&mut self, text: &str, font: Font, at: [f64; 2], room: f64, colour: &str) -> f64 {
        let text = self.fit(text, font, room);
        if text.is_empty() {
            return 0.0;
        }
        self.text(&text, font, at, colour);
        (self.look.measure)(&text, font)
    }

    fn fit(&self, text: &str, font: Font, room: f64) -> String {
        let measure = self.look.measure;
        let short = label::clip(text, MOST_LETTERS);
        if short.len() == text.len() && measure(text, font) <= room {
            return text.to_owned();
        }
        // The longest beginning that has room beside the dots.
        let (mut low, mut high) = (0, short.chars().count());
        while low < high {
            let middle = (low + high).div_ceil(2);
            if measure(&[label::clip(short, middle), "…"].concat(), font) <= room {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        if low == 0 { String::new() } else { [label::clip(short, low).trim_end(), "…"].concat() }
    }

    fn ruler(&mut self, scene: &Scene<'_>, frame: &Frame, height: f64) {
        let (width, left) = (frame.width_px, frame.name_px + PAD_PX);
        self.rectangle([0.0, TITLE_PX, width, HEADER_PX], "--raised", 1.0);
        let rest = height - TITLE_PX - HEADER_PX;
        let base = TITLE_PX + 18.0;
        let ruler = WarpedTicks::new(scene.warp, scene.scale, GAP_PX);
        for one in &ruler.breaks {
            let (x, wide) = (left + one.bar.x_px, one.bar.width_px.max(3.0));
            self.hatch([x, TITLE_PX, wide, HEADER_PX], 5.0, 1.5, "--line-strong", 1.0);
            self.hatch([x, TITLE_PX + HEADER_PX, wide, rest], 5.0, 1.5, "--line-strong", 0.5);
        }
        for tick in &ruler.ticks {
            let x_px = scene.scale.x_px(tick.shown);
            let x = left + x_px;
            self.rectangle([x, TITLE_PX, 1.0, HEADER_PX], "--line-strong", 1.0);
            self.rectangle([x, TITLE_PX + HEADER_PX, 1.0, rest], "--line", 1.0);
            if x_px <= scene.scale.width_px() - GAP_PX / 2.0 {
                self.text(&format::duration::exact(tick.time), SMALL, [x + 5.0, base], "--ink-faint");
            }
        }
        self.text("Span", SMALL, [12.0, base], "--ink-faint");
        for y in [TITLE_PX, TITLE_PX + HEADER_PX - 1.0] {
            self.rectangle([0.0, y, width, 1.0], "--line", 1.0);
        }
        self.rectangle([frame.name_px - 1.0, TITLE_PX, 1.0, height - TITLE_PX], "--line", 1.0);
    }

    fn row(&mut self, scene: &Scene<'_>, frame: &Frame, node: NodeIx, y: f64) {
        let Some(shown) = scene.outline.node(node) else { return };
        if matches!(shown, Node::Span(span) if scene.selected == Some(span)) {
            self.rectangle([0.0, y, frame.width_px, ROW_PX], "--accent-wash", 1.0);
        }
        let bits = scene.bits(shown);
        let hue = scene.hue(shown, bits).map(|number| ["--service-", &number.to_string()].concat());
        let row = Row {
            node,
            shown,
            bits,
            outcome: scene.outcome(shown, bits),
            hue: hue.as_deref().unwrap_or("--bar-neutral"),
            is_hit: scene.is_hit(shown),
            y,
        };
        self.alpha = if row.is_hit == Some(false) { 0.4 } else { 1.0 };
        self.name(scene, frame, &row);
        self.bar(scene, frame, &row);
        self.alpha = 1.0;
    }

    /// The left half of a row: where it stands in the tree, what it is, what became of it.
    fn name(&mut self, scene: &Scene<'_>, frame: &Frame, row: &Row<'_>) {
        let Row { node, shown, bits, y, .. } = *row;
        let trace = &scene.reading.trace;
        let tree = scene.rows.tree();
        let depth = tree.depth(node);
        let levels = depth.min(DEEPEST_INDENT);
        for level in 1..=levels {
            self.rectangle([f64::from(level * INDENT_PX) - 1.0, y, 1.0, ROW_PX], "--line", 1.0);
        }
        let (middle, base) = (y + ROW_PX / 2.0, y + 17.5);
        let mut x = f64::from(levels * INDENT_PX) + 6.0;
        if depth > DEEPEST_INDENT {
            x += self.fitting(&depth.to_string(), TINY, [x, base], 40.0, "--ink-faint") + 5.0;
        }
        if tree.has_children(node) {
            let path = if scene.rows.is_collapsed(node) { "M2.4 0l11.2 8l-11.2 8z" } else { "M0 2.4h16l-8 11.2z" };
            self.mark(path, true, [x + 1.5, middle - 4.5], 9.0, "--ink-soft");
        }
        x += 17.0;
        self.rectangle([x, middle - 7.0, 3.0, 14.0], row.hue, 1.0);
        x += 8.0;
        let (kind, name, operation, status) = match shown {
            Node::Span(span) => {
                let index = span as usize;
                let operation = trace.operation.get(index).map_or("", |operation| trace.text(*operation));
                let status = trace.status.get(index).copied().unwrap_or(0);
                (marks::kind(bits), label::name(trace, span), operation.to_owned(), status)
            }
            Node::Group(group) => {
                let (name, facts) = label::group(scene.reading, group);
                (marks::GROUP, name, facts, 0)
            }
        };
        self.mark(kind.path, false, [x, middle - 7.0], 14.0, "--ink-faint");
        x += 19.0;
        // From the right edge: status and outcome.
        let mut right = frame.name_px - 8.0;
        let ink = row.ink();
        if status > 0 {
            let status = status.to_string();
            right -= (self.look.measure)(&status, TINY);
            self.text(&status, TINY, [right, base], ink.unwrap_or("--ink-faint"));
            right -= 5.0;
        }
        if let Some(ink) = ink {
            right -= 13.0;
            self.mark(marks::outcome(row.outcome).path, true, [right, middle - 6.5], 13.0, ink);
            right -= 5.0;
        }
        let is_placeholder = bits & bit::KIND == 3 && matches!(shown, Node::Span(_));
        let font = Font { bold: matches!(shown, Node::Group(_)), italic: is_placeholder, ..NAME };
        let colour = ink.unwrap_or(if is_placeholder { "--ink-faint" } else { "--ink" });
        if row.is_hit == Some(true) {
            let wide = (self.look.measure)(&self.fit(&name, font, right - x), font);
            self.rectangle([x, middle - 9.0, wide, 18.0], "--bar-error", 0.38);
        }
        x += self.fitting(&name, font, [x, base], right - x, colour) + 5.0;
        self.fitting(&operation, SMALL, [x, base], right - x, "--ink-faint");
    }

    /// The right half of a row: when it was.
    fn bar(&mut self, scene: &Scene<'_>, frame: &Frame, row: &Row<'_>) {
        let Row { node, shown, bits, y, hue, .. } = *row;
        let (left, base) = (frame.name_px + PAD_PX, y + 17.0);
        let text = scene.text(shown, bits);
        let end = left + scene.scale.width_px();
        let bar = match scene.place(shown) {
            Place::Before => return self.text(&["‹ ", &text].concat(), TINY, [left, base], "--ink-faint"),
            Place::After => {
                let text = [&text, " ›"].concat();
                let x = end - (self.look.measure)(&text, TINY);
                return self.text(&text, TINY, [x, base], "--ink-faint");
            }
            Place::Within(bar) => bar,
        };
        let area = [left + bar.x_px, y + 6.0, bar.width_px, 14.0];
        self.fill(area, row);
        if bits & bit::ASYNCHRONOUS != 0 {
            let parent = scene.parent_end(node).map(|end| scene.scale.x_px(scene.warp.shown(end)));
            let from = layout::clamp(parent.map_or(0.0, |end| end - bar.x_px), 0.0, bar.width_px);
            self.hatch([area[0] + from, area[1], bar.width_px - from, 14.0], 5.0, 1.5, "--surface", 0.7);
        }
        if bits & bit::SKEWED != 0 {
            self.frame([area[0] - 2.0, area[1] - 2.0, area[2] + 4.0, 18.0], 1.0, true, "--ink-soft");
        }
        let is_group = matches!(shown, Node::Group(_));
        let (top, high, colour) = if is_group { (6.0, 14.0, hue) } else { (21.0, 3.0, "--path") };
        let mut path = String::new();
        for (from, to) in scene.parts(shown) {
            for part in ["M", &number(from), " 0", &outline([0.0, 0.0, to - from, high])[4..]] {
                path.push_str(part);
            }
        }
        if !path.is_empty() {
            self.put(Kind::Filled { path, scale: 1.0 }, [left, y + top], colour, 1.0);
        }
        let wide = (self.look.measure)(&text, TINY);
        let (x, colour) = match scene.scale.label_side(bar, label::width_px(&text)) {
            LabelSide::Right => (area[0] + area[2] + 6.0, "--ink-soft"),
            LabelSide::Left => (area[0] - 6.0 - wide, "--ink-soft"),
            LabelSide::Inside => {
                self.rectangle([area[0] + 6.0, y + 6.0, wide + 6.0, 14.0], "--surface", 0.88);
                (area[0] + 9.0, "--ink")
            }
        };
        self.text(&text, TINY, [x, base], colour);
    }

    /// The bar itself. States differ in pattern, not only in colour.
    fn fill(&mut self, area: Area, row: &Row<'_>) {
        let Row { bits, hue, .. } = *row;
        if matches!(row.shown, Node::Group(_)) {
            return self.rectangle(area, hue, 0.22);
        }
        match (bits & bit::KIND, row.outcome) {
            (3, _) => self.frame(area, 1.0, true, "--ink-faint"),
            _ if bits & bit::IN_PROGRESS != 0 => {
                self.hatch(area, 5.0, 2.0, hue, 1.0);
                self.rectangle([area[0], area[1], area[2].min(2.0), area[3]], hue, 1.0);
            }
            (2, _) => {
                self.rectangle(area, hue, 0.14);
                self.frame(area, 1.0, true, row.ink().unwrap_or(hue));
            }
            (_, Outcome::Ok) => self.rectangle(area, hue, 1.0),
            (_, Outcome::Error) => {
                self.rectangle(area, "--bar-error", 1.0);
                self.hatch(area, 8.0, 2.0, "--surface", 0.4);
            }
            (_, Outcome::Fault) => {
                self.rectangle(area, "--bar-fault", 1.0);
                self.frame(area, 2.0, false, "--fault");
            }
            (_, Outcome::Throttle) => {
                self.rectangle(area, "--bar-throttle", 1.0);
                let [x, y, width, height] = area;
                let mut path = String::new();
                let mut from = 5.5;
                while from < width {
                    for part in ["M", &number(from), " 0v", &number(height)] {
                        path.push_str(part);
                    }
                    from += 7.0;
                }
                self.put(Kind::Line { path, scale: 1.0, width: 3.0, dashed: false }, [x, y], "--surface", 0.4);
            }
        }
    }
}

/// What both halves of a row are drawn from.
struct Row<'a> {
    node: NodeIx,
    shown: Node,
    bits: u32,
    outcome: Outcome,
    /// The token of its colour.
    hue: &'a str,
    is_hit: Option<bool>,
    /// Its top.
    y: f64,
}

impl Row<'_> {
    /// The token of the letters that tell how it ended, if it did not go well.
    fn ink(&self) -> Option<&'static str> {
        match self.outcome {
            Outcome::Ok => None,
            Outcome::Error => Some("--error"),
            Outcome::Fault => Some("--fault"),
            Outcome::Throttle => Some("--throttle"),
        }
    }
}

/// The path around an area, from its corner.
fn outline([_, _, width, height]: Area) -> String {
    let (width, height) = (number(width), number(height));
    ["M0 0h", &width, "v", &height, "h-", &width, "z"].concat()
}

#[cfg(test)]
mod tests;
