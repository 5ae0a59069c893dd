//! The ruler above the bars, and the lines below its ticks.

use layout::{scale::Scale, ticks::WarpedTicks, warp::Warp};

use super::label::px;
use crate::platform::drawn::{Drawn, Words};

/// Ticks are at least that far apart, in CSS pixels: room for `1 h 30 m`.
pub(super) const GAP_PX: f64 = 88.0;

/// Ticks with their labels, and a line for each in the body.
pub(super) struct Ruler {
    head: Drawn,
    grid: Drawn,
    brush: Drawn,
    ticks: Vec<Tick>,
    drawn: usize,
    breaks: Vec<Break>,
}

/// Where an idle gap is shortened.
struct Break {
    mark: Drawn,
    line: Drawn,
}

struct Tick {
    mark: Drawn,
    words: Words,
    line: Drawn,
}

impl Ruler {
    /// A ruler in an element, with lines in another one.
    pub(super) fn new(ruler: Drawn, grid: Drawn) -> Self {
        let brush = ruler.child("div", "waterfall__brush");
        Self { head: ruler, grid, brush, ticks: Vec::new(), drawn: 0, breaks: Vec::new() }
    }

    /// Draws the ticks of a scale of shown time, and where time is left out.
    pub(super) fn draw(&mut self, warp: &Warp, scale: Scale) {
        let ruler = WarpedTicks::new(warp, scale, GAP_PX);
        self.draw_breaks(&ruler);
        let mut count = 0;
        for layout::ticks::Tick { time, shown } in ruler.ticks {
            if self.ticks.len() == count {
                self.ticks.push(self.another());
            }
            let tick = &self.ticks[count];
            let x_px = scale.x_px(shown);
            let place = format!("translateX({})", px(x_px));
            tick.words.set(&format::duration::exact(time));
            tick.mark.style("transform", &place);
            tick.line.style("transform", &place);
            // A label that would end beyond the edge is left out; its line stays.
            let is_last = x_px > scale.width_px() - GAP_PX / 2.0;
            tick.mark.class(if is_last { "waterfall__tick waterfall__tick--last" } else { "waterfall__tick" });
            tick.line.class("waterfall__line");
            count += 1;
        }
        for tick in self.ticks.iter().take(self.drawn).skip(count) {
            tick.mark.class("waterfall__tick waterfall__tick--spare");
            tick.line.class("waterfall__line waterfall__line--spare");
        }
        self.drawn = count;
    }

    fn draw_breaks(&mut self, ruler: &WarpedTicks) {
        for part in self.breaks.drain(..) {
            part.mark.remove();
            part.line.remove();
        }
        for one in &ruler.breaks {
            let place = |drawn: &Drawn| {
                drawn.style("transform", &format!("translateX({})", px(one.bar.x_px)));
                drawn.style("width", &px(one.bar.width_px.max(3.0)));
            };
            let mark = self.head.child("span", "waterfall__break");
            let line = self.grid.child("div", "waterfall__break waterfall__break--line");
            mark.attribute("title", &["Idle for ", &format::duration::short(one.gap.length())].concat());
            place(&mark);
            place(&line);
            self.breaks.push(Break { mark, line });
        }
    }

    /// Marks what a drag has covered so far, between two places in pixels; `None` when there is no drag.
    pub(super) fn mark(&self, covered: Option<(f64, f64)>) {
        match covered {
            Some((from, to)) => {
                self.brush.class("waterfall__brush waterfall__brush--shown");
                self.brush.style("transform", &format!("translateX({})", px(from.min(to))));
                self.brush.style("width", &px((to - from).abs()));
            }
            None => self.brush.class("waterfall__brush"),
        }
    }

    fn another(&self) -> Tick {
        let mark = self.head.child("span", "waterfall__tick");
        let words = mark.words();
        Tick { mark, words, line: self.grid.child("div", "waterfall__line") }
    }
}
