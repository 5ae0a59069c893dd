//! What may stand at the cursor, from the tokens before it.

use crate::{
    assist::border,
    keyword::{self, Field, Scope},
    lexer::{self, Op, Token, TokenKind},
    problem::{Problems, Span},
    tree::{Category, Level},
};

/// What a comparison is about.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Subject {
    Field(Field),
    /// An annotation, by its key.
    Annotation(String),
    Group,
}

/// Something with arguments in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Service,
    Edge,
    Id,
}

/// What may stand at a place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expect {
    /// A condition.
    Condition,
    /// A comparison; after a boolean, AND and OR as well.
    Operator(Subject),
    Value(Subject, Op),
    /// AND, OR, or the end of what is open.
    Connective,
    /// Braces after a selector, AND, OR.
    Body,
    /// The bracket of a call.
    Bracket(Call),
    /// An argument of `service` or `edge`: which one, and the first one's name.
    Argument(Call, usize, Option<String>),
    /// A comma, or the end of the call.
    AfterArgument(Call, usize, Option<String>),
    /// The name of a part of `id`.
    Part,
    /// The colon after it.
    Colon(Part),
    PartValue(Part),
    AfterPart,
    /// The key of an annotation.
    Key,
}

/// The parts of `id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Name,
    Type,
    Account,
}

/// What is being written at the cursor.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Partial {
    /// Nothing yet.
    None,
    /// A word or a number, as far as it stands before the cursor.
    Word(String),
    /// A string without its end; what is in it so far.
    Text(String),
    /// A key in square brackets.
    Key(String),
}

/// The place of a cursor.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub(super) expect: Expect,
    pub(super) scope: Scope,
    pub(super) partial: Partial,
    /// What stands at the cursor as a whole, to be replaced.
    pub(super) span: Span,
    /// The calls that are open: where the bracket opened, and which argument this is.
    pub(super) calls: Vec<(Call, usize)>,
}

enum Frame {
    /// Brackets around conditions, or braces.
    Scope {
        scope: Scope,
        is_brace: bool,
    },
    Call {
        call: Call,
        argument: usize,
        first: Option<String>,
    },
}

struct Walk {
    expect: Expect,
    frames: Vec<Frame>,
    /// The scope of braces that may follow.
    next_scope: Scope,
}

impl Context {
    /// The context of a cursor, which is moved to a border of characters.
    pub(super) fn at(text: &str, cursor: usize) -> Self {
        let cursor = border(text, cursor);
        let before = &text[..cursor];
        let mut problems = Problems::default();
        let mut tokens = lexer::tokens(before, &mut problems);
        let (partial, span) = partial(text, cursor, &mut tokens);
        let mut walk = Walk { expect: Expect::Condition, frames: Vec::new(), next_scope: Scope::Trace };
        for token in &tokens {
            walk.take(before, token);
        }
        let calls = walk.frames.iter().filter_map(|frame| match frame {
            Frame::Call { call, argument, .. } => Some((*call, *argument)),
            Frame::Scope { .. } => None,
        });
        Self { scope: walk.scope(), calls: calls.collect(), expect: walk.expect, partial, span }
    }
}

/// Takes what is being written off the tokens.
fn partial(text: &str, cursor: usize, tokens: &mut Vec<Token>) -> (Partial, Span) {
    let before = &text[..cursor];
    let nothing = (Partial::None, cursor..cursor);
    let Some(last) = tokens.last().filter(|last| last.span.end == cursor) else { return nothing };
    let (start, written) = (last.span.start, &before[last.span.clone()]);
    let found = match &last.kind {
        TokenKind::Text(inner) if !is_closed(written) => {
            // A string that goes on behind the cursor is replaced as a whole, if it ends in the same line of thought.
            let rest = &text[cursor..];
            let end = rest.find('"').filter(|end| !rest[..*end].contains(['{', '}', '(', ')', '\n', '=']));
            (Partial::Text(inner.clone()), start..end.map_or(cursor, |end| cursor + end + 1))
        }
        TokenKind::Key(inner) if !written.ends_with(']') => {
            let rest = &text[cursor..];
            let word = rest.find(|letter| !lexer::is_word(letter)).unwrap_or(rest.len());
            let end = cursor + word + usize::from(rest[word..].starts_with(']'));
            (Partial::Key(inner.clone()), start..end)
        }
        TokenKind::Word | TokenKind::Number(_) | TokenKind::And | TokenKind::Or | TokenKind::Not
            if written.starts_with(lexer::is_word) =>
        {
            let rest = &text[cursor..];
            let end = cursor + rest.find(|letter| !lexer::is_word(letter)).unwrap_or(rest.len());
            (Partial::Word(written.to_owned()), start..end)
        }
        TokenKind::Compare(_) if written.starts_with(lexer::is_word) => {
            (Partial::Word(written.to_owned()), start..cursor)
        }
        _ => return nothing,
    };
    tokens.pop();
    found
}

/// Whether a string has its closing quote.
fn is_closed(written: &str) -> bool {
    let mut escaped = false;
    let mut letters = written.chars().skip(1).peekable();
    while let Some(letter) = letters.next() {
        if letter == '"' && !escaped {
            return letters.peek().is_none();
        }
        escaped = letter == '\\' && !escaped;
    }
    // Quotes of other languages are closed wherever they are tokens.
    !written.starts_with('"')
}

impl Walk {
    fn scope(&self) -> Scope {
        let scope = self.frames.iter().rev().find_map(|frame| match frame {
            Frame::Scope { scope, .. } => Some(*scope),
            Frame::Call { .. } => None,
        });
        scope.unwrap_or(Scope::Trace)
    }

    fn take(&mut self, text: &str, token: &Token) {
        let expect = std::mem::replace(&mut self.expect, Expect::Connective);
        self.expect = match &token.kind {
            TokenKind::Word => self.word(&text[token.span.clone()], expect),
            TokenKind::Key(key) => Expect::Operator(Subject::Annotation(key.clone())),
            TokenKind::Compare(op) => match expect {
                Expect::Operator(subject) => Expect::Value(subject, *op),
                other => other,
            },
            TokenKind::And | TokenKind::Or | TokenKind::Not => Expect::Condition,
            TokenKind::Text(value) => match expect {
                Expect::Argument(call, argument, first) => {
                    Expect::AfterArgument(call, argument, first.or_else(|| Some(value.clone())))
                }
                Expect::PartValue(part) => {
                    if let (Part::Name, Some(Frame::Call { first, .. })) = (part, self.frames.last_mut()) {
                        *first = Some(value.clone());
                    }
                    Expect::AfterPart
                }
                _ => Expect::Connective,
            },
            TokenKind::Open => self.open(&expect),
            TokenKind::Close => self.close(),
            TokenKind::OpenBrace => {
                let scope = std::mem::replace(&mut self.next_scope, Scope::Trace);
                self.frames.push(Frame::Scope { scope, is_brace: true });
                Expect::Condition
            }
            TokenKind::CloseBrace => {
                while let Some(frame) = self.frames.pop() {
                    if matches!(frame, Frame::Scope { is_brace: true, .. }) {
                        break;
                    }
                }
                Expect::Connective
            }
            TokenKind::Comma => match (expect, self.frames.last_mut()) {
                (_, Some(Frame::Call { call: Call::Id, argument, .. })) => {
                    *argument += 1;
                    Expect::Part
                }
                (expect, Some(Frame::Call { call, argument, first })) => {
                    *argument += 1;
                    if let Expect::AfterArgument(_, _, name) = expect {
                        *first = first.take().or(name);
                    }
                    Expect::Argument(*call, *argument, first.clone())
                }
                (expect, _) => expect,
            },
            TokenKind::Colon => match expect {
                Expect::Colon(part) => Expect::PartValue(part),
                other => other,
            },
            TokenKind::Number(_) | TokenKind::Json(_) => Expect::Connective,
            TokenKind::Noise => expect,
        };
    }

    fn word(&mut self, written: &str, expect: Expect) -> Expect {
        let word = written.to_ascii_lowercase();
        match expect {
            Expect::Argument(call, argument, first) if word == "id" => {
                self.expect_id(call, argument, first);
                return Expect::Bracket(Call::Id);
            }
            Expect::Part => {
                return match word.as_str() {
                    "name" => Expect::Colon(Part::Name),
                    "type" => Expect::Colon(Part::Type),
                    "account.id" => Expect::Colon(Part::Account),
                    _ => Expect::Part,
                };
            }
            // A word that stands for a string.
            Expect::Value(..) => return Expect::Connective,
            Expect::Argument(call, argument, first) => {
                return Expect::AfterArgument(call, argument, first.or_else(|| Some(written.to_owned())));
            }
            Expect::PartValue(_) => return Expect::AfterPart,
            _ => {}
        }
        if let Some(key) = annotation_key(&word) {
            // In its own case; the word is as long in lower case.
            let key = &written[written.len() - key.len()..];
            return if key.is_empty() { Expect::Key } else { Expect::Operator(Subject::Annotation(key.to_owned())) };
        }
        match word.as_str() {
            "service" => Expect::Bracket(Call::Service),
            "edge" => Expect::Bracket(Call::Edge),
            "group.name" | "group.arn" | "groupname" => Expect::Operator(Subject::Group),
            _ => match (root_cause(&word), keyword::find(&word)) {
                (Some(scope), _) => {
                    self.next_scope = scope;
                    Expect::Body
                }
                (None, Some(keyword)) => Expect::Operator(Subject::Field(keyword.field)),
                (None, None) => Expect::Connective,
            },
        }
    }

    /// Keeps what is known of the call around an `id`.
    fn expect_id(&mut self, call: Call, argument: usize, first: Option<String>) {
        if let Some(Frame::Call { call: open, argument: at, first: name }) = self.frames.last_mut()
            && *open == call
        {
            (*at, *name) = (argument, first);
        }
    }

    fn open(&mut self, expect: &Expect) -> Expect {
        match expect {
            Expect::Bracket(Call::Id) => {
                self.frames.push(Frame::Call { call: Call::Id, argument: 0, first: None });
                Expect::Part
            }
            Expect::Bracket(call) => {
                self.frames.push(Frame::Call { call: *call, argument: 0, first: None });
                Expect::Argument(*call, 0, None)
            }
            _ => {
                let scope = self.scope();
                self.frames.push(Frame::Scope { scope, is_brace: false });
                Expect::Condition
            }
        }
    }

    fn close(&mut self) -> Expect {
        match self.frames.pop() {
            Some(Frame::Call { call: Call::Id, first: name, .. }) => match self.frames.last() {
                Some(Frame::Call { call, argument, first }) => {
                    Expect::AfterArgument(*call, *argument, first.clone().or(name))
                }
                _ => Expect::Connective,
            },
            Some(Frame::Call { call, .. }) => {
                self.next_scope = if call == Call::Edge { Scope::Edge } else { Scope::Service };
                Expect::Body
            }
            Some(brace @ Frame::Scope { is_brace: true, .. }) => {
                // This bracket closes nothing; the brace is still open.
                self.frames.push(brace);
                Expect::Connective
            }
            _ => Expect::Connective,
        }
    }
}

/// The key in `annotation.key`; empty where it is still to come, `None` of other words.
pub(super) fn annotation_key(word: &str) -> Option<&str> {
    let rest = ["source.", "destination."].into_iter().find_map(|side| word.strip_prefix(side)).unwrap_or(word);
    let rest = rest.strip_prefix("annotation")?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('.') }
}

/// The scope of the braces after `rootcause.fault.service` and the like.
fn root_cause(word: &str) -> Option<Scope> {
    let mut parts = word.strip_prefix("rootcause.")?.split('.');
    let (category, level) = (parts.next()?, parts.next()?);
    let all = [Category::Fault, Category::Error, Category::ResponseTime];
    let category = all.into_iter().find(|other| other.word() == category)?;
    let levels = [Level::Service, Level::Entity, Level::Exception];
    Some(match (category, levels.into_iter().find(|other| other.word() == level)?) {
        (_, Level::Service) => Scope::CauseService,
        (Category::ResponseTime, Level::Entity) => Scope::TimedEntity,
        (_, Level::Entity) => Scope::CauseEntity,
        (_, Level::Exception) => Scope::CauseException,
    })
}
