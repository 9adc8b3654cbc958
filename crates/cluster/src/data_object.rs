//! Secrets and ConfigMaps as they come in lists: from protobuf, which typed clients ask for and which is a third smaller
//! because bytes stay bytes, or from JSON.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::client::decode_as;
use crate::error::{Error, ErrorKind};
use crate::protobuf::{self, Field};

/// What tells an object from others.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ObjectMetadata {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Its identity; another object of the same name has another.
    pub uid: String,
    /// Its version: as long as it is the same, so is the object.
    pub resource_version: String,
    /// Its labels.
    #[serde(deserialize_with = "null_as_default")]
    pub labels: BTreeMap<String, String>,
}

/// A Secret or ConfigMap.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DataObject {
    /// What tells it from others.
    pub metadata: ObjectMetadata,
    /// What it holds; bytes as they are, without the base64 that JSON has for those of Secrets.
    pub data: BTreeMap<String, Vec<u8>>,
}

/// A list, or a page of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The objects.
    pub items: Vec<T>,
    /// Whether there is more.
    pub has_more: bool,
}

/// A list as JSON has it.
#[derive(Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
struct List<T> {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    metadata: ListMetadata,
    items: Option<Vec<T>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListMetadata {
    r#continue: String,
}

/// An object without what it holds.
#[derive(Deserialize)]
struct Partial {
    metadata: ObjectMetadata,
}

/// An object as JSON has it.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    metadata: ObjectMetadata,
    #[serde(default, deserialize_with = "null_as_default")]
    data: BTreeMap<String, String>,
}

impl DataObject {
    /// Takes an object out of its JSON.
    ///
    /// # Errors
    /// When it is none, or what a Secret holds is no base64.
    pub fn from_json(object: &serde_json::Value) -> Result<DataObject, Error> {
        let written = Written::deserialize(object).map_err(|error| answer(error.to_string()))?;
        written.read(object["kind"] == "Secret")
    }
}

impl Written {
    fn read(self, is_secret: bool) -> Result<DataObject, Error> {
        let bytes = |text: String| match is_secret {
            true => STANDARD.decode(text).map_err(|error| answer(error.to_string())),
            false => Ok(text.into_bytes()),
        };
        let data = self.data.into_iter().map(|(name, text)| Ok((name, bytes(text)?)));
        Ok(DataObject { metadata: self.metadata, data: data.collect::<Result<_, Error>>()? })
    }
}

/// Reads a list of Secrets or ConfigMaps in either form.
pub(crate) fn read_list(body: &[u8]) -> Result<Page<DataObject>, Error> {
    if !protobuf::is_protobuf(body) {
        let list: List<Written> = read_json(body)?;
        let is_secret = list.kind == "SecretList";
        let has_more = !list.metadata.r#continue.is_empty();
        let items = list.items.unwrap_or_default().into_iter().map(|item| item.read(is_secret));
        return Ok(Page { items: items.collect::<Result<_, _>>()?, has_more });
    }
    let (kind, list) = protobuf::open(body).ok_or(ErrorKind::CutOff)?;
    match kind.ends_with("List") {
        true => Ok(from_protobuf(list).ok_or(ErrorKind::CutOff)?),
        false => Err(ErrorKind::NoList(kind).into()),
    }
}

/// Reads a list of objects without what they hold.
pub(crate) fn read_metadata(body: &[u8]) -> Result<Vec<ObjectMetadata>, Error> {
    let list: List<Partial> = read_json(body)?;
    Ok(list.items.unwrap_or_default().into_iter().map(|item| item.metadata).collect())
}

fn read_json<'de, T: Deserialize<'de>>(body: &'de [u8]) -> Result<List<T>, Error> {
    // Servers that are none answer with anything.
    match decode_as::<List<T>>(body) {
        Ok(list) if list.kind.ends_with("List") => Ok(list),
        Ok(list) => Err(ErrorKind::NoList(list.kind).into()),
        Err(error) => match decode_as::<serde_json::Value>(body) {
            Ok(other) => Err(ErrorKind::NoList(other["kind"].as_str().unwrap_or_default().to_owned()).into()),
            Err(_) => Err(error),
        },
    }
}

fn answer(text: String) -> Error {
    ErrorKind::Answer(text).into()
}

/// `SecretList` and `ConfigMapList` of `k8s.io/api/core/v1`, which have the same numbers as far as they matter here.
fn from_protobuf(list: &[u8]) -> Option<Page<DataObject>> {
    let (mut items, mut has_more) = (Vec::new(), false);
    for (number, field) in protobuf::fields(list)? {
        match (number, field) {
            (1, Field::Bytes(meta)) => has_more = !protobuf::text(meta, 3)?.is_empty(),
            (2, Field::Bytes(item)) => items.push(object(item)?),
            _ => {}
        }
    }
    Some(Page { items, has_more })
}

fn object(message: &[u8]) -> Option<DataObject> {
    let mut object = DataObject::default();
    for (number, field) in protobuf::fields(message)? {
        match (number, field) {
            (1, Field::Bytes(meta)) => object.metadata = metadata(meta)?,
            (2, Field::Bytes(entry)) => {
                let (name, bytes) = protobuf::entry(entry)?;
                object.data.insert(name, bytes.to_vec());
            }
            _ => {}
        }
    }
    Some(object)
}

/// `ObjectMeta` of `k8s.io/apimachinery/pkg/apis/meta/v1`.
fn metadata(message: &[u8]) -> Option<ObjectMetadata> {
    let mut metadata = ObjectMetadata::default();
    for (number, field) in protobuf::fields(message)? {
        let Field::Bytes(bytes) = field else { continue };
        match number {
            1 => metadata.name = protobuf::as_text(bytes),
            3 => metadata.namespace = protobuf::as_text(bytes),
            5 => metadata.uid = protobuf::as_text(bytes),
            6 => metadata.resource_version = protobuf::as_text(bytes),
            11 => {
                let (label, value) = protobuf::entry(bytes)?;
                metadata.labels.insert(label, protobuf::as_text(value));
            }
            _ => {}
        }
    }
    Some(metadata)
}

fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{read_list, read_metadata};
    use crate::error::chain;

    #[test]
    fn the_data_of_secrets_is_decoded_and_that_of_config_maps_is_not() {
        let list = |kind: &str| {
            format!(
                "{{\"kind\": \"{kind}\", \"metadata\": {{\"continue\": \"x\"}}, \"items\": [{{\"metadata\": {{\"name\": \"n\", \
                 \"labels\": null}}, \"data\": {{\"a\": \"eA==\"}}}}]}}"
            )
        };
        let secrets = read_list(list("SecretList").as_bytes()).unwrap();
        assert_eq!((secrets.items[0].data["a"].as_slice(), secrets.has_more), (&b"x"[..], true));
        assert_eq!(read_list(list("ConfigMapList").as_bytes()).unwrap().items[0].data["a"], b"eA==");
        assert_eq!(read_metadata(list("PartialObjectMetadataList").as_bytes()).unwrap()[0].name, "n");
    }

    #[test]
    fn answers_that_are_no_lists_are_named() {
        let told = |body: &[u8]| chain(&read_list(body).unwrap_err());
        assert!(told(b"{\"kind\": \"Table\", \"items\": 5}").contains("\"Table\""));
        assert!(told(b"{\"kind\": \"Secret\"}").contains("\"Secret\""));
        assert!(told(b"<html>").contains("invalid character '<'"));
        let cut = b"k8s\0\x0a\x10\x0a\x02v1\x12\x0aSecretList\x12\x03\x12\x05x";
        assert_eq!(told(cut), "unexpected EOF");
    }
}
