//! What stands in the list's place when nothing was found: why that may be, and what to do.

use crate::prelude::*;
use leptos::ev;
use model::{Nanos, range::Bound, range::TimeRange};

use crate::{
    pages::AboutLoad,
    platform::drawn::{self, Drawn},
    widgets::copy,
};

/// The attribute of a button with a longer range: how long, in seconds.
const SECONDS: &str = "data-seconds";

/// Longer ranges to look at next.
const WIDER: [(&str, i64); 3] =
    [("Last 6 hours", 6 * 3600), ("Last 24 hours", 24 * 3600), ("Last 7 days", 7 * 24 * 3600)];

/// The parts that are always there; the buttons and the way to send traces are filled in.
const PARTS: &str = "\
<h2 class=empty__title>No traces in this range</h2>\
<p>Look further back, or loosen the query:</p>\
<p class=empty__actions></p>\
<p>Or <a href='/file'>open a file</a> that holds traces: it is read in this browser alone.</p>\
<div class=empty__send></div>";

/// Nothing was found.
#[component]
pub(crate) fn Empty(about: AboutLoad, range: Signal<TimeRange>, on_widen: Callback<TimeRange>) -> impl IntoView {
    let root = Drawn::new("section", "empty");
    root.fixed(PARTS);
    let last = |seconds: i64| TimeRange { from: Bound::Ago(Nanos::seconds(seconds)), to: Bound::Ago(Nanos(0)) };
    root.hear(&["click"], move |event: &ev::MouseEvent| {
        if let Some(seconds) = drawn::attribute_around(event, SECONDS).and_then(|seconds| seconds.parse().ok()) {
            on_widen.run(last(seconds));
        }
    });
    root.follow(move |root| {
        let Some(actions) = root.within(".empty__actions") else { return };
        let covered = match range.get() {
            TimeRange { from: Bound::Ago(length), .. } => length.0 / 1_000_000_000,
            TimeRange { .. } => 0,
        };
        actions.clear();
        for (text, seconds) in WIDER.into_iter().filter(|(_, seconds)| *seconds > covered) {
            actions.button("button", text).attribute(SECONDS, &seconds.to_string());
        }
    });
    let local = Signal::memo(move |_| {
        about.with(|about| about.value().and_then(|about| about.local.as_ref().map(|local| local.address.clone())))
    });
    root.follow(move |root| {
        let (Some(send), Some(address)) = (root.within(".empty__send"), local.get()) else { return };
        send.clear();
        send.says("h3", "", "Send your own traces");
        send.says(
            "p",
            "",
            "Start a program that uses an X-Ray SDK with this in its environment, and switch refresh on:",
        );
        let command = ["export AWS_XRAY_DAEMON_ADDRESS=", &address].concat();
        let line = send.child("p", "empty__command");
        line.says("code", "", &command);
        line.words().set(" ");
        line.add(&copy::button("Copy", move || command.clone()));
        let hint = "AWS SDKs and the AWS command line reach the same place with AWS_ENDPOINT_URL_XRAY=http://";
        send.says("p", "hint", &[hint, &address].concat());
    });
    root
}
