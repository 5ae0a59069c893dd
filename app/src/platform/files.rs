//! Files that the user gives to the page. They are read here and go nowhere.

use std::rc::Rc;

use js_sys::Uint8Array;
use leptos::ev;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, Event, File, FileList, HtmlInputElement};

/// A file that was not read yet.
pub(crate) struct Given {
    /// Its name, without folders.
    pub(crate) name: String,
    /// Its size in bytes.
    pub(crate) bytes: f64,
    file: File,
}

impl Given {
    /// All of it. `None` when the browser cannot read it any more.
    pub(crate) async fn read(&self) -> Option<Vec<u8>> {
        let buffer = JsFuture::from(self.file.array_buffer()).await.ok()?;
        Some(Uint8Array::new(&buffer).to_vec())
    }
}

fn all(files: Option<FileList>) -> Vec<Given> {
    let Some(files) = files else { return Vec::new() };
    let files = (0..files.length()).filter_map(|place| files.get(place));
    files.map(|file| Given { name: file.name(), bytes: file.size(), file }).collect()
}

/// The files that were chosen in the input that an event comes from. The same ones can be chosen again afterwards.
pub(crate) fn chosen(event: &Event) -> Vec<Given> {
    let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    let Some(input) = input else { return Vec::new() };
    let files = all(input.files());
    input.set_value("");
    files
}

/// Calls back with files that are dropped anywhere on the page, or with a text; `over` hears whether something that could
/// be dropped is above it. Ends with the owner.
pub(crate) fn on_drop(over: impl Fn(bool) + 'static, call: impl Fn(Vec<Given>, String) + 'static) {
    let over = Rc::new(over);
    let is_over = over.clone();
    super::on_window(ev::dragover, move |event| {
        // Otherwise the browser would go to the file instead of dropping it.
        event.prevent_default();
        is_over(true);
    });
    let is_over = over.clone();
    super::on_window(ev::dragleave, move |event: DragEvent| {
        if event.related_target().is_none() {
            is_over(false);
        }
    });
    super::on_window(ev::drop, move |event: DragEvent| {
        event.prevent_default();
        over(false);
        if let Some(dropped) = event.data_transfer() {
            call(all(dropped.files()), dropped.get_data("text").unwrap_or_default());
        }
    });
}
