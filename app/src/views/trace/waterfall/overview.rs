//! The whole trace in a small picture, with the window of time upon it.

use api::trace::bit;
use layout::{
    minimap::{Mark, Minimap},
    scale::Window,
    warp::Warp,
};
use model::Outcome;

use super::{super::reading::Reading, label::is_same_px};
use crate::platform::{
    canvas::{self, Canvas},
    drawn::Drawn,
};

/// The picture's elements.
pub(super) struct Overview {
    canvas: Canvas,
    /// Where colours are asked for.
    root: Drawn,
    /// What lies before and after the window.
    veils: [Drawn; 2],
    size: (f64, f64),
    is_drawn: bool,
}

impl Overview {
    /// The picture in an element that has a canvas.
    pub(super) fn new(root: Drawn) -> Option<Self> {
        let canvas = Canvas::of(root.within("canvas")?.element())?;
        let veils = [root.child("div", "overview__veil"), root.child("div", "overview__veil")];
        Some(Self { canvas, root, veils, size: (0.0, 0.0), is_drawn: false })
    }

    /// Calls back with width and height of the picture, in CSS pixels, now and whenever they change.
    pub(super) fn on_resize(&self, call: impl Fn(f64, f64) + 'static) {
        self.root.on_resize(call);
    }

    /// Its width and height as they are now, in CSS pixels.
    pub(super) fn measured(&self) -> (f64, f64) {
        self.root.size()
    }

    /// It has that size now, in CSS pixels.
    pub(super) fn resize(&mut self, width_px: f64, height_px: f64) {
        if is_same_px(self.size.0, width_px) && is_same_px(self.size.1, height_px) {
            return;
        }
        self.size = (width_px, height_px);
        self.canvas.resize(width_px, height_px);
        self.is_drawn = false;
    }

    /// It must be drawn anew.
    pub(super) fn forget(&mut self) {
        self.is_drawn = false;
    }

    /// Draws all spans, each in its lane, unless that is there already. As many rectangles as there are pixels at most.
    pub(super) fn draw(&mut self, reading: &Reading, warp: &Warp, whole: Window) {
        let (width, height) = self.size;
        if self.is_drawn || width < 1.0 || height < 1.0 {
            return;
        }
        self.is_drawn = true;
        let colours = canvas::tokens(self.root.element(), ["--minimap", "--bar-error", "--bar-throttle", "--fault"]);
        let trace = &reading.trace;
        let rows = trace.span.len() as u32;
        let mut mark = |span: u32| {
            let bits = trace.bits[span as usize];
            let (start, end) = reading.stretch(span);
            // The worst is seen.
            let class = match bit::outcome(bits) {
                Outcome::Ok => 0,
                Outcome::Error => 1,
                Outcome::Throttle => 2,
                Outcome::Fault => 3,
            };
            Some(Mark { start: warp.shown(start), end: warp.shown(end), class })
        };
        let picture = Minimap::new(rows, &mut mark, whole, (width as u32, height as u32));
        self.canvas.begin(1.0, 0.0, 0.0);
        let lane_px = height / f64::from(picture.lanes.max(1));
        for part in picture.rectangles {
            let (x, y) = (f64::from(part.x), f64::from(part.lane) * lane_px);
            let colour = colours.get(usize::from(part.class)).map_or("", String::as_str);
            self.canvas.rectangle(x, y, f64::from(part.width), layout::clamp(lane_px, 1.0, 3.0), colour);
        }
    }

    /// Marks the window between two shares of the whole.
    pub(super) fn mark(&self, (from, to): (f64, f64)) {
        let percent = |share: f64| {
            let tenths = (layout::clamp(share, 0.0, 1.0) * 1000.0).round() as i64;
            [&(tenths / 10).to_string(), ".", &(tenths % 10).to_string(), "%"].concat()
        };
        self.veils[0].style("width", &percent(from));
        self.veils[1].style("width", &percent(1.0 - to));
    }
}
