//! Filter expressions: reading one, proposing to one who writes, asking many traces; processor time of one thread.

use cpu_time::ThreadTime;
use filter::{
    Mode,
    assist::{self, Catalogue},
};
use model::TraceFacts;

use crate::{Limit, Measure, median};

const TRACES: usize = 100_000;

/// An expression of 500 characters with something of everything.
fn expression() -> String {
    let part = "service(id(name: \"shop\", type: \"AWS::Lambda\")) { fault AND responsetime >= 0.5 } OR \
        edge(\"shop\", \"payment\") { http.status = 502 } AND annotation.tier = \"gold\" OR !(http.url CONTAINS \"/checkout\") AND user != \"bob\" OR ";
    let mut text = part.repeat(3);
    text.truncate(500 - 12);
    let end = text.rfind(" OR ").map_or(0, |at| at + 4);
    text.truncate(end);
    while text.len() < 500 - 4 {
        text.push(' ');
    }
    text + "ok  "
}

pub(crate) fn measure() -> Vec<Measure> {
    let text = expression();
    assert_eq!(text.len(), 500);
    assert!(filter::compile(&text, Mode::Strict).is_ok(), "{text}");
    let read = micros(200, || drop(std::hint::black_box(filter::compile(&text, Mode::Strict))));
    let mut catalogue = Catalogue::default();
    for number in 0..5_000_u64 {
        catalogue.services.add(&format!("service-{number}"), number);
        catalogue.users.add(&format!("user-{number}"), number);
    }
    let typed = "service(\"shop\") { fault } AND serv";
    let key = micros(20, || {
        std::hint::black_box(assist::completions(typed, typed.len(), &catalogue));
        std::hint::black_box(assist::diagnostics(typed, Mode::Lenient, &catalogue));
        std::hint::black_box(assist::paint(typed));
    });
    let facts = facts();
    let ask = |text: &str| {
        let filter = filter::compile(text, Mode::Strict).unwrap();
        let times = (0..5).map(|_| {
            let begun = ThreadTime::now();
            let found = facts.iter().filter(|facts| filter.matches(facts)).count();
            assert!(found > 0 && found < TRACES, "{text} leaves {found}");
            begun.elapsed().as_secs_f64() * 1000.0
        });
        median(times.collect())
    };
    vec![
        Measure::new("500 characters, read and checked", read, "µs", Limit::AtMost(20.0)),
        Measure::new("  a key press with 10,000 known values, without drawing", key / 1000.0, "ms", Limit::AtMost(8.0)),
        Measure::new(
            "100,000 traces: an annotation and a time",
            ask("annotation.k = \"v\" AND responsetime > 1"),
            "ms",
            Limit::AtMost(150.0),
        ),
        Measure::new(
            "100,000 traces: a service and an edge",
            ask("service(\"payment\") { fault } AND edge(\"shop\",\"payment\") { responsetime > 0.5 }"),
            "ms",
            Limit::AtMost(400.0),
        ),
    ]
}

/// Microseconds of one call, of many.
fn micros(calls: u32, call: impl Fn()) -> f64 {
    let runs = (0..9).map(|_| {
        let begun = ThreadTime::now();
        for _ in 0..calls {
            call();
        }
        begun.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
    });
    median(runs.collect())
}

/// Traces of a shop, no two of one shape next to each other.
fn facts() -> Vec<TraceFacts> {
    let shapes: Vec<TraceFacts> = (0..200_u32)
        .map(|number| {
            let (time, status) = (300 + 20 * (number % 97), if number % 5 == 0 { 500 } else { 200 });
            let mark = if number % 3 == 0 { "@k=v" } else { "@k=w" };
            let drawing = format!(
                "front 0..{time} GET /cart 200 {mark} user=u{number}\n  shop 5..{} remote\n    > shop 6..{} 200 @tier=gold\n      payment 10..{} remote\n        > payment 12..{} {status}\n      carts 1..5 remote",
                time - 5, time - 6, time - 20, time - 25
            );
            analysis::facts::facts(&fixture::trace(&drawing))
        })
        .collect();
    (0..TRACES).map(|place| shapes[place * 7 % shapes.len()].clone()).collect()
}
