//! Templates that are parsed while the archive of their chart is still being decompressed.

use std::collections::VecDeque;
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
    /// Those that are not parsed yet.
    waiting: VecDeque<Str>,
    /// Made when there is time for a first template: most charts are read faster than it is made.
    parser: Option<gotmpl::Ahead<'t>>,
}

impl<'t> Ahead<'t> {
    /// Returns what puts templates in a place that outlives it.
    pub fn new(texts: &'t Texts, ambient: Rc<dyn Ambient>) -> Self {
        Ahead { texts, ambient, waiting: VecDeque::new(), parser: None }
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
        self.waiting.push_back(template.clone());
    }

    fn work(&mut self) -> bool {
        let Some(template) = self.waiting.pop_front() else { return false };
        self.parser().parse(template);
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use chart::Meanwhile;

    use super::*;

    struct StandStill;

    impl Ambient for StandStill {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH
        }

        fn fill_random(&self, buffer: &mut [u8]) {
            buffer.fill(0);
        }

        fn local_zone(&self) -> String {
            String::from("UTC")
        }
    }

    #[test]
    fn nothing_is_made_until_there_is_time_for_it() {
        let texts = Texts::default();
        let mut ahead = Ahead::new(&texts, Rc::new(StandStill));
        ahead.found(&Str::from("{{ .Values.a }}"));
        assert!(ahead.parser.is_none());
        assert!(ahead.work());
        assert!(!ahead.work());
        assert!(ahead.parser.is_some());
    }
}
