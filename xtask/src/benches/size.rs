//! What a browser loads to show the page.

use anyhow::Result;

use super::{Bench, at_most};
use crate::site::{self, Effort};

/// All files of the page together, brotli, in thousands of bytes.
const BUDGET_KB: f64 = 420.0;

pub(super) const SIZE: Bench = Bench { name: "size", about: "the page's files, compressed with brotli", run };

fn run() -> Result<bool> {
    let manifest = site::build(Effort::Release)?;
    for file in &manifest.files {
        println!("     {:<62} {:>10.2} kB", file.path, file.brotli_bytes as f64 / 1000.0);
    }
    Ok(at_most("page, all files", manifest.brotli_bytes() as f64 / 1000.0, BUDGET_KB, "kB"))
}
