//! Templates that are parsed while the archive of their chart is still being decompressed.

use std::rc::Rc;
use std::thread::Scope;

use gotmpl::{SHARED_BYTES, Texts};
use value::{Ambient, Str};

use crate::functions;
use crate::host::Host;
use crate::log::Log;

/// Parses templates of a chart that is being loaded.
pub struct Ahead<'scope, 'texts: 'scope> {
    texts: &'texts Texts,
    scope: &'scope Scope<'scope, 'texts>,
    ambient: Rc<dyn Ambient>,
    /// Those that the parser does not have yet.
    waiting: Vec<Str>,
    /// How many bytes they are.
    waiting_bytes: usize,
    /// Made when there is time for a first template: most charts are read faster than it is made.
    parser: Option<gotmpl::Ahead<'scope, 'texts>>,
}

impl<'scope, 'texts> Ahead<'scope, 'texts> {
    /// Returns what puts templates in a place that outlives it, and starts threads in the scope.
    pub fn new(texts: &'texts Texts, scope: &'scope Scope<'scope, 'texts>, ambient: Rc<dyn Ambient>) -> Self {
        Ahead { texts, scope, ambient, waiting: Vec::new(), waiting_bytes: 0, parser: None }
    }

    /// Returns the parser, which has what was waiting. Only the names of functions matter for it, and these do not depend
    /// on the host.
    fn parser(&mut self) -> &mut gotmpl::Ahead<'scope, 'texts> {
        let (texts, scope, ambient) = (self.texts, self.scope, &self.ambient);
        let parser = self.parser.get_or_insert_with(|| {
            let host = Host { ambient: ambient.clone(), lookup: None, resolve_host: None, post_render: None };
            gotmpl::Ahead::new(texts, scope, &functions::table(&host, &Log::default(), false))
        });
        self.waiting.drain(..).for_each(|template| parser.add(template));
        self.waiting_bytes = 0;
        parser
    }

    pub(crate) fn into_parsed(mut self) -> Option<gotmpl::Ahead<'scope, 'texts>> {
        if self.is_helped() {
            self.parser();
        }
        self.parser
    }

    fn is_helped(&self) -> bool {
        self.parser.as_ref().is_some_and(gotmpl::Ahead::is_helped)
    }
}

impl chart::Meanwhile for Ahead<'_, '_> {
    fn found(&mut self, template: &Str) {
        self.waiting.push(template.clone());
        self.waiting_bytes += template.len();
        if self.is_helped() {
            self.parser();
        } else if self.waiting_bytes >= SHARED_BYTES {
            self.parser().get_help();
        }
    }

    fn work(&mut self) -> bool {
        let is_idle = self.waiting.is_empty() && self.parser.is_none();
        !is_idle && self.parser().parse_next()
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
        std::thread::scope(|scope| {
            let mut ahead = Ahead::new(&texts, scope, Rc::new(StandStill));
            assert!(!ahead.work());
            ahead.found(&Str::from("{{ .Values.a }}"));
            assert!(ahead.parser.is_none());
            assert!(ahead.work());
            assert!(!ahead.work());
            assert!(ahead.parser.is_some());
        });
    }

    #[test]
    fn much_is_given_to_another_thread() {
        let texts = Texts::default();
        std::thread::scope(|scope| {
            let mut ahead = Ahead::new(&texts, scope, Rc::new(StandStill));
            ahead.found(&Str::from("a".repeat(SHARED_BYTES).as_str()));
            assert!(ahead.parser.is_some());
        });
    }
}
