//! The page in headless Chromium: from an address to rows, the work of a scroll frame, first rows of a slow answer.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    Limit, Measure,
    browser::{Browser, eventually},
    fault_proxy::{Fault, FaultProxy},
    harness::Roentgen,
    main_thread, median,
};

/// Says when the first row of a grid stood on the screen, in milliseconds since the navigation began.
const WATCH: &str = "
    const watch = () => {
        const row = document.querySelector('[role=treegrid] [role=row][aria-level]') || document.querySelector('[role=grid] [role=row][aria-selected]');
        if (row && row.innerText.trim()) {
            requestAnimationFrame(() => requestAnimationFrame(() => { window.__rowsAt = performance.now(); }));
        } else {
            requestAnimationFrame(watch);
        }
    };
    requestAnimationFrame(watch);
";

/// Scrolls the waterfall by three rows in each of 120 frames.
pub(crate) const SCROLL: &str = "
    const done = arguments[arguments.length - 1];
    const grid = document.querySelector('[role=treegrid]');
    const all = [grid, ...grid.querySelectorAll('*')];
    for (let e = grid.parentElement; e; e = e.parentElement) all.push(e);
    const scroller = all.find(e => e.scrollHeight > e.clientHeight + 100 && ['auto', 'scroll'].includes(getComputedStyle(e).overflowY));
    let frame = 0;
    const step = () => {
        if (frame++ === 120) { done(scroller.scrollTop); return; }
        scroller.scrollTop += 78;
        requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
";

pub(crate) async fn measure() -> Vec<Measure> {
    let roentgen = Roentgen::serve(&[]);
    let mut traces = Vec::new();
    for (seed, spans) in [(1, 1_000), (2, 10_000), (3, 100_000)] {
        traces.push((spans, send(&roentgen, seed, spans).await));
    }
    let browser = Browser::start().await;
    browser.devtools("Performance.enable", json!({})).await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH })).await;
    let mut measures = Vec::new();
    let mut frames = Vec::new();
    for (spans, id) in &traces {
        let address = format!("{}/trace/{id}", roentgen.app());
        let mut opened = Vec::new();
        for _ in 0..5 {
            // The page must come from the server and not from the browser's memory.
            browser.devtools("Network.clearBrowserCache", json!({})).await;
            browser.open(&address).await;
            opened.push(rows_at(&browser).await);
        }
        let limit = if *spans == 10_000 { Limit::AtMost(600.0) } else { Limit::None };
        measures.push(Measure::new(
            format!("trace of {spans} spans, from address to rows"),
            median(opened),
            "ms",
            limit,
        ));
        let mut work = Vec::new();
        for _ in 0..3 {
            browser.script("for (const e of document.querySelectorAll('*')) e.scrollTop = 0").await;
            let before = work_so_far(&browser).await;
            browser.driver.execute_async(SCROLL, Vec::new()).await.expect("it scrolls");
            work.push((work_so_far(&browser).await - before) * 1000.0 / 120.0);
        }
        frames.push(median(work));
        let limit = if *spans == 1_000 { Limit::None } else { Limit::AtMost(6.0) };
        measures.push(Measure::new(
            format!("  work of a scroll frame at {spans} spans"),
            frames[frames.len() - 1],
            "ms",
            limit,
        ));
    }
    measures.push(Measure::new(
        "scroll frame, 100,000 spans against 1,000",
        frames[2] / frames[0],
        "×",
        Limit::AtMost(1.5),
    ));
    measures.extend(first_rows(&roentgen, &browser).await);
    measures
}

/// Sends a trace of so many spans and gives its id.
pub(crate) async fn send(roentgen: &Roentgen, seed: u64, spans: usize) -> String {
    let documents = fixture::realistic(seed, spans);
    let first: Value = serde_json::from_str(&documents[0]).expect("it is JSON");
    let client = roentgen.sdk();
    for batch in documents.chunks(200) {
        let put = client.put_trace_segments().set_trace_segment_documents(Some(batch.to_vec()));
        let answer = put.send().await.expect("the local X-Ray takes segments");
        assert!(answer.unprocessed_trace_segments().is_empty(), "all documents are taken");
    }
    first["trace_id"].as_str().expect("an id").to_owned()
}

async fn rows_at(browser: &Browser) -> f64 {
    eventually("rows stand on the screen", async || browser.script("return window.__rowsAt || null").await.as_f64())
        .await
}

/// Seconds of script, style and layout so far.
async fn work_so_far(browser: &Browser) -> f64 {
    main_thread(browser, &["ScriptDuration", "RecalcStyleDuration", "LayoutDuration"]).await
}

/// A list of many pages, each 200 ms late: the first rows must not wait for the last page.
async fn first_rows(roentgen: &Roentgen, browser: &Browser) -> Vec<Measure> {
    let client = roentgen.sdk();
    for number in 0..30_u32 {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs_f64();
        let batch: Vec<String> = (0..40_u32)
            .map(|place| {
                let id = format!("1-{:08x}-{:024x}", now as u64, number * 40 + place + 1);
                json!({"trace_id": id, "id": "00000000000000a0", "name": "shop", "start_time": now - 1.0, "end_time": now}).to_string()
            })
            .collect();
        client.put_trace_segments().set_trace_segment_documents(Some(batch)).send().await.expect("segments are taken");
    }
    let proxy = FaultProxy::start(roentgen.xray()).await;
    proxy.set("/TraceSummaries", Fault::Delay(Duration::from_millis(200)));
    let served = Roentgen::serve_aws_at(&proxy.endpoint());
    browser.open(&format!("{}/?from=now-1h&to=now", served.app())).await;
    let rows = rows_at(browser).await;
    let pages_then = proxy.calls().len();
    let mut pages = pages_then;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = proxy.calls().len();
        if now == pages {
            break;
        }
        pages = now;
    }
    vec![
        Measure::new("1,200 traces, each page 200 ms late: first rows after", rows, "ms", Limit::None),
        Measure::new(
            "  pages asked for by then, as a share of all",
            pages_then as f64 / pages as f64,
            "×",
            Limit::AtMost(0.6),
        ),
        Measure::new("  pages in all", pages as f64, "", Limit::AtLeast(4.0)),
    ]
}
