//! Actions that are written as an earlier one was: they are not parsed again, but share its pipeline.

use std::sync::Arc;

use crate::ast::{Level, NameId, Node, NodeId, Pipe, Slot, TemplateCall};
use crate::lex::Unread;
use crate::parse::control::Control;
use crate::parse::scope::Scope;
use crate::parse::{Parsed, Parser};

/// What a text from behind the left delimiter to the end of the right one was parsed to.
pub(super) struct Written<'a> {
    known: Known,
    /// How far behind the left delimiter the place of its node is.
    offset: u32,
    /// Nothing if there are no variables in it, as in most.
    uses: Option<Box<Uses<'a>>>,
}

/// The variables an action reads, and those that it makes. The same names must stand for the same variables again.
struct Uses<'a> {
    read: Box<[Use<'a>]>,
    declared: Box<[Use<'a>]>,
}

/// What an action is, whatever stands between it and its end.
#[derive(Clone)]
pub(super) enum Known {
    /// A pipeline, perhaps behind a keyword.
    Pipe(Option<Control>, Arc<Pipe>),
    Template(Arc<TemplateCall>),
}

/// A variable by its name, its number and its place.
#[derive(Clone, Copy)]
struct Use<'a>(&'a [u8], NameId, Slot);

impl<'a> Parser<'a, '_> {
    /// Returns the action that begins here if it is written as one before; the left delimiter is read.
    pub(super) fn recalled(&mut self) -> Parsed<Option<Node>> {
        let Some(action) = self.unread_action() else { return Ok(None) };
        let Some(written) = self.draft.known_actions.get(action.text) else { return Ok(None) };
        let variables = (self.scope.declared(), self.scope.existing());
        if let Some(uses) = &written.uses {
            if !self.scope.has_all(&uses.read) || !self.scope.would_make(&uses.declared) {
                return Ok(None);
            }
            for Use(_, name, _) in &uses.declared {
                self.scope.declare(*name);
                self.scope.make_exist(*name);
            }
        }
        let id = NodeId::new(Level::Element, action.start + written.offset);
        let known = written.known.clone();
        self.tokens[0] = self.lexer.pass_action(&action);
        Ok(Some(match known {
            Known::Template(call) => Node::Template(id, call),
            Known::Pipe(None, pipe) => Node::Action(id, pipe),
            Known::Pipe(Some(control), pipe) => {
                self.enter_control()?;
                self.rest_of_control(control, id, pipe, variables)?
            }
        }))
    }

    /// Remembers an action that was just read to its end, unless it does more to variables than read and make them.
    pub(super) fn remember(&mut self, action: Option<Unread<'a>>, id: NodeId, known: Known) {
        let Some(action) = action else { return };
        // There may be a delimiter in a string.
        if !self.lexer.is_behind(&action, self.tokens[0]) || self.scope.action.is_special {
            return;
        }
        let noted = &self.scope.action;
        let uses = (!noted.read.is_empty() || !noted.declared.is_empty()).then(|| {
            let (read, declared) = (self.scope.uses(&noted.read), self.scope.uses(&noted.declared));
            Box::new(Uses { read, declared })
        });
        let written = Written { known, offset: id.position() - action.start, uses };
        self.draft.known_actions.insert(action.text, written);
    }

    /// Returns what stands up to the next right delimiter if nothing of it is read yet and it may be remembered.
    pub(super) fn unread_action(&self) -> Option<Unread<'a>> {
        if self.peeked > 0 { None } else { self.lexer.unread_action() }
    }
}

impl<'a> Scope<'a> {
    fn uses(&self, variables: &[(NameId, Slot)]) -> Box<[Use<'a>]> {
        let named = |(name, slot): &(NameId, Slot)| Some(Use(self.names.get(name.0 as usize)?, *name, *slot));
        variables.iter().filter_map(named).collect()
    }

    /// Returns whether variables may be named here, and are at the same places.
    fn has_all(&self, read: &[Use<'_>]) -> bool {
        read.iter().all(|Use(text, name, slot)| {
            self.names.get(name.0 as usize) == Some(text)
                && self.is_declared(*name)
                && self.slot(*name) == *slot
        })
    }

    /// Returns whether variables get the same numbers and places here.
    fn would_make(&mut self, declared: &[Use<'a>]) -> bool {
        let first = self.existing();
        let mut places = declared.iter().zip(first..);
        places.all(|(Use(text, name, slot), place)| *slot == Slot(place as u32) && self.name(text) == *name)
    }
}
