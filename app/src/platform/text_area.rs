//! A text area as an editor needs it: places as bytes of its text, and changes that its own undo takes back.

use std::ops::Range;

use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlDocument, HtmlTextAreaElement};

/// The text area.
#[derive(Clone)]
pub(crate) struct TextArea(HtmlTextAreaElement);

impl TextArea {
    /// That of an element.
    pub(crate) fn of(element: &Element) -> Option<Self> {
        element.clone().dyn_into().ok().map(Self)
    }

    /// What is written in it.
    pub(crate) fn text(&self) -> String {
        self.0.value()
    }

    /// Writes another text in its place, and leaves the focus where it is.
    pub(crate) fn set(&self, text: &str) {
        self.0.set_value(text);
    }

    /// The bytes that are selected; empty at the cursor.
    pub(crate) fn selected(&self) -> Range<usize> {
        let text = self.text();
        let unit = |unit: Option<u32>| byte_at(&text, unit.unwrap_or(0) as usize);
        let start = unit(self.0.selection_start().unwrap_or(None));
        start..unit(self.0.selection_end().unwrap_or(None)).max(start)
    }

    /// Selects bytes; an empty range places the cursor.
    pub(crate) fn select(&self, bytes: Range<usize>) {
        let text = self.text();
        let units = [bytes.start, bytes.end].map(|byte| units_before(&text, byte) as u32);
        drop(self.0.set_selection_range(units[0], units[1]));
    }

    /// Writes in the place of some bytes, as if it had been typed, and places the cursor at a byte of the new text.
    pub(crate) fn replace(&self, bytes: Range<usize>, with: &str, cursor: usize) {
        drop(self.0.focus());
        self.select(bytes.clone());
        // The only way of writing that the browser's undo knows. Deprecated, and without a successor.
        let document = web_sys::window().and_then(|window| window.document()?.dyn_into::<HtmlDocument>().ok());
        let command = if with.is_empty() { "delete" } else { "insertText" };
        let is_nothing = with.is_empty() && bytes.is_empty();
        let written = is_nothing
            || document
                .is_some_and(|document| document.exec_command_with_show_ui_and_value(command, false, with) == Ok(true));
        if !written {
            let text = self.text();
            if let (Some(before), Some(after)) = (text.get(..bytes.start), text.get(bytes.end..)) {
                self.0.set_value(&[before, with, after].concat());
                if let Ok(event) = Event::new("input") {
                    drop(self.0.dispatch_event(&event));
                }
            }
        }
        self.select(cursor..cursor);
    }
}

/// Where a byte of a text stands that is written out in pieces, whose `data-at` is their first byte: left and bottom
/// relative to an element around them, in CSS pixels.
pub(crate) fn place_of(pieces: &Element, around: &Element, byte: usize) -> Option<(f64, f64)> {
    let all = pieces.children();
    let mut found = None;
    for piece in (0..all.length()).filter_map(|place| all.item(place)) {
        let Some(at) = piece.get_attribute("data-at").and_then(|at| at.parse::<usize>().ok()) else { continue };
        if at > byte {
            break;
        }
        found = Some((piece, byte - at));
    }
    let origin = around.get_bounding_client_rect();
    let Some((piece, into)) = found else {
        let place = pieces.get_bounding_client_rect();
        return Some((place.left() - origin.left(), place.bottom() - origin.top()));
    };
    let text = piece.first_child()?;
    let unit = units_before(&text.text_content().unwrap_or_default(), into) as u32;
    let range = web_sys::Range::new().ok()?;
    range.set_start(&text, unit).ok()?;
    let place = range.get_bounding_client_rect();
    Some((place.left() - origin.left(), place.bottom() - origin.top()))
}

/// The byte where a text's UTF-16 unit begins; its end where there is none.
fn byte_at(text: &str, unit: usize) -> usize {
    let mut units = 0;
    let place = text.char_indices().find(|(_, letter)| {
        let here = units;
        units += letter.len_utf16();
        here >= unit
    });
    place.map_or(text.len(), |(byte, _)| byte)
}

/// How many UTF-16 units stand before a byte.
fn units_before(text: &str, byte: usize) -> usize {
    text.char_indices().take_while(|(at, _)| *at < byte).map(|(_, letter)| letter.len_utf16()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_units_are_two_names_of_one_place() {
        let text = "a😀é\"b";
        for (byte, unit) in [(0, 0), (1, 1), (5, 3), (7, 4), (8, 5), (9, 6)] {
            assert_eq!((byte_at(text, unit), units_before(text, byte)), (byte, unit));
        }
        assert_eq!(byte_at(text, 99), text.len());
        assert_eq!(byte_at(text, 2), 5, "within a pair: after it");
    }
}
