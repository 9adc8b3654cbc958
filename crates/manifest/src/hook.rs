//! Hooks: objects that run at events of a release's life, read from annotations and stored with the release.

use serde::{Deserialize, Deserializer, Serialize};

use crate::head::Head;
use crate::time::Time;

/// Says when an object runs as a hook.
pub const HOOK_ANNOTATION: &str = "helm.sh/hook";
const WEIGHT_ANNOTATION: &str = "helm.sh/hook-weight";
const DELETE_ANNOTATION: &str = "helm.sh/hook-delete-policy";
const LOG_ANNOTATION: &str = "helm.sh/hook-output-log-policy";

/// An event hooks run at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HookEvent {
    /// Before the first objects of an installation are made.
    PreInstall,
    /// After an installation.
    PostInstall,
    /// Before an uninstallation.
    PreDelete,
    /// After an uninstallation.
    PostDelete,
    /// Before an upgrade.
    PreUpgrade,
    /// After an upgrade.
    PostUpgrade,
    /// Before a rollback.
    PreRollback,
    /// After a rollback.
    PostRollback,
    /// On `test`.
    Test,
}

impl HookEvent {
    /// Returns the name used in the annotation and in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            HookEvent::PreInstall => "pre-install",
            HookEvent::PostInstall => "post-install",
            HookEvent::PreDelete => "pre-delete",
            HookEvent::PostDelete => "post-delete",
            HookEvent::PreUpgrade => "pre-upgrade",
            HookEvent::PostUpgrade => "post-upgrade",
            HookEvent::PreRollback => "pre-rollback",
            HookEvent::PostRollback => "post-rollback",
            HookEvent::Test => "test",
        }
    }

    /// Returns the event of a name; `test-success` is Helm 2's name of `test`.
    pub fn from_name(name: &str) -> Option<HookEvent> {
        Some(match name {
            "pre-install" => HookEvent::PreInstall,
            "post-install" => HookEvent::PostInstall,
            "pre-delete" => HookEvent::PreDelete,
            "post-delete" => HookEvent::PostDelete,
            "pre-upgrade" => HookEvent::PreUpgrade,
            "post-upgrade" => HookEvent::PostUpgrade,
            "pre-rollback" => HookEvent::PreRollback,
            "post-rollback" => HookEvent::PostRollback,
            "test" | "test-success" => HookEvent::Test,
            _ => return None,
        })
    }
}

/// A known deletion (or log) policy. Records may hold any other word, which then has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookDeletePolicy {
    /// When the hook has succeeded.
    HookSucceeded,
    /// When the hook has failed.
    HookFailed,
    /// Before the hook is made anew.
    BeforeHookCreation,
}

impl HookDeletePolicy {
    /// Returns the word used in annotations and records.
    pub fn as_str(self) -> &'static str {
        match self {
            HookDeletePolicy::HookSucceeded => "hook-succeeded",
            HookDeletePolicy::HookFailed => "hook-failed",
            HookDeletePolicy::BeforeHookCreation => "before-hook-creation",
        }
    }
}

/// How the last run of a hook ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum HookPhase {
    /// It has not run (the empty text in records).
    #[default]
    #[serde(rename = "")]
    Never,
    /// It cannot be said.
    Unknown,
    /// It is running.
    Running,
    /// It succeeded.
    Succeeded,
    /// It failed.
    Failed,
}

impl HookPhase {
    /// Returns the word used in records and shown to users.
    pub fn as_str(self) -> &'static str {
        match self {
            HookPhase::Never => "",
            HookPhase::Unknown => "Unknown",
            HookPhase::Running => "Running",
            HookPhase::Succeeded => "Succeeded",
            HookPhase::Failed => "Failed",
        }
    }
}

/// The last run of a hook.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookExecution {
    /// When it was started.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "time_or_empty")]
    pub started_at: Option<Time>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "time_or_empty")]
    pub completed_at: Option<Time>,
    /// How it ended.
    #[serde(default)]
    pub phase: HookPhase,
}

/// Reads a time as Helm 4 does from records of Helm 3, where an empty text (and the zero time) stands for none.
fn time_or_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    match text.as_deref() {
        None | Some("") => Ok(None),
        Some(text) => {
            let time: Time = text.parse().map_err(serde::de::Error::custom)?;
            Ok((!time.is_zero()).then_some(time))
        }
    }
}

/// A hook, in the form Helm stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    /// `metadata.name`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// `kind`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Path of the template, from the chart's name on.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// The object's text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub manifest: String,
    /// Events it runs at, as written, repetitions included.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "null_as_default")]
    pub events: Vec<HookEvent>,
    /// The last run.
    #[serde(default, deserialize_with = "null_as_default")]
    pub last_run: HookExecution,
    /// Position among the hooks of one event; small ones run first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub weight: i64,
    /// Deletion policies, as written in lower case; unknown words are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "null_as_default")]
    pub delete_policies: Vec<String>,
    /// Policies of copying logs, likewise.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "null_as_default")]
    pub output_log_policies: Vec<String>,
}

fn is_zero(weight: &i64) -> bool {
    *weight == 0
}

/// Go reads `null` into any member as its zero value.
fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// What the hook annotation of an object says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The object is no hook.
    Ordinary,
    /// The object is a hook (without path and text, which the caller has).
    Hook(Box<Hook>),
    /// The annotation names an event that does not exist: the object is left out altogether.
    Unknown(String),
}

/// Reads the hook annotations (`manifest_sorter.go`, `manifestFile.sort`).
pub(crate) fn read(head: &Head) -> Reading {
    let Some(types) = head.annotations.get(HOOK_ANNOTATION) else {
        return Reading::Ordinary;
    };
    let mut events = Vec::new();
    for word in words(types) {
        match HookEvent::from_name(&word) {
            Some(event) => events.push(event),
            None => return Reading::Unknown(types.clone()),
        }
    }
    let list = |annotation| head.annotations.get(annotation).map(|text| words(text).collect());
    Reading::Hook(Box::new(Hook {
        name: head.name.clone(),
        kind: head.kind.clone(),
        path: String::new(),
        manifest: String::new(),
        events,
        last_run: HookExecution::default(),
        weight: weight(head),
        delete_policies: list(DELETE_ANNOTATION).unwrap_or_default(),
        output_log_policies: list(LOG_ANNOTATION).unwrap_or_default(),
    }))
}

fn words(list: &str) -> impl Iterator<Item = String> + '_ {
    list.split(',').map(|word| word.trim().to_lowercase())
}

/// An unreadable weight is 0 (`manifest_sorter.go`, `calculateHookWeight`). `i64::from_str` takes what
/// `strconv.Atoi` takes.
fn weight(head: &Head) -> i64 {
    head.annotations.get(WEIGHT_ANNOTATION).and_then(|text| text.parse().ok()).unwrap_or(0)
}

impl Hook {
    /// Returns whether the hook has a deletion policy.
    pub fn deletes_on(&self, policy: HookDeletePolicy) -> bool {
        self.delete_policies.iter().any(|word| word == policy.as_str())
    }

    /// Returns whether logs are copied on success or failure.
    pub fn logs_on(&self, policy: HookDeletePolicy) -> bool {
        self.output_log_policies.iter().any(|word| word == policy.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{Hook, HookEvent, Reading, read};
    use crate::head::Head;

    fn head(annotations: &[(&str, &str)]) -> Head {
        let annotations = annotations.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Head { annotations, ..Head::default() }
    }

    #[test]
    fn one_unknown_event_drops_the_object() {
        let reading = read(&head(&[("helm.sh/hook", "pre-install, nonsense")]));
        assert_eq!(reading, Reading::Unknown("pre-install, nonsense".to_owned()));
    }

    #[test]
    fn words_are_trimmed_and_lowered_and_bad_weights_are_zero() {
        let Reading::Hook(hook) = read(&head(&[
            ("helm.sh/hook", " Pre-Install ,test-success"),
            ("helm.sh/hook-weight", "x"),
            ("helm.sh/hook-delete-policy", "Hook-Succeeded,odd"),
        ])) else {
            panic!("a hook");
        };
        assert_eq!(hook.events, [HookEvent::PreInstall, HookEvent::Test]);
        assert_eq!(hook.weight, 0);
        assert_eq!(hook.delete_policies, ["hook-succeeded", "odd"]);
    }

    #[test]
    fn empty_times_of_helm_3_are_none() {
        let text =
            r#"{"name":"a","last_run":{"started_at":"","completed_at":"0001-01-01T00:00:00Z","phase":""}}"#;
        let hook: Hook = serde_json::from_str(text).unwrap();
        assert_eq!(hook.last_run.completed_at, None);
        assert_eq!(serde_json::to_string(&hook).unwrap(), r#"{"name":"a","last_run":{"phase":""}}"#);
    }
}
