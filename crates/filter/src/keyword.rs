//! The keywords of the language: what each one is called, what it asks for, and where it may stand.
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html>

/// Boolean keywords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// Neither error nor fault nor throttle; so is what is still in progress without one of those.
    Ok,
    /// The client's mistake; a throttle is none.
    Error,
    /// The server's failure.
    Fault,
    /// Turned away for asking too often.
    Throttle,
    /// A parent that some (sub)segment names has not come.
    Partial,
    /// Known from callers alone.
    Inferred,
    /// Requests enter the system here.
    Root,
    /// The first element of a path.
    First,
    /// The last element of a path.
    Last,
    /// A call to another service.
    Remote,
}

/// Number keywords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// From the start to the response, in seconds.
    ResponseTime,
    /// From the start to the end of everything that was called, in seconds.
    Duration,
    /// The response's status code.
    HttpStatus,
    /// The place in a path, from 0.
    Index,
    /// The share of the root's duration, 0 to 1.
    Coverage,
}

/// Text keywords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// The address that was asked.
    HttpUrl,
    /// The request's method.
    HttpMethod,
    /// The requester's program.
    HttpUserAgent,
    /// The requester's address.
    HttpClientIp,
    /// The users of segments.
    User,
    /// The name of a service or an entity, the type of an exception.
    Name,
    /// The type of a node.
    Type,
    /// The message of an exception.
    Message,
    /// The availability zones of segments.
    AvailabilityZone,
    /// The EC2 instances of segments.
    InstanceId,
    /// The ARNs of resources.
    ResourceArn,
    /// The AWS accounts of nodes.
    AccountId,
}

/// A keyword by its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Compares with `true` and `false`.
    Flag(Flag),
    /// Compares with numbers.
    Number(Number),
    /// Compares with strings.
    Text(Text),
}

/// What a condition is about, by where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The trace as a whole.
    Trace,
    /// A service, inside `service() { … }`.
    Service,
    /// A call, inside `edge() { … }`.
    Edge,
    /// A service of a root cause.
    CauseService,
    /// An entity of a root cause of faults or errors.
    CauseEntity,
    /// An entity of a root cause of the response time.
    TimedEntity,
    /// An exception of a root cause.
    CauseException,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 7] = [
        Self::Trace,
        Self::Service,
        Self::Edge,
        Self::CauseService,
        Self::CauseEntity,
        Self::TimedEntity,
        Self::CauseException,
    ];

    /// Where that is, for people.
    pub fn place(self) -> &'static str {
        match self {
            Self::Trace => "of the trace as a whole",
            Self::Service => "inside service() { … }",
            Self::Edge => "inside edge() { … }",
            Self::CauseService => "inside rootcause.….service { … }",
            Self::CauseEntity => "inside rootcause.….entity { … }",
            Self::TimedEntity => "inside rootcause.responsetime.entity { … }",
            Self::CauseException => "inside rootcause.….exception { … }",
        }
    }
}

/// A row of the table of keywords.
#[derive(Clone, Copy, Debug)]
pub struct Keyword {
    /// How it is written; in any case.
    pub name: &'static str,
    /// What it asks for.
    pub field: Field,
    /// Where it may stand.
    pub scopes: &'static [Scope],
}

const T: Scope = Scope::Trace;
const S: Scope = Scope::Service;
const E: Scope = Scope::Edge;
const CS: Scope = Scope::CauseService;
const CE: Scope = Scope::CauseEntity;
const TE: Scope = Scope::TimedEntity;
const CX: Scope = Scope::CauseException;

/// Every keyword. Annotations, selectors, root causes and groups have a form of their own.
pub const KEYWORDS: [Keyword; 27] = [
    flag("ok", Flag::Ok, &[T, S, E]),
    flag("error", Flag::Error, &[T, S, E]),
    flag("fault", Flag::Fault, &[T, S, E]),
    flag("throttle", Flag::Throttle, &[T, S, E]),
    flag("partial", Flag::Partial, &[T]),
    flag("inferred", Flag::Inferred, &[T, S, CS]),
    flag("root", Flag::Root, &[S]),
    flag("first", Flag::First, &[CS, CE, TE, CX]),
    flag("last", Flag::Last, &[CS, CE, TE, CX]),
    flag("remote", Flag::Remote, &[CE, TE]),
    number("responsetime", Number::ResponseTime, &[T, S, E]),
    number("duration", Number::Duration, &[T, S, E]),
    number("http.status", Number::HttpStatus, &[T, S, E]),
    number("index", Number::Index, &[CS, CE, TE, CX]),
    number("coverage", Number::Coverage, &[TE]),
    text("http.url", Text::HttpUrl, &[T, S, E]),
    text("http.method", Text::HttpMethod, &[T, S, E]),
    text("http.useragent", Text::HttpUserAgent, &[T, S, E]),
    text("http.clientip", Text::HttpClientIp, &[T, S, E]),
    text("user", Text::User, &[T, S]),
    text("name", Text::Name, &[S, CS, CE, TE, CX]),
    text("type", Text::Type, &[S, CS]),
    text("message", Text::Message, &[CX]),
    text("availabilityzone", Text::AvailabilityZone, &[T, S]),
    text("instance.id", Text::InstanceId, &[T, S]),
    text("resource.arn", Text::ResourceArn, &[T, S]),
    text("account.id", Text::AccountId, &[T, S]),
];

const fn flag(name: &'static str, flag: Flag, scopes: &'static [Scope]) -> Keyword {
    Keyword { name, field: Field::Flag(flag), scopes }
}

const fn number(name: &'static str, number: Number, scopes: &'static [Scope]) -> Keyword {
    Keyword { name, field: Field::Number(number), scopes }
}

const fn text(name: &'static str, text: Text, scopes: &'static [Scope]) -> Keyword {
    Keyword { name, field: Field::Text(text), scopes }
}

/// The keyword that a word is, in whatever case.
pub(crate) fn find(word: &str) -> Option<&'static Keyword> {
    KEYWORDS.iter().find(|keyword| keyword.name.eq_ignore_ascii_case(word))
}

/// How a field is written.
pub(crate) fn name(field: Field) -> &'static str {
    KEYWORDS.iter().find(|keyword| keyword.field == field).map_or("", |keyword| keyword.name)
}

/// Words that begin something else than a keyword's condition, for suggestions.
const OTHERS: [&str; 12] = [
    "service()",
    "edge()",
    "annotation",
    "rootcause.fault.service",
    "rootcause.fault.entity",
    "rootcause.fault.exception",
    "rootcause.error.service",
    "rootcause.error.entity",
    "rootcause.error.exception",
    "rootcause.responsetime.service",
    "rootcause.responsetime.entity",
    "rootcause.json",
];

/// Words of other tools, and what X-Ray calls them.
const FOREIGN: [(&str, &str); 12] = [
    ("status", "http.status"),
    ("statuscode", "http.status"),
    ("http.status_code", "http.status"),
    ("url", "http.url"),
    ("method", "http.method"),
    ("http.user_agent", "http.useragent"),
    ("http.client_ip", "http.clientip"),
    ("latency", "responsetime"),
    ("annotations", "annotation"),
    ("resource_arn", "resource.arn"),
    ("instanceid", "instance.id"),
    ("accountid", "account.id"),
];

/// The word that was probably meant, of those that may stand in this scope.
pub(crate) fn meant(word: &str, scope: Scope) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    if let Some((_, ours)) = FOREIGN.iter().find(|(foreign, _)| *foreign == word) {
        return Some(ours);
    }
    // Nobody mistypes more than that, and the table of distances stays small.
    if word.len() > 40 {
        return None;
    }
    let keywords = KEYWORDS.iter().filter(|keyword| keyword.scopes.contains(&scope)).map(|keyword| keyword.name);
    let others = OTHERS.into_iter().filter(|_| scope == Scope::Trace);
    let nearest = keywords.chain(others).map(|name| (distance(&word, name), name)).min()?;
    (nearest.0 <= word.chars().count().div_ceil(4)).then_some(nearest.1)
}

/// How many letters to insert, remove or replace to get from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}
