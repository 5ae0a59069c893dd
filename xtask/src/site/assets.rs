//! Writes the site's folder, with compressed copies beside what compresses.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::{
    Effort,
    manifest::{File, Manifest},
    page::Files,
};

/// Everything else is compressed in its own way already.
const COMPRESSES: [&str; 7] = ["css", "html", "js", "json", "svg", "txt", "wasm"];

/// Puts the files in the place of the folder's former ones.
///
/// The new folder is made beside the old one and takes its place at once, so that a server never reads half of it.
pub(crate) fn write(folder: &Path, files: Files, source_hash: String, effort: Effort) -> Result<Manifest> {
    let new = folder.with_extension("new");
    remove(&new)?;
    fs::create_dir_all(new.join("assets"))?;
    let mut described = Vec::new();
    for (path, content) in files {
        let compressed = Compressed::of(&path, &content, folder, effort)?;
        let brotli_bytes = compressed.as_ref().map_or(content.len(), |it| it.brotli.len()) as u64;
        fs::write(new.join(&path), &content)?;
        if let Some(Compressed { brotli, gzip }) = compressed {
            fs::write(new.join(format!("{path}.br")), brotli)?;
            fs::write(new.join(format!("{path}.gz")), gzip)?;
        }
        described.push(File { path, bytes: content.len() as u64, brotli_bytes });
    }
    let manifest = Manifest { source_hash, effort: effort.name().to_owned(), files: described };
    manifest.write(&new)?;
    remove(folder)?;
    fs::rename(&new, folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(manifest)
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

struct Compressed {
    brotli: Vec<u8>,
    gzip: Vec<u8>,
}

impl Compressed {
    /// `None` for what does not compress. Copies in the former folder are taken over: a hashed name stands for its
    /// content.
    fn of(path: &str, content: &[u8], former: &Path, effort: Effort) -> Result<Option<Self>> {
        let extension = path.rsplit_once('.').map(|(_, extension)| extension).unwrap_or_default();
        if !COMPRESSES.contains(&extension) {
            return Ok(None);
        }
        let former_copy = |suffix: &str| -> Option<Vec<u8>> {
            let reusable = path.starts_with("assets/") && effort == Effort::Release && is_release(former);
            let copy: PathBuf = former.join(format!("{path}.{suffix}"));
            reusable.then(|| fs::read(copy).ok()).flatten()
        };
        if let (Some(brotli), Some(gzip)) = (former_copy("br"), former_copy("gz")) {
            return Ok(Some(Self { brotli, gzip }));
        }
        Ok(Some(Self { brotli: brotli(content, effort)?, gzip: gzip(content, effort)? }))
    }
}

fn is_release(folder: &Path) -> bool {
    Manifest::read_whole(folder).is_some_and(|manifest| manifest.effort == Effort::Release.name())
}

fn brotli(content: &[u8], effort: Effort) -> Result<Vec<u8>> {
    let quality = match effort {
        Effort::Release => 11,
        Effort::Dev | Effort::Watch => 3,
    };
    let params = brotli::enc::BrotliEncoderParams { quality, lgwin: 22, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut compressed, &params)?;
    Ok(compressed)
}

fn gzip(content: &[u8], effort: Effort) -> Result<Vec<u8>> {
    let level = match effort {
        Effort::Release => flate2::Compression::best(),
        Effort::Dev | Effort::Watch => flate2::Compression::fast(),
    };
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn compressed_copies_hold_the_same() -> Result<()> {
        let content = "roentgen ".repeat(1000).into_bytes();
        let former = Path::new("there/is/none");
        let made = Compressed::of("assets/a-1.js", &content, former, Effort::Dev)?.context("it compresses")?;
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut &*made.brotli, &mut unpacked)?;
        assert_eq!(unpacked, content);
        unpacked.clear();
        flate2::read::GzDecoder::new(&*made.gzip).read_to_end(&mut unpacked)?;
        assert_eq!(unpacked, content);
        assert!(Compressed::of("assets/a-1.png", &content, former, Effort::Dev)?.is_none());
        Ok(())
    }
}
