//! Conditions that begin with a keyword: the keyword, and perhaps a comparison with a value.

use super::{
    Maybe, Operand, Parser,
    value::{Value, ValueKind},
};
use crate::{
    keyword::{self, Field, Scope},
    lexer::{self, Op, TokenKind},
    problem::Span,
    tree::{AnnotationTest, Expr, Kind, Match, Order, Side},
};

/// Words of other languages for comparisons.
const FOREIGN_COMPARISONS: [(&str, &str, Op); 10] = [
    ("STARTSWITH", "BEGINSWITH", Op::BeginsWith),
    ("STARTS_WITH", "BEGINSWITH", Op::BeginsWith),
    ("BEGINS_WITH", "BEGINSWITH", Op::BeginsWith),
    ("ENDS_WITH", "ENDSWITH", Op::EndsWith),
    ("LIKE", "CONTAINS", Op::Contains),
    ("MATCHES", "CONTAINS", Op::Contains),
    ("INCLUDES", "CONTAINS", Op::Contains),
    ("IS", "=", Op::Equal),
    ("EQ", "=", Op::Equal),
    ("EQUALS", "=", Op::Equal),
];

/// A comparison and its value, as they were written.
struct Comparison {
    op: Op,
    span: Span,
    value: Value,
}

/// What follows a keyword.
enum After {
    /// No comparison.
    Nothing,
    Comparison(Comparison),
    /// Something wrong, of which a problem tells.
    Broken,
}

impl Parser<'_> {
    /// Whatever begins with a word.
    pub(super) fn condition(&mut self) {
        let Some(span) = self.peek().map(|token| token.span.clone()) else { return };
        self.at += 1;
        let word = self.text[span.clone()].to_ascii_lowercase();
        let (side, rest) = if let Some(rest) = word.strip_prefix("source.annotation") {
            (Side::Source, Some(rest))
        } else if let Some(rest) = word.strip_prefix("destination.annotation") {
            (Side::Destination, Some(rest))
        } else {
            (Side::Own, word.strip_prefix("annotation"))
        };
        if let Some(rest) = rest.filter(|rest| rest.is_empty() || rest.starts_with('.')) {
            // The key's own case; the word is as long in lower case, which changed ASCII alone.
            let key = span.end - rest.len()..span.end;
            let operand = self.annotation(side, &span, key);
            return self.operand(operand);
        }
        match word.as_str() {
            "service" | "edge" => self.selector(word == "edge", span),
            "rootcause.json" | "json" => {
                let operand = self.root_cause_json(&span);
                self.operand(operand);
            }
            "group.name" | "group.arn" | "groupname" => {
                let operand = self.group(&span, word == "group.arn");
                self.operand(operand);
            }
            _ if word == "rootcause" || word.starts_with("rootcause.") => self.root_cause(span, &word),
            _ => {
                let operand = self.keyword(&span);
                self.operand(operand);
            }
        }
    }

    /// A keyword of the table.
    fn keyword(&mut self, span: &Span) -> Maybe {
        let scope = self.scope();
        let word = &self.text[span.clone()];
        let Some(keyword) = keyword::find(word) else {
            self.unknown(span);
            if let Some(TokenKind::Key(_)) = self.peek().map(|token| &token.kind) {
                self.at += 1;
            }
            self.after(span);
            return None;
        };
        let is_here = keyword.scopes.contains(&scope);
        if !is_here {
            let places: Vec<&str> = Scope::ALL
                .into_iter()
                .filter(|scope| keyword.scopes.contains(scope))
                // An entity of the response time's causes is one of the entities.
                .filter(|scope| *scope != Scope::TimedEntity || keyword.scopes.len() == 1)
                .map(Scope::place)
                .collect();
            self.problems.add(span.clone(), format!("{} can be asked {} only", keyword.name, either(&places)));
        }
        let after = self.after(span);
        let kind = match keyword.field {
            Field::Flag(flag) => Kind::Flag(flag, self.flag_test(keyword.name, after)?),
            Field::Number(number) => Kind::Number(number, self.number_test(keyword, after)?),
            Field::Text(text) => Kind::Text(text, self.text_test(keyword.name, after)?),
        };
        is_here.then(|| leaf(kind, span.start..self.end()))
    }

    /// `group.name = "…"` or `group.arn = "…"`.
    fn group(&mut self, span: &Span, by_arn: bool) -> Maybe {
        let keyword = if by_arn { "group.arn" } else { "group.name" };
        let is_here = self.scope() == Scope::Trace;
        if !is_here {
            self.problems.add(span.clone(), format!("{keyword} can be asked {} only", Scope::Trace.place()));
        }
        let after = self.after(span);
        let Some((how, name)) = self.text_test(keyword, after)? else {
            self.problems.add(span.clone(), format!("{keyword} needs a group: {keyword} = \"…\""));
            return None;
        };
        if !matches!(how, Match::Equal | Match::NotEqual) {
            self.problems.add(span.start..self.end(), format!("{keyword} compares with = and != alone"));
            return None;
        }
        let kind = Kind::Group { by_arn, name, is: how == Match::Equal, body: None };
        is_here.then(|| leaf(kind, span.start..self.end()))
    }

    fn unknown(&mut self, span: &Span) {
        let word = &self.text[span.clone()];
        if ["true", "false"].iter().any(|boolean| boolean.eq_ignore_ascii_case(word)) {
            let message = format!("{word} needs a keyword before it, such as fault = {word}");
            return self.problems.add(span.clone(), message);
        }
        let annotation = word.get(..12).filter(|start| start.eq_ignore_ascii_case("annotations."));
        let meant = match annotation {
            Some(_) => Some(format!("annotation.{}", &word[12..])),
            None => keyword::meant(word, self.scope()).map(str::to_owned),
        };
        match meant {
            Some(meant) => {
                let message = format!("{word} is no keyword: did you mean {meant}?");
                self.problems.replace(span.clone(), message, meant);
            }
            None => self.problems.add(span.clone(), format!("{word} is no keyword")),
        }
    }

    /// The comparison that follows a field, and its value.
    fn after(&mut self, field: &Span) -> After {
        let Some(next) = self.peek() else { return After::Nothing };
        let (kind, span) = (next.kind.clone(), next.span.clone());
        let following = self.tokens.get(self.at + 1).map(|token| &token.kind);
        let is_value = |kind: Option<&TokenKind>| matches!(kind, Some(TokenKind::Text(_) | TokenKind::Number(_)));
        let op = match kind {
            TokenKind::Compare(op) => {
                self.foreign_sign();
                self.at += 1;
                op
            }
            TokenKind::Not if matches!(following, Some(TokenKind::Compare(_))) => {
                let comparison = self.tokens[self.at + 1].span.clone();
                self.at += 2;
                let (field_text, sign) = (&self.text[field.clone()], &self.text[comparison.clone()]);
                let fix = format!("NOT {field_text} {sign}");
                self.problems.replace(field.start..comparison.end, "NOT stands before the keyword", fix);
                self.skip_value();
                return After::Broken;
            }
            TokenKind::Word if is_value(following) => {
                let word = &self.text[span.clone()];
                let foreign = FOREIGN_COMPARISONS.iter().find(|(foreign, ..)| foreign.eq_ignore_ascii_case(word));
                let Some((_, ours, op)) = foreign else { return After::Nothing };
                self.problems.replace(span.clone(), format!("write {ours} instead of {word}"), *ours);
                self.at += 1;
                *op
            }
            kind if is_value(Some(&kind)) => {
                let value = &self.text[span.clone()];
                let message = format!("a comparison is missing before {value}");
                self.problems.insert(span.clone(), message, span.start, "= ");
                self.at += 1;
                return After::Broken;
            }
            _ => return After::Nothing,
        };
        match self.value(&span) {
            Some(value) => After::Comparison(Comparison { op, span, value }),
            None => After::Broken,
        }
    }

    /// The value that a flag must have.
    fn flag_test(&mut self, name: &str, after: After) -> Option<bool> {
        let Comparison { op, span, value } = match after {
            After::Nothing => return Some(true),
            After::Broken => return None,
            After::Comparison(comparison) => comparison,
        };
        if !matches!(op, Op::Equal | Op::NotEqual) {
            self.problems.add(span, format!("{name} is true or false: it compares with = and != alone"));
            return None;
        }
        let boolean = self.boolean(&value);
        if boolean.is_none() {
            self.problems.add(value.span, format!("{name} compares with true or false"));
        }
        boolean.map(|boolean| boolean == (op == Op::Equal))
    }

    #[expect(clippy::option_option, reason = "no comparison is something else than a wrong one")]
    fn number_test(&mut self, keyword: &keyword::Keyword, after: After) -> Option<Option<(Order, f64)>> {
        let Comparison { op, span, value } = match after {
            After::Nothing => return Some(None),
            After::Broken => return None,
            After::Comparison(comparison) => comparison,
        };
        let name = keyword.name;
        let Some(order) = order(op) else {
            self.problems.add(span, format!("{name} is a number: it compares with =, !=, <, <=, > and >="));
            return None;
        };
        let number = self.number_value(name, Some(keyword.field), value)?;
        Some(Some((order, number)))
    }

    #[expect(clippy::option_option, reason = "no comparison is something else than a wrong one")]
    fn text_test(&mut self, name: &str, after: After) -> Option<Option<(Match, String)>> {
        let Comparison { op, span, value } = match after {
            After::Nothing => return Some(None),
            After::Broken => return None,
            After::Comparison(comparison) => comparison,
        };
        let Some(how) = text_match(op) else {
            let message = format!("{name} is a text: it compares with =, !=, CONTAINS, BEGINSWITH and ENDSWITH");
            self.problems.add(span, message);
            return None;
        };
        self.text_value(value).map(|text| Some((how, text)))
    }

    /// `annotation.key` or `annotation[key]`; the word holds `key` with its dot, which may be empty.
    fn annotation(&mut self, side: Side, word: &Span, key: Span) -> Maybe {
        let scope = self.scope();
        let mut is_right = true;
        let (allowed, place) = match side {
            Side::Own => (
                matches!(scope, Scope::Trace | Scope::Service | Scope::Edge),
                "of the trace as a whole or inside service() { … } or edge() { … }",
            ),
            _ => (scope == Scope::Edge, "inside edge() { … }"),
        };
        if !allowed {
            let name = &self.text[word.start..key.start];
            self.problems.add(word.clone(), format!("{name} can be asked {place} only"));
            is_right = false;
        }
        let dotted = self.text[key.clone()].strip_prefix('.').unwrap_or("").to_owned();
        let next = self.peek().map(|token| (token.kind.clone(), token.span.clone()));
        let key_text = match next {
            Some((TokenKind::Key(key), _)) if dotted.is_empty() => {
                self.at += 1;
                key
            }
            _ => dotted.clone(),
        };
        if key_text.is_empty() {
            let message = "an annotation needs a key: annotation.key or annotation[key]";
            self.problems.add(word.start..self.end(), message);
            is_right = false;
        } else if dotted.contains('.') {
            let bracketed = format!("{}{}", &self.text[word.start..key.start], crate::print::bracketed(&dotted));
            let message = "a key with dots stands in square brackets";
            self.problems.replace(word.clone(), message, bracketed);
            is_right = false;
        }
        let after = self.after(&(word.start..self.end()));
        let test = self.annotation_test(after)?;
        let kind = Kind::Annotation { side, key: key_text, test };
        is_right.then(|| leaf(kind, word.start..self.end()))
    }

    fn annotation_test(&mut self, after: After) -> Option<AnnotationTest> {
        let Comparison { op, span, value } = match after {
            After::Nothing => return Some(AnnotationTest::Present),
            After::Broken => return None,
            After::Comparison(comparison) => comparison,
        };
        let is_equality = matches!(op, Op::Equal | Op::NotEqual);
        if let (ValueKind::Word, Some(boolean)) = (&value.kind, self.boolean(&value)) {
            if !is_equality {
                self.problems.add(span, "true and false compare with = and != alone");
                return None;
            }
            return Some(AnnotationTest::Boolean(boolean == (op == Op::Equal)));
        }
        match (text_match(op), order(op)) {
            (_, Some(order)) if matches!(value.kind, ValueKind::Number(_)) || !is_equality => self
                .number_value(&format!("an annotation with {}", &self.text[span]), None, value)
                .map(|number| AnnotationTest::Number(order, number)),
            (Some(_), _) if !is_equality && matches!(value.kind, ValueKind::Number(_)) => {
                let word = &self.text[span];
                let text = lexer::quoted(&self.text[value.span.clone()]);
                self.problems.replace(value.span, format!("{word} compares with a string"), text);
                None
            }
            (Some(how), _) => self.text_value(value).map(|text| AnnotationTest::Text(how, text)),
            (None, _) => None,
        }
    }

    /// `rootcause.json = #[…]`.
    fn root_cause_json(&mut self, word: &Span) -> Maybe {
        let is_here = self.scope() == Scope::Trace;
        if !is_here {
            self.problems.add(word.clone(), format!("rootcause.json can be asked {} only", Scope::Trace.place()));
        }
        let comparison = match self.after(word) {
            After::Comparison(comparison) => comparison,
            After::Broken => return None,
            After::Nothing => {
                self.problems.add(word.clone(), "rootcause.json compares with JSON: rootcause.json = #[…]");
                return None;
            }
        };
        if !matches!(comparison.op, Op::Equal | Op::NotEqual) {
            self.problems.add(comparison.span, "rootcause.json compares with = and != alone");
            return None;
        }
        let ValueKind::Json(is_closed) = comparison.value.kind else {
            self.problems.add(comparison.value.span, "rootcause.json compares with JSON: rootcause.json = #[…]");
            return None;
        };
        if !is_closed {
            return None;
        }
        let shapes = super::json::shapes(self.text, comparison.value.span, &mut self.problems).filter(|_| is_here)?;
        let kind = Kind::RootCauseJson { is: comparison.op == Op::Equal, shapes };
        Some(leaf(kind, word.start..self.end()))
    }
}

/// An operand without operands of its own.
pub(super) fn leaf(kind: Kind, span: Span) -> Operand {
    Operand { expr: Expr { kind, span }, levels: 0 }
}

/// `a, b or c`.
fn either(places: &[&str]) -> String {
    match places {
        [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => places.concat(),
    }
}

fn order(op: Op) -> Option<Order> {
    Some(match op {
        Op::Equal => Order::Equal,
        Op::NotEqual => Order::NotEqual,
        Op::Less => Order::Less,
        Op::AtMost => Order::AtMost,
        Op::Greater => Order::Greater,
        Op::AtLeast => Order::AtLeast,
        Op::Contains | Op::BeginsWith | Op::EndsWith => return None,
    })
}

fn text_match(op: Op) -> Option<Match> {
    Some(match op {
        Op::Equal => Match::Equal,
        Op::NotEqual => Match::NotEqual,
        Op::Contains => Match::Contains,
        Op::BeginsWith => Match::BeginsWith,
        Op::EndsWith => Match::EndsWith,
        Op::Less | Op::AtMost | Op::Greater | Op::AtLeast => return None,
    })
}
