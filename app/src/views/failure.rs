//! What could not be had: which call failed, in AWS's own words, and what to do.

use crate::prelude::*;
use api::Failure;

/// A failure with a way to try again.
#[component]
pub(crate) fn FailureNote(
    /// What went wrong.
    failure: Failure,
    /// What the failure concerns, as "The list".
    #[prop(into)]
    what: String,
    /// Called to try again.
    on_retry: Option<Callback<()>>,
) -> impl IntoView {
    let aws = failure.aws.clone().map(|aws| {
        let row = |name: &'static str, value: Option<String>| {
            value.map(|value| view! { <div class="facts__row"><dt>{name}</dt><dd>{value}</dd></div> })
        };
        view! {
            <dl class="facts">
                {row("Call", Some(aws.operation))}
                {row("Code", aws.code)}
                {row("Message", aws.message)}
                {row("AWS request id", aws.request_id)}
                {row("Request id", failure.request_id.clone())}
            </dl>
        }
    });
    view! {
        <div class="note note--bad" role="alert">
            <p class="note__title">{what} " could not be loaded"</p>
            <p>{failure.message}</p>
            {aws}
            {on_retry.map(|retry| view! {
                <button type="button" class="button" on:click=move |_| retry.run(())>"Try again"</button>
            })}
        </div>
    }
}
