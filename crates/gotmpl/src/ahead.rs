//! Texts that are parsed before it is known what they are called, or whether they are wanted: whoever reads a chart from an
//! archive has time for it.

use std::collections::{HashMap, VecDeque};

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
    /// Those that are not parsed yet.
    waiting: VecDeque<usize>,
    /// Whether there are templates of each text; there are none of a text that is wrong, which is parsed again when it
    /// has a name for the error.
    is_parsed: Vec<bool>,
    callees: Callees,
    draft: Draft<'t>,
}

impl<'t> Ahead<'t> {
    /// Returns what can parse for sets with these functions.
    pub fn new(texts: &'t Texts, functions: &[Function]) -> Self {
        Ahead {
            texts,
            waiting: VecDeque::new(),
            is_parsed: Vec::new(),
            callees: Callees::new(functions),
            draft: Draft::new(EXPECTED_BYTES),
        }
    }

    /// Takes a text that may be parsed. It is recognised by where its bytes are.
    pub fn add(&mut self, text: Str) {
        self.waiting.push_back(self.is_parsed.len());
        self.is_parsed.push(false);
        self.texts.0.push(text);
    }

    /// Parses one of the texts, and returns whether there was one left.
    pub fn parse_next(&mut self) -> bool {
        let Some(number) = self.waiting.pop_front() else { return false };
        let Some(text) = self.texts.0.get(number) else { return false };
        let parsed = parse(number, None, text.as_bytes(), &self.callees, &mut self.draft);
        match (parsed, self.is_parsed.get_mut(number)) {
            (Ok(()), Some(is_parsed)) => *is_parsed = true,
            _ => self.draft.add(number, Vec::new()),
        }
        true
    }

    /// Returns whether names mean the same functions.
    pub(crate) fn is_for(&self, callees: &Callees) -> bool {
        self.callees == *callees
    }

    /// Returns the templates of those texts that were parsed, and the number of each text among all.
    pub(crate) fn finish(self, texts: &[(&str, Str)]) -> Vec<Parsed> {
        let numbers = self.numbers();
        let mut called: Vec<Option<(usize, &str)>> = vec![None; self.is_parsed.len()];
        for (number, (name, text)) in texts.iter().enumerate() {
            let known = numbers.get(&place(text)).copied();
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

    /// Returns which text is where.
    fn numbers(&self) -> HashMap<(usize, usize), usize> {
        let texts = self.texts.0.iter().zip(&self.is_parsed).enumerate();
        texts
            .filter(|(_, (_, is_parsed))| **is_parsed)
            .map(|(number, (text, _))| (place(text), number))
            .collect()
    }
}

/// Returns where a text is and how long; one that is short is not the same in two places.
fn place(text: &Str) -> (usize, usize) {
    (text.as_bytes().as_ptr() as usize, text.len())
}
