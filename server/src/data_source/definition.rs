//! What a data source is before anybody talks to AWS: its settings and secrets, and what is wrong with them.

use std::net::IpAddr;

use api::data_source::{Auth, Origin, SECRETS, Settings};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::address;

/// A data source as somebody defined it.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) origin: Origin,
    pub(crate) is_default: bool,
    pub(crate) settings: Settings,
    pub(crate) secrets: Secrets,
}

/// The secrets of a data source. They cannot be printed, and are zeroed when they go.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Secrets {
    pub(crate) access_key: Option<SecretString>,
    pub(crate) secret_key: Option<SecretString>,
    pub(crate) session_token: Option<SecretString>,
}

impl Secrets {
    fn all(&self) -> [&Option<SecretString>; 3] {
        [&self.access_key, &self.secret_key, &self.session_token]
    }

    /// The names of those that are there.
    pub(crate) fn names(&self) -> Vec<String> {
        let there = SECRETS.into_iter().zip(self.all()).filter(|(_, secret)| secret.is_some());
        there.map(|(name, _)| name.to_owned()).collect()
    }

    /// These, where they say nothing the former ones; an empty text takes one away.
    pub(crate) fn over(self, former: Self) -> Self {
        let one = |new: Option<SecretString>, former| match new {
            Some(secret) if secret.expose_secret().is_empty() => None,
            Some(secret) => Some(secret),
            None => former,
        };
        Self {
            access_key: one(self.access_key, former.access_key),
            secret_key: one(self.secret_key, former.secret_key),
            session_token: one(self.session_token, former.session_token),
        }
    }

    /// As text to be sealed: one a line, in the order of [`SECRETS`].
    pub(crate) fn to_text(&self) -> SecretString {
        let lines = self.all().map(|secret| secret.as_ref().map_or("", |secret| secret.expose_secret()));
        SecretString::from(lines.join("\n"))
    }

    /// What [`Self::to_text`] made.
    pub(crate) fn from_text(text: &str) -> Self {
        let mut lines = text.split('\n').map(|line| (!line.is_empty()).then(|| SecretString::from(line)));
        let mut next = || lines.next().flatten();
        Self { access_key: next(), secret_key: next(), session_token: next() }
    }
}

/// The longest text of a setting.
const LONGEST: usize = 2_048;

/// Everything that is wrong with a definition, each in a sentence that names the setting; empty when all is well.
pub(crate) fn problems(name: &str, settings: &Settings, secrets: &[String]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut unless = |is_well: bool, problem: &str| {
        if !is_well {
            problems.push(problem.to_owned());
        }
    };
    let plain = |letter: char| !letter.is_control() && letter != '/' && letter != '\\';
    unless(
        !name.trim().is_empty() && name.trim() == name && name.chars().count() <= 100 && name.chars().all(plain),
        "name: 1 to 100 letters, without slashes, and without spaces at its ends",
    );
    let texts = [
        ("profile", &settings.profile),
        ("credentials file", &settings.credentials_file),
        ("role ARN", &settings.assume_role_arn),
        ("external id", &settings.external_id),
        ("session name", &settings.session_name),
        ("default region", &settings.default_region),
        ("endpoint", &settings.endpoint),
        ("STS endpoint", &settings.sts_endpoint),
    ];
    for (what, text) in texts {
        let is_well = text.len() <= LONGEST && !text.chars().any(char::is_control);
        unless(is_well, &format!("{what}: too long, or with letters that cannot be seen"));
    }
    let has = |name: &str| secrets.iter().any(|there| there == name);
    match settings.auth {
        Auth::Keys => {
            unless(has("access_key"), "access key: it is needed to authenticate with keys");
            unless(has("secret_key"), "secret key: it is needed to authenticate with keys");
        }
        Auth::Credentials => {
            unless(!settings.profile.is_empty(), "profile: which one of the credentials file? `default` is one");
        }
        Auth::Default | Auth::Role => {}
    }
    let region = &settings.default_region;
    unless(
        !region.is_empty() || matches!(settings.auth, Auth::Credentials | Auth::Default),
        "default region: it is needed, as eu-west-1",
    );
    unless(
        region.is_empty() || is_region(region),
        &format!("default region: a region looks like eu-west-1, this does not: {region:.80}"),
    );
    let role = &settings.assume_role_arn;
    unless(
        role.is_empty() || is_role(role),
        &format!("role ARN: it looks like arn:aws:iam::123456789012:role/name, this does not: {role:.200}"),
    );
    let external = &settings.external_id;
    let of_external = |letter: char| letter.is_alphanumeric() || "_+=,.@:/-".contains(letter);
    unless(
        external.is_empty() || ((2..=1_224).contains(&external.len()) && external.chars().all(of_external)),
        "external id: 2 to 1224 letters, digits, and any of _+=,.@:/-",
    );
    let session = &settings.session_name;
    let of_session = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    unless(
        session.is_empty() || ((2..=64).contains(&session.len()) && session.chars().all(of_session)),
        "session name: 2 to 64 letters, digits, and any of _+=,.@-",
    );
    unless(
        !role.is_empty() || (external.is_empty() && session.is_empty()),
        "external id, session name: they are of use only with a role ARN",
    );
    unless(
        settings.endpoint.is_empty() || !(settings.fips || settings.dual_stack),
        "endpoint: FIPS and dual-stack choose AWS's own endpoints and cannot be joined with another one, so leave one of the two out",
    );
    for (what, endpoint) in [("endpoint", &settings.endpoint), ("STS endpoint", &settings.sts_endpoint)] {
        if let Err(why) = check_endpoint(endpoint) {
            problems.push(format!("{what}: {why}"));
        }
    }
    problems
}

/// The name goes into a host name, so nothing but a region may pass.
pub(crate) fn is_region(text: &str) -> bool {
    let ok = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    text.len() <= 32 && text.contains('-') && !text.starts_with('-') && !text.ends_with('-') && text.chars().all(ok)
}

fn is_role(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, role] = parts.as_slice() else { return false };
    partition.starts_with("aws")
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && role.strip_prefix("role/").is_some_and(|name| !name.is_empty() && !name.contains(char::is_whitespace))
}

/// The account of a role.
pub(crate) fn account(role: &str) -> Option<&str> {
    is_role(role).then(|| role.split(':').nth(4)).flatten()
}

/// An address of our own choice; the machine's metadata service must not be reached by it.
fn check_endpoint(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Ok(());
    }
    let shape = "it looks like https://xray.example.com";
    let url = url::Url::parse(text).map_err(|error| format!("{shape}, this does not: {text:.200} ({error})"))?;
    if !["http", "https"].contains(&url.scheme()) || !url.username().is_empty() || url.password().is_some() {
        return Err(format!("{shape}, with http or https and without a user"));
    }
    let ip = match url.host() {
        None => return Err(format!("{shape}; this names no host: {text:.200}")),
        Some(url::Host::Domain(_)) => return Ok(()),
        Some(url::Host::Ipv4(ip)) => IpAddr::V4(ip),
        Some(url::Host::Ipv6(ip)) => IpAddr::V6(ip),
    };
    if address::is_link_local(ip) {
        return Err(format!(
            "{ip} is a link-local address, where machines keep their own credentials; it cannot be an endpoint"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn said(change: impl FnOnce(&mut Settings), secrets: &[&str]) -> String {
        let mut settings = Settings { default_region: "eu-west-1".to_owned(), ..Settings::default() };
        change(&mut settings);
        let secrets: Vec<String> = secrets.iter().map(ToString::to_string).collect();
        problems("prod", &settings, &secrets).join("; ")
    }

    #[test]
    fn what_is_wrong_is_said_by_name() {
        type Change = fn(&mut Settings);
        assert_eq!(said(|_| {}, &[]), "");
        assert_eq!(said(|it| it.default_region.clear(), &[]), "", "the SDK's chain may know a region");
        let cases: [(Change, &[&str], &str); 17] = [
            (|it| it.auth = Auth::Keys, &["access_key"], "secret key: it is needed"),
            (|it| it.auth = Auth::Keys, &["secret_key"], "access key: it is needed"),
            (|it| it.auth = Auth::Credentials, &[], "profile: which one"),
            (|it| *it = Settings { auth: Auth::Role, ..Settings::default() }, &[], "default region: it is needed"),
            (|it| it.default_region = "Ireland".to_owned(), &[], "this does not: Ireland"),
            (|it| it.default_region = "eu-west-1.evil.example".to_owned(), &[], "default region"),
            (|it| it.assume_role_arn = "arn:aws:iam::12:role/x".to_owned(), &[], "role ARN"),
            (|it| it.external_id = "id".to_owned(), &[], "only with a role ARN"),
            (|it| it.endpoint = "xray.example.com".to_owned(), &[], "endpoint: it looks like"),
            (|it| it.endpoint = "file:///etc/passwd".to_owned(), &[], "endpoint: it looks like"),
            (|it| it.endpoint = "http://169.254.169.254/".to_owned(), &[], "link-local"),
            (|it| it.endpoint = "http://2852039166/".to_owned(), &[], "link-local"),
            (|it| it.sts_endpoint = "http://[fe80::1]/".to_owned(), &[], "STS endpoint: fe80::1 is a link-local"),
            (|it| it.endpoint = "http://[::ffff:169.254.169.254]/".to_owned(), &[], "link-local"),
            (
                |it| (it.endpoint, it.fips) = ("https://a.example".to_owned(), true),
                &[],
                "endpoint: FIPS and dual-stack",
            ),
            (
                |it| (it.endpoint, it.dual_stack) = ("https://a.example".to_owned(), true),
                &[],
                "endpoint: FIPS and dual-stack",
            ),
            (|it| it.profile = "a\u{7}".to_owned(), &[], "profile: too long"),
        ];
        for (change, secrets, expected) in cases {
            let said = said(change, secrets);
            assert!(said.contains(expected), "{said:?} does not say {expected:?}");
        }
        assert!(problems("", &Settings::default(), &[])[0].starts_with("name"));
        assert!(problems("a/b", &Settings::default(), &[])[0].starts_with("name"));
    }

    #[test]
    fn secrets_go_through_text_and_are_never_printed() {
        let secrets = Secrets { access_key: Some("AKID".into()), secret_key: None, session_token: Some("tok".into()) };
        let read = Secrets::from_text(secrets.to_text().expose_secret());
        assert_eq!(read.names(), ["access_key", "session_token"]);
        assert_eq!(read.session_token.as_ref().map(ExposeSecret::expose_secret), Some("tok"));
        let printed = format!("{secrets:?}");
        assert!(!printed.contains("AKID") && !printed.contains("tok\""), "{printed}");
        let change = Secrets { access_key: Some("".into()), secret_key: Some("new".into()), session_token: None };
        assert_eq!(change.over(secrets).names(), ["secret_key", "session_token"]);
    }
}
