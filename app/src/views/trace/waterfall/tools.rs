//! What stands above the rows: search, folding, colours, the critical path, pictures.
//!
//! All of it is bare elements, heard in one place: a button names the key that does the same.

use leptos::ev;
use model::SpanId;

use super::{
    Handle,
    keys::{self, Command},
    label,
    sheet::{News, Sheet},
};
use crate::{
    platform::{
        self,
        drawn::{self, Drawn, Words},
    },
    route::{Colour, Fold, TraceView},
    views::trace::{reading::Reading, search},
    widgets::folds,
};

/// The attribute that names the key of a button.
const KEY: &str = "data-key";
/// The attribute that names the span to which a button leads.
const SPAN: &str = "data-span";
/// The attribute that names the kind of file in which a button keeps a picture.
const PICTURE: &str = "data-picture";

/// Contributors that the menu names.
const CONTRIBUTORS: usize = 12;

/// What a tool looks like, what it is called, and its key.
type Tool = (&'static str, &'static str, &'static str);

/// From the left, as far as they stand together.
const MATCHES: [Tool; 3] = [("↑", "Former match", "N"), ("↓", "Next match", "n"), ("Only", "Matches alone", "m")];
const FOLDS: [Tool; 4] =
    [("⊟", "Fold all", "["), ("⊞", "Open all", "]"), ("−1", "One level less", "{"), ("+1", "One level more", "}")];
const SHAPES: [Tool; 3] = [
    ("Group", "Repeated spans as one row", "g"),
    ("Gaps", "Shorten idle gaps", "i"),
    ("Show all", "All spans again", "Backspace"),
];
const FORMER_PIECE: Tool = ("‹", "Former piece of the critical path", ",");
const WALKS: [Tool; 2] = [("›", "Next piece of the critical path", "."), ("Longest", "Next longest self time", "x")];
const ZOOMS: [Tool; 3] = [("−", "Zoom out", "-"), ("+", "Zoom in", "+"), ("Fit", "Show the whole trace", "0")];

/// The elements that tell something.
pub(super) struct Tools {
    root: Drawn,
    find: Drawn,
    only: Drawn,
    group: Drawn,
    gaps: Drawn,
    all: Drawn,
    colour: Drawn,
    contributors: Drawn,
    /// What a sighted user should know besides the rows.
    pub(super) info: Words,
    /// Where among the matches one is.
    pub(super) found: Words,
    shown: Option<TraceView>,
}

impl Tools {
    /// Draws the tools into their element.
    pub(super) fn new(root: Drawn) -> Option<Self> {
        let find = root.child("input", "input waterfall__find");
        for (name, value) in [
            ("name", "find"),
            ("type", "search"),
            ("autocomplete", "off"),
            ("spellcheck", "false"),
            ("aria-label", "Search in the trace"),
            ("placeholder", "word, key=value, >100ms, state=fault (Ctrl+B)"),
        ] {
            find.attribute(name, value);
        }
        let found = status(&root, "waterfall__found");
        let only = buttons(&root, &MATCHES)?;
        root.child("span", "waterfall__gap");
        buttons(&root, &FOLDS)?;
        let ways = folds::menu(&root, "Fold…", "What to fold", "waterfall__menu").1;
        let off_path = ways.says("button", "button", "What is not on the critical path ( \\ )");
        off_path.attribute(KEY, "\\");
        let shorter = ways.says("label", "", "What takes less than ").child("input", "input");
        for (name, value) in [("name", "shorter"), ("size", "8"), ("placeholder", "10ms")] {
            shorter.attribute(name, value);
        }
        let focus = ways.says("button", "button", "All but the active span and what hangs under it ( e )");
        focus.attribute(KEY, "e");
        let all = buttons(&root, &SHAPES)?;
        let info = status(&root, "waterfall__info");
        buttons(&root, &[FORMER_PIECE])?;
        let (path, contributors) = folds::menu(&root, "Critical path", "Whose time the critical path is", "");
        path.attribute("data-path", "");
        buttons(&root, &WALKS)?;
        let colour = root.child("select", "select");
        for (name, value) in [("name", "colour"), ("aria-label", "What colours tell"), ("title", "What colours tell")] {
            colour.attribute(name, value);
        }
        for (_, value, text) in Colour::ALL {
            colour.says("option", "", text).attribute("value", value);
        }
        let pictures = folds::menu(&root, "Picture", "A picture of what is on the screen", "waterfall__menu").1;
        for (kind, text) in [("png", "PNG, for chats and documents"), ("svg", "SVG, sharp at any size")] {
            pictures.says("button", "button", text).attribute(PICTURE, kind);
        }
        buttons(&root, &ZOOMS)?;
        let group = root.within("[data-key=g]")?;
        let gaps = root.within("[data-key=i]")?;
        for button in root.all("button") {
            button.attribute("type", "button");
        }
        Some(Self { root, find, only, group, gaps, all, colour, contributors, info, found, shown: None })
    }

    /// Shows a view.
    pub(super) fn show(&mut self, view: &TraceView) {
        if self.shown.as_ref() == Some(view) {
            return;
        }
        let before = self.shown.replace(view.clone());
        let differs =
            |what: fn(&TraceView, &TraceView) -> bool| before.as_ref().is_none_or(|before| what(before, view));
        self.find.write(&view.find);
        // Whatever is written into a list to choose from, browsers look at the whole page for forms then.
        if differs(|before, view| before.colour != view.colour) {
            let colour = Colour::ALL.into_iter().find(|(colour, ..)| *colour == view.colour);
            self.colour.write(colour.map_or("", |(_, name, _)| name));
        }
        for (button, is_on) in [(&self.only, view.only), (&self.group, !view.ungrouped), (&self.gaps, view.gaps)] {
            button.attribute("aria-pressed", if is_on { "true" } else { "false" });
        }
        if differs(|before, view| before.focus.is_some() != view.focus.is_some()) {
            self.all.attribute_if("hidden", view.focus.is_none().then_some(""));
        }
    }

    /// Lists the services and operations that the critical path's time belongs to, the most first.
    pub(super) fn list_contributors(&self, reading: &Reading) {
        self.contributors.clear();
        let list = self.contributors.child("ol", "waterfall__contributors");
        let trace = &reading.trace;
        for one in reading.contributors().iter().take(CONTRIBUTORS) {
            let Some(id) = trace.span_id(one.longest as usize) else { continue };
            let button = list.child("li", "").child("button", "waterfall__contributor");
            button.attribute("type", "button");
            button.attribute(SPAN, &id.to_string());
            let share = [&(one.share / 10).to_string(), ".", &(one.share % 10).to_string(), "%"].concat();
            button.child("span", "waterfall__share").style("width", &share);
            button.says("b", "", &share);
            let (time, name) = (format::duration::short(one.time), label::named(trace, one.longest));
            button.words().set(&[" ", &time, " · ", &name].concat());
        }
    }

    /// Closes the menus that a pointer went down outside of.
    pub(super) fn close_menus(&self, event: &ev::PointerEvent) {
        folds::close_others(&self.root, event);
    }
}

/// Buttons beside each other; gives the last one.
fn buttons(place: &Drawn, tools: &[Tool]) -> Option<Drawn> {
    let mut last = None;
    for (text, name, key) in tools {
        let button = place.says("button", "button button--quiet waterfall__tool", text);
        let name = [name, " ( ", key, " )"].concat();
        // All of them have keys: whoever uses these does not want to step through two dozen buttons.
        for (attribute, value) in [(KEY, *key), ("title", &name), ("aria-label", &name), ("tabindex", "-1")] {
            button.attribute(attribute, value);
        }
        last = Some(button);
    }
    last
}

/// A line that screen readers read out when it changes.
fn status(place: &Drawn, class: &str) -> Words {
    let line = place.child("span", class);
    line.attribute("role", "status");
    line.words()
}

/// Puts the cursor into the field of the search.
pub(super) fn focus_search(event: &ev::KeyboardEvent) {
    if let Some(grid) = platform::listener(event).and_then(|grid| grid.parent_element()) {
        platform::focus_first(&grid, "[name=find]");
    }
}

/// Hears everything that happens to the tools.
pub(super) fn hear(tools: &Drawn, handle: Handle) {
    tools.hear(&["click"], move |event| on_click(handle, event));
    tools.hear(&["input", "change"], move |event| on_write(handle, event));
    tools.hear(&["keydown"], move |event| on_key(handle, event));
}

/// A press of a button.
fn on_click(handle: Handle, event: &ev::MouseEvent) {
    let named = |attribute: &str| drawn::attribute_around(event, attribute);
    // A panel opens towards the side that has room for it: the tools wrap where they are narrow.
    if let (Some(menu), Some((from, all))) = (drawn::closest(event, "details"), platform::drag_area(event)) {
        let is_left = platform::span_of(menu.element()).0 - from < all / 2.0;
        menu.class(if is_left { "menu menu--left" } else { "menu" });
    }
    if let Some(command) = named(KEY).and_then(|key| keys::named(&key, false)) {
        handle.command(command);
    } else if let Some(id) = named(SPAN).and_then(|id| id.parse::<SpanId>().ok()) {
        handle.change(|sheet| sheet.change(|view| view.span = Some(id)));
    } else if let Some(kind) = named(PICTURE) {
        let saved = handle.sheet.try_with_value(|sheet| sheet.save_picture(&kind));
        if saved.flatten().is_some() {
            folds::close_around(event);
        }
    } else if named("data-path").is_some() {
        handle.sheet.try_with_value(Sheet::list_contributors);
    }
}

/// Something was chosen, or written; all but the search waits until it is left.
fn on_write(handle: Handle, event: &ev::Event) {
    let value = platform::value_of(event);
    let (name, is_change) = (drawn::attribute_around(event, "name"), event.type_() == "change");
    handle.change(|sheet| match name.as_deref() {
        Some("find") if !is_change => sheet.change_now(|view| view.find = value),
        Some("colour") if is_change => {
            let colour = Colour::ALL.into_iter().find(|(_, known, _)| *known == value);
            sheet.change(|view| view.colour = colour.map(|(colour, ..)| colour).unwrap_or_default())
        }
        Some("shorter") if is_change => {
            let nanos = search::duration(value.trim().trim_start_matches('<')).filter(|nanos| *nanos > 0);
            sheet.fold_by(nanos.map_or(Fold::None, Fold::Shorter))
        }
        _ => News::default(),
    });
}

/// Keys of the search, and of the menus.
fn on_key(handle: Handle, event: &ev::KeyboardEvent) {
    let is_search = drawn::attribute_around(event, "name").as_deref() == Some("find");
    match event.key().as_str() {
        "Enter" if is_search => {
            event.prevent_default();
            handle.command(Command::Match(!event.shift_key()));
        }
        "Escape" if is_search => {
            event.stop_propagation();
            handle.change(|sheet| sheet.change(|view| view.find.clear()));
        }
        "Escape" if folds::close_around(event) => event.stop_propagation(),
        _ => {}
    }
}
