//! What a `plugin.yaml` says, in both of its forms, and what is wrong with it (Helm: internal/plugin/metadata*.go).

use std::path::{Path, PathBuf};

use value::gofmt::quoted;
use value::yaml::nodes::{self, Comments, Content, Document, Node};

use super::command::PlatformCommand;

/// The type of post-renderer plugins.
pub(crate) const POST_RENDERER: &str = "postrenderer/v1";

const TYPES: [&str; 4] = ["cli/v1", "getter/v1", POST_RENDERER, "test/v1"];

/// The members of the current form.
const MEMBERS: [&str; 8] =
    ["apiVersion", "name", "type", "runtime", "version", "sourceURL", "config", "runtimeConfig"];

/// An installed plugin (Helm: internal/plugin/metadata.go).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plugin {
    /// The name.
    pub(crate) name: String,
    /// The version; empty for none.
    pub(crate) version: String,
    /// `cli/v1`, `getter/v1` or `postrenderer/v1`.
    pub(crate) plugin_type: String,
    /// `v1`, or `legacy` for none.
    pub(crate) api_version: String,
    /// Where it came from; empty if unknown.
    pub(crate) source: String,
    /// One line on what it does.
    pub(crate) summary: String,
    /// Whether it is a program, and not a module of WebAssembly.
    pub(crate) is_program: bool,
    /// What to run on which system.
    pub(crate) commands: Vec<PlatformCommand>,
    /// Its folder.
    pub(crate) folder: PathBuf,
}

/// Reads the text of a `plugin.yaml`.
///
/// # Errors
/// In Helm's words.
pub(super) fn read(text: &str, folder: &Path) -> Result<Plugin, String> {
    let peeked = |reason: String| format!("failed to peek plugin.yaml API version: {reason}");
    let document = nodes::read(text.as_bytes()).map_err(|error| peeked(error.inner_text()))?;
    let root = document.ok_or_else(|| peeked("EOF".to_owned()))?.root;
    let mut reader = Reader { complaints: Vec::new() };
    if root.pairs().is_none() && !root.is_null() {
        reader.complain(&root, "plugin.apiVersion");
    }
    let api_version = reader.text(&root, "apiVersion");
    reader.finish().map_err(peeked)?;
    match api_version.as_str() {
        "" => read_legacy(&root, folder),
        "v1" => read_v1(&root, folder),
        other => Err(format!("invalid plugin apiVersion: {}", quoted(other.as_bytes()))),
    }
}

/// Collects what yaml.v3 says of members that are of the wrong type.
struct Reader {
    complaints: Vec<String>,
}

impl Reader {
    fn finish(self) -> Result<(), String> {
        match self.complaints.is_empty() {
            true => Ok(()),
            false => Err(format!("yaml: unmarshal errors:\n  {}", self.complaints.join("\n  "))),
        }
    }

    fn complain(&mut self, node: &Node, wanted: &str) {
        let what = match &node.content {
            Content::Sequence { .. } => "!!seq".to_owned(),
            Content::Mapping { .. } => "!!map".to_owned(),
            Content::Scalar { text, .. } => format!("!!str `{}`", shortened(text)),
            Content::Alias(_) => return,
        };
        self.complaints.push(format!("line {}: cannot unmarshal {what} into {wanted}", node.line));
    }

    fn text(&mut self, parent: &Node, name: &str) -> String {
        let Some(node) = parent.get(name).filter(|node| !node.is_null()) else { return String::new() };
        match node.text() {
            Some(text) => text.to_owned(),
            None => {
                self.complain(node, "string");
                String::new()
            }
        }
    }

    fn items<'n>(&mut self, parent: &'n Node, name: &str, wanted: &str) -> &'n [Node] {
        match parent.get(name).filter(|node| !node.is_null()) {
            Some(Node { content: Content::Sequence { items, .. }, .. }) => items,
            Some(node) => {
                self.complain(node, wanted);
                &[]
            }
            None => &[],
        }
    }

    fn commands(&mut self, parent: &Node) -> Vec<PlatformCommand> {
        let items = self.items(parent, "platformCommand", "[]plugin.PlatformCommand");
        let mut commands = Vec::with_capacity(items.len());
        for item in items {
            if item.pairs().is_none() {
                self.complain(item, "plugin.PlatformCommand");
                continue;
            }
            let (os, arch) = (self.text(item, "os"), self.text(item, "arch"));
            let command = self.text(item, "command");
            let words = self.items(item, "args", "[]string").iter().map(Node::text);
            let arguments = words.map(|text| text.unwrap_or_default().to_owned()).collect();
            commands.push(PlatformCommand { os, arch, command, arguments });
        }
        commands
    }

    /// Complains of keys that are there twice, and of unknown ones if the type they are read into is named.
    fn keys(&mut self, node: &Node, known: &[&str], strict: Option<&str>) {
        let pairs = node.pairs().unwrap_or_default();
        for (at, (key, _)) in pairs.iter().enumerate() {
            let name = key.text().unwrap_or_default();
            for (later, _) in pairs[at + 1..].iter().filter(|(later, _)| later.text() == Some(name)) {
                self.complaints.push(format!(
                    "line {}: mapping key {} already defined at line {}",
                    later.line,
                    quoted(name.as_bytes()),
                    key.line
                ));
            }
        }
        let Some(type_name) = strict else { return };
        for (key, _) in pairs {
            let name = key.text().unwrap_or_default();
            if !known.contains(&name) {
                self.complaints
                    .push(format!("line {}: field {name} not found in type {type_name}", key.line));
            }
        }
    }
}

/// Returns the beginning of a text as yaml.v3 shows it in complaints.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(10) {
        Some(_) => format!("{}...", text.chars().take(7).collect::<String>()),
        None => text.to_owned(),
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'-'))
}

fn is_version(version: &str) -> bool {
    value::semver::Version::parse_strict(version).is_ok()
}

fn read_legacy(root: &Node, folder: &Path) -> Result<Plugin, String> {
    let mut reader = Reader { complaints: Vec::new() };
    reader.keys(root, &[], None);
    let (name, version) = (reader.text(root, "name"), reader.text(root, "version"));
    let (summary, command) = (reader.text(root, "usage"), reader.text(root, "command"));
    let mut commands = reader.commands(root);
    let downloaders = reader.items(root, "downloaders", "[]plugin.Downloaders");
    reader.finish()?;
    if !is_name(&name) {
        let name = quoted(name.as_bytes());
        return Err(format!("invalid plugin name {name}: must contain only a-z, A-Z, 0-9, _ and -"));
    }
    if !version.is_empty() && !is_version(&version) {
        return Err(format!("invalid plugin version {}: must be valid semver", quoted(version.as_bytes())));
    }
    if !commands.is_empty() && !command.is_empty() {
        return Err("both platformCommand and command are set".to_owned());
    }
    let has_members = |name| root.get(name).and_then(Node::pairs).is_some_and(|pairs| !pairs.is_empty());
    if has_members("platformHooks") && has_members("hooks") {
        return Err("both platformHooks and hooks are set".to_owned());
    }
    for (index, downloader) in downloaders.iter().enumerate() {
        check_downloader(index, downloader)?;
    }
    if commands.is_empty() && !command.is_empty() {
        commands.push(PlatformCommand { command, ..PlatformCommand::default() });
    }
    Ok(Plugin {
        name,
        version,
        plugin_type: if downloaders.is_empty() { "cli/v1" } else { "getter/v1" }.to_owned(),
        api_version: "legacy".to_owned(),
        source: String::new(),
        summary,
        is_program: true,
        commands,
        folder: folder.to_owned(),
    })
}

fn check_downloader(index: usize, downloader: &Node) -> Result<(), String> {
    if downloader.get("command").and_then(Node::text).unwrap_or_default().is_empty() {
        return Err(format!("downloader {index} has empty command"));
    }
    let protocols = match downloader.get("protocols").map(|node| &node.content) {
        Some(Content::Sequence { items, .. }) => items.as_slice(),
        _ => &[],
    };
    if protocols.is_empty() {
        return Err(format!("downloader {index} has no protocols"));
    }
    match protocols.iter().position(|protocol| protocol.text().unwrap_or_default().is_empty()) {
        Some(at) => Err(format!("downloader {index} has empty protocol at index {at}")),
        None => Ok(()),
    }
}

fn read_v1(root: &Node, folder: &Path) -> Result<Plugin, String> {
    let mut reader = Reader { complaints: Vec::new() };
    reader.keys(root, &MEMBERS, Some("plugin.MetadataV1"));
    let [name, version, plugin_type, runtime, source] =
        ["name", "version", "type", "runtime", "sourceURL"].map(|member| reader.text(root, member));
    for member in ["config", "runtimeConfig"] {
        if let Some(node) = root.get(member).filter(|node| !node.is_null() && node.pairs().is_none()) {
            reader.complain(node, "map[string]interface {}");
        }
    }
    reader.finish()?;
    check_v1(&name, &version, &plugin_type, &runtime)?;
    let empty = Node::mapping();
    let config = root.get("config").unwrap_or(&empty);
    let unconverted = |reason: String| format!("failed to convert MetadataV1 to Metadata: {reason}");
    check_config(config, &plugin_type).map_err(unconverted)?;
    let commands = match runtime.as_str() {
        "subprocess" => {
            let mut reader = Reader { complaints: Vec::new() };
            let commands = reader.commands(&remarshalled(root.get("runtimeConfig").unwrap_or(&empty)));
            reader.finish().map_err(|reason| {
                unconverted(format!("failed to unmarshal runtimeConfig for {runtime} runtime: {reason}"))
            })?;
            commands
        }
        "extism/v1" => Vec::new(),
        _ => {
            let runtime = quoted(runtime.as_bytes());
            return Err(unconverted(format!("unsupported plugin runtime type: {runtime}")));
        }
    };
    check_protocols(config, &plugin_type)?;
    let summary = config.get("shortHelp").and_then(Node::text).unwrap_or_default().to_owned();
    let is_program = runtime == "subprocess";
    let (api_version, folder) = ("v1".to_owned(), folder.to_owned());
    Ok(Plugin { name, version, plugin_type, api_version, source, summary, is_program, commands, folder })
}

fn check_v1(name: &str, version: &str, plugin_type: &str, runtime: &str) -> Result<(), String> {
    if !is_name(name) {
        Err("invalid plugin `name`".to_owned())
    } else if version.is_empty() {
        Err("plugin `version` is required".to_owned())
    } else if !is_version(version) {
        Err(format!("invalid plugin `version` {}: must be valid semver", quoted(version.as_bytes())))
    } else if plugin_type.is_empty() {
        Err("`type` missing".to_owned())
    } else if runtime.is_empty() {
        Err("`runtime` missing".to_owned())
    } else {
        Ok(())
    }
}

/// Checks the members of `config`, which each type has its own of.
fn check_config(config: &Node, plugin_type: &str) -> Result<(), String> {
    if !TYPES.contains(&plugin_type) {
        return Err(format!("unknown plugin type {}", quoted(plugin_type.as_bytes())));
    }
    let (members, type_name): (&[&str], &str) = match plugin_type {
        "cli/v1" => (&["usage", "shortHelp", "longHelp", "ignoreFlags"], "schema.ConfigCLIV1"),
        "getter/v1" => (&["protocols"], "schema.ConfigGetterV1"),
        POST_RENDERER => (&[], "schema.ConfigPostRendererV1"),
        _ => (&[], "schema.ConfigTestV1"),
    };
    let mut reader = Reader { complaints: Vec::new() };
    reader.keys(&remarshalled(config), members, Some(type_name));
    reader.finish()
}

/// Returns a mapping as Helm writes and reads it again before it looks at its members: sorted, with other lines.
fn remarshalled(node: &Node) -> Node {
    let root = sorted(node);
    let text = nodes::write(&[Document { root: root.clone(), ..Document::default() }]);
    nodes::read(text.as_bytes()).ok().flatten().map_or(root, |document| document.root)
}

fn sorted(node: &Node) -> Node {
    let content = match &node.content {
        Content::Mapping { pairs, .. } => {
            let mut pairs: Vec<_> = pairs.iter().map(|(key, value)| (sorted(key), sorted(value))).collect();
            pairs.sort_by(|(a, _), (b, _)| a.text().cmp(&b.text()));
            Content::Mapping { pairs, is_flow: false }
        }
        Content::Sequence { items, .. } => {
            Content::Sequence { items: items.iter().map(sorted).collect(), is_flow: false }
        }
        content => content.clone(),
    };
    Node { content, comments: Comments::default(), ..node.clone() }
}

fn check_protocols(config: &Node, plugin_type: &str) -> Result<(), String> {
    if plugin_type != "getter/v1" {
        return Ok(());
    }
    let protocols = match config.get("protocols").map(|node| &node.content) {
        Some(Content::Sequence { items, .. }) => items.as_slice(),
        _ => &[],
    };
    if protocols.is_empty() {
        return Err("config validation failed: getter has no protocols".to_owned());
    }
    match protocols.iter().position(|protocol| protocol.text().unwrap_or_default().is_empty()) {
        Some(at) => Err(format!("config validation failed: getter has empty protocol at index {at}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::read;

    fn check(text: &str, expected: &str) {
        let told = match read(text, Path::new("p")) {
            Ok(plugin) => format!(
                "{} {} {} {} {}",
                plugin.name,
                plugin.version,
                plugin.plugin_type,
                plugin.api_version,
                plugin.commands.len()
            ),
            Err(reason) => reason,
        };
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn plugins_of_both_forms_are_known() {
        check("name: diff\nversion: 1.2.3\nusage: u\ncommand: x\n", "diff 1.2.3 cli/v1 legacy 1");
        let head = "apiVersion: v1\nname: pr\nversion: 1.0.0\n";
        let full = format!("{head}type: postrenderer/v1\nruntime: subprocess\n");
        check(&full, "pr 1.0.0 postrenderer/v1 v1 0");
        let commands = "runtimeConfig:\n  platformCommand:\n  - command: a\n  - command: b\n";
        check(&format!("{full}{commands}"), "pr 1.0.0 postrenderer/v1 v1 2");
    }

    #[test]
    fn what_is_wrong_is_said_in_helms_words() {
        let head = "apiVersion: v1\nname: pr\n";
        check("apiVersion: v9\n", "invalid plugin apiVersion: \"v9\"");
        check("", "failed to peek plugin.yaml API version: EOF");
        check("apiVersion: v1\nname: a b\n", "invalid plugin `name`");
        check(head, "plugin `version` is required");
        check(&format!("{head}version: 1\n"), "invalid plugin `version` \"1\": must be valid semver");
        let head = format!("{head}version: 1.0.0\n");
        check(&head, "`type` missing");
        check(&format!("{head}type: x\n"), "`runtime` missing");
        check(
            &format!("{head}type: x\nruntime: subprocess\n"),
            "failed to convert MetadataV1 to Metadata: unknown plugin type \"x\"",
        );
        check(
            &format!("{head}type: postrenderer/v1\nruntime: docker\n"),
            "failed to convert MetadataV1 to Metadata: unsupported plugin runtime type: \"docker\"",
        );
        check(
            &format!("{head}kind: x\nname: y\n"),
            "yaml: unmarshal errors:\n  line 5: mapping key \"name\" already defined at line 2\n  line 4: field kind \
             not found in type plugin.MetadataV1",
        );
        check(
            &format!("{head}type: postrenderer/v1\nruntime: subprocess\nconfig:\n  a: b\n"),
            "failed to convert MetadataV1 to Metadata: yaml: unmarshal errors:\n  line 1: field a not found in type \
             schema.ConfigPostRendererV1",
        );
    }
}
