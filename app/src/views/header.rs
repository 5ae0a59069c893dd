//! The top of every page: name, theme, keys, and what the server wants to be known.

use crate::prelude::*;
use api::about::Level;
use leptos::{ev, html};

use crate::{
    pages::{AboutLoad, Place},
    platform::{self, history},
    route::{FilePlace, Route},
    state::{Load, Zone},
    views::{failure, trace::HELP},
    widgets::copy::Copy,
};

/// Name, links and settings.
#[component]
pub(crate) fn Header(place: Place) -> impl IntoView {
    let home = move |event: ev::MouseEvent| {
        if platform::is_plain_click(&event) {
            event.prevent_default();
            place.go(Route::Explore(place.route.with_untracked(Route::explore)));
        }
    };
    // The map of what is being looked at, where that says which source and range.
    let map = move |event: ev::MouseEvent| {
        if platform::is_plain_click(&event) {
            event.prevent_default();
            place.go(Route::Map(place.route.with_untracked(Route::map)));
        }
    };
    let sources = move |event: ev::MouseEvent| {
        if platform::is_plain_click(&event) {
            event.prevent_default();
            place.go(place.route.with_untracked(|route| route.sources(None)));
        }
    };
    let file = move |event: ev::MouseEvent| {
        if platform::is_plain_click(&event) {
            event.prevent_default();
            place.go(Route::File(FilePlace { zone: place.route.with_untracked(Route::zone), ..FilePlace::default() }));
        }
    };
    let link = Signal::derive(move || {
        // Follows the route; the address is read when it has changed.
        place.route.with(|route| history::origin() + &route.address())
    });
    view! {
        <header class="header">
            <a class="header__name" href="/" on:click=map>
                <svg class="header__mark" viewBox="0 0 16 16" aria-hidden="true">
                    <path d="M2 3h12M2 6.5h7M5 10h9M5 13.5h4" />
                </svg>
                "Roentgen"
            </a>
            <nav class="header__nav" aria-label="Pages">
                <a href="/map" class="header__link" on:click=map
                    aria-current=move || place.route.with(|route| matches!(route, Route::Map(_))).then_some("page")>"Map"</a>
                <a href="/explore" class="header__link" on:click=home
                    aria-current=move || place.route.with(|route| matches!(route, Route::Explore(_))).then_some("page")>"Explore"</a>
                <a href="/sources" class="header__link" on:click=sources
                    aria-current=move || place.route.with(|route| matches!(route, Route::Sources(_))).then_some("page")>"Sources"</a>
                <a href="/file" class="header__link" on:click=file
                    aria-current=move || place.route.with(|route| matches!(route, Route::File(_))).then_some("page")>"Open a file"</a>
            </nav>
            <div class="header__tools">
                <ZoneSwitch place=place />
                <Copy label="Copy link" text=link />
                <ThemeSwitch />
                <Keys />
            </div>
        </header>
    }
}

/// UTC or the browser's zone; a part of the link.
#[component]
fn ZoneSwitch(place: Place) -> impl IntoView {
    let zone = Signal::memo(move |_| place.route.with(Route::zone));
    let press = move |_| {
        let other = if zone.get_untracked() == Zone::Utc { Zone::Local } else { Zone::Utc };
        let mut route = place.route.get_untracked();
        match &mut route {
            Route::Explore(here) => here.zone = other,
            Route::Trace(here) => here.zone = other,
            Route::Map(here) => here.zone = other,
            Route::Sources(here) => here.zone = other,
            Route::File(here) => here.zone = other,
            Route::Unknown(_) => return,
        }
        place.refine(route);
    };
    let text = move || if zone.get() == Zone::Utc { "UTC" } else { "Local time" };
    view! {
        <button type="button" class="button button--quiet" title="Switch between UTC and local time" on:click=press>{text}</button>
    }
}

const THEMES: [(&str, &str); 3] = [("", "System theme"), ("light", "Light"), ("dark", "Dark")];

/// The theme; remembered by the browser.
#[component]
fn ThemeSwitch() -> impl IntoView {
    let chosen = platform::recall("roentgen.theme").unwrap_or_default();
    let change = move |event: ev::Event| {
        let theme = platform::value_of(&event);
        let theme = Some(theme.as_str()).filter(|theme| !theme.is_empty());
        platform::remember("roentgen.theme", theme);
        platform::set_theme(theme);
    };
    let options = THEMES.map(|(value, text)| view! { <option value=value selected=value == chosen>{text}</option> });
    view! { <select class="select" aria-label="Theme" on:change=change>{Vec::from(options)}</select> }
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
#[component]
fn Keys() -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let show = move |open: bool| {
        if let Some(dialog) = dialog.get_untracked() {
            platform::show_dialog(&dialog, open);
        }
    };
    platform::on_window(ev::keydown, move |event| {
        if event.key() == "?" && !platform::is_typing() {
            show(true);
        }
    });
    let table = |keys: &'static [(&str, &str)]| {
        let rows =
            keys.iter().map(|(keys, does)| view! { <tr><th scope="row"><kbd>{*keys}</kbd></th><td>{*does}</td></tr> });
        view! { <table class="dialog__table"><tbody>{rows.collect_view()}</tbody></table> }
    };
    view! {
        <button type="button" class="button button--quiet" aria-label="Keyboard help" on:click=move |_| show(true)>"?"</button>
        <dialog class="dialog" node_ref=dialog aria-label="Keys">
            <h2 class="dialog__title">"Keys"</h2>
            {table(&KEYS)}
            <h2 class="dialog__title">"In a trace"</h2>
            {table(&HELP)}
            <button type="button" class="button" on:click=move |_| show(false)>"Close"</button>
        </dialog>
    }
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
    view! {
        {move || failure.get().map(|failure| failure::note(&failure, "The server", on_retry))}
        {move || {
            let shown = notices.get().into_iter().filter(|notice| hidden.with(|hidden| !hidden.contains(&notice.message)));
            shown
                .map(|notice| {
                    let message = notice.message.clone();
                    let hide = move |_| set_hidden.update(|hidden| hidden.push(message.clone()));
                    let kind = if notice.level == Level::Warning { "note note--warn note--line" } else { "note note--line" };
                    view! {
                        <div class=kind role="status">
                            <p>{notice.message}</p>
                            <button type="button" class="button button--quiet" aria-label="Hide this notice" on:click=hide>"×"</button>
                        </div>
                    }
                })
                .collect_view()
        }}
    }
}
