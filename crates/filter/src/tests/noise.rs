//! Any text is read without a panic, and what is right comes back from its print.

use proptest::prelude::*;

use super::{facts, filter};
use crate::{
    Mode,
    assist::form::read,
    compile,
    keyword::{Flag, Number, Text},
    shape::{CauseShape, EntityShape, ExceptionShape, ServiceShape},
    tree::{AnnotationTest, Category, Expr, Kind, Level, MOST_LEVELS, Match, NodeRef, Order, Side},
};

/// Pieces of expressions, right and wrong.
const PIECES: [&str; 60] = [
    "ok",
    "fault",
    "!",
    "NOT ",
    " AND ",
    " OR ",
    "(",
    ")",
    "{",
    "}",
    "service",
    "edge",
    "service(\"a\")",
    "edge(\"a\",\"b\")",
    "id(",
    "name:",
    "\"x\"",
    ",",
    "=",
    "!=",
    "<",
    ">=",
    " CONTAINS ",
    "duration",
    "http.url",
    "5",
    "-1.5e3",
    "200ms",
    "annotation.a",
    "annotation[a.b]",
    "annotation[",
    "]",
    "rootcause.fault.service",
    "rootcause.responsetime.entity",
    "rootcause.json",
    "#[{",
    "}]",
    "#[{}]",
    "\"",
    "\\",
    "\\u12",
    "'",
    "“",
    "é",
    "😀",
    "\0",
    "\n",
    " ",
    "group.name",
    "true",
    "user",
    "type",
    "last",
    "coverage",
    ":",
    "&&",
    "==",
    "%",
    "\u{202e}",
    "source.annotation.x",
];

proptest! {
    #[test]
    fn any_text_is_read(text in any::<String>(), strict in any::<bool>()) {
        settles(&text, strict)?;
    }

    #[test]
    fn any_pieces_are_read(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40), strict in any::<bool>()) {
        settles(&pieces.concat(), strict)?;
    }

    #[test]
    fn a_damaged_expression_is_read(at in any::<prop::sample::Index>(), letter in any::<char>()) {
        let text = "service(id(name: \"é\", type: \"AWS::Lambda\")) { fault OR responsetime > 2.5 } AND annotation[a.b] = \"ü\" \
                    !http.url BEGINSWITH \"http://\" rootcause.json = #[{\"Services\": [{\"Name\": \"x\"}]}]";
        let mut letters: Vec<char> = text.chars().collect();
        let place = at.index(letters.len());
        letters[place] = letter;
        settles(&letters.into_iter().collect::<String>(), true)?;
    }

    #[test]
    fn what_is_printed_reads_the_same(tree in tree()) {
        let printed = printed(&tree);
        let read = compile(&printed, Mode::Strict);
        prop_assert!(read.is_ok(), "{}: {:#?}", printed, read);
        let read = read.unwrap();
        prop_assert_eq!(read.tree(), &tree, "{}", printed);
        prop_assert_eq!(read.to_string(), printed);
    }

    #[test]
    fn rows_say_the_same(tree in tree()) {
        let text = printed(&tree);
        if let Ok(rows) = read(&text) {
            prop_assert_eq!(compile(&rows.text(), Mode::Strict), compile(&text, Mode::Strict));
        }
    }

    #[test]
    fn both_hold_when_and_joins_them(one in condition(Scope::Trace), other in condition(Scope::Trace), seed in 0_u64..9) {
        let facts = facts(DRAWINGS[seed as usize % DRAWINGS.len()]);
        let (one, other) = (filter(&printed(&one)), filter(&printed(&other)));
        let both = one.matches(&facts) && other.matches(&facts);
        let joined = one.and(other);
        prop_assert_eq!(joined.matches(&facts), both);
        prop_assert_eq!(filter(&joined.to_string()), joined);
    }
}

const DRAWINGS: [&str; 3] = [
    "front 0..9 fault user=a @a=1",
    "front 0..90 404\n  back 1..80 remote error\n    > back 2..79 origin=AWS::Lambda !E=x",
    "back 0..9 parent=ff",
];

/// Reads a text and checks what holds for any: places are on borders of characters, in order, and bounded; what is right
/// can be asked and comes back from its print.
fn settles(text: &str, strict: bool) -> Result<(), TestCaseError> {
    match compile(text, if strict { Mode::Strict } else { Mode::Lenient }) {
        Err(problems) => {
            prop_assert!(!problems.is_empty() && problems.len() <= crate::MOST_PROBLEMS);
            prop_assert!(problems.is_sorted_by_key(|problem| problem.span.start));
            for problem in problems {
                prop_assert!(text.get(problem.span.clone()).is_some(), "{:?}", problem);
                if let Some(fix) = problem.fix {
                    prop_assert!(text.get(fix.span.clone()).is_some(), "{:?}", fix);
                }
            }
        }
        Ok(filter) => {
            for drawing in DRAWINGS {
                let _: bool = filter.matches(&facts(drawing));
            }
            let again = compile(&filter.to_string(), Mode::Strict);
            prop_assert_eq!(again.as_ref(), Ok(&filter), "{}", filter);
        }
    }
    Ok(())
}

fn printed(tree: &Expr) -> String {
    struct Printed<'a>(&'a Expr);
    impl std::fmt::Display for Printed<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            crate::print::expression(self.0, f)
        }
    }
    Printed(tree).to_string()
}

#[derive(Clone, Copy, PartialEq)]
enum Scope {
    Trace,
    Service,
    Edge,
    Entity,
}

fn expr(kind: Kind) -> Expr {
    Expr { kind, span: 0..0 }
}

fn tree() -> impl Strategy<Value = Expr> {
    prop_oneof![Just(expr(Kind::Everything)), condition(Scope::Trace)]
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,4}", "[a-zA-Z0-9_.:/ \"\\\\\\]\\[é😀\n-]{0,9}", any::<String>()]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9_]{1,6}",
        "[a-z]{1,3}\\.[a-z.]{1,4}",
        word().prop_filter("a key is not empty", |key| !key.is_empty())
    ]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![(-1000_i32..1000).prop_map(|n| f64::from(n) / 8.0), prop::num::f64::NORMAL, Just(0.0), Just(-0.0)]
}

fn order() -> impl Strategy<Value = Order> {
    prop::sample::select(
        &[Order::Equal, Order::NotEqual, Order::Less, Order::AtMost, Order::Greater, Order::AtLeast][..],
    )
}

fn how() -> impl Strategy<Value = Match> {
    prop::sample::select(&[Match::Equal, Match::NotEqual, Match::Contains, Match::BeginsWith, Match::EndsWith][..])
}

fn node() -> impl Strategy<Value = NodeRef> {
    let part = || prop::option::of(word());
    (part(), part(), part())
        .prop_map(|(name, kind, account_id)| NodeRef { name, kind, account_id })
        .prop_filter("a node is named somehow", |node| *node != NodeRef::default())
}

fn annotation(side: Side) -> impl Strategy<Value = Kind> {
    let test = prop_oneof![
        Just(AnnotationTest::Present),
        (how(), word()).prop_map(|(how, text)| AnnotationTest::Text(how, text)),
        (order(), number()).prop_map(|(order, value)| AnnotationTest::Number(order, value)),
        any::<bool>().prop_map(AnnotationTest::Boolean),
    ];
    (key(), test).prop_map(move |(key, test)| Kind::Annotation { side, key, test })
}

fn leaf(scope: Scope) -> BoxedStrategy<Kind> {
    let (flags, numbers, texts): (&'static [Flag], &'static [Number], &'static [Text]) = match scope {
        Scope::Trace => (
            &[Flag::Ok, Flag::Fault, Flag::Partial, Flag::Inferred],
            &[Number::Duration, Number::HttpStatus],
            &[Text::HttpUrl, Text::User, Text::AccountId],
        ),
        Scope::Service => (&[Flag::Error, Flag::Root], &[Number::ResponseTime], &[Text::Name, Text::Type]),
        Scope::Edge => (&[Flag::Throttle], &[Number::ResponseTime], &[Text::HttpMethod]),
        Scope::Entity => (&[Flag::First, Flag::Last, Flag::Remote], &[Number::Index, Number::Coverage], &[Text::Name]),
    };
    let flag = (prop::sample::select(flags), any::<bool>()).prop_map(|(flag, value)| Kind::Flag(flag, value));
    let number = (prop::sample::select(numbers), prop::option::of((order(), number())))
        .prop_map(|(field, test)| Kind::Number(field, test));
    let text = (prop::sample::select(texts), prop::option::of((how(), word())))
        .prop_map(|(field, test)| Kind::Text(field, test));
    match scope {
        Scope::Entity => prop_oneof![flag, number, text].boxed(),
        Scope::Edge => {
            let other = prop_oneof![annotation(Side::Source), annotation(Side::Destination)];
            prop_oneof![flag, number, text, annotation(Side::Own), other].boxed()
        }
        _ => prop_oneof![flag, number, text, annotation(Side::Own)].boxed(),
    }
}

fn shape() -> impl Strategy<Value = CauseShape> {
    let text = || prop::option::of(word());
    let boolean = || prop::option::of(any::<bool>());
    let exception = (text(), text()).prop_map(|(name, message)| ExceptionShape { name, message });
    let exceptions = prop::option::of(prop::collection::vec(exception, 0..3));
    let entity = (text(), boolean(), prop::option::of(number()), exceptions)
        .prop_map(|(name, remote, coverage, exceptions)| EntityShape { name, remote, coverage, exceptions });
    let path = prop::option::of(prop::collection::vec(entity, 0..3));
    let names = prop::option::of(prop::collection::vec(word(), 0..3));
    let service = (text(), names, text(), text(), boolean(), path).prop_map(
        |(name, names, kind, account_id, inferred, entity_path)| ServiceShape {
            name,
            names,
            kind,
            account_id,
            inferred,
            entity_path,
        },
    );
    (prop::option::of(prop::collection::vec(service, 0..3)), boolean())
        .prop_map(|(services, client_impacting)| CauseShape { services, client_impacting })
}

fn condition(scope: Scope) -> BoxedStrategy<Expr> {
    let leaf = if scope == Scope::Trace {
        let body = |scope| prop::option::of(condition(scope).prop_map(Box::new));
        let service =
            (prop::option::of(node()), body(Scope::Service)).prop_map(|(node, body)| Kind::Service { node, body });
        let edge =
            (prop::option::of((node(), node())), body(Scope::Edge)).prop_map(|(ends, body)| Kind::Edge { ends, body });
        let cause = condition(Scope::Entity).prop_map(|body| Kind::RootCause {
            category: Category::ResponseTime,
            level: Level::Entity,
            body: Box::new(body),
        });
        let json = (any::<bool>(), shape()).prop_map(|(is, shape)| Kind::RootCauseJson { is, shapes: vec![shape] });
        prop_oneof![4 => leaf(scope), 1 => service, 1 => edge, 1 => cause, 1 => json].boxed()
    } else {
        leaf(scope)
    };
    leaf.prop_map(expr)
        .prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| Expr::and(parts).unwrap()),
                prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| Expr::or(parts).unwrap()),
                inner.prop_map(|inner| expr(Kind::Not(Box::new(inner)))),
            ]
        })
        .boxed()
}

#[test]
fn depth_is_bounded_and_brackets_alone_are_no_depth() {
    for many in [10_000, 100_000] {
        let text = format!("{}fault{}", "(".repeat(many), ")".repeat(many));
        assert_eq!(filter(&text), filter("fault"));
        for text in [
            "!".repeat(many) + "fault",
            "!(".repeat(many) + "fault" + &")".repeat(many),
            "(".repeat(many),
            ")".repeat(many),
            "service{".repeat(many),
            "service(id(".repeat(many),
            "[".repeat(many),
            "#[".repeat(many),
            "(ok OR (ok AND ".repeat(many) + "ok" + &"))".repeat(many),
        ] {
            assert!(compile(&text, Mode::Lenient).is_err());
        }
        let wide = filter(&"fault OR ".repeat(many).add("ok"));
        assert!(wide.matches(&facts("front 0..9")));
    }
    let deepest = "!".repeat(MOST_LEVELS) + "fault";
    assert!(filter(&deepest).matches(&facts("front 0..9 fault")));
    let problems = compile(&format!("!{deepest}"), Mode::Lenient).unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
}

use std::ops::Add as _;
