//! The editor of the query in headless Chromium: what a key press costs where there is much to propose.

use serde_json::json;
use thirtyfour::Key;

use crate::{
    Limit, Measure,
    browser::{Browser, eventually},
    harness::Roentgen,
    main_thread, median,
};

/// Traces, each with three values of one annotation.
const TRACES: usize = 2_000;
/// Different values that the page may keep of one annotation.
const VALUES: usize = 5_000;

pub(crate) async fn measure() -> Vec<Measure> {
    let roentgen = Roentgen::serve(&[]);
    send(&roentgen).await;
    let browser = Browser::start().await;
    browser.devtools("Performance.enable", json!({})).await;
    browser.open(&format!("{}/explore?from=now-1h&to=now", roentgen.app())).await;
    browser.wait("[role=grid] [role=row][aria-selected]").await;
    browser.script("document.querySelector('[name=query]').focus()").await;
    browser.press("annotation.order = \"").await;
    eventually("all values are proposed", async || {
        let more = browser.script("return document.querySelector('.editor__more').innerText").await;
        more.as_str()?.starts_with(&format!("{} more", VALUES - 60)).then_some(())
    })
    .await;
    let mut keys = Vec::new();
    for _ in 0..5 {
        let before = work_so_far(&browser).await;
        let typed = "order-1";
        browser.press(typed).await;
        keys.push((work_so_far(&browser).await - before) * 1000.0 / typed.len() as f64);
        for _ in 0..typed.len() {
            browser.press(Key::Backspace).await;
        }
    }
    vec![Measure::new(
        "a key press with 5,000 known values, all of the main thread's work",
        median(keys),
        "ms",
        Limit::AtMost(8.0),
    )]
}

/// Seconds of the main thread's tasks so far.
async fn work_so_far(browser: &Browser) -> f64 {
    main_thread(browser, &["TaskDuration"]).await
}

async fn send(roentgen: &Roentgen) {
    let client = roentgen.sdk();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs_f64();
    for first in (0..TRACES).step_by(40) {
        let documents = (first..first + 40).flat_map(|number| {
            (0..3).map(move |part| {
                let id = format!("1-{:08x}-{:024x}", now as u64, number + 1);
                let order = format!("order-{}", number * 3 + part);
                json!({"trace_id": id, "id": format!("{:016x}", number * 3 + part + 1), "name": "shop",
                    "start_time": now - 1.0, "end_time": now, "annotations": {"order": order}})
                .to_string()
            })
        });
        let put = client.put_trace_segments().set_trace_segment_documents(Some(documents.collect()));
        put.send().await.expect("segments are taken");
    }
}
