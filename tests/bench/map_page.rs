//! The map in headless Chromium: from the data to the first picture, long tasks while it settles, the work of panning.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::{
    Limit, Measure,
    browser::{Browser, eventually},
    harness::Roentgen,
    main_thread,
    map_layout::service_map,
    median,
};

/// Notes when the first bytes of an answer came, when the first picture stood, and every task of 50 ms or more, all in
/// milliseconds since the navigation began. A picture is a frame in which as many circles were drawn as there are nodes.
const WATCH: &str = "
    window.__tasks = [];
    new PerformanceObserver(list => { for (const e of list.getEntries()) window.__tasks.push([e.startTime, e.duration]); })
        .observe({ type: 'longtask', buffered: true });
    const read = ReadableStreamDefaultReader.prototype.read;
    ReadableStreamDefaultReader.prototype.read = async function (...rest) {
        const answer = await read.apply(this, rest);
        if (answer.value && !window.__dataAt) window.__dataAt = performance.now();
        return answer;
    };
    const clear = CanvasRenderingContext2D.prototype.clearRect;
    CanvasRenderingContext2D.prototype.clearRect = function (...rest) {
        window.__shapes = 0;
        return clear.apply(this, rest);
    };
    for (const name of ['arc', 'fillRect']) {
        const draw = CanvasRenderingContext2D.prototype[name];
        CanvasRenderingContext2D.prototype[name] = function (...rest) {
            window.__shapes = (window.__shapes || 0) + 1;
            if (!window.__pictureAt && window.__wanted && window.__shapes >= window.__wanted) {
                window.__pictureAt = -1;
                requestAnimationFrame(() => { window.__pictureAt = performance.now(); });
            }
            return draw.apply(this, rest);
        };
    }
";

/// Drags the picture by a few pixels in each of 120 frames, as a mouse does.
const PAN: &str = "
    const done = arguments[arguments.length - 1];
    const sheet = document.querySelector('.map__pointers');
    const box = sheet.getBoundingClientRect();
    const middle = [box.left + 40, box.top + 40];
    const send = (type, x, y) => sheet.dispatchEvent(new PointerEvent(type, { pointerId: 1, button: 0, buttons: 1, clientX: x, clientY: y, bubbles: true }));
    sheet.setPointerCapture = () => {};
    send('pointerdown', ...middle);
    let frame = 0;
    const step = () => {
        if (frame++ === 120) { send('pointerup', middle[0], middle[1]); done(frame); return; }
        send('pointermove', middle[0] + 3 * (frame < 60 ? frame : 120 - frame), middle[1] + frame % 2);
        requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
";

pub(crate) async fn measure() -> Vec<Measure> {
    let browser = Browser::start().await;
    browser.devtools("Performance.enable", json!({})).await;
    let mut measures = Vec::new();
    for nodes in [200_usize, 1_000, 5_000] {
        let roentgen = Roentgen::serve(&[]);
        send(&roentgen, nodes).await;
        let wanted = format!("window.__wanted = {nodes};{WATCH}");
        let script = browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": wanted })).await;
        let mut first = Vec::new();
        let mut longest: Vec<f64> = Vec::new();
        for _ in 0..3 {
            browser.open(&format!("{}/map", roentgen.app())).await;
            first.push(picture_after(&browser).await);
            longest.push(longest_task(&browser).await);
        }
        let limit = if nodes == 200 { Limit::AtMost(150.0) } else { Limit::None };
        measures.push(Measure::new(format!("map of {nodes} nodes, from data to picture"), median(first), "ms", limit));
        let limit = if nodes == 5_000 { Limit::AtMost(50.0) } else { Limit::None };
        let longest = longest.into_iter().fold(0.0, f64::max);
        measures.push(Measure::new("  longest task from the data on (0: none of 50 ms)", longest, "ms", limit));
        let mut work = Vec::new();
        for _ in 0..3 {
            let before = tasks_so_far(&browser).await;
            browser.driver.execute_async(PAN, Vec::new()).await.expect("it pans");
            work.push((tasks_so_far(&browser).await - before) * 1000.0 / 120.0);
        }
        let limit = if nodes == 1_000 { Limit::AtMost(8.0) } else { Limit::None };
        measures.push(Measure::new("  main-thread work of a frame while panning", median(work), "ms", limit));
        browser.devtools("Page.removeScriptToEvaluateOnNewDocument", script).await;
    }
    measures
}

/// Sends one trace for each call of the made-up system.
async fn send(roentgen: &Roentgen, nodes: usize) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64() - 20.0;
    let name = |node: usize| format!("service-{node}");
    let documents: Vec<String> = service_map(nodes)
        .into_iter()
        .enumerate()
        .flat_map(|(number, (from, to))| {
            let trace = format!("1-{:08x}-{:024x}", now as u64, number + 1);
            let (asks, call, serves) = (2 * number + 1, 2 * number + 2, number + 0x1000_0000);
            let fault = number % 17 == 0;
            [
                json!({"trace_id": trace, "id": format!("{asks:016x}"), "name": name(from), "start_time": now, "end_time": now + 0.2,
                    "subsegments": [{"id": format!("{call:016x}"), "name": name(to), "namespace": "remote", "fault": fault,
                        "start_time": now + 0.01, "end_time": now + 0.15}]}),
                json!({"trace_id": trace, "id": format!("{serves:016x}"), "parent_id": format!("{call:016x}"), "name": name(to), "fault": fault,
                    "start_time": now + 0.02, "end_time": now + 0.02 + (number % 50) as f64 / 1000.0}),
            ]
        })
        .map(|document| document.to_string())
        .collect();
    let client = roentgen.sdk();
    for batch in documents.chunks(400) {
        let put = client.put_trace_segments().set_trace_segment_documents(Some(batch.to_vec()));
        let answer = put.send().await.expect("the local X-Ray takes segments");
        assert!(answer.unprocessed_trace_segments().is_empty(), "all documents are taken");
    }
}

async fn picture_after(browser: &Browser) -> f64 {
    let script = "return window.__pictureAt > 0 ? window.__pictureAt - window.__dataAt : null";
    eventually("the picture stands", async || browser.script(script).await.as_f64()).await
}

/// Milliseconds of the longest task since the data came, once the layout has settled; 0 if none took 50.
async fn longest_task(browser: &Browser) -> f64 {
    tokio::time::sleep(Duration::from_secs(4)).await;
    let tasks = browser.script("return window.__tasks.filter(([at, took]) => at + took > window.__dataAt)").await;
    let tasks = tasks.as_array().cloned().unwrap_or_default();
    tasks.iter().filter_map(|task| task[1].as_f64()).fold(0.0, f64::max)
}

/// Seconds of tasks so far: script, style, layout, and what painting needs there.
async fn tasks_so_far(browser: &Browser) -> f64 {
    main_thread(browser, &["TaskDuration"]).await
}
