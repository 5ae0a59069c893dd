//! What could not be had: which call failed, in AWS's own words, and what to do.

use crate::prelude::*;
use api::Failure;
use leptos::ev;

use crate::platform::drawn::Drawn;

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
    let root = Drawn::new("div", "note note--bad").with(&[("role", "alert")]);
    root.says("p", "note__title", &(what + " could not be loaded"));
    root.says("p", "", &failure.message);
    if let Some(aws) = failure.aws {
        let list = root.child("dl", "facts");
        for (name, value) in [
            ("Call", Some(aws.operation)),
            ("Code", aws.code),
            ("Message", aws.message),
            ("AWS request id", aws.request_id),
            ("Request id", failure.request_id),
        ] {
            if let Some(value) = value {
                let row = list.child("div", "facts__row");
                row.says("dt", "", name);
                row.says("dd", "", &value);
            }
        }
    }
    if let Some(retry) = on_retry {
        root.button("button", "Try again").hear(&["click"], move |_: &ev::MouseEvent| retry.run(()));
    }
    root
}
