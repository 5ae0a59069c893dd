//! What the form of a data source asks for: a table of fields, and how one of them is drawn and read.

use api::{
    DataSource,
    data_source::{Auth, Settings},
};

use crate::{data::Draft, platform::drawn::Drawn};

/// A way to authenticate: its name in the form, for people, and what it means.
pub(super) const AUTHS: [(Auth, &str, &str, &str); 4] = [
    (
        Auth::Default,
        "default",
        "AWS SDK default chain",
        "Environment, shared files, container or machine role: what is found first where Roentgen runs",
    ),
    (
        Auth::Keys,
        "keys",
        "Access key and secret key",
        "Kept encrypted in the server; removed when another way is saved",
    ),
    (Auth::Credentials, "credentials", "Credentials file", "A profile of a file where Roentgen runs"),
    (Auth::Role, "role", "Machine role", "The role of the machine, container or pod, and nothing else"),
];

/// What a field is of.
enum Of {
    Text(fn(&mut Settings) -> &mut String),
    Count(fn(&mut Settings) -> &mut u64, &'static str),
    Flag(fn(&mut Settings) -> &mut bool),
    Secret,
}

/// A field.
pub(super) struct Field {
    /// As in [`Settings`] or [`api::data_source::SECRETS`].
    pub(super) name: &'static str,
    /// For people; the server says it, in small letters, when something is wrong with it.
    pub(super) label: &'static str,
    hint: &'static str,
    of: Of,
    /// It matters only for this way to authenticate.
    pub(super) only: Option<Auth>,
}

const fn text(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    of: fn(&mut Settings) -> &mut String,
) -> Field {
    Field { name, label, hint, of: Of::Text(of), only: None }
}

const fn secret(name: &'static str, label: &'static str, hint: &'static str) -> Field {
    Field { name, label, hint, of: Of::Secret, only: Some(Auth::Keys) }
}

/// Those that stand below the ways to authenticate.
pub(super) const OF_AUTH: [Field; 5] = [
    secret("access_key", "Access key", ""),
    secret("secret_key", "Secret key", ""),
    secret("session_token", "Session token", "Only for temporary keys"),
    Field {
        only: Some(Auth::Credentials),
        ..text("profile", "Profile", "A section of the file; default is one", |it| &mut it.profile)
    },
    Field {
        only: Some(Auth::Credentials),
        ..text("credentials_file", "Credentials file", "Empty: the SDK's own, ~/.aws/credentials", |it| {
            &mut it.credentials_file
        })
    },
];

/// All others, under their headings.
pub(super) const SECTIONS: [(&str, &str, &[Field]); 3] = [
    (
        "Region and addresses",
        "",
        &[
            text("default_region", "Default region", "Asked when a query names none, as eu-west-1", |it| {
                &mut it.default_region
            }),
            text("endpoint", "Endpoint", "Empty: X-Ray's own. Otherwise as https://xray.example.com", |it| {
                &mut it.endpoint
            }),
            text("sts_endpoint", "STS endpoint", "Empty: STS's own, in the region", |it| &mut it.sts_endpoint),
            Field {
                name: "fips",
                label: "AWS's FIPS endpoints",
                hint: "",
                of: Of::Flag(|it| &mut it.fips),
                only: None,
            },
            Field {
                name: "dual_stack",
                label: "AWS's dual-stack endpoints (IPv6)",
                hint: "",
                of: Of::Flag(|it| &mut it.dual_stack),
                only: None,
            },
        ],
    ),
    (
        "Role",
        "Taken on with the credentials above; leave it empty to use these as they are",
        &[
            text("assume_role_arn", "Role ARN", "As arn:aws:iam::123456789012:role/name", |it| &mut it.assume_role_arn),
            text("external_id", "External id", "What the role's trust policy asks for", |it| &mut it.external_id),
            text("session_name", "Session name", "How CloudTrail names it; empty: roentgen", |it| &mut it.session_name),
        ],
    ),
    (
        "Scan budgets",
        "X-Ray bills 0.50 dollars per million traces that a query makes it scan. What goes beyond is not asked",
        &[
            Field {
                name: "scan_budget_query",
                label: "Traces per query",
                hint: "",
                of: Of::Count(|it| &mut it.scan_budget_query, " a query"),
                only: None,
            },
            Field {
                name: "scan_budget_day",
                label: "Traces per day",
                hint: "",
                of: Of::Count(|it| &mut it.scan_budget_day, " a day (UTC)"),
                only: None,
            },
        ],
    ),
];

/// The attribute that says what a number of traces is spent on.
pub(super) const PER: &str = "data-per";
/// The list of regions that fields propose.
pub(super) const REGIONS: &str = "source-regions";

/// The name of the data source, which is no setting.
pub(super) const NAME: Field = text("name", "Name", "In queries and links", |it| &mut it.endpoint);

/// All fields of settings and secrets.
pub(super) fn all() -> impl Iterator<Item = &'static Field> {
    OF_AUTH.iter().chain(SECTIONS.iter().flat_map(|(.., fields)| *fields))
}

/// What X-Ray asks for so many scanned traces, in words.
pub(super) fn cost(traces: &str, per: &str) -> String {
    let Ok(traces) = (if traces.is_empty() { "0" } else { traces }).parse::<u64>() else {
        return "A number, without letters".to_owned();
    };
    let cents = traces / 20_000;
    match (traces, cents) {
        (0, _) => "0: no limit".to_owned(),
        (_, 0) => ["Less than 0.01 dollars", per].concat(),
        _ => {
            let dollars = format::number::integer((cents / 100) as i64);
            format!("At most {dollars}.{}{} dollars{per}", cents / 10 % 10, cents % 10)
        }
    }
}

/// A box to tick.
pub(super) fn tick(place: &Drawn, name: &str, label: &str, is_on: bool) {
    let line = place.child("label", "source-form__tick");
    let tick = line.child("input", "");
    tick.attribute("type", "checkbox");
    tick.attribute("name", name);
    tick.attribute_if("checked", is_on.then_some(""));
    line.says("span", "", label);
}

impl Field {
    /// Draws it with what the data source has.
    pub(super) fn draw(&self, place: &Drawn, source: &DataSource) {
        let mut settings = source.settings.clone();
        match &self.of {
            Of::Flag(of) => tick(place, self.name, self.label, *of(&mut settings)),
            Of::Text(of) => {
                let input = self.line(place, of(&mut settings), self.hint);
                input.attribute_if("list", (self.name == "default_region").then_some(REGIONS));
            }
            Of::Count(of, per) => {
                let traces = of(&mut settings).to_string();
                let input = self.line(place, &traces, &cost(&traces, per));
                for (name, value) in [("inputmode", "numeric"), ("pattern", "[0-9]*"), ("maxlength", "15"), (PER, per)]
                {
                    input.attribute(name, value);
                }
            }
            Of::Secret => {
                let is_set = source.secrets.iter().any(|secret| secret == self.name);
                let hint = if is_set { "Set; leave empty to keep" } else { self.hint };
                self.line(place, "", hint).attribute("type", "password");
                // The two others go with the way to authenticate: without them it would be none.
                if is_set && self.name == "session_token" {
                    tick(place, self.name, "Remove the session token", false);
                }
            }
        }
    }

    /// Label, input, a hint, and room for what is wrong.
    pub(super) fn line(&self, place: &Drawn, value: &str, hint: &str) -> Drawn {
        let line = place.child("div", "source-form__field");
        line.says("label", "label", self.label).attribute("for", self.name);
        let input = line.child("input", "input");
        let (hint_id, why_id) = ([self.name, "-hint"].concat(), [self.name, "-why"].concat());
        for (name, value) in [
            ("id", self.name),
            ("name", self.name),
            ("value", value),
            ("autocomplete", "off"),
            ("spellcheck", "false"),
            ("aria-describedby", &[&why_id, " ", &hint_id].concat()),
        ] {
            input.attribute(name, value);
        }
        line.says("p", "hint source-form__why", "").attribute("id", &why_id);
        line.says("p", "hint", hint).attribute("id", &hint_id);
        input
    }

    /// Takes what was written or ticked, if it matters for the way to authenticate.
    pub(super) fn read(&self, written: &str, is_ticked: bool, draft: &mut Draft) {
        let matters = self.only.is_none_or(|only| only == draft.settings.auth);
        let written = if matters { written } else { "" };
        match &self.of {
            Of::Text(of) => written.clone_into(of(&mut draft.settings)),
            // What is no number was refused by the browser before.
            Of::Count(of, _) => *of(&mut draft.settings) = written.parse().unwrap_or_default(),
            Of::Flag(of) => *of(&mut draft.settings) = is_ticked,
            Of::Secret if matters && (is_ticked || !written.is_empty()) => {
                draft.secrets.push((self.name, if is_ticked { String::new() } else { written.to_owned() }));
            }
            Of::Secret => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_and_every_secret_has_a_field() {
        let mut names: Vec<&str> = all().map(|field| field.name).collect();
        names.push("auth");
        names.sort_unstable();
        let settings = serde_json::to_value(Settings::default()).unwrap();
        let mut known: Vec<&str> = settings.as_object().unwrap().keys().map(String::as_str).collect();
        known.extend(api::data_source::SECRETS);
        known.sort_unstable();
        assert_eq!(names, known);
    }

    #[test]
    fn a_budget_is_told_in_dollars() {
        for (traces, expected) in [
            ("", "0: no limit"),
            ("0", "0: no limit"),
            ("19999", "Less than 0.01 dollars a query"),
            ("1000000", "At most 0.50 dollars a query"),
            ("4500000000", "At most 2250.00 dollars a query"),
            ("1e6", "A number, without letters"),
        ] {
            assert_eq!(cost(traces, " a query"), expected, "{traces}");
        }
    }
}
