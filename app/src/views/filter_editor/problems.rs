//! What is wrong with the query, and what is right and probably not meant, in sentences with a way to mend it.

use crate::prelude::*;
use filter::assist::Severity;

use super::Editor;

/// So many are told at once; mending them shows the next.
const MOST_TOLD: usize = 4;

/// The sentences.
#[component]
pub(crate) fn Problems(
    editor: Editor,
    /// Runs what is written, be it wrong.
    on_anyway: Callback<()>,
) -> impl IntoView {
    let told = Signal::memo(move |_| editor.told());
    let item = move |found: filter::assist::Diagnostic| {
        let column = editor.text.with_untracked(|text| text[..found.span.start.min(text.len())].chars().count() + 1);
        let class =
            if found.severity == Severity::Error { "problems__item problems__item--bad" } else { "problems__item" };
        let fix = found.fix.map(|fix| {
            let what =
                if fix.replacement.is_empty() { "Remove it".to_owned() } else { ["Write ", &fix.replacement].concat() };
            let mend = move |_| {
                let end = fix.span.start + fix.replacement.len();
                editor.write(fix.span.clone(), &fix.replacement, end);
                editor.settled.set(editor.text.get_untracked());
            };
            view! { <button type="button" class="button" on:click=mend>{what}</button> }
        });
        let place = found.span.start;
        let go = move |_| editor.write(place..place, "", place);
        view! {
            <li class=class>
                <button type="button" class="link" title="Go there" on:click=go>"Column "{column}</button>
                " "<span>{found.message}</span>" "{fix}
            </li>
        }
    };
    view! {
        <div class="problems" id="query-problems" role="status" aria-live="polite">
            <Show when=move || editor.refused.get()>
                <p class="problems__refused">
                    "Not run: the query has a mistake. "
                    <button type="button" class="button" on:click=move |_| on_anyway.run(())>"Run it as it is"</button>
                </p>
            </Show>
            {move || {
                let told = told.get();
                (!told.is_empty()).then(|| {
                    let more = told.len().saturating_sub(MOST_TOLD);
                    view! {
                        <ul class="problems__list">{told.into_iter().take(MOST_TOLD).map(item).collect_view()}</ul>
                        {(more > 0).then(|| view! { <p class="hint">{format!("and {more} more")}</p> })}
                    }
                })
            }}
        </div>
    }
}
