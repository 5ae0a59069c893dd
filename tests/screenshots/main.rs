//! Pictures of every page from demo data, light and dark, wide and narrow, for a person to look at: `cargo xtask
//! screenshots` runs this with the release binary.
#![expect(clippy::unwrap_used, reason = "a program that cannot go on says so by panicking")]

#[path = "../it/browser.rs"]
#[expect(dead_code, reason = "the stories use more of it")]
mod browser;
#[path = "../it/harness.rs"]
#[expect(dead_code, reason = "the stories use more of it")]
mod harness;

use std::{
    fmt::Write as _,
    path::Path,
    time::{Duration, SystemTime},
};

use serde_json::json;

use crate::{browser::Browser, harness::Roentgen};

/// A page to be pictured.
struct Page {
    name: &'static str,
    /// The address behind the server's.
    place: String,
    /// What is there when the page is complete.
    wait: &'static str,
    /// What is done before the picture is taken.
    script: &'static str,
}

const THEMES: [&str; 2] = ["light", "dark"];
/// Width and height of the window, in CSS pixels.
const SIZES: [(u32, u32); 2] = [(1400, 900), (480, 900)];
/// Until moving things have come to rest.
const REST: Duration = Duration::from_millis(900);

/// The pages; `trace` is one that failed.
fn pages(trace: &str) -> Vec<Page> {
    let page = |name, place: &str, wait, script| Page { name, place: place.to_owned(), wait, script };
    let choose =
        "const i = document.querySelector('.map__search'); i.value = 'payment'; i.dispatchEvent(new Event('change'));";
    let propose = "
        const query = document.querySelector('[name=query]'); query.focus(); query.select();
        document.execCommand('insertText', false, 'service(\"payment\") { fa');";
    let build = "document.querySelector('.query-bar__head [aria-pressed=false]')?.click()";
    let groups = "document.querySelector('summary[aria-label=Groups]').click()";
    let press_key = "document.dispatchEvent(new KeyboardEvent('keydown', { key: '?', bubbles: true }))";
    vec![
        page("first-visit", "/", ".map__services li", "localStorage.clear()"),
        page("map", "/map", ".map__services li", ""),
        page("map-service", "/map", ".map__services li", choose),
        page("map-table", "/map?view=table", ".map-table tbody tr", ""),
        page("explore", "/explore", "[role=grid] [role=row][aria-selected]", ""),
        page("explore-faults", "/explore?q=service(%22payment%22)+%7B+fault+%3D+true+%7D", "[role=grid]", ""),
        page("explore-proposals", "/explore", "[role=grid] [role=row][aria-selected]", propose),
        page(
            "explore-builder",
            "/explore?q=service(%22payment%22)+%7B+fault+OR+http.status+%3E%3D+500+%7D+AND+duration+%3E+0.5",
            "[role=grid]",
            build,
        ),
        page("explore-groups", "/explore", "[role=grid] [role=row][aria-selected]", groups),
        page("explore-wrong", "/explore?q=respnsetime+%3E+5", "[role=alert], [role=status]", ""),
        Page {
            name: "explore-trace",
            place: format!("/explore?trace={trace}"),
            wait: "[role=treegrid] [role=row]",
            script: "",
        },
        Page { name: "trace", place: format!("/trace/{trace}"), wait: "[role=treegrid] [role=row]", script: "" },
        Page {
            name: "trace-statistics",
            place: format!("/trace/{trace}?tab=statistics"),
            wait: ".statistics tbody tr",
            script: "",
        },
        Page { name: "trace-map", place: format!("/trace/{trace}?tab=map"), wait: ".map__services li", script: "" },
        Page {
            name: "trace-found",
            place: format!("/trace/{trace}?find=state%3Dfault&colour=state"),
            wait: "[role=treegrid] [role=row]",
            script: "document.querySelector('.verdict').click()",
        },
        page("explore-calls", "/explore?calls=1", ".calls__call", "document.querySelector('.calls__call').click()"),
        page("sources", "/sources", ".source", "document.querySelector('[data-does=test]').click()"),
        page("sources-new", "/sources?new", ".source-form", ""),
        page("trace-missing", "/trace/1-5759e988-bd862e3fe1be46a994272793", "main h2, main p", ""),
        page("help", "/map", ".map__services li", press_key),
        page("unknown", "/nowhere", "main", ""),
    ]
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    let roentgen = Roentgen::serve_demo();
    // The demo fills the past hour at first.
    tokio::time::sleep(Duration::from_secs(4)).await;
    let pages = pages(&failing_trace(&roentgen).await);
    let browser = Browser::start().await;
    for (width, height) in SIZES {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        browser.devtools("Emulation.setDeviceMetricsOverride", size).await;
        for theme in THEMES {
            let theme_feature = json!({"features": [{"name": "prefers-color-scheme", "value": theme}]});
            browser.devtools("Emulation.setEmulatedMedia", theme_feature).await;
            for page in &pages {
                picture(&browser, &roentgen, page, &folder.join(file(page, theme, width))).await;
            }
        }
    }
    std::fs::write(folder.join("index.html"), sheet(&pages)).unwrap();
    println!("{} pictures; all of them: {}", pages.len() * 4, folder.join("index.html").display());
    browser.driver.clone().quit().await.unwrap();
}

fn file(page: &Page, theme: &str, width: u32) -> String {
    format!("{}-{theme}-{width}.png", page.name)
}

async fn picture(browser: &Browser, roentgen: &Roentgen, page: &Page, file: &Path) {
    let address = format!("{}{}", roentgen.app(), page.place);
    browser.open(&address).await;
    // The welcome stands only on the picture that is of it.
    let first = page.name == "first-visit";
    let welcome = if first { "localStorage.clear()" } else { "localStorage.setItem('roentgen.welcomed', '1')" };
    browser.script(welcome).await;
    browser.script("localStorage.removeItem('roentgen.builder')").await;
    browser.open(&address).await;
    browser.wait(page.wait).await;
    browser.script(page.script).await;
    tokio::time::sleep(REST).await;
    browser.driver.screenshot(file).await.unwrap();
}

/// The newest trace of the demo that failed.
async fn failing_trace(roentgen: &Roentgen) -> String {
    let now = SystemTime::now();
    let from = now - Duration::from_hours(1);
    let ask = roentgen.sdk().get_trace_summaries().start_time(from.into()).end_time(now.into());
    let answer = ask.filter_expression("service(\"payment\") { fault }").send().await.unwrap();
    let first = answer.trace_summaries().first().expect("the demo's payment service has failed within the hour");
    first.id().unwrap().to_owned()
}

/// All pictures on one page.
fn sheet(pages: &[Page]) -> String {
    let mut sheet = String::from(
        "<!doctype html><meta charset=\"utf-8\"><title>Screenshots</title><style>img{border:1px solid gray;height:420px;margin:4px}</style>\n",
    );
    for page in pages {
        write!(sheet, "<h2>{}</h2>\n<p>", page.name).unwrap();
        for (width, _) in SIZES {
            for theme in THEMES {
                write!(sheet, "<a href=\"{0}\"><img src=\"{0}\" alt=\"{0}\"></a>", file(page, theme, width)).unwrap();
            }
        }
        sheet.push_str("</p>\n");
    }
    sheet
}
