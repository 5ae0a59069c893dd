//! What a first visit sees beside the map: what this is, what to try, and how to see one's own traces.

use crate::prelude::*;
use leptos::ev;

use crate::{pages::AboutLoad, platform::drawn::Drawn, widgets::copy};

/// How programs are pointed at the local X-Ray, by language; `@` stands for its address.
const WAYS: [(&str, &str); 5] = [
    (
        "Python",
        "pip install aws-xray-sdk\nexport AWS_XRAY_DAEMON_ADDRESS=@\n\nfrom aws_xray_sdk.core import xray_recorder, patch_all\npatch_all()\nxray_recorder.configure(service=\"my-service\", sampling=False)\nwith xray_recorder.in_segment(\"my-service\"):\n    ...",
    ),
    (
        "Node.js",
        "npm install aws-xray-sdk\nexport AWS_XRAY_DAEMON_ADDRESS=@\n\nconst AWSXRay = require(\"aws-xray-sdk\");\napp.use(AWSXRay.express.openSegment(\"my-service\"));\n// routes\napp.use(AWSXRay.express.closeSegment());",
    ),
    (
        "Java",
        "// com.amazonaws:aws-xray-recorder-sdk-core\n// AWS_XRAY_DAEMON_ADDRESS=@\nAWSXRay.createSegment(\"my-service\", segment -> {\n    ...\n});",
    ),
    (
        "Go",
        "go get github.com/aws/aws-xray-sdk-go/v2/xray\nexport AWS_XRAY_DAEMON_ADDRESS=@\n\nctx, segment := xray.BeginSegment(context.Background(), \"my-service\")\ndefer segment.Close(nil)",
    ),
    (
        "OpenTelemetry",
        "# Any SDK; a collector's otlphttp exporter takes the same address.\nexport OTEL_EXPORTER_OTLP_ENDPOINT=http://@\nexport OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\nexport OTEL_SERVICE_NAME=my-service",
    ),
];

/// What is written above the ways.
const TOP: &str = "\
<header class=inspector__head>\
<div class=inspector__top>\
<h2 class=inspector__title>A web shop, live</h2>\
<button type=button class='button button--quiet' aria-label='Close the welcome' title=Close>✕</button>\
</div>\
<p>Each circle is a service of a made-up shop, each arrow its calls. The ring tells how requests ended; the number inside, how long they took.</p>\
</header>\
<div class=inspector__body>\
<h3 class=inspector__heading>Three things to try</h3>\
<ol class=welcome__list>\
<li>Follow the red: press the service whose ring is red, and see whom it calls.</li>\
<li>Press “Faults” there for the traces that failed, and open the slowest one.</li>\
<li>Drag over the bars of “Response times” for the traces in that band.</li>\
</ol>\
<h3 class=inspector__heading>Send your own traces</h3>\
</div>";

/// The panel.
#[component]
pub(crate) fn Welcome(about: AboutLoad, on_close: Callback<()>) -> impl IntoView {
    let root = Drawn::new("section", "inspector").with(&[("aria-label", "Welcome")]);
    // Asked for again and again, and mostly the same.
    let address = Signal::memo(move |_| {
        about.with(|about| about.value().and_then(|about| about.local.as_ref().map(|local| local.address.clone())))
    });
    root.follow(move |root| {
        root.fixed(TOP);
        if let Some(close) = root.within("button") {
            close.hear(&["click"], move |_: &ev::MouseEvent| on_close.run(()));
        }
        let Some(body) = root.within(".inspector__body") else { return };
        for (name, text) in WAYS.iter().filter(|_| address.with(Option::is_some)) {
            let text = text.replace('@', &address.get().unwrap_or_default());
            let way = body.child("details", "welcome__way").with(&[("name", "welcome")]);
            way.says("summary", "", name);
            way.says("pre", "inspector__code", &text).attribute("tabindex", "0");
            way.add(&copy::button("Copy", move || text.clone()));
        }
        body.says("h3", "inspector__heading", "Read AWS X-Ray");
        body.says("p", "", "Start Roentgen with the region, and a profile if need be; credentials stay in the server:");
        let command = body.says("pre", "inspector__code", "roentgen serve --region eu-west-1 --profile production");
        command.attribute("tabindex", "0");
    });
    root
}
