//! The address bar.

use leptos::{ev, prelude::window_event_listener};
use web_sys::wasm_bindgen::JsValue;

/// Path and query of the present address.
pub(crate) fn location() -> String {
    let location = web_sys::window().map(|window| window.location());
    let path = location.as_ref().and_then(|location| location.pathname().ok()).unwrap_or_else(|| "/".to_owned());
    path + &location.and_then(|location| location.search().ok()).unwrap_or_default()
}

/// The origin of the present address, as `http://127.0.0.1:1895`.
pub(crate) fn origin() -> String {
    web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}

/// Shows another address; as a new place to come back from, or in the place of the present one.
pub(crate) fn go(address: &str, replace: bool) {
    let Some(history) = web_sys::window().and_then(|window| window.history().ok()) else { return };
    // Browsers refuse more than a hundred changes in some seconds; the view is right all the same.
    drop(if replace {
        history.replace_state_with_url(&JsValue::NULL, "", Some(address))
    } else {
        history.push_state_with_url(&JsValue::NULL, "", Some(address))
    });
}

/// Calls back with the new address when the user goes back or forward; ends with the owner.
pub(crate) fn on_travel(call: impl Fn(String) + 'static) {
    let handle = window_event_listener(ev::popstate, move |_| call(location()));
    leptos::prelude::on_cleanup(move || handle.remove());
}
