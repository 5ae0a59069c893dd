//! A picture of what the waterfall shows.

use model::Outcome;

use super::{Sheet, label};
use crate::{
    platform::{self, canvas, picture::Picture},
    views::trace::waterfall::{
        marks,
        picture::{Frame, Look, draw},
    },
};

impl Sheet {
    /// What can be seen now, as a picture; none before there is room for anything.
    pub(in crate::views::trace::waterfall) fn picture(&self, look: &Look<'_>) -> Option<Picture> {
        let shown = self.viewport().shown(self.scrolled_px);
        if self.width_px < 1.0 || shown.first >= shown.end {
            return None;
        }
        let frame = Frame {
            width_px: self.width_px,
            name_px: self.name_px(),
            rows: (shown.first, shown.end),
            titles: [self.what(), self.which()],
        };
        Some(draw(&self.scene(), &frame, look))
    }

    /// Lets the user save what can be seen now, as `png` or `svg`, in the colours and letters of the page.
    pub(in crate::views::trace::waterfall) fn save_picture(&self, kind: &str) -> Option<()> {
        let place = self.page.as_ref()?.grid.element();
        let token = |name: &str| canvas::tokens(place, [name])[0].clone();
        let family = token("--sans");
        let pen = canvas::Canvas::apart(1.0, 1.0)?;
        let measure = |text: &str, font| pen.measure(text, font, &family);
        let picture = self.picture(&Look { ink: &token, measure: &measure, family: &family })?;
        let name = [&self.reading.trace.id.to_string(), ".", kind].concat();
        if kind == "svg" {
            platform::save(&name, "image/svg+xml", &picture.svg());
        } else {
            picture.save_png(name);
        }
        Some(())
    }

    /// What the trace was and what became of it.
    fn what(&self) -> String {
        let trace = &self.reading.trace;
        let (summary, http) = (&trace.summary, &trace.summary.http);
        let entry = summary.entry_point.as_ref().map(|entry| entry.name.clone());
        let parts = [
            http.method.clone(),
            http.url.clone().or(entry),
            http.status.map(|status| status.to_string()),
            (summary.outcome != Outcome::Ok).then(|| marks::outcome(summary.outcome).name.to_owned()),
        ];
        label::clip(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "), 200).to_owned()
    }

    /// Which trace it is, when it was, and what of it is shown.
    fn which(&self) -> String {
        let trace = &self.reading.trace;
        let mut parts = vec![
            trace.id.to_string(),
            format::moment::rfc3339(trace.start.0, 0),
            format::duration::short(trace.summary.duration.unwrap_or(trace.length).0),
        ];
        parts.extend([self.info(), self.place_among_matches()].into_iter().filter(|part| !part.is_empty()));
        parts.join(" · ")
    }
}
