//! Traces from files and pasted text, good and bad: opened by mouse, by a drop and by keyboard alone, and never sent.

use std::{fmt::Write as _, path::PathBuf};

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::{
    browser::{Browser, eventually},
    harness::Roentgen,
    stories::{SPANS, rows, wait_rows},
};

const SPAN: &str = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"otel-shop"}}]},"scopeSpans":[{"spans":[
    {"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"s","kind":2,"startTimeUnixNano":"1800000000000000000","endTimeUnixNano":"1800000000500000000"},
    {"name":"bad"}]}]}]}"#;

const JAEGER: &str = r#"{"data":[{"traceID":"ab","spans":[{"traceID":"ab","spanID":"2","operationName":"o","startTime":1800000000000001,"duration":250,"processID":"p"}],"processes":{"p":{"serviceName":"jaeger-shop"}}}]}"#;

/// The page of files of a server.
async fn page(roentgen: &Roentgen) -> Browser {
    let browser = Browser::start().await;
    browser.open(&format!("{}/file", roentgen.app())).await;
    browser.wait(".files__input").await;
    browser
}

/// A folder of files.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

/// Chooses files, as a person does in the browser's own dialog.
async fn choose(browser: &Browser, paths: &[PathBuf]) {
    let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    browser.wait(".files__input").await.send_keys(paths.join("\n")).await.unwrap();
}

/// A document of a trace: its number, the document's own, and other members.
fn document(trace: u32, id: u32, more: &Value) -> Value {
    let mut document = json!({"trace_id": format!("1-6b49d200-{trace:024x}"), "id": format!("{id:016x}"), "name": format!("n{id}"),
        "start_time": 1_800_000_000.5, "end_time": 1_800_000_001.0});
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    document
}

fn lines(documents: &[Value]) -> String {
    documents.iter().fold(String::new(), |mut all, document| {
        writeln!(all, "{document}").unwrap();
        all
    })
}

fn id(trace: u32) -> String {
    format!("1-6b49d200-{trace:024x}")
}

async fn address_has(browser: &Browser, part: &str) {
    eventually(&format!("{part} is in the address"), async || browser.address().await.contains(part).then_some(()))
        .await;
}

/// Tab until the focus is on something. By the browser itself: chromedriver takes keys on a file chooser for a file's name.
async fn tab_to(browser: &Browser, css: &str) {
    for _ in 0..80 {
        for kind in ["keyDown", "keyUp"] {
            let key = json!({"type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9});
            browser.devtools("Input.dispatchKeyEvent", key).await;
        }
        if browser.script(&format!("return document.activeElement.matches(`{css}`)")).await == true {
            return;
        }
    }
    panic!("Tab never comes to {css}");
}

async fn narrow_and_dark(browser: &Browser, name: &str) {
    browser.screenshot(name).await;
    browser.script("document.documentElement.setAttribute('data-theme', 'dark')").await;
    browser.screenshot(&format!("{name}-dark")).await;
    browser.script("document.documentElement.removeAttribute('data-theme')").await;
    let size = json!({"width": 480, "height": 900, "deviceScaleFactor": 1, "mobile": false});
    browser.devtools("Emulation.setDeviceMetricsOverride", size).await;
    browser.screenshot(&format!("{name}-narrow")).await;
    let wide = browser.script("return document.documentElement.scrollWidth").await;
    assert!(wide.as_i64().unwrap() <= 480, "{name}: the page is {wide} pixels wide");
    browser.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await;
}

const INSPECTOR: &str = "[aria-label='Details of the selected span']";

#[tokio::test]
async fn files_of_each_kind_are_opened_by_mouse() {
    let roentgen = Roentgen::serve(&[]);
    let browser = Browser::start().await;
    browser.open(&roentgen.explore()).await;
    browser.click("header a[href='/file']").await;
    browser.wait(".files__input").await;
    browser.wait_text(".files__private", |text| text.contains("stays in this browser")).await;
    narrow_and_dark(&browser, "files-choice").await;
    let folder = Folder::new();

    // One trace opens at once, with everything that a trace has.
    let documents =
        fixture::documents("front 0..90 GET https://shop/cart 200 @tier=gold\n  db 10..20 remote sql=\"SELECT 1\"\n");
    choose(&browser, &[folder.with("xray.json", documents.join("\n"))]).await;
    wait_rows(&browser, SPANS, "the spans", |rows| rows.len() == 2 && rows[0].contains("front")).await;
    address_has(&browser, &format!("/file?trace={}", fixture::trace_id())).await;
    browser.wait_text(".files__bar", |text| text.contains("1 trace from xray.json")).await;
    browser.click(&format!("{SPANS}[aria-level='2']")).await;
    browser.wait_text(INSPECTOR, |text| text.contains("SELECT 1")).await;
    address_has(&browser, "span=").await;
    // Nothing that only a server could know of it.
    let foreign = "return [...document.querySelectorAll('.page--file a')].map(a => a.getAttribute('href')).filter(a => !a.startsWith('/file'))";
    assert_eq!(browser.script(foreign).await, json!([]));
    narrow_and_dark(&browser, "files-open").await;
    for (button, part) in [("Statistics", "db"), ("Map", "front")] {
        browser
            .script(&format!(
                "[...document.querySelectorAll('.trace__tab')].find(tab => tab.innerText === '{button}').click()"
            ))
            .await;
        browser.wait_text(".trace", |text| text.contains(part)).await;
    }

    // After a reload it is gone; the page says so, and the same link shows it again once it is opened.
    let address = browser.address().await;
    browser.open(&address).await;
    browser.wait_text(".files__result", |text| text.contains("not open") && text.contains("stored nowhere")).await;
    browser.screenshot("files-gone").await;
    choose(&browser, &[folder.with("again.json", documents.join("\n"))]).await;
    browser.wait_text(".files__bar", |text| text.contains("again.json")).await;
    assert_eq!(browser.address().await, address);

    // Foreign ones, and answers of BatchGetTraces.
    let answer = json!({"Traces": [{"Id": id(1), "Segments": [{"Id": "x", "Document": document(1, 1, &json!({"name": "from-aws"})).to_string()}]}]});
    for (name, content, root) in [
        ("otlp.json", SPAN, "otel-shop"),
        ("jaeger.json", JAEGER, "jaeger-shop"),
        ("batch.json", &answer.to_string(), "from-aws"),
    ] {
        browser.click(".files__bar a").await;
        browser.wait_text(".files__result", |text| text.contains("1 trace in")).await;
        choose(&browser, &[folder.with(name, content)]).await;
        wait_rows(&browser, SPANS, name, |rows| rows.len() == 1 && rows[0].contains(root)).await;
    }
    // Back leads from trace to trace.
    browser.driver.back().await.unwrap();
    browser.wait_text(".files__result", |text| text.contains("1 trace in batch.json")).await;
    browser.finish().await;
}

#[tokio::test]
async fn nothing_of_a_file_is_sent_and_its_forms_are_saved() {
    let roentgen = Roentgen::serve(&[]);
    let browser = page(&roentgen).await;
    browser
        .script(
            "window.sent = []; window.saved = [];
             const old = window.fetch; window.fetch = (...given) => { window.sent.push(String(given[0].url || given[0])); return old(...given); };
             const make = URL.createObjectURL; URL.createObjectURL = blob => { blob.text().then(text => window.saved.push(text)); return make(blob); };",
        )
        .await;
    let folder = Folder::new();
    let documents = fixture::documents("front 0..90 GET https://shop/cart 200\n  db 10..20 remote\n");
    choose(&browser, &[folder.with("xray.json", documents.join("\n"))]).await;
    wait_rows(&browser, SPANS, "the spans", |rows| rows.len() == 2).await;
    browser.click(&format!("{SPANS}[aria-level='2']")).await;
    browser.wait(&format!("{INSPECTOR} .raw")).await;
    for (form, part) in [("documents", "\"trace_id\""), ("otlp", "\"resourceSpans\""), ("csv", "id,parent,depth")] {
        browser.click(".trace__id .menu__button[aria-label='The trace as a file']").await;
        browser.click(&format!("[data-keep={form}]")).await;
        eventually(&format!("{form} is saved"), async || {
            let saved = browser.script("return window.saved[window.saved.length - 1] || ''").await;
            saved.as_str()?.contains(part).then_some(())
        })
        .await;
        browser.press(Key::Escape).await;
    }
    // What is saved opens again.
    let otlp = browser.script("return window.saved[1]").await;
    browser.click(".files__bar a").await;
    choose(&browser, &[folder.with("back.json", otlp.as_str().unwrap())]).await;
    wait_rows(&browser, SPANS, "the spans again", |rows| rows.len() == 2 && rows[1].contains("db")).await;
    let sent = browser.script("return window.sent").await;
    let sent: Vec<String> = serde_json::from_value(sent).unwrap();
    assert!(sent.iter().all(|address| address.ends_with("/api/about")), "{sent:?}");
    browser.finish().await;
}

#[tokio::test]
async fn files_are_dropped_anywhere_and_good_traces_kept_beside_bad_ones() {
    let roentgen = Roentgen::serve(&[]);
    let browser = page(&roentgen).await;
    let folder = Folder::new();
    let good = document(1, 1, &json!({"name": "good"}));
    let broken = format!("{good}\nnonsense\n{{\"x\":1}}\n{{\"trace_id\":\"1-5\"}}\n{}", &good.to_string()[..60]);
    let paths = [
        folder.with("broken.json", broken),
        folder.with("other.json", document(2, 2, &json!({"fault": true})).to_string()),
    ];
    let files: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let data = json!({"items": [], "files": files, "dragOperationsMask": 1});
    for kind in ["dragEnter", "dragOver"] {
        browser.devtools("Input.dispatchDragEvent", json!({"type": kind, "x": 700, "y": 600, "data": data})).await;
    }
    browser.wait(".page--over").await;
    browser.screenshot("files-over").await;
    browser.devtools("Input.dispatchDragEvent", json!({"type": "drop", "x": 700, "y": 600, "data": data})).await;
    browser.wait_text(".files__result", |text| text.contains("2 traces in broken.json, other.json")).await;
    browser.wait_gone(".page--over").await;
    browser
        .wait_text(".files__wrong summary", |text| text.contains("4 things could not be read; the rest is here"))
        .await;
    browser.click(".files__wrong summary").await;
    let wrong = browser.wait_text(".files__wrong ul", |text| text.contains("line 5")).await;
    for part in ["broken.json, line 2: it is not JSON", "line 3: it is neither of", "line 4: a trace id is"] {
        assert!(wrong.contains(part), "{part} is missing in {wrong}");
    }
    let list = rows(&browser, ".files__table tbody tr").await;
    assert!(list[0].contains("good") && list[0].contains("ok") && list[1].contains("fault"), "{list:?}");
    assert!(list[0].replace('\u{a0}', " ").contains("500 ms"), "{list:?}");
    narrow_and_dark(&browser, "files-list").await;
    browser.click(".files__table tbody tr:nth-child(2) a").await;
    wait_rows(&browser, SPANS, "the second trace", |rows| rows.len() == 1 && rows[0].contains("n2")).await;

    // Also above an open trace; and a text.
    let text = json!({"items": [{"mimeType": "text/plain", "data": document(3, 3, &json!({})).to_string()}], "dragOperationsMask": 1});
    for kind in ["dragEnter", "dragOver", "drop"] {
        browser.devtools("Input.dispatchDragEvent", json!({"type": kind, "x": 300, "y": 500, "data": text})).await;
    }
    wait_rows(&browser, SPANS, "the third trace", |rows| rows.len() == 1 && rows[0].contains("n3")).await;

    // What holds nothing says so; what is packed too.
    browser.click(".files__bar a").await;
    choose(&browser, &[folder.with("none.json", "[1, 2]"), folder.with("packed.gz", [0x1f, 0x8b, 8, 0])]).await;
    browser
        .wait_text(".files__result", |text| {
            text.contains("No trace in none.json, packed.gz") && text.contains("packed (gzip)")
        })
        .await;
    choose(&browser, &[folder.with("empty.json", "")]).await;
    browser.wait_text(".files__result", |text| text.contains("No trace in empty.json")).await;
    browser.finish().await;
}

#[tokio::test]
async fn a_text_is_pasted_and_its_traces_read_by_keyboard_alone() {
    let roentgen = Roentgen::serve(&[]);
    let browser = page(&roentgen).await;
    tab_to(&browser, ".files__input").await;
    let outline =
        browser.script("return getComputedStyle(document.querySelector('.files__choose')).outlineStyle").await;
    assert_eq!(outline, "solid", "the focus can be seen");
    tab_to(&browser, ".files__text").await;
    let text = lines(&[document(1, 1, &json!({})), document(2, 2, &json!({"error": true}))]) + "{";
    browser.press(text.as_str()).await;
    browser.press(Key::Control + Key::Enter).await;
    browser
        .wait_text(".files__result", |text| {
            text.contains("2 traces in the pasted text") && text.contains("1 thing could not be read")
        })
        .await;
    tab_to(&browser, ".files__table a").await;
    browser.press(Key::Enter).await;
    wait_rows(&browser, SPANS, "the trace", |rows| rows.len() == 1 && rows[0].contains("n1")).await;
    assert_eq!(
        browser.script("return document.activeElement.matches('.files__bar a')").await,
        true,
        "on with the keys"
    );
    tab_to(&browser, "[role=treegrid]").await;
    browser.press(Key::Home).await;
    browser.press(Key::Enter).await;
    browser.wait_text(INSPECTOR, |text| text.contains("n1")).await;
    // Keys save it as well.
    browser.script("document.querySelector('.files__bar a').focus()").await;
    tab_to(&browser, "[aria-label='The trace as a file']").await;
    browser.press(Key::Enter).await;
    tab_to(&browser, "[data-keep=csv]").await;
    browser.press(Key::Escape).await;
    browser.script("document.querySelector('.files__bar a').focus()").await;
    browser.press(Key::Enter).await;
    browser.wait_text(".files__result", |text| text.contains("2 traces")).await;
    // The text is still there, to be mended.
    assert!(browser.wait(".files__text").await.prop("value").await.unwrap().unwrap().contains("n2"), "the text");
    browser.finish().await;
}

/// A trace with everything that is hard to draw.
fn hard() -> Vec<Value> {
    let evil = r#"<img src=x onerror="window.hit=1"><script>window.hit=1</script>"#;
    let long = "long".repeat(2_500);
    let large: serde_json::Map<String, Value> = (0..50_000)
        .map(|key| (format!("key{key}"), json!({"value": "x".repeat(70), "list": [1, 2.5, null]})))
        .collect();
    let sub = |parent: u32, more: Value| {
        let mut all = json!({"type": "subsegment", "parent_id": format!("{parent:016x}")});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    vec![
        document(
            1,
            1,
            &json!({"name": long, "http": {"request": {"method": "GET", "url": format!("https://shop/{long}")}}}),
        ),
        document(1, 2, &sub(1, json!({"name": "שלום עולם مرحبا \u{202e}txt.exe"}))),
        document(1, 3, &sub(1, json!({"name": "large", "metadata": {"default": large}}))),
        document(
            1,
            4,
            &sub(
                1,
                json!({"name": evil, "annotations": {"a": evil}, "metadata": {evil: {evil: evil}}, "user": evil,
            "http": {"request": {"method": evil, "url": evil}}, "cause": {"exceptions": [{"id": "00000000000000ee", "type": evil, "message": evil}]}}),
            ),
        ),
        // A circle, and one alone.
        document(1, 5, &sub(6, json!({}))),
        document(1, 6, &sub(5, json!({}))),
        document(1, 7, &sub(7, json!({}))),
        // The same id twice.
        document(1, 8, &sub(1, json!({"name": "twice"}))),
        document(1, 8, &sub(1, json!({"name": "twice-other"}))),
        document(1, 9, &sub(1, json!({"name": "zero", "end_time": 1_800_000_000.5}))),
        document(1, 10, &sub(1, json!({"name": "negative", "end_time": 1_700_000_000.0}))),
        document(1, 11, &sub(1, json!({"name": "endless", "end_time": null}))),
        document(1, 12, &sub(0xfff, json!({"name": "orphan"}))),
        document(1, 13, &sub(1, json!({"name": "", "start_time": "soon"}))),
    ]
}

#[tokio::test]
async fn what_is_hard_to_draw_is_drawn_and_flagged_and_nothing_is_executed() {
    let roentgen = Roentgen::serve(&[]);
    let browser = page(&roentgen).await;
    let folder = Folder::new();
    let content = lines(&hard());
    assert!(content.len() > 5_000_000);
    choose(&browser, &[folder.with("hard.json", content)]).await;
    let found = wait_rows(&browser, SPANS, "the spans", |rows| rows.len() >= 13).await.join("\n");
    for part in [
        "longlong",
        "שלום",
        "large",
        "<img",
        "n5",
        "n6",
        "n7",
        "twice",
        "zero",
        "negative",
        "endless",
        "orphan",
        "Missing parent",
        "clock skew",
        "in progress",
    ] {
        assert!(found.contains(part), "{part} is missing in {found}");
    }
    browser.wait_text(".trace__problems summary", |text| text.contains("problem")).await;
    browser.click(".trace__problems summary").await;
    browser
        .wait_text(".trace__problems ul", |text| text.contains("completed twice") && text.contains("lead back"))
        .await;
    browser.screenshot("files-hard").await;
    browser.click(".trace__problems summary").await;
    let wide = browser.script("return document.documentElement.scrollWidth <= innerWidth").await;
    assert_eq!(wide, true, "long names widen nothing");
    // The large metadata and the evil texts can be read, and do not freeze the page.
    for (span, part) in [
        ("0000000000000003", "50 000 members"),
        ("0000000000000004", "onerror"),
        ("0000000000000001", "longlong"),
        ("000000000000000a", "negative"),
    ] {
        let begun = std::time::Instant::now();
        browser.open(&format!("{}/file", roentgen.app())).await;
        choose(&browser, &[folder.0.path().join("hard.json")]).await;
        wait_rows(&browser, SPANS, "the spans", |rows| rows.len() >= 13).await;
        let select = format!(
            "history.replaceState(null, '', '/file?trace={}&span={span}'); dispatchEvent(new PopStateEvent('popstate'))",
            id(1)
        );
        browser.script(&select).await;
        browser.wait_text(INSPECTOR, |text| text.replace(['\u{a0}', '\u{202f}', ','], " ").contains(part)).await;
        assert!(begun.elapsed().as_secs() < 12, "{span} took {:?}", begun.elapsed());
        browser.screenshot(&format!("files-hard-{span}")).await;
    }
    browser.click(&format!("{INSPECTOR} .raw summary")).await;
    for tab in ["Statistics", "Map", "Timeline"] {
        browser
            .script(&format!(
                "[...document.querySelectorAll('.trace__tab')].find(tab => tab.innerText === '{tab}').click()"
            ))
            .await;
        browser.wait_text(".trace", |text| text.contains("longlong") || text.contains("long")).await;
        browser.screenshot(&format!("files-hard-{tab}")).await;
    }
    assert_eq!(browser.script("return window.hit || null").await, Value::Null);
    // In the list as well.
    browser.click(".files__bar a").await;
    browser.wait_text(".files__table", |text| text.contains("longlong")).await;
    narrow_and_dark(&browser, "files-hard-list").await;
    browser.finish().await;
}

#[tokio::test]
async fn thousands_of_roots_and_of_traces_are_all_there() {
    let roentgen = Roentgen::serve(&[]);
    let browser = page(&roentgen).await;
    let folder = Folder::new();
    let roots: Vec<Value> = (1..=5_000).map(|root| document(1, root, &json!({}))).collect();
    choose(&browser, &[folder.with("roots.json", lines(&roots))]).await;
    wait_rows(&browser, SPANS, "roots", |rows| rows.len() > 10).await;
    browser.wait_text(".trace__facts", |text| text.replace(['\u{a0}', '\u{202f}', ','], "").contains("5000")).await;
    browser.click(".files__bar a").await;
    let traces: Vec<Value> = (1..=450).map(|trace| document(trace, trace, &json!({}))).collect();
    choose(&browser, &[folder.with("traces.json", lines(&traces))]).await;
    browser.wait_text(".files__result", |text| text.contains("450 traces")).await;
    for shown in [200, 400, 450] {
        eventually("so many rows", async || {
            (rows(&browser, ".files__table tbody tr").await.len() == shown).then_some(())
        })
        .await;
        if shown < 450 {
            browser.click("[data-does=more]").await;
        }
    }
    browser.finish().await;
}

#[tokio::test]
async fn a_chain_of_100_000_spans_is_folded_and_searched() {
    let roentgen = Roentgen::serve(&[]);
    let browser = page(&roentgen).await;
    let folder = Folder::new();
    let mut chain = document(1, 1, &json!({})).to_string();
    for span in 2..=100_000_u32 {
        let parent = span - 1;
        write!(
            chain,
            "\n{{\"trace_id\":\"{}\",\"id\":\"{span:016x}\",\"parent_id\":\"{parent:016x}\",\"type\":\"subsegment\",\"name\":\"level{span}\",\"start_time\":1800000000.5,\"end_time\":1800000001}}",
            id(1)
        )
        .unwrap();
    }
    choose(&browser, &[folder.with("chain.json", chain)]).await;
    wait_rows(&browser, SPANS, "the chain", |rows| rows.len() > 10).await;
    // Folded at its root.
    browser.script("document.querySelector('[role=treegrid]').focus()").await;
    browser.press(Key::Home).await;
    browser.press(Key::Left).await;
    wait_rows(&browser, SPANS, "folded", |rows| rows.len() == 1).await;
    browser.press(Key::Right).await;
    wait_rows(&browser, SPANS, "unfolded", |rows| rows.len() > 10).await;
    // Its end is found.
    let search = browser.wait(".trace input[type=search]").await;
    search.send_keys("level99999").await.unwrap();
    search.send_keys(Key::Enter).await.unwrap();
    wait_rows(&browser, SPANS, "the end", |rows| rows.iter().any(|row| row.contains("level99999"))).await;
    browser.screenshot("files-chain").await;
    browser.finish().await;
}
