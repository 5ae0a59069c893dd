//! Files in every form, whole and damaged.

mod noise;

use std::{fmt::Write as _, time::Instant};

use expect_test::{Expect, expect};
use model::Trace;
use proptest::prelude::*;

use super::*;

/// A document of trace 1 with a name.
fn named(name: &str) -> String {
    format!(r#"{{"trace_id":"1-00000000-000000000000000000000001","name":"{name}"}}"#)
}

const INFERRED: &str = r#"{"trace_id":"1-00000000-000000000000000000000001","name":"i","inferred":true}"#;

/// What a file gives: names of documents, and lines with what is wrong there.
fn found(file: &str, inferred: Inferred) -> Vec<String> {
    let items = items(file, inferred).into_iter();
    let line = |item| match item {
        Ok(Document { text, .. }) => {
            let own = model::document::parse_top(&text).unwrap();
            own.text(model::document::Member::Name).unwrap().into_owned()
        }
        Err(Wrong { line, reason }) => format!("{line}: {reason:.48}"),
    };
    items.map(line).collect()
}

fn check(file: &str, expected: &[&str]) {
    assert_eq!(found(file, Inferred::Dropped), expected, "{file}");
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

const SPAN: &str = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"s","startTimeUnixNano":"5"},{"name":"bad"}]}]}]}"#;

const JAEGER: &str = r#"{"traceID":"1","spans":[{"traceID":"1","spanID":"2","operationName":"o","startTime":1,"duration":1,"processID":"p"}],"processes":{"p":{"serviceName":"j"}}}"#;

#[test]
fn documents_are_found_in_every_form() {
    let (a, b) = (named("a"), named("b"));
    let (text, bad) = (quoted(&a), "1: span bad: it has no startTimeUnixNano");
    check("", &[]);
    check(" \n\n", &[]);
    check(&a, &["a"]);
    check(&format!("{a}\n\n{b}\r\n{INFERRED}\n"), &["a", "b"]);
    check(&format!("{a} {b}{a}"), &["a", "b", "a"]);
    check(&format!("[{a},\n {b}]"), &["a", "b"]);
    check(&format!("[[{a}],[[{b}]]]"), &["a", "b"]);
    check(&format!("[{text}]"), &["a"]);
    check(&format!("{text}\n{text}"), &["a", "a"]);
    check(&format!("{{\n\"TraceSegmentDocuments\":[{text}]}}"), &["a"]);
    check(&format!(r#"{{"Traces":[{{"Id":"x","Segments":[{{"Id":"y","Document":{text}}}]}}]}}"#), &["a"]);
    check(&format!(r#"[[{{"Id":"x","Segments":[{{"Id":"y","Document":{text}}}]}}]]"#), &["a"]);
    check(r#"{"Traces":[],"UnprocessedTraceIds":["x"]}"#, &[]);
    check(&format!(r#"{{"Id":"y","Document":{text}}}"#), &["a"]);
    check(&format!(r#"{{"Id":"y","Document":{a}}}"#), &["a"]);
    check(&a.replace(',', ",\n"), &["a"]);
    check(&format!("{}\n{}", a.replace(',', ",\n"), b.replace(',', ",\n")), &["a", "b"]);
    check(&format!("\u{feff}{a}"), &["a"]);
    // `aws xray batch-get-traces --output text`, and one query of it.
    check(&format!("TRACES\t0.5\t1-0-0\tFalse\nSEGMENTS\t{a}\t01\nSEGMENTS\t{b}\t02\n"), &["a", "b"]);
    check(&format!("{a}\t{b}\n"), &["a", "b"]);
    check(SPAN, &["s", bad]);
    check(&format!("{SPAN}\n{a}"), &["s", bad, "a"]);
    check(&format!(r#"{{"result":{SPAN}}}"#), &["s", bad]);
    check(JAEGER, &["j"]);
    check(&format!("[{JAEGER},{JAEGER}]"), &["j", "j"]);
    check(&format!(r#"{{"data":[{JAEGER}],"total":0,"errors":null}}"#), &["j"]);
    check(&format!("{a}\n{JAEGER}\n[{b},{SPAN}]"), &["a", "j", "b", "s", &bad.replace("1:", "3:")]);
}

#[test]
fn inferred_segments_are_kept_where_nobody_makes_them_again() {
    for file in
        [INFERRED.to_owned(), quoted(INFERRED), format!(r#"{{"Segments":[{{"Document":{}}}]}}"#, quoted(INFERRED))]
    {
        assert_eq!(found(&file, Inferred::Kept), ["i"]);
        assert_eq!(found(&file, Inferred::Dropped), [""; 0]);
    }
}

#[test]
fn what_cannot_be_used_is_told_with_its_line_and_the_rest_is_kept() {
    let (a, b) = (named("a"), named("b"));
    let neither = "it is neither of a segment document, an answer o";
    let not_json = |line: u64, why: &str| format!("{line}: it is not JSON: {why}");
    check(&format!("{a}\nnonsense\n{b}"), &["a", &not_json(2, "expected ident"), "b"]);
    check(&format!("{a}\n{{\"x\":1}}\n{b}"), &["a", &format!("2: {neither}"), "b"]);
    check("{\n\n\"trace_id\": nonsense }", &[&not_json(3, "expected ident")]);
    check(
        "[1, {\"Traces\":3}, null, \"x\", NaN]",
        &[
            &*format!("1: {neither}"),
            &format!("1: {neither}"),
            &format!("1: {neither}"),
            &format!("1: {neither}"),
            &not_json(1, "expected value"),
        ],
    );
    // Cut off: at the end of a line in the midst, at the end of the file, in a list.
    check(&format!("{a}\n{{\"trace_id\"\n{b}\n{a}"), &["a", &not_json(3, "expected `:`"), "b", "a"]);
    check(&format!("{a}\n{{\"trace_id\""), &["a", &not_json(2, "EOF while parsing an object")]);
    check(
        &format!("{a}\n{{\"trace_id\":\"1\n{b}"),
        &["a", "2: it is not JSON: control character (\\u0000-\\u001F", "b"],
    );
    check(&format!("[{a},\n{b},\n{{\"trace_id\":"), &["a", "b", &not_json(3, "EOF while parsing a value")]);
    check(&format!("[{a},\n{b},\n"), &["a", "b", &not_json(3, "the text ends within a list")]);
    check(&format!("[{a},\nx]\n{b}"), &["a", &not_json(2, "expected value"), "b"]);
    // Within one value the line is that of the part.
    check(
        &format!("{{\"Segments\":[\n{{\"Document\":1}},\n{{\"Document\":{}}}]}}", quoted(&a)),
        &[&*format!("2: {neither}"), "a"],
    );
    for (id, reason) in [
        (r#""1-5-6""#, "1: a trace id is 1-, 8 hex digits, -, 24 hex digits"),
        ("7", "1: trace_id should be a string; it is a number"),
        ("null", "1: trace_id should be a string; it is null"),
        (r#""\ud800""#, "1: trace_id should be a string; it is a string"),
    ] {
        check(&format!("{{\"trace_id\":{id},\"name\":\"x\"}}\n{a}"), &[&*format!("{reason:.51}"), "a"]);
    }
}

#[test]
fn depth_costs_no_stack_and_what_breaks_off_again_and_again_costs_no_square() {
    let a = named("a");
    for (open, close) in [("[", "]"), ("{\"data\":", "}"), ("{\"Document\":[", "]}"), ("{\"resourceSpans\":[", "]}")] {
        let deep = open.repeat(10_000) + "1" + &close.repeat(10_000);
        let told = found(&format!("{deep}\n{a}"), Inferred::Kept);
        assert_eq!(told.last().unwrap(), "a");
        assert!(told.len() <= 3, "{told:?}");
        // Cut off there is no end to be found.
        assert!(!found(&open.repeat(10_000), Inferred::Kept).is_empty());
    }
    let values = r#"{"arrayValue":{"values":["#.repeat(10_000) + &"]}}".repeat(10_000);
    let file = SPAN.replace(r#""name":"s""#, &format!(r#""name":"s","attributes":[{{"key":"k","value":{values}}}]"#));
    assert_eq!(found(&file, Inferred::Kept)[0], "s");
    let started = Instant::now();
    let told = found(&"[\n".repeat(100_000), Inferred::Kept);
    assert!(told.len() < 100 && started.elapsed().as_secs() < 20, "{} in {:?}", told.len(), started.elapsed());
}

#[test]
fn bytes_are_text_in_more_than_one_way() {
    let a = named("é");
    let wide =
        |unit: fn(u16) -> [u8; 2]| [0xfeff].into_iter().chain(a.encode_utf16()).flat_map(unit).collect::<Vec<u8>>();
    for bytes in
        [a.clone().into_bytes(), format!("\u{feff}{a}").into_bytes(), wide(u16::to_le_bytes), wide(u16::to_be_bytes)]
    {
        assert_eq!(decode(&bytes), a);
    }
    assert_eq!(decode(b"a\xff"), "a\u{fffd}");
    assert_eq!(decode(b"\xff\xfe\x00\xd8"), "\u{fffd}");
}

/// The documents and the problems of spans in Jaeger's JSON, one a line, without what all of them have.
fn jaeger(spans: &str, expected: &Expect) {
    let file = format!(
        r#"{{"data":[{{"traceID":"ab","spans":[{spans}],"processes":{{
            "p1":{{"serviceName":"shop","tags":[{{"key":"host","type":"string","value":"h1"}}]}},
            "p2":{{"serviceName":"bank","tags":[]}}}},"warnings":null}}]}}"#
    );
    let mut said = String::new();
    for item in items(&file, Inferred::Kept) {
        match item {
            Ok(document) => {
                assert_eq!(model::document::check(&document.text).err(), None, "{}", document.text);
                let text = document.text.replace(r#""trace_id":"1-00000000-0000000000000000000000ab","#, "");
                let metadata = text.find(r#","metadata""#).unwrap();
                let links = text.find(r#","links""#).map_or("}", |at| &text[at..]);
                writeln!(said, "{}{links}", &text[..metadata]).unwrap();
            }
            Err(wrong) => writeln!(said, "line {}: {}", wrong.line, wrong.reason).unwrap(),
        }
    }
    expected.assert_eq(&said);
}

/// A span of Jaeger's; `more` are members behind those that each has.
fn span(id: &str, process: &str, more: &str) -> String {
    format!(
        r#"{{"traceID":"ab","spanID":"{id}","operationName":"op{id}","startTime":1800000000000001,"duration":250,"processID":"{process}"{more}}}"#
    )
}

#[test]
fn jaegers_spans_become_documents() {
    let child = |of: &str, kind: &str| format!(r#"{{"refType":"{kind}","traceID":"ab","spanID":"{of}"}}"#);
    let references = |list: &[String]| format!(r#","references":[{}]"#, list.join(","));
    let spans = [
        span(
            "1",
            "p1",
            r#","tags":[{"key":"span.kind","type":"string","value":"server"},{"key":"http.method","type":"string","value":"GET"},{"key":"http.status_code","type":"int64","value":"404"},{"key":"ratio","type":"float64","value":0.5},{"key":"big","type":"int64","value":9223372036854775807},{"key":"is","type":"bool","value":"true"},{"key":"odd","type":"int64","value":"x"}]"#,
        ),
        // Neither serves nor calls, and is of the same service.
        span("2", "p1", &references(&[child("1", "CHILD_OF")])),
        span(
            "3",
            "p1",
            &(references(&[child("2", "CHILD_OF")])
                + r#","tags":[{"key":"span.kind","value":"client"},{"key":"peer.service","value":"bank"},{"key":"error","type":"bool","value":true}],"logs":[{"timestamp":1800000000000002,"fields":[{"key":"event","value":"error"},{"key":"error.kind","value":"Timeout"},{"key":"message","value":"too slow"},{"key":"stack","value":"at a (b.js:3:1)"}]},{"timestamp":1800000000000003,"fields":[{"key":"message","value":"retried"}]}]"#),
        ),
        // Another service, of which it is not said that it serves.
        span("4", "p2", &references(&[child("3", "CHILD_OF")])),
        // Follows; and belongs to a span of another trace.
        span("5", "p2", &references(&[child("4", "FOLLOWS_FROM"), child("1", "CHILD_OF").replace("ab", "cd")])),
        span("6", "p2", &references(&[child("5", "FOLLOWS_FROM"), child("4", "CHILD_OF"), child("2", "CHILD_OF")])),
        span("7", "p2", r#","parentSpanID":"6","warnings":["clock skew"]"#),
        r#"{"traceID":"00000000000000000000000000000000ab","spanID":"8"}"#.replace("0000ab", "ab"),
    ];
    jaeger(
        &spans.join(",\n"),
        &expect![[r#"
        line 1: span : it has no startTime
        {"start_time":1800000000.000001,"end_time":1800000000.000251,"id":"0000000000000001","name":"shop","error":true,"http":{"request":{"method":"GET"},"response":{"status":404}},"annotations":{"big":9223372036854775807,"http.method":"GET","http.status_code":404,"is":true,"odd":"x","ratio":0.5}}
        {"start_time":1800000000.000001,"end_time":1800000000.000251,"id":"0000000000000002","parent_id":"0000000000000001","name":"op2","type":"subsegment"}
        {"start_time":1800000000.000001,"end_time":1800000000.000251,"id":"0000000000000003","parent_id":"0000000000000002","name":"bank","type":"subsegment","fault":true,"cause":{"exceptions":[{"id":"0000000000060001","message":"too slow","stack":[{"label":"a","line":3,"path":"b.js"}],"type":"Timeout"}]},"namespace":"remote","annotations":{"peer.service":"bank"}}
        {"start_time":1800000000.000001,"end_time":1800000000.000251,"id":"0000000000000004","parent_id":"0000000000000003","name":"bank"}
        {"start_time":1800000000.000001,"end_time":1800000000.000251,"id":"0000000000000005","parent_id":"0000000000000004","name":"op5","type":"subsegment","links":[{"attributes":{"opentracing.ref_type":"follows_from"},"id":"0000000000000004","trace_id":"1-00000000-0000000000000000000000ab"},{"attributes":{"opentracing.ref_type":"child_of"},"id":"0000000000000001","trace_id":"1-00000000-0000000000000000000000cd"}]}
        {"start_time":1800000000.000001,"end_time":1800000000.000251,"id":"0000000000000006","parent_id":"0000000000000004","name":"op6","type":"subsegment","links":[{"attributes":{"opentracing.ref_type":"follows_from"},"id":"0000000000000005","trace_id":"1-00000000-0000000000000000000000ab"},{"attributes":{"opentracing.ref_type":"child_of"},"id":"0000000000000002","trace_id":"1-00000000-0000000000000000000000ab"}]}
        {"start_time":1800000000.000001,"end_time":1800000000.000251,"id":"0000000000000007","parent_id":"0000000000000006","name":"op7","type":"subsegment"}
    "#]],
    );
}

#[test]
fn what_is_odd_in_jaegers_spans_is_told_and_the_rest_is_kept() {
    let spans = [
        span("xyz", "p1", ""),
        span("", "p1", ""),
        span("00000000000000001", "p1", ""),
        span("1", "p9", ""),
        span("2", "p1", "").replace(r#""traceID":"ab""#, r#""traceID":"0""#),
        span("3", "p1", "").replace("1800000000000001", "0"),
        span("4", "p1", "").replace("1800000000000001", "1e400"),
        span("5", "p1", "").replace("1800000000000001", "\"soon\""),
        span("6", "p1", "").replace("250", "99999999999999999999"),
        span("7", "p1", "").replace("1800000000000001", "1.8e15"),
        span("8", "p1", r#","tags":{"a":1},"logs":[3],"references":[{"spanID":"zz"},{"spanID":"8"}],"warnings":7"#),
        "5".to_owned(),
    ];
    jaeger(
        &spans.join(",\n"),
        &expect![[r#"
            line 1: span opxyz: spanID should be up to 16 hex digits, not all 0; it is xyz
            line 1: span op: it has no spanID
            line 1: span op00000000000000001: spanID should be up to 16 hex digits, not all 0; it is 00000000000000001
            line 1: span op1: its process p9 is not there
            line 1: span op2: traceID should be up to 32 hex digits, not all 0; it is 0
            line 1: span op3: it has no startTime
            line 1: span op5: startTime should be a number of microseconds; it is a string and was left out
            line 1: span op6: duration should be a number of microseconds; it is a number and was left out
            line 1: span op8: tags should be an array; it is an object and was left out
            line 1: span op8: logs[] should be an object; it is a number and was left out
            line 1: span op8: references[].spanID should be up to 16 hex digits, not all 0; it is zz
            line 1: span op8: warnings should be an array; it is a number and was left out
            line 1: spans[] should be an object; it is a number and was left out
            {"start_time":1800000000.000001,"end_time":1800000000.000251,"id":"0000000000000001","name":"op1"}
            line 1: span op4: a time is after the year 2262
            {"start_time":1800000000.000001,"in_progress":true,"id":"0000000000000006","name":"shop"}
            {"start_time":1800000000.0,"end_time":1800000000.00025,"id":"0000000000000007","name":"shop"}
            {"start_time":1800000000.000001,"end_time":1800000000.000251,"id":"0000000000000008","parent_id":"0000000000000008","name":"op8","type":"subsegment"}
        "#]],
    );
    check(
        r#"{"spans":3,"processes":[]}"#,
        &["1: processes should be an object; it is an array an", "1: spans should be an array; it is a number and was"],
    );
}

#[test]
fn circles_of_references_are_cut() {
    let references = |of: &str| format!(r#","references":[{{"refType":"CHILD_OF","traceID":"ab","spanID":"{of}"}}]"#);
    let spans = [span("1", "p", &references("2")), span("2", "p", &references("3")), span("3", "p", &references("1"))];
    let file = format!(r#"{{"traceID":"ab","spans":[{}],"processes":{{"p":{{"serviceName":"s"}}}}}}"#, spans.join(","));
    let traces = by_trace(items(&file, Inferred::Kept).into_iter().flatten());
    let trace = Trace::assemble(traces[0].id, traces[0].documents.clone());
    assert_eq!(trace.spans.len(), 3);
    assert!(trace.problems.iter().any(|problem| problem.kind == model::problem::ProblemKind::Cycle));
}

#[test]
fn documents_are_sorted_out_by_trace() {
    let document = |trace: u32, id: u32, start: &str, more: &str| {
        format!(
            r#"{{"trace_id":"1-00000000-{trace:024x}","id":"{id:016x}","name":"n{id}","start_time":{start},"end_time":9{more}}}"#
        )
    };
    let file = [
        document(7, 1, "3", r#","type":"subsegment","parent_id":"0000000000000002""#),
        document(5, 2, "4.5", ""),
        document(7, 3, "3.25", ""),
        document(7, 4, "3.125", ""),
        document(5, 5, "2", r#","parent_id":"0000000000000002""#),
        document(9, 6, "\"x\"", ""),
    ];
    let traces = by_trace(items(&file.join("\n"), Inferred::Kept).into_iter().flatten());
    let lines = traces.iter().map(|found| {
        let name = |text: &str| text.split('"').nth(11).unwrap().to_owned();
        let names: Vec<String> = found.documents.iter().map(|text| name(text)).collect();
        format!("{} {}", found.id, names.join(" "))
    });
    let expected = [
        "1-00000000-000000000000000000000007 n1 n3 n4",
        "1-00000000-000000000000000000000005 n2 n5",
        "1-00000000-000000000000000000000009 n6",
    ];
    assert_eq!(lines.collect::<Vec<_>>(), expected);
}

#[test]
fn what_goes_out_as_spans_comes_back() {
    let documents = fixture::realistic(3, 500);
    let read = |file: &str| {
        let mut traces = by_trace(items(file, Inferred::Kept).into_iter().map(Result::unwrap));
        let found = traces.remove(0);
        assert!(traces.is_empty());
        Trace::assemble(found.id, found.documents)
    };
    let trace = read(&documents.join("\n"));
    let back = read(&export::otlp(&trace));
    assert_eq!(back.problems, trace.problems);
    let rows = |trace: &Trace| -> Vec<_> {
        let row = |span: &model::Span| {
            (span.id, span.kind, span.depth, span.start, span.end, span.outcome, trace.name(span).to_owned())
        };
        trace.spans.iter().map(row).collect()
    };
    assert_eq!(rows(&back), rows(&trace));
    assert!(back.spans.iter().zip(&trace.spans).all(|(back, span)| back.detail == span.detail));
}

/// What the fuzz target found on its way, replayed: a line the text of a case as JSON.
#[test]
fn corpus() {
    for line in include_str!("../corpus/import.jsonl").lines() {
        noise::file(serde_json::from_str::<String>(line).unwrap().as_bytes());
    }
}

/// Text that is nearly one of the forms.
fn nearly() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\n",
        " ",
        "null",
        "1",
        "-2.5e9",
        "1e999",
        "true",
        "\"\\ud800\"",
        "\"\"",
        "\"trace_id\":",
        "\"1-00000000-000000000000000000000001\"",
        "\"name\":\"n\"",
        "\"id\":\"0000000000000001\"",
        "\"start_time\":1",
        "\"inferred\":true",
        "\"Traces\":",
        "\"Segments\":",
        "\"Document\":",
        "\"TraceSegmentDocuments\":",
        "\"resourceSpans\":",
        "\"scopeSpans\":",
        "\"spans\":",
        "\"data\":",
        "\"traceID\":\"1\"",
        "\"spanID\":\"2\"",
        "\"startTime\":5",
        "\"processID\":\"p\"",
        "\"processes\":{\"p\":{\"serviceName\":\"s\"}}",
        "\"tags\":",
        "\"logs\":",
        "\"references\":",
        "SEGMENTS\t",
        "TRACES\t",
        "é",
    ]);
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        noise::file(&bytes);
    }

    #[test]
    fn what_is_nearly_right_never_panics(text in nearly()) {
        noise::file(text.as_bytes());
    }

    #[test]
    fn a_file_that_is_cut_anywhere_keeps_what_was_whole(cut in 0_usize..700) {
        let file = [named("a"), named("b"), JAEGER.to_owned(), SPAN.to_owned(), named("c")].join("\n");
        let cut = cut.min(file.len());
        let whole = file[..cut].matches('\n').count();
        let documents = items(&file[..cut], Inferred::Kept).into_iter().flatten().count();
        prop_assert!(documents == whole || documents == whole + 1, "{} of {}", documents, whole);
    }

    #[test]
    fn a_damaged_file_never_panics(at in 0_usize..700, byte in any::<u8>()) {
        let mut bytes = [JAEGER, SPAN, &named("a")].join("\n").into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        noise::file(&bytes);
    }
}
