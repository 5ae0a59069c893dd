//! The editor of the query: a newcomer writes a filter, and wrong ones say so before they are run.

use std::time::{Duration, SystemTime};

use thirtyfour::Key;

use crate::{
    browser::{Browser, eventually},
    harness::Roentgen,
    segments,
    stories::{self, click_row, send, wait_rows},
};

/// What is written in the query's field.
async fn written(browser: &Browser) -> String {
    let value = browser.script("return document.querySelector('[name=query]').value").await;
    value.as_str().unwrap_or_default().to_owned()
}

/// Writes into the query's field, letter by letter, in the place of what was there.
async fn write(browser: &Browser, text: &str) {
    browser.script("const q = document.querySelector('[name=query]'); q.focus(); q.select();").await;
    browser.press(Key::Delete).await;
    browser.press(text.to_owned()).await;
}

/// Pastes into the query's field, in the place of what was there: nothing is closed by itself then.
async fn paste(browser: &Browser, text: &str) {
    let script = "const q = document.querySelector('[name=query]'); q.focus(); q.select(); document.execCommand('insertText', false, arguments[0]);";
    browser.driver.execute(script, vec![serde_json::json!(text)]).await.unwrap();
}

/// The labels of the proposals, once one of them is as wanted.
async fn wait_proposal(browser: &Browser, wanted: &str) -> Vec<String> {
    let script = "return [...document.querySelectorAll('.editor__label')].map(e => e.textContent)";
    eventually(&format!("{wanted} is proposed"), async || {
        let found = browser.script(script).await;
        let found: Vec<String> = serde_json::from_value(found).ok()?;
        found.iter().any(|label| label == wanted).then_some(found)
    })
    .await
}

/// Walks to a proposal with the arrow keys and takes it.
async fn pick(browser: &Browser, wanted: &str) {
    let labels = wait_proposal(browser, wanted).await;
    let place = labels.iter().position(|label| label == wanted).unwrap();
    for _ in 0..place {
        browser.press(Key::Down).await;
    }
    browser.press(Key::Enter).await;
}

#[tokio::test]
async fn a_newcomer_finds_the_failing_traces_of_a_service_without_knowing_the_language() {
    let roentgen = Roentgen::serve(&[]);
    let mut documents = segments::failing_checkout(&segments::trace_id(9));
    documents.push(segments::healthy(&segments::trace_id(1), "/", 0.05));
    documents.push(segments::healthy(&segments::trace_id(2), "/cart", 0.05));
    send(&roentgen.sdk(), &documents).await;
    let browser = Browser::start().await;
    browser.open(&roentgen.explore()).await;
    wait_rows(&browser, stories::LIST, "three traces", |rows| rows.len() == 3).await;
    write(&browser, "serv").await;
    pick(&browser, "service(\"payment\")").await;
    assert_eq!(written(&browser).await, "service(\"payment\") {  }");
    browser.press("fau").await;
    pick(&browser, "fault").await;
    assert_eq!(written(&browser).await, "service(\"payment\") { fault }");
    browser.screenshot("editor").await;
    browser.press(Key::Enter).await;
    let rows = wait_rows(&browser, stories::LIST, "the failing trace", |rows| rows.len() == 1).await;
    assert!(rows[0].contains("502"), "{rows:#?}");
    assert!(browser.address().await.contains("q=service"), "{}", browser.address().await);
    // What was picked is taken back by the browser's own undo.
    browser.press(Key::Control + "z").await;
    assert_ne!(written(&browser).await, "service(\"payment\") { fault }");

    // Live values: an annotation and what it holds.
    write(&browser, "tie").await;
    pick(&browser, "annotation.tier").await;
    browser.press(" = ").await;
    browser.press(Key::Control + " ").await;
    let values = wait_proposal(&browser, "gold").await;
    assert!(values.contains(&"silver".to_owned()), "{values:?}");
    browser.press(Key::Escape).await;
    browser.wait_gone(".editor__popup:not([hidden])").await;
    browser.finish().await;
}

#[tokio::test]
async fn a_query_is_built_from_rows_and_rows_follow_its_text() {
    let roentgen = Roentgen::serve(&[]);
    let mut documents = segments::failing_checkout(&segments::trace_id(9));
    documents.push(segments::healthy(&segments::trace_id(1), "/", 0.05));
    send(&roentgen.sdk(), &documents).await;
    let browser = Browser::start().await;
    browser.open(&roentgen.explore()).await;
    wait_rows(&browser, stories::LIST, "both traces", |rows| rows.len() == 2).await;
    let says = async |text: &str| {
        let what = format!("the text is {text}");
        eventually(&what, async || (written(&browser).await == text).then_some(())).await;
    };
    // By keys alone once it is open: what is added has the focus.
    browser.click(".query-bar__head button[aria-pressed]").await;
    browser.click("[data-part=':add1']").await;
    browser.press("payment").await;
    says("service(\"payment\")").await;
    browser.click("[data-part='0:add0']").await;
    browser.press("fault").await;
    says("service(\"payment\") { fault }").await;
    browser.press(Key::Tab + Key::Tab).await;
    let focused = "return document.activeElement.dataset.part";
    assert_eq!(browser.script(focused).await, "0.0:remove");
    browser.click("[data-part='0.0:field']").await;
    browser.press(Key::Escape).await;
    browser.press("duration").await;
    // A row without a value is no part of the query.
    says("service(\"payment\")").await;
    browser.press(Key::Tab + Key::Tab).await;
    browser.press("1.5").await;
    says("service(\"payment\") { duration > 1.5 }").await;
    browser.press(Key::Enter).await;
    wait_rows(&browser, stories::LIST, "the slow one", |rows| rows.len() == 1).await;
    browser.screenshot("builder").await;

    // The text leads as well; what rows cannot show is said, and nothing of it is lost.
    let deep = "!(ok AND (fault OR !(error AND (ok OR !(partial AND user)))))";
    paste(&browser, deep).await;
    browser.wait(".builder fieldset:disabled").await;
    browser.wait_text(".builder [role=status]", |why| why.contains("three levels")).await;
    says(deep).await;
    paste(&browser, "user = \"al\" OR !fault").await;
    browser.wait(".builder fieldset:enabled").await;
    // What is wrong is told above the rows when the proposals go, and must not move them from under the press.
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    browser.click("[data-part='1:not']").await;
    says("user = \"al\" OR fault").await;
    browser.click("[data-part='0:value']").await;
    browser.press("ice").await;
    says("user = \"alice\" OR fault").await;
    browser.click("[data-part='0:remove']").await;
    says("fault").await;
    browser.finish().await;
}

#[tokio::test]
async fn values_that_are_seen_are_filtered_for_and_filtered_out() {
    let roentgen = Roentgen::serve(&[]);
    let mut documents = segments::failing_checkout(&segments::trace_id(9));
    documents.push(segments::healthy(&segments::trace_id(1), "/", 0.05));
    documents.push(segments::healthy(&segments::trace_id(2), "/cart", 0.05));
    send(&roentgen.sdk(), &documents).await;
    let browser = Browser::start().await;
    browser.open(&roentgen.explore()).await;
    wait_rows(&browser, stories::LIST, "three traces", |rows| rows.len() == 3).await;
    let cell = browser.wait("[data-filter='http.status = 502']").await;
    browser.driver.action_chain().move_to_element_center(&cell).perform().await.unwrap();
    browser.click(".filter-by button[aria-label^='Filter out']").await;
    wait_rows(&browser, stories::LIST, "the healthy ones", |rows| rows.len() == 2).await;
    assert_eq!(written(&browser).await, "!(http.status = 502)");
    browser.driver.back().await.unwrap();
    wait_rows(&browser, stories::LIST, "three traces", |rows| rows.len() == 3).await;

    // By keys, from an annotation of the open trace; it joins what is asked already.
    write(&browser, "duration > 1").await;
    browser.press(Key::Escape).await;
    browser.press(Key::Enter).await;
    wait_rows(&browser, stories::LIST, "the slow one", |rows| rows.len() == 1).await;
    browser.click(stories::LIST).await;
    browser.wait(".chip[data-filter]").await;
    browser.script("document.querySelector(`.chip[data-filter='annotation[tier] = \"gold\"']`).focus()").await;
    browser.press("+").await;
    eventually("the query is narrower", async || {
        (written(&browser).await == "duration > 1 AND annotation.tier = \"gold\"").then_some(())
    })
    .await;
    wait_rows(&browser, stories::LIST, "the slow one", |rows| rows.len() == 1).await;
    browser.finish().await;
}

#[tokio::test]
async fn every_filter_in_the_details_of_a_span_finds_its_trace() {
    let roentgen = Roentgen::serve(&[]);
    let (failing, healthy) = (segments::trace_id(9), segments::trace_id(1));
    let mut documents = segments::failing_checkout(&failing);
    documents.push(segments::healthy(&healthy, "/", 0.05));
    send(&roentgen.sdk(), &documents).await;
    let browser = Browser::start().await;
    let now = SystemTime::now();
    for (span, wanted) in [
        // The root segment, a call to AWS, a call that was answered, and the segment that answered.
        ("00000000000000b0", "http.status = 502"),
        ("00000000000000b1", "edge(\"shop\", id(type: \"AWS::DynamoDB::Table\")) { http.status = 200 }"),
        ("00000000000000b2", "edge(\"shop\", \"payment\") { http.url = \"https://payment.internal/charge\" }"),
        ("00000000000000c0", "service(\"payment\") { http.method = \"POST\" }"),
    ] {
        browser.open(&format!("{}/trace/{failing}?span={span}", roentgen.app())).await;
        let all = "return [...document.querySelectorAll('.inspector [data-filter]')].map(e => e.dataset.filter)";
        let all = eventually(&format!("{span} offers {wanted}"), async || {
            let all: Vec<String> = serde_json::from_value(browser.script(all).await).ok()?;
            all.iter().any(|condition| condition == wanted).then_some(all)
        })
        .await;
        for condition in all {
            let ask = roentgen.sdk().get_trace_summaries().start_time((now - Duration::from_mins(1)).into());
            let ask = ask.end_time((now + Duration::from_mins(1)).into()).filter_expression(&condition);
            let answer = ask.send().await.unwrap();
            let ids: Vec<&str> = answer.trace_summaries().iter().filter_map(|trace| trace.id()).collect();
            let both = condition == "service(\"shop\")";
            assert_eq!(ids.len(), if both { 2 } else { 1 }, "{condition}");
            assert!(ids.contains(&failing.as_str()), "{condition}");
        }
    }
    browser.script("document.querySelector(`.inspector [data-filter$='http.method = \"POST\" }']`).focus()").await;
    browser.press("+").await;
    wait_rows(&browser, stories::LIST, "its trace", |rows| rows.len() == 1).await;
    assert_eq!(written(&browser).await, "service(\"payment\") { http.method = \"POST\" }");
    browser.finish().await;
}

#[tokio::test]
async fn a_group_is_made_picked_in_the_list_and_on_the_map_and_deleted() {
    let roentgen = Roentgen::serve(&[]);
    let mut documents = segments::failing_checkout(&segments::trace_id(9));
    documents.push(segments::healthy(&segments::trace_id(1), "/", 0.05));
    send(&roentgen.sdk(), &documents).await;
    let browser = Browser::start().await;
    browser.open(&roentgen.explore()).await;
    wait_rows(&browser, stories::LIST, "two traces", |rows| rows.len() == 2).await;
    let menu = "summary[aria-label=Groups]";
    browser.click(menu).await;
    browser.wait_text("ul[aria-label=Groups]", |text| text.contains("Default")).await;
    // A wrong expression is refused in X-Ray's own words, and nothing is lost.
    browser.click("[name=group]").await;
    browser.press("failing").await;
    browser.click("[name=expression]").await;
    browser.press("service() { fault").await;
    browser.press(Key::Tab).await;
    browser.press(Key::Enter).await;
    browser.wait_text(".group [role=alert]", |text| text.contains("missing }")).await;
    browser.click("[name=expression]").await;
    browser.press(Key::End + " }").await;
    browser.press(Key::Tab).await;
    browser.press(Key::Enter).await;
    browser.wait_text("ul[aria-label=Groups]", |text| text.contains("service() { fault }")).await;
    browser.screenshot("groups").await;
    click_row(&browser, "ul[aria-label=Groups] .past__query", "failing").await;
    wait_rows(&browser, stories::LIST, "the failing one", |rows| rows.len() == 1).await;
    assert_eq!(written(&browser).await, "group.name = \"failing\"");

    // The map of the group alone.
    browser.open(&format!("{}/map", roentgen.app())).await;
    browser.wait_text(".result__line", |text| text.contains("services")).await;
    browser.click(menu).await;
    browser.wait_text("ul[aria-label=Groups]", |text| text.contains("failing")).await;
    click_row(&browser, "ul[aria-label=Groups] .past__query", "failing").await;
    eventually("the link has the group", async || browser.address().await.contains("group=failing").then_some(()))
        .await;
    browser.wait_text(".map__services", |text| text.contains("payment")).await;

    browser.click(menu).await;
    for _ in 0..2 {
        click_row(&browser, "ul[aria-label=Groups] .button", "elete").await;
    }
    eventually("the group is gone", async || {
        let script = "return document.querySelector('ul[aria-label=Groups]').textContent";
        browser.script(script).await.as_str().is_some_and(|text| !text.contains("failing")).then_some(())
    })
    .await;
    browser.finish().await;
}

#[tokio::test]
async fn wrong_filters_say_so_at_the_right_place_before_they_are_run() {
    let roentgen = Roentgen::serve(&[]);
    send(&roentgen.sdk(), &[segments::healthy(&segments::trace_id(1), "/", 0.05)]).await;
    let browser = Browser::start().await;
    browser.open(&roentgen.explore()).await;
    wait_rows(&browser, stories::LIST, "a trace", |rows| rows.len() == 1).await;
    for (wrong, column, words) in [
        ("respnsetime > 5", 1, "did you mean responsetime"),
        ("http.url > \"x\"", 1, "text"),
        ("duration CONTAINS \"1\"", 1, "number"),
        ("user = bob smith", 12, "smith"),
        ("ok AND", 4, "needs a condition after it"),
        ("OR ok", 1, "needs a condition before it"),
        ("(ok", 1, "missing )"),
        ("ok)", 3, "no ( belongs"),
        ("service(\"a\") { root", 14, "missing }"),
        ("edge(\"a\")", 1, "edge"),
        ("http.status = \"abc", 15, "not closed"),
        ("coverage > 0.5", 1, "only"),
        ("'shop' = name", 1, "quotes"),
    ] {
        paste(&browser, wrong).await;
        browser.press(Key::Escape).await;
        let told = browser.wait_text("#query-problems", |text| text.contains(words)).await;
        assert!(told.contains(&format!("Column {column}")), "{wrong}: {told}");
        browser.press(Key::Enter).await;
        browser.wait_text("#query-problems", |text| text.contains("Not run")).await;
        assert_eq!(written(&browser).await, wrong, "the text stays");
        assert!(!browser.address().await.contains("q="), "it was not run");
        let rows = stories::rows(&browser, stories::LIST).await;
        assert_eq!(rows.len(), 1, "the last good answer stays");
    }
    // What is right is brought into its plain form, what is wrong is left alone.
    for (given, plain) in [(" ok   and(fault) ", "ok AND fault"), ("ok   AND", "ok   AND")] {
        paste(&browser, given).await;
        browser.click(".query-bar__head button[title='Alt + Shift + F']").await;
        assert_eq!(written(&browser).await, plain);
    }
    // A mistake is mended by its button, and the query runs.
    write(&browser, "respnsetime < 5").await;
    browser.press(Key::Escape).await;
    browser.click("#query-problems .problems__item .button").await;
    assert_eq!(written(&browser).await, "responsetime < 5");
    browser.press(Key::Enter).await;
    eventually("it runs", async || browser.address().await.contains("q=responsetime").then_some(())).await;
    // What is right and probably not meant is told as well, and can be run.
    write(&browser, "fault").await;
    browser.press(Key::Escape).await;
    browser.wait_text("#query-problems", |text| text.contains("first segment only")).await;
    browser.press(Key::Enter).await;
    eventually("it runs", async || browser.address().await.contains("q=fault").then_some(())).await;
    browser.finish().await;
}
