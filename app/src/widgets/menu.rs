//! A button that opens a panel below it: a disclosure of the browser's own, with its keys.

use crate::prelude::*;
use leptos::{ev, html};

use crate::platform;

/// A panel behind a button. Escape, and a press elsewhere, close it.
#[component]
pub(crate) fn Menu(
    /// What the button shows.
    #[prop(into)]
    label: Signal<String>,
    /// What the button is called for those who do not see it.
    #[prop(into)]
    name: String,
    /// Closes the panel when its value changes.
    #[prop(into, optional)]
    close_on: Option<Signal<u32>>,
    /// Called when the panel opens.
    #[prop(into, optional)]
    on_open: Option<Callback<()>>,
    children: Children,
) -> impl IntoView {
    let details = NodeRef::<html::Details>::new();
    let close = move || {
        if let Some(details) = details.get_untracked() {
            details.set_open(false);
        }
    };
    platform::on_window(ev::pointerdown, move |event| {
        let inside = details.get_untracked().is_some_and(|details| platform::is_inside(&event, &details));
        if !inside {
            close();
        }
    });
    if let Some(close_on) = close_on {
        Effect::new(move |before: Option<u32>| {
            let now = close_on.get();
            if before.is_some_and(|before| before != now) {
                close();
            }
            now
        });
    }
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && details.get_untracked().is_some_and(|details| details.open()) {
            event.stop_propagation();
            close();
            if let Some(details) = details.get_untracked() {
                platform::focus_first(&details, "summary");
            }
        }
    };
    let on_toggle = move |_| {
        if let (Some(on_open), Some(details)) = (on_open, details.get_untracked())
            && details.open()
        {
            on_open.run(());
        }
    };
    view! {
        <details class="menu" node_ref=details on:keydown=on_key on:toggle=on_toggle>
            <summary class="button menu__button" aria-label=name>{move || label.get()}</summary>
            <div class="menu__panel">{children()}</div>
        </details>
    }
}
