//! The sources that the page is made of, and their hash: it tells whether a built page is of the present sources.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::run::{self, For};

/// Beside the page's crates: style, files served as they are, this builder, and what steers cargo.
const OTHERS: [&str; 6] = ["style", "public", "xtask/src/site", "Cargo.toml", "Cargo.lock", ".cargo/config.toml"];

/// SHA-256 over paths and contents of all sources of the page, in hexadecimal.
pub(crate) fn hash(root: &Path) -> Result<String> {
    let mut files = BTreeSet::new();
    for folder in page_crates()? {
        collect(&folder, &mut files)?;
    }
    for name in OTHERS {
        collect(&root.join(name), &mut files)?;
    }
    hash_files(root, &files)
}

fn hash_files(root: &Path, files: &BTreeSet<PathBuf>) -> Result<String> {
    let mut hash = Sha256::new();
    for path in files {
        let content = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy();
        // Lengths first, so that a byte cannot wander from a name into a content unseen.
        for part in [name.as_bytes(), &content] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    Ok(hex(&hash.finalize()))
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// The folders of `app` and of the workspace's crates it links.
fn page_crates() -> Result<BTreeSet<PathBuf>> {
    let args = ["metadata", "--format-version", "1", "--no-deps"];
    let metadata: Value = serde_json::from_str(&run::output(&mut run::cargo(For::Host, &args))?)?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let mut folders = BTreeSet::new();
    let mut names = vec!["app"];
    while let Some(name) = names.pop() {
        let package = packages.iter().find(|package| package["name"] == name);
        let package = package.with_context(|| format!("there is no package `{name}`"))?;
        let manifest = Path::new(package["manifest_path"].as_str().context("a package has no manifest")?);
        if !folders.insert(manifest.parent().context("a manifest has no folder")?.to_owned()) {
            continue;
        }
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        let linked = dependencies.filter(|it| it["path"].is_string() && it["kind"] != "dev");
        names.extend(linked.filter_map(|it| it["name"].as_str()));
    }
    Ok(folders)
}

/// Adds a file, or all files below a folder; names with a dot before them are an editor's.
fn collect(path: &Path, files: &mut BTreeSet<PathBuf>) -> Result<()> {
    let mut folders = vec![path.to_owned()];
    while let Some(path) = folders.pop() {
        if path.is_file() {
            files.insert(path);
            continue;
        }
        for entry in fs::read_dir(&path).with_context(|| format!("cannot read {}", path.display()))? {
            let entry = entry?;
            if !entry.file_name().to_string_lossy().starts_with('.') {
                folders.push(entry.path());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_of_names_and_contents() -> Result<()> {
        let root = std::env::temp_dir().join(format!("roentgen-sources-{}", std::process::id()));
        fs::create_dir_all(root.join("sub"))?;
        let hash = |write: &[(&str, &str)]| -> Result<String> {
            let mut files = BTreeSet::new();
            for (name, content) in write {
                fs::write(root.join(name), content)?;
                collect(&root.join(name), &mut files)?;
            }
            hash_files(&root, &files)
        };
        let first = hash(&[("a", "1"), ("sub/b", "2")])?;
        assert_eq!(first, hash(&[("sub/b", "2"), ("a", "1")])?, "order does not count");
        assert_ne!(first, hash(&[("a", "1"), ("sub/b", "3")])?, "contents do");
        assert_ne!(first, hash(&[("a", "1"), ("sub/c", "2")])?, "names do");
        assert_eq!(first.len(), 64);
        fs::remove_dir_all(&root)?;
        Ok(())
    }

    #[test]
    fn the_page_is_made_of_the_app_and_the_model_but_not_of_the_server() -> Result<()> {
        let folders = page_crates()?;
        let has = |name: &str| folders.contains(&run::root().join(name));
        assert!(has("app") && has("crates/model") && has("crates/layout"));
        assert!(!has("server") && !has("crates/store") && !has("crates/fixture"));
        Ok(())
    }
}
