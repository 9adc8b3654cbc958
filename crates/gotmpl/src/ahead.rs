//! Texts that are parsed before it is known what they are called, or whether they are wanted: whoever reads a chart from an
//! archive has time for it, and so has a second thread afterwards.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, Scope, ScopedJoinHandle};

use appendlist::AppendList;
use value::Str;

use crate::Function;
use crate::callees::Callees;
use crate::parse::{Draft, STACK_BYTES, parse};
use crate::set::Parsed;
use crate::twins::Known;

/// For how many bytes of texts there is room to remember what was written before.
const EXPECTED_BYTES: usize = 1 << 20;

/// Texts that stay where they are, so that what is parsed can refer to them.
#[derive(Default)]
pub struct Texts(AppendList<Str>);

/// What was parsed ahead for a [`TemplateSet`](crate::TemplateSet).
pub struct Ahead<'scope, 'texts: 'scope> {
    texts: &'texts Texts,
    scope: &'scope Scope<'scope, 'texts>,
    /// The number of each text, or of an equal one, by its place.
    numbers: HashMap<(usize, usize), usize>,
    known: Known,
    callees: Arc<Callees>,
    waiting: Arc<Waiting<'texts>>,
    draft: Draft<'texts>,
    helper: Option<Helper<'scope, 'texts>>,
    /// What earlier helpers have parsed.
    helped: Vec<Draft<'texts>>,
}

type Helper<'scope, 'texts> = ScopedJoinHandle<'scope, Draft<'texts>>;

/// The numbers and bytes of texts that nobody has parsed yet.
#[derive(Default)]
struct Waiting<'t>(Mutex<VecDeque<(usize, &'t [u8])>>);

impl<'t> Waiting<'t> {
    /// Changes what waits, which is complete at any time.
    fn with<T>(&self, change: impl FnOnce(&mut VecDeque<(usize, &'t [u8])>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Parses the next text, and returns whether there was one. One that is wrong is left out: it is parsed again when it
    /// has a name for the error.
    fn parse_next(&self, callees: &Callees, draft: &mut Draft<'t>) -> bool {
        let Some((number, text)) = self.with(VecDeque::pop_front) else { return false };
        drop(parse(number, None, text, callees, draft));
        true
    }
}

impl<'scope, 'texts> Ahead<'scope, 'texts> {
    /// Returns what can parse for sets with these functions; the texts' place is for it alone. Threads are started in the
    /// scope.
    pub fn new(texts: &'texts Texts, scope: &'scope Scope<'scope, 'texts>, functions: &[Function]) -> Self {
        Ahead {
            texts,
            scope,
            numbers: HashMap::new(),
            known: Known::default(),
            callees: Arc::new(Callees::new(functions)),
            waiting: Arc::default(),
            draft: Draft::new(EXPECTED_BYTES),
            helper: None,
            helped: Vec::new(),
        }
    }

    /// Adds a text to those that may be parsed. It is recognised by where its bytes are.
    pub fn add(&mut self, text: Str) {
        let number = self.texts.0.len();
        self.texts.0.push(text);
        let Some(text) = self.texts.0.get(number) else { return };
        let equal = self.known.equal_or_add(text, number);
        self.numbers.insert(place(text), equal.unwrap_or(number));
        if equal.is_none() {
            self.waiting.with(|waiting| waiting.push_back((number, text.as_bytes())));
        }
    }

    /// Parses the next text, and returns whether there was one.
    pub fn parse_next(&mut self) -> bool {
        self.waiting.parse_next(&self.callees, &mut self.draft)
    }

    /// Has another thread parse what waits, unless one does already; without another thread it goes on waiting.
    pub fn get_help(&mut self) {
        if self.is_helped() {
            return;
        }
        self.take_help();
        let (waiting, callees) = (self.waiting.clone(), self.callees.clone());
        let help = move || {
            let mut draft = Draft::new(EXPECTED_BYTES);
            while waiting.parse_next(&callees, &mut draft) {}
            draft
        };
        self.helper = Builder::new().stack_size(STACK_BYTES).spawn_scoped(self.scope, help).ok();
    }

    /// Returns whether another thread parses what is added.
    pub fn is_helped(&self) -> bool {
        self.helper.as_ref().is_some_and(|helper| !helper.is_finished())
    }

    /// Takes over what another thread has parsed, when it has done so.
    fn take_help(&mut self) {
        if let Some(helper) = self.helper.take() {
            self.helped.push(helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
    }

    /// Returns whether names mean the same functions.
    pub(crate) fn is_for(&self, callees: &Callees) -> bool {
        *self.callees == *callees
    }

    /// Parses what still waits and is wanted. Returns the templates of those texts that could be parsed, and the number
    /// of each text among all. Those that come again are left out.
    pub(crate) fn finish(mut self, texts: &[(&str, Str)], last_equal: &[Option<usize>]) -> Vec<Parsed> {
        let called = self.called(texts, last_equal);
        self.waiting
            .with(|waiting| waiting.retain(|(known, _)| called.get(*known).is_some_and(Option::is_some)));
        while self.helper.is_some() && self.parse_next() {}
        self.take_help();
        let mut drafts = std::mem::take(&mut self.helped);
        drafts.push(std::mem::replace(&mut self.draft, Draft::new(0)));
        drafts.into_iter().flat_map(|draft| self.finish_draft(draft, &called)).collect()
    }

    /// Returns the number among all and the name of each text that was added, if it is wanted.
    fn called<'n>(
        &self,
        texts: &[(&'n str, Str)],
        last_equal: &[Option<usize>],
    ) -> Vec<Option<(usize, &'n str)>> {
        let mut called = vec![None; self.texts.0.len()];
        let texts = texts.iter().zip(last_equal).enumerate();
        for (number, ((name, text), _)) in texts.filter(|(_, (_, equal))| equal.is_none()) {
            let known = self.numbers.get(&place(text)).copied();
            if let Some(called @ None) = known.and_then(|known| called.get_mut(known)) {
                *called = Some((number, *name));
            }
        }
        called
    }

    fn finish_draft(&self, draft: Draft<'_>, called: &[Option<(usize, &str)>]) -> Vec<Parsed> {
        let called = |known: usize| called.get(known).copied().flatten();
        // A text that defines its own name only now turns out to be wrong.
        let wrong: Vec<usize> = draft.defining(|known| called(known).map(|(_, name)| name));
        let text_of = |known: usize| {
            let name = called(known).map(|(_, name)| name).filter(|_| !wrong.contains(&known));
            (self.texts.0.get(known).cloned().unwrap_or_default(), name)
        };
        let finished = draft.finish(text_of).into_iter();
        finished.filter_map(|(known, trees)| Some((called(known)?.0, trees))).collect()
    }
}

impl Drop for Ahead<'_, '_> {
    /// The scope waits for what another thread does: nobody wants more of it.
    fn drop(&mut self) {
        self.waiting.with(VecDeque::clear);
    }
}

/// Returns where a text is and how long; one that is short is not the same in two places.
fn place(text: &Str) -> (usize, usize) {
    (text.as_bytes().as_ptr() as usize, text.len())
}
