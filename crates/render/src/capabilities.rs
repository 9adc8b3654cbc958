//! `.Capabilities`: what the cluster (or the default one) can do.

use std::any::Any;

use value::{Error, Kind, List, Member, Object, Type, Value};

/// The version of Kubernetes that is assumed without a cluster: the one of the client library in Helm 4.3.1.
pub const DEFAULT_KUBE_VERSION: &str = "v1.37.0";

/// The commit Helm 4.3.1 was built from; templates can print it.
const HELM_COMMIT: &str = "c0d08d0d6d9424d4a14febb5e8a3e51b0dd00dff";

/// The version of Helm that templates see.
const HELM_VERSION: &str = "v4.3.1";

/// The API versions that are assumed without a cluster, in the order of Helm's client library.
const DEFAULT_API_VERSIONS: &[&str] = &[
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "lifecycle.k8s.io/v1alpha1",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];

/// What a cluster can do, as charts ask for it (Helm: chart/common/capabilities.go).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// The version of Kubernetes.
    pub kube_version: KubeVersion,
    /// The API versions served: `apps/v1`, and with a cluster also `apps/v1/Deployment`.
    pub api_versions: Vec<String>,
}

impl Default for Capabilities {
    fn default() -> Self {
        let kube_version = KubeVersion::parse(DEFAULT_KUBE_VERSION).unwrap_or_else(|_| KubeVersion {
            version: DEFAULT_KUBE_VERSION.to_owned(),
            normalized: DEFAULT_KUBE_VERSION.to_owned(),
            major: "1".to_owned(),
            minor: "37".to_owned(),
        });
        let api_versions = DEFAULT_API_VERSIONS.iter().map(|&version| version.to_owned()).collect();
        Capabilities { kube_version, api_versions }
    }
}

/// A version of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubeVersion {
    /// As given, with a leading `v`: `v1.33.4-gke.1`.
    pub version: String,
    /// Without what follows the numbers, for comparison with a chart's `kubeVersion`: `v1.33.4`.
    pub normalized: String,
    /// `1`
    pub major: String,
    /// `33`
    pub minor: String,
}

impl KubeVersion {
    /// Reads a version of at least two numbers; `v` in front and anything after the numbers are allowed
    /// (k8s.io/apimachinery/pkg/util/version, ParseGeneric).
    ///
    /// # Errors
    /// Kubernetes' text for what is not a version.
    pub fn parse(text: &str) -> Result<KubeVersion, String> {
        let trimmed = text.trim();
        let numbers = trimmed.strip_prefix('v').unwrap_or(trimmed);
        let end = numbers.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(numbers.len());
        // A dot in front of the suffix belongs to the suffix, as in the pattern `(\d+(\.\d+)*)(.*)`.
        let numeric = numbers.get(..end).unwrap_or_default().trim_end_matches('.');
        let parts: Vec<&str> = numeric.split('.').take_while(|part| !part.is_empty()).collect();
        let quoted = || value::gofmt::quoted(text.as_bytes());
        if parts.is_empty() {
            return Err(format!("could not parse {} as version", quoted()));
        }
        if parts.len() < 2 {
            return Err(format!("illegal version string {}", quoted()));
        }
        // Of a version that need not be semantic, only the first number must not begin with 0.
        if let Some(part) = parts.first().filter(|part| part.len() > 1 && part.starts_with('0')) {
            return Err(format!("illegal zero-prefixed version component \"{part}\" in {}", quoted()));
        }
        for part in &parts {
            if let Err(error) = value::strconv::parse_uint(part, 10, 0) {
                return Err(format!(
                    "illegal non-numeric version component \"{part}\" in {}: {error}",
                    quoted()
                ));
            }
        }
        let version = if text.starts_with('v') { text.to_owned() } else { format!("v{text}") };
        let parts: Vec<&str> = parts.into_iter().map(without_leading_zeros).collect();
        Ok(KubeVersion {
            version,
            normalized: format!("v{}", parts.join(".")),
            major: parts[0].to_owned(),
            minor: parts[1].to_owned(),
        })
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        [("Version", &self.version), ("Major", &self.major), ("Minor", &self.minor)]
            .into_iter()
            .map(|(name, text)| (name, Value::string(text.as_str())))
            .collect()
    }
}

/// Returns digits as the number they stand for is printed.
fn without_leading_zeros(digits: &str) -> &str {
    match digits.trim_start_matches('0') {
        "" => "0",
        number => number,
    }
}

impl Capabilities {
    fn versions(&self) -> Value {
        Value::object(VersionSet(self.api_versions.clone()))
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("KubeVersion", Value::object(self.kube_version.clone())),
            ("APIVersions", self.versions()),
            ("HelmVersion", Value::object(HelmVersion)),
        ]
    }
}

impl Object for Capabilities {
    fn object_type(&self) -> Type {
        Type::Named("*common.Capabilities", Kind::Ptr)
    }

    fn member(&self, name: &str) -> Option<Member> {
        Some(match name {
            "KubeVersion" => Member::Field(Value::object(self.kube_version.clone())),
            "APIVersions" => Member::Field(self.versions()),
            "HelmVersion" => Member::Field(Value::object(HelmVersion)),
            "Copy" => Member::Method(&[], false),
            _ => return None,
        })
    }

    fn call(&self, _name: &str, _arguments: &[Value]) -> Result<Value, Error> {
        Ok(Value::object(self.clone()))
    }

    /// Returns what a template prints, which looks through the pointer.
    fn print(&self) -> String {
        let KubeVersion { version, normalized, major, minor } = &self.kube_version;
        let versions = self.api_versions.join(" ");
        format!("{{{{{version} {normalized} {major} {minor}}} [{versions}] {}}}", HelmVersion.print())
    }

    fn as_plain(&self) -> Value {
        Value::Map(self.fields().into_iter().collect())
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(self.fields())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Object for KubeVersion {
    fn object_type(&self) -> Type {
        Type::Named("common.KubeVersion", Kind::Struct)
    }

    fn member(&self, name: &str) -> Option<Member> {
        Some(match name {
            "Version" => Member::Field(Value::string(self.version.as_str())),
            "Major" => Member::Field(Value::string(self.major.as_str())),
            "Minor" => Member::Field(Value::string(self.minor.as_str())),
            "GitVersion" | "String" => Member::Method(&[], false),
            _ => return None,
        })
    }

    fn call(&self, name: &str, _arguments: &[Value]) -> Result<Value, Error> {
        let text = if name == "String" { &self.normalized } else { &self.version };
        Ok(Value::string(text.as_str()))
    }

    fn print(&self) -> String {
        format!("{{{} {} {} {}}}", self.version, self.normalized, self.major, self.minor)
    }

    fn print_addressed(&self) -> String {
        self.normalized.clone()
    }

    fn go_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        let fields = [
            ("Version", &self.version),
            ("normalizedVersion", &self.normalized),
            ("Major", &self.major),
            ("Minor", &self.minor),
        ];
        Some(fields.into_iter().map(|(name, text)| (name, Value::string(text.as_str()))).collect())
    }

    fn as_plain(&self) -> Value {
        Value::Map(self.fields().into_iter().collect())
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(self.fields())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The build of Helm that templates see.
struct HelmVersion;

/// Field name, JSON name and value of Helm's build information.
const HELM_VERSION_FIELDS: &[(&str, &str, &str)] = &[
    ("Version", "version", HELM_VERSION),
    ("GitCommit", "git_commit", HELM_COMMIT),
    ("GitTreeState", "git_tree_state", "clean"),
    ("GoVersion", "go_version", "go1.27.2"),
    ("KubeClientVersion", "kube_client_version", "v1.37"),
];

impl HelmVersion {
    fn fields() -> Vec<(&'static str, Value)> {
        HELM_VERSION_FIELDS.iter().map(|(_, name, value)| (*name, Value::string(*value))).collect()
    }
}

impl Object for HelmVersion {
    fn object_type(&self) -> Type {
        Type::Named("version.BuildInfo", Kind::Struct)
    }

    fn member(&self, name: &str) -> Option<Member> {
        let field = HELM_VERSION_FIELDS.iter().find(|(field, ..)| *field == name)?;
        Some(Member::Field(Value::string(field.2)))
    }

    fn call(&self, _name: &str, _arguments: &[Value]) -> Result<Value, Error> {
        Ok(Value::Nil)
    }

    fn print(&self) -> String {
        let values: Vec<&str> = HELM_VERSION_FIELDS.iter().map(|(.., value)| *value).collect();
        format!("{{{}}}", values.join(" "))
    }

    fn go_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(HELM_VERSION_FIELDS.iter().map(|(name, _, value)| (*name, Value::string(*value))).collect())
    }

    fn as_plain(&self) -> Value {
        Value::Map(HelmVersion::fields().into_iter().collect())
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(HelmVersion::fields())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The set of API versions with its method `Has`.
struct VersionSet(Vec<String>);

impl Object for VersionSet {
    fn object_type(&self) -> Type {
        Type::Named("common.VersionSet", Kind::Slice)
    }

    fn member(&self, name: &str) -> Option<Member> {
        (name == "Has").then_some(Member::Method(&[Type::String], false))
    }

    fn call(&self, _name: &str, arguments: &[Value]) -> Result<Value, Error> {
        let wanted = arguments.first().and_then(Value::as_str).cloned().unwrap_or_default();
        Ok(Value::Bool(self.0.iter().any(|version| version.as_bytes() == wanted.as_bytes())))
    }

    fn print(&self) -> String {
        format!("[{}]", self.0.join(" "))
    }

    fn is_true(&self) -> bool {
        !self.0.is_empty()
    }

    fn as_plain(&self) -> Value {
        Value::List(List::strings(self.0.iter().map(String::as_str)))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::KubeVersion;

    #[test]
    fn a_version_needs_two_numbers_and_keeps_its_suffix() {
        let version = KubeVersion::parse("1.25.3+k3s1").unwrap();
        assert_eq!((version.version.as_str(), version.normalized.as_str()), ("v1.25.3+k3s1", "v1.25.3"));
        assert_eq!(KubeVersion::parse("v1.25").unwrap().normalized, "v1.25");
        let version = KubeVersion::parse("1.025").unwrap();
        assert_eq!((version.version.as_str(), version.normalized.as_str()), ("v1.025", "v1.25"));
        assert_eq!(version.minor, "25");
        assert!(KubeVersion::parse("01.25").is_err());
        assert!(KubeVersion::parse("1").is_err());
        assert!(KubeVersion::parse("abc").is_err());
    }
}
