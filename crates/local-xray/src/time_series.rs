//! `GetTimeSeriesServiceStatistics`: the entry traffic, a service, or the calls between two services, period by period.
//! <https://docs.aws.amazon.com/xray/latest/api/API_GetTimeSeriesServiceStatistics.html>

use std::collections::BTreeMap;

use analysis::insights::{Baseline, Impact};
use filter::{Mode, Selector};
use model::{
    Moment,
    graph::{Load, ServiceGraph},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Engine,
    graphs::{self, MINUTE},
    groups,
    protocol::{Failure, Time, range, read},
};

/// The periods that there are, in minutes.
const PERIODS: [i64; 2] = [1, 5];
/// So many minutes before the first one tell what can be expected of it.
const LEARNT: i64 = 60;
/// Points of one page.
const PAGE: usize = 1_000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    start_time: Option<Time>,
    end_time: Option<Time>,
    group_name: Option<String>,
    #[serde(rename = "GroupARN")]
    group_arn: Option<String>,
    entity_selector_expression: Option<String>,
    period: Option<i64>,
    forecast_statistics: Option<bool>,
    next_token: Option<String>,
}

/// What is counted of each graph.
enum Series {
    /// The calls of clients.
    Entry,
    Selected(Selector),
}

/// The numbers of one period.
#[derive(Default)]
struct Point {
    load: Option<Load>,
    /// Faults that one would have expected, at least and at most.
    forecast: Option<(u64, u64)>,
}

pub(crate) fn get_time_series_service_statistics(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: Request = read(body)?;
    let (from, to) = range(request.start_time, request.end_time)?;
    let minutes = request.period.unwrap_or(60) / 60;
    if request.period.is_some_and(|period| period % 60 != 0) || !PERIODS.contains(&minutes) {
        return Err(Failure::invalid("Time period must be one of [60, 300]"));
    }
    let has_group = request.group_name.is_some() || request.group_arn.is_some();
    let wants_forecast = request.forecast_statistics == Some(true);
    if wants_forecast && !has_group {
        return Err(Failure::invalid("ForecastStatistics needs GroupName or GroupARN"));
    }
    let filter = groups::filter_of(engine, request.group_name.as_deref(), request.group_arn.as_deref())?;
    let series = match request.entity_selector_expression.as_deref() {
        None => Series::Entry,
        Some("") => {
            let constraint = "failed to satisfy constraint: Member must have length greater than or equal to 1";
            return Err(Failure::validation(format!(
                "1 validation error detected: Value '' at 'entitySelectorExpression' {constraint}"
            )));
        }
        Some(text) => Series::Selected(selector(engine, text)?),
    };
    let before = request.next_token.as_deref().map(read_token).transpose()?;
    // A point's time is the end of its period: from `from` to before `to`.
    let period = minutes * MINUTE;
    let first = from.0.saturating_add(period - 1).div_euclid(period) - 1;
    let last = to.0.min(before.map_or(i64::MAX, |before| before.0)).saturating_sub(1).div_euclid(period) - 1;
    let with_forecast =
        wants_forecast && groups::has_insights(engine, request.group_name.as_deref(), request.group_arn.as_deref());
    let span = (first.saturating_mul(minutes), last.saturating_add(1).saturating_mul(minutes) - 1);
    let learnt_from = if with_forecast { span.0.saturating_sub(LEARNT) } else { span.0 };
    let loads = loads(engine, (learnt_from, span.1), &filter, &series)?;
    let points = points(loads, span.0, minutes, with_forecast);
    let next = points.iter().rev().nth(PAGE.saturating_sub(1)).map(|(place, _)| Moment((place + 1) * period));
    let next = next.filter(|_| points.len() > PAGE);
    let shown = points.iter().rev().take(PAGE).map(|(place, point)| series.point((place + 1) * period, point));
    Ok(json!({
        "TimeSeriesServiceStatistics": shown.collect::<Vec<_>>(), "ContainsOldGroupVersions": false,
        "NextToken": next.map(|at| format!("{:016x}", at.0))
    })
    .to_string())
}

fn read_token(text: &str) -> Result<Moment, Failure> {
    let at = u64::from_str_radix(text, 16).ok().filter(|_| text.len() == 16);
    at.map(|at| Moment(at.cast_signed())).ok_or_else(|| Failure::invalid(format!("Invalid token {text:.80}")))
}

fn selector(engine: &Engine, text: &str) -> Result<Selector, Failure> {
    let mode = if engine.strict() { Mode::Strict } else { Mode::Lenient };
    filter::compile_selector(text, mode).map_err(|problems| groups::invalid(text, &problems))
}

/// The numbers of each minute that has traces.
fn loads(
    engine: &Engine,
    (from, to): (i64, i64),
    filter: &filter::Filter,
    series: &Series,
) -> Result<BTreeMap<i64, Option<Load>>, Failure> {
    let mut minutes: BTreeMap<i64, Option<Load>> = BTreeMap::new();
    let mut add = |minute: i64, graph: &ServiceGraph| {
        let sum = minutes.entry(minute).or_default();
        if let Some(load) = series.load(graph) {
            sum.get_or_insert_default().merge(&load);
        }
    };
    if from > to {
        return Ok(minutes);
    }
    if filter.is_empty() {
        let taken = engine.store().minutes((from, to), |minute, totals| add(minute, &totals.graph));
        taken.map_err(|error| Failure::store(&error))?;
    } else {
        let span = (Moment(from.saturating_mul(MINUTE)), Moment((to + 1).saturating_mul(MINUTE).saturating_sub(1)));
        graphs::each(engine, span, filter, |row| add(row.at.0.div_euclid(MINUTE), &row.digest.graph.graph))?;
    }
    Ok(minutes)
}

/// The periods from a minute on; what comes before it is only learnt from.
fn points(loads: BTreeMap<i64, Option<Load>>, from: i64, minutes: i64, with_forecast: bool) -> BTreeMap<i64, Point> {
    let mut points: BTreeMap<i64, Point> = BTreeMap::new();
    let mut baseline = Baseline::default();
    for (minute, load) in loads {
        let impact = load.as_ref().map_or(Impact::default(), Impact::of);
        let band = baseline.band(impact.total);
        // What breaks out is no example of how it should be.
        if impact.fault <= band.1 {
            baseline.learn(impact);
        }
        if minute < from {
            continue;
        }
        let point = points.entry(minute.div_euclid(minutes)).or_default();
        if with_forecast {
            let sum = point.forecast.get_or_insert((0, 0));
            *sum = (sum.0 + band.0, sum.1 + band.1);
        }
        if let Some(load) = load {
            point.load.get_or_insert_default().merge(&load);
        }
    }
    points
}

impl Series {
    /// What is counted of a graph; `None` where nothing of it is there.
    fn load(&self, graph: &ServiceGraph) -> Option<Load> {
        let mut sum: Option<Load> = None;
        let mut add = |load: &Option<Load>| {
            if let Some(load) = load {
                sum.get_or_insert_default().merge(load);
            }
        };
        let node = |place: u32| graph.nodes.get(place as usize);
        match self {
            Self::Entry => {
                let is_client = |place: u32| node(place).is_some_and(|node| node.id.kind.as_deref() == Some("client"));
                graph.edges.iter().filter(|edge| is_client(edge.source)).for_each(|edge| add(&edge.load));
            }
            Self::Selected(Selector::Service(wanted)) => {
                graph.nodes.iter().filter(|node| wanted.is(&node.id)).for_each(|node| add(&node.load));
            }
            Self::Selected(Selector::Edge(source, target)) => {
                let is_it = |edge: &&model::graph::Edge| {
                    node(edge.source).is_some_and(|node| source.is(&node.id))
                        && node(edge.target).is_some_and(|node| target.is(&node.id))
                };
                graph.edges.iter().filter(is_it).for_each(|edge| add(&edge.load));
            }
        }
        sum
    }

    /// A point as AWS writes it.
    fn point(&self, at: i64, point: &Point) -> Value {
        let statistics = point.load.as_ref().map(graphs::statistics);
        let (of_service, of_edge) = match self {
            Self::Selected(Selector::Service(_)) => (statistics, None),
            _ => (None, statistics),
        };
        let forecast = point
            .forecast
            .map_or_else(|| json!({}), |(low, high)| json!({ "FaultCountLow": low, "FaultCountHigh": high }));
        json!({
            "Timestamp": Moment(at).as_seconds(), "EdgeSummaryStatistics": of_edge,
            "ServiceSummaryStatistics": of_service, "ServiceForecastStatistics": forecast,
            "ResponseTimeHistogram": graphs::histogram(point.load.as_ref().map(|load| &load.times))
        })
    }
}
