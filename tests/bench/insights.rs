//! Whether insights can be believed: the demo's incident on fifty seeds, and an hour of health on fifty others.

use std::collections::BTreeMap;

use analysis::{
    graph::{self, Merger},
    insights::{Detector, Insight},
};
use demo::{Incident, Shop};
use model::{Moment, Nanos, Trace, graph::ServiceGraph};

use crate::{Limit, Measure};

const SEEDS: u64 = 50;
const MINUTE: i64 = 60 * model::time::SECOND;
/// An hour at noon.
const BASE: Moment = Moment(1_800_014_400 * model::time::SECOND);

/// The graphs of the minutes in which the shop's traces of a span of time ended.
fn minutes(shop: Shop, from: Moment, to: Moment) -> BTreeMap<i64, ServiceGraph> {
    let mut minutes: BTreeMap<i64, Merger> = BTreeMap::new();
    for recording in shop.requests(from, to).filter(|recording| recording.end < to) {
        let documents: Vec<_> = recording.documents.into_iter().map(std::sync::Arc::<str>::from).collect();
        let trace = Trace::assemble(recording.id, documents);
        minutes.entry(recording.end.0.div_euclid(MINUTE)).or_default().add(&graph::of_trace(&trace).graph);
    }
    minutes.into_iter().map(|(minute, merger)| (minute, merger.finish())).collect()
}

fn insights(shop: Shop, from: Moment, to: Moment) -> Vec<Insight> {
    let mut detector = Detector::default();
    for (minute, graph) in minutes(shop, from, to) {
        detector.minute(minute, &graph);
    }
    detector.finish()
}

/// Whether the insights are the one that there should be: the provider that failed, the client that felt it, and its end.
fn is_right(insights: &[Insight]) -> bool {
    let [insight] = insights else { return false };
    let names_client = insight.path.iter().any(|id| id.kind.as_deref() == Some("client"));
    let began = BASE - Nanos::seconds(14 * 60);
    let (first, end) = (Moment(insight.first * MINUTE), Moment((insight.last + 1) * MINUTE));
    insight.root_cause.name == "api.paygate.example"
        && names_client
        && insight.anomalous.len() > 1
        && insight.clients.fault > 0
        && insight.is_closed
        && first - began < Nanos::seconds(5 * 60)
        && end - BASE < Nanos(0)
}

pub(crate) fn measure() -> Vec<Measure> {
    assert!(Incident::Payment.is_on(BASE, BASE - Nanos::seconds(600)));
    let (mut right, mut wrong) = (0_u32, 0_usize);
    for seed in 0..SEEDS {
        let found = insights(Shop::new(seed, BASE), BASE - Nanos::seconds(3_600), BASE + Nanos::seconds(180));
        if is_right(&found) {
            right += 1;
        } else {
            eprintln!("seed {seed}: {found:#?}");
        }
        // Long before the moment that incidents are relative to, all is well.
        let well = BASE - Nanos::seconds(6 * 3_600);
        let found = insights(Shop::new(1_000 + seed, BASE), well, well + Nanos::seconds(3_600));
        wrong += found.len();
        for insight in found {
            eprintln!("seed {}: {insight:#?}", 1_000 + seed);
        }
    }
    vec![
        Measure::new("insights: incidents of 50 that are named rightly", f64::from(right), "", Limit::AtLeast(48.0)),
        Measure::new("insights: false ones in 50 hours of health", wrong as f64, "", Limit::AtMost(1.0)),
    ]
}
