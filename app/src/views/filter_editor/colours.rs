//! The coloured copy of the text that lies below the text area, with lines under what is wrong.

use filter::assist::{self, Diagnostic, Paint, Painted, Severity};
use leptos::ev;

use super::Editor;
use crate::platform::{self, drawn::Drawn};

/// A piece of the text that looks the same throughout.
#[derive(Clone, Debug, PartialEq)]
struct Piece {
    start: usize,
    text: String,
    class: String,
}

/// Draws the copy. It also tells where the cursor is on the screen.
pub(super) fn draw(sheet: &Drawn, editor: Editor) {
    let layer = sheet.child("pre", "input query-bar__query editor__colours").with(&[("aria-hidden", "true")]);
    layer.follow(move |layer| {
        let text = editor.text.get();
        let pieces = pieces(&text, &assist::paint(&text), &editor.told());
        layer.clear();
        for piece in pieces {
            let span = layer.child("span", &piece.class);
            span.attribute("data-at", &piece.start.to_string());
            span.words().set(&piece.text);
        }
        // A last line that is empty has a height as well.
        layer.words().set("\u{200b}");
    });
    editor.layer.set_value(Some(layer));
}

/// Where the text changes its look: at the borders of painted pieces, and at those of what is wrong.
fn pieces(text: &str, painted: &[Painted], told: &[Diagnostic]) -> Vec<Piece> {
    let spans = painted.iter().map(|it| &it.span).chain(told.iter().map(|it| &it.span));
    let mut borders: Vec<u64> = spans.flat_map(|span| [span.start as u64, span.end as u64]).collect();
    borders.extend([0, text.len() as u64]);
    let borders = order::distinct(&borders);
    let mut pieces: Vec<Piece> = borders
        .windows(2)
        .map(|border| {
            let (start, end) = (border[0] as usize, border[1] as usize);
            let after = painted.partition_point(|it| it.span.start <= start);
            let of = after.checked_sub(1).map(|place| &painted[place]).filter(|it| it.span.end > start);
            let mut class = of.map_or_else(String::new, |it| ["editor__word editor__word--", name(it.paint)].concat());
            let worst = told.iter().filter(|it| it.span.start <= start && it.span.end >= end);
            if let Some(worst) = worst.map(|it| it.severity).max_by_key(|it| *it == Severity::Error) {
                class.push_str(line(worst));
            }
            Piece { start, text: text.get(start..end).unwrap_or("").to_owned(), class }
        })
        .collect();
    // Something is missing at the end: there is nothing to draw a line under but a blank.
    if let Some(missing) = told.iter().find(|it| it.span.is_empty() && it.span.start == text.len()) {
        pieces.push(Piece { start: text.len(), text: " ".to_owned(), class: line(missing.severity).trim().to_owned() });
    }
    pieces
}

fn line(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => " editor__bad",
        Severity::Warning => " editor__doubtful",
    }
}

fn name(paint: Paint) -> &'static str {
    match paint {
        Paint::Keyword => "keyword",
        Paint::Function => "function",
        Paint::Operator => "operator",
        Paint::Text => "text",
        Paint::Number => "number",
        Paint::Sign => "sign",
        Paint::Unknown => "unknown",
    }
}

/// The byte of the text where a mouse is: the first one of the piece under it.
pub(super) fn byte_at(event: &ev::MouseEvent) -> Option<usize> {
    platform::attribute_at(f64::from(event.client_x()), f64::from(event.client_y()), "data-at")?.parse().ok()
}
