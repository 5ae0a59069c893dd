//! Traces from files into a local X-Ray, and out of it into files.

mod export;
mod import;
mod read;

use std::{io::IsTerminal as _, net::SocketAddr, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};

pub(crate) use self::{export::export, import::import};
use crate::{data_source::DataSources, source::XRay};

/// A client of the local X-Ray at an address.
async fn local(address: SocketAddr) -> anyhow::Result<XRay> {
    let sources = DataSources::only_local(address).await?;
    Ok(sources.client(None, None).await?)
}

/// A progress bar for bytes, or a count where it is not known how much there will be. Nothing where nobody looks.
fn bar(total: Option<u64>, what: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let (bar, template) = match total {
        Some(total) => (ProgressBar::new(total), "{msg} {wide_bar} {bytes}/{total_bytes} {eta}"),
        None => (ProgressBar::new_spinner(), "{spinner} {msg} {human_pos}"),
    };
    bar.enable_steady_tick(Duration::from_millis(200));
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style).with_message(what.to_owned())
}
