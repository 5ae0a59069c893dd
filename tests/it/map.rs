//! The service map: from the first visit to a failing trace, and what is left to those who use keys alone.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::Key;

use crate::{
    browser::{Browser, eventually},
    harness::Roentgen,
    segments,
    stories::{self, click_row, send, wait_rows},
};

/// Where a node stands on the screen, read off the map's own list by search: the picture itself is a canvas.
async fn choose_by_search(browser: &Browser, name: &str) {
    let input = browser.wait(".map__search").await;
    input.send_keys(name.to_owned() + Key::Enter).await.expect("it takes keys");
}

/// The sentences of all services.
async fn services(browser: &Browser) -> Vec<String> {
    let found =
        browser.script("return [...document.querySelectorAll('.map__services li')].map(e => e.textContent)").await;
    found.as_array().cloned().unwrap_or_default().iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

async fn wait_services(browser: &Browser, test: impl Fn(&[String]) -> bool) -> Vec<String> {
    eventually("the services appear", async || Some(services(browser).await).filter(|found| test(found))).await
}

#[tokio::test]
async fn the_first_visit_shows_a_living_system_and_its_incident() {
    let roentgen = Roentgen::serve_demo();
    let browser = Browser::start().await;
    let opened = Instant::now();
    browser.open(roentgen.app()).await;
    let is_there = |found: &[String]| {
        found.len() > 20 && found.iter().any(|one| one.starts_with("payment") && one.contains("faults"))
    };
    while !is_there(&services(&browser).await) {
        assert!(opened.elapsed() < Duration::from_secs(10), "{:#?}", services(&browser).await);
        tokio::time::sleep(Duration::from_millis(400)).await;
        browser.click("button[type=submit]").await;
    }
    let welcome = browser.wait_text("[aria-label=Welcome]", |text| text.contains("Three things to try")).await;
    assert!(welcome.contains("OpenTelemetry") && welcome.contains("--region"), "{welcome}");
    let notice = browser.wait_text(".note", |text| text.contains("demo data")).await;
    assert!(notice.contains("--no-demo"), "{notice}");
    // The red of its ring can be seen in the picture, and pressed.
    let ring =
        eventually("a red ring", async || browser.script(&[PIXELS, RED_RING].concat()).await.as_array().cloned()).await;
    let [x, y] = [0, 1].map(|place| ring[place].as_i64().unwrap());
    browser.driver.action_chain().move_to(x, y).click().perform().await.unwrap();
    let details = "[aria-label='Details of the selected service']";
    let panel = browser.wait_text(details, |text| text.contains("Faults")).await;
    let names = ["payment", "checkout", "api.paygate.example"];
    assert!(names.iter().any(|name| panel.starts_with(name)) && panel.contains("p95"), "{panel}");
    browser.screenshot("map").await;

    // Two presses from there to a failing trace.
    browser.click("nav[aria-label=Traces] a.button--main").await;
    // (Of the failures of the third party's service, some were made good by another attempt.)
    let failed = |rows: &[String]| rows.iter().any(|row| row.contains("✕ fault"));
    wait_rows(&browser, stories::LIST, "failing traces", failed).await;
    click_row(&browser, stories::LIST, "✕ fault").await;
    wait_rows(&browser, stories::SPANS, "the spans", |rows| rows.iter().any(|row| row.contains("502"))).await;
    browser.finish().await;
}

/// Helpers for scripts that look at the picture's pixels.
const PIXELS: &str = "
    const canvas = document.querySelector('.map__canvas');
    const colour = name => {
        const probe = document.createElement('i');
        probe.style.color = getComputedStyle(canvas).getPropertyValue(name);
        document.body.append(probe);
        const parts = getComputedStyle(probe).color.match(/[0-9.]+/g).map(Number);
        probe.remove();
        return parts;
    };
    const { width, height } = canvas;
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
    const has = (x, y, wanted) => [0, 1, 2].every(i => Math.abs(data[4 * (y * width + x) + i] - wanted[i]) < 8);
";

/// A place on a red ring: it has the colour of faults, and the tint of failing services is near. (Edges are red too.)
const RED_RING: &str = "
    const [red, tint] = [colour('--bar-fault'), colour('--fault-wash')];
    const box = canvas.getBoundingClientRect();
    for (let y = 6; y < height - 6; y++) {
        for (let x = 6; x < width - 6; x++) {
            if (has(x, y, red) && [[-5, 0], [5, 0], [0, -5], [0, 5]].some(([dx, dy]) => has(x + dx, y + dy, tint))) {
                return [Math.round(box.left + x * box.width / width), Math.round(box.top + y * box.height / height)];
            }
        }
    }
    return null;
";

/// Whether the mark of the selected service stands around the middle of the picture.
const MARK_IN_THE_MIDDLE: &str = "
    const accent = colour('--accent');
    const [middle, level] = [width >> 1, height >> 1];
    for (let away = 10; away < 60; away++) {
        if (has(middle - away, level, accent) && has(middle + away, level, accent)) return true;
    }
    return false;
";

#[tokio::test]
async fn the_incident_is_found_by_keyboard_alone() {
    let roentgen = Roentgen::serve_demo();
    let browser = Browser::start().await;
    browser.open(roentgen.app()).await;
    wait_services(&browser, |found| found.len() > 20).await;
    // As a table, most faults first, it is the first thing; `t` leads there.
    browser.press("t").await;
    browser.wait_text(".map-table tbody tr", |text| text.contains("26") || text.contains('%')).await;
    browser.press("t").await;
    // The search leads to a service.
    browser.press("/").await;
    let search = browser.driver.active_element().await.unwrap();
    search.send_keys("payment" + Key::Enter).await.unwrap();
    browser.wait_text("[aria-label='Details of the selected service']", |text| text.starts_with("payment")).await;
    let focused = "return document.activeElement.innerText || ''";
    tab_until(&browser, "the faults", async || {
        browser.script(focused).await.as_str().is_some_and(|text| text.starts_with("Faults"))
    })
    .await;
    browser.press(Key::Enter).await;
    let rows = wait_rows(&browser, stories::LIST, "failing traces", |rows| !rows.is_empty()).await;
    assert!(rows.iter().all(|row| row.contains("fault")), "{rows:#?}");
    let role = "return document.activeElement.getAttribute('role')";
    tab_until(&browser, "the list", async || browser.script(role).await == "grid").await;
    browser.press(Key::Enter).await;
    wait_rows(&browser, stories::SPANS, "the spans", |rows| rows.iter().any(|row| row.contains("502"))).await;
    browser.finish().await;
}

/// Presses Tab until the focus is where it should be.
async fn tab_until(browser: &Browser, what: &str, is_there: impl AsyncFn() -> bool) {
    for _ in 0..60 {
        if is_there().await {
            return;
        }
        browser.press(Key::Tab).await;
    }
    panic!("no Tab leads to {what}");
}

/// Five good requests and a failing one, of known services.
async fn known_map(roentgen: &Roentgen) {
    let mut documents = segments::failing_checkout(&segments::trace_id(9));
    for number in 1..=5 {
        documents.push(segments::healthy(&segments::trace_id(number), "/", 0.05));
    }
    send(&roentgen.sdk(), &documents).await;
}

#[tokio::test]
async fn the_map_is_walked_by_keyboard_and_kept_in_the_link() {
    let roentgen = Roentgen::serve(&[]);
    known_map(&roentgen).await;
    let browser = Browser::start().await;
    browser.open(&format!("{}/map", roentgen.app())).await;
    let found = wait_services(&browser, |found| found.len() >= 5).await;
    assert!(
        found.iter().any(|one| one.starts_with("payment, EC2::Instance:") && one.contains("100\u{a0}% faults")),
        "{found:#?}"
    );
    assert!(found.iter().any(|one| one.starts_with("carts, DynamoDB::Table:")), "{found:#?}");
    let role = "return document.activeElement.getAttribute('role')";
    tab_until(&browser, "the services", async || browser.script(role).await == "listbox").await;
    // From left to right: somebody, the shop, what it calls.
    browser.press(Key::End).await;
    for _ in 0..6 {
        browser.press(Key::Left).await;
    }
    browser.press(Key::Right).await;
    browser.press(Key::Enter).await;
    let panel =
        browser.wait_text("[aria-label='Details of the selected service']", |text| text.contains("Calls")).await;
    assert!(panel.contains("shop") && panel.contains("Requests"), "{panel}");
    let address = browser.address().await;
    assert!(address.contains("node=shop"), "{address}");
    browser.open(&address).await;
    browser.wait_text("[aria-label='Details of the selected service']", |text| text.contains("Requests")).await;
    let way = browser.wait("nav[aria-label=Traces] a").await.attr("href").await.unwrap().unwrap();
    assert!(way.contains("service"), "{way}");

    // The same as a table, worst first.
    browser.open(&format!("{}/map?view=table", roentgen.app())).await;
    let first = browser.wait_text(".map-table tbody tr", |text| text.contains('%')).await;
    assert!(first.contains("100") && first.starts_with("payment"), "{first}");
    let csv = browser.wait("a[download]").await.attr("href").await.unwrap().unwrap();
    assert!(csv.starts_with("data:text/csv") && csv.contains("payment"), "{csv}");
    browser.finish().await;
}

#[tokio::test]
async fn an_empty_map_says_what_to_do_and_narrow_ones_fit() {
    let roentgen = Roentgen::serve(&[]);
    let browser = Browser::start().await;
    browser.open(&format!("{}/map", roentgen.app())).await;
    browser.wait_text("main", |text| text.contains("AWS_XRAY_DAEMON_ADDRESS")).await;
    known_map(&roentgen).await;
    let phone = json!({"width": 480, "height": 900, "deviceScaleFactor": 1, "mobile": false});
    browser.devtools("Emulation.setDeviceMetricsOverride", phone).await;
    browser.open(&format!("{}/map", roentgen.app())).await;
    wait_services(&browser, |found| found.len() >= 5).await;
    choose_by_search(&browser, "payment").await;
    browser.wait("[aria-label='Details of the selected service']").await;
    let overflow = browser.script("return document.documentElement.scrollWidth - innerWidth").await;
    assert!(overflow.as_f64().unwrap() <= 0.0, "{overflow} pixels too wide");
    browser.screenshot("map-narrow").await;
    browser.open(&roentgen.explore()).await;
    wait_rows(&browser, stories::LIST, "six traces", |rows| rows.len() == 6).await;
    browser.finish().await;
}

/// Traces that make a graph hard to draw: see the test's name for each.
fn odd_traces() -> Vec<Value> {
    let start = segments::now() - 5.0;
    let segment = |trace: u32, id: u32, parent: Option<u32>, name: &str, more: Value| {
        let mut document = json!({"trace_id": segments::trace_id(trace), "id": format!("{id:016x}"), "name": name,
            "start_time": start, "end_time": start + 0.25});
        if let Some(parent) = parent {
            document["parent_id"] = json!(format!("{parent:016x}"));
        }
        for (key, value) in more.as_object().into_iter().flatten() {
            document[key] = value.clone();
        }
        document
    };
    let call = |id: u32, name: &str| json!({"id": format!("{id:016x}"), "name": name, "namespace": "remote", "start_time": start, "end_time": start + 0.2});
    let long = "a name of three hundred letters ".repeat(10)[..300].to_owned();
    // A star: one calls 2,000 that report nothing.
    let spokes: Vec<Value> = (0..2_000).map(|spoke| call(10_000 + spoke, &format!("spoke-{spoke}"))).collect();
    let mut documents: Vec<Value> = spokes
        .chunks(250)
        .enumerate()
        .map(|(part, calls)| segment(100 + part as u32, 1, None, "hub", json!({"subsegments": calls})))
        .collect();
    documents.extend([
        // One that calls itself.
        segment(1, 1, None, "echo", json!({"subsegments": [call(2, "echo")]})),
        segment(1, 3, Some(2), "echo", json!({})),
        // Two of one name and different types.
        segment(2, 1, None, "twin", json!({"origin": "AWS::ECS::Container"})),
        segment(3, 1, None, "twin", json!({"origin": "AWS::Lambda::Function"})),
        // A very long name.
        segment(4, 1, None, &long, json!({})),
    ]);
    // One that has not finished anything: no statistics at all.
    documents.push(segment(5, 1, None, "starter", json!({"subsegments": [call(2, "pending")]})));
    let mut pending = segment(5, 3, Some(2), "pending", json!({"in_progress": true}));
    pending.as_object_mut().unwrap().remove("end_time");
    documents.push(pending);
    documents
}

#[tokio::test]
async fn odd_graphs_are_drawn_a_star_a_self_call_twins_a_long_name_and_one_without_statistics() {
    let roentgen = Roentgen::serve(&[]);
    send(&roentgen.sdk(), &odd_traces()).await;
    let browser = Browser::start().await;
    browser.open(&format!("{}/map?view=table", roentgen.app())).await;
    browser.wait_text(".map-table", |text| text.contains("The first 300 of")).await;
    browser.open(&format!("{}/map", roentgen.app())).await;
    browser.wait_text(".result__line", |text| text.starts_with('2')).await;
    for (name, says) in [
        ("hub", "Calls"),
        ("echo", "echo"),
        ("twin", "twin"),
        ("a name of three", "a name of three"),
        ("pending", "pending"),
        ("spoke-1999", "Called by"),
    ] {
        browser.script("document.querySelector('.map__search').value = ''").await;
        let offered = "const i = document.querySelector('.map__search'); i.value = arguments[0]; i.dispatchEvent(new Event('input')); \
            return null";
        browser.driver.execute(offered, vec![json!(name)]).await.unwrap();
        let whole = eventually(&format!("{name} is offered"), async || {
            let script = "return document.querySelector('#map-names option')?.value || null";
            browser.script(script).await.as_str().filter(|found| found.contains(name)).map(str::to_owned)
        })
        .await;
        browser.script("document.querySelector('.map__search').value = ''").await;
        choose_by_search(&browser, &whole).await;
        browser
            .wait_text("[aria-label='Details of the selected service']", |text| {
                text.starts_with(&whole[..15.min(whole.len())]) && text.contains(says)
            })
            .await;
        let script = [PIXELS, MARK_IN_THE_MIDDLE].concat();
        eventually(&format!("{name} stands in the middle"), async || {
            (browser.script(&script).await == true).then_some(())
        })
        .await;
    }
    browser.screenshot("map-odd").await;
    browser.finish().await;
}
