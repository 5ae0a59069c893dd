//! Licences and bans of all dependencies, against `deny.toml`: by ourselves, and by cargo-deny where it is installed.

use std::{collections::BTreeSet, fs};

use anyhow::{Context as _, Result};
use semver::{Version, VersionReq};
use serde_json::Value;
use spdx::{Expression, ParseMode};
use toml::Table;

use crate::run::{self, For};

/// A crate that we did not write.
struct Foreign {
    name: String,
    version: Version,
    /// An expression of SPDX; old crates write `/` for `OR`.
    licence: Option<String>,
}

/// What `deny.toml` says, as far as we check it.
struct Rules {
    allowed: BTreeSet<String>,
    banned: Vec<Ban>,
}

struct Ban {
    name: String,
    versions: VersionReq,
    reason: String,
}

/// Every crate with a licence that is not allowed, and every banned crate.
pub(crate) fn check() -> Result<Vec<String>> {
    let text = fs::read_to_string(run::root().join("deny.toml")).context("cannot read deny.toml")?;
    let found = judge(&Rules::read(&text)?, &foreign_crates()?);
    if run::is_installed("cargo-deny") {
        run::run(&mut run::cargo(For::Host, &["deny", "check"]))?;
    } else {
        println!("xtask: cargo-deny is not installed: advisories are not checked");
    }
    Ok(found)
}

fn judge(rules: &Rules, crates: &[Foreign]) -> Vec<String> {
    let mut found = Vec::new();
    for it in crates {
        let Foreign { name, version, licence } = it;
        match licence {
            None => found.push(format!("{name} {version} names no licence")),
            Some(licence) if !rules.allow(licence) => {
                found.push(format!("{name} {version}: `{licence}` is not within `licenses.allow` of deny.toml"));
            }
            Some(_) => {}
        }
        for ban in rules.banned.iter().filter(|ban| ban.name == *name && ban.versions.matches(version)) {
            found.push(format!("{name} {version} is banned: {} (cargo tree -i {name}@{version})", ban.reason));
        }
    }
    found
}

impl Rules {
    fn read(text: &str) -> Result<Self> {
        let table: Table = text.parse().context("deny.toml")?;
        let list = |section: &str, key: &str| {
            let value = table.get(section).and_then(|it| it.get(key)).and_then(toml::Value::as_array);
            value.with_context(|| format!("deny.toml has no `{section}.{key}`"))
        };
        let allowed = list("licenses", "allow")?.iter().filter_map(|it| it.as_str()).map(str::to_owned).collect();
        let banned = list("bans", "deny")?.iter().map(Ban::read).collect::<Result<_>>()?;
        Ok(Self { allowed, banned })
    }

    /// Whether a licence expression can be met with allowed licences. One that cannot be read is not.
    fn allow(&self, licence: &str) -> bool {
        let mode = ParseMode { allow_slash_as_or_operator: true, ..ParseMode::STRICT };
        Expression::parse_mode(licence, mode)
            .is_ok_and(|expression| expression.evaluate(|wanted| self.allowed.contains(&wanted.to_string())))
    }
}

impl Ban {
    fn read(value: &toml::Value) -> Result<Self> {
        let member = |name: &str| value.get(name).and_then(toml::Value::as_str);
        let name = member("crate").or(member("name")).context("deny.toml: a ban names no crate")?;
        let versions = member("version").unwrap_or("*");
        let versions = VersionReq::parse(versions).with_context(|| format!("deny.toml: {name} {versions}"))?;
        let reason = member("reason").with_context(|| format!("deny.toml: the ban of {name} gives no reason"))?;
        Ok(Self { name: name.to_owned(), versions, reason: reason.to_owned() })
    }
}

fn foreign_crates() -> Result<Vec<Foreign>> {
    let metadata: Value =
        serde_json::from_str(&run::output(&mut run::cargo(For::Host, &["metadata", "--format-version", "1"]))?)?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let foreign = packages.iter().filter(|package| !package["source"].is_null());
    foreign
        .map(|package| {
            let text = |member: &str| package[member].as_str().map(str::to_owned);
            let name = text("name").context("a package has no name")?;
            let version = Version::parse(&text("version").context("a package has no version")?)?;
            Ok(Foreign { name, version, licence: text("license") })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r#"
        [licenses]
        allow = ["MIT", "Apache-2.0", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"]
        [bans]
        deny = [{ name = "hyper", version = "<1", reason = "old" }, { crate = "native-tls", reason = "not ours" }]
    "#;

    fn foreign(name: &str, version: &str, licence: Option<&str>) -> Result<Foreign> {
        Ok(Foreign { name: name.to_owned(), version: Version::parse(version)?, licence: licence.map(str::to_owned) })
    }

    #[test]
    fn all_dependencies_are_within_the_rules() -> Result<()> {
        let text = fs::read_to_string(run::root().join("deny.toml"))?;
        let found = judge(&Rules::read(&text)?, &foreign_crates()?);
        assert!(found.is_empty(), "{}", found.join("\n"));
        Ok(())
    }

    #[test]
    fn licence_expressions_are_understood() -> Result<()> {
        let rules = Rules::read(RULES)?;
        let cases = [
            ("MIT", true),
            ("MIT/Apache-2.0", true),
            ("MIT OR GPL-3.0-only", true),
            ("MIT AND GPL-3.0-only", false),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("GPL-3.0-only", false),
            ("do what you like", false),
        ];
        for (licence, allowed) in cases {
            assert_eq!(rules.allow(licence), allowed, "{licence}");
        }
        Ok(())
    }

    #[test]
    fn bans_go_by_name_and_version() -> Result<()> {
        let crates = [
            foreign("hyper", "0.14.3", Some("MIT"))?,
            foreign("hyper", "1.2.0", Some("MIT"))?,
            foreign("native-tls", "0.2.0", Some("MIT"))?,
            foreign("nameless", "1.0.0", None)?,
        ];
        let found = judge(&Rules::read(RULES)?, &crates);
        assert_eq!(found.len(), 3, "{found:#?}");
        Ok(())
    }
}
