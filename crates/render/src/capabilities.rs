//! `.Capabilities`: what the cluster (or the default one) can do.

use std::any::Any;

use value::{Error, Kind, List, Member, Object, Type, Value};

use crate::kube_version::{AddressedKubeVersion, KubeVersion};

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
            "KubeVersion" => Member::Field(Value::object(AddressedKubeVersion(self.kube_version.clone()))),
            "APIVersions" => Member::Field(self.versions()),
            "HelmVersion" => Member::Field(Value::object(HelmVersion)),
            "Copy" => Member::Method(&[], false),
            _ => return None,
        })
    }

    fn call(&self, _name: &str, _arguments: &[Value]) -> Result<Value, Error> {
        Ok(Value::object(self.clone()))
    }

    fn print(&self) -> String {
        format!("&{}", self.print_addressed())
    }

    /// Returns what a template action prints, which looks through the pointer.
    fn print_addressed(&self) -> String {
        let KubeVersion { version, normalized, major, minor } = &self.kube_version;
        let versions = self.api_versions.join(" ");
        format!("{{{{{version} {normalized} {major} {minor}}} [{versions}] {}}}", HelmVersion.print())
    }

    fn go_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(self.fields())
    }

    fn copy_of_exported(&self) -> Option<Value> {
        Some(Value::object(Capabilities { kube_version: self.kube_version.exported(), ..self.clone() }))
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
    use value::{Object, Value, gofmt, toml, yaml};

    use super::{Capabilities, HelmVersion};

    fn capabilities() -> Capabilities {
        Capabilities { api_versions: vec!["v1".into(), "apps/v1".into()], ..Capabilities::default() }
    }

    fn printf(format: &str, value: &Value) -> String {
        String::from_utf8(gofmt::sprintf(format.as_bytes(), std::slice::from_ref(value))).unwrap()
    }

    #[test]
    fn verbs_go_through_the_fields() {
        let all = Value::object(capabilities());
        let helm = "{v4.3.1 c0d08d0d6d9424d4a14febb5e8a3e51b0dd00dff clean go1.27.2 v1.37}";
        assert_eq!(printf("%v", &all), format!("&{{{{v1.37.0 v1.37.0 1 37}} [v1 apps/v1] {helm}}}"));
        let text = printf("%#v", &all);
        let start = "&common.Capabilities{KubeVersion:common.KubeVersion{Version:\"v1.37.0\", \
                     normalizedVersion:\"v1.37.0\", Major:\"1\", Minor:\"37\"}, \
                     APIVersions:common.VersionSet{\"v1\", \"apps/v1\"}, \
                     HelmVersion:version.BuildInfo{Version:\"v4.3.1\", ";
        assert!(text.starts_with(start), "{text}");
        let kube = Value::object(capabilities().kube_version);
        assert_eq!(printf("%q", &kube), r#"{"v1.37.0" "v1.37.0" "1" "37"}"#);
        assert_eq!(printf("%3x", &kube), "{76312e33372e30 76312e33372e30  31 3337}");
        assert_eq!(printf("%w", &kube), "%!w(common.KubeVersion={v1.37.0 v1.37.0 1 37})");
        let numbers = "{%!d(string=v1.37.0) %!d(string=v1.37.0) %!d(string=1) %!d(string=37)}";
        assert_eq!(printf("%d", &kube), numbers);
    }

    #[test]
    fn copies_have_neither_the_methods_of_the_pointer_nor_all_fields() {
        let Some(value::Member::Field(Value::Object(kube))) = capabilities().member("KubeVersion") else {
            panic!("it is a field");
        };
        assert_eq!((kube.print_addressed().as_str(), kube.member("String").is_some()), ("v1.37.0", true));
        let Some(Value::Object(copy)) = kube.unaddressed() else { panic!("a copy differs") };
        assert_eq!(copy.print_addressed(), "{v1.37.0 v1.37.0 1 37}");
        assert!(copy.member("String").is_none());
        let Some(Value::Object(copy)) = copy.copy_of_exported() else { panic!("a copy differs") };
        assert_eq!(copy.print(), "{v1.37.0  1 37}");
    }

    #[test]
    fn yaml_and_toml_keep_the_order_of_the_fields() {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let kube = Value::object(capabilities().kube_version);
        assert_eq!(
            text(toml::write(&kube).unwrap()),
            "Version = \"v1.37.0\"\nMajor = \"1\"\nMinor = \"37\"\n"
        );
        let nested =
            Value::Map([("a", Value::list(vec![Value::list(vec![kube.clone()])]))].into_iter().collect());
        assert_eq!(
            text(toml::write(&nested).unwrap()),
            "a = [[{Version = \"v1.37.0\", Major = \"1\"Minor = \"37\", }]]\n"
        );
        assert_eq!(
            text(yaml::write_pretty(&kube).unwrap()),
            "version: v1.37.0\nmajor: \"1\"\nminor: \"37\"\n"
        );
        let helm = text(yaml::write_pretty(&Value::object(HelmVersion)).unwrap());
        assert!(helm.contains("\ngitcommit: c0d08") && helm.contains("\nkubeclientversion: v1.37"), "{helm}");
    }
}
