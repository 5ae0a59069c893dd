//! Lays the page's files out: names by content, and the names written into those that refer to others.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use super::{Effort, bind::Bound, sources};

/// The file that names all others and has no hash in its own name.
const INDEX: &str = "index.html";

/// Loads the page anew after each build.
const RELOAD: &str = include_str!("reload.js");

/// Files by their path in the site's folder.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Joins program, style and the files of `public/`.
///
/// `{{name}}` in a text file of `public/` becomes the address of that file: `app.js`, `app.wasm` and `main.css`
/// everywhere, and the other files of `public/` in `index.html`.
pub(crate) fn lay_out(public: &Path, bound: Bound, style: String, effort: Effort) -> Result<Files> {
    let mut site = Site::default();
    site.add("app.js", bound.js);
    site.add("app.wasm", bound.wasm);
    site.add("main.css", style.into_bytes());
    let mut index = None;
    for (name, content) in read_folder(public)? {
        if name == INDEX {
            index = Some(content);
        } else {
            // All of them see the same names, whatever their order.
            let content =
                fill_in(&name, content, |wanted| BUILT.contains(&wanted).then(|| site.address(wanted)).flatten())?;
            site.add(&name, content);
        }
    }
    let index = index.with_context(|| format!("public/{INDEX} is missing"))?;
    let mut index = fill_in(INDEX, index, |wanted| site.address(wanted))?;
    if effort == Effort::Watch {
        site.add("reload.js", RELOAD.into());
        let script = site.address("reload.js").context("it was just added")?;
        index.extend(format!("<script type=\"module\" src=\"{script}\"></script>\n").into_bytes());
    }
    site.files.insert(INDEX.to_owned(), index);
    Ok(site.files)
}

/// What every file may refer to.
const BUILT: [&str; 3] = ["app.js", "app.wasm", "main.css"];

#[derive(Default)]
struct Site {
    files: Files,
    /// Paths in the site by the names that people use.
    paths: BTreeMap<String, String>,
}

impl Site {
    fn add(&mut self, name: &str, content: Vec<u8>) {
        let path = hashed(name, &content);
        self.paths.insert(name.to_owned(), path.clone());
        self.files.insert(path, content);
    }

    /// Where the browser finds a file. From the root, because the page itself answers at many addresses.
    fn address(&self, name: &str) -> Option<String> {
        self.paths.get(name).map(|path| format!("/{path}"))
    }
}

/// `assets/app-0123456789abcdef.js`: 64 bits of SHA-256, so that a name stands for its content for ever.
fn hashed(name: &str, content: &[u8]) -> String {
    let hash = sources::hex(&Sha256::digest(content)[..8]);
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("assets/{stem}-{hash}.{extension}"),
        None => format!("assets/{name}-{hash}"),
    }
}

fn fill_in(file: &str, content: Vec<u8>, address: impl Fn(&str) -> Option<String>) -> Result<Vec<u8>> {
    let Ok(text) = String::from_utf8(content.clone()) else { return Ok(content) };
    let mut filled = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { bail!("public/{file}: a `{{{{` is not closed") };
        let address =
            address(name).with_context(|| format!("public/{file} refers to `{name}`, which it cannot have"))?;
        filled.push_str(before);
        filled.push_str(&address);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled.into_bytes())
}

fn read_folder(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if !entry.file_type()?.is_file() {
            bail!("public/{name}: only files are served, no folders");
        }
        files.insert(name, fs::read(entry.path())?);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_content() {
        let name = hashed("app.js", b"1");
        assert!(name.starts_with("assets/app-") && name.len() == "assets/app-0123456789abcdef.js".len(), "{name}");
        assert_eq!(name, hashed("app.js", b"1"));
        assert_ne!(name, hashed("app.js", b"2"));
    }

    #[test]
    fn addresses_are_filled_in_and_unknown_ones_refused() -> Result<()> {
        let address = |name: &str| (name == "a.js").then(|| "/assets/a-1.js".to_owned());
        let filled = fill_in("x.html", b"<script src={{a.js}}>{}</script>".to_vec(), address)?;
        assert_eq!(filled, b"<script src=/assets/a-1.js>{}</script>");
        for bad in ["{{b.js}}", "{{a.js"] {
            assert!(fill_in("x.html", bad.into(), address).is_err(), "{bad}");
        }
        Ok(())
    }

    #[test]
    fn the_page_runs_no_inline_script_and_no_inline_style() -> Result<()> {
        let bound = Bound { js: Vec::new(), wasm: Vec::new() };
        let files = lay_out(&crate::run::root().join("public"), bound, String::new(), Effort::Watch)?;
        let index = String::from_utf8(files[INDEX].clone())?;
        assert!(!index.contains("{{") && !index.contains("<style") && !index.contains("style="), "{index}");
        for script in index.split("<script").skip(1) {
            let tag = script.split_once('>').map(|(tag, _)| tag).unwrap_or_default();
            assert!(tag.contains("src=\"/assets/"), "the content security policy refuses <script{tag}>");
        }
        Ok(())
    }
}
