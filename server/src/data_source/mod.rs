//! Who we are to X-Ray. The only room that sees credentials; what leaves it is a client that cannot be printed.

mod address;
mod cached;
mod definition;
mod doctor;
mod provisioning;
mod reach;
mod regions;
mod stored;
mod watch;
mod yaml;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use api::{
    DataSource, Source,
    about::SourceKind,
    data_source::{Auth, Origin, Settings},
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tokio::sync::OnceCell;

use self::{
    definition::{Definition, is_region},
    reach::Reach,
};
use crate::{
    error::Error,
    source::{Lanes, XRay},
    state::{Database, Vault},
};

pub(crate) use self::{
    definition::Secrets,
    stored::{Change, Rotated, rotate},
    watch::Changes,
};

/// How much crates may log that handle credentials or connections: below these levels they name access keys.
pub(crate) const QUIET: [&str; 10] = [
    "aws_config=warn",
    "aws_credential_types=warn",
    "aws_runtime=warn",
    "aws_sigv4=warn",
    "aws_smithy_runtime=warn",
    "aws_smithy_runtime_api=warn",
    "hyper=info",
    "hyper_util=info",
    "h2=info",
    "rustls=info",
];

/// What is said where nothing is kept.
const PASSING: &str = "Data sources that are made or changed here are kept only until Roentgen ends, because it was started with --ephemeral.";

/// The region that the local X-Ray is said to be in.
pub(crate) const LOCAL_REGION: &str = "local";
/// The name of the X-Ray inside this program.
const LOCAL: &str = "local";

/// Where traces can be read from.
pub(crate) struct DataSources {
    /// Those of flags, and the built-in one.
    fixed: Vec<Arc<Known>>,
    /// A folder of provisioning files, and how the environment is read.
    provisioning: Option<(PathBuf, Variables)>,
    database: Database,
    vault: Vault,
    list: RwLock<List>,
    /// One client for each revision of a data source and region, made when it is first needed.
    clients: Mutex<BTreeMap<(u64, String), XRay>>,
    lanes: Lanes,
    http: Http,
}

/// What all connections share.
struct Http {
    client: SharedHttpClient,
    call_timeout: Duration,
}

/// Reads a variable of the environment.
pub(crate) type Variables = fn(&str) -> Option<String>;

#[derive(Default)]
struct List {
    /// The default one first.
    known: Vec<Arc<Known>>,
    refused: Vec<String>,
    /// What is odd in files and costs nothing.
    notes: Vec<String>,
}

/// A data source.
struct Known {
    /// A number that no other definition has had since the start. What is kept of answers is kept under it: after a change
    /// the same name may be another account.
    revision: u64,
    definition: Definition,
    kind: SourceKind,
    /// The id of one that is stored.
    id: Option<String>,
    /// Its secrets are there and cannot be read, and why.
    unreadable: Option<String>,
    /// The region that is asked when nothing is said.
    region: String,
    reach: OnceCell<Reach>,
}

/// The next [`Known::revision`].
static REVISIONS: AtomicU64 = AtomicU64::new(1);

impl Known {
    fn new(definition: Definition, kind: SourceKind, region: String) -> Self {
        let revision = REVISIONS.fetch_add(1, Ordering::Relaxed);
        Self { revision, definition, kind, id: None, unreadable: None, region, reach: OnceCell::new() }
    }

    fn problem(&self) -> Option<String> {
        if let Some(why) = &self.unreadable {
            return Some(format!(
                "secret unreadable: {why}. Start with the key that sealed it, enter the secrets again, or choose another way to authenticate"
            ));
        }
        self.region
            .is_empty()
            .then(|| "no region: neither the data source nor its profile names one, as eu-west-1".to_owned())
    }

    async fn reach(&self, http: &Http) -> &Reach {
        let Definition { settings, secrets, .. } = &self.definition;
        self.reach.get_or_init(|| Reach::new(settings, secrets, &self.region, http)).await
    }
}

/// How to reach AWS, when a flag asked for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct AwsChoice {
    pub(crate) region: Option<String>,
    pub(crate) profile: Option<String>,
}

impl AwsChoice {
    /// AWS is called only when a flag names it.
    fn is_asked_for(&self) -> bool {
        self.region.is_some() || self.profile.is_some()
    }
}

/// Everything that data sources come from.
pub(crate) struct Origins {
    /// Where the local X-Ray listens.
    pub(crate) local: Option<SocketAddr>,
    pub(crate) aws: AwsChoice,
    pub(crate) provisioning: Option<(PathBuf, Variables)>,
    pub(crate) database: Database,
    pub(crate) vault: Vault,
    /// How long one attempt of a call may take.
    pub(crate) call_timeout: Duration,
}

/// How long an attempt may take where nobody says so.
const CALL_TIMEOUT: Duration = Duration::from_secs(20);

impl DataSources {
    /// All data sources there are. Those of files and of the database that cannot be used are told, not fatal.
    pub(crate) async fn new(origins: Origins) -> anyhow::Result<Self> {
        let mut fixed = Vec::new();
        if origins.aws.is_asked_for() {
            fixed.push(Arc::new(of_flags(&origins.aws).await?));
        }
        fixed.extend(origins.local.map(|address| Arc::new(local(address))));
        let Origins { provisioning, database, vault, call_timeout, .. } = origins;
        let sources = Self {
            fixed,
            provisioning,
            database,
            vault,
            list: RwLock::default(),
            clients: Mutex::default(),
            lanes: Lanes::default(),
            http: Http { client: reach::http_client(), call_timeout },
        };
        sources.reload().await?;
        Ok(sources)
    }

    /// The local X-Ray at an address, and nothing else.
    pub(crate) async fn only_local(address: impl Into<Option<SocketAddr>>) -> anyhow::Result<Self> {
        let database = Database::open(None).await?;
        Self::new(Origins {
            local: address.into(),
            aws: AwsChoice::default(),
            provisioning: None,
            database,
            vault: Vault::ephemeral(),
            call_timeout: CALL_TIMEOUT,
        })
        .await
    }

    /// Reads files and database anew. What has not changed keeps its clients.
    pub(crate) async fn reload(&self) -> anyhow::Result<()> {
        let mut known: Vec<Arc<Known>> = self.fixed.clone();
        let (mut refused, mut notes) = (Vec::new(), Vec::new());
        if let Some((folder, variables)) = &self.provisioning {
            let (folder, variables) = (folder.clone(), *variables);
            let read = tokio::task::spawn_blocking(move || provisioning::read_folder(&folder, &variables));
            let provisioned = read.await?;
            (refused, notes) = (provisioned.refused, provisioned.notes);
            for definition in provisioned.list {
                let Origin::File(file) = &definition.origin else { continue };
                if known.iter().any(|other| other.definition.name == definition.name) {
                    refused.push(format!("{file}: {} is the name of another data source", definition.name));
                    continue;
                }
                let region = reach::region_of(&definition.settings).await.unwrap_or_default();
                known.push(Arc::new(Known::new(definition, SourceKind::Aws, region)));
            }
        }
        for stored in stored::read(&self.database, &self.vault).await? {
            if known.iter().any(|other| other.definition.name == stored.definition.name) {
                refused.push(format!(
                    "{} was made in the page and is the name of another data source now; that one is used",
                    stored.definition.name
                ));
                continue;
            }
            known.push(Arc::new(stored));
        }
        // The one that says so is the default; without it AWS goes before the local X-Ray.
        known.sort_by_key(|it| (!it.definition.is_default, it.kind == SourceKind::Local));
        let mut list = self.list.write().unwrap_or_else(PoisonError::into_inner);
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        for one in &mut known {
            let former =
                list.known.iter().find(|former| former.definition.name == one.definition.name && former.is_same(one));
            if let Some(former) = former {
                *one = former.clone();
            }
        }
        clients.retain(|(revision, _), _| known.iter().any(|one| one.revision == *revision));
        *list = List { known, refused, notes };
        Ok(())
    }

    fn known(&self) -> Vec<Arc<Known>> {
        self.list.read().unwrap_or_else(PoisonError::into_inner).known.clone()
    }

    /// The sources as the page is told of them.
    pub(crate) fn describe(&self) -> Vec<Source> {
        self.known()
            .iter()
            .map(|known| Source {
                name: known.definition.name.clone(),
                kind: known.kind,
                default_region: known.region.clone(),
                regions: match known.kind {
                    SourceKind::Local => vec![known.region.clone()],
                    SourceKind::Aws => regions::all(),
                },
            })
            .collect()
    }

    /// All there is to tell of the data sources, without a secret.
    pub(crate) fn tell(&self) -> api::DataSources {
        let list = self.list.read().unwrap_or_else(PoisonError::into_inner);
        let tell = |known: &Arc<Known>| DataSource {
            name: known.definition.name.clone(),
            kind: known.kind,
            origin: known.definition.origin.clone(),
            is_default: false,
            says_default: known.definition.is_default,
            settings: known.definition.settings.clone(),
            secrets: known.definition.secrets.names(),
            problem: known.problem(),
        };
        let mut all: Vec<DataSource> = list.known.iter().map(tell).collect();
        if let Some(first) = all.first_mut() {
            first.is_default = true;
        }
        let passing = (!self.database.is_kept()).then(|| PASSING.to_owned());
        api::DataSources {
            list: all,
            refused: list.refused.clone(),
            notes: passing.into_iter().chain(list.notes.clone()).collect(),
            read_only: None,
            regions: regions::all(),
        }
    }

    /// Entries of provisioning files that cannot be used.
    pub(crate) fn refused(&self) -> Vec<String> {
        self.list.read().unwrap_or_else(PoisonError::into_inner).refused.clone()
    }

    /// What is odd in provisioning files, and costs nothing.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.list.read().unwrap_or_else(PoisonError::into_inner).notes.clone()
    }

    fn find(&self, name: Option<&str>) -> Result<Arc<Known>, Error> {
        let known = self.known();
        match name.filter(|name| !name.is_empty()) {
            Some(name) => known.iter().find(|it| it.definition.name == name).cloned().ok_or_else(|| {
                let names: Vec<&str> = known.iter().map(|it| it.definition.name.as_str()).collect();
                Error::BadRequest(format!("there is no source {name:.80}; there are: {}", names.join(", ")))
            }),
            None => known.first().cloned().ok_or_else(|| {
                Error::BadRequest(
                    "there is no source: add a data source, or start with --region for AWS, or without --no-local"
                        .to_owned(),
                )
            }),
        }
    }

    /// The one that a path names.
    fn named(&self, name: &str) -> Result<Arc<Known>, Error> {
        self.find(Some(name)).map_err(|error| Error::NotFound(error.to_string()))
    }

    /// A client of a source; the default source and its region where none is named.
    pub(crate) async fn client(&self, name: Option<&str>, region: Option<&str>) -> Result<XRay, Error> {
        self.client_of(&*self.find(name)?, region).await
    }

    async fn client_of(&self, source: &Known, region: Option<&str>) -> Result<XRay, Error> {
        let name = &source.definition.name;
        if let Some(problem) = source.problem().filter(|_| source.unreadable.is_some() || region.is_none()) {
            return Err(Error::BadRequest(format!("data source {name}: {problem}")));
        }
        let region = match (source.kind, region.filter(|region| !region.is_empty())) {
            (SourceKind::Aws, Some(region)) if !is_region(region) => {
                return Err(Error::BadRequest(format!("a region looks like eu-west-1, this does not: {region:.80}")));
            }
            (SourceKind::Aws, Some(region)) => region.to_owned(),
            _ => source.region.clone(),
        };
        let key = (source.revision, region.clone());
        if let Some(client) = self.clients.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(client.clone());
        }
        let reach = source.reach(&self.http).await;
        let settings = &source.definition.settings;
        // Several data sources may be one account.
        let account = definition::account(&settings.assume_role_arn).unwrap_or(name);
        let lane = self.lanes.of(account, &region);
        let endpoint = Some(settings.endpoint.as_str()).filter(|endpoint| !endpoint.is_empty());
        let credentials = reach.credentials().clone();
        let forget = Arc::new(move || {
            let credentials = credentials.clone();
            let done: futures::future::BoxFuture<'static, ()> = Box::pin(async move { credentials.forget().await });
            done
        });
        let patience = self.http.call_timeout * 2;
        let named = (name.as_str(), source.revision);
        let client = XRay::new(&reach.xray(&region, settings), endpoint, named, &region, lane, forget, patience);
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(clients.entry(key).or_insert(client).clone())
    }

    /// The most traces that a query, and a day, may make a source scan; 0: no limit.
    pub(crate) fn scan_budgets(&self, name: &str) -> (u64, u64) {
        let known = self.known();
        let settings = known.iter().find(|it| it.definition.name == name).map(|it| &it.definition.settings);
        settings.map_or((0, 0), |settings| (settings.scan_budget_query, settings.scan_budget_day))
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }
}

impl Known {
    /// Whether a client of this one serves the other as well.
    fn is_same(&self, other: &Self) -> bool {
        use secrecy::ExposeSecret as _;
        let (one, two) = (&self.definition, &other.definition);
        one.settings == two.settings
            && one.origin == two.origin
            && one.is_default == two.is_default
            && self.id == other.id
            && self.region == other.region
            && self.unreadable == other.unreadable
            && one.secrets.to_text().expose_secret() == two.secrets.to_text().expose_secret()
    }
}

async fn of_flags(choice: &AwsChoice) -> anyhow::Result<Known> {
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    // Who names a profile means that one and no other credentials, even where the environment has some.
    let auth = if choice.profile.is_some() { Auth::Credentials } else { Auth::Default };
    let settings =
        Settings { auth, default_region: said(&choice.region), profile: said(&choice.profile), ..Settings::default() };
    let region = &settings.default_region;
    anyhow::ensure!(
        region.is_empty() || is_region(region),
        "--region: a region looks like eu-west-1, this does not: {region}"
    );
    let Some(region) = reach::region_of(&settings).await else {
        anyhow::bail!("--profile: neither it nor AWS_REGION names a region; add --region, as --region eu-west-1");
    };
    let definition = Definition {
        name: "aws".to_owned(),
        origin: Origin::Flags,
        is_default: false,
        settings,
        secrets: Secrets::default(),
    };
    Ok(Known::new(definition, SourceKind::Aws, region))
}

fn local(address: SocketAddr) -> Known {
    // One that listens everywhere is called on loopback.
    let host = match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => format!("127.0.0.1:{}", v4.port()),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => format!("[::1]:{}", v6.port()),
        address => address.to_string(),
    };
    let settings = Settings {
        auth: Auth::Keys,
        default_region: LOCAL_REGION.to_owned(),
        endpoint: format!("http://{host}"),
        ..Settings::default()
    };
    // The local X-Ray looks at no signature, but the SDK wants to make one; these are good for nothing else.
    let secrets = Secrets { access_key: Some("local".into()), secret_key: Some("local".into()), session_token: None };
    let definition =
        Definition { name: LOCAL.to_owned(), origin: Origin::BuiltIn, is_default: false, settings, secrets };
    Known::new(definition, SourceKind::Local, LOCAL_REGION.to_owned())
}
