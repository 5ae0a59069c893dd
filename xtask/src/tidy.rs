//! Rules of the sources that no compiler knows: who may name what.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::run;

/// A rule about the lines of some files.
struct Rule {
    /// What is wrong and what to do instead.
    says: &'static str,
    /// Folders, from the workspace's.
    looks_at: &'static [&'static str],
    extensions: &'static [&'static str],
    /// Files and folders that may.
    except: &'static [&'static str],
    /// Whether tests are bound as well.
    binds_tests: bool,
    is_broken_by: fn(&str) -> bool,
}

const RULES: [Rule; 6] = [
    Rule {
        says: "`web_sys` is called in app/src/platform alone",
        looks_at: &["app/src"],
        extensions: &["rs"],
        except: &["app/src/platform"],
        binds_tests: true,
        is_broken_by: |line| names(line, "web_sys"),
    },
    Rule {
        says: "fetching is done in app/src/data alone, by means of app/src/platform",
        looks_at: &["app/src"],
        extensions: &["rs"],
        except: &["app/src/data", "app/src/platform"],
        binds_tests: true,
        is_broken_by: |line| FETCHING.iter().any(|name| line.contains(name)),
    },
    Rule {
        says: "`aws_sdk_xray` is named in server/src/source, and where the demo sends: no type of the SDK goes beyond",
        looks_at: &["server/src", "crates"],
        extensions: &["rs"],
        except: &["server/src/source", "crates/demo/src/send.rs"],
        binds_tests: false,
        is_broken_by: |line| names(line, "aws_sdk_xray"),
    },
    Rule {
        says: "`aws_config` is named in server/src/data_source alone: that is where credentials are",
        looks_at: &["server/src", "crates"],
        extensions: &["rs"],
        except: &["server/src/data_source"],
        binds_tests: true,
        is_broken_by: |line| names(line, "aws_config") || names(line, "aws_sdk_sts"),
    },
    Rule {
        says: "the environment is read in server/src/config.rs alone",
        looks_at: &["server/src", "crates", "app/src"],
        extensions: &["rs"],
        except: &["server/src/config.rs"],
        binds_tests: false,
        is_broken_by: |line| ["env::var", "env::args", "env::vars"].iter().any(|name| line.contains(name)),
    },
    Rule {
        says: "colours are written in style/tokens.css alone; use a variable of it",
        looks_at: &["style", "app/src", "public"],
        extensions: &["css", "html", "js", "rs"],
        except: &["style/tokens.css"],
        binds_tests: false,
        // In a mask only the opacity counts.
        is_broken_by: |line| has_colour(line) && !line.trim_start().starts_with("mask"),
    },
];

/// Ways of a page to reach a network.
const FETCHING: [&str; 9] = [
    "fetch_with_",
    "gloo_net",
    "reqwest",
    "XmlHttpRequest",
    "EventSource",
    "WebSocket",
    "send_beacon",
    "platform::http",
    "platform::fetch",
];

/// Every broken rule with its place; none in a tidy house.
pub(crate) fn check() -> Result<Vec<String>> {
    let root = run::root();
    let mut broken = Vec::new();
    for rule in &RULES {
        for folder in rule.looks_at {
            for file in files_below(&root.join(folder))? {
                broken.extend(rule.check_file(&root, &file)?);
            }
        }
    }
    for folder in ["app", "crates", "server", "tests", "xtask"] {
        for file in files_below(&root.join(folder))? {
            if extension(&file) == "rs" && !fs::read_to_string(&file)?.starts_with("//!") {
                broken.push(format!(
                    "{}:1: a file opens with one `//!` sentence: what it is for",
                    relative(&root, &file)
                ));
            }
        }
    }
    Ok(broken)
}

impl Rule {
    fn check_file(&self, root: &Path, file: &Path) -> Result<Vec<String>> {
        let name = relative(root, file);
        let may = |except: &&str| name == **except || name.starts_with(&format!("{except}/"));
        let is_test = name.ends_with("/tests.rs") || name.contains("/tests/");
        if !self.extensions.contains(&extension(file)) || self.except.iter().any(may) || (is_test && !self.binds_tests)
        {
            return Ok(Vec::new());
        }
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
        Ok(self.broken_lines(&text).into_iter().map(|line| format!("{name}:{line}: {}", self.says)).collect())
    }

    /// Numbers of the lines that break the rule; comments do not, and tests at a file's end only if they are bound.
    fn broken_lines(&self, text: &str) -> Vec<usize> {
        let lines = text.lines().enumerate();
        let code = lines.take_while(|(_, line)| self.binds_tests || line.trim() != "#[cfg(test)]");
        let code = code.filter(|(_, line)| !line.trim_start().starts_with("//"));
        code.filter(|(_, line)| (self.is_broken_by)(line)).map(|(index, _)| index + 1).collect()
    }
}

/// Whether a line names this crate: the word alone, not a part of another.
fn names(line: &str, word: &str) -> bool {
    let in_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(in_word) && !after.is_some_and(in_word)
    })
}

/// Functions of CSS that make a colour from numbers; `color-mix` makes one from others and is welcome.
const COLOUR_FUNCTIONS: [&str; 9] = ["rgb(", "rgba(", "hsl(", "hsla(", "hwb(", "lab(", "lch(", "oklab(", "oklch("];

fn has_colour(line: &str) -> bool {
    let function = COLOUR_FUNCTIONS.iter().any(|name| {
        let starts =
            |at: usize| line.get(..at).and_then(|it| it.chars().next_back()).is_none_or(|it| !it.is_alphanumeric());
        line.match_indices(name).any(|(at, _)| starts(at))
    });
    function || line.match_indices('#').any(|(at, _)| is_hex_colour(line, at))
}

/// Whether the `#` at this byte opens `#rgb`, `#rgba`, `#rrggbb` or `#rrggbbaa`.
fn is_hex_colour(line: &str, at: usize) -> bool {
    let (before, after) = (line.get(..at).unwrap_or_default(), line.get(at + 1..).unwrap_or_default());
    // Not the end of `r#"…`, of an HTML entity, or of an address.
    if before.chars().next_back().is_some_and(|it| it.is_alphanumeric() || matches!(it, '&' | '/' | '#')) {
        return false;
    }
    let word: String = after.chars().take_while(|it| it.is_alphanumeric() || matches!(it, '_' | '-')).collect();
    matches!(word.len(), 3 | 4 | 6 | 8) && word.chars().all(|it| it.is_ascii_hexdigit())
}

/// All files below a folder, in order; none when it does not exist.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        if !folder.exists() {
            continue;
        }
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

fn relative(root: &Path, file: &Path) -> String {
    file.strip_prefix(root).unwrap_or(file).to_string_lossy().replace('\\', "/")
}

fn extension(file: &Path) -> &str {
    file.extension().and_then(|it| it.to_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sources_are_tidy() -> Result<()> {
        let broken = check()?;
        assert!(broken.is_empty(), "{}", broken.join("\n"));
        Ok(())
    }

    #[test]
    fn colours_are_told_from_other_things() {
        for colour in ["a { color: #fff; }", "x: #12ab34ff", "fill(\"#a0b\")", "rgb(1 2 3)", "x: oklch(1 0 0)"] {
            assert!(has_colour(colour), "{colour}");
        }
        for other in [
            "#[test]",
            "r#\"abc\"#",
            "#boot { }",
            "color-mix(in srgb, var(--a), var(--b))",
            "href=\"/x#abc\"",
            "&#123;",
            "#face-1",
        ] {
            assert!(!has_colour(other), "{other}");
        }
    }

    #[test]
    fn a_crate_is_named_as_a_word() {
        assert!(names("use web_sys::Window;", "web_sys"));
        assert!(!names("let my_web_system = 1;", "web_sys"));
    }

    #[test]
    fn comments_and_tests_at_the_end_may_speak_of_it() {
        let text = "// env::var\nfn f() {}\n#[cfg(test)]\nfn g() { env::var(\"X\"); }\n";
        let rule = RULES.iter().find(|rule| rule.says.contains("environment")).expect("it is in the table");
        assert!(rule.broken_lines(text).is_empty());
        assert_eq!(rule.broken_lines("\nlet x = std::env::var(\"X\");"), [2]);
    }
}
