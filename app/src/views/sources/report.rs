//! What the doctor says of a data source: may we do what we must, and if not, what to do.

use api::{Diagnosis, data_source::CheckOutcome};

use super::button;
use crate::{data::Tested, platform::drawn::Drawn};

/// Draws the last test.
pub(super) fn draw(place: &Drawn, tested: &Tested) {
    place.attribute("aria-label", &["Test of ", &tested.name].concat());
    match tested.found.as_deref() {
        None => verdict(place, "report__verdict", &["Testing ", &tested.name, "…"].concat()),
        Some(Err(failure)) => {
            verdict(place, "report__verdict report__verdict--bad", &["✗ ", &failure.message].concat());
        }
        Some(Ok(diagnosis)) => diagnosed(place, diagnosis),
    }
}

fn verdict(place: &Drawn, class: &str, text: &str) {
    place.says("p", class, text).attribute("role", "status");
}

fn diagnosed(place: &Drawn, diagnosis: &Diagnosis) {
    let (class, sign) = if diagnosis.is_well {
        ("report__verdict report__verdict--ok", "✓ ")
    } else {
        ("report__verdict report__verdict--bad", "✗ ")
    };
    verdict(place, class, &[sign, &diagnosis.verdict].concat());
    let mut asked = ["Asked in ", &diagnosis.region].concat();
    if let Some(identity) = &diagnosis.identity {
        asked = asked + ", as " + identity;
    }
    place.says("p", "hint", &asked);
    if !diagnosis.checks.is_empty() {
        let table = place.child("table", "report__checks");
        let head = table.child("thead", "").child("tr", "");
        for title in ["Operation", "Result", "Message", "IAM action", "Time"] {
            head.says("th", "", title).attribute("scope", "col");
        }
        let body = table.child("tbody", "");
        for check in &diagnosis.checks {
            let (class, result) = match check.outcome {
                CheckOutcome::Allowed => ("state state--ok", "✓ allowed"),
                CheckOutcome::Denied => ("state state--fault", "✗ denied"),
                CheckOutcome::NotProbed => ("state", "– not probed"),
                CheckOutcome::Failed => ("state state--error", "! failed"),
            };
            let time = match check.outcome {
                CheckOutcome::NotProbed => String::new(),
                _ => format::duration::short((check.elapsed_ms as i64).saturating_mul(1_000_000)),
            };
            let row = body.child("tr", "");
            row.says("th", "", &check.operation).attribute("scope", "row");
            row.says("td", class, result);
            row.says("td", "report__message", check.message.as_deref().unwrap_or_default());
            row.says("td", "report__action", &check.action);
            row.says("td", "report__time", &time);
        }
    }
    if !diagnosis.policy.is_empty() {
        let policy = place.child("details", "report__policy");
        policy.attribute_if("open", (!diagnosis.is_well).then_some(""));
        policy.says("summary", "", "The least policy that Roentgen needs");
        policy.says("pre", "inspector__code", &diagnosis.policy).attribute("tabindex", "0");
        button(&policy, "button button--quiet", "Copy the policy", "copy");
    }
}
