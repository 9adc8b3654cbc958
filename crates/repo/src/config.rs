//! `repositories.yaml`: which repositories there are, where, and how to reach them (Helm: repo/v1/repo.go).

use std::path::Path;

use chart::Decoder;
use serde_json::{Value as Json, json};
use value::Value;
use value::yaml::{Numbers, Options};

use crate::{Error, ErrorKind, atomic};

/// The time that Go writes for none.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

/// The mode of the file: it may hold passwords.
const MODE: u32 = 0o600;

/// A repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repository {
    /// What it is called in chart references.
    pub name: String,
    /// Where its index lies.
    pub url: String,
    /// User for basic authentication.
    pub username: String,
    /// The password that goes with it.
    pub password: String,
    /// File with a client certificate.
    pub cert_file: String,
    /// File with the certificate's key.
    pub key_file: String,
    /// File with the certificate authority of the server.
    pub ca_file: String,
    /// Whether the server's certificate is taken unchecked.
    pub is_insecure: bool,
    /// Whether the credentials go to every host that the repository points to.
    pub passes_credentials: bool,
}

/// The contents of `repositories.yaml`.
#[derive(Debug, Clone, Default)]
pub struct Config {
    api_version: String,
    generated: String,
    /// The repositories in the order of the file.
    pub repositories: Vec<Repository>,
}

impl Config {
    /// Reads the file (`LoadFile`).
    ///
    /// # Errors
    /// When it cannot be read or is something else.
    pub fn load(path: &Path) -> Result<Config, Error> {
        let text = std::fs::read(path).map_err(|error| ErrorKind::Config {
            path: path.display().to_string(),
            source: Error::file("open", path, &error),
        })?;
        Config::read(&text)
    }

    /// As [`Config::load`], but a file that is not there is an empty one.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn load_if_there(path: &Path) -> Result<Config, Error> {
        match Config::load(path) {
            Err(error) if error.is_missing_file() => Ok(Config::default()),
            result => result,
        }
    }

    /// Reads the file's text. Fields that are not known are passed over.
    ///
    /// # Errors
    /// When it is not YAML, or a field has another type.
    pub fn read(text: &[u8]) -> Result<Config, Error> {
        let options = Options { numbers: Numbers::IntOrFloat, ..Options::default() };
        let document =
            value::yaml::read(text, &options).map_err(|error| Error::refused(error.to_string()))?;
        let mut config = Config::default();
        let mut decoder = Decoder::default();
        match &document {
            Value::Nil => {}
            Value::Map(map) => decoder.each_field(map, &mut |decoder, name, value| match name
                .to_ascii_lowercase()
                .as_str()
            {
                "apiversion" => decoder.text(value, &mut config.api_version),
                "generated" => decoder.time(value, &mut config.generated),
                "repositories" => repositories(decoder, value, &mut config.repositories),
                _ => {}
            }),
            other => decoder.mismatch(other, "repo.File"),
        }
        let finished = decoder.finish(false);
        finished.map_err(|text| {
            Error::refused(format!("error unmarshaling JSON: while decoding JSON: {text}"))
        })?;
        Ok(config)
    }

    /// Returns the repository of that name.
    pub fn get(&self, name: &str) -> Option<&Repository> {
        self.repositories.iter().find(|repository| repository.name == name)
    }

    /// Puts a repository in the place of the one with its name, or at the end.
    pub fn set(&mut self, repository: Repository) {
        match self.repositories.iter_mut().find(|other| other.name == repository.name) {
            Some(place) => *place = repository,
            None => self.repositories.push(repository),
        }
    }

    /// Takes all repositories of that name out; returns whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.repositories.len();
        self.repositories.retain(|repository| repository.name != name);
        self.repositories.len() < before
    }

    /// Writes the file as Helm writes it.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn store(&self, path: &Path) -> Result<(), Error> {
        let generated = if self.generated.is_empty() { NO_TIME } else { &self.generated };
        let document = json!({
            "apiVersion": self.api_version,
            "generated": generated,
            "repositories": self.repositories.iter().map(Repository::to_json).collect::<Vec<_>>(),
        });
        let text = value::yaml::write_json(&document).map_err(|error| Error::refused(error.to_string()))?;
        atomic::make_folder_of(path)?;
        atomic::write(path, &text, MODE)
    }
}

impl Repository {
    fn to_json(&self) -> Json {
        json!({
            "name": self.name,
            "url": self.url,
            "username": self.username,
            "password": self.password,
            "certFile": self.cert_file,
            "keyFile": self.key_file,
            "caFile": self.ca_file,
            "insecure_skip_tls_verify": self.is_insecure,
            "pass_credentials_all": self.passes_credentials,
        })
    }

    fn read_field(&mut self, decoder: &mut Decoder, name: &str, value: &Value) {
        match name.to_ascii_lowercase().as_str() {
            "name" => decoder.text(value, &mut self.name),
            "url" => decoder.text(value, &mut self.url),
            "username" => decoder.text(value, &mut self.username),
            "password" => decoder.text(value, &mut self.password),
            "certfile" => decoder.text(value, &mut self.cert_file),
            "keyfile" => decoder.text(value, &mut self.key_file),
            "cafile" => decoder.text(value, &mut self.ca_file),
            "insecure_skip_tls_verify" => decoder.flag(value, &mut self.is_insecure),
            "pass_credentials_all" => decoder.flag(value, &mut self.passes_credentials),
            _ => {}
        }
    }
}

/// Null entries, which Helm stumbles over, are left out.
fn repositories(decoder: &mut Decoder, value: &Value, into: &mut Vec<Repository>) {
    match value {
        Value::Nil => into.clear(),
        Value::List(list) => decoder.each_item(list, |decoder, _, item| match item {
            Value::Nil => {}
            Value::Map(map) => {
                let mut repository = Repository::default();
                decoder
                    .each_field(map, &mut |decoder, name, value| repository.read_field(decoder, name, value));
                into.push(repository);
            }
            other => decoder.mismatch(other, "repo.Entry"),
        }),
        other => decoder.mismatch(other, "[]*repo.Entry"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, Repository};

    #[test]
    fn the_file_is_written_as_helm_writes_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/repositories.yaml");
        let mut config = Config::default();
        config.set(Repository { name: "a".into(), url: "http://h".into(), ..Repository::default() });
        config.store(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            text,
            "apiVersion: \"\"\ngenerated: \"0001-01-01T00:00:00Z\"\nrepositories:\n- caFile: \"\"\n  certFile: \"\"\n  \
             insecure_skip_tls_verify: false\n  keyFile: \"\"\n  name: a\n  pass_credentials_all: false\n  \
             password: \"\"\n  url: http://h\n  username: \"\"\n"
        );
        assert_eq!(Config::load(&path).unwrap().repositories, config.repositories);
    }

    #[test]
    fn a_repository_is_replaced_in_its_place_and_removed_by_name() {
        let mut config = Config::read(b"repositories:\n- name: a\n- name: b\n- null\n").unwrap();
        config.set(Repository { name: "a".into(), url: "x".into(), ..Repository::default() });
        assert_eq!(config.repositories[0].url, "x");
        assert!(config.remove("a"));
        assert!(!config.remove("a"));
        assert_eq!(config.repositories.len(), 1);
    }

    #[test]
    fn a_field_of_another_type_is_named() {
        let error = Config::read(b"repositories: {}\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal object into Go struct field \
             .repositories of type []*repo.Entry"
        );
    }
}
