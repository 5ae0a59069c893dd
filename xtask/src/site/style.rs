//! Joins the stylesheets into one, with lightningcss.

use std::path::Path;

use anyhow::{Result, anyhow, bail};
use lightningcss::{
    bundler::{Bundler, FileProvider},
    printer::PrinterOptions,
    stylesheet::{MinifyOptions, ParserOptions},
};

use super::Effort;

/// The stylesheet at this path with all that it imports; small under [`Effort::Release`].
///
/// A mistake in a stylesheet is an error with file, line and column.
pub(crate) fn bundle(entry: &Path, effort: Effort) -> Result<String> {
    let files = FileProvider::new();
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    // The errors borrow from the sources: they leave as text.
    let mut sheet = bundler.bundle(entry).map_err(|error| anyhow!("{error}"))?;
    let minify = effort == Effort::Release;
    if minify {
        sheet.minify(MinifyOptions::default()).map_err(|error| anyhow!("{error}"))?;
    }
    let printed = sheet.to_css(PrinterOptions { minify, ..PrinterOptions::default() });
    let code = printed.map_err(|error| anyhow!("{error}"))?.code;
    if let Some(url) = outside_reference(&code) {
        bail!("the style refers to {url}…, and files that it refers to are not copied; use a data: address");
    }
    Ok(code)
}

/// The first `url(…)` that is not written out in the style itself.
fn outside_reference(css: &str) -> Option<&str> {
    css.match_indices("url(").map(|(at, _)| css.get(at..).unwrap_or_default()).find_map(|reference| {
        let inside = reference.trim_start_matches("url(").trim_start_matches(['"', '\'']);
        let written_out = inside.starts_with("data:") || inside.starts_with('#');
        (!written_out).then(|| reference.split_inclusive(')').next().unwrap_or(reference))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_to_a_file_is_found() {
        assert_eq!(outside_reference("a{background:url(x.png)}"), Some("url(x.png)"));
        assert_eq!(outside_reference("a{background:url(\"data:image/svg+xml,x\")}"), None);
        assert_eq!(outside_reference("a{color:red}"), None);
    }
}
