//! What SDKs report and are told while they sample: their share of each rule's reservoir, and statistics.
//! <https://docs.aws.amazon.com/xray/latest/api/API_GetSamplingTargets.html>

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use model::{Moment, Nanos};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Engine, engine,
    protocol::{Failure, Time, read},
    rules::{self, Boost, Rule},
};

/// A client that has not reported for this long no longer shares the reservoir.
const ACTIVE: Nanos = Nanos::seconds(60);
/// How long a quota holds, in seconds.
const QUOTA_SECONDS: i64 = 300;
/// How long a boost holds, in seconds.
const BOOST_SECONDS: i64 = 20;
/// How often SDKs are told to report, in seconds. Statistics count by as many.
const INTERVAL_SECONDS: i64 = 10;
/// A bound for the memory that reporting clients take.
const CLIENTS: usize = 10_000;
/// The most reports of one request.
const REPORTS: usize = 25;

/// What clients have reported of late.
#[derive(Default)]
pub(crate) struct Clients(Mutex<Reports>);

#[derive(Default)]
struct Reports {
    /// When each client reported each rule last.
    seen: BTreeMap<(String, String), Moment>,
    /// Counts by interval and rule.
    counts: BTreeMap<(i64, String), Counts>,
    /// Until when each rule is boosted, in seconds.
    boosted: BTreeMap<String, i64>,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    requests: u64,
    borrowed: u64,
    sampled: u64,
}

impl Reports {
    /// Notes a report. Gives whether the client is new to the rule, its place among the clients of the rule, and how many
    /// these are.
    fn note(&mut self, rule: &str, client: &str, now: Moment) -> (bool, u32, u32) {
        self.seen.retain(|_, seen| now - *seen < ACTIVE);
        let key = (rule.to_owned(), client.to_owned());
        let is_new = !self.seen.contains_key(&key);
        if !is_new || self.seen.len() < CLIENTS {
            self.seen.insert(key, now);
        }
        let of_rule = self.seen.keys().filter(|(other, _)| other == rule);
        let place = of_rule.clone().position(|(_, other)| other == client).unwrap_or(0);
        (is_new, place as u32, of_rule.count().max(1) as u32)
    }

    fn count(&mut self, rule: &str, now: Moment, counts: Counts) {
        let interval = interval(now);
        self.counts.retain(|(of, _), _| *of >= interval - 1);
        let sum = self.counts.entry((interval, rule.to_owned())).or_default();
        sum.requests = sum.requests.saturating_add(counts.requests);
        sum.borrowed = sum.borrowed.saturating_add(counts.borrowed);
        sum.sampled = sum.sampled.saturating_add(counts.sampled);
    }

    /// The boost of a rule after a report of anomalies, and until when it holds.
    fn boost(&mut self, rule: &str, boost: Boost, now: i64, has_anomalies: bool) -> Option<(f64, i64)> {
        let known = self.boosted.get(rule).copied();
        if let Some(until) = known.filter(|until| *until > now) {
            return Some((boost.max_rate, until));
        }
        let rests_until = known.map_or(i64::MIN, |until| until + 60 * i64::from(boost.cooldown_window_minutes));
        if !has_anomalies || now < rests_until || boost.max_rate <= 0.0 {
            return None;
        }
        self.boosted.insert(rule.to_owned(), now + BOOST_SECONDS);
        Some((boost.max_rate, now + BOOST_SECONDS))
    }
}

fn interval(now: Moment) -> i64 {
    now.0.div_euclid(INTERVAL_SECONDS * model::time::SECOND)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TargetsRequest {
    sampling_statistics_documents: Option<Vec<StatisticsDocument>>,
    sampling_boost_statistics_documents: Option<Vec<BoostDocument>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StatisticsDocument {
    rule_name: Option<String>,
    #[serde(rename = "ClientID")]
    client: Option<String>,
    timestamp: Option<Time>,
    request_count: Option<i64>,
    sampled_count: Option<i64>,
    borrow_count: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BoostDocument {
    rule_name: Option<String>,
    anomaly_count: Option<i64>,
}

pub(crate) fn get_sampling_targets(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: TargetsRequest = read(body)?;
    let documents =
        request.sampling_statistics_documents.ok_or_else(|| Failure::missing("samplingStatisticsDocuments"))?;
    let boosts = request.sampling_boost_statistics_documents.unwrap_or_default();
    if documents.len() > REPORTS || boosts.len() > REPORTS {
        let constraint =
            format!("failed to satisfy constraint: Member must have length less than or equal to {REPORTS}");
        return Err(Failure::validation(format!(
            "1 validation error detected: Value at 'samplingStatisticsDocuments' {constraint}"
        )));
    }
    if engine.strict() {
        documents.iter().try_for_each(check)?;
    }
    let (records, changed) =
        engine.settings().read(|settings| (rules::all(settings, engine.strict()), rules::changed(settings)));
    let find = |name: Option<&str>| records.iter().map(|record| &record.rule).find(|rule| name == Some(&rule.name));
    let now = engine::now();
    let mut reports = engine.clients().0.lock().unwrap_or_else(PoisonError::into_inner);
    let (mut unprocessed, mut unprocessed_boosts) = (Vec::new(), Vec::new());
    let unknown = |name: &Option<String>| json!({ "RuleName": name, "ErrorCode": "400", "Message": "Unknown rule" });
    let mut boosted: BTreeMap<String, (f64, i64)> = BTreeMap::new();
    for document in &boosts {
        let Some(rule) = find(document.rule_name.as_deref()) else {
            unprocessed_boosts.push(unknown(&document.rule_name));
            continue;
        };
        let Some(boost) = rule.sampling_rate_boost else { continue };
        let has_anomalies = document.anomaly_count.is_some_and(|count| count > 0);
        let found = reports.boost(&rule.name, boost, now.0 / model::time::SECOND, has_anomalies);
        boosted.extend(found.map(|found| (rule.name.clone(), found)));
    }
    let mut targets = Vec::new();
    for document in &documents {
        match find(document.rule_name.as_deref()) {
            Some(rule) => {
                let boost = boosted.get(&rule.name);
                targets.push(target(engine, &mut reports, rule, document, now, boost));
            }
            None => unprocessed.push(unknown(&document.rule_name)),
        }
    }
    Ok(json!({
        "SamplingTargetDocuments": targets, "LastRuleModification": changed, "UnprocessedStatistics": unprocessed,
        "UnprocessedBoostStatistics": unprocessed_boosts
    })
    .to_string())
}

/// What a client is told of a rule, after its report was counted.
fn target(
    engine: &Engine,
    reports: &mut Reports,
    rule: &Rule,
    document: &StatisticsDocument,
    now: Moment,
    boost: Option<&(f64, i64)>,
) -> Value {
    let count = |count: Option<i64>| count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
    let counts = Counts {
        requests: count(document.request_count),
        borrowed: count(document.borrow_count),
        sampled: count(document.sampled_count),
    };
    reports.count(&rule.name, now, counts);
    let client = document.client.as_deref().unwrap_or_default();
    let (is_new, place, clients) = reports.note(&rule.name, client, now);
    // All shares together are the reservoir; the remainder goes to the first ones.
    let share = rule.reservoir_size / clients + u32::from(place < rule.reservoir_size % clients);
    // Of a reservoir that is meant to hold everything, everybody has all.
    let share = if !engine.strict() && rule.name == rules::DEFAULT { rule.reservoir_size } else { share };
    // AWS gives no quota to a client that it has not seen before.
    let share = (!is_new || !engine.strict()).then_some(share);
    let until = share.map(|_| now.0 / model::time::SECOND + QUOTA_SECONDS);
    json!({
        "RuleName": rule.name, "FixedRate": rule.fixed_rate, "ReservoirQuota": share, "ReservoirQuotaTTL": until,
        "Interval": share.map(|_| INTERVAL_SECONDS),
        "SamplingBoost": boost.map(|(rate, until)| json!({ "BoostRate": rate, "BoostRateTTL": until }))
    })
}

fn check(document: &StatisticsDocument) -> Result<(), Failure> {
    let member = |name: &str| format!("samplingStatisticsDocuments.1.member.{name}");
    let missing = |is_there: bool, name: &str| if is_there { Ok(()) } else { Err(Failure::missing(&member(name))) };
    missing(document.rule_name.is_some(), "ruleName")?;
    missing(document.client.is_some(), "clientID")?;
    missing(document.timestamp.is_some(), "timestamp")?;
    missing(document.request_count.is_some(), "requestCount")?;
    missing(document.sampled_count.is_some(), "sampledCount")?;
    let counts = [document.request_count, document.sampled_count, document.borrow_count];
    if counts.into_iter().flatten().any(|count| count < 0) {
        return Err(Failure::validation(format!(
            "1 validation error detected: a count at '{}' is negative",
            member("")
        )));
    }
    if document.client.as_ref().is_some_and(|client| client.len() != 24) {
        let constraint = "failed to satisfy constraint: Member must have length 24";
        return Err(Failure::validation(format!(
            "1 validation error detected: Value at '{}' {constraint}",
            member("clientID")
        )));
    }
    Ok(())
}

/// The counts of the interval that closed last.
pub(crate) fn get_sampling_statistic_summaries(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    #[derive(Deserialize)]
    struct Nothing {}
    let Nothing {} = read(body)?;
    let closed = interval(engine::now()) - 1;
    let reports = engine.clients().0.lock().unwrap_or_else(PoisonError::into_inner);
    let counts = reports.counts.iter().filter(|((interval, _), _)| *interval == closed);
    let summaries = counts.map(|((interval, rule), counts)| {
        json!({
            "RuleName": rule, "Timestamp": interval * INTERVAL_SECONDS, "RequestCount": counts.requests,
            "BorrowCount": counts.borrowed, "SampledCount": counts.sampled
        })
    });
    Ok(json!({ "SamplingStatisticSummaries": summaries.collect::<Vec<_>>(), "NextToken": null }).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Moment {
        Moment(second * model::time::SECOND)
    }

    #[test]
    fn a_boost_comes_with_anomalies_holds_and_rests() {
        let mut reports = Reports::default();
        let boost = Boost { max_rate: 0.5, cooldown_window_minutes: 1 };
        let mut ask = |now, has_anomalies| reports.boost("r", boost, now, has_anomalies);
        assert_eq!(ask(0, false), None);
        assert_eq!(ask(10, true), Some((0.5, 30)));
        assert_eq!(ask(29, false), Some((0.5, 30)), "it holds");
        assert_eq!(ask(31, true), None, "it rests");
        assert_eq!(ask(90, true), Some((0.5, 110)));
        assert_eq!(reports.boost("r", Boost { max_rate: 0.0, ..boost }, 500, true), None);
    }

    #[test]
    fn clients_that_are_silent_share_no_more_and_counts_are_kept_for_two_intervals() {
        let mut reports = Reports::default();
        assert_eq!(reports.note("r", "a", at(0)), (true, 0, 1));
        assert_eq!(reports.note("r", "b", at(10)), (true, 1, 2));
        assert_eq!(reports.note("other", "a", at(10)), (true, 0, 1));
        assert_eq!(reports.note("r", "a", at(20)), (false, 0, 2));
        assert_eq!(reports.note("r", "a", at(75)), (false, 0, 1));
        let one = Counts { requests: 1, borrowed: 0, sampled: 1 };
        for second in [0, 5, 12, 40] {
            reports.count("r", at(second), one);
        }
        assert_eq!(reports.counts.len(), 1);
    }
}
