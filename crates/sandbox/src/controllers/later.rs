//! What is going to happen by itself: Pods that take their time. Holds no clock.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use super::kubelet::ends;
use super::objects::{is_deleting, is_finished};
use crate::dig::Dig;
use crate::server::Server;
use crate::store;
use serde_json::Value;

/// Keys of objects and the times at which their controllers look at them again.
#[derive(Debug, Default)]
pub(crate) struct Later {
    by_time: BTreeSet<(SystemTime, String)>,
    by_key: BTreeMap<String, SystemTime>,
}

impl Later {
    /// Whether the object still has time.
    pub(super) fn has(&self, key: &str) -> bool {
        self.by_key.contains_key(key)
    }

    /// Sets the time of an object, in place of an earlier one.
    pub(super) fn set(&mut self, key: &str, time: SystemTime) {
        self.forget(key);
        self.by_time.insert((time, key.to_owned()));
        self.by_key.insert(key.to_owned(), time);
    }

    /// Forgets an object.
    pub(super) fn forget(&mut self, key: &str) {
        if let Some(time) = self.by_key.remove(key) {
            self.by_time.remove(&(time, key.to_owned()));
        }
    }

    fn next(&self) -> Option<SystemTime> {
        self.by_time.first().map(|(time, _)| *time)
    }

    fn take_due(&mut self, now: SystemTime) -> Option<String> {
        if self.next()? > now {
            return None;
        }
        let (_, key) = self.by_time.pop_first()?;
        self.by_key.remove(&key);
        Some(key)
    }
}

impl Server {
    /// Lets everything happen whose time has come.
    pub(crate) fn catch_up(&mut self) {
        let now = (self.options.clock)();
        while let Some(key) = self.later.take_due(now) {
            self.enqueue(key);
            self.settle();
        }
    }

    /// How long nothing happens by itself; `None` if nothing ever does.
    pub(crate) fn quiet_for(&self) -> Option<Duration> {
        let now = (self.options.clock)();
        self.later.next().map(|time| time.duration_since(now).unwrap_or_default())
    }

    /// Looks at the Pods that ran when the file was closed: those that were to end do so now.
    pub(crate) fn resume(&mut self) {
        let running = |(key, pod): (&str, &std::sync::Arc<Value>)| {
            (store::parts(key).0 == "/pods" && !is_finished(pod) && !is_deleting(pod)).then(|| key.to_owned())
        };
        let keys: Vec<String> = self.store.scan("/pods").filter_map(running).collect();
        keys.into_iter().for_each(|key| self.enqueue(key));
        self.settle();
    }

    /// How long a Pod takes to become ready, or to end if it is to end: `sim/delay`, in seconds or as Go writes durations.
    pub(super) fn delay_of(&self, pod: &Value) -> Duration {
        let annotation = pod.at("/metadata/annotations").and_then(|all| all.get("sim/delay"));
        let asked = annotation.and_then(Value::as_str).and_then(|text| delay(text.trim()));
        asked.unwrap_or(if ends(pod) { self.options.run_time } else { Duration::ZERO })
    }
}

/// Reads `1.5`, `90s` or `1m30s`; nothing is shorter than no time at all.
fn delay(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let nanoseconds = value::time::Duration::parse(text).ok()?.0;
    u64::try_from(nanoseconds).ok().map(Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{Later, delay};

    #[test]
    fn delays_are_seconds_or_written_as_in_go() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("1m30s", 90), ("1h", 3600)] {
            assert_eq!(delay(text), Some(Duration::from_secs(seconds)));
        }
        assert_eq!(delay("1.5"), Some(Duration::from_millis(1500)));
        for text in ["soon", "99999999999999999999h", "-1", "5 m"] {
            assert_eq!(delay(text), None, "{text}");
        }
    }

    #[test]
    fn an_object_has_one_time_and_earlier_ones_come_first() {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let mut later = Later::default();
        later.set("a", at(5));
        later.set("b", at(3));
        later.set("a", at(2));
        assert_eq!(later.take_due(at(1)), None);
        assert_eq!(later.take_due(at(9)).as_deref(), Some("a"));
        assert_eq!(later.take_due(at(9)).as_deref(), Some("b"));
        assert_eq!(later.take_due(at(9)), None);
        assert!(!later.has("a"));
    }
}
