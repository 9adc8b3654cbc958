//! The nodes of a document.

/// A document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// Its only node.
    pub root: Node,
    /// A comment that stands before everything else, apart by an empty line.
    pub head: String,
    /// A comment behind everything else.
    pub foot: String,
}

/// A scalar, a collection, or a reference to one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Node {
    /// What it is.
    pub content: Content,
    /// The name that aliases call it by.
    pub anchor: Option<String>,
    /// The full tag, if one is written.
    pub tag: Option<String>,
    /// The comments around it.
    pub comments: Comments,
    /// The line on which it begins, from 1; 0 if it was not read.
    pub line: u32,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A text, or what looks like a number.
    Scalar {
        /// The text without quotes and escapes.
        text: String,
        /// How it was written, or is to be written if that is possible.
        style: ScalarStyle,
    },
    /// The name of an anchor.
    Alias(String),
    /// A list.
    Sequence {
        /// Its items.
        items: Vec<Node>,
        /// Whether it stands in brackets.
        is_flow: bool,
    },
    /// A map.
    Mapping {
        /// Keys and values in the order in which they are written.
        pairs: Vec<(Node, Node)>,
        /// Whether it stands in braces.
        is_flow: bool,
    },
}

/// A way to write a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ScalarStyle {
    /// As it is.
    #[default]
    Plain,
    /// `'text'`
    SingleQuoted,
    /// `"text"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// The comments around a node, each with its number signs; lines are separated by line breaks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comments {
    /// On the lines above.
    pub head: String,
    /// Behind it, on its line.
    pub line: String,
    /// On the lines below.
    pub foot: String,
}

impl Default for Content {
    fn default() -> Self {
        Content::Scalar { text: String::new(), style: ScalarStyle::Plain }
    }
}

impl Node {
    /// Returns a scalar.
    pub fn scalar(text: impl Into<String>, style: ScalarStyle) -> Node {
        Node { content: Content::Scalar { text: text.into(), style }, ..Node::default() }
    }

    /// Returns a mapping without entries.
    pub fn mapping() -> Node {
        Node { content: Content::Mapping { pairs: Vec::new(), is_flow: false }, ..Node::default() }
    }

    /// Returns a scalar's text.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Returns whether it is a scalar that YAML reads as null.
    pub fn is_null(&self) -> bool {
        match (&self.content, &self.tag) {
            (Content::Scalar { text, style: ScalarStyle::Plain }, None) => {
                matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            (Content::Scalar { .. }, Some(tag)) => tag == "tag:yaml.org,2002:null",
            _ => false,
        }
    }

    /// Returns a mapping's pairs.
    pub fn pairs(&self) -> Option<&[(Node, Node)]> {
        match &self.content {
            Content::Mapping { pairs, .. } => Some(pairs),
            _ => None,
        }
    }

    /// Returns a mapping's pairs to change them.
    pub fn pairs_mut(&mut self) -> Option<&mut Vec<(Node, Node)>> {
        match &mut self.content {
            Content::Mapping { pairs, .. } => Some(pairs),
            _ => None,
        }
    }

    /// Returns the value of a mapping's key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.pairs()?.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }

    /// Returns the value of a mapping's key to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.pairs_mut()?.iter_mut().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }
}
