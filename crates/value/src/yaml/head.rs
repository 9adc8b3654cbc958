//! Which object a manifest describes, without building its tree.
//!
//! A renderer needs of every document only its kind, name and annotations, but must complain about the rest as if it had been
//! decoded. Ordinary documents are walked event by event; anything that needs thought (anchors, tags, odd keys, other types) is
//! left to `head_exact.rs`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::input::Input;
use super::parse::{Event, EventKind, Parser};
use super::problem::Problem;
use super::resolve::{self, Scalar};
use super::scan::Scanner;
use super::{head_exact, head_plain, tree};
use crate::{Error, json};

/// What Helm looks at in a manifest (`SimpleHead` in its `pkg/release/v1/util/manifest.go`, and the namespace).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// `apiVersion`, empty when absent.
    pub api_version: String,
    /// `kind`, empty when absent.
    pub kind: String,
    /// `metadata`, when it is there and not null.
    pub metadata: Option<HeadMetadata>,
}

/// The part of an object's metadata that decides its place among the manifests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeadMetadata {
    /// `metadata.name`, empty when absent.
    pub name: String,
    /// `metadata.namespace`, empty when absent or not a string (Helm does not read it here).
    pub namespace: String,
    /// `metadata.annotations`.
    pub annotations: BTreeMap<String, String>,
}

/// Checks the first document completely and returns only what says which object it is; no tree is built.
///
/// # Errors
/// What `yaml.Unmarshal` into Helm's `SimpleHead` gives: the errors of [`super::read`], and `error unmarshaling JSON: …`
/// when one of these fields has another type.
pub fn head(bytes: &[u8]) -> Result<Head, Error> {
    let input = Input::new(bytes);
    if input.fault.is_none()
        && let Some(head) = head_plain::head(&input.text)
    {
        return Ok(head);
    }
    walk(&input)
}

/// Reads the head event by event.
pub(super) fn walk(input: &Input<'_>) -> Result<Head, Error> {
    let mut parser = Parser::new(Scanner::new(input));
    parser.scanner.keep_text = false;
    let mut walk = Walk { head: Head::default(), containers: Vec::with_capacity(16), field: Field::Other };
    match walk.run(&mut parser) {
        Ok(()) => Ok(walk.head),
        Err(Unusual::Problem(problem)) => Err(problem.into_error()),
        Err(Unusual::Odd) => head_exact::head(input),
    }
}

enum Unusual {
    Problem(Box<Problem>),
    /// The document has something that this walk does not understand.
    Odd,
}

impl From<Box<Problem>> for Unusual {
    fn from(problem: Box<Problem>) -> Self {
        Unusual::Problem(problem)
    }
}

/// The field whose value comes next, or the mapping that is being walked.
#[derive(Clone, PartialEq)]
enum Field {
    Root,
    ApiVersion,
    Kind,
    Metadata,
    Name,
    Namespace,
    Annotations,
    Annotation(String),
    Other,
}

struct Container {
    is_map: bool,
    is_at_key: bool,
    field: Field,
}

struct Walk {
    head: Head,
    containers: Vec<Container>,
    field: Field,
}

impl Walk {
    fn run(&mut self, parser: &mut Parser<'_>) -> Result<(), Unusual> {
        if parser.next()?.kind == EventKind::StreamEnd {
            return Ok(());
        }
        self.field = Field::Root;
        loop {
            let event = parser.next()?;
            if event.anchor.is_some() || event.tag.is_some() {
                return Err(Unusual::Odd);
            }
            match event.kind {
                EventKind::Scalar => {
                    self.scalar(event)?;
                    parser.scanner.keep_text = self.field != Field::Other;
                }
                EventKind::MappingStart | EventKind::SequenceStart => self.start(event.kind)?,
                EventKind::MappingEnd | EventKind::SequenceEnd => {
                    self.containers.pop();
                    self.value_done();
                }
                EventKind::DocumentEnd | EventKind::StreamEnd => return Ok(()),
                EventKind::Alias => return Err(Unusual::Odd),
                EventKind::DocumentStart => {}
            }
        }
    }

    /// After a value the innermost mapping expects a key.
    #[inline]
    fn value_done(&mut self) {
        self.field = Field::Other;
        if let Some(container) = self.containers.last_mut() {
            container.is_at_key = container.is_map;
        }
    }

    fn start(&mut self, kind: EventKind) -> Result<(), Unusual> {
        let is_map = kind == EventKind::MappingStart;
        let is_too_deep = self.containers.len() >= json::MAX_DEPTH;
        if is_too_deep || self.containers.last().is_some_and(|container| container.is_at_key) {
            return Err(Unusual::Odd);
        }
        let field = std::mem::replace(&mut self.field, Field::Other);
        match (&field, is_map) {
            (Field::Metadata, true) => self.head.metadata = Some(HeadMetadata::default()),
            (Field::Annotations, true) => self.metadata().annotations.clear(),
            (Field::Other | Field::Namespace, _) | (Field::Root, true) => {}
            _ => return Err(Unusual::Odd),
        }
        self.containers.push(Container { is_map, is_at_key: is_map, field });
        Ok(())
    }

    fn metadata(&mut self) -> &mut HeadMetadata {
        self.head.metadata.get_or_insert_default()
    }

    #[inline]
    fn scalar(&mut self, event: Event<'_>) -> Result<(), Unusual> {
        if let Some(container) = self.containers.last_mut()
            && container.is_at_key
        {
            container.is_at_key = false;
            self.field = key_field(&container.field, &event)?;
            return Ok(());
        }
        if self.field == Field::Other {
            if event.implicit && is_not_finite(&event.text) {
                return Err(Unusual::Odd);
            }
        } else {
            self.set(event)?;
        }
        self.value_done();
        Ok(())
    }

    /// Sets the current field.
    fn set(&mut self, event: Event<'_>) -> Result<(), Unusual> {
        let scalar =
            if event.implicit { resolve::resolve_plain(event.text) } else { Scalar::Str(event.text) };
        if self.field == Field::Namespace {
            if let Scalar::Str(text) = scalar {
                self.metadata().namespace = to_string(text);
            }
            return Ok(());
        }
        let text = match scalar {
            Scalar::Str(text) => Some(to_string(text)),
            Scalar::Nil => None,
            // Numbers and booleans are words where Go expects a string.
            Scalar::Float(_) | Scalar::Uint(_) => return Err(Unusual::Odd),
            other => tree::key_text(other).map(to_string),
        };
        match (std::mem::replace(&mut self.field, Field::Other), text) {
            (Field::Annotation(key), text) => {
                self.metadata().annotations.insert(key, text.unwrap_or_default());
            }
            (Field::Metadata, None) => self.head.metadata = None,
            (Field::Annotations, None) => self.metadata().annotations.clear(),
            (Field::Root, None) => {}
            (Field::ApiVersion, text) => self.head.api_version = text.unwrap_or_default(),
            (Field::Kind, text) => self.head.kind = text.unwrap_or_default(),
            (Field::Name, text) => self.metadata().name = text.unwrap_or_default(),
            _ => return Err(Unusual::Odd),
        }
        Ok(())
    }
}

fn to_string(text: Cow<'_, [u8]>) -> String {
    String::from_utf8_lossy(&text).into_owned()
}

/// Returns the field that a key of a mapping names.
#[inline]
fn key_field(container: &Field, event: &Event<'_>) -> Result<Field, Unusual> {
    let key = &*event.text;
    if event.implicit && is_unusual_key(key) {
        return Err(Unusual::Odd);
    }
    let known: &[(&[u8], Field)] = match container {
        Field::Root => {
            &[(b"apiVersion", Field::ApiVersion), (b"kind", Field::Kind), (b"metadata", Field::Metadata)]
        }
        Field::Metadata => {
            &[(b"name", Field::Name), (b"namespace", Field::Namespace), (b"annotations", Field::Annotations)]
        }
        Field::Annotations => {
            let scalar = if event.implicit {
                resolve::resolve_plain(event.text.clone())
            } else {
                Scalar::Str(event.text.clone())
            };
            return tree::key_text(scalar).map(|key| Field::Annotation(to_string(key))).ok_or(Unusual::Odd);
        }
        _ => return Ok(Field::Other),
    };
    match known.iter().find(|(name, _)| *name == key) {
        Some((_, field)) => Ok(field.clone()),
        // Go also takes names in other letters for these fields.
        None if !key.is_ascii() || known.iter().any(|(name, _)| name.eq_ignore_ascii_case(key)) => {
            Err(Unusual::Odd)
        }
        None => Ok(Field::Other),
    }
}

/// Returns whether a plain key may be null, a merge, or a number too large for a key.
#[inline]
pub(super) fn is_unusual_key(key: &[u8]) -> bool {
    match key.first() {
        None | Some(b'~' | b'<') => true,
        Some(b'n' | b'N') => matches!(key, b"null" | b"Null" | b"NULL"),
        Some(b'+' | b'0'..=b'9') => key.len() > 15,
        _ => false,
    }
}

/// Returns whether a plain scalar is an infinite number or none.
#[inline]
pub(super) fn is_not_finite(text: &[u8]) -> bool {
    matches!(text.first(), Some(b'.' | b'+' | b'-'))
        && matches!(resolve::resolve_plain(Cow::Borrowed(text)), Scalar::Float(number) if !number.is_finite())
}
