//! Help while writing: `|` is the cursor.

use model::{AnnotationValue, TraceId};
use proptest::prelude::*;

use crate::{
    Mode,
    assist::{
        Catalogue, Paint, Recognised, Severity, call, completions, diagnostics, format, hover, paint, recognise,
        signature,
    },
    compile,
};

/// A shop: what there is to be asked for.
fn shop() -> Catalogue {
    let mut catalogue = Catalogue::default();
    for (name, count) in [("shop", 900), ("payment", 40), ("shop-orders", 300), ("weather service", 2)] {
        catalogue.services.add(name, count);
    }
    catalogue.kinds.add("AWS::Lambda", 10);
    catalogue.edges.add(&call("shop", "payment"), 40);
    catalogue.edges.add(&call("shop", "shop-orders"), 300);
    catalogue.edges.add(&call("payment", "bank"), 39);
    let text = |text: &str| AnnotationValue::String(text.into());
    for (key, value) in [
        ("currency", text("EUR")),
        ("currency", text("EUR")),
        ("currency", text("USD")),
        ("items", AnnotationValue::Number(3.0)),
        ("express", AnnotationValue::Boolean(true)),
        ("cart.id", text("a \"b\"")),
    ] {
        catalogue.see_annotation(key, &value);
    }
    catalogue.methods.add("GET", 5);
    catalogue.methods.add("POST", 9);
    catalogue.statuses.add("502", 3);
    catalogue.users.add("alice", 1);
    catalogue.urls.add("https://shop.example.com/checkout", 4);
    catalogue
}

/// A text with its cursor taken out.
fn at(marked: &str) -> (String, usize) {
    let cursor = marked.find('|').expect("a cursor");
    (marked.replacen('|', "", 1), cursor)
}

/// The labels of the first proposals.
fn labels(marked: &str, count: usize) -> Vec<String> {
    let (text, cursor) = at(marked);
    completions(&text, cursor, &shop()).items.into_iter().take(count).map(|item| item.label).collect()
}

/// The text after a proposal was picked, with the cursor in it.
fn picked(marked: &str, label: &str) -> String {
    let (text, cursor) = at(marked);
    let found = completions(&text, cursor, &shop());
    let item = found.items.iter().find(|item| item.label == label);
    let item = item.unwrap_or_else(|| panic!("{label} is not among {:#?}", found.items));
    let insert = [&item.insert[..item.cursor], "|", &item.insert[item.cursor..]].concat();
    [&text[..found.span.start], &insert, &text[found.span.end..]].concat()
}

#[test]
fn what_may_stand_at_the_cursor_comes_first() {
    for (marked, expected) in [
        ("serv|", vec!["service( )", "service(\"shop\")"]),
        ("fau|", vec!["fault"]),
        ("service(\"shop\") { fau| }", vec!["fault"]),
        ("resp|", vec!["responsetime"]),
        ("stat|", vec!["http.status"]),
        ("shop|", vec!["service(\"shop\")", "service(\"shop-orders\")"]),
        ("http.method = |", vec!["POST", "GET"]),
        ("http.method = \"P|", vec!["POST"]),
        ("http.status |", vec!["=", "<"]),
        ("http.status = |", vec!["502"]),
        ("annotation.|", vec!["annotation.currency"]),
        ("curr|", vec!["annotation.currency"]),
        ("annotation[|", vec!["currency"]),
        ("annotation.currency = |", vec!["EUR", "USD"]),
        ("annotation.express = |", vec!["true"]),
        ("annotation[cart.id] = |", vec!["a \"b\""]),
        ("service(|", vec!["shop", "shop-orders"]),
        ("service(\"pay|", vec!["payment"]),
        ("service(id(|", vec!["name", "type"]),
        ("service(id(type: |", vec!["AWS::Lambda"]),
        ("edge(|", vec!["shop", "payment"]),
        ("edge(\"shop\", |", vec!["shop-orders", "payment"]),
        ("edge(\"payment\", \"|", vec!["bank"]),
        ("edge(id(name: \"payment\"), |", vec!["bank"]),
        ("service(\"shop\") |", vec!["{ }", "OR", "AND"]),
        ("fault = |", vec!["true", "false"]),
        ("duration > 5 |", vec!["OR", "AND"]),
        ("duration > 5 a|", vec!["AND"]),
        ("user = |", vec!["alice"]),
        ("ok AND us|", vec!["user"]),
        ("rootcause.fault.service { na| }", vec!["name"]),
        ("rootcause.responsetime.entity { cov|", vec!["coverage"]),
        ("(ok OR |", vec!["ok"]),
    ] {
        let found = labels(marked, 200);
        let first: Vec<&str> = found.iter().map(String::as_str).take(expected.len()).collect();
        let all = expected.iter().all(|label| first.contains(label) || found.iter().take(4).any(|it| it == label));
        assert!(first.first() == expected.first() || all, "{marked}: {expected:?} is not first in {first:?}");
        assert!(
            expected.iter().all(|label| found.iter().any(|it| it == label)),
            "{marked}: {expected:?} not in {found:?}"
        );
    }
    for (marked, absent) in [
        ("service() { service| }", "service( )"),
        ("service() { partial| }", "partial"),
        ("coverage|", "coverage"),
        ("http.url = \"|", "fault"),
        ("fault |", "CONTAINS"),
        ("http.url |", "<"),
    ] {
        assert!(!labels(marked, 200).iter().any(|label| label == absent), "{marked} must not offer {absent}");
    }
}

#[test]
fn a_newcomer_writes_a_filter_by_picking() {
    let text = picked("serv|", "service(\"shop\")");
    assert_eq!(text, "service(\"shop\") { | }");
    let text = picked(&text.replace('|', "fau|"), "fault");
    assert_eq!(text, "service(\"shop\") { fault| }");
    assert!(compile(&text.replace('|', ""), Mode::Strict).is_ok());
}

#[test]
fn what_is_picked_takes_the_place_of_what_stands_there() {
    for (marked, label, expected) in [
        ("ht|tp.url = \"x\"", "http.method", "http.method| = \"x\""),
        ("service(\"sh|op\") { fault }", "shop-orders", "service(\"shop-orders\"|) { fault }"),
        ("service(\"sh|) { fault }", "shop", "service(\"shop\"|) { fault }"),
        ("annotation[cu|", "currency", "annotation[currency]|"),
        ("annotation[ca|] = \"x\"", "cart.id", "annotation[cart.id]| = \"x\""),
        ("ok AND cart|", "annotation[cart.id]", "ok AND annotation[cart.id]|"),
        ("annotation[cart.id] = |", "a \"b\"", "annotation[cart.id] = \"a \\\"b\\\"\"|"),
        ("serv|(\"shop\")", "service( )", "service|(\"shop\")"),
        ("ed|", "edge( )", "edge(\"|\", \"\")"),
        ("duration |", ">", "duration > |"),
        ("é = 😀 AND f|", "fault", "é = 😀 AND fault|"),
    ] {
        assert_eq!(picked(marked, label), expected, "{marked}");
    }
}

#[test]
fn many_values_are_cut_and_counted() {
    let mut catalogue = Catalogue::default();
    for number in 0..5_000 {
        catalogue.users.add(&format!("user-{number}"), number);
    }
    let found = completions("user = \"user", 12, &catalogue);
    assert_eq!((found.items.len(), found.total), (200, 5_000));
    assert_eq!(found.items[0].label, "user-4999", "the most frequent one first");
}

#[test]
fn words_are_explained_where_they_stand() {
    for (marked, name) in [
        ("re|sponsetime > 5", Some("responsetime")),
        ("duration |>= 5", Some(">=")),
        ("ok a|nd fault", Some("AND")),
        ("|!ok", Some("NOT")),
        ("annotation.cu|rrency = 1", Some("annotation")),
        ("Service|(\"x\")", Some("service")),
        ("user = \"al|ice\"", None),
        ("nonse|nse", None),
        ("|", None),
    ] {
        let marked = marked.replace("Service|", "Servic|e");
        let (text, cursor) = at(&marked);
        assert_eq!(hover(&text, cursor).map(|hover| hover.doc.name), name, "{marked}");
    }
}

#[test]
fn every_keyword_is_explained_and_every_example_can_be_run() {
    for keyword in crate::keyword::KEYWORDS {
        assert!(crate::assist::docs::of(keyword.name).is_some(), "{}", keyword.name);
    }
    for doc in crate::assist::docs::ALL.iter().filter(|doc| doc.name != "group.name") {
        assert!(compile(doc.example, Mode::Strict).is_ok(), "{}", doc.example);
    }
}

#[test]
fn functions_tell_what_they_take() {
    for (marked, expected) in [
        ("service(|)", Some(("service", 0))),
        ("edge(\"a\", |", Some(("edge", 1))),
        ("edge(\"a\"|", Some(("edge", 0))),
        ("service(id(name: \"a\", |", Some(("id", 1))),
        ("service(\"a\") { |", None),
        ("(ok|", None),
    ] {
        let (text, cursor) = at(marked);
        let found = signature(&text, cursor);
        assert_eq!(found.map(|found| (found.name, found.active)), expected, "{marked}");
    }
}

#[test]
fn colours_follow_the_words() {
    let text = "service(\"a\") { fault } AND bogus > 1.5";
    let found: Vec<(&str, Paint)> = paint(text).into_iter().map(|it| (&text[it.span], it.paint)).collect();
    let expected = [
        ("service", Paint::Function),
        ("(", Paint::Sign),
        ("\"a\"", Paint::Text),
        (")", Paint::Sign),
        ("{", Paint::Sign),
        ("fault", Paint::Keyword),
        ("}", Paint::Sign),
        ("AND", Paint::Operator),
        ("bogus", Paint::Unknown),
        (">", Paint::Operator),
        ("1.5", Paint::Number),
    ];
    assert_eq!(found, expected);
}

#[test]
fn traps_are_told_with_what_to_write_instead() {
    for (text, words, fixed) in [
        ("fault", "first segment only", Some("service() { fault }")),
        ("!error", "first segment only", Some("!service() { error }")),
        ("shop", "is a service", Some("service(\"shop\")")),
        ("ok AND Payment", "is a service", Some("ok AND service(\"payment\")")),
        ("\"weather service\"", "is a service", Some("service(\"weather service\")")),
        ("responsetime > 500", "in seconds", Some("responsetime > 0.5")),
        ("service() { duration >= 1500 }", "in seconds", Some("service() { duration >= 1.5 }")),
        ("user != \"bob\"", "do not match", Some("!(user = \"bob\")")),
        ("annotation.cart.id = \"x\"", "square brackets", Some("annotation[cart.id] = \"x\"")),
        ("annotation.items = \"3\"", "never matches", Some("annotation.items = 3")),
        ("annotation.currency = 3", "never matches", Some("annotation.currency = \"3\"")),
        ("ok AND partial OR root", "root", None),
        ("ok AND partial OR duration > 1", "closer than OR", Some("(ok AND partial) OR duration > 1")),
    ] {
        let found = diagnostics(text, Mode::Lenient, &shop());
        let told = found.iter().find(|diagnostic| diagnostic.message.contains(words));
        let told = told.unwrap_or_else(|| panic!("{text}: {found:#?}"));
        if let Some(fixed) = fixed {
            let fix = told.fix.clone().unwrap_or_else(|| panic!("{text}: no fix"));
            assert_eq!(fix.apply(text), fixed);
            let after = diagnostics(fixed, Mode::Lenient, &shop());
            assert!(!after.iter().any(|other| other.message == told.message), "{fixed}: {after:#?}");
        }
    }
    for text in [
        "",
        "ok",
        "service() { fault }",
        "service(\"shop\") { error OR fault }",
        "responsetime > 0.5",
        "(ok AND partial) OR duration > 1",
        "annotation.items = 3",
        "annotation.currency = \"EUR\" AND user = \"shop\"",
        "rootcause.fault.service { name = \"shop\" }",
    ] {
        let found = diagnostics(text, Mode::Lenient, &shop());
        assert!(found.is_empty(), "{text}: {found:#?}");
    }
    assert!(diagnostics("fault", Mode::Lenient, &shop()).iter().all(|it| it.severity == Severity::Warning));
    assert!(diagnostics("fault =", Mode::Lenient, &shop()).iter().any(|it| it.severity == Severity::Error));
}

#[test]
fn ids_are_recognised_in_every_form() {
    let id: TraceId = "1-5759e988-bd862e3fe1be46a994272793".parse().unwrap();
    for text in [
        "1-5759e988-bd862e3fe1be46a994272793",
        " \"1-5759e988-bd862e3fe1be46a994272793\" ",
        "5759e988bd862e3fe1be46a994272793",
        "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01",
        "X-Amzn-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#xray:traces/1-5759e988-bd862e3fe1be46a994272793?~(x)",
        "https://console.aws.amazon.com/xray/home?region=us-east-1#/traces/1-5759e988-bd862e3fe1be46a994272793",
        "1-5759e988-bd862e3fe1be46a994272793, 1-5759e988-bd862e3fe1be46a994272793",
    ] {
        assert_eq!(recognise(text), Some(Recognised::Trace(id)), "{text}");
    }
    let two = "1-5759e988-bd862e3fe1be46a994272793\n1-5759e988-bd862e3fe1be46a994272794";
    assert!(matches!(recognise(two), Some(Recognised::Traces(ids)) if ids.len() == 2));
    for text in
        ["", "fault", "1-5759e988", "service(\"1-5759e988-bd862e3fe1be46a994272793\")", "https://example.com/traces/"]
    {
        assert_eq!(recognise(text), None, "{text}");
    }
}

#[test]
fn what_is_seen_becomes_a_condition_that_joins_any_expression() {
    use crate::assist::narrow::{has_call, has_service, is_annotated, is_status, is_text, narrow, within};
    let text = |text: &str| AnnotationValue::String(text.into());
    for (expression, condition, out, expected) in [
        ("", is_text("user", "a \"b\""), false, Some("user = \"a \\\"b\\\"\"")),
        ("ok OR partial", is_text("http.method", "GET"), false, Some("(ok OR partial) AND http.method = \"GET\"")),
        ("ok", is_annotated("tier", &text("gold")), true, Some("ok AND !(annotation.tier = \"gold\")")),
        ("", is_annotated("cart.id", &AnnotationValue::Number(7.5)), false, Some("annotation[cart.id] = 7.5")),
        ("", is_annotated("express", &AnnotationValue::Boolean(false)), true, Some("!(annotation.express = false)")),
        ("fault", has_service("shop", ""), true, Some("fault AND !service(\"shop\")")),
        (
            "ok",
            has_service("shop", "AWS::Lambda"),
            false,
            Some("ok AND service(id(name: \"shop\", type: \"AWS::Lambda\"))"),
        ),
        (
            "",
            has_call(("shop", ""), ("p\"", "remote")),
            true,
            Some("!edge(\"shop\", id(name: \"p\\\"\", type: \"remote\"))"),
        ),
        ("1-5759e988-bd862e3fe1be46a994272793", has_service("shop", ""), false, Some("service(\"shop\")")),
        ("", has_service("", "AWS::S3::Bucket"), false, Some("service(id(type: \"AWS::S3::Bucket\"))")),
        ("ok", within("", &is_status(502)), true, Some("ok AND !(http.status = 502)")),
        ("", within(&has_service("shop", ""), &is_status(502)), false, Some("service(\"shop\") { http.status = 502 }")),
        ("ok AND", has_service("shop", ""), false, None),
    ] {
        let found = narrow(expression, &condition, out);
        assert_eq!(found.as_deref(), expected, "{expression} with {condition}");
        assert!(found.is_none_or(|found| compile(&found, Mode::Strict).is_ok()));
    }
}

#[test]
fn formatting_leaves_what_is_wrong_alone() {
    assert_eq!(format(" ok   and(fault) ").as_deref(), Some("ok AND fault"));
    assert_eq!(format("ok AND"), None);
}

/// Pieces of unfinished expressions.
fn broken() -> impl Strategy<Value = String> {
    let pieces = [
        "service",
        "edge(",
        "id(",
        "(",
        ")",
        "{",
        "}",
        "\"",
        "\"shop\"",
        "shop",
        ",",
        ":",
        "annotation.",
        "annotation[",
        "]",
        "currency",
        " = ",
        "!=",
        " AND ",
        "or",
        "!",
        "fault",
        "http.url",
        "5",
        "500",
        "rootcause.fault.entity",
        "#[",
        " ",
        "é",
        "😀",
        "\\",
    ];
    proptest::collection::vec(
        prop_oneof![8 => proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned), 1 => ".{0,4}"],
        0..14,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_text_and_any_cursor_is_helped(text in broken(), cursor in 0_usize..120) {
        let catalogue = shop();
        let is_in = |span: &std::ops::Range<usize>| text.get(span.clone()).is_some();
        let found = completions(&text, cursor, &catalogue);
        prop_assert!(is_in(&found.span), "{text:?} {:?}", found.span);
        for item in &found.items {
            prop_assert!(item.insert.is_char_boundary(item.cursor));
        }
        let mut end = 0;
        for painted in paint(&text) {
            prop_assert!(is_in(&painted.span) && painted.span.start >= end && !painted.span.is_empty());
            end = painted.span.end;
        }
        for diagnostic in diagnostics(&text, Mode::Lenient, &catalogue) {
            prop_assert!(is_in(&diagnostic.span));
            if let Some(fix) = diagnostic.fix {
                prop_assert!(is_in(&fix.span));
                prop_assert!(fix.apply(&text).ends_with(&text[fix.span.end..]));
            }
        }
        if let Some(hover) = hover(&text, cursor) {
            prop_assert!(is_in(&hover.span));
        }
        signature(&text, cursor);
        recognise(&text);
        format(&text);
    }
}
