//! The configuration of encryption, and tags.
//! <https://docs.aws.amazon.com/xray/latest/api/API_PutEncryptionConfig.html>,
//! <https://docs.aws.amazon.com/xray/latest/api/API_TagResource.html>

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Engine, groups,
    protocol::{Failure, read},
    rules,
    settings::Settings,
};

/// AWS keeps so many tags for a resource.
const MOST_TAGS: usize = 50;
const KEY_LETTERS: usize = 128;
const VALUE_LETTERS: usize = 256;

/// How AWS would encrypt; here it is only remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Encryption {
    /// The key, where there is one.
    key: Option<String>,
}

impl Encryption {
    fn described(&self) -> Value {
        let kind = if self.key.is_some() { "KMS" } else { "NONE" };
        json!({ "EncryptionConfig": { "KeyId": self.key, "Status": "ACTIVE", "Type": kind } })
    }
}

pub(crate) fn get_encryption_config(engine: &Engine) -> String {
    engine.settings().read(|settings| settings.encryption.described()).to_string()
}

#[derive(Deserialize)]
struct EncryptionRequest {
    #[serde(rename = "KeyId")]
    key: Option<String>,
    #[serde(rename = "Type")]
    kind: Option<String>,
}

pub(crate) fn put_encryption_config(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: EncryptionRequest = read(body)?;
    let key = match request.kind.as_deref() {
        None => return Err(Failure::missing("type")),
        Some("NONE") => None,
        Some("KMS") => match request.key.filter(|key| !key.is_empty()) {
            Some(key) => Some(key),
            None => return Err(Failure::invalid("KeyId is needed for the type KMS")),
        },
        Some(other) => return Err(Failure::not_in(other, "type", "[NONE, KMS]")),
    };
    let described = engine.settings().change(|settings| {
        settings.encryption = Encryption { key };
        Ok(settings.encryption.described())
    })?;
    Ok(described.to_string())
}

/// A tag of a request.
#[derive(Deserialize)]
pub(crate) struct Tag {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Value")]
    value: String,
}

#[derive(Deserialize)]
struct TagsRequest {
    #[serde(rename = "ResourceARN")]
    arn: Option<String>,
    #[serde(rename = "Tags")]
    tags: Option<Vec<Tag>>,
    #[serde(rename = "TagKeys")]
    keys: Option<Vec<String>>,
}

pub(crate) fn list_tags_for_resource(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: TagsRequest = read(body)?;
    engine.settings().read(|settings| {
        let arn = resource(engine, settings, request.arn.as_deref())?;
        let tags = settings.tags.get(&arn).into_iter().flatten();
        let tags: Vec<Value> = tags.map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        Ok(json!({ "Tags": tags, "NextToken": null }).to_string())
    })
}

pub(crate) fn tag_resource(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: TagsRequest = read(body)?;
    let tags = request.tags.ok_or_else(|| Failure::missing("tags"))?;
    engine.settings().change(|settings| {
        let arn = resource(engine, settings, request.arn.as_deref())?;
        tag(settings, &arn, tags)
    })?;
    Ok("{}".to_owned())
}

pub(crate) fn untag_resource(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: TagsRequest = read(body)?;
    let keys = request.keys.ok_or_else(|| Failure::missing("tagKeys"))?;
    engine.settings().change(|settings| {
        let arn = resource(engine, settings, request.arn.as_deref())?;
        if let Some(tags) = settings.tags.get_mut(&arn) {
            tags.retain(|key, _| !keys.contains(key));
        }
        Ok(())
    })?;
    Ok("{}".to_owned())
}

/// Adds tags to what has this ARN.
pub(crate) fn tag(settings: &mut Settings, arn: &str, tags: Vec<Tag>) -> Result<(), Failure> {
    if tags.iter().map(|tag| &tag.key).collect::<BTreeSet<_>>().len() < tags.len() {
        return Err(Failure::invalid("A tag key stands twice"));
    }
    let known = settings.tags.entry(arn.to_owned()).or_default();
    for Tag { key, value } in tags {
        let fits = |text: &str, most: usize| text.chars().count() <= most;
        if key.is_empty() || !fits(&key, KEY_LETTERS) || !fits(&value, VALUE_LETTERS) {
            let rule = format!("keys have 1 to {KEY_LETTERS} letters, values up to {VALUE_LETTERS}");
            return Err(Failure::validation(format!("1 validation error detected: Value at 'tags': {rule}")));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Failure::invalid("Tag keys that begin with aws: are reserved"));
        }
        known.insert(key, value);
    }
    if known.len() > MOST_TAGS {
        let message = format!("A resource has at most {MOST_TAGS} tags");
        return Err(Failure { resource: Some(arn.to_owned()), ..Failure::of("TooManyTagsException", message) });
    }
    Ok(())
}

/// The ARN of a request, if there is such a group or rule.
fn resource(engine: &Engine, settings: &Settings, arn: Option<&str>) -> Result<String, Failure> {
    let arn = arn.ok_or_else(|| Failure::missing("resourceARN"))?;
    if groups::is_known(settings, arn) || rules::is_known(engine, settings, arn) {
        return Ok(arn.to_owned());
    }
    Err(Failure::not_found(format!("There is no group or sampling rule {arn:.200}"), arn))
}
