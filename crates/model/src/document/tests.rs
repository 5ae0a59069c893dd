//! One document at a time: what is read, what is refused, what is kept.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{detail::Cause, *};
use crate::{SpanId, outcome::Flags};

const TRACE: &str = "1-581cf771-a006649127e371903a2de979";

fn segment(members: &str) -> String {
    format!(
        r#"{{"id":"00000000000000aa","name":"shop","trace_id":"{TRACE}","start_time":1.5,"end_time":2.5{members}}}"#
    )
}

#[test]
fn entities_come_in_pre_order_with_their_bytes() {
    let text = segment(r#","subsegments":[{"id":"b","subsegments":[{"id":"c"}]},{"id":"d"}]"#);
    let entities = parse(&text).unwrap();
    let seen: Vec<_> =
        entities.iter().map(|entity| (entity.level, entity.container, &text[entity.range.clone()])).collect();
    assert_eq!(seen[0].2, text);
    assert_eq!(
        seen[1..],
        [
            (1, Some(0), r#"{"id":"b","subsegments":[{"id":"c"}]}"#),
            (2, Some(1), r#"{"id":"c"}"#),
            (1, Some(0), r#"{"id":"d"}"#),
        ]
    );
}

#[test]
fn the_top_alone_is_what_parsing_gives_first() {
    let text = format!("  {}\n", segment(r#","subsegments":[{"id":"b"}, 7],"x":1"#));
    let top = parse_top(&text).unwrap();
    assert_eq!(&text[top.range.clone()], text.trim());
    assert_eq!(top.unknown[0].0, "x");
    let text = text.replace(", 7", "");
    assert_eq!(format!("{:?}", parse_top(&text).unwrap()), format!("{:?}", parse(&text).unwrap()[0]));
    for text in ["", "[]", "7", "{"] {
        assert_eq!(parse_top(text).unwrap_err(), parse(text).unwrap_err());
    }
}

#[test]
fn nesting_is_counted_not_suffered() {
    let nested = |levels: usize| {
        let mut members = String::new();
        for level in 0..levels {
            write!(members, r#","subsegments":[{{"id":"{level:016x}","name":"s","start_time":1,"end_time":2"#).unwrap();
        }
        members + &"}]".repeat(levels)
    };
    assert_eq!(parse(&segment(&nested(128))).unwrap().len(), 129);
    assert_eq!(parse(&segment(&nested(129))).unwrap_err(), ParseError::TooDeep);
    assert!(check(&segment(&nested(128))).is_ok());
    let deep_metadata = format!(r#","metadata":{{"a":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let text = segment(&deep_metadata);
    assert!(parse(&text).unwrap()[0].detail().0.has_metadata);
}

#[test]
fn half_a_surrogate_pair_is_no_text() {
    for (text, is_good) in [
        (r#"\ud83d\ude00"#, true),
        (r#"\u00e9\n\"\\"#, true),
        (r#"\\ud800"#, true),
        (r#"\\\\ud83d\\"#, true),
        (r#"\ud800"#, false),
        (r#"\ud800x"#, false),
        (r#"\ude00\ud83d"#, false),
        (r#"\ud83d\ud83d\ude00"#, false),
        (r#"\\\udfff"#, false),
    ] {
        for member in ["user", "unknown"] {
            let checked = check(&segment(&format!(r#","{member}":"{text}""#))).map(|_| ());
            assert_eq!(checked.is_ok(), is_good, "{text}: {checked:?}");
        }
    }
}

#[test]
fn members_of_wrong_types_are_left_out_with_a_sentence() {
    let text = segment(
        r#","user":7,"http":{"request":{"method":"GET","traced":"yes"},"response":{"status":"503","content_length":"12"}},
        "aws":[],"annotations":{"ok":1,"list":[1],"n":null},"cause":{"exceptions":[{"id":"zz","stack":[{"line":"x"}]}]}"#,
    );
    let (detail, bad) = parse(&text).unwrap()[0].detail();
    let http = detail.http.unwrap();
    assert_eq!((http.status, http.content_length, http.method.as_deref()), (Some(503), Some(12), Some("GET")));
    assert_eq!(detail.annotations, [("ok".to_owned(), AnnotationValue::Number(1.0))]);
    assert_eq!(detail.aws, None);
    expect_test::expect![[r#"
        user should be a string; it is a number and was left out
        http.request.traced should be true or false; it is a string and was left out
        aws should be an object; it is an array and was left out
        cause.exceptions[].id should be 16 hex digits; it is a string and was left out
        cause.exceptions[].stack[].line should be a whole number; it is a string and was left out
        annotation list should be a string, a number or a boolean; it is an array and was left out
        annotation n should be a string, a number or a boolean; it is null and was left out"#]]
    .assert_eq(&bad.join("\n"));
}

#[test]
fn every_documented_field_is_read() {
    let text = segment(
        r#","origin":"AWS::ECS::Container","user":"alice","resource_arn":"arn:aws:x","service":{"version":"1.2","runtime":"Rust"},
        "http":{"request":{"method":"POST","url":"https://a/b","user_agent":"curl","client_ip":"192.0.2.1","x_forwarded_for":true,"traced":true},
                "response":{"status":200,"content_length":-1}},
        "aws":{"account_id":"123456789012","operation":"PutItem","region":"eu-west-1","request_id":"r","retries":0,"table_name":"t",
               "queue_url":"q","topic_arn":"n","bucket_name":"b","function_name":"f","function_arn":"fa","resource_names":["t"],
               "ec2":{"instance_id":"i-1","availability_zone":"eu-west-1a"},"cloudwatch_logs":[{"log_group":"/g","arn":"a"}],
               "xray":{"sdk":"s"}},
        "cause":{"working_directory":"/srv","paths":["p"],"exceptions":[{"id":"00000000000000e1","message":"boom","type":"E","remote":false,
                 "truncated":3,"skipped":1,"cause":"00000000000000e2","stack":[{"path":"a.rs","line":7,"label":"main"}]}]},
        "sql":{"connection_string":"c","url":"u","sanitized_query":"select ?","database_type":"PostgreSQL","database_version":"15",
               "driver_version":"1","user":"app","preparation":"statement"},
        "annotations":{"tier":"gold","count":0,"beta":false,"empty":""},"metadata":{"default":{"k":[1]}},
        "links":[{"trace_id":"1-581cf771-a006649127e371903a2de978","id":"00000000000000bb","attributes":{"k":1}}],
        "precursor_ids":["00000000000000cc"],"fault":true,"error":false,"throttle":false,"in_progress":false,"custom":{"kept":true}"#,
    );
    let entities = parse(&text).unwrap();
    let (detail, bad) = entities[0].detail();
    assert_eq!(bad, Vec::<String>::new());
    assert_eq!(entities[0].flags(), Flags { fault: true, ..Flags::default() });
    assert_eq!(
        entities[0].unknown.iter().map(|(key, raw)| (key.as_ref(), raw.get())).collect::<Vec<_>>(),
        [("custom", r#"{"kept":true}"#)]
    );
    expect_test::expect_file!["detail.snapshot.txt"].assert_eq(&format!("{detail:#?}\n"));
}

#[test]
fn a_cause_may_point_elsewhere() {
    let text = segment(r#","cause":"00000000000000e1""#);
    assert_eq!(parse(&text).unwrap()[0].detail().0.cause, Some(Cause::Reference(SpanId(0xe1))));
}

#[test]
fn of_duplicate_members_the_last_one_counts() {
    let text = segment(r#","name":"second","annotations":{"a":1,"a":2}"#);
    let entities = parse(&text).unwrap();
    assert_eq!(entities[0].text(Member::Name).as_deref(), Some("second"));
    assert_eq!(entities[0].detail().0.annotations, [("a".to_owned(), AnnotationValue::Number(2.0))]);
}

#[test]
fn escapes_are_read_in_keys_and_values() {
    let text = segment(r#","\u0075ser":"\u00e4\n\"x\"""#);
    assert_eq!(parse(&text).unwrap()[0].text(Member::User).as_deref(), Some("ä\n\"x\""));
}

#[test]
fn a_span_can_be_shown_without_its_subsegments() {
    let text = r#"{"a": 1.50, "subsegments": [{"id": "x"}, {}], "b\n": {"subsegments": []}}"#;
    assert_eq!(without_subsegments(text), Some((r#"{"a":1.50,"b\n":{"subsegments": []}}"#.to_owned(), 2)));
    assert_eq!(without_subsegments(r#"{"subsegments": 7}"#), Some((r#"{"subsegments":7}"#.to_owned(), 0)));
    assert_eq!(without_subsegments("[]"), None);
}

/// The table of refusals: a document, what it is taken for, and the code.
#[test]
fn refusals_have_the_services_codes_in_its_order() {
    use RejectionCode as Code;
    use RejectionKind as Kind;
    let whole = segment("");
    let without = |member: &str, value: &str| whole.replace(&format!(r#","{member}":{value}"#), "");
    let nested = |sub: &str| segment(&format!(r#","subsegments":[{sub}]"#));
    let lone = |rest: &str| whole.replace(r#""id""#, &format!(r#""type":"subsegment"{rest},"id""#));
    let cases = [
        ("{not json".to_owned(), Kind::Segment, Code::ParseError),
        ("not json".to_owned(), Kind::Entity, Code::ParseError),
        (format!("{whole} x"), Kind::Segment, Code::ParseError),
        (String::new(), Kind::Entity, Code::ParseError),
        ("[1]".to_owned(), Kind::Entity, Code::ParseError),
        (nested("1"), Kind::Segment, Code::ParseError),
        (segment(r#","type":"span""#), Kind::Entity, Code::UnknownType),
        (segment(r#","type":3"#), Kind::Entity, Code::UnknownType),
        (whole.replace(r#""id":"00000000000000aa","#, ""), Kind::Segment, Code::MissingId),
        (whole.replace("00000000000000aa", ""), Kind::Segment, Code::MissingId),
        (whole.replace("00000000000000aa", "xyz"), Kind::Segment, Code::InvalidId),
        (without("name", r#""shop""#), Kind::Segment, Code::MissingName),
        (whole.replace(r#""shop""#, r#""""#), Kind::Segment, Code::MissingName),
        (whole.replace(r#""shop""#, "12"), Kind::Segment, Code::MissingName),
        (without("trace_id", &format!("{TRACE:?}")), Kind::Segment, Code::MissingTraceId),
        (whole.replace(TRACE, "1-2-3"), Kind::Segment, Code::InvalidTraceId),
        (without("start_time", "1.5"), Kind::Segment, Code::MissingStartTime),
        (whole.replace("1.5", r#""1.5""#), Kind::Segment, Code::MissingStartTime),
        (segment(r#","in_progress":true"#), Kind::Segment, Code::InProgressSegmentHasEndTime),
        (without("end_time", "2.5"), Kind::Segment, Code::MissingEndTime),
        (lone(""), Kind::Subsegment, Code::MissingParentId),
        (lone(r#","parent_id":"q""#), Kind::Subsegment, Code::InvalidParentId),
        (segment(r#","parent_id":12"#), Kind::Segment, Code::InvalidParentId),
        (nested(r#"{"name":"a"}"#), Kind::Subsegment, Code::MissingId),
        (nested(r#"{"id":"00000000000000ab"}"#), Kind::Subsegment, Code::MissingName),
        (nested(r#"{"id":"00000000000000ab","name":"a"}"#), Kind::Subsegment, Code::MissingStartTime),
        (nested(r#"{"id":"00000000000000ab","name":"a","start_time":1}"#), Kind::Subsegment, Code::MissingEndTime),
        (
            nested(r#"{"id":"00000000000000ab","name":"a","start_time":1,"end_time":2,"in_progress":true}"#),
            Kind::Subsegment,
            Code::InProgressSubsegmentHasEndTime,
        ),
    ];
    for (document, kind, code) in cases {
        let rejection = check(&document).expect_err(&document);
        assert_eq!((rejection.kind, rejection.code), (kind, code), "{document}\n{}", rejection.reason);
    }
    assert_eq!(check(&nested("{}")).unwrap_err().id.as_deref(), Some("00000000000000aa"), "the root document's id");
}

#[test]
fn accepted_though_odd() {
    for members in [
        r#","type":"""#,
        r#","type":"segment""#,
        r#","in_progress":false"#,
        r#","subsegments":{}"#,
        r#","parent_id":null,"subsegments":null"#,
        r#","parent_id":"00000000000000bb""#,
        r#","subsegments":[{"id":"00000000000000ab","name":"a","start_time":1,"in_progress":true,"type":"whatever"}]"#,
    ] {
        assert_eq!(check(&segment(members)).map(|entities| entities[0].level), Ok(0), "{members}");
    }
    assert!(check(&segment("").replace(r#","end_time":2.5"#, r#","in_progress":true"#)).is_ok());
}

#[test]
fn refusals_are_worded_as_the_service_words_them() {
    let message = |text: &str| check(text).unwrap_err().message();
    assert_eq!(message("{"), "Invalid segment. ErrorCode: ParseError");
    assert_eq!(message("7"), "Invalid entity. ErrorCode: ParseError");
    assert_eq!(message(&segment(r#","subsegments":[{}]"#)), "Invalid subsegment. ErrorCode: MissingId, Cause: null");
}

proptest! {
    #[test]
    fn numbers_are_the_nearest_doubles(number in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO, digits in "-?[1-9][0-9]{0,25}\\.[0-9]{1,25}(e[-+]?[0-9]{1,2})?") {
        for text in [number.to_string(), format!("{number:e}"), digits] {
            let raw: &serde_json::value::RawValue = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read::number(raw), text.parse().ok(), "{}", text);
        }
    }

    #[test]
    fn noise_never_panics(noise in "\\PC{0,200}") {
        let judged = check(&noise);
        prop_assert!(judged.is_err());
    }

    #[test]
    fn a_damaged_document_never_panics(cut in 0_usize..600, byte in any::<char>()) {
        let text = segment(r#","subsegments":[{"id":"00000000000000ab","name":"a","start_time":1,"end_time":2,"annotations":{"a":1}}]"#);
        let at = text.char_indices().map(|(at, _)| at).nth(cut % text.len()).unwrap_or(0);
        let mut damaged = text.clone();
        damaged.insert(at, byte);
        for text in [&damaged, &text[..at]] {
            if let Ok(entities) = parse(text) {
                for entity in entities {
                    drop(entity.detail());
                    prop_assert!(text.get(entity.range.clone()).is_some());
                }
            }
        }
    }
}
