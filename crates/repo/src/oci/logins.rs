//! Logins of registries: the file that Helm and Docker keep them in, and the programs that keep them elsewhere (oras-go:
//! registry/remote/credentials).

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind as IoErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Map, Value as Json, json};

use crate::{Error, atomic};

/// In front of the name of a program that keeps logins.
const HELPER: &str = "docker-credential-";

/// What such a program calls a user whose password is a token.
const TOKEN_USER: &str = "<token>";

/// What such a program says of a registry it does not know.
const NOT_FOUND: &str = "credentials not found in native keychain";

/// Docker's own registry has its login under an old address.
const DOCKER_ADDRESS: &str = "https://index.docker.io/v1/";

/// The programs that systems come with, and what must be there besides.
#[cfg(target_os = "macos")]
const SYSTEM_HELPERS: &[(&str, Option<&str>)] = &[("osxkeychain", None)];
#[cfg(windows)]
const SYSTEM_HELPERS: &[(&str, Option<&str>)] = &[("wincred", None)];
#[cfg(not(any(target_os = "macos", windows)))]
const SYSTEM_HELPERS: &[(&str, Option<&str>)] = &[("pass", Some("pass")), ("secretservice", None)];

/// What a registry is told of who asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub username: String,
    /// The password, or a token in its place.
    pub password: String,
    /// A token that is good for getting other tokens.
    pub(crate) refresh_token: String,
    /// A token that is good as it is.
    pub(crate) access_token: String,
}

impl Login {
    /// Returns the login of a user, or of nobody in particular with a token.
    pub fn new(username: &str, password: &str) -> Login {
        Login { username: username.to_owned(), password: password.to_owned(), ..Login::default() }
    }
}

/// Where logins are kept: in Helm's file, and for reading in Docker's too.
#[derive(Debug, Clone, Default)]
pub(crate) struct Logins {
    own: PathBuf,
    docker: Option<PathBuf>,
    programs: String,
}

impl Logins {
    /// Returns the logins in a file of Helm's, which need not be there; `environment` says where Docker's is, and where
    /// programs are.
    pub(crate) fn new(own: impl Into<PathBuf>, environment: &dyn Fn(&str) -> Option<String>) -> Logins {
        let variable = |name| environment(name).filter(|value| !value.is_empty());
        let folder = variable("DOCKER_CONFIG")
            .map(PathBuf::from)
            .or_else(|| variable("HOME").map(|home| Path::new(&home).join(".docker")));
        Logins {
            own: own.into(),
            docker: folder.map(|folder| folder.join("config.json")),
            programs: variable("PATH").unwrap_or_default(),
        }
    }

    /// Returns the login for a host, the empty one where there is none.
    ///
    /// # Errors
    /// When a file is something else, or a program fails.
    pub(crate) fn get(&self, host: &str) -> Result<Login, Error> {
        let server = server_of(host);
        for path in [Some(&self.own), self.docker.as_ref()].into_iter().flatten() {
            let file = File::load(path)?;
            let login = match file.helper(server, || self.system_helper()) {
                Some(helper) => asked(&helper, server)?,
                None => file.login(server)?,
            };
            if login != Login::default() {
                return Ok(login);
            }
        }
        Ok(Login::default())
    }

    /// Keeps the login for a registry.
    ///
    /// # Errors
    /// When the user's name has a colon, or the login cannot be kept.
    pub(crate) fn put(&self, registry: &str, login: &Login) -> Result<(), Error> {
        let server = server_of(registry);
        let mut file = File::load(&self.own)?;
        let Some(helper) = file.helper(server, || self.system_helper()) else {
            if login.username.contains(':') {
                return Err(Error::refused("bad credential format: colons(:) are not allowed in username"));
            }
            file.set_login(server, login);
            return file.save();
        };
        let said = json!({"ServerURL": server, "Username": login.username, "Secret": login.password});
        run(&helper, "store", &said.to_string())?;
        if file.is_configured() {
            return Ok(());
        }
        file.content.insert("credsStore".to_owned(), Json::from(helper));
        file.save()
    }

    /// Forgets the login for a registry.
    ///
    /// # Errors
    /// When it is there and stays.
    pub(crate) fn remove(&self, registry: &str) -> Result<(), Error> {
        let server = server_of(registry);
        let mut file = File::load(&self.own)?;
        let removed = match file.helper(server, || self.system_helper()) {
            Some(helper) => run(&helper, "erase", server).map(|_| ()),
            None if file.logins.remove(server).is_some() => file.save(),
            None => Ok(()),
        };
        removed.map_err(|error| error.context(format!("failed to delete the credential for {server}")))
    }

    /// Returns the program that this system comes with, if it is installed.
    fn system_helper(&self) -> Option<String> {
        let is_there =
            |name: &str| std::env::split_paths(&self.programs).any(|folder| folder.join(name).is_file());
        let (helper, _) = SYSTEM_HELPERS.iter().find(|(_, besides)| besides.is_none_or(is_there))?;
        is_there(&format!("{HELPER}{helper}")).then(|| (*helper).to_owned())
    }
}

/// Returns the address that a registry's login is kept under.
fn server_of(registry: &str) -> &str {
    if matches!(registry, "docker.io" | "registry-1.docker.io") { DOCKER_ADDRESS } else { registry }
}

/// One file of logins. What is not known in it stays as it is.
struct File {
    path: PathBuf,
    content: Map<String, Json>,
    logins: BTreeMap<String, Json>,
    store: String,
    helpers: BTreeMap<String, String>,
}

impl File {
    fn load(path: &Path) -> Result<File, Error> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == IoErrorKind::NotFound => Vec::new(),
            Err(error) => {
                let words = format!("failed to open config file at {}", path.display());
                return Err(Error::file("open", path, &error).context(words));
            }
        };
        let mut file = File {
            path: path.to_owned(),
            content: Map::new(),
            logins: BTreeMap::new(),
            store: String::new(),
            helpers: BTreeMap::new(),
        };
        if text.trim_ascii().is_empty() {
            return Ok(file);
        }
        let words = || format!("failed to decode config file {}: invalid config format", path.display());
        let document = value::json::read(&text)
            .and_then(|document| value::json::to_serde(&document))
            .map_err(|error| Error::refused(error.to_string()).context(words()))?;
        file.content = object(document).map_err(|error| error.context(words()))?;
        let field = |name: &str| file.content.get(name).filter(|value| !value.is_null()).cloned();
        let invalid = |name: &str| format!("failed to unmarshal {name} field: invalid config format");
        if let Some(value) = field("credsStore") {
            file.store = text_of(value).map_err(|error| error.context(invalid("creds store")))?;
        }
        if let Some(value) = field("credHelpers") {
            let helpers = object(value).and_then(|helpers| {
                helpers.into_iter().map(|(server, name)| Ok((server, text_of(name)?))).collect()
            });
            file.helpers = helpers.map_err(|error: Error| error.context(invalid("cred helpers")))?;
        }
        if let Some(value) = field("auths") {
            let logins = object(value).map_err(|error| error.context(invalid("auths")))?;
            file.logins = logins.into_iter().collect();
        }
        Ok(file)
    }

    /// Returns whether anything says where logins are kept.
    fn is_configured(&self) -> bool {
        !self.store.is_empty() || !self.helpers.is_empty() || !self.logins.is_empty()
    }

    /// Returns the program that keeps a server's login, if not the file does.
    fn helper(&self, server: &str, system: impl FnOnce() -> Option<String>) -> Option<String> {
        let named = self.helpers.get(server).filter(|name| !name.is_empty());
        let named = named.or(Some(&self.store).filter(|name| !name.is_empty())).cloned();
        named.or_else(|| if self.is_configured() { None } else { system() })
    }

    fn login(&self, server: &str) -> Result<Login, Error> {
        let by_host = || self.logins.iter().find(|(address, _)| host_of(address) == server);
        let entry = self.logins.get(server).or_else(|| by_host().map(|(_, entry)| entry));
        let Some(entry) = entry.filter(|entry| !entry.is_null()) else { return Ok(Login::default()) };
        let invalid = |error: Error| error.context("failed to unmarshal auth field: invalid config format");
        let Json::Object(fields) = entry else { return Err(invalid(wrong_type(entry, "config.AuthConfig"))) };
        let field = |name: &str| match fields.get(name) {
            None | Some(Json::Null) => Ok(String::new()),
            Some(Json::String(text)) => Ok(text.clone()),
            Some(other) => Err(invalid(wrong_field(other, name))),
        };
        let mut login = Login {
            username: field("username")?,
            password: field("password")?,
            refresh_token: field("identitytoken")?,
            access_token: field("registrytoken")?,
        };
        let encoded = field("auth")?;
        if !encoded.is_empty() {
            (login.username, login.password) = decoded(&encoded)
                .map_err(|error| error.context("failed to decode auth field: invalid config format"))?;
        }
        Ok(login)
    }

    fn set_login(&mut self, server: &str, login: &Login) {
        let mut entry = Map::new();
        if !login.username.is_empty() || !login.password.is_empty() {
            let pair = STANDARD.encode(format!("{}:{}", login.username, login.password));
            entry.insert("auth".to_owned(), Json::from(pair));
        }
        for (name, token) in [("identitytoken", &login.refresh_token), ("registrytoken", &login.access_token)]
        {
            if !token.is_empty() {
                entry.insert(name.to_owned(), Json::from(token.as_str()));
            }
        }
        self.logins.insert(server.to_owned(), Json::Object(entry));
    }

    fn save(&self) -> Result<(), Error> {
        let mut content = self.content.clone();
        content.retain(|name, value| {
            name != "credsStore" || value.as_str().is_some_and(|name| !name.is_empty())
        });
        content.insert("auths".to_owned(), Json::Object(self.logins.clone().into_iter().collect()));
        let mut text = Vec::new();
        let mut writer = Serializer::with_formatter(&mut text, PrettyFormatter::with_indent(b"\t"));
        content
            .serialize(&mut writer)
            .map_err(|error| Error::refused(format!("failed to marshal config: {error}")))?;
        make_private_folder_of(&self.path)?;
        atomic::write_private(&self.path, &text).map_err(|error| error.context("failed to save config file"))
    }
}

/// Makes the folder of a file, which only its owner may look into.
fn make_private_folder_of(path: &Path) -> Result<(), Error> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| {
        let words = format!("failed to make directory {}", folder.display());
        Error::file("mkdir", folder, &error).context(words)
    })
}

fn object(value: Json) -> Result<Map<String, Json>, Error> {
    match value {
        Json::Object(map) => Ok(map),
        other => Err(wrong_type(&other, "map[string]jsontext.Value")),
    }
}

fn text_of(value: Json) -> Result<String, Error> {
    match value {
        Json::String(text) => Ok(text),
        other => Err(wrong_type(&other, "string")),
    }
}

fn wrong_type(found: &Json, wanted: &str) -> Error {
    Error::refused(value::json::type_error(kind_of(found), wanted).to_string())
}

fn wrong_field(found: &Json, name: &str) -> Error {
    let field = format!("AuthConfig.{name}");
    Error::refused(value::json::field_type_error(kind_of(found), &field, "string").to_string())
}

fn kind_of(value: &Json) -> &'static str {
    value::json::type_of(&value::json::from_serde(value))
}

/// Returns the host of an address that Docker wrote.
fn host_of(address: &str) -> &str {
    let bare = address.strip_prefix("http://").unwrap_or(address);
    let bare = bare.strip_prefix("https://").unwrap_or(bare);
    bare.split('/').next().unwrap_or(bare)
}

/// Takes a user and a password apart. What is wrong with them is not shown: it may be a password.
fn decoded(pair: &str) -> Result<(String, String), Error> {
    let bytes = STANDARD.decode(pair).map_err(|error| match error {
        base64::DecodeError::InvalidByte(at, _) => {
            Error::refused(format!("illegal base64 data at input byte {at}"))
        }
        _ => Error::refused("illegal base64 data"),
    })?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let parts = text.split_once(':').map(|(name, password)| (name.to_owned(), password.to_owned()));
    parts.ok_or_else(|| Error::refused("auth does not conform the base64(username:password) format"))
}

/// Asks a program for a server's login.
fn asked(helper: &str, server: &str) -> Result<Login, Error> {
    let said = match run(helper, "get", server) {
        Ok(said) => said,
        Err(error) if error.to_string() == NOT_FOUND => return Ok(Login::default()),
        Err(error) => return Err(error),
    };
    let document: Json = serde_json::from_slice(&said)
        .map_err(|_| Error::refused(format!("{HELPER}{helper} gave something else than a login")))?;
    let field = |name: &str| document.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let (username, secret) = (field("Username"), field("Secret"));
    Ok(match username == TOKEN_USER {
        true => Login { refresh_token: secret, ..Login::default() },
        false => Login::new(&username, &secret),
    })
}

/// Runs a program that keeps logins, and returns what it prints.
fn run(helper: &str, action: &str, input: &str) -> Result<Vec<u8>, Error> {
    let program = format!("{HELPER}{helper}");
    let failed = |error: std::io::Error| match error.kind() {
        IoErrorKind::NotFound => {
            let program = value::gofmt::quoted(program.as_bytes());
            Error::refused(format!("exec: {program}: executable file not found in $PATH"))
        }
        _ => Error::refused(format!("{program}: {}", chart::files::go_reason(&error))),
    };
    let mut child = Command::new(&program)
        .arg(action)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read says by its exit code what it thinks of it.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().map_err(failed)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Err(Error::refused(match (said.is_empty(), output.status.code()) {
        (false, _) => said,
        (true, Some(code)) => format!("exit status {code}"),
        (true, None) => format!("{program} was killed"),
    }))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Login, Logins};

    fn logins(folder: &std::path::Path) -> Logins {
        let home = folder.to_string_lossy().into_owned();
        Logins::new(folder.join("helm/registry/config.json"), &|name| (name == "HOME").then(|| home.clone()))
    }

    #[test]
    fn a_login_is_kept_as_helm_keeps_it_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let logins = logins(folder.path());
        assert_eq!(logins.get("localhost:5002").unwrap(), Login::default());
        logins.put("localhost:5002", &Login::new("user", "pass1")).unwrap();
        let path = folder.path().join("helm/registry/config.json");
        let expected = "{\n\t\"auths\": {\n\t\t\"localhost:5002\": {\n\t\t\t\"auth\": \"dXNlcjpwYXNzMQ==\"\n\t\t}\n\t}\n}";
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);
        assert_eq!(logins.get("localhost:5002").unwrap(), Login::new("user", "pass1"));
        logins.put("docker.io", &Login::new("d", "p")).unwrap();
        assert_eq!(logins.get("registry-1.docker.io").unwrap(), Login::new("d", "p"));
        logins.remove("docker.io").unwrap();
        logins.remove("localhost:5002").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\n\t\"auths\": {}\n}");
        let refused = logins.put("h", &Login::new("a:b", "c")).unwrap_err().to_string();
        assert_eq!(refused, "bad credential format: colons(:) are not allowed in username");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        logins(folder.path()).put("h", &Login::new("a", "b")).unwrap();
        let mode = |path: &str| fs::metadata(folder.path().join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("helm/registry"), mode("helm/registry/config.json")), (0o700, 0o600));
    }

    #[test]
    fn dockers_logins_are_read_too() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".docker")).unwrap();
        let text = r#"{"auths":{"https://h:5000/v1/":{"auth":"YTpi"},"t":{"identitytoken":"x"}},"other":1}"#;
        fs::write(folder.path().join(".docker/config.json"), text).unwrap();
        let logins = logins(folder.path());
        assert_eq!(logins.get("h:5000").unwrap(), Login::new("a", "b"));
        assert_eq!(logins.get("t").unwrap().refresh_token, "x");
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_without_its_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("helm/registry/config.json");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let logins = logins(folder.path());
        for (text, reason) in [
            ("garbage", "invalid character 'g' looking for beginning of value"),
            ("[]", "json: cannot unmarshal array into Go value of type map[string]jsontext.Value"),
            ("{\"credsStore\":1}", "json: cannot unmarshal number into Go value of type string"),
            ("{\"auths\":[]}", "failed to unmarshal auths field: invalid config format: json: cannot"),
            ("{\"auths\":{\"h\":{\"auth\":\"!!\"}}}", "illegal base64 data at input byte 0"),
            ("{\"auths\":{\"h\":{\"auth\":\"c2VjcmV0\"}}}", "auth does not conform"),
            ("{\"credHelpers\":{\"h\":\"none-such\"}}", "exec: \"docker-credential-none-such\": executable"),
        ] {
            fs::write(&path, text).unwrap();
            let error = logins.get("h").unwrap_err().full_text();
            assert!(error.contains(reason) && !error.contains("secret"), "{error}");
        }
        fs::write(&path, " \n").unwrap();
        assert_eq!(logins.get("h").unwrap(), Login::default());
    }
}
