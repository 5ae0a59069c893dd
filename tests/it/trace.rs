//! One trace, read by mouse and by keyboard: groups, the critical path, search, folding, statistics, links.

use std::fmt::Write as _;

use serde_json::Value;
use thirtyfour::prelude::*;

use crate::{
    browser::{Browser, eventually},
    harness::Roentgen,
    stories::{SPANS, click_row, wait_rows},
};

/// A shop front that asks its database sixty times, waits for a while, and fails of its payment.
fn drawing() -> String {
    let mut text =
        String::from("front 0..900 POST https://shop/checkout 500 fault @tier=\"gold\" @items=0 @beta=false\n");
    text.push_str("  auth 5..25\n");
    for call in 0..60 {
        let start = 30 + call * 5;
        writeln!(text, "  DynamoDB {start}..{} aws op=GetItem table=carts", start + 4).unwrap();
    }
    text.push_str(
        "  charge 400..880 remote fault\n    > payment 402..878 fault !TimeoutError=\"no answer in 0.4 s\"\n",
    );
    text.push_str("      ask-bank 410..870 fault !TimeoutError=\"no answer in 0.4 s\"\n");
    text
}

/// Sends a drawn trace and gives its address.
async fn drawn(roentgen: &Roentgen, drawing: &str) -> String {
    let documents = fixture::documents(drawing);
    let put = roentgen.sdk().put_trace_segments().set_trace_segment_documents(Some(documents));
    let answer = put.send().await.expect("the local X-Ray takes segments");
    assert!(answer.unprocessed_trace_segments().is_empty(), "{answer:?}");
    format!("{}/trace/{}", roentgen.app(), fixture::trace_id())
}

const DETAIL: &str = "[aria-label='Details of the selected span']";

/// The text of the active row.
async fn active(browser: &Browser) -> String {
    let script = "
        const id = document.querySelector('[role=treegrid]').getAttribute('aria-activedescendant');
        return id ? document.getElementById(id).innerText.replace(/\\s+/g, ' ') : ''";
    browser.script(script).await.as_str().unwrap_or_default().to_owned()
}

async fn address_has(browser: &Browser, part: &str) {
    eventually(&format!("{part} is in the address"), async || browser.address().await.contains(part).then_some(()))
        .await;
}

#[tokio::test]
async fn the_cause_stands_in_the_head_and_repeats_are_one_row() {
    let roentgen = Roentgen::serve(&[]);
    let address = drawn(&roentgen, &drawing()).await;
    let browser = Browser::start().await;
    browser.open(&address).await;
    let rows = wait_rows(&browser, SPANS, "rows", |rows| rows.len() >= 6).await;
    let group = rows.iter().find(|row| row.contains("×60")).unwrap_or_else(|| panic!("no group in {rows:#?}"));
    for part in ["GetItem carts", "N+1", "median 4 ms", "total 240 ms"] {
        assert!(group.replace('\u{a0}', " ").contains(part), "{part} is missing in {group}");
    }
    let verdicts = browser.wait(".trace__verdicts").await.text().await.unwrap();
    assert!(verdicts.contains("ask-bank") && verdicts.contains("TimeoutError: no answer in 0.4 s"), "{verdicts}");
    assert!(verdicts.contains("Most time") && verdicts.contains("% of the response time"), "{verdicts}");
    browser.screenshot("trace-groups").await;

    // The head leads to the span that failed.
    browser.click(".verdict--bad").await;
    browser.wait_text(DETAIL, |text| text.contains("no answer in 0.4 s")).await;
    address_has(&browser, "span=").await;

    // The group opens and folds; the address knows.
    click_row(&browser, SPANS, "×60").await;
    let open = wait_rows(&browser, SPANS, "the members", |found| found.len() > rows.len() + 5).await;
    assert!(open.iter().filter(|row| row.contains("GetItem carts")).count() > 5, "{open:#?}");
    address_has(&browser, "collapsed=").await;
    let link = browser.address().await;
    browser.open(&link).await;
    wait_rows(&browser, SPANS, "the members, from the link", |found| found.len() > rows.len() + 5).await;
    assert_eq!(browser.address().await, link, "opening a link changes nothing");
    browser.finish().await;
}

#[tokio::test]
async fn search_path_folding_and_statistics_by_mouse() {
    let roentgen = Roentgen::serve(&[]);
    let address = drawn(&roentgen, &drawing()).await;
    let browser = Browser::start().await;
    browser.open(&address).await;
    wait_rows(&browser, SPANS, "rows", |rows| rows.len() >= 6).await;

    // Matches are counted, walked, and shown alone.
    browser.wait("[name=find]").await.send_keys("state=fault timeout").await.unwrap();
    browser.wait_text(".waterfall__found", |text| text == "2 found").await;
    browser.click("[aria-label='Next match ( n )']").await;
    browser.wait_text(".waterfall__found", |text| text == "1 of 2").await;
    browser.click("[title='Matches alone ( m )']").await;
    let rows = wait_rows(&browser, SPANS, "matches and what leads to them", |rows| rows.len() == 4).await;
    assert!(rows.iter().all(|row| !row.contains("auth")), "{rows:#?}");
    address_has(&browser, "only=1").await;
    browser.screenshot("trace-search").await;
    browser.click("[title='Matches alone ( m )']").await;

    // The critical path by contributors.
    browser
        .click("[aria-label=\"Whose time the critical path is\"], .waterfall__tools .menu__button:not(:first-of-type)")
        .await;
    eventually("contributors are listed", async || {
        let all = browser.driver.find_all(By::Css(".waterfall__contributor")).await.ok()?;
        (all.len() >= 3).then_some(())
    })
    .await;
    browser.press(Key::Escape).await;

    // Numbers, sorted by what one presses.
    browser.click(".trace__tab:nth-child(2)").await;
    let head = "//th//button[contains(., 'Count')]";
    eventually("sorted by count", async || browser.driver.find(By::XPath(head)).await.ok()?.click().await.ok()).await;
    let first = browser.wait_text(".statistics tbody tr", |text| text.contains("60")).await;
    assert!(first.contains("GetItem carts"), "{first}");
    browser.screenshot("trace-statistics").await;
    address_has(&browser, "tab=statistics").await;

    // Who called whom.
    browser.click(".trace__tab:nth-child(3)").await;
    browser.wait_text("[role=listbox]", |text| text.contains("front") && text.contains("payment")).await;
    browser.screenshot("trace-map").await;
    browser.finish().await;
}

#[tokio::test]
async fn a_trace_is_read_by_keyboard_alone() {
    let roentgen = Roentgen::serve(&[]);
    let address = drawn(&roentgen, &drawing()).await;
    let browser = Browser::start().await;
    browser.open(&address).await;
    let rows = wait_rows(&browser, SPANS, "rows", |rows| rows.len() >= 6).await.len();
    for _ in 0..60 {
        browser.press(Key::Tab).await;
        if browser.script("return !!document.activeElement.matches('[role=treegrid]')").await == true {
            break;
        }
    }
    browser.press("]").await;
    browser.press(Key::Home).await;
    assert!(active(&browser).await.contains("front"), "{}", active(&browser).await);

    // Pieces of the critical path, one after the other.
    browser.press(".").await;
    browser.wait(DETAIL).await;
    let first = active(&browser).await;
    browser.press(".").await;
    eventually("another span is active", async || (active(&browser).await != first).then_some(())).await;
    browser.press(",").await;
    eventually("the first one again", async || (active(&browser).await == first).then_some(())).await;
    browser.press("x").await;
    eventually("the longest self time", async || active(&browser).await.contains("ask-bank").then_some(())).await;

    // Groups, levels, focus.
    browser.press("g").await;
    wait_rows(&browser, SPANS, "each call", |found| found.len() > rows + 5).await;
    address_has(&browser, "groups=off").await;
    browser.press("g").await;
    wait_rows(&browser, SPANS, "one row again", |found| found.len() == rows).await;
    browser.press("[").await;
    wait_rows(&browser, SPANS, "the root", |found| found.len() == 1).await;
    browser.press("}").await;
    wait_rows(&browser, SPANS, "one level more", |found| found.len() == 4).await;
    browser.press("]").await;
    browser.press(Key::End).await;
    browser.press(Key::Left).await;
    browser.press("e").await;
    wait_rows(&browser, SPANS, "what hangs under it", |found| found.len() < rows && !found[0].contains("front")).await;
    address_has(&browser, "focus=").await;
    browser.press(Key::Backspace).await;
    wait_rows(&browser, SPANS, "everything", |found| found.len() == rows).await;

    // Search without a mouse.
    let ctrl_b: String = format!("{}b", Key::Control.value());
    browser.press(ctrl_b.as_str()).await;
    browser.press("tier=gold").await;
    browser.wait_text(".waterfall__found", |text| text.contains('1')).await;
    browser.press(Key::Enter).await;
    eventually("the match is active", async || active(&browser).await.contains("front").then_some(())).await;

    // Zoom is in the address, and taken back.
    browser.script("document.querySelector('[role=treegrid]').focus()").await;
    browser.press("+").await;
    address_has(&browser, "window=").await;
    browser.press("0").await;
    eventually("the whole trace", async || (!browser.address().await.contains("window=")).then_some(())).await;
    browser.finish().await;
}

#[tokio::test]
async fn idle_gaps_are_shortened_and_marked() {
    let roentgen = Roentgen::serve(&[]);
    let address = drawn(&roentgen, "first 0..40\nsecond 3600000..3600050\n").await;
    let browser = Browser::start().await;
    browser.open(&address).await;
    wait_rows(&browser, SPANS, "rows", |rows| rows.len() == 2).await;
    browser.click("[title='Shorten idle gaps ( i )']").await;
    let mark = browser.wait(".waterfall__break[title]").await;
    assert!(mark.attr("title").await.unwrap().unwrap().starts_with("Idle for 1"), "the gap's length");
    let width =
        "return document.querySelector('[role=rowgroup] [role=row] .waterfall__bar').getBoundingClientRect().width";
    assert!(browser.script(width).await.as_f64().unwrap() > 100.0, "forty milliseconds can be seen beside an hour");
    address_has(&browser, "gaps=short").await;
    browser.screenshot("trace-gaps").await;
    browser.finish().await;
}

#[tokio::test]
async fn html_in_names_is_text() {
    let roentgen = Roentgen::serve(&[]);
    let evil = r#"<img src=x onerror="window.hit=1">"#;
    let address = drawn(&roentgen, "front 0..10 GET https://shop/<script>alert(1)</script>\n").await;
    let id = fixture::trace_id();
    let document = serde_json::json!({"trace_id": id.to_string(), "id": "00000000000000aa", "parent_id": "0000000000000001", "type": "subsegment",
        "name": "x", "start_time": 1_700_000_000.0, "end_time": 1_700_000_001.0, "annotations": {"a": evil}, "metadata": {"m": {evil: evil}},
        "cause": {"exceptions": [{"id": "00000000000000ee", "type": evil, "message": evil}]}});
    roentgen.sdk().put_trace_segments().trace_segment_documents(document.to_string()).send().await.unwrap();
    let browser = Browser::start().await;
    browser.open(&format!("{address}?span=00000000000000aa")).await;
    browser.wait_text(DETAIL, |text| text.contains("onerror")).await;
    assert_eq!(browser.script("return window.hit || null").await, Value::Null);
    browser.finish().await;
}

#[tokio::test]
async fn a_trace_is_kept_as_a_file_in_each_form() {
    let roentgen = Roentgen::serve(&[]);
    drawn(&roentgen, &drawing()).await;
    let get = async |format: &str| {
        let address = format!("{}/api/traces/{}/file?format={format}", roentgen.app(), fixture::trace_id());
        let answer = reqwest::get(address).await.unwrap();
        let kept = answer.headers().get("content-disposition").map(|it| it.to_str().unwrap().to_owned());
        (kept.unwrap_or_default(), answer.text().await.unwrap())
    };
    let (kept, csv) = get("csv").await;
    assert!(kept.starts_with("attachment") && kept.ends_with(".csv\""), "{kept}");
    assert_eq!(csv.lines().count(), 126, "a head and 125 spans:\n{csv}");
    let documents: Value = serde_json::from_str(&get("documents").await.1).unwrap();
    assert!(documents.as_array().unwrap().iter().any(|document| document["name"] == "payment"), "{documents}");
    let otlp: Value = serde_json::from_str(&get("otlp").await.1).unwrap();
    assert!(otlp["resourceSpans"].as_array().is_some_and(|all| !all.is_empty()), "{otlp}");
    assert!(get("pdf").await.1.contains("unknown variant"), "a form that there is not");
}

/// What the first look at a failing payment of the demo tells, without a step.
#[tokio::test]
async fn the_demos_failing_payment_is_explained_in_the_first_viewport() {
    let roentgen = Roentgen::serve_demo();
    let question = serde_json::json!({"type": "trace_list", "filter": "service(\"payment\") { fault }", "limit": 1, "fresh": true});
    let id = eventually("a payment has failed", async || {
        let sent = reqwest::Client::new().post(format!("{}/api/query", roentgen.app())).json(&question).send();
        let text = sent.await.ok()?.text().await.ok()?;
        let mut rows = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        rows.find_map(|event| Some(event.get("rows")?.get(0)?.get("id")?.as_str()?.to_owned()))
    })
    .await;
    let browser = Browser::start().await;
    let size = serde_json::json!({"width": 1400, "height": 900, "deviceScaleFactor": 1, "mobile": false});
    browser.devtools("Emulation.setDeviceMetricsOverride", size).await;
    browser.open(&format!("{}/trace/{id}", roentgen.app())).await;
    wait_rows(&browser, SPANS, "rows", |rows| rows.len() >= 4).await;
    let inside = "
        const seen = e => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight && r.right <= innerWidth + 1; };
        const verdicts = [...document.querySelectorAll('.verdict')].filter(seen).map(e => e.innerText);
        return [verdicts, innerHeight]";
    let told = browser.script(inside).await;
    assert_eq!(told[1], 900);
    let verdicts = told[0].to_string();
    assert!(verdicts.contains("Failed") && verdicts.contains("payment"), "the failing service: {told}");
    assert!(verdicts.contains(": "), "the exception: {told}");
    assert!(
        verdicts.contains("Most time") && verdicts.contains("of the response time"),
        "the largest contributor: {told}"
    );
    browser.screenshot("trace-demo").await;
    browser.finish().await;
}

#[tokio::test]
async fn the_head_tells_the_start_here_and_in_utc() {
    let roentgen = Roentgen::serve(&[]);
    let address = drawn(&roentgen, &drawing()).await;
    let browser = Browser::start().await;
    let zone = serde_json::json!({"timezoneId": "America/New_York"});
    browser.devtools("Emulation.setTimezoneOverride", zone).await;
    browser.open(&address).await;
    let start = browser.wait_text(".trace__facts", |text| text.contains("UTC")).await;
    assert!(start.contains("2027-01-15 03:00:00.000") && start.contains("08:00:00 UTC"), "{start}");
    browser.click("header [data-does=zone]").await;
    let start = browser.wait_text(".trace__facts", |text| text.contains("here")).await;
    assert!(start.contains("2027-01-15 08:00:00.000") && start.contains("03:00:00 here"), "{start}");
    browser.finish().await;
}
