//! Texts that are parsed before it is known what they are called, or whether they are wanted: whoever reads a chart from an
//! archive has time for it.

use std::collections::HashMap;

use appendlist::AppendList;
use value::Str;

use crate::Function;
use crate::callees::Callees;
use crate::parse::{Draft, parse};
use crate::set::Parsed;

/// For how many bytes of texts there is room to remember what was written before.
const EXPECTED_BYTES: usize = 1 << 20;

/// Texts that stay where they are, so that what is parsed can refer to them.
#[derive(Default)]
pub struct Texts(AppendList<Str>);

/// What was parsed ahead for a [`TemplateSet`](crate::TemplateSet).
pub struct Ahead<'t> {
    texts: &'t Texts,
    /// The number of each text by its place. One that is wrong has none: it is parsed again when it has a name for the
    /// error.
    numbers: HashMap<(usize, usize), usize>,
    callees: Callees,
    draft: Draft<'t>,
}

impl<'t> Ahead<'t> {
    /// Returns what can parse for sets with these functions; the texts' place is for it alone.
    pub fn new(texts: &'t Texts, functions: &[Function]) -> Self {
        Ahead {
            texts,
            numbers: HashMap::new(),
            callees: Callees::new(functions),
            draft: Draft::new(EXPECTED_BYTES),
        }
    }

    /// Parses a text. It is recognised by where its bytes are.
    pub fn parse(&mut self, text: Str) {
        let number = self.texts.0.len();
        self.texts.0.push(text);
        let Some(text) = self.texts.0.get(number) else { return };
        match parse(number, None, text.as_bytes(), &self.callees, &mut self.draft) {
            Ok(()) => drop(self.numbers.insert(place(text), number)),
            Err(_) => self.draft.add(number, Vec::new()),
        }
    }

    /// Returns whether names mean the same functions.
    pub(crate) fn is_for(&self, callees: &Callees) -> bool {
        self.callees == *callees
    }

    /// Returns the templates of those texts that were parsed, and the number of each text among all.
    pub(crate) fn finish(self, texts: &[(&str, Str)]) -> Vec<Parsed> {
        let mut called: Vec<Option<(usize, &str)>> = vec![None; self.texts.0.len()];
        for (number, (name, text)) in texts.iter().enumerate() {
            let known = self.numbers.get(&place(text)).copied();
            // Of a text that is wanted twice the second is parsed under its own name, and so is one that defines its own
            // name, which only then turns out to be wrong.
            let known = known.filter(|known| !self.draft.defines(*known, name.as_bytes()));
            if let Some(called @ None) = known.and_then(|known| called.get_mut(known)) {
                *called = Some((number, name));
            }
        }
        let text_of = |known: usize| {
            let name = called.get(known).copied().flatten().map(|(_, name)| name);
            (self.texts.0.get(known).cloned().unwrap_or_default(), name)
        };
        let number_of = |known: usize| called.get(known).copied().flatten().map(|(number, _)| number);
        let finished = self.draft.finish(text_of).into_iter();
        finished.filter_map(|(known, trees)| Some((number_of(known)?, trees))).collect()
    }
}

/// Returns where a text is and how long; one that is short is not the same in two places.
fn place(text: &Str) -> (usize, usize) {
    (text.as_bytes().as_ptr() as usize, text.len())
}
