//! Who works on a release, kept in the record being changed: tells a busy command from one that broke off.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use manifest::Time;
use serde::{Deserialize, Serialize};

use crate::record::Record;
use crate::status::Status;

/// How long a sign of life counts when the holder cannot be looked at. Clocks of two machines may differ by what is
/// left of it after a heartbeat.
pub const LEASE: Duration = Duration::from_secs(120);

/// How often a long-running command gives a sign of life; short ones end before the first.
pub const HEARTBEAT: Duration = Duration::from_secs(20);

/// The process that changes a release. Helm ignores this member of a record, and settled records do not have it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Holder {
    /// The user's name, for messages.
    pub user: String,
    /// The machine's name, for messages.
    pub host: String,
    /// Number of the process.
    pub process: u32,
    /// When the process started, in the system's own terms: numbers of processes are used again.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub started: String,
    /// The running system and the space its process numbers are counted in; empty where there is no such name, and
    /// then nobody can look whether the process is there.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub machine: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{} (process {})", self.user, self.host, self.process)
    }
}

/// Looks whether a holder's process is there; `None` when that cannot be seen from here.
pub type Probe = Arc<dyn Fn(&Holder) -> Option<bool> + Send + Sync>;

/// How this process shows up in records, and how it looks for others.
#[derive(Clone)]
pub struct Presence {
    /// This process.
    pub holder: Holder,
    /// Looks for the processes of other holders.
    pub probe: Probe,
}

/// Work on a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Who does it, or did.
    pub holder: Holder,
    /// What kind of work.
    pub status: Status,
    /// The revision that was being made or removed.
    pub revision: i64,
    /// When it began.
    pub since: Option<Time>,
    /// Seconds since the last sign of life, by this machine's clock.
    pub silent_seconds: i64,
}

/// What the newest revision says about work on the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is under way.
    Settled,
    /// A command works on it.
    Busy(Work),
    /// A command broke off.
    Broken(Work),
    /// It is pending and names no holder: Helm left it so, or works on it.
    Unclaimed,
}

impl Standing {
    /// Judges a revision: the probe's word is final, and without it the lease decides.
    pub fn of(record: &Record, now: Time, probe: Option<&Probe>) -> Standing {
        let status = &record.info.status;
        if !status.is_under_way() {
            return Standing::Settled;
        }
        let Some(holder) = &record.holder else {
            // Helm minds neither when a removal is under way.
            return if status.is_pending() { Standing::Unclaimed } else { Standing::Settled };
        };
        let silent_seconds = now.unix_seconds.saturating_sub(record.written_at);
        let since = if status.is_pending() { record.info.last_deployed } else { record.info.deleted };
        let work = Work {
            holder: holder.clone(),
            status: status.clone(),
            revision: record.version,
            since,
            silent_seconds,
        };
        let is_fresh = u64::try_from(silent_seconds).map_or(true, |seconds| seconds < LEASE.as_secs());
        match probe.and_then(|probe| probe(holder)).unwrap_or(is_fresh) {
            true => Standing::Busy(work),
            false => Standing::Broken(work),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use manifest::Time;

    use super::{Holder, Probe, Standing};
    use crate::record::{Info, Record};
    use crate::status::Status;

    fn standing(status: Status, is_held: bool, age: i64, running: Option<bool>) -> &'static str {
        let record = Record {
            info: Info { status, ..Info::default() },
            holder: is_held.then(Holder::default),
            written_at: 1000,
            ..Record::default()
        };
        let probe: Probe = Arc::new(move |_| running);
        match Standing::of(&record, Time::utc(1000 + age, 0), Some(&probe)) {
            Standing::Settled => "settled",
            Standing::Busy(_) => "busy",
            Standing::Broken(_) => "broken",
            Standing::Unclaimed => "unclaimed",
        }
    }

    #[test]
    fn the_process_decides_and_else_the_lease() {
        let upgrading = Status::PendingUpgrade;
        assert_eq!(standing(Status::Deployed, true, 0, Some(true)), "settled");
        assert_eq!(standing(upgrading.clone(), false, 9999, Some(true)), "unclaimed");
        assert_eq!(standing(Status::Uninstalling, false, 0, None), "settled");
        assert_eq!(standing(upgrading.clone(), true, 9999, Some(true)), "busy");
        assert_eq!(standing(upgrading.clone(), true, 0, Some(false)), "broken");
        assert_eq!(standing(upgrading.clone(), true, 119, None), "busy");
        assert_eq!(standing(upgrading.clone(), true, 120, None), "broken");
        // A clock that is behind is no sign of death.
        assert_eq!(standing(Status::Uninstalling, true, -500, None), "busy");
        assert_eq!(standing(upgrading, true, i64::MIN, None), "busy");
    }
}
