//! The state of a waterfall, and its drawing on a fixed pool of row elements.
//!
//! Nothing here is reactive: events change the sheet, and one animation frame later it writes what differs. A frame
//! costs O(visible rows × log n), whatever the size of the trace.

use api::TraceColumns;
use layout::{
    scale::{Scale, Window},
    waterfall::{Rows, Shown, SpanIx, Tree, Viewport},
};
use model::SpanId;

use super::{
    keys::Command,
    label,
    ruler::Ruler,
    slot::{self, ROW_PX, Scene, Slot},
};
use crate::{
    platform::drawn::{Drawn, Words},
    state::Shared,
};

/// Rows drawn above and below what can be seen, so that the browser can scroll ahead of us.
const OVERSCAN: u32 = 8;
/// The height of the header with the ruler, in CSS pixels.
pub(super) const HEADER_PX: f64 = 28.0;
/// Left and right of the bars, in CSS pixels.
pub(super) const PAD_PX: f64 = 10.0;
/// The usual width of the column of names, in CSS pixels, and the share of a narrow panel that it may take.
const NAME_PX: f64 = 320.0;
const NAME_SHARE: f64 = 0.45;
/// Firefox cuts elements at about 17.8 million pixels.
const MOST_PX: f64 = 15_000_000.0;
/// The shortest window of time, in nanoseconds.
const LEAST_WINDOW: i64 = 100;
/// A link keeps that many collapsed spans: longer addresses are refused by servers and mail programs.
pub(super) const MOST_COLLAPSED: usize = 300;

/// The span that is selected, if one is.
pub(super) struct Selected(pub(super) Option<SpanId>);

/// What the world outside should be told after a change.
#[derive(Default)]
pub(super) struct News {
    /// What is selected now, when that has changed.
    pub(super) selected: Option<Selected>,
    /// The collapsed spans.
    pub(super) collapsed: Option<Vec<SpanId>>,
    /// The user wants to close what is open.
    pub(super) close: bool,
}

/// The elements that belong to the sheet.
pub(super) struct Page {
    /// What scrolls, and has the focus.
    pub(super) grid: Drawn,
    /// As tall as all rows together.
    pub(super) body: Drawn,
    /// The ruler.
    pub(super) ruler: Ruler,
    /// What a sighted user should know besides the rows.
    pub(super) info: Words,
    /// The slots.
    pub(super) slots: Vec<Slot>,
}

/// A waterfall.
pub(super) struct Sheet {
    trace: Shared<TraceColumns>,
    rows: Rows,
    whole: Window,
    window: Window,
    width_px: f64,
    height_px: f64,
    /// What the user chose.
    name_px: Option<f64>,
    scrolled_px: f64,
    active: SpanIx,
    selected: Option<SpanIx>,
    /// What was last reported as collapsed, so that its echo is not taken for news.
    reported: Vec<SpanId>,
    epoch: u32,
    drawn: Option<Drawing>,
    brush: Option<(f64, f64)>,
    page: Option<Page>,
}

/// What was drawn, as far as it is not kept by the slots.
#[derive(Clone, Copy, PartialEq)]
struct Drawing {
    epoch: u32,
    rows: u32,
    name_px: f64,
    active_slot: Option<usize>,
}

impl Sheet {
    /// The sheet of a trace, without elements yet.
    pub(super) fn new(trace: Shared<TraceColumns>, name_px: Option<f64>) -> Self {
        let whole = Window::new(0, trace.length.0);
        let rows = Rows::new(Tree::new(&trace.depth));
        Self {
            trace,
            rows,
            whole,
            window: whole,
            width_px: 0.0,
            height_px: 0.0,
            name_px,
            scrolled_px: 0.0,
            active: 0,
            selected: None,
            reported: Vec::new(),
            epoch: 1,
            drawn: None,
            brush: None,
            page: None,
        }
    }

    /// Takes the elements to draw on.
    pub(super) fn mount(&mut self, page: Page) {
        self.page = Some(page);
        self.drawn = None;
    }

    /// Shows another trace, or a newer state of the same one: then what is collapsed and zoomed stays.
    pub(super) fn load(&mut self, trace: &Shared<TraceColumns>) {
        if self.trace == *trace {
            return;
        }
        let was_whole = self.window == self.whole;
        let is_same = self.trace.id == trace.id;
        let active = self.trace.span_id(self.active as usize);
        let collapsed: Vec<SpanId> = self.ids(self.rows.collapsed());
        self.trace = trace.clone();
        self.rows = Rows::new(Tree::new(&trace.depth));
        self.whole = Window::new(0, trace.length.0);
        if is_same {
            self.rows.set_collapsed(self.spans(&collapsed));
            self.active = active.and_then(|id| self.find(id)).unwrap_or(0);
            self.window = if was_whole { self.whole } else { self.window.panned(0, self.whole) };
        } else {
            self.window = self.whole;
            self.active = 0;
            self.scrolled_px = 0.0;
            self.reported.clear();
            if let Some(page) = &self.page {
                page.grid.scroll(0.0);
            }
        }
        self.selected = None;
        for slot in self.page.iter_mut().flat_map(|page| &mut page.slots) {
            slot.clear();
        }
        self.rescale();
    }

    /// Collapses these spans, unless this is what was reported from here.
    pub(super) fn set_collapsed(&mut self, ids: &[SpanId]) {
        if self.reported != ids {
            self.rows.set_collapsed(self.spans(ids));
            ids.clone_into(&mut self.reported);
        }
    }

    /// Selects a span from outside: it is revealed and scrolled into view.
    pub(super) fn set_selected(&mut self, id: Option<SpanId>) -> News {
        let span = id.and_then(|id| self.find(id));
        let mut news = News::default();
        if let Some(span) = span.filter(|span| self.selected != Some(*span)) {
            self.active = span;
            if self.rows.reveal(span) {
                news.collapsed = Some(self.report());
            }
            self.scroll_to_active();
        }
        self.selected = span;
        news
    }

    /// The inside of the scrolled element has that size now, in CSS pixels.
    pub(super) fn resize(&mut self, width_px: f64, height_px: f64) {
        let is_first = self.height_px == 0.0;
        (self.width_px, self.height_px) = (width_px, height_px);
        self.rescale();
        if is_first && self.selected.is_some() {
            self.scroll_to_active();
        }
    }

    /// The column of names has that width now, in CSS pixels; `None` is the usual one.
    pub(super) fn set_name_px(&mut self, name_px: Option<f64>) {
        self.name_px = name_px;
        self.rescale();
    }

    /// The width of the column of names, in CSS pixels, as far as there is room.
    pub(super) fn name_px(&self) -> f64 {
        let usual = NAME_PX.min(self.width_px * NAME_SHARE);
        layout::clamp(self.name_px.unwrap_or(usual), 80.0, (self.width_px - 120.0).max(80.0))
    }

    /// The user has scrolled.
    pub(super) fn scrolled(&mut self) {
        if let Some(page) = &self.page {
            self.scrolled_px = page.grid.scrolled();
        }
    }

    /// The user pointed at a slot's row and waits.
    pub(super) fn explain(&mut self, slot: usize) {
        let Self { trace, page, .. } = self;
        if let Some(slot) = page.as_mut().and_then(|page| page.slots.get_mut(slot)) {
            slot.explain(trace);
        }
    }

    /// The user clicked on a slot's row: on its twisty, or elsewhere.
    pub(super) fn click(&mut self, slot: usize, on_twisty: bool) -> News {
        let Some(span) = self.page.as_ref().and_then(|page| page.slots.get(slot)).and_then(Slot::span) else {
            return News::default();
        };
        self.active = span;
        if on_twisty && self.rows.toggle(span) {
            return self.collapsed_news();
        }
        self.select(Some(span))
    }

    /// The user double-clicked on a slot's row: its time fills the window.
    pub(super) fn fit_slot(&mut self, slot: usize) {
        if let Some(span) = self.page.as_ref().and_then(|page| page.slots.get(slot)).and_then(Slot::span) {
            self.active = span;
            self.fit_active();
        }
    }

    /// Does what a key or a button asks for.
    pub(super) fn command(&mut self, command: Command) -> News {
        match command {
            Command::Rows(count) => self.go(i64::from(count)),
            Command::Pages(count) => {
                let page = ((self.view_px() / ROW_PX).floor() as i64 - 1).max(1);
                self.go(i64::from(count) * page);
            }
            Command::First => self.go(i64::MIN),
            Command::Last => self.go(i64::MAX),
            Command::Into if self.rows.is_collapsed(self.active) => {
                self.rows.expand(self.active);
                return self.collapsed_news();
            }
            Command::Into if self.rows.tree().has_children(self.active) => self.go(1),
            Command::Into => {}
            Command::Out if self.rows.collapse(self.active) => return self.collapsed_news(),
            Command::Out => {
                if let Some(parent) = self.rows.tree().parent(self.active) {
                    self.active = parent;
                    self.scroll_to_active();
                }
            }
            Command::Select => {
                let span = Some(self.active).filter(|span| self.selected != Some(*span));
                return self.select(span);
            }
            Command::CollapseAll => return self.change_levels(Rows::collapse_all),
            Command::ExpandAll => return self.change_levels(Rows::expand_all),
            Command::FewerLevels => return self.change_levels(Rows::fewer_levels),
            Command::MoreLevels => return self.change_levels(Rows::more_levels),
            Command::Close if self.selected.is_some() => return self.select(None),
            Command::Close => return News { close: true, ..News::default() },
            Command::ZoomIn => self.zoom(0.5, None),
            Command::ZoomOut => self.zoom(2.0, None),
            Command::Fit => self.set_window(self.whole),
            Command::FitSpan => self.fit_active(),
            Command::Pan(tenths) => self.pan(f64::from(tenths) / 10.0),
        }
        News::default()
    }

    /// Makes the window longer by a factor around a place in the time column, in CSS pixels; `None`: its middle.
    pub(super) fn zoom(&mut self, factor: f64, x_px: Option<f64>) {
        let scale = self.scale();
        let around = scale.time(layout::clamp(x_px.unwrap_or(scale.width_px() / 2.0), 0.0, scale.width_px()));
        self.set_window(self.window.zoomed(around, factor, self.whole, LEAST_WINDOW));
    }

    /// Moves the window by a share of its length.
    pub(super) fn pan(&mut self, share: f64) {
        let by = (self.window.length() as f64 * share).round() as i64;
        self.set_window(self.window.panned(by, self.whole));
    }

    /// A drag on the ruler covers these places, in CSS pixels; `None` when it was given up.
    pub(super) fn brush(&mut self, covered: Option<(f64, f64)>) {
        self.brush = covered;
    }

    /// The drag on the ruler has ended: what it covers fills the window, unless it was but a click.
    pub(super) fn end_brush(&mut self) {
        let Some((from, to)) = self.brush.take() else { return };
        if (from - to).abs() < 4.0 {
            return;
        }
        let scale = self.scale();
        let time = |x_px: f64| scale.time(layout::clamp(x_px, 0.0, scale.width_px()));
        let window = Window::new(time(from.min(to)), time(from.max(to)));
        self.set_window(window.zoomed(window.start(), 1.0, self.whole, LEAST_WINDOW));
    }

    /// Writes what differs into the elements.
    pub(super) fn draw(&mut self) {
        let (scale, viewport) = (self.scale(), self.viewport());
        let shown = viewport.shown(self.scrolled_px);
        let name_px = self.name_px();
        let Some(page) = &mut self.page else { return };
        let (first, end) = (shown.first.saturating_sub(OVERSCAN), (shown.end + OVERSCAN).min(self.rows.len()));
        let wanted = (self.height_px / ROW_PX).ceil() as usize + 2 * OVERSCAN as usize + 2;
        if page.slots.len() < wanted {
            grow(page, wanted);
        }
        let scene = Scene {
            trace: &self.trace,
            rows: &self.rows,
            scale,
            epoch: self.epoch,
            active: Some(self.active),
            selected: self.selected,
        };
        draw_rows(page, &scene, (first, end), shown);
        let active_row = self.rows.row(self.active).filter(|row| (first..end).contains(row));
        let active_slot = active_row.map(|row| row as usize % page.slots.len().max(1));
        let drawing = Drawing { epoch: self.epoch, rows: self.rows.len(), name_px, active_slot };
        let before = self.drawn.replace(drawing);
        page.ruler.mark(self.brush);
        if before == Some(drawing) {
            return;
        }
        if before.is_none_or(|before| before.rows != drawing.rows) {
            page.body.style("height", &label::px(viewport.content_px()));
            // With the header.
            page.grid.attribute("aria-rowcount", &(drawing.rows + 1).to_string());
        }
        if before.is_none_or(|before| (before.name_px - name_px).abs() > 0.01) {
            page.grid.style("--waterfall-name", &label::px(name_px));
        }
        if before.is_none_or(|before| before.epoch != drawing.epoch) {
            page.ruler.draw(scale);
        }
        page.grid.attribute_if("aria-activedescendant", active_slot.map(slot::id).as_deref());
        page.info.set(&info(&self.trace, &self.rows, self.window, self.whole));
    }

    fn select(&mut self, span: Option<SpanIx>) -> News {
        self.selected = span;
        let id = span.and_then(|span| self.trace.span_id(span as usize));
        News { selected: Some(Selected(id)), ..News::default() }
    }

    /// Goes that many rows down, as far as there are rows.
    fn go(&mut self, rows: i64) {
        let Some(last) = self.rows.len().checked_sub(1) else { return };
        let now = i64::from(self.rows.row_or_ancestor(self.active).unwrap_or(0));
        let row = now.saturating_add(rows).clamp(0, i64::from(last)) as u32;
        if let Some(span) = self.rows.node(row) {
            self.active = span;
            self.scroll_to_active();
        }
    }

    fn change_levels(&mut self, change: impl FnOnce(&mut Rows)) -> News {
        change(&mut self.rows);
        self.collapsed_news()
    }

    /// After collapsing: the active span must be one that can be seen.
    fn collapsed_news(&mut self) -> News {
        if let Some(span) = self.rows.row_or_ancestor(self.active).and_then(|row| self.rows.node(row)) {
            self.active = span;
        }
        // The browser scrolls back by itself when the content gets shorter than that.
        let deepest_px = (self.viewport().content_px() - self.view_px()).max(0.0);
        self.scrolled_px = self.scrolled_px.min(deepest_px);
        self.scroll_to_active();
        News { collapsed: Some(self.report()), ..News::default() }
    }

    /// The collapsed spans as they go into a link: all of them, or the first ones.
    fn report(&mut self) -> Vec<SpanId> {
        let ids = self.ids(self.rows.collapsed().take(MOST_COLLAPSED));
        self.reported.clone_from(&ids);
        ids
    }

    fn scroll_to_active(&mut self) {
        let Some(row) = self.rows.row_or_ancestor(self.active).filter(|_| self.height_px > 0.0) else { return };
        let viewport = self.viewport();
        let Some(page) = &self.page else { return };
        if let Some(scrolled_px) = viewport.scroll_to(row, self.scrolled_px, ROW_PX * 2.0) {
            // The body must be tall enough before the browser accepts the place.
            page.body.style("height", &label::px(viewport.content_px()));
            page.grid.scroll(scrolled_px);
            self.scrolled_px = scrolled_px;
        }
    }

    fn fit_active(&mut self) {
        let bits = self.trace.bits.get(self.active as usize).copied().unwrap_or(0);
        let (start, end) = label::times(&self.trace, self.active, bits);
        let window = Window::new(start, end);
        // A little air on both sides, so that the bar's ends can be seen.
        let air = (window.length() / 20).max(1);
        let window = Window::new(start.saturating_sub(air), end.saturating_add(air));
        self.set_window(window.zoomed(start, 1.0, self.whole, LEAST_WINDOW));
    }

    fn set_window(&mut self, window: Window) {
        if self.window != window {
            self.window = window;
            self.rescale();
        }
    }

    fn rescale(&mut self) {
        self.epoch = self.epoch.wrapping_add(1);
    }

    fn scale(&self) -> Scale {
        Scale::new(self.window, self.width_px - self.name_px() - 2.0 * PAD_PX)
    }

    fn view_px(&self) -> f64 {
        (self.height_px - HEADER_PX).max(0.0)
    }

    fn viewport(&self) -> Viewport {
        Viewport { rows: self.rows.len(), row_px: ROW_PX, view_px: self.view_px(), most_px: MOST_PX }
    }

    fn find(&self, id: SpanId) -> Option<SpanIx> {
        self.trace.span.iter().position(|known| *known == id.0).map(|index| index as SpanIx)
    }

    fn ids(&self, spans: impl Iterator<Item = SpanIx>) -> Vec<SpanId> {
        spans.filter_map(|span| self.trace.span_id(span as usize)).collect()
    }

    /// The spans with these ids, in one pass over the trace.
    fn spans(&self, ids: &[SpanId]) -> Vec<SpanIx> {
        let wanted: Vec<u64> = ids.iter().map(|id| id.0).collect();
        let wanted = order::distinct(&wanted);
        let spans = self.trace.span.iter().enumerate();
        spans.filter(|(_, id)| wanted.binary_search(id).is_ok()).map(|(index, _)| index as SpanIx).collect()
    }
}

fn draw_rows(page: &mut Page, scene: &Scene<'_>, (first, end): (u32, u32), shown: Shown) {
    let count = page.slots.len().max(1);
    for slot in &mut page.slots {
        if slot.row().is_some_and(|row| !(first..end).contains(&row)) {
            slot.clear();
        }
    }
    for row in first..end {
        if let (Some(slot), Some(span)) = (page.slots.get_mut(row as usize % count), scene.rows.node(row)) {
            slot.show(scene, row, span, shown.shift_px);
        }
    }
}

/// More slots, after the view has grown. Rows and slots belong together by number, so all begin again.
fn grow(page: &mut Page, wanted: usize) {
    for slot in &mut page.slots {
        slot.clear();
    }
    while page.slots.len() < wanted {
        let Some(slot) = Slot::new(&page.body, page.slots.len()) else { break };
        page.slots.push(slot);
    }
}

/// How much is shown, when it is not everything.
fn info(trace: &TraceColumns, rows: &Rows, window: Window, whole: Window) -> String {
    let mut parts = Vec::new();
    let (shown, all) = (rows.len() as usize, trace.span.len());
    if shown < all {
        let (shown, all) =
            (format::number::integer(shown as i64), format::number::counted(all as u64, "span", "spans"));
        parts.push(format!("{shown} of {all} shown"));
    }
    if rows.collapsed_count() > MOST_COLLAPSED {
        parts.push(format!("a link keeps the first {MOST_COLLAPSED} collapsed spans"));
    }
    if window != whole {
        let (from, to) = (format::duration::short(window.start()), format::duration::short(window.end()));
        parts.push(format!("{from} to {to}"));
    }
    parts.join(" · ")
}
