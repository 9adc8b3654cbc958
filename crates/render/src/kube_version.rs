//! `.Capabilities.KubeVersion`: a version of Kubernetes, with an address and without.

use std::any::Any;

use value::{Error, Kind, Member, Object, Type, Value};

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

    /// Returns the version without the field that is not exported.
    pub(crate) fn exported(&self) -> KubeVersion {
        KubeVersion { normalized: String::new(), ..self.clone() }
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

/// A copy without an address, as functions and lists get it: Helm's methods belong to the pointer.
impl Object for KubeVersion {
    fn object_type(&self) -> Type {
        Type::Named("common.KubeVersion", Kind::Struct)
    }

    fn member(&self, name: &str) -> Option<Member> {
        Some(match name {
            "Version" => Member::Field(Value::string(self.version.as_str())),
            "Major" => Member::Field(Value::string(self.major.as_str())),
            "Minor" => Member::Field(Value::string(self.minor.as_str())),
            _ => return None,
        })
    }

    fn call(&self, _name: &str, _arguments: &[Value]) -> Result<Value, Error> {
        Ok(Value::Nil)
    }

    fn print(&self) -> String {
        format!("{{{} {} {} {}}}", self.version, self.normalized, self.major, self.minor)
    }

    fn copy_of_exported(&self) -> Option<Value> {
        Some(Value::object(self.exported()))
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

/// The field of `.Capabilities`, reached through the pointer, so that it has Helm's methods.
pub(crate) struct AddressedKubeVersion(pub(crate) KubeVersion);

impl AddressedKubeVersion {
    /// `KubeVersion.String` (Helm: chart/common/capabilities.go)
    fn text(&self) -> &str {
        if self.0.normalized.is_empty() { &self.0.version } else { &self.0.normalized }
    }
}

impl Object for AddressedKubeVersion {
    fn object_type(&self) -> Type {
        self.0.object_type()
    }

    fn member(&self, name: &str) -> Option<Member> {
        match name {
            "GitVersion" | "String" => Some(Member::Method(&[], false)),
            _ => self.0.member(name),
        }
    }

    fn call(&self, name: &str, _arguments: &[Value]) -> Result<Value, Error> {
        Ok(Value::string(if name == "String" { self.text() } else { &self.0.version }))
    }

    fn print(&self) -> String {
        self.0.print()
    }

    fn print_addressed(&self) -> String {
        self.text().to_owned()
    }

    fn unaddressed(&self) -> Option<Value> {
        Some(Value::object(self.0.clone()))
    }

    fn go_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        self.0.go_fields()
    }

    fn as_plain(&self) -> Value {
        self.0.as_plain()
    }

    fn json_fields(&self) -> Option<Vec<(&'static str, Value)>> {
        self.0.json_fields()
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
