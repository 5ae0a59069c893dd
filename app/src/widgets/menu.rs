//! A button that opens a panel below it: a disclosure of the browser's own, with its keys.

use leptos::ev;

use crate::platform::{self, drawn::Drawn};

/// A panel behind a button. Escape, and a press elsewhere, close it.
#[derive(Clone)]
pub(crate) struct Panel {
    details: Drawn,
    button: Drawn,
    /// Where its content stands.
    pub(crate) inside: Drawn,
}

impl Panel {
    /// A closed panel; `name` is what the button is called for those who do not see it.
    pub(crate) fn new(label: &str, name: &str) -> Self {
        let details = Drawn::new("details", "menu");
        let button = details.says("summary", "button menu__button", label);
        button.attribute("aria-label", name);
        let inside = details.child("div", "menu__panel");
        let panel = Self { details, button, inside };
        let heard = panel.clone();
        platform::on_window(ev::pointerdown, move |event| {
            if !platform::is_inside(&event, heard.details.element()) {
                heard.close();
            }
        });
        let heard = panel.clone();
        panel.details.hear(&["keydown"], move |event: &ev::KeyboardEvent| {
            if event.key() == "Escape" && heard.details.has("open") {
                event.stop_propagation();
                heard.close();
                heard.button.focus();
            }
        });
        panel
    }

    /// The same inside an element, after what is there.
    pub(crate) fn inside(place: &Drawn, label: &str, name: &str) -> Self {
        let panel = Self::new(label, name);
        place.add(&panel.details);
        panel
    }

    /// Calls back when it is opened.
    pub(crate) fn on_open(&self, call: impl Fn() + 'static) {
        let details = self.details.clone();
        self.details.hear(&["toggle"], move |_: &ev::Event| {
            if details.has("open") {
                call();
            }
        });
    }

    /// What the button shows.
    pub(crate) fn label(&self, text: &str) {
        self.button.say(text);
    }

    /// Closes it.
    pub(crate) fn close(&self) {
        self.details.attribute_if("open", None);
    }
}
