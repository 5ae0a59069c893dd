//! Buttons that open a panel below them, on bare elements: disclosures of the browser's own, with its keys.
//!
//! Whoever draws them hears a pointer that goes down elsewhere ([`close_others`]) and Escape ([`close_around`]).

use leptos::ev;

use crate::platform::{
    self,
    drawn::{self, Drawn},
};

/// Draws a button and its panel, which has an element of a class inside; gives the button and that element.
pub(crate) fn menu(place: &Drawn, text: &str, name: &str, class: &str) -> (Drawn, Drawn) {
    let menu = place.child("details", "menu");
    let button = menu.says("summary", "button menu__button", text);
    button.attribute("aria-label", name);
    (button, menu.child("div", "menu__panel").child("div", class))
}

/// Closes the menus that a pointer went down outside of.
pub(crate) fn close_others(root: &Drawn, event: &ev::PointerEvent) {
    for menu in root.all(".menu[open]") {
        if !platform::is_inside(event, menu.element()) {
            menu.attribute_if("open", None);
        }
    }
}

/// Closes the menu that an event happened in, if it was open; its button has the focus then.
pub(crate) fn close_around(event: &ev::Event) -> bool {
    let Some(menu) = drawn::closest(event, ".menu[open]") else { return false };
    menu.attribute_if("open", None);
    if let Some(button) = menu.within("summary") {
        button.focus();
    }
    true
}
