//! What may be written at the cursor: words of the language by scope and type, then what there is in the catalogue.

use super::{
    catalogue::{Catalogue, Counted},
    context::{Call, Context, Expect, Part, Partial, Subject},
    docs,
};
use crate::{
    keyword::{Field, KEYWORDS, Number, Scope, Text},
    lexer::{self, Op},
    problem::Span,
};

/// The most proposals that are given; [`Completions::total`] tells how many there were.
const MOST_ITEMS: usize = 200;

/// Proposals for a cursor.
#[derive(Clone, Debug, PartialEq)]
pub struct Completions {
    /// What a proposal replaces.
    pub span: Span,
    /// The best ones, best first.
    pub items: Vec<Item>,
    /// How many there are in all.
    pub total: usize,
}

/// A proposal.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What it is called.
    pub label: String,
    /// What is written when it is picked.
    pub insert: String,
    /// Where the cursor stands then: a byte of `insert`.
    pub cursor: usize,
    /// A few words on it; empty where there is nothing to say.
    pub detail: &'static str,
    /// What kind of thing it is.
    pub kind: ItemKind,
    /// How often it was seen; `None` for words of the language.
    pub count: Option<u64>,
}

/// Kinds of proposals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// A keyword.
    Keyword,
    /// A function, or a root cause.
    Function,
    /// A comparison, AND, OR, NOT.
    Operator,
    /// A value that was seen.
    Value,
    /// A service or a call.
    Service,
    /// An annotation.
    Annotation,
}

/// What may be written at a cursor, which is a byte of the text.
pub fn completions(text: &str, cursor: usize, catalogue: &Catalogue) -> Completions {
    let context = Context::at(text, cursor);
    let wanted = match &context.partial {
        Partial::None => String::new(),
        Partial::Word(text) | Partial::Text(text) | Partial::Key(text) => text.to_ascii_lowercase(),
    };
    let mut list = List { wanted, words: Vec::new(), seen: Vec::new(), ranks: Vec::new() };
    // What needs a bracket or a colon after it has it already when that stands there.
    let rest = text.get(context.span.end..).unwrap_or("").trim_start();
    propose(&context, catalogue, rest, &mut list);
    list.finish(context.span)
}

fn propose<'a>(context: &Context, catalogue: &'a Catalogue, rest: &str, list: &mut List<'a>) {
    let in_string = matches!(context.partial, Partial::Text(_));
    match &context.expect {
        Expect::Condition if !in_string && !matches!(context.partial, Partial::Key(_)) => {
            conditions(context.scope, catalogue, rest, list);
        }
        Expect::Operator(subject) if !in_string => {
            operators(subject, list);
            connectives(list);
        }
        Expect::Value(subject, op) => values(subject, *op, catalogue, list),
        Expect::Connective if !in_string => connectives(list),
        Expect::Body if !in_string => {
            list.add("{ }", "{  }", 2, ItemKind::Operator, docs::of("{").map_or("", |doc| doc.text), None);
            connectives(list);
        }
        Expect::Bracket(_) if !in_string => list.add("( )", "()", 1, ItemKind::Operator, "", None),
        Expect::Argument(call, argument, first) => arguments(*call, *argument, first.as_deref(), catalogue, list),
        Expect::Part if !in_string => {
            for part in ["name", "type", "account.id"] {
                let insert = [part, ": \"\""].concat();
                list.add(part, &insert, insert.len() - 1, ItemKind::Keyword, "", None);
            }
        }
        Expect::PartValue(part) => {
            let (values, kind) = match part {
                Part::Name => (&catalogue.services, ItemKind::Service),
                Part::Type => (&catalogue.kinds, ItemKind::Value),
                Part::Account => (&catalogue.accounts, ItemKind::Value),
            };
            list.strings(values, kind);
        }
        Expect::Key => {
            for (key, count) in keys(catalogue) {
                list.see(Seen::Key(key), count);
            }
        }
        _ => {}
    }
}

fn conditions<'a>(scope: Scope, catalogue: &'a Catalogue, rest: &str, list: &mut List<'a>) {
    for keyword in KEYWORDS.iter().filter(|keyword| keyword.scopes.contains(&scope)) {
        let detail = docs::of(keyword.name).map_or("", |doc| doc.text);
        list.add(keyword.name, keyword.name, keyword.name.len(), ItemKind::Keyword, detail, None);
    }
    list.add("NOT", "NOT ", 4, ItemKind::Operator, docs::of("NOT").map_or("", |doc| doc.text), None);
    if matches!(scope, Scope::Trace | Scope::Service | Scope::Edge) {
        for (key, count) in keys(catalogue) {
            list.see(Seen::Annotation(key), count);
        }
        let detail = docs::of("annotation").map_or("", |doc| doc.text);
        list.add("annotation.", "annotation.", 11, ItemKind::Keyword, detail, None);
    }
    if scope != Scope::Trace {
        return;
    }
    let has_bracket = rest.starts_with('(');
    for (name, insert, cursor) in [("service", "service(\"\")", 9), ("edge", "edge(\"\", \"\")", 6)] {
        let detail = docs::of(name).map_or("", |doc| doc.text);
        let (insert, cursor) = if has_bracket { (name, name.len()) } else { (insert, cursor) };
        list.add(&[name, "( )"].concat(), insert, cursor, ItemKind::Function, detail, None);
    }
    for doc in docs::ALL.iter().filter(|doc| doc.name.starts_with("rootcause.")) {
        let insert =
            if doc.name == "rootcause.json" { "rootcause.json = #[]".to_owned() } else { [doc.name, " {  }"].concat() };
        let cursor = insert.len() - if doc.name == "rootcause.json" { 1 } else { 2 };
        list.add(doc.name, &insert, cursor, ItemKind::Function, doc.text, None);
    }
    let detail = docs::of("group.name").map_or("", |doc| doc.text);
    list.add("group.name", "group.name", 10, ItemKind::Keyword, detail, None);
    if has_bracket {
        return;
    }
    for (name, count) in catalogue.services.iter() {
        list.see(Seen::Service(name), count);
    }
    for (from, to, count) in catalogue.calls() {
        list.see(Seen::Call(from, to), count);
    }
}

fn operators(subject: &Subject, list: &mut List<'_>) {
    let texts = ["=", "!=", "CONTAINS", "BEGINSWITH", "ENDSWITH"];
    let numbers = ["=", "!=", "<", "<=", ">", ">="];
    let of_type: &[&str] = match subject {
        Subject::Field(Field::Flag(_)) | Subject::Group => &["=", "!="],
        Subject::Field(Field::Number(_)) => &numbers,
        Subject::Field(Field::Text(_)) => &texts,
        Subject::Annotation(_) => &["=", "!=", "<", "<=", ">", ">=", "CONTAINS", "BEGINSWITH", "ENDSWITH"],
    };
    for operator in of_type {
        let insert = [operator, " "].concat();
        let detail = docs::of(operator).map_or("", |doc| doc.text);
        list.add(operator, &insert, insert.len(), ItemKind::Operator, detail, None);
    }
}

fn connectives(list: &mut List<'_>) {
    for word in ["AND", "OR"] {
        let insert = [word, " "].concat();
        let detail = docs::of(word).map_or("", |doc| doc.text);
        list.add(word, &insert, insert.len(), ItemKind::Operator, detail, None);
    }
}

fn values<'a>(subject: &Subject, op: Op, catalogue: &'a Catalogue, list: &mut List<'a>) {
    let is_part = matches!(op, Op::Contains | Op::BeginsWith | Op::EndsWith);
    match subject {
        Subject::Field(Field::Flag(_)) => list.words(["true", "false"].into_iter()),
        Subject::Field(Field::Number(Number::HttpStatus)) => list.plain(&catalogue.statuses),
        Subject::Field(Field::Number(Number::ResponseTime | Number::Duration)) => {
            list.words(["0.1", "0.5", "1", "5"].into_iter());
        }
        Subject::Field(Field::Number(_)) => {}
        Subject::Field(Field::Text(field)) => {
            let values = match field {
                Text::HttpUrl => &catalogue.urls,
                Text::HttpMethod => &catalogue.methods,
                Text::HttpUserAgent => &catalogue.user_agents,
                Text::HttpClientIp => &catalogue.client_ips,
                Text::User => &catalogue.users,
                Text::Name => &catalogue.services,
                Text::Type => &catalogue.kinds,
                Text::AvailabilityZone => &catalogue.zones,
                Text::InstanceId => &catalogue.instances,
                Text::ResourceArn => &catalogue.arns,
                Text::AccountId => &catalogue.accounts,
                Text::Message => return,
            };
            list.strings(values, ItemKind::Value);
        }
        Subject::Annotation(key) => {
            let Some(known) = catalogue.annotation(key) else { return };
            list.strings(&known.texts, ItemKind::Value);
            if !is_part {
                list.plain(&known.numbers);
                list.plain(&known.booleans);
            }
        }
        Subject::Group => list.strings(&catalogue.groups, ItemKind::Value),
    }
}

fn arguments<'a>(call: Call, argument: usize, first: Option<&str>, catalogue: &'a Catalogue, list: &mut List<'a>) {
    // Whom the first one calls, or who calls at all.
    let ends = catalogue.calls().filter_map(|(from, to, count)| match (argument, first) {
        (0, _) => Some((from, count)),
        (_, Some(caller)) => (caller == from).then_some((to, count)),
        _ => None,
    });
    // Calls stand in the order of their ends, so that equal names are neighbours.
    let mut known: Vec<(&'a str, u64)> = Vec::new();
    for (name, count) in ends.filter(|_| call == Call::Edge) {
        match known.last_mut().filter(|(last, _)| *last == name) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => known.push((name, count)),
        }
    }
    if known.is_empty() {
        known.extend(catalogue.services.iter());
    }
    for (name, count) in known {
        list.see(Seen::Quoted(name, ItemKind::Service), count);
    }
    list.add("id( )", "id(name: \"\")", 10, ItemKind::Function, docs::of("id").map_or("", |doc| doc.text), None);
}

/// The keys of annotations with how often they were seen.
fn keys(catalogue: &Catalogue) -> impl Iterator<Item = (&str, u64)> {
    let sum = |counts: &Counted| counts.iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(count));
    catalogue
        .annotations
        .iter()
        .map(move |(key, known)| (key.as_str(), sum(&known.texts) + sum(&known.numbers) + sum(&known.booleans)))
}

/// Whether a key can stand after `annotation.` as it is.
fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|letter| lexer::is_word(letter) && letter != '.')
}

/// How well a proposal fits what is written; smaller is better.
fn fit(wanted: &str, name: &str) -> Option<u8> {
    if wanted.is_empty() || starts(name, wanted) {
        return Some(0);
    }
    let bytes = name.as_bytes();
    let mut found = None;
    for at in 1..bytes.len() {
        if bytes.len() - at < wanted.len() {
            break;
        }
        if bytes[at..at + wanted.len()].eq_ignore_ascii_case(wanted.as_bytes()) {
            if !bytes[at - 1].is_ascii_alphanumeric() {
                return Some(1);
            }
            found = Some(2);
        }
    }
    found.or_else(|| {
        let mut letters = wanted.bytes().peekable();
        for byte in bytes {
            letters.next_if(|letter| letter.eq_ignore_ascii_case(byte));
        }
        // Single letters in order fit nearly everything; they count where there are some.
        (wanted.len() >= 3 && letters.peek().is_none()).then_some(3)
    })
}

fn starts(name: &str, wanted: &str) -> bool {
    name.as_bytes().get(..wanted.len()).is_some_and(|start| start.eq_ignore_ascii_case(wanted.as_bytes()))
}

/// Something that was seen, to be proposed; it is written out when it is among the best.
#[derive(Clone, Copy)]
enum Seen<'a> {
    /// A service, with braces for its conditions.
    Service(&'a str),
    /// A call in the same way.
    Call(&'a str, &'a str),
    /// An annotation by its key.
    Annotation(&'a str),
    /// The key alone, in brackets.
    Key(&'a str),
    /// A string.
    Quoted(&'a str, ItemKind),
    /// A value that stands as it is.
    Plain(&'a str),
}

impl Seen<'_> {
    fn kind(self) -> ItemKind {
        match self {
            Self::Service(_) | Self::Call(..) => ItemKind::Service,
            Self::Annotation(_) | Self::Key(_) => ItemKind::Annotation,
            Self::Quoted(_, kind) => kind,
            Self::Plain(_) => ItemKind::Value,
        }
    }

    /// How well it fits what is written.
    fn fit(self, wanted: &str) -> Option<u8> {
        let best = |names: &[&str]| names.iter().filter_map(|name| fit(wanted, name)).min();
        match self {
            Self::Service(name) => best(&["service(", name]),
            Self::Call(from, to) => best(&["edge(", from, to]),
            Self::Annotation(key) => match wanted.strip_prefix("annotation.") {
                Some(wanted) => fit(wanted, key),
                None => best(&["annotation.", key]),
            },
            Self::Key(name) | Self::Quoted(name, _) | Self::Plain(name) => fit(wanted, name),
        }
    }

    fn item(self, count: u64) -> Item {
        let selector = |parts: &[&str]| {
            let selector = parts.concat();
            let insert = [&selector, " {  }"].concat();
            let cursor = insert.len() - 2;
            (selector, insert, cursor)
        };
        let whole = |label: &str, insert: String| (label.to_owned(), insert.clone(), insert.len());
        let ((label, insert, cursor), detail) = match self {
            Self::Service(name) => (selector(&["service(", &lexer::quoted(name), ")"]), "requests of this service"),
            Self::Call(from, to) => {
                (selector(&["edge(", &lexer::quoted(from), ", ", &lexer::quoted(to), ")"]), "calls between these")
            }
            Self::Annotation(key) => {
                let word =
                    if is_plain(key) { ["annotation.", key].concat() } else { ["annotation[", key, "]"].concat() };
                (whole(&word, word.clone()), "an annotation")
            }
            Self::Key(key) => (whole(key, ["[", key, "]"].concat()), ""),
            Self::Quoted(value, _) => (whole(value, lexer::quoted(value)), ""),
            Self::Plain(value) => (whole(value, value.to_owned()), ""),
        };
        Item { label, insert, cursor, detail, kind: self.kind(), count: Some(count) }
    }

    /// Roughly how long it is.
    fn len(self) -> usize {
        match self {
            Self::Call(from, to) => from.len() + to.len(),
            Self::Service(name)
            | Self::Annotation(name)
            | Self::Key(name)
            | Self::Quoted(name, _)
            | Self::Plain(name) => name.len(),
        }
    }
}

/// Proposals in the making.
struct List<'a> {
    /// What is written so far, in lower case.
    wanted: String,
    /// Words of the language.
    words: Vec<Item>,
    /// What was seen, with how often.
    seen: Vec<(Seen<'a>, u64)>,
    /// The order of both, words first: smaller numbers come first.
    ranks: Vec<(u64, usize)>,
}

impl<'a> List<'a> {
    fn add(
        &mut self,
        label: &str,
        insert: &str,
        cursor: usize,
        kind: ItemKind,
        detail: &'static str,
        count: Option<u64>,
    ) {
        let Some(fit) = fit(&self.wanted, label) else { return };
        let item = Item { label: label.to_owned(), insert: insert.to_owned(), cursor, detail, kind, count };
        self.ranks.push((rank(fit, kind, 0, label.len()), self.words.len() * 2));
        self.words.push(item);
    }

    fn see(&mut self, seen: Seen<'a>, count: u64) {
        let Some(fit) = seen.fit(&self.wanted) else { return };
        self.ranks.push((rank(fit, seen.kind(), count, seen.len()), self.seen.len() * 2 + 1));
        self.seen.push((seen, count));
    }

    /// Values that are strings.
    fn strings(&mut self, values: &'a Counted, kind: ItemKind) {
        for (value, count) in values.iter() {
            self.see(Seen::Quoted(value, kind), count);
        }
    }

    /// Values that stand as they are.
    fn plain(&mut self, values: &'a Counted) {
        for (value, count) in values.iter() {
            self.see(Seen::Plain(value), count);
        }
    }

    fn words<'b>(&mut self, values: impl Iterator<Item = &'b str>) {
        for value in values {
            self.add(value, value, value.len(), ItemKind::Value, "", None);
        }
    }

    fn finish(self, span: Span) -> Completions {
        let Self { words, seen, ranks, .. } = self;
        let total = ranks.len();
        let order = order::places(total, &mut |one, other| ranks[one].0.cmp(&ranks[other].0));
        let items = order.into_iter().take(MOST_ITEMS).map(|place| match ranks[place].1 {
            word if word % 2 == 0 => words[word / 2].clone(),
            other => {
                let (seen, count) = seen[other / 2];
                seen.item(count)
            }
        });
        Completions { span, items: items.collect(), total }
    }
}

/// One number by which proposals are ordered: how well they fit, words of the language first where both fit, then what
/// was seen more often, then what is shorter.
fn rank(fit: u8, kind: ItemKind, count: u64, len: usize) -> u64 {
    const MOST_COUNT: u64 = (1 << 40) - 1;
    const MOST_LEN: u64 = (1 << 16) - 1;
    let kind = match kind {
        ItemKind::Keyword | ItemKind::Function => 0,
        ItemKind::Service => 1,
        ItemKind::Annotation | ItemKind::Value => 2,
        ItemKind::Operator => 3,
    };
    (u64::from(fit) << 60) | (kind << 56) | ((MOST_COUNT - count.min(MOST_COUNT)) << 16) | (len as u64).min(MOST_LEN)
}
