//! What a first visit sees beside the map: what this is, what to try, and how to see one's own traces.

use crate::prelude::*;

use crate::{pages::AboutLoad, widgets::copy::Copy};

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

/// The panel.
#[component]
pub(crate) fn Welcome(about: AboutLoad, on_close: Callback<()>) -> impl IntoView {
    let address = move || {
        about.with(|about| about.value().and_then(|about| about.local.as_ref().map(|local| local.address.clone())))
    };
    let ways = move || {
        let address = address()?;
        let ways = WAYS.map(|(name, text)| {
            let text = text.replace('@', &address);
            view! {
                <details class="welcome__way" name="welcome">
                    <summary>{name}</summary>
                    <pre class="inspector__code" tabindex="0">{text.clone()}</pre>
                    <Copy label="Copy" text=Signal::stored(text) />
                </details>
            }
        });
        Some(Vec::from(ways))
    };
    view! {
        <section class="inspector" aria-label="Welcome">
            <header class="inspector__head">
                <div class="inspector__top">
                    <h2 class="inspector__title">"A web shop, live"</h2>
                    <button type="button" class="button button--quiet" aria-label="Close the welcome" title="Close"
                        on:click=move |_| on_close.run(())>"✕"</button>
                </div>
                <p>"Each circle is a service of a made-up shop, each arrow its calls. The ring tells how requests ended; the number inside, how long they took."</p>
            </header>
            <div class="inspector__body">
                <h3 class="inspector__heading">"Three things to try"</h3>
                <ol class="welcome__list">
                    <li>"Follow the red: press the service whose ring is red, and see whom it calls."</li>
                    <li>"Press “Faults” there for the traces that failed, and open the slowest one."</li>
                    <li>"Drag over the bars of “Response times” for the traces in that band."</li>
                </ol>
                <h3 class="inspector__heading">"Send your own traces"</h3>
                {ways}
                <h3 class="inspector__heading">"Read AWS X-Ray"</h3>
                <p>"Start Roentgen with the region, and a profile if need be; credentials stay in the server:"</p>
                <pre class="inspector__code" tabindex="0">"roentgen serve --region eu-west-1 --profile production"</pre>
            </div>
        </section>
    }
}
