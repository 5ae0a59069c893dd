//! Sampling rules: which share of the requests to trace.
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sampling.html>
//!
//! Lenient mode's default rule samples everything: with AWS's a developer's second request would silently vanish.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Engine,
    control::{self, Tag},
    engine,
    protocol::{Failure, read},
    settings::Settings,
};

/// The name of the rule that every account has.
pub(crate) const DEFAULT: &str = "Default";
const ARN_START: &str = "arn:aws:xray:local:000000000000:sampling-rule/";
/// AWS keeps so many custom rules for an account and region.
const MOST_RULES: usize = 25;
/// The default rule comes last.
const DEFAULT_PRIORITY: u32 = 10_000;
const MOST_ATTRIBUTES: usize = 5;

/// A rule as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Seconds since 1970, in whole ones.
    #[serde(rename = "CreatedAt")]
    created_at: f64,
    #[serde(rename = "ModifiedAt")]
    modified_at: f64,
    #[serde(rename = "SamplingRule")]
    pub(crate) rule: Rule,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Rule {
    #[serde(rename = "RuleName")]
    pub(crate) name: String,
    #[serde(rename = "RuleARN")]
    arn: String,
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    priority: u32,
    /// The share of the requests beyond the reservoir, 0 to 1.
    pub(crate) fixed_rate: f64,
    /// Requests a second that are traced in any case.
    pub(crate) reservoir_size: u32,
    service_name: String,
    service_type: String,
    host: String,
    #[serde(rename = "HTTPMethod")]
    http_method: String,
    #[serde(rename = "URLPath")]
    url_path: String,
    version: u32,
    attributes: BTreeMap<String, String>,
    pub(crate) sampling_rate_boost: Option<Boost>,
}

/// How far the rate may go up while something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Boost {
    pub(crate) max_rate: f64,
    pub(crate) cooldown_window_minutes: u32,
}

/// The members of a rule as requests give them.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    rule_name: Option<String>,
    #[serde(rename = "RuleARN")]
    rule_arn: Option<String>,
    #[serde(rename = "ResourceARN")]
    resource_arn: Option<String>,
    priority: Option<i64>,
    fixed_rate: Option<f64>,
    reservoir_size: Option<i64>,
    service_name: Option<String>,
    service_type: Option<String>,
    host: Option<String>,
    #[serde(rename = "HTTPMethod")]
    http_method: Option<String>,
    #[serde(rename = "URLPath")]
    url_path: Option<String>,
    version: Option<i64>,
    attributes: Option<BTreeMap<String, String>>,
    sampling_rate_boost: Option<Boost>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    sampling_rule: Option<Given>,
    sampling_rule_update: Option<Given>,
    rule_name: Option<String>,
    #[serde(rename = "RuleARN")]
    rule_arn: Option<String>,
    tags: Option<Vec<Tag>>,
}

/// The default rule, as it is until somebody changes it.
fn default(strict: bool) -> Record {
    let any = || "*".to_owned();
    let (fixed_rate, reservoir_size) = if strict { (0.05, 1) } else { (1.0, 1_000_000) };
    let rule = Rule {
        name: DEFAULT.to_owned(),
        arn: [ARN_START, DEFAULT].concat(),
        resource_arn: any(),
        priority: DEFAULT_PRIORITY,
        fixed_rate,
        reservoir_size,
        service_name: any(),
        service_type: any(),
        host: any(),
        http_method: any(),
        url_path: any(),
        version: 1,
        attributes: BTreeMap::new(),
        sampling_rate_boost: None,
    };
    Record { created_at: 0.0, modified_at: 0.0, rule }
}

fn the_default(settings: &Settings, strict: bool) -> Record {
    settings.default_rule.clone().unwrap_or_else(|| default(strict))
}

/// All rules, in the order in which clients try them.
pub(crate) fn all(settings: &Settings, strict: bool) -> Vec<Record> {
    let mut all = settings.rules.clone();
    all.sort_by(|one, other| (one.rule.priority, &one.rule.name).cmp(&(other.rule.priority, &other.rule.name)));
    all.push(the_default(settings, strict));
    all
}

/// Whether there is a rule with this ARN.
pub(crate) fn is_known(engine: &Engine, settings: &Settings, arn: &str) -> bool {
    all(settings, engine.strict()).iter().any(|record| record.rule.arn == arn)
}

pub(crate) fn get_sampling_rules(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    #[derive(Deserialize)]
    struct Nothing {}
    let Nothing {} = read(body)?;
    let records = engine.settings().read(|settings| all(settings, engine.strict()));
    Ok(json!({ "SamplingRuleRecords": records, "NextToken": null }).to_string())
}

pub(crate) fn create_sampling_rule(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: Request = read(body)?;
    let given = request.sampling_rule.ok_or_else(|| Failure::missing("samplingRule"))?;
    let name = given.rule_name.clone().or_else(|| name_of(given.rule_arn.as_deref()?));
    let name =
        name.ok_or_else(|| Failure::invalid("Request must contain either sampling rule name or sampling rule ARN"))?;
    if name.is_empty() || name.chars().count() > 32 {
        return Err(Failure::validation(length("samplingRule.ruleName", 32)));
    }
    let mut record = default(false);
    record.rule.arn = [ARN_START, &name].concat();
    record.rule.name = name;
    for (member, is_there) in [
        ("resourceARN", given.resource_arn.is_some()),
        ("priority", given.priority.is_some()),
        ("fixedRate", given.fixed_rate.is_some()),
        ("reservoirSize", given.reservoir_size.is_some()),
        ("serviceName", given.service_name.is_some()),
        ("serviceType", given.service_type.is_some()),
        ("host", given.host.is_some()),
        ("hTTPMethod", given.http_method.is_some()),
        ("uRLPath", given.url_path.is_some()),
        ("version", given.version.is_some()),
    ] {
        if !is_there {
            return Err(Failure::missing(&format!("samplingRule.{member}")));
        }
    }
    give(&mut record.rule, given)?;
    (record.created_at, record.modified_at) = (now(), now());
    let tags = request.tags.unwrap_or_default();
    engine.settings().change(|settings| {
        let name = &record.rule.name;
        if name == DEFAULT || settings.rules.iter().any(|other| other.rule.name == *name) {
            return Err(Failure::invalid(format!("The sampling rule {name} exists already")));
        }
        if engine.strict() && settings.rules.len() >= MOST_RULES {
            let message = format!("There are {MOST_RULES} sampling rules already");
            return Err(Failure::of("RuleLimitExceededException", message));
        }
        control::tag(settings, &record.rule.arn, tags)?;
        settings.rules.push(record.clone());
        settings.rules_changed = now();
        Ok(answer(&record))
    })
}

pub(crate) fn update_sampling_rule(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: Request = read(body)?;
    let given = request.sampling_rule_update.ok_or_else(|| Failure::missing("samplingRuleUpdate"))?;
    let name = named(given.rule_name.as_deref(), given.rule_arn.as_deref())?;
    engine.settings().change(|settings| {
        let mut record = match settings.rules.iter().find(|record| record.rule.name == name) {
            Some(record) => record.clone(),
            None if name == DEFAULT => the_default(settings, engine.strict()),
            None => return Err(Failure::invalid("Sampling rule does not exist")),
        };
        if name == DEFAULT && has_more_than_numbers(&given) {
            return Err(Failure::invalid("Only FixedRate and ReservoirSize of the default rule can be changed"));
        }
        record.rule.sampling_rate_boost = None;
        give(&mut record.rule, given)?;
        record.modified_at = now();
        settings.rules_changed = now();
        let told = answer(&record);
        match settings.rules.iter_mut().find(|other| other.rule.name == name) {
            Some(other) => *other = record,
            None => settings.default_rule = Some(record),
        }
        Ok(told)
    })
}

pub(crate) fn delete_sampling_rule(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: Request = read(body)?;
    let name = named(request.rule_name.as_deref(), request.rule_arn.as_deref())?;
    if name == DEFAULT {
        return Err(Failure::invalid("The default rule cannot be deleted"));
    }
    engine.settings().change(|settings| {
        let place = settings.rules.iter().position(|record| record.rule.name == name);
        let place = place.ok_or_else(|| Failure::invalid("Sampling rule does not exist"))?;
        let record = settings.rules.remove(place);
        settings.tags.remove(&record.rule.arn);
        settings.rules_changed = now();
        Ok(answer(&record))
    })
}

fn answer(record: &Record) -> String {
    json!({ "SamplingRuleRecord": record }).to_string()
}

fn now() -> f64 {
    engine::now().floor_second().as_seconds()
}

fn name_of(arn: &str) -> Option<String> {
    Some(arn.split_once(":sampling-rule/")?.1.to_owned())
}

/// The name in a request that must have a name or an ARN.
fn named(name: Option<&str>, arn: Option<&str>) -> Result<String, Failure> {
    match (name, arn) {
        (Some(name), None) => Ok(name.to_owned()),
        (None, Some(arn)) => name_of(arn).ok_or_else(|| Failure::invalid("Sampling rule does not exist")),
        _ => Err(Failure::invalid("Request must contain either sampling rule name or sampling rule ARN")),
    }
}

fn has_more_than_numbers(given: &Given) -> bool {
    let texts = [
        &given.resource_arn,
        &given.service_name,
        &given.service_type,
        &given.host,
        &given.http_method,
        &given.url_path,
    ];
    texts.into_iter().any(Option::is_some)
        || given.attributes.as_ref().is_some_and(|attributes| !attributes.is_empty())
        || given.priority.is_some_and(|priority| priority != i64::from(DEFAULT_PRIORITY))
}

/// Puts the members that a request gives into a rule.
fn give(rule: &mut Rule, given: Given) -> Result<(), Failure> {
    let outside = |member: &str, value: &dyn std::fmt::Display, range: &str| {
        let constraint = format!("failed to satisfy constraint: Member must be {range}");
        Failure::validation(format!("1 validation error detected: Value '{value}' at '{member}' {constraint}"))
    };
    if let Some(priority) = given.priority.filter(|_| rule.name != DEFAULT) {
        let known = u32::try_from(priority).ok().filter(|priority| (1..DEFAULT_PRIORITY).contains(priority));
        rule.priority = known.ok_or_else(|| outside("priority", &priority, "between 1 and 9999"))?;
    }
    if let Some(rate) = given.fixed_rate {
        if !(0.0..=1.0).contains(&rate) {
            return Err(outside("fixedRate", &rate, "between 0 and 1"));
        }
        rule.fixed_rate = rate;
    }
    if let Some(size) = given.reservoir_size {
        rule.reservoir_size = u32::try_from(size).map_err(|_| outside("reservoirSize", &size, "0 or more"))?;
    }
    if let Some(version) = given.version.filter(|version| *version != 1) {
        return Err(outside("version", &version, "1"));
    }
    for (member, most, value, place) in [
        ("resourceARN", 500, given.resource_arn, &mut rule.resource_arn),
        ("serviceName", 64, given.service_name, &mut rule.service_name),
        ("serviceType", 64, given.service_type, &mut rule.service_type),
        ("host", 64, given.host, &mut rule.host),
        ("hTTPMethod", 10, given.http_method, &mut rule.http_method),
        ("uRLPath", 128, given.url_path, &mut rule.url_path),
    ] {
        let Some(value) = value else { continue };
        if value.chars().count() > most {
            return Err(Failure::validation(length(member, most)));
        }
        *place = value;
    }
    if let Some(attributes) = given.attributes {
        if attributes.len() > MOST_ATTRIBUTES {
            return Err(outside("attributes", &attributes.len(), "at most 5 pairs"));
        }
        rule.attributes = attributes;
    }
    if let Some(boost) = given.sampling_rate_boost {
        if !(0.0..=1.0).contains(&boost.max_rate) {
            return Err(outside("samplingRateBoost.maxRate", &boost.max_rate, "between 0 and 1"));
        }
        rule.sampling_rate_boost = Some(boost);
    }
    Ok(())
}

fn length(member: &str, most: usize) -> String {
    let constraint = format!("failed to satisfy constraint: Member must have 1 to {most} letters");
    format!("1 validation error detected: Value at '{member}' {constraint}")
}

/// The time of the latest change, by which clients know that they must ask again.
pub(crate) fn changed(settings: &Settings) -> Value {
    json!(settings.rules_changed)
}
