//! The rooms of the house: which crate may use which, and what must not be in it. ARCHITECTURE.md tells it in words.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::run::{self, For};

/// A crate of the workspace and its boundary.
struct Room {
    name: &'static str,
    /// The rooms that its code may use, directly.
    uses: &'static [&'static str],
    /// The rooms that its tests may use beside those.
    tests_use: &'static [&'static str],
    /// Crates that must not be linked into it, by whatever way; a `*` at the end stands for any more letters.
    never_links: &'static [&'static str],
    /// Crates that it must not use itself, though others may bring them.
    never_uses: &'static [&'static str],
    why: &'static str,
}

/// What would make a pure room depend on a machine, a moment or a network, or weigh down the page.
const IMPURE: &[&str] = &[
    "tokio",
    "mio",
    "hyper",
    "axum",
    "tower*",
    "reqwest",
    "aws-*",
    "rustls",
    "regex*",
    "leptos*",
    "web-sys",
    "js-sys",
    "wasm-bindgen",
    "getrandom",
    "rand",
    "tracing*",
    "log",
];

const SERVER_SIDE: &[&str] = &["tokio", "mio", "hyper", "axum", "tower-http", "reqwest", "aws-*", "rustls"];

/// From the ground up: a room uses only rooms above it.
const ROOMS: [Room; 18] = [
    pure("model", &[], &[], "browser, server and local X-Ray share its meaning of a trace"),
    pure("format", &[], &[], "it knows numbers and moments, not the model"),
    pure("order", &[], &[], "it sorts, and knows nothing"),
    pure("fixture", &["model"], &[], "it draws traces for tests, and nothing else"),
    pure("console", &[], &[], "it makes addresses from text"),
    pure("analysis", &["model"], &["fixture"], "what follows from a trace follows everywhere alike"),
    pure("filter", &["model", "order"], &["analysis", "fixture"], "an expression means the same wherever it is asked"),
    pure(
        "layout",
        &["model", "order"],
        &["fixture"],
        "geometry is a function: same input, same output on every machine",
    ),
    pure("otlp", &["model"], &["fixture"], "a span becomes the same document in the server and in the browser"),
    pure(
        "import",
        &["format", "model", "otlp"],
        &["fixture"],
        "a file means the same, whether it is opened in the browser or sent to the local X-Ray",
    ),
    pure("api", &["model"], &["fixture"], "the wire between page and server has no behaviour"),
    Room {
        name: "store",
        uses: &["analysis", "filter", "model"],
        tests_use: &["fixture"],
        never_links: &["tokio", "mio", "hyper", "axum", "tower*", "reqwest", "aws-*", "rustls", "leptos*"],
        never_uses: &[],
        why: "it keeps traces and knows neither HTTP nor AWS",
    },
    Room {
        name: "local-xray",
        uses: &["analysis", "filter", "model", "otlp", "store"],
        tests_use: &["fixture"],
        never_links: &["aws-*", "leptos*"],
        never_uses: &[],
        why: "it is a service of its own: neither our server nor our page has a private door to it",
    },
    Room {
        name: "demo",
        uses: &["model"],
        tests_use: &["analysis", "fixture", "local-xray"],
        never_links: &["axum", "tower-http", "leptos*"],
        never_uses: &[],
        why: "it makes traffic and sends it by the public protocol, wherever an X-Ray is",
    },
    Room {
        name: "server",
        uses: &["analysis", "api", "console", "demo", "filter", "format", "import", "local-xray", "model", "otlp"],
        tests_use: &["fixture"],
        never_links: &["leptos*", "layout"],
        never_uses: &["store"],
        why: "it asks X-Ray and answers the page; it draws nothing and has no private door to the store",
    },
    Room {
        name: "app",
        uses: &["analysis", "api", "console", "filter", "format", "import", "layout", "model", "order"],
        tests_use: &["fixture"],
        never_links: SERVER_SIDE,
        never_uses: &["regex", "regex-lite"],
        why: "it is downloaded by a browser, and regex alone would double its bytes",
    },
    Room {
        name: "tests",
        uses: &[],
        // The bench of ingest drives the service without a network.
        tests_use: &["analysis", "api", "demo", "filter", "fixture", "format", "layout", "local-xray", "model"],
        never_links: &[],
        never_uses: &[],
        why: "stories go through public interfaces alone",
    },
    Room {
        name: "xtask",
        uses: &[],
        tests_use: &[],
        never_links: &["tokio", "aws-*", "leptos*"],
        never_uses: &[],
        why: "it builds the product and has none of its logic",
    },
];

const fn pure(
    name: &'static str,
    uses: &'static [&'static str],
    tests_use: &'static [&'static str],
    why: &'static str,
) -> Room {
    Room { name, uses, tests_use, never_links: IMPURE, never_uses: &[], why }
}

/// One crate of the workspace, as cargo describes it.
#[derive(Default)]
struct Member {
    uses: BTreeSet<String>,
    tests_use: BTreeSet<String>,
}

/// Every broken boundary, in a sentence; none in a tidy house.
pub(crate) fn check() -> Result<Vec<String>> {
    let members = members()?;
    let mut broken = compare(&members);
    for room in ROOMS.iter().filter(|room| members.contains_key(room.name) && !room.never_links.is_empty()) {
        broken.extend(forbidden(room, &linked(room.name)?));
    }
    Ok(broken)
}

fn compare(members: &BTreeMap<String, Member>) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, member) in members {
        let Some(room) = ROOMS.iter().find(|room| room.name == name) else {
            broken.push(format!("`{name}` is in no row of the table of rooms (xtask/src/rooms.rs, ARCHITECTURE.md)"));
            continue;
        };
        let is_room = |used: &&String| members.contains_key(used.as_str());
        let allowed = |used: &str| room.uses.contains(&used);
        for used in member.uses.iter().filter(is_room).filter(|used| !allowed(used)) {
            broken.push(format!("`{name}` must not use `{used}`: {}", room.why));
        }
        let in_tests = |used: &str| allowed(used) || room.tests_use.contains(&used) || used == name;
        for used in member.tests_use.iter().filter(is_room).filter(|used| !in_tests(used)) {
            broken.push(format!("the tests of `{name}` must not use `{used}`: {}", room.why));
        }
        for used in member.uses.iter().filter(|used| room.never_uses.contains(&used.as_str())) {
            broken.push(format!("`{name}` must not use `{used}` itself: {}", room.why));
        }
    }
    for room in ROOMS.iter().filter(|room| !members.contains_key(room.name)) {
        broken.push(format!("the table of rooms has `{}`, and the workspace does not", room.name));
    }
    broken
}

fn forbidden(room: &Room, linked: &BTreeSet<String>) -> Vec<String> {
    let matches = |pattern: &str, name: &str| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    };
    let is_forbidden = |name: &&String| room.never_links.iter().any(|pattern| matches(pattern, name));
    let sentence = |name: &String| {
        format!("`{0}` must not pull in `{name}`: {1} (cargo tree -p {0} -i {name} -e normal)", room.name, room.why)
    };
    linked.iter().filter(is_forbidden).map(sentence).collect()
}

fn members() -> Result<BTreeMap<String, Member>> {
    let args = ["metadata", "--format-version", "1", "--no-deps"];
    let metadata: Value = serde_json::from_str(&run::output(&mut run::cargo(For::Host, &args))?)?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let mut members = BTreeMap::new();
    for package in packages {
        let mut member = Member::default();
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let name = dependency["name"].as_str().context("a dependency has no name")?.to_owned();
            let set = if dependency["kind"] == "dev" { &mut member.tests_use } else { &mut member.uses };
            set.insert(name);
        }
        members.insert(package["name"].as_str().context("a package has no name")?.to_owned(), member);
    }
    Ok(members)
}

/// The names of all crates that this one links, for its own target: the browser's for the page, else any.
fn linked(name: &str) -> Result<BTreeSet<String>> {
    let target = if name == "app" { run::WASM } else { "all" };
    // Crates of macros run in the compiler and are not linked.
    let edges = "normal,no-proc-macro";
    let args = ["tree", "--package", name, "--edges", edges, "--target", target, "--prefix", "none", "--format", "{p}"];
    let tree = run::output(&mut run::cargo(For::Host, &args))?;
    Ok(tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|it| *it != name)
        .map(str::to_owned)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boundaries_hold() -> Result<()> {
        let broken = check()?;
        assert!(broken.is_empty(), "{}", broken.join("\n"));
        Ok(())
    }

    #[test]
    fn a_room_uses_only_rooms_above_it() {
        for (index, room) in ROOMS.iter().enumerate() {
            for used in room.uses.iter().chain(room.tests_use) {
                let above = ROOMS[..index].iter().any(|above| above.name == *used);
                assert!(above, "`{used}` does not stand above `{}`", room.name);
            }
        }
    }

    #[test]
    fn a_broken_boundary_is_told_with_its_reason() {
        let member =
            |uses: &[&str]| Member { uses: uses.iter().map(ToString::to_string).collect(), ..Member::default() };
        let mut members: BTreeMap<String, Member> =
            ROOMS.iter().map(|room| (room.name.to_owned(), Member::default())).collect();
        assert!(compare(&members).is_empty());
        members.insert("layout".to_owned(), member(&["server", "serde"]));
        members.insert("app".to_owned(), member(&["regex"]));
        members.insert("attic".to_owned(), Member::default());
        let broken = compare(&members);
        assert_eq!(broken.len(), 3, "{broken:#?}");
        assert!(broken[0].starts_with("`app` must not use `regex` itself: "), "{}", broken[0]);
        assert!(broken[1].starts_with("`attic` is in no row"), "{}", broken[1]);
        assert!(broken[2].starts_with("`layout` must not use `server`: "), "{}", broken[2]);
    }

    #[test]
    fn what_is_linked_is_matched_by_name_and_by_start() {
        let linked = ["aws-config", "serde", "tokio", "tokio-stub"].map(str::to_owned).into();
        let broken = forbidden(&ROOMS[0], &linked);
        assert_eq!(broken.len(), 2, "{broken:#?}");
    }
}
