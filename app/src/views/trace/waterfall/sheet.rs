//! The state of a waterfall, and its drawing on a fixed pool of row elements.
//!
//! Nothing here is reactive: events change the sheet, and one animation frame later it writes what differs. A frame
//! costs O(visible rows × log n), whatever the size of the trace. What the user sees is the [`TraceView`]; whoever
//! changes it, a key or a link, goes through [`Sheet::show`].

mod commands;
mod fold;
mod picture;

use api::trace::bit;
use layout::{
    gaps,
    scale::{Scale, Window},
    warp::Warp,
    waterfall::{Node, NodeIx, Outline, Plan, Rows, Shown, SpanIx, Viewport},
};
use leptos::ev::PointerEvent;
use model::SpanId;

use super::{
    super::{reading::Reading, search::Search},
    label,
    overview::Overview,
    ruler::Ruler,
    scene::{Scene, group_stretch},
    slot::{self, ROW_PX, Slot},
    tools::Tools,
};
use crate::{
    platform::drawn::Drawn,
    route::{Fold, Tab, TraceView},
    state::Shared,
};

/// Rows drawn above and below what can be seen, so that the browser can scroll ahead of us.
const OVERSCAN: u32 = 8;
/// So many rows before and after those in view are near.
const NEAR: u32 = 20;
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
/// A link keeps that many spans that were folded by hand: longer addresses are cut by chats and mail programs.
const MOST_TOGGLED: usize = 50;
/// An idle gap is at least this share of the trace, and is shown as that share.
const GAP_SHARE: f64 = 0.05;
const GAP_SHOWN: f64 = 0.02;

/// What the world outside should be told after a change.
#[derive(Default)]
pub(super) struct News {
    /// The view has changed.
    pub(super) view: Option<TraceView>,
    /// The view changes with every frame: it is enough to tell the last one.
    pub(super) later: bool,
    /// The user wants to close what is open.
    pub(super) close: bool,
}

/// The elements that belong to the sheet.
pub(super) struct Page {
    /// What scrolls, and has the focus.
    pub(super) grid: Drawn,
    /// The edge between names and times.
    pub(super) edge: Drawn,
    /// As tall as all rows together.
    pub(super) body: Drawn,
    /// The ruler.
    pub(super) ruler: Ruler,
    /// The small picture of the whole trace.
    pub(super) overview: Overview,
    /// What stands above the rows.
    pub(super) tools: Tools,
    /// The slots.
    pub(super) slots: Vec<Slot>,
}

/// A waterfall.
pub(super) struct Sheet {
    reading: Shared<Reading>,
    view: TraceView,
    /// What the world outside knows, so that its echo is not taken for news.
    known: TraceView,
    /// Something was changed here that the world outside is to be told later.
    is_untold: bool,
    outline: Outline,
    rows: Rows,
    search: Search,
    /// For each span whether it is found; empty while nothing is looked for.
    hits: Vec<bool>,
    /// The spans that are found, ascending.
    matches: Vec<SpanIx>,
    warp: Warp,
    /// In shown time.
    whole: Window,
    /// In shown time.
    window: Window,
    width_px: f64,
    height_px: f64,
    /// What the user chose.
    name_px: Option<f64>,
    scrolled_px: f64,
    active: NodeIx,
    selected: Option<SpanIx>,
    /// The piece of the critical path that was walked to last.
    piece: Option<usize>,
    /// The place among the longest self times that was walked to last.
    walked: Option<usize>,
    epoch: u32,
    drawn: Option<Drawing>,
    /// The rows that can be seen: the first, and the one after the last.
    visible: (u32, u32),
    /// Those whose spans were told as near, of all rows so many; none yet, or the trace is another one.
    near: Option<(u32, u32, u32)>,
    brush: Option<(f64, f64)>,
    page: Option<Page>,
}

/// What was drawn, as far as it is not kept by the slots.
#[derive(Clone, Copy, PartialEq)]
struct Drawing {
    epoch: u32,
    rows: u32,
    name_px: f64,
    active: NodeIx,
    active_slot: Option<usize>,
}

impl Sheet {
    /// The sheet of a trace, without elements yet.
    pub(super) fn new(reading: Shared<Reading>, name_px: Option<f64>) -> Self {
        let (outline, tree) = Outline::new(&reading.trace.depth, &Plan::default());
        let whole = Window::new(0, reading.trace.length.0);
        let mut sheet = Self {
            reading,
            view: TraceView::default(),
            known: TraceView::default(),
            is_untold: false,
            outline,
            rows: Rows::new(tree),
            search: Search::default(),
            hits: Vec::new(),
            matches: Vec::new(),
            warp: Warp::default(),
            whole,
            window: whole,
            width_px: 0.0,
            height_px: 0.0,
            name_px,
            scrolled_px: 0.0,
            active: 0,
            selected: None,
            piece: None,
            walked: None,
            epoch: 1,
            drawn: None,
            visible: (0, 0),
            near: None,
            brush: None,
            page: None,
        };
        sheet.plan();
        sheet
    }

    /// Takes the elements to draw on.
    pub(super) fn mount(&mut self, page: Page) {
        self.page = Some(page);
        self.drawn = None;
    }

    /// Shows another trace, or a newer state of the same one: then the view stays.
    pub(super) fn load(&mut self, reading: &Shared<Reading>) {
        if self.reading == *reading {
            return;
        }
        let is_same = self.reading.trace.id == reading.trace.id;
        let active = self.active_id();
        self.reading = reading.clone();
        (self.piece, self.walked, self.near) = (None, None, None);
        if !is_same {
            (self.view, self.is_untold) = (TraceView::default(), false);
            self.scrolled_px = 0.0;
            if let Some(page) = &self.page {
                page.grid.scroll(0.0);
            }
        }
        self.look();
        self.set_time();
        self.plan();
        self.active = active
            .filter(|_| is_same)
            .and_then(|id| self.find(id))
            .and_then(|span| self.outline.node_of_span(span))
            .unwrap_or(0);
        self.selected = self.view.span.and_then(|id| self.find(id));
    }

    /// Shows a view that came from outside, unless it is what was told from here.
    pub(super) fn set_view(&mut self, view: &TraceView) {
        if self.known != *view {
            let shown = self.with_untold(view);
            self.known = view.clone();
            self.show(shown);
        }
    }

    /// A view that came from outside, with what was changed here meanwhile and is not told yet: the later change of the
    /// same thing wins, and of two things both.
    fn with_untold(&self, outside: &TraceView) -> TraceView {
        let mut view = outside.clone();
        if !self.is_untold {
            return view;
        }
        let (known, own) = (&self.known, &self.view);
        if view.find == known.find {
            view.find.clone_from(&own.find);
        }
        if view.window == known.window {
            view.window = own.window;
        }
        if view.fold == known.fold && view.toggled == known.toggled {
            view.toggled.clone_from(&own.toggled);
        }
        view
    }

    /// Changes what the user sees, and tells it.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut TraceView)) -> News {
        let mut view = self.view.clone();
        change(&mut view);
        self.show(view);
        self.news()
    }

    /// Shows a view: everything that differs is made anew, and nothing else.
    fn show(&mut self, view: TraceView) {
        let former = std::mem::replace(&mut self.view, view);
        let view = &self.view;
        let looks = former.find != view.find;
        let gaps = former.gaps != view.gaps;
        let plans = (former.ungrouped, former.focus, former.only) != (view.ungrouped, view.focus, view.only)
            || (looks && view.only);
        let folds = former.fold != view.fold || former.toggled != view.toggled;
        let window = former.window != view.window;
        let selects = former.span != view.span;
        if former.colour != view.colour {
            self.forget_slots();
        }
        if looks {
            self.look();
        }
        if gaps || window {
            self.set_time();
        }
        if plans {
            self.plan();
        } else if folds {
            self.fold();
            self.keep_active_visible();
        }
        if selects {
            self.selected = self.view.span.and_then(|id| self.find(id));
            if let Some(span) = self.selected {
                self.go_to(span);
            }
        }
    }

    /// Changes what the user sees, and tells it when nothing more has come for a moment: the address can wait.
    pub(super) fn change_now(&mut self, change: impl FnOnce(&mut TraceView)) -> News {
        let mut view = self.view.clone();
        change(&mut view);
        self.show(view);
        self.later()
    }

    /// What was changed is to be told when nothing more has come for a moment.
    fn later(&mut self) -> News {
        self.is_untold = true;
        News { later: true, ..News::default() }
    }

    /// What to tell now, with a list of folded spans that fits into a link.
    pub(super) fn news(&mut self) -> News {
        let mut view = self.view.clone();
        view.toggled.truncate(MOST_TOGGLED);
        self.known = view.clone();
        self.is_untold = false;
        News { view: Some(view), ..News::default() }
    }

    /// What waits to be told, if anything does.
    pub(super) fn untold(&mut self) -> News {
        if self.is_untold { self.news() } else { News::default() }
    }

    /// What waits to be told when the waterfall has made room for another view of the same trace.
    pub(super) fn last_news(&mut self, outside: &TraceView) -> News {
        if outside.tab == Tab::Timeline {
            // The trace itself was left.
            return News::default();
        }
        self.view = self.with_untold(outside);
        self.untold()
    }

    /// Looks for what the view says.
    fn look(&mut self) {
        self.search = Search::read(&self.view.find);
        self.hits = if self.search.is_empty() { Vec::new() } else { self.search.find(&self.reading.trace) };
        self.matches = (0..).zip(&self.hits).filter(|(_, hit)| **hit).map(|(span, _)| span).collect();
        // The rows' classes tell it, and those are compared in every frame.
        self.drawn = None;
    }

    /// The rows that there can be, with what is folded among them.
    fn plan(&mut self) {
        let active = self.outline.node(self.active);
        let groups: Vec<Vec<SpanIx>> = if self.view.ungrouped {
            Vec::new()
        } else {
            let repeats = self.reading.repeats();
            let ascending = |members: &[SpanIx]| {
                let members: Vec<u64> = members.iter().map(|member| u64::from(*member)).collect();
                order::distinct(&members).into_iter().map(|member| member as SpanIx).collect()
            };
            repeats.groups.iter().map(|group| ascending(repeats.members(group))).collect()
        };
        let focus = self.view.focus.and_then(|id| self.find(id));
        let keep = Some(&self.hits[..]).filter(|_| self.view.only && !self.search.is_empty());
        let (outline, tree) = Outline::new(&self.reading.trace.depth, &Plan { groups: &groups, focus, keep });
        self.outline = outline;
        self.rows = Rows::new(tree);
        self.active = match active {
            Some(Node::Span(span)) => self.outline.node_of_span(span),
            Some(Node::Group(group)) => self.outline.node_of_group(group),
            None => None,
        }
        .unwrap_or(0);
        self.fold();
        self.forget_slots();
        self.keep_active_visible();
    }

    /// Time and window as the view says.
    fn set_time(&mut self) {
        let reading = &self.reading;
        let trace = &reading.trace;
        let real = Window::new(0, trace.length.0);
        self.warp = Warp::default();
        if self.view.gaps {
            let stretch = |span: usize| {
                let bits = trace.bits[span];
                let (start, end) = reading.stretch(span as SpanIx);
                match bits & bit::KIND {
                    3 => None,
                    _ if bits & bit::IN_PROGRESS != 0 => Some((start, start)),
                    _ => Some((start, end)),
                }
            };
            self.warp = Warp::new(real, &gaps::idle(trace.span.len(), &stretch, GAP_SHARE), GAP_SHOWN);
        }
        self.whole = self.warp.shown_window(real);
        self.window = match self.view.window {
            Some((from, to)) => self.warp.shown_window(Window::new(from, to)).within(self.whole, LEAST_WINDOW),
            None => self.whole,
        };
        if let Some(page) = &mut self.page {
            page.overview.forget();
        }
        self.rescale();
    }

    /// The inside of the scrolled element has that size now, in CSS pixels.
    pub(super) fn resize(&mut self, width_px: f64, height_px: f64) {
        if label::is_same_px(self.width_px, width_px) && label::is_same_px(self.height_px, height_px) {
            return;
        }
        let is_first = self.height_px == 0.0;
        (self.width_px, self.height_px) = (width_px, height_px);
        self.rescale();
        if is_first && self.selected.is_some() {
            self.scroll_to_active();
        }
    }

    /// The colours of the page have changed.
    pub(super) fn recolour(&mut self) {
        if let Some(page) = &mut self.page {
            page.overview.forget();
        }
        self.rescale();
    }

    /// The small picture has that size now, in CSS pixels.
    pub(super) fn resize_overview(&mut self, width_px: f64, height_px: f64) {
        if let Some(page) = &mut self.page {
            page.overview.resize(width_px, height_px);
        }
        self.rescale();
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

    /// The menu of the critical path opens.
    pub(super) fn list_contributors(&self) {
        if let Some(page) = &self.page {
            page.tools.list_contributors(&self.reading);
        }
    }

    /// A pointer went down somewhere.
    pub(super) fn close_menus(&self, event: &PointerEvent) {
        if let Some(page) = &self.page {
            page.tools.close_menus(event);
        }
    }

    /// The user pointed at a slot's row and waits.
    pub(super) fn explain(&mut self, slot: usize) {
        let Self { reading, page, .. } = self;
        if let Some(slot) = page.as_mut().and_then(|page| page.slots.get_mut(slot)) {
            slot.explain(reading);
        }
    }

    /// Whether rows are in view that were not told as near.
    pub(super) fn has_new_rows(&self) -> bool {
        let (first, end) = self.visible;
        self.near.is_none_or(|(from, to, all)| first < from || end > to || all != self.rows.len())
    }

    /// The spans in view, and those of a screen's part before and after them, as far as documents of theirs have come.
    pub(super) fn near(&mut self) -> Vec<SpanId> {
        let (first, end) = (self.visible.0.saturating_sub(NEAR), (self.visible.1 + NEAR).min(self.rows.len()));
        self.near = Some((first, end, self.rows.len()));
        let trace = &self.reading.trace;
        let has_document = |span: &usize| trace.bits.get(*span).is_some_and(|bits| bits & bit::KIND != 3);
        let spans = (first..end).filter_map(|row| self.outline.span(self.rows.node(row)?)).map(|span| span as usize);
        spans.filter(has_document).filter_map(|span| trace.span_id(span)).collect()
    }

    fn slot_node(&self, slot: usize) -> Option<NodeIx> {
        self.page.as_ref()?.slots.get(slot)?.node()
    }

    /// The user clicked on a slot's row: on its twisty, or elsewhere.
    pub(super) fn click(&mut self, slot: usize, on_twisty: bool) -> News {
        let Some(node) = self.slot_node(slot) else { return News::default() };
        self.active = node;
        let is_group = matches!(self.outline.node(node), Some(Node::Group(_)));
        if (on_twisty || is_group) && self.toggle(node) {
            return self.folded();
        }
        match self.outline.span(node) {
            Some(span) => self.select(Some(span)),
            None => News::default(),
        }
    }

    /// Makes the window longer by a factor around a place in the time column, in CSS pixels; `None`: its middle.
    pub(super) fn zoom(&mut self, factor: f64, x_px: Option<f64>) -> News {
        let scale = self.scale();
        let around = scale.time(layout::clamp(x_px.unwrap_or(scale.width_px() / 2.0), 0.0, scale.width_px()));
        self.set_window(self.window.zoomed(around, factor, self.whole, LEAST_WINDOW))
    }

    /// Moves the window by a share of its length.
    pub(super) fn pan(&mut self, share: f64) -> News {
        let by = (self.window.length() as f64 * share).round() as i64;
        self.set_window(self.window.panned(by, self.whole))
    }

    /// Moves the window as a pointer went that was dragged from `scale` on, in CSS pixels.
    pub(super) fn drag(&mut self, scale: Scale, by_px: f64) -> News {
        self.set_window(scale.dragged(by_px, self.whole))
    }

    /// Zooms and moves the window as two fingers went from `scale` on, in CSS pixels.
    pub(super) fn pinch(&mut self, scale: Scale, from_px: (f64, f64), to_px: (f64, f64)) -> News {
        self.set_window(scale.pinched(from_px, to_px, self.whole, LEAST_WINDOW))
    }

    /// A drag on the ruler covers these places, in CSS pixels; `None` when it was given up.
    pub(super) fn brush(&mut self, covered: Option<(f64, f64)>) {
        self.brush = covered;
    }

    /// The drag on the ruler has ended: what it covers fills the window, unless it was but a click.
    pub(super) fn end_brush(&mut self) -> News {
        let Some((from, to)) = self.brush.take() else { return News::default() };
        if (from - to).abs() < 4.0 {
            return News::default();
        }
        let scale = self.scale();
        let time = |x_px: f64| scale.time(layout::clamp(x_px, 0.0, scale.width_px()));
        let window = Window::new(time(from.min(to)), time(from.max(to)));
        self.set_window(window.within(self.whole, LEAST_WINDOW))
    }

    /// The shares of the whole trace's shown time at which the window starts and ends.
    pub(super) fn window_shares(&self) -> (f64, f64) {
        let share = |time: i64| (time - self.whole.start()) as f64 / self.whole.length() as f64;
        (share(self.window.start()), share(self.window.end()))
    }

    /// The window between two shares of the whole trace's shown time.
    pub(super) fn set_window_shares(&mut self, from: f64, to: f64) -> News {
        let time =
            |share: f64| self.whole.start() + (layout::clamp(share, 0.0, 1.0) * self.whole.length() as f64) as i64;
        self.set_window(Window::new(time(from.min(to)), time(from.max(to))).within(self.whole, LEAST_WINDOW))
    }

    /// What rows are drawn from.
    fn scene(&self) -> Scene<'_> {
        Scene {
            reading: &self.reading,
            outline: &self.outline,
            rows: &self.rows,
            warp: &self.warp,
            scale: self.scale(),
            colour: self.view.colour,
            hits: &self.hits,
            epoch: self.epoch,
            active: Some(self.active),
            selected: self.selected,
        }
    }

    /// Writes what differs into the elements.
    pub(super) fn draw(&mut self) {
        if let Some(page) = self.page.as_ref().filter(|_| self.height_px == 0.0) {
            // The browser tells sizes when a frame is nearly done; the first one shall have rows.
            let (grid, overview) = (page.grid.size(), page.overview.measured());
            self.resize(grid.0, grid.1);
            self.resize_overview(overview.0, overview.1);
        }
        if let Some(mut page) = self.page.take() {
            self.draw_on(&mut page);
            self.page = Some(page);
        }
    }

    fn draw_on(&mut self, page: &mut Page) {
        let (scale, viewport) = (self.scale(), self.viewport());
        let shown = viewport.shown(self.scrolled_px);
        let name_px = self.name_px();
        let shares = self.window_shares();
        let (first, end) = (shown.first.saturating_sub(OVERSCAN), (shown.end + OVERSCAN).min(self.rows.len()));
        let wanted = (self.height_px / ROW_PX).ceil() as usize + 2 * OVERSCAN as usize + 2;
        if page.slots.len() < wanted {
            grow(page, wanted);
        }
        draw_rows(page, &self.scene(), (first, end), shown);
        self.visible = (shown.first, shown.end.min(self.rows.len()));
        let active_row = self.rows.row(self.active).filter(|row| (first..end).contains(row));
        let active_slot = active_row.map(|row| row as usize % page.slots.len().max(1));
        let drawing = Drawing { epoch: self.epoch, rows: self.rows.len(), name_px, active: self.active, active_slot };
        let before = self.drawn.replace(drawing);
        page.ruler.mark(self.brush);
        page.tools.show(&self.view);
        if before == Some(drawing) {
            return;
        }
        if before.is_none_or(|before| before.rows != drawing.rows) {
            page.body.style("height", &label::px(viewport.content_px()));
            // With the header.
            page.grid.attribute("aria-rowcount", &(drawing.rows + 1).to_string());
        }
        if before.is_none_or(|before| !label::is_same_px(before.name_px, name_px)) {
            page.grid.style("--waterfall-name", &label::px(name_px));
            for (name, px) in [("aria-valuenow", name_px), ("aria-valuemax", (self.width_px - 120.0).max(80.0))] {
                page.edge.attribute(name, &(px as u32).to_string());
            }
        }
        if before.is_none_or(|before| before.epoch != drawing.epoch) {
            page.ruler.draw(&self.warp, scale);
            page.overview.draw(&self.reading, &self.warp, self.whole);
            page.overview.mark(shares);
        }
        page.grid.attribute_if("aria-activedescendant", active_slot.map(slot::id).as_deref());
        page.tools.info.set(&self.info());
        page.tools.found.set(&self.place_among_matches());
    }

    /// How much is shown, when it is not everything.
    fn info(&self) -> String {
        let mut parts = Vec::new();
        let trace = &self.reading.trace;
        if let Some(span) = self.view.focus.and_then(|id| self.find(id)) {
            parts.push(["only under ", &label::name(trace, span)].concat());
        }
        let (shown, all) = (self.rows.len() as usize, trace.span.len());
        if shown < all {
            let (shown, all) = (
                format::number::counted(shown as u64, "row", "rows"),
                format::number::counted(all as u64, "span", "spans"),
            );
            parts.push([&shown, " of ", &all].concat());
        }
        if self.view.toggled.len() > MOST_TOGGLED {
            parts.push("a link keeps the first 50 folded by hand".to_owned());
        }
        if self.window != self.whole {
            let real = self.warp.time_window(self.window);
            let (from, to) = (format::duration::short(real.start()), format::duration::short(real.end()));
            parts.push([&from, " to ", &to].concat());
        }
        parts.join(" · ")
    }

    fn place_among_matches(&self) -> String {
        if self.search.is_empty() {
            return String::new();
        }
        let all = format::number::integer(self.matches.len() as i64);
        let span = self.outline.span(self.active);
        match span.and_then(|span| layout::waterfall::find::number(&self.matches, span)) {
            Some(number) => [&format::number::integer(number as i64), " of ", &all].concat(),
            None => [&all, " found"].concat(),
        }
    }

    fn select(&mut self, span: Option<SpanIx>) -> News {
        let id = span.and_then(|span| self.reading.trace.span_id(span as usize));
        self.change(|view| view.span = id)
    }

    /// Makes a span the active one, reveals it and scrolls it into view.
    fn go_to(&mut self, span: SpanIx) {
        if !self.outline.has_span(span) && self.view.focus.is_some() {
            // It lies outside what is shown.
            self.view.focus = None;
            self.plan();
        }
        if let Some(node) = self.outline.node_of_span(span) {
            self.reveal(node);
            self.active = node;
            self.scroll_to_active();
        }
    }

    /// The active node must be one that can be seen, and be in view.
    fn keep_active_visible(&mut self) {
        if let Some(node) = self.rows.row_or_ancestor(self.active).and_then(|row| self.rows.node(row)) {
            self.active = node;
        }
        // The browser scrolls back by itself when the content gets shorter than that.
        let deepest_px = (self.viewport().content_px() - self.view_px()).max(0.0);
        self.scrolled_px = self.scrolled_px.min(deepest_px);
        self.scroll_to_active();
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

    fn fit_active(&mut self) -> News {
        let Some((start, end)) = self.stretch(self.active) else { return News::default() };
        let window = self.warp.shown_window(Window::new(start, end));
        // A little air on both sides, so that the bar's ends can be seen.
        let air = (window.length() / 20).max(1);
        let window = Window::new(window.start().saturating_sub(air), window.end().saturating_add(air));
        self.set_window(window.within(self.whole, LEAST_WINDOW))
    }

    /// When a node's spans were, in nanoseconds after the trace's start.
    fn stretch(&self, node: NodeIx) -> Option<(i64, i64)> {
        match self.outline.node(node)? {
            Node::Span(span) => Some(self.reading.stretch(span)),
            Node::Group(group) => Some(group_stretch(&self.reading, group)),
        }
    }

    fn set_window(&mut self, window: Window) -> News {
        if self.window == window {
            return News::default();
        }
        self.window = window;
        let real = self.warp.time_window(window);
        self.view.window = (window != self.whole).then(|| (real.start(), real.end()));
        self.rescale();
        self.later()
    }

    fn rescale(&mut self) {
        self.epoch = self.epoch.wrapping_add(1);
    }

    fn forget_slots(&mut self) {
        for slot in self.page.iter_mut().flat_map(|page| &mut page.slots) {
            slot.clear();
        }
        self.rescale();
    }

    /// The scale of the bars.
    pub(super) fn scale(&self) -> Scale {
        Scale::new(self.window, self.width_px - self.name_px() - 2.0 * PAD_PX)
    }

    fn view_px(&self) -> f64 {
        (self.height_px - HEADER_PX).max(0.0)
    }

    fn viewport(&self) -> Viewport {
        Viewport { rows: self.rows.len(), row_px: ROW_PX, view_px: self.view_px(), most_px: MOST_PX }
    }

    fn find(&self, id: SpanId) -> Option<SpanIx> {
        self.reading.trace.span.iter().position(|known| *known == id.0).map(|index| index as SpanIx)
    }

    fn active_id(&self) -> Option<SpanId> {
        self.reading.trace.span_id(self.outline.span(self.active)? as usize)
    }
}

fn draw_rows(page: &mut Page, scene: &Scene<'_>, (first, end): (u32, u32), shown: Shown) {
    let count = page.slots.len().max(1);
    for slot in &mut page.slots {
        if slot.row().is_some_and(|row| !(first..end).contains(&row)) {
            slot.lay_aside();
        }
    }
    for row in first..end {
        if let (Some(slot), Some(node)) = (page.slots.get_mut(row as usize % count), scene.rows.node(row)) {
            slot.show(scene, row, node, shown.shift_px);
        }
    }
}

/// More slots, after the view has grown. Rows and slots belong together by number, so all begin again.
fn grow(page: &mut Page, wanted: usize) {
    for slot in &mut page.slots {
        slot.clear();
    }
    let pattern = Slot::pattern();
    let more = (page.slots.len()..wanted).filter_map(|number| Slot::new(&page.body, number, &pattern));
    page.slots.extend(more.collect::<Vec<_>>());
}

/// The fold of a level, as the view has it; see [`Fold`].
pub(super) fn level(fold: Fold) -> Option<u32> {
    match fold {
        Fold::Level(level) => Some(level),
        _ => None,
    }
}
