//! `site.json`: of which sources the page is, and what its files weigh.

use std::{fs, path::Path};

use anyhow::Result;
use serde_json::{Value, json};

/// What `site.json` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// SHA-256 over all sources of the page, in hexadecimal.
    pub(crate) source_hash: String,
    /// `release` or `dev`.
    pub(crate) effort: String,
    pub(crate) files: Vec<File>,
}

/// A file that the browser may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    /// Relative to the site's folder, with `/`.
    pub(crate) path: String,
    pub(crate) bytes: u64,
    /// What goes over the wire; equal to `bytes` for what does not compress.
    pub(crate) brotli_bytes: u64,
}

impl Manifest {
    /// Reads the manifest of a site's folder; `None` when it is missing, malformed, or names files that are not there.
    pub(crate) fn read_whole(folder: &Path) -> Option<Self> {
        let text = fs::read_to_string(folder.join("site.json")).ok()?;
        let manifest = Self::from_json(&serde_json::from_str(&text).ok()?)?;
        let whole = manifest
            .files
            .iter()
            .all(|file| fs::metadata(folder.join(&file.path)).is_ok_and(|found| found.len() == file.bytes));
        whole.then_some(manifest)
    }

    /// Writes it into a site's folder.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let files: Vec<Value> = self
            .files
            .iter()
            .map(|file| json!({ "path": file.path, "bytes": file.bytes, "brotli_bytes": file.brotli_bytes }))
            .collect();
        let value = json!({ "source_hash": self.source_hash, "effort": self.effort, "files": files });
        fs::write(folder.join("site.json"), serde_json::to_string_pretty(&value)? + "\n")?;
        Ok(())
    }

    fn from_json(value: &Value) -> Option<Self> {
        let file = |value: &Value| {
            Some(File {
                path: value["path"].as_str()?.to_owned(),
                bytes: value["bytes"].as_u64()?,
                brotli_bytes: value["brotli_bytes"].as_u64()?,
            })
        };
        Some(Self {
            source_hash: value["source_hash"].as_str()?.to_owned(),
            effort: value["effort"].as_str()?.to_owned(),
            files: value["files"].as_array()?.iter().map(file).collect::<Option<_>>()?,
        })
    }

    /// Bytes over the wire, all files together, compressed with brotli.
    pub(crate) fn brotli_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.brotli_bytes).sum()
    }

    /// Its weight in words.
    pub(crate) fn weight(&self) -> String {
        let bytes: u64 = self.files.iter().map(|file| file.bytes).sum();
        let kilo = |bytes: u64| bytes as f64 / 1000.0;
        format!(
            "{} build, {} files, {:.0} kB, {:.1} kB over the wire",
            self.effort,
            self.files.len(),
            kilo(bytes),
            kilo(self.brotli_bytes())
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_as_it_was_written() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("roentgen-manifest-{}", std::process::id()));
        fs::create_dir_all(folder.join("assets"))?;
        fs::write(folder.join("assets/a.js"), "12345")?;
        let file = File { path: "assets/a.js".to_owned(), bytes: 5, brotli_bytes: 3 };
        let manifest = Manifest { source_hash: "ab".to_owned(), effort: "dev".to_owned(), files: vec![file] };
        manifest.write(&folder)?;
        assert_eq!(Manifest::read_whole(&folder), Some(manifest));
        fs::write(folder.join("assets/a.js"), "cut")?;
        assert_eq!(Manifest::read_whole(&folder), None, "a file of another length is not the one described");
        fs::remove_dir_all(&folder)?;
        Ok(())
    }
}
