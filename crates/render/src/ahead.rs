//! Templates that are parsed while the archive of their chart is still being decompressed.

use std::rc::Rc;

use gotmpl::Texts;
use value::{Ambient, Str};

use crate::functions;
use crate::host::Host;
use crate::log::Log;

/// Parses templates of a chart that is being loaded.
pub struct Ahead<'t> {
    texts: &'t Texts,
    ambient: Rc<dyn Ambient>,
    /// Made when there is a first template: most charts are read faster than it is made.
    parser: Option<gotmpl::Ahead<'t>>,
}

impl<'t> Ahead<'t> {
    /// Returns what puts templates in a place that outlives it.
    pub fn new(texts: &'t Texts, ambient: Rc<dyn Ambient>) -> Self {
        Ahead { texts, ambient, parser: None }
    }

    /// Only the names of functions matter for the parser, and these do not depend on the host.
    fn parser(&mut self) -> &mut gotmpl::Ahead<'t> {
        let (texts, ambient) = (self.texts, &self.ambient);
        self.parser.get_or_insert_with(|| {
            let host = Host { ambient: ambient.clone(), lookup: None, resolve_host: None, post_render: None };
            gotmpl::Ahead::new(texts, &functions::table(&host, &Log::default(), false))
        })
    }

    pub(crate) fn into_parsed(self) -> Option<gotmpl::Ahead<'t>> {
        self.parser
    }
}

impl chart::Meanwhile for Ahead<'_> {
    fn found(&mut self, template: &Str) {
        self.parser().add(template.clone());
    }

    fn work(&mut self) -> bool {
        self.parser.as_mut().is_some_and(gotmpl::Ahead::parse_next)
    }
}
