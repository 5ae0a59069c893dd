//! The top of every page: name, theme, keys, and what the server wants to be known.

use crate::prelude::*;
use api::about::Level;
use leptos::ev;

use crate::{
    pages::{AboutLoad, Place},
    platform::{
        self,
        drawn::{self, Drawn},
        history,
    },
    route::{FilePlace, Route},
    state::{Load, Zone},
    views::{failure, trace::HELP},
    widgets::copy,
};

/// The attribute of what leads to another page: which.
const PAGE: &str = "data-page";
/// The attribute of a button that hides a notice: which.
const HIDES: &str = "data-hides";
/// The attribute of a button: what it does.
const DOES: &str = "data-does";

/// Name and links.
const TOP: &str = "\
<a class=header__name href='/' data-page=map>\
<svg class=header__mark viewBox='0 0 16 16' aria-hidden=true><path d='M2 3h12M2 6.5h7M5 10h9M5 13.5h4'></path></svg>\
Roentgen</a>\
<nav class=header__nav aria-label=Pages>\
<a href='/map' class=header__link data-page=map>Map</a>\
<a href='/explore' class=header__link data-page=explore>Explore</a>\
<a href='/sources' class=header__link data-page=sources>Sources</a>\
<a href='/file' class=header__link data-page=file>Open a file</a>\
</nav>\
<div class=header__tools></div>";

/// Name, links and settings.
#[component]
pub(crate) fn Header(place: Place) -> impl IntoView {
    let root = Drawn::new("header", "header");
    root.fixed(TOP);
    let links = root.all("nav a");
    Effect::new(move |_| {
        let page = place.route.with(|route| match route {
            Route::Map(_) => "map",
            Route::Explore(_) => "explore",
            Route::Sources(_) => "sources",
            Route::File(_) => "file",
            Route::Trace(_) | Route::Unknown(_) => "",
        });
        for link in &links {
            link.attribute_if("aria-current", link.is(PAGE, page).then_some("page"));
        }
    });
    let dialog = Drawn::new("dialog", "dialog").with(&[("aria-label", "Keys")]);
    if let Some(tools) = root.within(".header__tools") {
        draw_tools(&tools, place);
        draw_keys(&dialog);
        tools.add(&dialog);
    }
    let keys = dialog.clone();
    platform::on_window(ev::keydown, move |event| {
        if event.key() == "?" && !platform::is_typing() {
            keys.show(true);
        }
    });
    root.hear(&["click"], move |event: &ev::MouseEvent| {
        if let Some(page) = drawn::attribute_around(event, PAGE) {
            if platform::is_plain_click(event) {
                event.prevent_default();
                place.go(place.route.with_untracked(|route| to(route, &page)));
            }
            return;
        }
        match drawn::attribute_around(event, DOES).as_deref() {
            Some("zone") => switch_zone(place),
            Some("keys") => dialog.show(true),
            Some("close") => dialog.show(false),
            _ => {}
        }
    });
    root
}

/// Another page, of what is being looked at where that says which source and range.
fn to(here: &Route, page: &str) -> Route {
    match page {
        "explore" => Route::Explore(here.explore()),
        "sources" => here.sources(None),
        "file" => Route::File(FilePlace { zone: here.zone(), ..FilePlace::default() }),
        _ => Route::Map(here.map()),
    }
}

const THEMES: [(&str, &str); 3] = [("", "System theme"), ("light", "Light"), ("dark", "Dark")];

fn draw_tools(tools: &Drawn, place: Place) {
    let zone = tools.button("button button--quiet", "");
    zone.follow(move |zone| zone.tell(if place.route.with(Route::zone) == Zone::Utc { "UTC" } else { "Local time" }));
    zone.with(&[("title", "Switch between UTC and local time"), (DOES, "zone")]);
    tools.add(&copy::button("Copy link", move || {
        place.route.with_untracked(|route| history::origin() + &route.address())
    }));
    // The theme is remembered by the browser.
    let chosen = platform::recall("roentgen.theme").unwrap_or_default();
    let themes = tools.child("select", "select").with(&[("aria-label", "Theme")]);
    for (value, text) in THEMES {
        let option = themes.says("option", "", text).with(&[("value", value)]);
        option.attribute_if("selected", (value == chosen).then_some(""));
    }
    themes.hear(&["change"], |event: &ev::Event| {
        let theme = platform::value_of(event);
        let theme = Some(theme.as_str()).filter(|theme| !theme.is_empty());
        platform::remember("roentgen.theme", theme);
        platform::set_theme(theme);
    });
    tools.button("button button--quiet", "?").with(&[("aria-label", "Keyboard help"), (DOES, "keys")]);
}

/// UTC or the browser's zone; a part of the link.
fn switch_zone(place: Place) {
    let mut route = place.route.get_untracked();
    let zone = match &mut route {
        Route::Explore(here) => &mut here.zone,
        Route::Trace(here) => &mut here.zone,
        Route::Map(here) => &mut here.zone,
        Route::Sources(here) => &mut here.zone,
        Route::File(here) => &mut here.zone,
        Route::Unknown(_) => return,
    };
    *zone = if *zone == Zone::Utc { Zone::Local } else { Zone::Utc };
    place.refine(route);
}

/// What the keys do, by where they do it.
const KEYS: [(&str, &str); 9] = [
    ("/", "Go to the query, on the map to its search"),
    ("Enter", "In the query: run it. In the list: open the trace"),
    ("↑ ↓ Home End", "Move through the list"),
    ("↑ ↓ ← →", "In the map: to the next service that way; Enter shows its numbers"),
    ("t", "Show the map as a table, and back"),
    ("+ − 0", "Zoom the map, show all of it"),
    ("Esc", "Close what is open"),
    ("r", "Run the query again"),
    ("?", "Show these keys"),
];

/// The keys, in a dialog.
fn draw_keys(dialog: &Drawn) {
    for (title, keys) in [("Keys", &KEYS[..]), ("In a trace", &HELP[..])] {
        dialog.says("h2", "dialog__title", title);
        let table = dialog.child("table", "dialog__table").child("tbody", "");
        for (keys, does) in keys {
            let row = table.child("tr", "");
            row.child("th", "").with(&[("scope", "row")]).says("kbd", "", keys);
            row.says("td", "", does);
        }
    }
    dialog.button("button", "Close").attribute(DOES, "close");
}

/// What the server wants to be known, and whether it can be reached at all.
#[component]
pub(crate) fn Notices(about: AboutLoad, on_retry: Callback<()>) -> impl IntoView {
    let (hidden, set_hidden) = signal(Vec::<String>::new());
    let notices =
        Signal::memo(move |_| about.with(|about| about.value().map(|about| about.notices.clone()).unwrap_or_default()));
    let failure = Signal::memo(move |_| match about.get() {
        Load::Failed { failure, .. } => Some((*failure).clone()),
        _ => None,
    });
    let root = Drawn::new("div", "notices");
    root.hear(&["click"], move |event: &ev::MouseEvent| {
        if let Some(message) = drawn::attribute_around(event, HIDES) {
            set_hidden.update(|hidden| hidden.push(message));
        }
    });
    root.follow(move |root| {
        root.clear();
        if let Some(failure) = failure.get() {
            root.add(&failure::element(&failure, "The server", on_retry));
        }
        for notice in notices.get().iter().filter(|notice| hidden.with(|hidden| !hidden.contains(&notice.message))) {
            let is_warning = notice.level == Level::Warning;
            let note = root.child("div", if is_warning { "note note--warn note--line" } else { "note note--line" });
            note.attribute("role", "status");
            note.says("p", "", &notice.message);
            let hide = note.button("button button--quiet", "×");
            hide.with(&[("aria-label", "Hide this notice"), (HIDES, &notice.message)]);
        }
    });
    root
}
