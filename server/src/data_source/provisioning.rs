//! Data sources from files in Grafana's provisioning format, so that a file that is there already works unchanged.
//! <https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources>
//!
//! What is wrong with one entry costs that entry alone, and is said with its file and line.

use std::{collections::BTreeMap, path::Path};

use api::data_source::{Auth, Origin, Settings};
use secrecy::SecretString;

use super::{
    definition::{Definition, Secrets, problems},
    yaml::{Placed, Tree},
};

/// What a folder of files has.
#[derive(Debug, Default)]
pub(crate) struct Provisioned {
    pub(crate) list: Vec<Definition>,
    /// What could not be used: file, line and reason, each in a sentence.
    pub(crate) refused: Vec<String>,
    /// What was passed over although it stands where settings stand: file, line and name, each in a sentence.
    pub(crate) notes: Vec<String>,
}

/// Names of Grafana's data source, past and present.
const TYPES: [&str; 2] = ["grafana-x-ray-datasource", "x-ray"];
/// The largest file.
const FILE_BYTES: u64 = 4 << 20;

/// Reads every `*.yaml` and `*.yml` of a folder, in the order of their names. `variable` is the environment.
pub(crate) fn read_folder(folder: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Provisioned {
    let mut provisioned = Provisioned::default();
    let mut files = match std::fs::read_dir(folder) {
        Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).collect::<Vec<_>>(),
        Err(error) => {
            provisioned.refused.push(format!("{}: cannot be read: {error}", folder.display()));
            return provisioned;
        }
    };
    files.retain(|path| path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml"));
    files.sort();
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::metadata(&path)
            .and_then(
                |meta| if meta.len() > FILE_BYTES { Err(std::io::ErrorKind::FileTooLarge.into()) } else { Ok(()) },
            )
            .and_then(|()| std::fs::read_to_string(&path));
        match text {
            Ok(text) => read_file(&name, &text, variable, &mut provisioned),
            Err(error) => provisioned.refused.push(format!("{name}: cannot be read: {error}")),
        }
    }
    provisioned
}

fn read_file(file: &str, text: &str, variable: &dyn Fn(&str) -> Option<String>, into: &mut Provisioned) {
    if text.trim().is_empty() {
        return;
    }
    let root: Placed = match serde_saphyr::from_str(text) {
        Ok(root) => root,
        Err(error) => {
            let line = error.location().map_or(1, |location| location.line());
            let reason = error.without_snippet().to_string();
            into.refused.push(format!("{file}:{line}: no YAML: {}", reason.lines().next().unwrap_or_default()));
            return;
        }
    };
    let Tree::Map(mut root) = root.tree else {
        into.refused.push(format!("{file}:1: `datasources` is missing"));
        return;
    };
    if let Some(version) = root.get("apiVersion").filter(|it| it.tree != Tree::Text("1".to_owned())) {
        into.refused.push(format!("{file}:{}: apiVersion: only 1 is known", version.line));
        return;
    }
    let Some(list) = root.remove("datasources") else { return };
    let Tree::List(entries) = list.tree else {
        if list.tree != Tree::Nothing {
            into.refused.push(format!("{file}:{}: datasources: a list is needed", list.line));
        }
        return;
    };
    for entry in entries {
        let line = entry.line;
        match read_entry(file, entry, variable, &mut into.notes) {
            Ok(Some(definition)) => {
                if into.list.iter().any(|other| other.name == definition.name) {
                    into.refused.push(format!("{file}:{line}: there is a data source {} already", definition.name));
                } else {
                    into.list.push(definition);
                }
            }
            Ok(None) => {}
            Err((line, reason)) => into.refused.push(format!("{file}:{line}: {reason}")),
        }
    }
}

type Refusal = (u64, String);

/// A map of an entry, its values taken out one after the other.
struct Members<'a> {
    line: u64,
    map: BTreeMap<String, Placed>,
    variable: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> Members<'a> {
    fn new(what: &str, placed: Placed, variable: &'a dyn Fn(&str) -> Option<String>) -> Result<Self, Refusal> {
        match placed.tree {
            Tree::Map(map) => Ok(Self { line: placed.line, map, variable }),
            Tree::Nothing => Ok(Self { line: placed.line, map: BTreeMap::new(), variable }),
            _ => Err((placed.line, format!("{what}: `name: value` is needed"))),
        }
    }

    /// A value by its name, upper or lower case, as Grafana has it.
    fn take(&mut self, name: &str) -> Option<Placed> {
        let key = self.map.keys().find(|key| key.eq_ignore_ascii_case(name))?.clone();
        self.map.remove(&key)
    }

    fn map(&mut self, name: &str) -> Result<Self, Refusal> {
        let placed = self.take(name).unwrap_or(Placed { line: self.line, tree: Tree::Nothing });
        Self::new(name, placed, self.variable)
    }

    /// A text; empty where there is none.
    fn text(&mut self, name: &str) -> Result<String, Refusal> {
        let Some(placed) = self.take(name) else { return Ok(String::new()) };
        match placed.tree {
            Tree::Text(text) => {
                expand(&text, self.variable).map_err(|reason| (placed.line, format!("{name}: {reason}")))
            }
            Tree::Nothing => Ok(String::new()),
            Tree::Bool(value) => Ok(value.to_string()),
            Tree::List(_) | Tree::Map(_) => Err((placed.line, format!("{name}: a text is needed"))),
        }
    }

    fn flag(&mut self, name: &str) -> Result<bool, Refusal> {
        let line = self.map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map_or(self.line, |(_, it)| it.line);
        match self.text(name)?.as_str() {
            "true" => Ok(true),
            "false" | "" => Ok(false),
            _ => Err((line, format!("{name}: true or false is needed"))),
        }
    }

    fn number(&mut self, name: &str) -> Result<u64, Refusal> {
        let line = self.map.get(name).map_or(self.line, |placed| placed.line);
        let text = self.text(name)?;
        let read = if text.is_empty() { Ok(0) } else { text.parse() };
        read.map_err(|_| (line, format!("{name}: a number of traces is needed")))
    }

    /// Notes what nobody asked for, by name alone: what it says may be a secret.
    fn note_unknown(&self, file: &str, of: &str, notes: &mut Vec<String>) {
        let unknown = self.map.iter().filter(|(key, _)| !is_grafanas(key));
        notes.extend(unknown.map(|(key, placed)| {
            format!("{file}:{}: {of}.{key:.80} is passed over: no setting has this name", placed.line)
        }));
    }

    fn secret(&mut self, name: &str) -> Result<Option<SecretString>, Refusal> {
        Ok(Some(self.text(name)?).filter(|text| !text.is_empty()).map(SecretString::from))
    }
}

/// Whether Grafana knows a key that means nothing here: settings of all its data sources over HTTP, and how its pages link
/// traces with others. <https://grafana.com/docs/grafana/latest/administration/provisioning/#json-data>
fn is_grafanas(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let begins = ["httpheader", "proxy", "sigv4", "tls", "traces", "oauth", "azure", "securesocksproxy"];
    let is = [
        "alertmanageruid",
        "basicauthpassword",
        "enablesecuresocksproxy",
        "httpmethod",
        "keepcookies",
        "managealerts",
        "nodegraph",
        "password",
        "pdcinjected",
        "search",
        "servername",
        "servicemap",
        "spanbar",
        "teamhttpheaders",
        "timeinterval",
        "timeout",
        "tracequery",
        "tracingdatasourceuid",
        "usedefaultsecurityheaders",
    ];
    begins.iter().any(|begin| key.starts_with(begin)) || is.contains(&key.as_str())
}

/// One entry; `None` for one of another type, which is Grafana's business.
fn read_entry(
    file: &str,
    entry: Placed,
    variable: &dyn Fn(&str) -> Option<String>,
    notes: &mut Vec<String>,
) -> Result<Option<Definition>, Refusal> {
    let line = entry.line;
    let mut entry = Members::new("a data source", entry, variable)?;
    if !TYPES.contains(&entry.text("type")?.as_str()) {
        return Ok(None);
    }
    let name = entry.text("name")?;
    let is_default = entry.flag("isDefault")?;
    // Before there was jsonData.profile, the profile stood here.
    let database = entry.text("database")?;
    let mut json = entry.map("jsonData")?;
    let mut secure = entry.map("secureJsonData")?;
    let auth_line = json.map.get("authType").map_or(json.line, |placed| placed.line);
    let auth = match json.text("authType")?.as_str() {
        "" | "default" | "arn" => Auth::Default,
        "keys" => Auth::Keys,
        "credentials" | "sharedCreds" => Auth::Credentials,
        "ec2_iam_role" => Auth::Role,
        "grafana_assume_role" => {
            let reason =
                "authType: grafana_assume_role is a service of Grafana Cloud; use default or keys with assumeRoleArn";
            return Err((auth_line, reason.to_owned()));
        }
        other => {
            let known = "default, keys, credentials and ec2_iam_role";
            return Err((auth_line, format!("authType: {other:.80} is not known; known are {known}")));
        }
    };
    let not_default = |region: String| if region == "default" { String::new() } else { region };
    let (region, default_region) = (not_default(json.text("region")?), not_default(json.text("defaultRegion")?));
    let profile = json.text("profile")?;
    let (endpoint, fips) = endpoint(json.text("endpoint")?);
    let settings = Settings {
        auth,
        profile: if profile.is_empty() { database } else { profile },
        credentials_file: json.text("credentialsFile")?,
        assume_role_arn: json.text("assumeRoleArn")?,
        external_id: json.text("externalId")?,
        session_name: json.text("sessionName")?,
        default_region: if default_region.is_empty() { region } else { default_region },
        endpoint,
        sts_endpoint: json.text("stsEndpoint")?,
        fips: fips || json.flag("fips")?,
        dual_stack: json.flag("dualStack")?,
        scan_budget_query: json.number("scanBudgetPerQuery")?,
        scan_budget_day: json.number("scanBudgetPerDay")?,
    };
    let secrets = Secrets {
        access_key: secure.secret("accessKey")?,
        secret_key: secure.secret("secretKey")?,
        session_token: secure.secret("sessionToken")?,
    };
    json.note_unknown(file, "jsonData", notes);
    secure.note_unknown(file, "secureJsonData", notes);
    // What only keys need is not kept where there are none.
    let secrets = if auth == Auth::Keys { secrets } else { Secrets::default() };
    let wrong = problems(&name, &settings, &secrets.names());
    if !wrong.is_empty() {
        return Err((line, wrong.join("; ")));
    }
    Ok(Some(Definition { name, origin: Origin::File(file.to_owned()), is_default, settings, secrets }))
}

/// Grafana takes FIPS from the address, an address of STS for none, and one without a scheme for https.
fn endpoint(text: String) -> (String, bool) {
    let bare = text.trim_start_matches("https://").trim_start_matches("http://");
    if bare.contains("-fips.") {
        return (String::new(), true);
    }
    if bare.starts_with("sts.") || bare.is_empty() {
        return (String::new(), false);
    }
    if text.contains("://") { (text, false) } else { (format!("https://{text}"), false) }
}

/// Puts the environment and files into a text: `$NAME`, `${NAME}`, `$__env{NAME}`, `$__file{path}`; `$$` is a dollar sign.
fn expand(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let look_up = |name: &str| variable(name).ok_or_else(|| format!("the environment has no {name:.80}"));
    let mut out = String::new();
    let mut rest = text;
    while let Some(place) = rest.find('$') {
        out.push_str(&rest[..place]);
        rest = &rest[place + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let name = &rest[..rest.find(|letter| !of_name(letter)).unwrap_or(rest.len())];
        let braces = rest[name.len()..].strip_prefix('{').and_then(|inner| inner.split_once('}'));
        rest = match (name, braces) {
            ("" | "__env", Some((inner, after))) => {
                out.push_str(&look_up(inner.trim())?);
                after
            }
            ("__file", Some((path, after))) => {
                let path = path.trim();
                let text = std::fs::read_to_string(path);
                out.push_str(text.map_err(|error| format!("{path:.200} cannot be read: {error}"))?.trim());
                after
            }
            ("", _) => {
                out.push('$');
                rest
            }
            _ => {
                out.push_str(&look_up(name)?);
                &rest[name.len()..]
            }
        };
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn read(text: &str) -> Provisioned {
        let mut into = Provisioned::default();
        let variable = |name: &str| (name == "KEY").then(|| "from env".to_owned());
        read_file("aws.yaml", text, &variable, &mut into);
        into
    }

    const TWO: &str = r#"
apiVersion: 1
deleteDatasources:
  - name: old
datasources:
  - name: Prometheus
    type: prometheus
    url: http://localhost:9090
  - name: X-Ray keys
    type: grafana-x-ray-datasource
    access: proxy
    isDefault: true
    jsonData:
      authType: keys
      defaultRegion: us-east-2
    secureJsonData:
      accessKey: '${KEY}'
      secretKey: 'a$$b'
  - name: X-Ray role
    type: grafana-x-ray-datasource
    jsonData:
      authType: credentials
      defaultRegion: eu-west-1
      profile: prod
      assumeRoleARN: arn:aws:iam::123456789012:role/reader
      externalId: "0012"
"#;

    #[test]
    fn a_file_of_grafanas_works_unchanged() {
        let found = read(TWO);
        assert_eq!(found.refused, Vec::<String>::new());
        let [keys, role] = found.list.as_slice() else { panic!("{found:?}") };
        assert_eq!((keys.name.as_str(), keys.is_default, keys.settings.auth), ("X-Ray keys", true, Auth::Keys));
        assert_eq!(keys.settings.default_region, "us-east-2");
        let secret = |secret: &Option<SecretString>| secret.as_ref().map(|it| it.expose_secret().to_owned());
        assert_eq!(secret(&keys.secrets.access_key).as_deref(), Some("from env"));
        assert_eq!(secret(&keys.secrets.secret_key).as_deref(), Some("a$b"));
        assert_eq!((role.settings.auth, role.settings.profile.as_str()), (Auth::Credentials, "prod"));
        assert_eq!(role.settings.assume_role_arn, "arn:aws:iam::123456789012:role/reader");
        assert_eq!(role.settings.external_id, "0012");
        assert_eq!(role.origin, Origin::File("aws.yaml".to_owned()));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_costs_one_entry() {
        let entry = |lines: &str| {
            format!(
                "datasources:\n  - name: good\n    type: grafana-x-ray-datasource\n    jsonData: {{defaultRegion: eu-west-1}}\n  - name: bad\n    type: grafana-x-ray-datasource\n{lines}"
            )
        };
        let cases = [
            ("    jsonData:\n      authType: magic\n", "aws.yaml:8: authType: magic is not known"),
            ("    jsonData:\n      authType: grafana_assume_role\n", "aws.yaml:8: authType: grafana_assume_role is"),
            ("    jsonData: [1]\n", "aws.yaml:7: jsonData: `name: value` is needed"),
            ("    jsonData:\n      authType: keys\n      defaultRegion: eu-west-1\n", "aws.yaml:5: access key: it is"),
            ("    jsonData:\n      profile: ${NOPE}\n", "aws.yaml:8: profile: the environment has no NOPE"),
            ("    jsonData:\n      profile: $__file{/nope}\n", "aws.yaml:8: profile: /nope cannot be read"),
            ("    jsonData:\n      profile:\n        a: b\n", "aws.yaml:9: profile: a text is needed"),
            ("    isDefault: perhaps\n", "aws.yaml:7: isDefault: true or false"),
            ("    jsonData:\n      endpoint: http://169.254.169.254\n", "link-local"),
        ];
        for (lines, expected) in cases {
            let found = read(&entry(lines));
            assert_eq!(found.list.len(), 1, "{lines}");
            assert!(found.refused.concat().contains(expected), "{:?} does not say {expected:?}", found.refused);
        }
        let twice = read(&entry("").replace("name: bad", "name: good"));
        assert_eq!(twice.refused, ["aws.yaml:5: there is a data source good already"]);
        assert!(read("datasources:\n  - {name: [\n").refused[0].starts_with("aws.yaml:"));
        assert!(read("datasources:\n  - {name: [\n").refused[0].contains("no YAML"));
        assert_eq!(read("apiVersion: 2\n").refused, ["aws.yaml:1: apiVersion: only 1 is known"]);
        assert_eq!(read("datasources: {}").refused, ["aws.yaml:1: datasources: a list is needed"]);
        for nothing in ["", "  \n", "# only a comment\n", "apiVersion: 1\n", "datasources:\n"] {
            let found = read(nothing);
            assert!(found.list.is_empty(), "{nothing:?}");
        }
    }

    #[test]
    fn keys_that_nobody_knows_are_passed_over_with_a_word() {
        let found = read(
            "datasources:\n  - name: prod\n    type: x-ray\n    uid: x\n    jsonData:\n      defaultRegion: eu-west-1\n      scanBudgetPerqery: 5\n      tracesToLogsV2: {}\n      httpHeaderName1: x\n    secureJsonData:\n      accesKey: planted\n      httpHeaderValue1: x\n",
        );
        assert_eq!((found.list.len(), found.refused.len()), (1, 0));
        assert_eq!(
            found.notes,
            [
                "aws.yaml:7: jsonData.scanBudgetPerqery is passed over: no setting has this name",
                "aws.yaml:11: secureJsonData.accesKey is passed over: no setting has this name"
            ]
        );
        assert_eq!(read(TWO).notes, Vec::<String>::new());
    }

    #[test]
    fn endpoints_are_understood_as_grafana_does() {
        let told = |text: &str| endpoint(text.to_owned());
        assert_eq!(told(""), (String::new(), false));
        assert_eq!(told("https://xray-fips.us-east-1.amazonaws.com"), (String::new(), true));
        assert_eq!(told("sts.us-east-1.amazonaws.com"), (String::new(), false));
        assert_eq!(told("xray.example.com"), ("https://xray.example.com".to_owned(), false));
        assert_eq!(told("http://127.0.0.1:2000"), ("http://127.0.0.1:2000".to_owned(), false));
    }

    #[test]
    fn variables_and_files_are_put_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "from file\n").unwrap();
        let variable = |name: &str| (name == "A_1").then(|| "x".to_owned());
        let told = |text: &str| expand(text, &variable);
        for (text, expected) in [
            ("plain", "plain"),
            ("$A_1-", "x-"),
            ("a${A_1}b", "axb"),
            ("$__env{A_1}", "x"),
            ("$$A_1", "$A_1"),
            ("cost: 5$", "cost: 5$"),
            ("$ {", "$ {"),
        ] {
            assert_eq!(told(text).as_deref(), Ok(expected));
        }
        assert_eq!(told(&format!("$__file{{{}}}", path.display())).as_deref(), Ok("from file"));
        assert!(told("${B}").is_err());
    }
}
