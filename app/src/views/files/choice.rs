//! The ways to open files.

use crate::platform::drawn::Drawn;

/// A button for files, a place to paste, and what becomes of the content.
const CHOICE: &str = "\
<h1 class=files__title>Open a file</h1>\
<p>Segment documents of X-Ray, answers of BatchGetTraces, OpenTelemetry’s JSON (OTLP), or Jaeger’s JSON: in lists, one a line, or several files together.</p>\
<p class=files__private id=files-private>The content stays in this browser: it is read here, sent to nobody, and stored nowhere.</p>\
<div class=files__drop>\
<label class='button button--main files__choose'>Choose files…<input class=files__input type=file multiple aria-describedby=files-private></label>\
<span class=hint>or drop them anywhere on this page</span>\
</div>\
<form class=files__form>\
<label class=label for=files-text>Or paste the content</label>\
<textarea class='input files__text' id=files-text name=text rows=5 spellcheck=false autocomplete=off placeholder='{\"trace_id\": \"1-…\", \"id\": \"…\", \"name\": \"…\", \"start_time\": …}'></textarea>\
<div class=files__row><button class=button type=submit>Open the text</button><span class=hint>or Ctrl + Enter</span></div>\
</form>";

/// Draws them, and where it is said that something is being read.
pub(crate) fn draw(sheet: &Drawn) {
    sheet.child("div", "files__choice").fixed(CHOICE);
    sheet.child("p", "files__busy").attribute("role", "status");
}
