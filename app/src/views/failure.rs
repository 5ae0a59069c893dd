//! What could not be had: which call failed, in AWS's own words, and what to do.

use crate::prelude::*;
use api::Failure;

use crate::platform::drawn::Drawn;

/// The attribute of the button that tries again.
const RETRY: &str = "data-retry";

/// A failure of what it is called here, as "The list", with a way to try again.
pub(crate) fn note(failure: &Failure, what: &str, on_retry: Callback<()>) -> AnyView {
    element(failure, what, on_retry).view()
}

/// The same as an element.
pub(crate) fn element(failure: &Failure, what: &str, on_retry: Callback<()>) -> Drawn {
    let note = draw(failure, what);
    note.on_press(RETRY, move |_| on_retry.run(()));
    note
}

/// Draws a failure, with a button to try again.
fn draw(failure: &Failure, what: &str) -> Drawn {
    let note = Drawn::new("div", "note note--bad").with(&[("role", "alert")]);
    note.says("p", "note__title", &[what, " could not be loaded"].concat());
    note.says("p", "", &failure.message);
    if let Some(aws) = &failure.aws {
        let facts = note.child("dl", "facts");
        for (name, value) in [
            ("Call", Some(&aws.operation)),
            ("Code", aws.code.as_ref()),
            ("Message", aws.message.as_ref()),
            ("AWS request id", aws.request_id.as_ref()),
            ("Request id", failure.request_id.as_ref()),
        ] {
            if let Some(value) = value {
                let row = facts.child("div", "facts__row");
                row.says("dt", "", name);
                row.says("dd", "", value);
            }
        }
    }
    note.says("button", "button", "Try again").with(&[("type", "button"), (RETRY, "")]);
    note
}
