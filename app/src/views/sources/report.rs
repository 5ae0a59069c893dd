//! What the doctor says of a data source: may we do what we must, and if not, what to do.

use api::{
    Diagnosis,
    data_source::{Check, CheckOutcome},
};
use leptos::prelude::*;

use crate::{data::Tested, state::Load, widgets::copy::Copy};

/// The last test of a data source.
#[component]
pub(super) fn Report(
    tested: ReadSignal<Option<Tested>>,
    /// What the report is called.
    title: String,
) -> impl IntoView {
    let found = move || {
        let tested = tested.get()?;
        Some(match tested.found {
            Load::Ready(diagnosis) => diagnosed(&diagnosis).into_any(),
            Load::Failed { failure, .. } => {
                view! { <p class="report__verdict report__verdict--bad" role="alert">{failure.message.clone()}</p> }
                    .into_any()
            }
            _ => view! { <p role="status">"Testing " {tested.name} "…"</p> }.into_any(),
        })
    };
    view! { <section class="report" aria-label=title>{found}</section> }
}

fn diagnosed(diagnosis: &Diagnosis) -> impl IntoView + use<> {
    let (class, sign) = if diagnosis.is_well {
        ("report__verdict report__verdict--ok", "✓ ")
    } else {
        ("report__verdict report__verdict--bad", "✗ ")
    };
    let identity = diagnosis.identity.clone().map(|arn| {
        view! { <p>"AWS knows it as " <code>{arn}</code></p> }
    });
    let policy = diagnosis.policy.clone();
    view! {
        <p class=class role="status">{sign}{diagnosis.verdict.clone()}</p>
        {(!diagnosis.region.is_empty()).then(|| view! { <p class="hint">"Asked in " {diagnosis.region.clone()}</p> })}
        {identity}
        {(!diagnosis.checks.is_empty()).then(|| view! {
            <table class="report__checks">
                <thead><tr>
                    <th scope="col">"Operation"</th><th scope="col">"Result"</th><th scope="col">"Message"</th>
                    <th scope="col">"IAM action"</th><th scope="col" class="report__ms">"Time"</th>
                </tr></thead>
                <tbody>{diagnosis.checks.iter().map(row).collect_view()}</tbody>
            </table>
        })}
        {(!policy.is_empty()).then(|| view! {
            <details class="report__policy" open=!diagnosis.is_well>
                <summary>"The least policy that Roentgen needs"</summary>
                <pre class="inspector__code" tabindex="0">{policy.clone()}</pre>
                <Copy label="Copy the policy" text=Signal::stored(policy) />
            </details>
        })}
    }
}

fn row(check: &Check) -> AnyView {
    let (class, result) = match check.outcome {
        CheckOutcome::Allowed => ("state state--ok", "✓ allowed"),
        CheckOutcome::Denied => ("state state--fault", "✗ denied"),
        CheckOutcome::NotProbed => ("state", "– not probed"),
        CheckOutcome::Failed => ("state state--error", "! failed"),
    };
    let time = (check.outcome != CheckOutcome::NotProbed)
        .then(|| format::duration::short((check.elapsed_ms as i64).saturating_mul(1_000_000)));
    view! {
        <tr>
            <th scope="row">{check.operation.clone()}</th>
            <td class=class>{result}</td>
            <td class="report__message">{check.message.clone()}</td>
            <td><code>{check.action.clone()}</code></td>
            <td class="report__ms">{time}</td>
        </tr>
    }
    .into_any()
}
