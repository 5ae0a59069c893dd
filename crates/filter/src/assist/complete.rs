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
    let mut list = List { wanted, found: Vec::new() };
    // What needs a bracket or a colon after it has it already when that stands there.
    let rest = text.get(context.span.end..).unwrap_or("").trim_start();
    propose(&context, catalogue, rest, &mut list);
    list.finish(context.span)
}

fn propose(context: &Context, catalogue: &Catalogue, rest: &str, list: &mut List) {
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
                let bracketed = ["[", key, "]"].concat();
                list.add(key, &bracketed, bracketed.len(), ItemKind::Annotation, "", Some(count));
            }
        }
        _ => {}
    }
}

fn conditions(scope: Scope, catalogue: &Catalogue, rest: &str, list: &mut List) {
    for keyword in KEYWORDS.iter().filter(|keyword| keyword.scopes.contains(&scope)) {
        let detail = docs::of(keyword.name).map_or("", |doc| doc.text);
        list.add(keyword.name, keyword.name, keyword.name.len(), ItemKind::Keyword, detail, None);
    }
    list.add("NOT", "NOT ", 4, ItemKind::Operator, docs::of("NOT").map_or("", |doc| doc.text), None);
    if matches!(scope, Scope::Trace | Scope::Service | Scope::Edge) {
        for (key, count) in keys(catalogue) {
            let word = if is_plain(key) { ["annotation.", key].concat() } else { ["annotation[", key, "]"].concat() };
            list.add_by(&word, key, &word, word.len(), ItemKind::Annotation, "an annotation", Some(count));
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
        let selector = ["service(", &lexer::quoted(name), ")"].concat();
        let insert = [&selector, " {  }"].concat();
        list.add_by(
            &selector,
            name,
            &insert,
            insert.len() - 2,
            ItemKind::Service,
            "requests of this service",
            Some(count),
        );
    }
    for (from, to, count) in catalogue.calls() {
        let selector = ["edge(", &lexer::quoted(from), ", ", &lexer::quoted(to), ")"].concat();
        let insert = [&selector, " {  }"].concat();
        let cursor = insert.len() - 2;
        list.add_by(&selector, &selector, &insert, cursor, ItemKind::Service, "calls between these", Some(count));
    }
}

fn operators(subject: &Subject, list: &mut List) {
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

fn connectives(list: &mut List) {
    for word in ["AND", "OR"] {
        let insert = [word, " "].concat();
        let detail = docs::of(word).map_or("", |doc| doc.text);
        list.add(word, &insert, insert.len(), ItemKind::Operator, detail, None);
    }
}

fn values(subject: &Subject, op: Op, catalogue: &Catalogue, list: &mut List) {
    let is_part = matches!(op, Op::Contains | Op::BeginsWith | Op::EndsWith);
    match subject {
        Subject::Field(Field::Flag(_)) => list.words(["true", "false"].into_iter().map(|word| (word, None))),
        Subject::Field(Field::Number(Number::HttpStatus)) => list.seen(&catalogue.statuses),
        Subject::Field(Field::Number(Number::ResponseTime | Number::Duration)) => {
            list.words(["0.1", "0.5", "1", "5"].into_iter().map(|word| (word, None)));
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
                list.seen(&known.numbers);
                list.seen(&known.booleans);
            }
        }
        Subject::Group => list.strings(&catalogue.groups, ItemKind::Value),
    }
}

fn arguments(call: Call, argument: usize, first: Option<&str>, catalogue: &Catalogue, list: &mut List) {
    let mut counts = Counted::default();
    for (from, to, count) in catalogue.calls() {
        match (argument, first) {
            (0, _) => counts.add(from, count),
            // Whom the first one calls.
            (_, Some(caller)) if caller == from => counts.add(to, count),
            _ => {}
        }
    }
    let known = if call == Call::Edge && counts.iter().next().is_some() { &counts } else { &catalogue.services };
    list.strings(known, ItemKind::Service);
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

/// Proposals in the making.
struct List {
    /// What is written so far, in lower case.
    wanted: String,
    found: Vec<(u8, Item)>,
}

impl List {
    fn add(
        &mut self,
        label: &str,
        insert: &str,
        cursor: usize,
        kind: ItemKind,
        detail: &'static str,
        count: Option<u64>,
    ) {
        self.add_by(label, label, insert, cursor, kind, detail, count);
    }

    /// A proposal that is also found by another name.
    #[expect(clippy::too_many_arguments, reason = "the parts of a proposal")]
    fn add_by(
        &mut self,
        label: &str,
        name: &str,
        insert: &str,
        cursor: usize,
        kind: ItemKind,
        detail: &'static str,
        count: Option<u64>,
    ) {
        let fits = fit(&self.wanted, label).into_iter().chain(fit(&self.wanted, name)).min();
        let Some(fit) = fits else { return };
        let item = Item { label: label.to_owned(), insert: insert.to_owned(), cursor, detail, kind, count };
        self.found.push((fit, item));
    }

    /// Values that are strings.
    fn strings(&mut self, values: &Counted, kind: ItemKind) {
        for (value, count) in values.iter() {
            if fit(&self.wanted, value).is_some() {
                let quoted = lexer::quoted(value);
                self.add(value, &quoted, quoted.len(), kind, "", Some(count));
            }
        }
    }

    /// Values that stand as they are.
    fn seen(&mut self, values: &Counted) {
        self.words(values.iter().map(|(value, count)| (value, Some(count))));
    }

    fn words<'a>(&mut self, values: impl Iterator<Item = (&'a str, Option<u64>)>) {
        for (value, count) in values {
            self.add(value, value, value.len(), ItemKind::Value, "", count);
        }
    }

    fn finish(self, span: Span) -> Completions {
        let rank = |kind: ItemKind| match kind {
            ItemKind::Keyword | ItemKind::Function => 0,
            ItemKind::Service => 1,
            ItemKind::Annotation | ItemKind::Value => 2,
            ItemKind::Operator => 3,
        };
        // Words of the language first where both fit; an empty wish asks for values first.
        let total = self.found.len();
        let places = order::places(total, &mut |one, other| {
            let ((fit, one), (other_fit, other)) = (&self.found[one], &self.found[other]);
            (fit, rank(one.kind)).cmp(&(other_fit, rank(other.kind))).then_with(|| {
                other
                    .count
                    .unwrap_or(0)
                    .cmp(&one.count.unwrap_or(0))
                    .then_with(|| one.label.len().cmp(&other.label.len()))
            })
        });
        let items = places.into_iter().take(MOST_ITEMS).map(|place| self.found[place].1.clone()).collect();
        Completions { span, items, total }
    }
}
