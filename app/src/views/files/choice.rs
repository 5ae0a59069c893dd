//! The ways to open files.

use crate::platform::drawn::Drawn;

/// Draws a button for files, a place to paste, and what becomes of the content.
pub(crate) fn draw(sheet: &Drawn) {
    sheet.says("h1", "files__title", "Open a file");
    sheet.says("p", "", "Segment documents of X-Ray, answers of BatchGetTraces, OpenTelemetry’s JSON (OTLP), or Jaeger’s JSON: in lists, one a line, or several files together.");
    let note = sheet.says(
        "p",
        "files__private",
        "The content stays in this browser: it is read here, sent to nobody, and stored nowhere.",
    );
    note.attribute("id", "files-private");
    let drop = sheet.child("div", "files__drop");
    let label = drop.says("label", "button button--main files__choose", "Choose files…");
    let input = label.child("input", "files__input");
    for (name, value) in [("type", "file"), ("multiple", ""), ("aria-describedby", "files-private")] {
        input.attribute(name, value);
    }
    drop.says("span", "hint", "or drop them anywhere on this page");
    let form = sheet.child("form", "files__form");
    let label = form.says("label", "label", "Or paste the content");
    label.attribute("for", "files-text");
    let area = form.child("textarea", "input files__text");
    let attributes =
        [("id", "files-text"), ("name", "text"), ("rows", "5"), ("spellcheck", "false"), ("autocomplete", "off")];
    for (name, value) in attributes {
        area.attribute(name, value);
    }
    area.attribute("placeholder", "{\"trace_id\": \"1-…\", \"id\": \"…\", \"name\": \"…\", \"start_time\": …}");
    let row = form.child("div", "files__row");
    row.says("button", "button", "Open the text").attribute("type", "submit");
    row.says("span", "hint", "or Ctrl + Enter");
}
