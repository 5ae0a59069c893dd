//! The document as X-Ray has it.

use crate::prelude::*;
use api::SpanDocument;

use super::facts::copy_button;
use crate::state::Shared;

/// Laid out up to this many bytes; the copy has all.
const MOST_BYTES: usize = 200_000;

/// The span's own JSON, laid out when somebody opens it.
#[component]
pub(super) fn Raw(document: Shared<SpanDocument>) -> impl IntoView {
    let (is_open, set_open) = signal(false);
    let left_out = document.subsegments;
    let size = format::number::bytes(document.document.len() as u64);
    let copied = document.document.clone();
    let content = move || {
        is_open.get().then(|| {
            let pretty = format::json::pretty(&document.document, MOST_BYTES);
            let cut = pretty.cut.then(|| {
                view! {
                    <p class="hint">"Only the beginning is shown. Copying takes the whole document"</p>
                }
            });
            let without = (left_out > 0).then(|| {
                view! {
                    <p class="hint">{format!(
                        "{} shown as spans of their own and left out here",
                        format::number::counted(u64::from(left_out), "subsegment is", "subsegments are"),
                    )}</p>
                }
            });
            view! { {without} {cut} <pre class="inspector__code" tabindex="0">{pretty.text}</pre> }
        })
    };
    view! {
        <details class="inspector__section raw" on:toggle=move |_| set_open.set(true)>
            <summary class="inspector__heading">"Raw JSON " <span class="hint">{size}</span> {copy_button("the document", copied)}</summary>
            {content}
        </details>
    }
}
