//! Drawing on a canvas, in CSS pixels and in the colours of the stylesheet.

use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{CanvasRenderingContext2d, CanvasWindingRule, Element, HtmlCanvasElement, Path2d};

use super::picture::{DASH, Font, Item, Kind};

/// Browsers refuse canvases with more device pixels than that on a side.
const MOST_SIDE: f64 = 16_000.0;

/// A canvas that fills its element.
pub(crate) struct Canvas {
    element: HtmlCanvasElement,
    pen: CanvasRenderingContext2d,
    /// Device pixels a CSS pixel.
    density: f64,
}

/// How a text stands to its place.
#[derive(Clone, Copy)]
pub(crate) struct Lettering<'a> {
    /// As in CSS, as `600 13px sans-serif`.
    pub(crate) font: &'a str,
    pub(crate) colour: &'a str,
}

impl Canvas {
    /// The canvas of an element.
    pub(crate) fn of(element: &Element) -> Option<Self> {
        let element: HtmlCanvasElement = element.clone().dyn_into().ok()?;
        let pen = element.get_context("2d").ok()??.dyn_into().ok()?;
        Some(Self { element, pen, density: 1.0 })
    }

    /// A canvas that is not in the page, of a size in CSS pixels, with at least two device pixels a CSS pixel where the
    /// browser can.
    pub(crate) fn apart(width: f64, height: f64) -> Option<Self> {
        let element = web_sys::window()?.document()?.create_element("canvas").ok()?;
        let mut canvas = Self::of(&element)?;
        let most = MOST_SIDE / width.max(height).max(1.0);
        canvas.density = layout::clamp(density().max(2.0), 0.1, most);
        canvas.fit(width, height);
        canvas.overlay();
        canvas.pen.set_text_align("left");
        canvas.pen.set_text_baseline("alphabetic");
        Some(canvas)
    }

    /// How wide a text is in a family's letters, in CSS pixels.
    pub(crate) fn measure(&self, text: &str, font: Font, family: &str) -> f64 {
        self.pen.set_font(&font.css(family));
        self.pen.measure_text(text).map_or(0.0, |measured| measured.width())
    }

    /// Draws a thing of a picture.
    pub(super) fn item(&self, item: &Item, family: &str) {
        let pen = &self.pen;
        pen.save();
        pen.set_global_alpha(item.alpha);
        drop(pen.translate(item.x, item.y));
        match &item.kind {
            Kind::Text { text, font } => {
                pen.set_font(&font.css(family));
                pen.set_fill_style_str(&item.colour);
                drop(pen.fill_text(text, 0.0, 0.0));
            }
            Kind::Filled { path, scale } | Kind::Line { path, scale, .. } => {
                drop(pen.scale(*scale, *scale));
                if let Ok(path) = Path2d::new_with_path_string(path) {
                    if let Kind::Line { width, dashed, .. } = &item.kind {
                        self.dash(dashed.then_some(DASH));
                        self.stroke(&Outline(path), *width, &item.colour);
                    } else {
                        pen.set_fill_style_str(&item.colour);
                        pen.fill_with_path_2d_and_winding(&path, CanvasWindingRule::Evenodd);
                    }
                }
            }
        }
        pen.restore();
    }

    /// Calls back with the picture as a PNG file.
    pub(super) fn blob(&self, call: &js_sys::Function) {
        drop(self.element.to_blob(call));
    }

    /// Takes the size of its element, in CSS pixels.
    pub(crate) fn resize(&mut self, width: f64, height: f64) {
        self.density = density();
        self.fit(width, height);
    }

    fn fit(&self, width: f64, height: f64) {
        self.element.set_width((width * self.density) as u32);
        self.element.set_height((height * self.density) as u32);
    }

    /// Empties it; from now on a unit is `scale` CSS pixels and the origin stands at x, y (in CSS pixels).
    pub(crate) fn begin(&self, scale: f64, x: f64, y: f64) {
        let density = self.density;
        self.reset();
        self.pen.clear_rect(0.0, 0.0, f64::from(self.element.width()), f64::from(self.element.height()));
        drop(self.pen.set_transform(scale * density, 0.0, 0.0, scale * density, x * density, y * density));
    }

    fn reset(&self) {
        drop(self.pen.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0));
        self.pen.set_global_alpha(1.0);
        self.pen.set_text_align("center");
        self.pen.set_text_baseline("middle");
    }

    /// From now on a unit is a CSS pixel, and what is there stays.
    pub(crate) fn overlay(&self) {
        self.reset();
        drop(self.pen.set_transform(self.density, 0.0, 0.0, self.density, 0.0, 0.0));
    }

    /// How opaque what follows is, 0 to 1.
    pub(crate) fn alpha(&self, alpha: f64) {
        self.pen.set_global_alpha(alpha);
    }

    /// Draws the lines of an outline.
    pub(crate) fn stroke(&self, outline: &Outline, width: f64, colour: &str) {
        self.pen.set_line_width(width);
        self.pen.set_stroke_style_str(colour);
        self.pen.stroke_with_path(&outline.0);
    }

    /// Fills an outline.
    pub(crate) fn fill(&self, outline: &Outline, colour: &str) {
        self.pen.set_fill_style_str(colour);
        self.pen.fill_with_path_2d(&outline.0);
    }

    /// A filled rectangle.
    pub(crate) fn rectangle(&self, x: f64, y: f64, width: f64, height: f64, colour: &str) {
        self.pen.set_fill_style_str(colour);
        self.pen.fill_rect(x, y, width, height);
    }

    /// The outline of a rectangle.
    pub(crate) fn frame(&self, x: f64, y: f64, width: f64, height: f64, line: f64, colour: &str) {
        self.pen.set_line_width(line);
        self.pen.set_stroke_style_str(colour);
        self.pen.stroke_rect(x, y, width, height);
    }

    /// A text in the middle of a place, not wider than `width`.
    pub(crate) fn text(&self, text: &str, x: f64, y: f64, width: f64, lettering: Lettering<'_>) {
        self.pen.set_font(lettering.font);
        self.pen.set_fill_style_str(lettering.colour);
        drop(self.pen.fill_text_with_max_width(text, x, y, width));
    }

    /// The lines of a drawing of 16 by 16 units (an SVG path) around a place.
    pub(crate) fn icon(&self, path: &str, x: f64, y: f64, size: f64, colour: &str) {
        let Ok(path) = Path2d::new_with_path_string(path) else { return };
        self.pen.save();
        drop(self.pen.translate(x - size / 2.0, y - size / 2.0));
        drop(self.pen.scale(size / 16.0, size / 16.0));
        self.pen.set_stroke_style_str(colour);
        self.pen.set_line_width(1.4);
        self.pen.stroke_with_path(&path);
        self.pen.restore();
    }

    /// The pattern of the lines that follow: drawn and left out in turn; without one they are solid.
    pub(crate) fn dash(&self, pattern: Option<(f64, f64)>) {
        let list = js_sys::Array::new();
        if let Some((line, gap)) = pattern {
            list.push(&JsValue::from_f64(line));
            list.push(&JsValue::from_f64(gap));
        }
        drop(self.pen.set_line_dash(&list));
    }
}

/// Shapes that are drawn together: a canvas takes much longer for a thousand strokes than for one of a thousand lines.
///
/// No shape is closed: Chromium looks at the whole path for that, each time.
pub(crate) struct Outline(Path2d);

impl Outline {
    /// No shapes yet; `None` where the browser has no such thing.
    pub(crate) fn new() -> Option<Self> {
        Path2d::new().ok().map(Self)
    }

    /// A circle.
    pub(crate) fn circle(&self, x: f64, y: f64, radius: f64) {
        self.arc(x, y, radius, (0.0, 1.0));
    }

    /// An octagon, to be filled: so small that it passes for a circle, and ten times as fast.
    pub(crate) fn dot(&self, x: f64, y: f64, radius: f64) {
        let (long, short) = (radius * 0.97, radius * 0.4);
        self.0.move_to(x - short, y - long);
        for (dx, dy) in [
            (short, -long),
            (long, -short),
            (long, short),
            (short, long),
            (-short, long),
            (-long, short),
            (-long, -short),
        ] {
            self.0.line_to(x + dx, y + dy);
        }
    }

    /// A part of a circle's line, from one share of the turn to another, clockwise from the top.
    pub(crate) fn arc(&self, x: f64, y: f64, radius: f64, (from, to): (f64, f64)) {
        let angle = |share: f64| (share - 0.25) * std::f64::consts::TAU;
        // Without this a line would lead there from the shape before. (The page has no sine of its own: it would weigh more.)
        let start = angle(from);
        self.0.move_to(x + radius * js_sys::Math::cos(start), y + radius * js_sys::Math::sin(start));
        drop(self.0.arc(x, y, radius, angle(from), angle(to)));
    }

    /// A curve between two points, bent towards a third one.
    pub(crate) fn curve(&self, from: (f64, f64), by: (f64, f64), to: (f64, f64)) {
        self.0.move_to(from.0, from.1);
        self.0.quadratic_curve_to(by.0, by.1, to.0, to.1);
    }

    /// A line between two points.
    pub(crate) fn line(&self, from: (f64, f64), to: (f64, f64)) {
        self.0.move_to(from.0, from.1);
        self.0.line_to(to.0, to.1);
    }

    /// A triangle, to be filled.
    pub(crate) fn triangle(&self, points: [(f64, f64); 3]) {
        self.line(points[0], points[1]);
        self.0.line_to(points[2].0, points[2].1);
    }
}

/// Device pixels a CSS pixel.
fn density() -> f64 {
    layout::clamp(web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()), 0.5, 4.0)
}

/// The values of the stylesheet's tokens, as `--ok`, at an element.
pub(crate) fn tokens<const N: usize>(element: &Element, names: [&str; N]) -> [String; N] {
    let style = web_sys::window().and_then(|window| window.get_computed_style(element).ok()?);
    names.map(|name| {
        let value = style.as_ref().and_then(|style| style.get_property_value(name).ok());
        value.unwrap_or_default().trim().to_owned()
    })
}
