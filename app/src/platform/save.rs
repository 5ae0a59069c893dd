//! Files that the browser saves.

use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlElement, Url};

/// Lets the user save a text under a name. What cannot be made is not saved; the browser says why in its console.
pub(crate) fn save(name: &str, media_type: &str, text: &str) {
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    if let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) {
        save_blob(name, &blob);
    }
}

/// Lets the user save bytes under a name.
pub(super) fn save_blob(name: &str, blob: &Blob) {
    let Ok(address) = Url::create_object_url_with_blob(blob) else { return };
    let link =
        web_sys::window().and_then(|window| window.document()).and_then(|document| document.create_element("a").ok());
    if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
        let is_set = link.set_attribute("href", &address).and_then(|()| link.set_attribute("download", name)).is_ok();
        if is_set {
            link.click();
        }
    }
    // The browser has begun to read it by then.
    super::after(std::time::Duration::from_secs(10), move || drop(Url::revoke_object_url(&address)));
}
