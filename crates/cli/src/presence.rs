//! How this process shows up in the records it changes, and how it looks for the processes of others.

use std::env;
use std::fs;
use std::process;
use std::sync::Arc;

use release::{Holder, Presence};

/// Returns this process as a holder, with a way to look for other holders on the same machine.
pub(crate) fn of_this_process() -> Presence {
    let machine = machine().unwrap_or_default();
    let number = process::id();
    let holder = Holder {
        user: user(),
        host: host(),
        process: number,
        started: start_of(number).unwrap_or_default(),
        machine: machine.clone(),
    };
    Presence { holder, probe: Arc::new(move |other| is_running(other, &machine)) }
}

fn user() -> String {
    let named = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| env::var(name).ok());
    let known = named.filter(|name| !name.is_empty()).or_else(system_user);
    known.unwrap_or_else(|| "unknown".to_owned())
}

/// Returns the name of the user that owns this process, or its number.
#[cfg(unix)]
fn system_user() -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let number = fs::metadata("/proc/self").ok()?.uid().to_string();
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let is_it = |line: &&str| line.split(':').nth(2) == Some(number.as_str());
    let name = users.lines().find(is_it).and_then(|line| line.split(':').next().map(str::to_owned));
    name.or(Some(number))
}

#[cfg(not(unix))]
fn system_user() -> Option<String> {
    None
}

fn host() -> String {
    let kernel = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named = kernel.or_else(|| ["HOSTNAME", "COMPUTERNAME"].iter().find_map(|name| env::var(name).ok()));
    named
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
}

/// Names the running system and the space its process numbers are counted in: containers on one machine do not see each
/// other's processes. Only Linux tells; elsewhere the lease decides.
fn machine() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let space = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{} {}", boot.trim(), space.display()))
}

/// Returns when a process started, in ticks since the system did (`proc_pid_stat(5)`, field 22).
fn start_of(process: u32) -> Option<String> {
    let line = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field is the program's name in parentheses and may hold anything.
    let (_, fields) = line.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    // A process that has ended and waits to be collected does nothing any more.
    let state = fields.next()?;
    fields.nth(18).filter(|_| state != "Z" && state != "X").map(str::to_owned)
}

fn is_running(holder: &Holder, machine: &str) -> Option<bool> {
    let is_here = !machine.is_empty() && holder.machine == machine && !holder.started.is_empty();
    is_here.then(|| start_of(holder.process).as_deref() == Some(holder.started.as_str()))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::{Command, Stdio};

    use release::Holder;

    use super::{of_this_process, start_of};

    #[test]
    fn processes_are_told_apart() {
        let presence = of_this_process();
        let own = presence.holder.clone();
        assert_eq!((presence.probe)(&own), Some(true));
        let reused = Holder { started: "1".to_owned(), ..own.clone() };
        assert_eq!((presence.probe)(&reused), Some(false));
        let elsewhere = Holder { machine: "other".to_owned(), ..own.clone() };
        assert_eq!((presence.probe)(&elsewhere), None);
        let mut child = Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
        let started = start_of(child.id()).unwrap();
        let holder = Holder { process: child.id(), started, ..own };
        assert_eq!((presence.probe)(&holder), Some(true));
        child.kill().unwrap();
        // Killed, it is a zombie until it is waited for.
        while start_of(child.id()).is_some() {
            std::thread::yield_now();
        }
        assert_eq!((presence.probe)(&holder), Some(false));
        child.wait().unwrap();
    }
}
