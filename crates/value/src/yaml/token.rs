//! The tokens a YAML text is made of.

use std::borrow::Cow;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    StreamEnd,
    VersionDirective,
    TagDirective,
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias,
    Anchor,
    Tag,
    Scalar,
}

/// A token and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// Whether a scalar is plain, that is neither quoted nor a block.
    pub(super) plain: bool,
    /// The line of its beginning, from 0.
    pub(super) line: u32,
    /// Offsets of its first byte and of the byte after its last.
    pub(super) start: usize,
    pub(super) end: usize,
    /// A scalar's text, an anchor's name, a tag's handle, or a directive's first argument.
    pub(super) text: Cow<'a, [u8]>,
    /// A tag's suffix, or a tag directive's prefix.
    pub(super) suffix: Vec<u8>,
}

impl<'a> Token<'a> {
    /// Returns a token without text.
    #[inline]
    pub(super) fn mark(kind: Kind, line: u32, start: usize, end: usize) -> Self {
        Token { kind, plain: false, line, start, end, text: Cow::Borrowed(b""), suffix: Vec::new() }
    }
}
