//! Sees to it that the page's folder exists, so that it can be embedded, and builds anew when the page has changed.

use std::{fs, io};

fn main() -> io::Result<()> {
    let site = "../target/site";
    fs::create_dir_all(site)?;
    println!("cargo::rerun-if-changed={site}");
    Ok(())
}
