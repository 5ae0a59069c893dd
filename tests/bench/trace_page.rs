//! One trace in headless Chromium: from bytes to rows, the work of a press, of a search key, of a scroll frame, memory;
//! a million spans, and a chain 100,000 deep.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use api::{TraceColumns, TraceRow, trace::ColumnService};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
    routing::any,
};
use bytes::Bytes;
use model::{Moment, Nanos, Outcome, TraceId};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::{
    Limit, Measure,
    browser::{Browser, eventually},
    harness::Roentgen,
    main_thread, median, page,
};

/// Notes when rows stand on the screen, and the memory of the page's program.
const WATCH: &str = "
    const orig = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...all) => {
        const made = await orig.apply(WebAssembly, all);
        window.__memory = made.instance.exports.memory;
        return made;
    };
    const watch = () => {
        const row = document.querySelector('[role=treegrid] [role=row][aria-level]');
        if (row && row.innerText.trim()) {
            requestAnimationFrame(() => requestAnimationFrame(() => { window.__rowsAt = performance.now(); }));
        } else {
            requestAnimationFrame(watch);
        }
    };
    requestAnimationFrame(watch);
";

/// When the bytes of the trace had come, in milliseconds since the navigation began.
const BYTES_AT: &str = "
    const all = performance.getEntriesByType('resource').filter(e => /\\/api\\/traces\\/[^/]+$/.test(e.name.split('?')[0]));
    return all.length ? all[all.length - 1].responseEnd : null;
";

/// Counted as main-thread work.
const WORK: [&str; 3] = ["ScriptDuration", "RecalcStyleDuration", "LayoutDuration"];

/// What is allowed: spans, bytes to rows, a press, a scroll frame, memory.
const LIMITS: [(usize, f64, f64, f64, Option<f64>); 3] =
    [(1_000, 60.0, 8.0, 4.0, None), (10_000, 150.0, 12.0, 4.0, Some(15.0)), (100_000, 900.0, 35.0, 6.0, Some(130.0))];

/// So often is each press measured.
const PRESSES: usize = 60;

/// So long after a press all that it leads to has been done, the details of a span with its document too; but for the
/// address, which follows later and is counted in another press.
const SETTLED: Duration = Duration::from_millis(100);

pub(crate) async fn measure() -> Vec<Measure> {
    let roentgen = Roentgen::serve(&[]);
    let browser = Browser::start().await;
    browser.devtools("Performance.enable", json!({})).await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH })).await;
    let mut all = Vec::new();
    let mut frames = Vec::new();
    let plain = yardstick(&browser, &roentgen).await;
    all.push(Measure::new("a plain page makes 100 elements at a press, work", plain, "ms", Limit::None));
    browser.open(&format!("{}/sources", roentgen.app())).await;
    let empty = eventually("the program runs", async || memory(&browser).await).await;
    warm_up(&browser, &roentgen).await;
    for (place, (spans, rows_ms, press_ms, frame_ms, megabytes)) in LIMITS.into_iter().enumerate() {
        let id = page::send(&roentgen, place as u64 + 1, spans).await;
        let address = format!("{}/trace/{id}", roentgen.app());
        let mut opened = Vec::new();
        for _ in 0..5 {
            opened.push(open(&browser, &address).await);
        }
        all.push(Measure::new(format!("{spans} spans: bytes to rows"), median(opened), "ms", Limit::AtMost(rows_ms)));
        let used = memory(&browser).await.unwrap() - empty;
        let limit = megabytes.map_or(Limit::None, Limit::AtMost);
        all.push(Measure::new("  memory that the trace adds", used, "MB", limit));
        for (name, keys) in [
            ("collapse and expand", [("ArrowLeft", 37), ("ArrowRight", 39)]),
            ("select another span", [("ArrowDown", 40), ("Enter", 13)]),
        ] {
            focus(&browser, "[role=treegrid]").await;
            browser.press(Key::Home).await;
            let worst =
                pressed(&browser, &keys.map(|(key, code)| json!({"key": key, "windowsVirtualKeyCode": code}))).await;
            all.push(Measure::new(format!("  {name}, work of 19 of 20"), worst, "ms", Limit::AtMost(press_ms)));
        }
        focus(&browser, "[name=find]").await;
        let letters: Vec<Value> = "payment item"
            .chars()
            .map(|letter| json!({"key": letter.to_string(), "text": letter.to_string()}))
            .collect();
        let worst = pressed(&browser, &letters).await;
        all.push(Measure::new("  a key of the search, work of 19 of 20", worst, "ms", Limit::AtMost(press_ms)));
        browser.script("const e = document.querySelector('[name=find]'); e.value = ''; e.dispatchEvent(new Event('input', {bubbles: true}))").await;
        frames.push(scrolled(&browser).await);
        all.push(Measure::new("  work of a scroll frame", frames[place], "ms", Limit::AtMost(frame_ms)));
        let elements = browser.script("return document.querySelectorAll('[role=treegrid] [role=row]').length").await;
        all.push(Measure::new("  elements of rows", elements.as_f64().unwrap(), "", Limit::AtMost(120.0)));
    }
    all.push(Measure::new("scroll frame, 100,000 spans against 1,000", frames[2] / frames[0], "×", Limit::AtMost(1.5)));
    all.extend(special(&roentgen, &browser).await);
    all
}

/// Opens and walks a trace that is not measured: the browser then has the program's compiled form in its cache, as it has
/// for everybody who has opened a trace before. Without this, the first size that is measured pays for it.
async fn warm_up(browser: &Browser, roentgen: &Roentgen) {
    let id = page::send(roentgen, 9, 1_000).await;
    for _ in 0..3 {
        open(browser, &format!("{}/trace/{id}", roentgen.app())).await;
        focus(browser, "[role=treegrid]").await;
        let keys = [("ArrowDown", 40), ("Enter", 13), ("ArrowLeft", 37), ("ArrowRight", 39)];
        pressed(browser, &keys.map(|(key, code)| json!({"key": key, "windowsVirtualKeyCode": code}))).await;
    }
}

/// Megabytes of the program's memory.
async fn memory(browser: &Browser) -> Option<f64> {
    browser.script("return window.__memory ? window.__memory.buffer.byteLength / 1e6 : null").await.as_f64()
}

async fn focus(browser: &Browser, css: &str) {
    browser.wait(css).await;
    browser.script(&format!("document.querySelector('{css}').focus()")).await;
}

/// Milliseconds from the trace's last byte to its rows.
async fn open(browser: &Browser, address: &str) -> f64 {
    browser.open(address).await;
    let rows = eventually("rows", async || browser.script("return window.__rowsAt || null").await.as_f64()).await;
    rows - browser.script(BYTES_AT).await.as_f64().unwrap()
}

/// Presses keys in turn; milliseconds of work that 19 of 20 presses do not exceed. The keys come from DevTools, and no
/// script is run in the page to wait for what they do: the driver's own would be a third of the work.
async fn pressed(browser: &Browser, keys: &[Value]) -> f64 {
    let mut work = Vec::new();
    for key in keys.iter().cycle().take(PRESSES.max(keys.len())) {
        let before = main_thread(browser, &WORK).await;
        for kind in ["keyDown", "keyUp"] {
            let mut event = key.clone();
            event["type"] = json!(kind);
            if kind == "keyUp" {
                event.as_object_mut().unwrap().remove("text");
            }
            browser.devtools("Input.dispatchKeyEvent", event).await;
        }
        settle(browser).await;
        work.push((main_thread(browser, &WORK).await - before) * 1000.0);
    }
    work.sort_by(f64::total_cmp);
    work[work.len() * 95 / 100 - 1]
}

/// Waits until what a press leads to is done, and keeps the browser awake by questions meanwhile: after a sleep the same
/// work takes up to twice as long on a virtual machine, whose processor has gone to sleep too.
async fn settle(browser: &Browser) {
    let began = std::time::Instant::now();
    while began.elapsed() < SETTLED {
        main_thread(browser, &WORK).await;
    }
}

/// What a press costs in a page without any program of ours, which makes a hundred elements: how fast the machine is just
/// now. Milliseconds, the median.
async fn yardstick(browser: &Browser, roentgen: &Roentgen) -> f64 {
    browser.open(&format!("{}/favicon.ico", roentgen.app())).await;
    let plain = "
        document.documentElement.innerHTML = '<body><div></div></body>';
        addEventListener('keydown', () => {
            const place = document.querySelector('div');
            place.textContent = '';
            for (let number = 0; number < 100; number++) {
                const one = document.createElement('p');
                one.className = 'plain';
                one.textContent = 'element ' + number + ' ' + Math.random();
                place.appendChild(one);
            }
        });";
    browser.script(plain).await;
    let mut work = Vec::new();
    for _ in 0..20 {
        let before = main_thread(browser, &WORK).await;
        for kind in ["keyDown", "keyUp"] {
            browser.devtools("Input.dispatchKeyEvent", json!({"type": kind, "key": "ArrowDown"})).await;
        }
        settle(browser).await;
        work.push((main_thread(browser, &WORK).await - before) * 1000.0);
    }
    median(work)
}

/// Milliseconds of work a frame while the rows scroll. That they did is seen by their numbers.
async fn scrolled(browser: &Browser) -> f64 {
    let last = "return Math.max(...[...document.querySelectorAll('[role=treegrid] [role=row][aria-level]:not(.waterfall__row--spare)')].map(e => +e.getAttribute('aria-rowindex')))";
    let mut all = Vec::new();
    for _ in 0..5 {
        browser.script("document.querySelector('[role=treegrid]').scrollTop = 0").await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let (before, row) = (main_thread(browser, &WORK).await, browser.script(last).await.as_f64().unwrap());
        browser.driver.execute_async(page::SCROLL, Vec::new()).await.expect("it scrolls");
        all.push((main_thread(browser, &WORK).await - before) * 1000.0 / 120.0);
        let now = browser.script(last).await.as_f64().unwrap();
        assert!(now >= row + 100.0, "it scrolled from row {row} to {now}");
    }
    median(all)
}

/// A million spans, and a chain.
async fn special(roentgen: &Roentgen, browser: &Browser) -> Vec<Measure> {
    let fed = Fed::start(
        roentgen,
        &[
            columns(1_000_000, |span| if span == 0 { 0 } else { 1 + span as u32 % 5 }),
            columns(100_000, |span| span as u32),
        ],
    )
    .await;
    let mut all = Vec::new();
    for (place, what, limit) in
        [(0, "1,000,000 spans", Limit::AtMost(12_000.0)), (1, "a chain 100,000 deep", Limit::None)]
    {
        let taken = open(browser, &format!("http://{}/trace/{}", fed.address, id(place))).await;
        all.push(Measure::new(format!("{what}: bytes to rows"), taken, "ms", limit));
        focus(browser, "[role=treegrid]").await;
        browser.press(Key::End).await;
        browser.press("[").await;
        let rows = eventually("all is folded", async || {
            let rows =
                browser.script("return +document.querySelector('[role=treegrid]').getAttribute('aria-rowcount')").await;
            rows.as_f64().filter(|rows| *rows < 10.0)
        })
        .await;
        all.push(Measure::new("  rows when all is folded", rows, "", Limit::AtMost(3.0)));
        browser.press("]").await;
        focus(browser, "[name=find]").await;
        browser.press("span").await;
        let found =
            browser.wait_text(".waterfall__found", |text| text.contains("found") || text.contains(" of ")).await;
        assert!(!found.starts_with('0'), "{found}");
    }
    all
}

/// A server that hands out columns, and everything else as another one has it.
struct Fed {
    address: SocketAddr,
}

struct Shared {
    app: String,
    traces: Vec<Bytes>,
    client: reqwest::Client,
}

impl Fed {
    async fn start(roentgen: &Roentgen, traces: &[TraceColumns]) -> Self {
        let traces = traces.iter().map(|trace| Bytes::from(postcard::to_allocvec(trace).unwrap())).collect();
        let state = Arc::new(Shared { app: roentgen.app().to_owned(), traces, client: reqwest::Client::new() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(any(answer)).with_state(state);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address }
    }
}

async fn answer(State(state): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path_and_query().map_or("/", |it| it.as_str()).to_owned();
    let known = (0..state.traces.len()).find(|place| path.starts_with(&format!("/api/traces/{}", id(*place))));
    if let Some(place) = known {
        return ([("content-type", "application/x-postcard")], state.traces[place].clone()).into_response();
    }
    let accept = request.headers().get("accept").cloned();
    let mut sent = state.client.get(format!("{}{path}", state.app));
    if let Some(accept) = accept {
        sent = sent.header("accept", accept.to_str().unwrap());
    }
    let answer = sent.send().await.unwrap();
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers().iter().filter(|(name, _)| name.as_str() != "transfer-encoding") {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.bytes().await.unwrap())).unwrap()
}

fn id(place: usize) -> TraceId {
    TraceId::from_bits(0x6b49_d200_0000_0000_0000_0000_0000_1000 + place as u128)
}

/// A trace of so many spans at these depths.
fn columns(count: usize, depth: impl Fn(usize) -> u32) -> TraceColumns {
    let summary = json!({"id": id(0), "outcome": "ok"});
    let summary: TraceRow = serde_json::from_value(summary).unwrap();
    let place = usize::from(count != 1_000_000);
    let numbers = || 0..count;
    let mut columns = TraceColumns {
        id: id(place),
        source: "local".into(),
        region: "local".into(),
        summary: TraceRow { outcome: Outcome::Ok, ..summary },
        start: Moment(1_800_000_000_000_000_000),
        length: Nanos(count as i64 * 2_000),
        limit_exceeded: false,
        retrieved: false,
        cached: None,
        problems: Vec::new(),
        texts: std::iter::once(String::new()).chain((0..500).map(|name| format!("span {name}"))).collect(),
        services: (0..40).map(|service| ColumnService { name: 1 + service, origin: 0 }).collect(),
        span: numbers().map(|span| span as u64 + 1).collect(),
        depth: numbers().map(depth).collect(),
        offset: numbers().map(|span| span as i64 * 1_000).collect(),
        duration: numbers().map(|span| 1_000 + (span as i64 * 7_919) % 100_000).collect(),
        name: numbers().map(|span| 1 + (span as u32 * 31) % 500).collect(),
        operation: vec![0; count],
        service: numbers().map(|span| (span as u32 / 7) % 40).collect(),
        status: vec![0; count],
        bits: numbers().map(|span| u32::from(span % 9 != 0)).collect(),
        annotations: Vec::new(),
        exceptions: Vec::new(),
        log_groups: Vec::new(),
    };
    // The first one spans all of it; nothing follows deeper than one level below the span before it.
    columns.duration[0] = columns.length.0;
    let mut deepest = 0;
    for depth in &mut columns.depth {
        *depth = (*depth).min(deepest);
        deepest = *depth + 1;
    }
    columns
}
