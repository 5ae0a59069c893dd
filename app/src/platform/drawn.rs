//! Elements that are written to directly: what changes in every frame goes past the reactive system.
//!
//! A view that draws thousands of rows on a few elements keeps those elements and writes texts, classes and sizes into
//! them. Nothing here reads a layout.

use crate::reactive::StoredValue;
use leptos::prelude::{document, on_cleanup};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{
    Element, Event, HtmlDialogElement, HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement,
    ResizeObserver, ResizeObserverEntry, Text,
};

/// Elements that can have the focus.
const CAN_HAVE_FOCUS: &str = "a, button, [tabindex]";

/// An HTML element.
#[derive(Clone)]
pub(crate) struct Drawn(HtmlElement);

/// A text inside an element.
pub(crate) struct Words(Text);

/// The path of a small drawing.
pub(crate) struct Stroke {
    drawing: Element,
    path: Element,
}

impl Drawn {
    /// A new element of HTML with a class, not yet in the page.
    pub(crate) fn new(tag: &str, class: &str) -> Self {
        // Fails only for names that are none, and those are all written in this program.
        let element = document().create_element(tag).expect("a name of an element");
        element.set_class_name(class);
        Self(element.unchecked_into())
    }

    /// An element that is there already.
    pub(crate) fn of(element: &Element) -> Option<Self> {
        element.clone().dyn_into().ok().map(Self)
    }

    /// The element itself.
    pub(crate) fn element(&self) -> &Element {
        &self.0
    }

    /// Hears events of some kinds, which are all of one type; ends with the owner.
    pub(crate) fn hear<E: wasm_bindgen::JsCast>(&self, kinds: &'static [&'static str], call: impl Fn(&E) + 'static) {
        hear(&self.0, kinds, Box::new(move |event| call(event.unchecked_ref())));
    }

    /// As [`on_resize`].
    pub(crate) fn on_resize(&self, call: impl Fn(f64, f64) + 'static) {
        on_resize(&self.0, call);
    }

    /// Another one, with all that is inside; nothing is heard on it.
    pub(crate) fn twin(&self) -> Option<Self> {
        Self::of(self.0.clone_node_with_deep(true).ok()?.dyn_ref()?)
    }

    /// The text that it begins with.
    pub(crate) fn first_words(&self) -> Option<Words> {
        self.0.first_child()?.dyn_into().ok().map(Words)
    }

    /// The first drawing inside that matches.
    pub(crate) fn first_stroke(&self, css: &str) -> Option<Stroke> {
        let drawing = self.0.query_selector(css).ok()??;
        Some(Stroke { path: drawing.first_element_child()?, drawing })
    }

    /// Width and height of its inside, in CSS pixels. The browser lays the page out for that.
    pub(crate) fn size(&self) -> (f64, f64) {
        super::size(&self.0)
    }

    /// The first element inside that matches.
    pub(crate) fn find(inside: &Element, css: &str) -> Option<Self> {
        Self::of(&inside.query_selector(css).ok()??)
    }

    /// The first element inside that matches.
    pub(crate) fn within(&self, css: &str) -> Option<Self> {
        Self::find(&self.0, css)
    }

    /// All elements inside that match.
    pub(crate) fn all(&self, css: &str) -> Vec<Self> {
        let Ok(found) = self.0.query_selector_all(css) else { return Vec::new() };
        let elements = (0..found.length()).filter_map(|place| Self::of(found.get(place)?.dyn_ref()?));
        elements.collect()
    }

    /// What is written in the first input inside that matches.
    pub(crate) fn written(&self, css: &str) -> Option<String> {
        Some(self.within(css)?.value())
    }

    /// What is written in an input or text area, or chosen in a list.
    pub(crate) fn value(&self) -> String {
        super::window::value(&self.0)
    }

    /// Writes into an input, or chooses in a list, unless it is that already: the cursor stays.
    pub(crate) fn write(&self, value: &str) {
        if let Some(input) = self.0.dyn_ref::<HtmlInputElement>() {
            if input.value() != value {
                input.set_value(value);
            }
        } else if let Some(select) = self.0.dyn_ref::<HtmlSelectElement>() {
            select.set_value(value);
        } else if let Some(area) = self.0.dyn_ref::<HtmlTextAreaElement>()
            && area.value() != value
        {
            area.set_value(value);
        }
    }

    /// Puts a text in the place of everything inside.
    pub(crate) fn say(&self, text: &str) {
        self.0.set_text_content(Some(text));
    }

    /// The text inside.
    pub(crate) fn text(&self) -> String {
        self.0.text_content().unwrap_or_default()
    }

    /// As [`Self::say`], unless it says that already: it need not be read out again.
    pub(crate) fn tell(&self, text: &str) {
        if self.0.text_content().as_deref() != Some(text) {
            self.say(text);
        }
    }

    /// Puts HTML that is written in this program in the place of everything inside; nothing from outside gets here.
    pub(crate) fn fixed(&self, html: &'static str) {
        self.0.set_inner_html(html);
    }

    /// Whether it has an attribute.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.has_attribute(name)
    }

    /// Whether an attribute has a value.
    pub(crate) fn is(&self, name: &str, value: &str) -> bool {
        self.0.get_attribute(name).as_deref() == Some(value)
    }

    /// Opens or closes a dialog.
    pub(crate) fn show(&self, open: bool) {
        let Some(dialog) = self.0.dyn_ref::<HtmlDialogElement>() else { return };
        if !open {
            dialog.close();
        } else if !dialog.open() {
            drop(dialog.show_modal());
        }
    }

    /// Whether the focus is inside.
    pub(crate) fn has_focus(&self) -> bool {
        document().active_element().is_some_and(|active| self.0.contains(Some(&active)))
    }

    /// Gives it the focus.
    pub(crate) fn focus(&self) {
        drop(self.0.focus());
    }

    /// Brings it into view.
    pub(crate) fn reveal(&self) {
        self.0.scroll_into_view_with_bool(true);
    }

    /// Draws the inside anew. The focus stays on what stands in the same place among what can have it.
    pub(crate) fn anew(&self, draw: &dyn Fn(&Self)) {
        let focused = self.focused();
        self.clear();
        draw(self);
        self.focus_again(focused);
    }

    /// Which of those that can have the focus has it.
    pub(super) fn focused(&self) -> Option<usize> {
        self.has_focus().then(|| self.all(CAN_HAVE_FOCUS).iter().position(Self::has_focus))?
    }

    /// Gives the focus to what stands in that place.
    pub(super) fn focus_again(&self, focused: Option<usize>) {
        if let Some(again) = focused.and_then(|place| self.all(CAN_HAVE_FOCUS).into_iter().nth(place)) {
            again.focus();
        }
    }

    /// Takes everything out.
    pub(crate) fn clear(&self) {
        self.0.set_text_content(None);
    }

    /// Takes the element out of the page.
    pub(crate) fn remove(&self) {
        self.0.remove();
    }

    /// Puts an element inside, after what is there.
    pub(crate) fn add(&self, child: &Self) {
        append(&self.0, &child.0);
    }

    /// Puts a new element inside, after what is there.
    pub(crate) fn child(&self, tag: &str, class: &str) -> Self {
        let child = Self::new(tag, class);
        self.add(&child);
        child
    }

    /// Puts a new element with a text inside, after what is there.
    pub(crate) fn says(&self, tag: &str, class: &str, text: &str) -> Self {
        let child = self.child(tag, class);
        child.say(text);
        child
    }

    /// Puts a new element beside this one, before it.
    pub(crate) fn before(&self, tag: &str, class: &str) -> Self {
        let other = Self::new(tag, class);
        // Fails only for an element that is nowhere.
        drop(self.0.before_with_node_1(&other.0));
        other
    }

    /// Puts options into a list, or into what an input proposes, in the place of those that are there: their values and
    /// their texts. The one that is chosen has this value.
    pub(crate) fn options(&self, options: &[(String, String)], chosen: &str) {
        self.clear();
        for (value, text) in options {
            let option = self.says("option", "", text);
            option.attribute("value", value);
            option.attribute_if("selected", (value == chosen).then_some(""));
        }
    }

    /// A press of any of the buttons that are inside and say what they do.
    pub(crate) fn on_press(&self, name: &'static str, call: impl Fn(&str) + 'static) {
        hear(
            &self.0,
            &["click"],
            Box::new(move |event| {
                if let Some(value) = attribute_around(&event, name) {
                    call(&value);
                }
            }),
        );
    }

    /// Sets several attributes.
    pub(crate) fn with(self, attributes: &[(&str, &str)]) -> Self {
        for (name, value) in attributes {
            self.attribute(name, value);
        }
        self
    }

    /// Puts a new button with a text inside, after what is there.
    pub(crate) fn button(&self, class: &str, text: &str) -> Self {
        self.says("button", class, text).with(&[("type", "button")])
    }

    /// Puts a text inside, after what is there.
    pub(crate) fn words(&self) -> Words {
        let text = document().create_text_node("");
        append(&self.0, &text);
        Words(text)
    }

    /// Puts a drawing of 16 by 16 units inside, after what is there. It is an image with a name, or decoration.
    pub(crate) fn stroke(&self, class: &str) -> Stroke {
        let space = Some("http://www.w3.org/2000/svg");
        let drawing = document().create_element_ns(space, "svg").expect("a name of an element");
        let path = document().create_element_ns(space, "path").expect("a name of an element");
        set(&drawing, "viewBox", "0 0 16 16");
        set(&drawing, "class", class);
        append(&drawing, &path);
        append(&self.0, &drawing);
        Stroke { drawing, path }
    }

    /// Replaces all classes.
    pub(crate) fn class(&self, class: &str) {
        self.0.set_class_name(class);
    }

    /// Sets an attribute.
    pub(crate) fn attribute(&self, name: &str, value: &str) {
        set(&self.0, name, value);
    }

    /// Sets an attribute, or takes it away.
    pub(crate) fn attribute_if(&self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.attribute(name, value),
            None => drop(self.0.remove_attribute(name)),
        }
    }

    /// Sets a property of the element's own style.
    pub(crate) fn style(&self, property: &str, value: &str) {
        drop(self.0.style().set_property(property, value));
    }

    /// How far the element is scrolled, in CSS pixels. To be asked in the event, where the layout is clean.
    pub(crate) fn scrolled(&self) -> f64 {
        f64::from(self.0.scroll_top())
    }

    /// Scrolls the element, in CSS pixels.
    pub(crate) fn scroll(&self, top: f64) {
        self.0.set_scroll_top(top.round() as i32);
    }
}

impl Words {
    /// Replaces the text.
    pub(crate) fn set(&self, text: &str) {
        self.0.set_data(text);
    }
}

impl Stroke {
    /// Draws another path, with its name for those who do not see it; without a name it is decoration.
    pub(crate) fn set(&self, path: &str, name: &str) {
        set(&self.path, "d", path);
        if name.is_empty() {
            set(&self.drawing, "aria-hidden", "true");
            drop(self.drawing.remove_attribute("role"));
            drop(self.drawing.remove_attribute("aria-label"));
        } else {
            drop(self.drawing.remove_attribute("aria-hidden"));
            set(&self.drawing, "role", "img");
            set(&self.drawing, "aria-label", name);
        }
    }
}

/// The value of an attribute of the innermost element around an event's target that has it.
pub(crate) fn attribute_around(event: &Event, name: &str) -> Option<String> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let mut selector = String::from("[");
    selector.push_str(name);
    selector.push(']');
    target.closest(&selector).ok()??.get_attribute(name)
}

/// The innermost element around what an event happened on that matches.
pub(crate) fn closest(event: &Event, css: &str) -> Option<Drawn> {
    let target: Element = event.target()?.dyn_into().ok()?;
    Drawn::of(&target.closest(css).ok()??)
}

/// The attribute of the nearest element around what an event happened on that has it, and where that element stands.
pub(crate) fn around(event: &Event, name: &str) -> Option<(String, web_sys::DomRect)> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let found = target.closest(&["[", name, "]"].concat()).ok()??;
    Some((found.get_attribute(name)?, found.get_bounding_client_rect()))
}

/// The attribute of the very element on which an event happened, and where it stands.
pub(crate) fn own(event: &Event, name: &str) -> Option<(String, web_sys::DomRect)> {
    let target: Element = event.target()?.dyn_into().ok()?;
    Some((target.get_attribute(name)?, target.get_bounding_client_rect()))
}

fn hear(element: &HtmlElement, kinds: &'static [&'static str], call: Box<dyn Fn(Event)>) {
    let closure = Closure::wrap(call);
    for kind in kinds {
        drop(element.add_event_listener_with_callback(kind, closure.as_ref().unchecked_ref()));
    }
    let kept = StoredValue::new((element.clone(), closure));
    on_cleanup(move || {
        kept.try_update_value(|(element, closure)| {
            for kind in kinds {
                drop(element.remove_event_listener_with_callback(kind, closure.as_ref().unchecked_ref()));
            }
        });
    });
}

/// Calls back with width and height of an element's inside, in CSS pixels, now and whenever they change; ends with the
/// owner. The browser measures; nothing has to be read.
pub(crate) fn on_resize(element: &Element, call: impl Fn(f64, f64) + 'static) {
    let closure = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
        let last = entries.get(entries.length().saturating_sub(1));
        if let Some(entry) = last.dyn_ref::<ResizeObserverEntry>() {
            let inside = entry.content_rect();
            call(inside.width(), inside.height());
        }
    });
    let Ok(observer) = ResizeObserver::new(closure.as_ref().unchecked_ref()) else { return };
    observer.observe(element);
    // Kept by the owner, and disconnected when it goes.
    StoredValue::new(Observing { observer, _closure: closure });
}

struct Observing {
    observer: ResizeObserver,
    _closure: Closure<dyn Fn(js_sys::Array)>,
}

impl Drop for Observing {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

fn set(element: &Element, name: &str, value: &str) {
    // Fails only for names that are none.
    drop(element.set_attribute(name, value));
}

fn append(parent: &Element, child: &JsValue) {
    if let Some(child) = child.dyn_ref::<web_sys::Node>() {
        // Fails only for a node that contains its new parent.
        drop(parent.append_child(child));
    }
}
