//! Running a post-renderer: a plugin that takes manifests on its standard input and gives others on its standard output.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::thread;

use render::PostRender;
use value::gofmt::quoted;

use super::command::{self, Platform};
use super::find::{find, find_quietly};
use super::metadata::{POST_RENDERER, Plugin};
use crate::commands::table::Invocation;
use crate::errors::CommandError;
use crate::flags::Parsed;
use crate::logging;
use crate::settings::Files;

/// Says what is wrong with the name given to `--post-renderer`: there must be a plugin of it.
pub(crate) fn check_post_renderer(name: &str) -> Result<(), String> {
    // No flag says where plugins are.
    choose(find(&Files::read(&Parsed::default()).plugins)?, name).map(drop)
}

/// Returns the post-renderer that the flags name.
///
/// # Errors
/// When there is no such plugin any more.
pub(crate) fn post_renderer(invocation: &Invocation) -> Result<Option<Rc<PostRender>>, CommandError> {
    let flags = &invocation.flags;
    let Some(name) = flags.non_empty("post-renderer") else { return Ok(None) };
    let plugins = find_quietly(&invocation.settings.files.plugins).map_err(CommandError::message)?;
    let plugin = choose(plugins, name).map_err(CommandError::message)?;
    let arguments = flags.list("post-renderer-args").to_vec();
    let is_debug = invocation.settings.is_debug;
    Ok(Some(Rc::new(move |manifests: &[u8]| run(&plugin, &arguments, manifests, is_debug))))
}

fn choose(plugins: Vec<Plugin>, name: &str) -> Result<Plugin, String> {
    plugins
        .into_iter()
        .find(|plugin| plugin.name == name && plugin.plugin_type == POST_RENDERER)
        .ok_or_else(|| format!("plugin: {{Name:{name} Type:{POST_RENDERER}}} not found"))
}

fn run(plugin: &Plugin, arguments: &[String], manifests: &[u8], is_debug: bool) -> Result<Vec<u8>, String> {
    let name = quoted(plugin.name.as_bytes());
    let output = invoke(plugin, arguments, manifests, is_debug)
        .map_err(|reason| format!("failed to invoke post-renderer plugin {name}: {reason}"))?;
    match output.trim_ascii().is_empty() {
        true => Err(format!("post-renderer {name} produced empty output")),
        false => Ok(output),
    }
}

/// Runs the plugin's program (Helm: internal/plugin/runtime_subprocess.go, runPostrenderer). What it writes to standard
/// error is kept to itself, as Helm does it.
fn invoke(plugin: &Plugin, extra: &[String], manifests: &[u8], is_debug: bool) -> Result<Vec<u8>, String> {
    if !plugin.is_program {
        return Err("plugins of WebAssembly cannot be run".to_owned());
    }
    let own = own_variables(plugin);
    let variable = |name: &str| match own.iter().find(|(own, _)| *own == name) {
        Some((_, text)) => text.clone(),
        None => env::var(name).unwrap_or_default(),
    };
    let (program, mut arguments) = command::prepare(&plugin.commands, Platform::own(), &variable)
        .ok_or("failed to prepare plugin command: no plugin command is applicable")?;
    arguments.extend_from_slice(extra);
    let path = found_program(&program)?;
    if is_debug {
        let line = [&[path.to_string_lossy().into_owned()], arguments.as_slice()].concat().join(" ");
        let attributes = [("pluginName", plugin.name.as_str()), ("command", &line)];
        logging::debug("executing plugin command", &attributes);
    }
    let mut command = Command::new(&path);
    command.args(&arguments).envs(own);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| {
        let reason = chart::files::go_reason(&error);
        format!("fork/exec {}: {reason}", path.display())
    })?;
    let input = child.stdin.take();
    let output = thread::scope(|scope| {
        // A program need not read what it is given: that the pipe breaks is no failure.
        scope.spawn(move || input.map(|mut input| input.write_all(manifests)));
        child.wait_with_output()
    });
    let output = output.map_err(|error| chart::files::go_reason(&error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    if is_debug {
        tell_failure(plugin, output.status);
    }
    Err(format!("plugin {} exited with error", quoted(plugin.name.as_bytes())))
}

fn tell_failure(plugin: &Plugin, status: std::process::ExitStatus) {
    let (reason, code) = match status.code() {
        Some(code) => (format!("exit status {code}"), code.to_string()),
        None => (format!("signal: {}", signal_name(status)), "-1".to_owned()),
    };
    let attributes =
        [("pluginName", plugin.name.as_str()), ("error", &reason), ("exitCode", &code), ("stderr", "")];
    logging::debug("plugin execution failed", &attributes);
}

#[cfg(unix)]
fn signal_name(status: std::process::ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match status.signal() {
        Some(1) => "hangup".to_owned(),
        Some(2) => "interrupt".to_owned(),
        Some(6) => "aborted".to_owned(),
        Some(9) => "killed".to_owned(),
        Some(11) => "segmentation fault".to_owned(),
        Some(13) => "broken pipe".to_owned(),
        Some(15) => "terminated".to_owned(),
        other => other.unwrap_or(0).to_string(),
    }
}

#[cfg(not(unix))]
fn signal_name(_status: std::process::ExitStatus) -> String {
    "unknown".to_owned()
}

fn own_variables(plugin: &Plugin) -> [(&'static str, String); 2] {
    let folder = plugin.folder.to_string_lossy().into_owned();
    [("HELM_PLUGIN_NAME", plugin.name.clone()), ("HELM_PLUGIN_DIR", folder)]
}

/// Finds a program that is named without its folder, as Go does (os/exec, LookPath).
fn found_program(program: &str) -> Result<PathBuf, String> {
    if program.contains('/') {
        return Ok(PathBuf::from(program));
    }
    let missing = || format!("exec: {}: executable file not found in $PATH", quoted(program.as_bytes()));
    let folders = env::var_os("PATH").ok_or_else(missing)?;
    let candidates = env::split_paths(&folders).map(|folder| folder.join(program));
    candidates.into_iter().find(|path| is_executable(path)).ok_or_else(missing)
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}
