//! What the form of a data source asks for: a table of fields, and how one of them is drawn and read.

use api::{
    DataSource,
    data_source::{Auth, Settings},
};
use leptos::{ev, prelude::*};

use crate::{data::Draft, platform};

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
    label: &'static str,
    hint: &'static str,
    of: Of,
    /// It matters only for this way to authenticate.
    only: Option<Auth>,
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

/// The list of regions that fields propose.
pub(super) const REGIONS: &str = "source-regions";

/// What X-Ray asks for so many scanned traces, in words.
fn cost(traces: &str, per: &str) -> String {
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

/// A line of a form: label, input, hint.
pub(super) fn line(
    name: &'static str,
    label: &'static str,
    hint: AnyView,
    is_wrong: Signal<bool>,
    input: AnyView,
) -> AnyView {
    view! {
        <div class="source-form__field" class:source-form__field--wrong=move || is_wrong.get()>
            <label class="label" for=name>{label}</label>
            {input}
            <p class="hint" id=[name, "-hint"].concat()>{hint}</p>
        </div>
    }
    .into_any()
}

/// A box to tick.
pub(super) fn tick(name: &'static str, label: &'static str, is_on: bool) -> AnyView {
    view! { <label class="source-form__tick"><input type="checkbox" name=name checked=is_on />" " {label}</label> }
        .into_any()
}

impl Field {
    /// Draws it with what the data source has.
    pub(super) fn draw(
        &'static self,
        source: &DataSource,
        auth: ReadSignal<Auth>,
        wrong: Memo<Vec<String>>,
    ) -> AnyView {
        let name = self.name;
        let mut settings = source.settings.clone();
        let label = self.label;
        let is_wrong =
            Signal::derive(move || wrong.with(|wrong| wrong.iter().any(|wrong| wrong.eq_ignore_ascii_case(label))));
        let hint_id = [name, "-hint"].concat();
        let invalid = move || is_wrong.get().then_some("true");
        let drawn = match &self.of {
            Of::Flag(of) => tick(name, label, *of(&mut settings)),
            Of::Text(of) => {
                let list = (name == "default_region").then_some(REGIONS);
                let input = view! {
                    <input class="input" id=name name=name value=of(&mut settings).clone() list=list autocomplete="off"
                        spellcheck="false" aria-describedby=hint_id aria-invalid=invalid />
                };
                line(name, label, self.hint.into_any(), is_wrong, input.into_any())
            }
            Of::Count(of, per) => {
                let (written, set_written) = signal(of(&mut settings).to_string());
                let input = view! {
                    <input class="input" id=name name=name value=written.get_untracked() inputmode="numeric" pattern="[0-9]*"
                        maxlength="15" autocomplete="off" aria-describedby=hint_id
                        on:input=move |event: ev::Event| set_written.set(platform::value_of(&event)) />
                };
                line(name, label, (move || cost(&written.get(), per)).into_any(), is_wrong, input.into_any())
            }
            Of::Secret => {
                let is_set = source.secrets.iter().any(|secret| secret == name);
                let hint = if is_set { "Set; leave empty to keep" } else { self.hint };
                let input = view! {
                    <input class="input" id=name name=name type="password" autocomplete="off" spellcheck="false"
                        aria-describedby=hint_id aria-invalid=invalid />
                };
                // The two others go with the way to authenticate: without them it would be none.
                let clear = (is_set && name == "session_token").then(|| tick(name, "Remove the session token", false));
                view! { {line(name, label, hint.into_any(), is_wrong, input.into_any())}{clear} }.into_any()
            }
        };
        match self.only {
            Some(only) => {
                view! { <div class="source-form__only" hidden=move || auth.get() != only>{drawn}</div> }.into_any()
            }
            None => drawn,
        }
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
    fn every_setting_has_a_field_and_every_field_is_said_as_the_server_says_it() {
        let fields = OF_AUTH.iter().chain(SECTIONS.iter().flat_map(|(.., fields)| *fields));
        let mut names: Vec<&str> = fields.map(|field| field.name).collect();
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
