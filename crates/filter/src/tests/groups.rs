//! Groups in expressions.

use super::{facts, filter};
use crate::{Group, Mode};

fn group(name: &str, expression: &str) -> Group {
    Group { name: name.to_owned(), arn: format!("arn:group/{name}"), expression: expression.to_owned() }
}

#[test]
fn a_group_is_what_it_asks_for() {
    let groups = [
        group("slow", "responsetime > 1"),
        group("failing", "fault"),
        group("bad", "group.name = \"slow\" OR group.arn = \"arn:group/failing\""),
        group("all", ""),
    ];
    let slow = facts("shop 0..2000 GET / 200");
    let failing = facts("shop 0..100 GET / 500");
    let fine = facts("shop 0..100 GET / 200");
    for (expression, expected) in [
        ("group.name = \"slow\"", [true, false, false]),
        ("group.name != \"slow\"", [false, true, true]),
        ("groupname = \"failing\"", [false, true, false]),
        ("group.arn = \"arn:group/slow\"", [true, false, false]),
        ("group.name = \"bad\"", [true, true, false]),
        ("group.name = \"bad\" AND !fault", [true, false, false]),
        ("group.name = \"all\"", [true, true, true]),
        ("group.name = \"nobody\"", [false, false, false]),
        ("NOT group.name = \"nobody\"", [true, true, true]),
    ] {
        let filter = filter(expression).with_groups(&groups, Mode::Strict).unwrap();
        let found = [&slow, &failing, &fine].map(|facts| filter.matches(facts));
        assert_eq!(found, expected, "{expression}");
    }
}

#[test]
fn a_group_is_printed_as_it_was_written() {
    let groups = [group("slow", "responsetime > 1 OR fault")];
    let text = "ok AND !(group.name = \"slow\")";
    assert_eq!(filter(text).with_groups(&groups, Mode::Strict).unwrap().to_string(), text);
}

#[test]
fn groups_that_go_round_are_too_deep_or_wrong_are_told() {
    let mut chain: Vec<Group> =
        (0..20).map(|number| group(&format!("g{number}"), &format!("group.name = \"g{}\"", number + 1))).collect();
    chain.push(group("g20", "ok"));
    let mut wide: Vec<Group> = (0..3)
        .map(|number| group(&format!("w{number}"), &vec![format!("group.name = \"w{}\"", number + 1); 30].join(" OR ")))
        .collect();
    wide.push(group("w3", "ok"));
    for (groups, expression, words) in [
        (vec![group("a", "group.name = \"a\"")], "ok AND group.name = \"a\"", "the group a asks for itself"),
        (
            vec![group("a", "group.name = \"b\""), group("b", "ok OR group.name = \"a\"")],
            "ok AND group.name = \"a\"",
            "the group a asks for itself",
        ),
        (vec![group("a", "ok AND")], "ok AND group.name = \"a\"", "the group a cannot be read"),
        (chain, "ok AND group.name = \"g0\"", "levels deep"),
        (wide, "ok AND group.name = \"w0\"", "are asked for in all"),
    ] {
        let problems = filter(expression).with_groups(&groups, Mode::Strict).unwrap_err();
        assert!(problems[0].message.contains(words), "{problems:#?}");
        assert_eq!(&expression[problems[0].span.clone()], &expression[7..], "the place is that of this expression");
    }
}
