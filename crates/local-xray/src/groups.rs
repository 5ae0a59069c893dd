//! The group operations: create, update, delete, get, list; and what groups mean for filter expressions.
//! <https://docs.aws.amazon.com/xray/latest/api/API_CreateGroup.html>
//!
//! Unlike AWS, which decides a trace's groups when it comes in, a group here is asked of the traces that there are: a
//! changed filter counts for old traces too.

use std::sync::{Mutex, MutexGuard, PoisonError};

use filter::{Filter, Group, Mode, Problem};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Engine,
    protocol::{Failure, read},
};

/// The group that every account has.
const DEFAULT: &str = "Default";
const ARN_START: &str = "arn:aws:xray:local:000000000000:group/";
/// AWS keeps so many for an account and region.
const MOST_GROUPS: usize = 25;
/// The longest name.
const NAME_LETTERS: usize = 32;

/// A group as it is kept.
#[derive(Clone)]
struct Kept {
    group: Group,
    insights: Insights,
}

#[derive(Clone, Copy, Default, Deserialize)]
struct Insights {
    #[serde(rename = "InsightsEnabled")]
    enabled: Option<bool>,
    #[serde(rename = "NotificationsEnabled")]
    notifications: Option<bool>,
}

/// All groups but the default one's filter, which there is none of.
#[derive(Default)]
pub(crate) struct Groups {
    kept: Mutex<Vec<Kept>>,
    default: Mutex<Insights>,
}

impl Groups {
    fn lock(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn list(&self) -> Vec<Group> {
        self.lock().iter().map(|kept| kept.group.clone()).collect()
    }
}

/// A request that names a group in one way or the other.
#[derive(Deserialize)]
struct Request {
    #[serde(rename = "GroupName")]
    name: Option<String>,
    #[serde(rename = "GroupARN")]
    arn: Option<String>,
    #[serde(rename = "FilterExpression")]
    expression: Option<String>,
    #[serde(rename = "InsightsConfiguration")]
    insights: Option<Insights>,
    #[serde(rename = "NextToken")]
    next_token: Option<String>,
}

pub(crate) fn create_group(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: Request = read(body)?;
    let name = request.name.ok_or_else(|| Failure::missing("groupName"))?;
    let is_name = !name.is_empty()
        && name.chars().count() <= NAME_LETTERS
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    if !is_name {
        let rule = format!("Group name must be 1 to {NAME_LETTERS} letters, digits and hyphens");
        return Err(Failure::invalid(rule));
    }
    let expression = some_expression(request.expression)?;
    let insights = checked(request.insights.unwrap_or_default())?;
    let mut kept = engine.groups().lock();
    if name == DEFAULT || kept.iter().any(|kept| kept.group.name == name) {
        return Err(Failure::invalid(format!("{name} already exists")));
    }
    if engine.strict() && kept.len() >= MOST_GROUPS {
        return Err(Failure::invalid(format!("There are {MOST_GROUPS} groups already")));
    }
    let group = Group { arn: arn(&name), name, expression };
    let mut all: Vec<Group> = kept.iter().map(|kept| kept.group.clone()).collect();
    all.push(group.clone());
    check(&group.expression, &all, engine.strict())?;
    let new = Kept { group, insights };
    let answer = described(&new);
    kept.push(new);
    Ok(json!({ "Group": answer }).to_string())
}

pub(crate) fn update_group(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: Request = read(body)?;
    let insights = request.insights.map(checked).transpose()?;
    if is_default(&request)? {
        if request.expression.is_some() {
            return Err(Failure::invalid("The filter expression of the Default group cannot be changed"));
        }
        let mut default = engine.groups().default.lock().unwrap_or_else(PoisonError::into_inner);
        *default = insights.unwrap_or(*default);
        return Ok(json!({ "Group": default_group(*default) }).to_string());
    }
    let mut kept = engine.groups().lock();
    let place = place(&kept, &request)?;
    let expression = some_expression(request.expression)?;
    let mut all: Vec<Group> = kept.iter().map(|kept| kept.group.clone()).collect();
    all[place].expression.clone_from(&expression);
    check(&expression, &all, engine.strict())?;
    let found = &mut kept[place];
    found.group.expression = expression;
    found.insights = insights.unwrap_or(found.insights);
    Ok(json!({ "Group": described(found) }).to_string())
}

pub(crate) fn delete_group(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: Request = read(body)?;
    if is_default(&request)? {
        return Err(Failure::invalid("The Default group cannot be deleted"));
    }
    let mut kept = engine.groups().lock();
    let place = place(&kept, &request)?;
    kept.remove(place);
    Ok("{}".to_owned())
}

pub(crate) fn get_group(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: Request = read(body)?;
    if is_default(&request)? {
        let default = *engine.groups().default.lock().unwrap_or_else(PoisonError::into_inner);
        return Ok(json!({ "Group": default_group(default) }).to_string());
    }
    let kept = engine.groups().lock();
    let place = place(&kept, &request)?;
    Ok(json!({ "Group": described(&kept[place]) }).to_string())
}

pub(crate) fn get_groups(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: Request = read(body)?;
    if request.next_token.is_some() {
        return Err(Failure::invalid("Next Token not supported"));
    }
    let default = *engine.groups().default.lock().unwrap_or_else(PoisonError::into_inner);
    let mut all = vec![default_group(default)];
    all.extend(engine.groups().lock().iter().map(described));
    Ok(json!({ "Groups": all, "NextToken": null }).to_string())
}

/// A filter expression with the groups that there are; of what is wrong with it the first problem is told, with its place
/// in characters.
pub(crate) fn filter(engine: &Engine, text: &str) -> Result<Filter, Failure> {
    check(text, &engine.groups().list(), engine.strict())
}

/// The filter of the group that a request names; all traces for the default one and without a name.
pub(crate) fn filter_of(engine: &Engine, name: Option<&str>, arn: Option<&str>) -> Result<Filter, Failure> {
    let wants = |group: &Group| name.is_none_or(|name| group.name == name) && arn.is_none_or(|arn| group.arn == arn);
    let default = Group { name: DEFAULT.to_owned(), arn: [ARN_START, DEFAULT].concat(), expression: String::new() };
    let groups = engine.groups().list();
    let found = groups.iter().chain([&default]).find(|group| wants(group));
    let group = match (name, arn) {
        (None, None) => &default,
        _ => found.ok_or_else(|| Failure::invalid("Group not found."))?,
    };
    check(&group.expression, &groups, engine.strict())
}

/// The groups whose insights are enabled: name, ARN and filter.
pub(crate) fn with_insights(engine: &Engine) -> Vec<Group> {
    let default = Group { name: DEFAULT.to_owned(), arn: [ARN_START, DEFAULT].concat(), expression: String::new() };
    let all = std::iter::once(default).chain(engine.groups().list());
    all.filter(|group| has_insights(engine, Some(&group.name), None)).collect()
}

/// Whether insights are enabled for the group that a request names. Of the default group they are in lenient mode, unless
/// somebody has switched them off.
pub(crate) fn has_insights(engine: &Engine, name: Option<&str>, arn: Option<&str>) -> bool {
    if name == Some(DEFAULT) || arn.and_then(|arn| arn.strip_prefix(ARN_START)) == Some(DEFAULT) {
        let default = *engine.groups().default.lock().unwrap_or_else(PoisonError::into_inner);
        return default.enabled.unwrap_or(!engine.strict());
    }
    let is_it = |kept: &&Kept| name == Some(&kept.group.name) || arn == Some(&kept.group.arn);
    engine.groups().lock().iter().find(is_it).is_some_and(|kept| kept.insights.enabled == Some(true))
}

fn check(text: &str, groups: &[Group], strict: bool) -> Result<Filter, Failure> {
    let mode = if strict { Mode::Strict } else { Mode::Lenient };
    let read = filter::compile(text, mode).and_then(|filter| filter.with_groups(groups, mode));
    read.map_err(|problems| invalid(text, &problems))
}

pub(crate) fn invalid(text: &str, problems: &[Problem]) -> Failure {
    let Some(first) = problems.first() else { return Failure::invalid("Invalid filter expression") };
    let before = text.get(..first.span.start).unwrap_or(text).chars().count();
    let others = match problems.len() - 1 {
        0 => String::new(),
        count => format!(" (and {count} more)"),
    };
    Failure::invalid(format!("Invalid filter expression: {} at position {}{others}", first.message, before + 1))
}

fn some_expression(expression: Option<String>) -> Result<String, Failure> {
    expression.filter(|text| !text.trim().is_empty()).ok_or_else(|| Failure::invalid("Filter Expression is empty"))
}

fn checked(insights: Insights) -> Result<Insights, Failure> {
    if insights.notifications == Some(true) && insights.enabled != Some(true) {
        return Err(Failure::invalid("NotificationsEnabled needs InsightsEnabled"));
    }
    Ok(insights)
}

/// Whether a request names the default group; it must name one in exactly one way.
fn is_default(request: &Request) -> Result<bool, Failure> {
    match (&request.name, &request.arn) {
        (Some(name), None) => Ok(name == DEFAULT),
        (None, Some(arn)) => Ok(arn.strip_prefix(ARN_START) == Some(DEFAULT)),
        _ => Err(Failure::invalid("Provide either GroupName or GroupARN")),
    }
}

fn place(kept: &[Kept], request: &Request) -> Result<usize, Failure> {
    let is_it =
        |kept: &Kept| request.name.as_ref() == Some(&kept.group.name) || request.arn.as_ref() == Some(&kept.group.arn);
    kept.iter().position(is_it).ok_or_else(|| Failure::invalid("Group not found"))
}

fn described(kept: &Kept) -> Value {
    json!({
        "GroupName": kept.group.name, "GroupARN": kept.group.arn, "FilterExpression": kept.group.expression,
        "InsightsConfiguration": insights(kept.insights)
    })
}

fn default_group(configured: Insights) -> Value {
    json!({
        "GroupName": DEFAULT, "GroupARN": format!("{ARN_START}{DEFAULT}"), "FilterExpression": null,
        "InsightsConfiguration": insights(configured)
    })
}

fn insights(configured: Insights) -> Value {
    json!({
        "InsightsEnabled": configured.enabled == Some(true), "NotificationsEnabled": configured.notifications == Some(true)
    })
}

/// The ARN of a name: it ends in 52 letters of base 32, always the same ones.
fn arn(name: &str) -> String {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    let mut next = |byte: u8| {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        state
    };
    for byte in name.bytes() {
        next(byte);
    }
    let digits: String = (0..52_u8).map(|place| char::from(DIGITS[(next(place) >> 59) as usize])).collect();
    [ARN_START, name, "/", &digits].concat()
}
