//! What a reader of YAML may choose.

/// How numbers arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Numbers {
    /// Every number is a `float64`, as decoding through Go's `encoding/json` leaves it (values files, `fromYaml`).
    #[default]
    Float64,
    /// Integers that fit are `int64`, all other numbers `float64` (Kubernetes objects).
    IntOrFloat,
}

/// What happens when a mapping has a key twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Duplicates {
    /// The last one wins (`yaml.Unmarshal`).
    #[default]
    LastWins,
    /// It is an error (`yaml.UnmarshalStrict`).
    Refuse,
}

/// How a YAML text is read. The default is what `yaml.Unmarshal` of sigs.k8s.io/yaml does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// How numbers arrive.
    pub numbers: Numbers,
    /// What happens when a mapping has a key twice.
    pub duplicates: Duplicates,
}
