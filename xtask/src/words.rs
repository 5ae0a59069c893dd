//! Words that must not be in the repository: paths of the machine it was written on, and hosts that packages come from.

use std::{fs, process::Command};

use anyhow::Result;

use crate::run;

/// In two parts each, so that this file does not contain them.
const FORBIDDEN: [(&str, &str, &str); 12] = [
    ("/wo", "rk/", "a path of one machine"),
    ("/fa", "rm/", "a path of one machine"),
    ("/ro", "ot/.", "a path of one machine"),
    ("shared", "/design", "a path of one machine"),
    ("sub", "agent", "how it was written"),
    ("index.", "crates.io", "a registry's host: name the package, not where it comes from"),
    ("static.", "crates.io", "a registry's host: name the package, not where it comes from"),
    ("pypi", ".org", "a registry's host: name the package, not where it comes from"),
    ("python", "hosted.org", "a registry's host: name the package, not where it comes from"),
    ("npm", "js.org", "a registry's host: name the package, not where it comes from"),
    ("deb.debian", ".org", "a registry's host: name the package, not where it comes from"),
    ("static.rust", "-lang.org", "a registry's host: name the package, not where it comes from"),
];

/// Where all crates of Cargo.lock come from; a mirror's name would be that of one machine's set-up.
const CRATES: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Every place with a forbidden word.
pub(crate) fn check() -> Result<Vec<String>> {
    let root = run::root();
    let mut listed = Command::new("git");
    // Tracked files and new ones, but nothing that is ignored.
    listed.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(&root);
    let mut found = Vec::new();
    for name in run::output(&mut listed)?.split_terminator('\0') {
        found.extend(check_text(name, name));
        // What is not text, and what was removed and is still listed, has no words.
        let Ok(text) = fs::read_to_string(root.join(name)) else { continue };
        found.extend(check_text(name, &text));
        if name == "Cargo.lock" {
            found.extend(check_lock(&text));
        }
    }
    Ok(found)
}

fn check_text(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for (start, end, why) in FORBIDDEN {
            let word = format!("{start}{end}");
            if line.contains(&word) {
                found.push(format!("{name}:{}: `{word}` is {why}", index + 1));
            }
        }
    }
    found
}

fn check_lock(text: &str) -> Vec<String> {
    let sources = text.lines().enumerate().filter_map(|(index, line)| Some((index, line.strip_prefix("source = ")?)));
    let other = sources.filter(|(_, source)| source.trim_matches('"') != CRATES);
    other
        .map(|(index, source)| format!("Cargo.lock:{}: {source} is not the usual source of crates", index + 1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_free_of_them() -> Result<()> {
        let found = check()?;
        assert!(found.is_empty(), "{}", found.join("\n"));
        Ok(())
    }

    #[test]
    fn a_word_is_found_with_its_place() {
        let found = check_text("a.md", &["fine", &["see /wo", "rk/x"].concat()].join("\n"));
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("a.md:2: "), "{}", found[0]);
        assert!(check_text("a.md", "a network/path and our homework/list").is_empty());
        assert_eq!(check_lock("source = \"git+https://example.com\"").len(), 1);
    }
}
