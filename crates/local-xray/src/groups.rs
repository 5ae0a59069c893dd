//! The group operations: create, update, delete, get, list; and what groups mean for filter expressions.
//! <https://docs.aws.amazon.com/xray/latest/api/API_CreateGroup.html>
//!
//! Unlike AWS, which decides a trace's groups when it comes in, a group here is asked of the traces that there are: a
//! changed filter counts for old traces too.

use filter::{Filter, Group, Mode, Problem};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Engine,
    control::{self, Tag},
    protocol::{Failure, read},
    settings::Settings,
};

/// The group that every account has.
const DEFAULT: &str = "Default";
const ARN_START: &str = "arn:aws:xray:local:000000000000:group/";
/// AWS keeps so many for an account and region.
const MOST_GROUPS: usize = 25;
/// The longest name.
const NAME_LETTERS: usize = 32;

/// A group as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    name: String,
    arn: String,
    expression: String,
    insights: Insights,
}

impl Kept {
    fn group(&self) -> Group {
        Group { name: self.name.clone(), arn: self.arn.clone(), expression: self.expression.clone() }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Insights {
    #[serde(rename = "InsightsEnabled")]
    enabled: Option<bool>,
    #[serde(rename = "NotificationsEnabled")]
    notifications: Option<bool>,
}

fn list(settings: &Settings) -> Vec<Group> {
    settings.groups.iter().map(Kept::group).collect()
}

/// All groups but the default one, which has no filter.
fn all(engine: &Engine) -> Vec<Group> {
    engine.settings().read(list)
}

/// Whether there is a group with this ARN.
pub(crate) fn is_known(settings: &Settings, arn: &str) -> bool {
    arn.strip_prefix(ARN_START) == Some(DEFAULT) || settings.groups.iter().any(|kept| kept.arn == arn)
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
    #[serde(rename = "Tags")]
    tags: Option<Vec<Tag>>,
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
    let tags = request.tags.unwrap_or_default();
    let new = Kept { arn: arn(&name), name, expression, insights };
    engine.settings().change(|settings| {
        if new.name == DEFAULT || settings.groups.iter().any(|kept| kept.name == new.name) {
            return Err(Failure::invalid(format!("{} already exists", new.name)));
        }
        if engine.strict() && settings.groups.len() >= MOST_GROUPS {
            return Err(Failure::invalid(format!("There are {MOST_GROUPS} groups already")));
        }
        let answer = described(&new);
        let expression = new.expression.clone();
        control::tag(settings, &new.arn, tags)?;
        settings.groups.push(new);
        check(&expression, &list(settings), engine.strict())?;
        Ok(json!({ "Group": answer }).to_string())
    })
}

pub(crate) fn update_group(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: Request = read(body)?;
    let insights = request.insights.map(checked).transpose()?;
    if is_default(&request)? {
        if request.expression.is_some() {
            return Err(Failure::invalid("The filter expression of the Default group cannot be changed"));
        }
        return engine.settings().change(|settings| {
            settings.default_group = insights.unwrap_or(settings.default_group);
            Ok(json!({ "Group": default_group(engine, settings.default_group) }).to_string())
        });
    }
    engine.settings().change(|settings| {
        let place = place(&settings.groups, &request)?;
        let expression = some_expression(request.expression)?;
        let found = &mut settings.groups[place];
        found.expression.clone_from(&expression);
        found.insights = insights.unwrap_or(found.insights);
        let answer = described(found);
        check(&expression, &list(settings), engine.strict())?;
        Ok(json!({ "Group": answer }).to_string())
    })
}

pub(crate) fn delete_group(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: Request = read(body)?;
    if is_default(&request)? {
        return Err(Failure::invalid("The Default group cannot be deleted"));
    }
    engine.settings().change(|settings| {
        let place = place(&settings.groups, &request)?;
        let gone = settings.groups.remove(place);
        settings.tags.remove(&gone.arn);
        Ok("{}".to_owned())
    })
}

pub(crate) fn get_group(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: Request = read(body)?;
    let is_default = is_default(&request)?;
    engine.settings().read(|settings| {
        if is_default {
            return Ok(json!({ "Group": default_group(engine, settings.default_group) }).to_string());
        }
        let place = place(&settings.groups, &request)?;
        Ok(json!({ "Group": described(&settings.groups[place]) }).to_string())
    })
}

pub(crate) fn get_groups(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: Request = read(body)?;
    if request.next_token.is_some() {
        return Err(Failure::invalid("Next Token not supported"));
    }
    let all = engine.settings().read(|settings| {
        let default = default_group(engine, settings.default_group);
        std::iter::once(default).chain(settings.groups.iter().map(described)).collect::<Vec<_>>()
    });
    Ok(json!({ "Groups": all, "NextToken": null }).to_string())
}

/// A filter expression with the groups that there are; of what is wrong with it the first problem is told, with its place
/// in characters.
pub(crate) fn filter(engine: &Engine, text: &str) -> Result<Filter, Failure> {
    check(text, &all(engine), engine.strict())
}

/// The filter of the group that a request names; all traces for the default one and without a name.
pub(crate) fn filter_of(engine: &Engine, name: Option<&str>, arn: Option<&str>) -> Result<Filter, Failure> {
    let wants = |group: &Group| name.is_none_or(|name| group.name == name) && arn.is_none_or(|arn| group.arn == arn);
    let default = Group { name: DEFAULT.to_owned(), arn: [ARN_START, DEFAULT].concat(), expression: String::new() };
    let groups = all(engine);
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
    let all = std::iter::once(default).chain(all(engine));
    all.filter(|group| has_insights(engine, Some(&group.name), None)).collect()
}

/// Whether insights are enabled for the group that a request names. Of the default group they are in lenient mode, unless
/// somebody has switched them off.
pub(crate) fn has_insights(engine: &Engine, name: Option<&str>, arn: Option<&str>) -> bool {
    if name == Some(DEFAULT) || arn.and_then(|arn| arn.strip_prefix(ARN_START)) == Some(DEFAULT) {
        return engine.settings().read(|settings| settings.default_group.enabled).unwrap_or(!engine.strict());
    }
    let is_it = |kept: &&Kept| name == Some(&kept.name) || arn == Some(&kept.arn);
    engine
        .settings()
        .read(|settings| settings.groups.iter().find(is_it).is_some_and(|kept| kept.insights.enabled == Some(true)))
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
    let is_it = |kept: &Kept| request.name.as_ref() == Some(&kept.name) || request.arn.as_ref() == Some(&kept.arn);
    kept.iter().position(is_it).ok_or_else(|| Failure::invalid("Group not found"))
}

fn described(kept: &Kept) -> Value {
    json!({
        "GroupName": kept.name, "GroupARN": kept.arn, "FilterExpression": kept.expression,
        "InsightsConfiguration": insights(kept.insights)
    })
}

fn default_group(engine: &Engine, configured: Insights) -> Value {
    let enabled = configured.enabled.unwrap_or(!engine.strict());
    let configured = Insights { enabled: Some(enabled), ..configured };
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
