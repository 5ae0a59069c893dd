//! A button that opens a panel below it: a disclosure of the browser's own, with its keys.

use crate::prelude::*;
use leptos::ev;

use crate::platform::{self, drawn::Drawn};

/// A panel behind a button. Escape, and a press elsewhere, close it.
#[component]
pub(crate) fn Menu(
    /// What the button shows.
    #[prop(into)]
    label: Signal<String>,
    /// What the button is called for those who do not see it.
    name: &'static str,
    /// Closes the panel when its value changes.
    #[prop(into, optional)]
    close_on: Option<Signal<u32>>,
    /// Called when the panel opens.
    #[prop(into, optional)]
    on_open: Option<Callback<()>>,
    children: InsideOnce,
) -> impl IntoView {
    let details = Drawn::new("details", "menu");
    let button = details.child("summary", "button menu__button").with(&[("aria-label", name)]);
    button.follow(move |button| button.say(&label.get()));
    details.child("div", "menu__panel").hold(children.view());
    let menu = details.clone();
    platform::on_window(ev::pointerdown, move |event| {
        if !platform::is_inside(&event, menu.element()) {
            menu.attribute_if("open", None);
        }
    });
    if let Some(close_on) = close_on {
        let menu = details.clone();
        Effect::new(move |before: Option<u32>| {
            let now = close_on.get();
            if before.is_some_and(|before| before != now) {
                menu.attribute_if("open", None);
            }
            now
        });
    }
    let menu = details.clone();
    details.hear(&["keydown"], move |event: &ev::KeyboardEvent| {
        if event.key() == "Escape" && menu.has("open") {
            event.stop_propagation();
            menu.attribute_if("open", None);
            button.focus();
        }
    });
    let menu = details.clone();
    details.hear(&["toggle"], move |_: &ev::Event| {
        if let Some(on_open) = on_open.filter(|_| menu.has("open")) {
            on_open.run(());
        }
    });
    details
}
