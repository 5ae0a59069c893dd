//! What SDKs poll to decide which requests to trace.
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sampling.html>
//!
//! Lenient mode samples everything: with AWS's default rule a developer's second request would silently vanish.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use model::{Moment, Nanos};
use serde::Deserialize;
use serde_json::json;

use crate::{
    Engine, engine,
    protocol::{Failure, read},
};

/// A client that has not reported for this long no longer shares the reservoir.
const ACTIVE: Nanos = Nanos::seconds(60);
/// How long a quota holds, in seconds.
const QUOTA_SECONDS: i64 = 300;
/// How often SDKs are told to report, in seconds.
const INTERVAL_SECONDS: u32 = 10;
/// A bound for the memory that reporting clients take.
const CLIENTS: usize = 10_000;

/// The default rule's numbers: requests a second to trace in any case, and the share of the others.
struct Rule {
    reservoir: u32,
    rate: f64,
}

impl Rule {
    fn of(engine: &Engine) -> Self {
        if engine.strict() { Self { reservoir: 1, rate: 0.05 } } else { Self { reservoir: 1_000_000, rate: 1.0 } }
    }
}

/// The clients that share the reservoir, with the time of their latest report.
#[derive(Default)]
pub(crate) struct Clients(Mutex<BTreeMap<String, Moment>>);

impl Clients {
    /// Notes a report; `None` for a client's first one, else how many clients are active.
    fn report(&self, client: &str, now: Moment) -> Option<u32> {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        clients.retain(|_, seen| now - *seen < ACTIVE);
        if clients.len() >= CLIENTS && !clients.contains_key(client) {
            return None;
        }
        let known = clients.insert(client.to_owned(), now).is_some();
        known.then_some(clients.len() as u32)
    }
}

#[derive(Deserialize)]
struct GetSamplingRules {}

pub(crate) fn get_sampling_rules(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let GetSamplingRules {} = read(body)?;
    let rule = Rule::of(engine);
    let record = json!({
        "CreatedAt": 0.0, "ModifiedAt": 0.0,
        "SamplingRule": {
            "RuleName": "Default", "RuleARN": "arn:aws:xray:local:000000000000:sampling-rule/Default", "ResourceARN": "*",
            "Priority": 10000, "FixedRate": rule.rate, "ReservoirSize": rule.reservoir, "ServiceName": "*",
            "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "URLPath": "*", "Version": 1, "Attributes": {}
        }
    });
    Ok(json!({ "SamplingRuleRecords": [record], "NextToken": null }).to_string())
}

#[derive(Deserialize)]
struct GetSamplingTargets {
    #[serde(rename = "SamplingStatisticsDocuments")]
    documents: Option<Vec<StatisticsDocument>>,
}

#[derive(Deserialize)]
struct StatisticsDocument {
    #[serde(rename = "RuleName")]
    rule: String,
    #[serde(rename = "ClientID", default)]
    client: String,
}

pub(crate) fn get_sampling_targets(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: GetSamplingTargets = read(body)?;
    let documents = request.documents.ok_or_else(|| Failure::missing("samplingStatisticsDocuments"))?;
    let (rule, now) = (Rule::of(engine), engine::now());
    let (mut targets, mut unprocessed) = (Vec::new(), Vec::new());
    for document in &documents {
        if document.rule != "Default" {
            unprocessed.push(json!({ "RuleName": document.rule, "ErrorCode": "400", "Message": "Unknown rule" }));
            continue;
        }
        // AWS gives no quota to a client that it has not seen before.
        let share = match engine.clients().report(&document.client, now) {
            Some(active) if engine.strict() => Some(rule.reservoir.div_ceil(active.max(1))),
            None if engine.strict() => None,
            _ => Some(rule.reservoir),
        };
        let until = share.map(|_| now.0 / model::time::SECOND + QUOTA_SECONDS);
        targets.push(json!({
            "RuleName": "Default", "FixedRate": rule.rate, "ReservoirQuota": share, "ReservoirQuotaTTL": until,
            "Interval": share.map(|_| INTERVAL_SECONDS), "SamplingBoost": null
        }));
    }
    Ok(json!({
        "SamplingTargetDocuments": targets, "LastRuleModification": 0.0, "UnprocessedStatistics": unprocessed,
        "UnprocessedBoostStatistics": []
    })
    .to_string())
}
