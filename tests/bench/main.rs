//! Speed, measured as ratios side by side in one run; `cargo xtask bench` runs it with the release binary.
//!
//! The measuring is ours and not a benchmark library's: every number here is a ratio of two things measured in turn, or
//! comes from inside a browser, and the libraries report absolute times of one thing.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on says so by panicking")]

#[path = "../it/browser.rs"]
#[expect(dead_code, reason = "the stories use more of it")]
mod browser;
mod editor_page;
#[path = "../it/fault_proxy.rs"]
#[expect(dead_code, reason = "the stories use more of it")]
mod fault_proxy;
mod filters;
#[path = "../it/harness.rs"]
#[expect(dead_code, reason = "the stories use more of it")]
mod harness;
mod ingest;
mod insights;
#[path = "../it/load.rs"]
mod load;
mod map_layout;
mod map_page;
mod page;
mod pipeline;
mod store;
mod trace_page;

/// One measured number with what it may be.
struct Measure {
    name: String,
    value: f64,
    unit: &'static str,
    limit: Limit,
}

/// What a number may be.
#[derive(Clone, Copy)]
enum Limit {
    AtMost(f64),
    AtLeast(f64),
    /// Told for information.
    None,
}

impl Measure {
    fn new(name: impl Into<String>, value: f64, unit: &'static str, limit: Limit) -> Self {
        Self { name: name.into(), value, unit, limit }
    }

    fn holds(&self) -> bool {
        match self.limit {
            Limit::AtMost(most) => self.value <= most,
            Limit::AtLeast(least) => self.value >= least,
            Limit::None => true,
        }
    }

    fn print(&self) {
        let limit = match self.limit {
            Limit::AtMost(most) => format!("at most {most}"),
            Limit::AtLeast(least) => format!("at least {least}"),
            Limit::None => String::new(),
        };
        let mark = if self.holds() { "ok  " } else { "MISS" };
        println!("{mark} {:<62} {:>10.2} {:<6} {limit}", self.name, self.value, self.unit);
    }
}

/// The middle one of some measurements.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Seconds of such work so far on the page's main thread, by the names of Chromium's metrics.
async fn main_thread(browser: &browser::Browser, counted: &[&str]) -> f64 {
    let metrics = browser.devtools("Performance.getMetrics", serde_json::json!({})).await;
    let metrics = metrics["metrics"].as_array().cloned().unwrap_or_default();
    let counts = |metric: &&serde_json::Value| counted.iter().any(|name| metric["name"] == *name);
    metrics.iter().filter(counts).filter_map(|metric| metric["value"].as_f64()).sum()
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let runs = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let mut measures = Vec::new();
    if runs("ingest") {
        measures.extend(ingest::measure());
    }
    if runs("durable") {
        measures.extend(runtime.block_on(store::ingest()));
    }
    if runs("load") {
        let told = runtime.block_on(load::load(std::time::Duration::from_mins(1)));
        let longest = told.longest.as_secs_f64();
        measures.extend([
            Measure::new("200 clients for a minute: reads", told.reads as f64, "", Limit::None),
            Measure::new("  writes of 20 documents", told.writes as f64, "", Limit::None),
            Measure::new("  anonymous memory", told.megabytes, "MB", Limit::AtMost(600.0)),
            Measure::new("  the longest that somebody waited", longest, "s", Limit::None),
        ]);
    }
    if runs("store") {
        measures.extend(runtime.block_on(store::million()));
    }
    if runs("insights") {
        measures.extend(insights::measure());
    }
    if runs("pipeline") {
        measures.extend(runtime.block_on(pipeline::measure()));
    }
    if runs("filter") {
        measures.extend(filters::measure());
    }
    if runs("editor") {
        measures.extend(runtime.block_on(editor_page::measure()));
    }
    if runs("layout") {
        measures.extend(map_layout::measure());
    }
    if runs("page") {
        measures.extend(runtime.block_on(page::measure()));
    }
    if runs("trace") {
        measures.extend(runtime.block_on(trace_page::measure()));
    }
    if runs("map") {
        measures.extend(runtime.block_on(map_page::measure()));
    }
    measures.iter().for_each(Measure::print);
    if !measures.iter().all(Measure::holds) {
        std::process::exit(1);
    }
}
