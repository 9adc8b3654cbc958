//! What the parser keeps for the template it is parsing: nodes, names, and the variables at each point.

use std::collections::HashMap;

use crate::ast::{NameId, Slot};

/// How many names are looked through before a table is asked.
const FEW_NAMES: usize = 8;

/// The state of one template's parsing.
///
/// Two stacks of variables run along. `declared` is the parser's own: a name must be in it to be used. `existing` is
/// what the stack of the running template will hold at this point, which is not always the same: an assignment
/// declares nothing, and after `else` the variables of the first branch are gone.
pub(super) struct Scope<'a> {
    pub(super) names: Vec<&'a [u8]>,
    /// Numbers of the names behind the first few.
    numbers: HashMap<&'a [u8], NameId>,
    declared: Vec<NameId>,
    existing: Vec<NameId>,
    /// By name: how often it is in `declared`, and where it is in `existing`.
    uses: Vec<(u32, Vec<u32>)>,
    pub(super) is_dynamic: bool,
    /// What the action being parsed has to do with variables.
    pub(super) action: Uses,
    pub(super) range_depth: u32,
    pub(super) paren_depth: u32,
    /// Offset of the delimiter that started the current action.
    pub(super) action_start: Option<u32>,
}

/// The variables that an action names.
#[derive(Default)]
pub(super) struct Uses {
    /// Those that must exist, where they are looked for.
    pub(super) read: Vec<(NameId, Slot)>,
    /// Those that it makes.
    pub(super) declared: Vec<(NameId, Slot)>,
    /// Whether it assigns, or declares inside parentheses.
    pub(super) is_special: bool,
}

impl Uses {
    /// Begins with another action.
    pub(super) fn clear(&mut self) {
        self.read.clear();
        self.declared.clear();
        self.is_special = false;
    }
}

impl Default for Scope<'_> {
    fn default() -> Self {
        let mut scope = Scope {
            names: Vec::new(),
            numbers: HashMap::new(),
            declared: Vec::new(),
            existing: Vec::new(),
            uses: Vec::new(),
            is_dynamic: false,
            action: Uses::default(),
            range_depth: 0,
            paren_depth: 0,
            action_start: None,
        };
        let dollar = scope.name(b"$");
        scope.declare(dollar);
        scope.make_exist(dollar);
        scope
    }
}

impl<'a> Scope<'a> {
    pub(super) fn name(&mut self, name: &'a [u8]) -> NameId {
        // Few templates have more variables than are found faster one by one.
        let first = self.names.iter().take(FEW_NAMES).position(|known| *known == name);
        if let Some(number) = first {
            return NameId(number as u32);
        }
        if let Some(known) = self.numbers.get(name) {
            return *known;
        }
        let number = NameId(self.names.len() as u32);
        self.names.push(name);
        self.uses.push((0, Vec::new()));
        if self.names.len() > FEW_NAMES {
            self.numbers.insert(name, number);
        }
        number
    }

    pub(super) fn declared(&self) -> usize {
        self.declared.len()
    }

    pub(super) fn existing(&self) -> usize {
        self.existing.len()
    }

    pub(super) fn declare(&mut self, name: NameId) {
        self.declared.push(name);
        if let Some(uses) = self.uses.get_mut(name.0 as usize) {
            uses.0 += 1;
        }
    }

    pub(super) fn make_exist(&mut self, name: NameId) {
        if let Some(uses) = self.uses.get_mut(name.0 as usize) {
            uses.1.push(self.existing.len() as u32);
        }
        self.existing.push(name);
    }

    pub(super) fn forget_declared(&mut self, length: usize) {
        for name in self.declared.drain(length..) {
            if let Some(uses) = self.uses.get_mut(name.0 as usize) {
                uses.0 -= 1;
            }
        }
    }

    pub(super) fn forget_existing(&mut self, length: usize) {
        for name in self.existing.drain(length..) {
            if let Some(uses) = self.uses.get_mut(name.0 as usize) {
                uses.1.pop();
            }
        }
    }

    pub(super) fn is_declared(&self, name: NameId) -> bool {
        self.uses.get(name.0 as usize).is_some_and(|uses| uses.0 > 0)
    }

    pub(super) fn slot(&self, name: NameId) -> Slot {
        self.uses
            .get(name.0 as usize)
            .and_then(|uses| uses.1.last())
            .map_or(Slot::UNDEFINED, |place| Slot(*place))
    }
}
