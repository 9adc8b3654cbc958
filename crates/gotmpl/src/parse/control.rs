//! Actions that control: `if`, `with`, `range`, `else`, `end`, `break`, `continue`, `block`, `template`.

use std::sync::Arc;

use crate::ast::{Branch, Level, Node, NodeId, Pipe, TemplateCall};
use crate::lex::{Kind, Unread};
use crate::parse::recalled::Known;
use crate::parse::{End, Failure, Item, MAX_CONTROL_DEPTH, Parsed, Parser};

/// The three control structures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Control {
    If,
    With,
    Range,
}

impl Control {
    fn name(self) -> &'static str {
        match self {
            Control::If => "if",
            Control::With => "with",
            Control::Range => "range",
        }
    }

    /// The keyword that may follow `else`.
    fn chained(self) -> Option<Kind> {
        match self {
            Control::If => Some(Kind::If),
            Control::With => Some(Kind::With),
            Control::Range => None,
        }
    }
}

impl<'a> Parser<'a, '_> {
    /// Parses an action; the left delimiter is read.
    pub(super) fn action(&mut self) -> Parsed<Item> {
        if let Some(node) = self.recalled()? {
            return Ok(Item::Node(node));
        }
        let unread = self.unread_action();
        self.scope.action.clear();
        let token = self.next();
        let node = match token.kind {
            Kind::Block => self.block()?,
            Kind::Break => {
                self.leave_range("{{break}}")?;
                Node::Break(NodeId::new(Level::Element, token.start))
            }
            Kind::Continue => {
                self.leave_range("{{continue}}")?;
                Node::Continue(NodeId::new(Level::Element, token.start))
            }
            Kind::Else => {
                // `{{else if` and `{{else with` are left for the control structure to read on.
                if !matches!(self.peek().kind, Kind::If | Kind::With) {
                    self.expect(Kind::RightDelim, "else")?;
                }
                return Ok(Item::End(End::Else));
            }
            Kind::End => {
                self.expect(Kind::RightDelim, "end")?;
                return Ok(Item::End(End::End));
            }
            Kind::If => self.control(Control::If, unread)?,
            Kind::Range => self.control(Control::Range, unread)?,
            Kind::Template => {
                let (id, call) = self.template()?;
                self.remember(unread, id, Known::Template(call.clone()));
                Node::Template(id, call)
            }
            Kind::With => self.control(Control::With, unread)?,
            _ => {
                self.backup();
                let position = self.peek().start;
                let id = NodeId::new(Level::Element, position);
                let pipe = Arc::new(self.pipeline("command", Kind::RightDelim)?);
                self.remember(unread, id, Known::Pipe(None, pipe.clone()));
                Node::Action(id, pipe)
            }
        };
        Ok(Item::Node(node))
    }

    fn leave_range(&mut self, action: &str) -> Parsed<()> {
        let token = self.next();
        if token.kind != Kind::RightDelim {
            return Err(self.unexpected(token, action));
        }
        if self.scope.range_depth == 0 {
            return Err(Failure::new(format!("{action} outside {{{{range}}}}")));
        }
        Ok(())
    }

    /// Parses a control structure; the keyword is read, and what was unread before it may be remembered.
    fn control(&mut self, control: Control, unread: Option<Unread<'a>>) -> Parsed<Node> {
        self.enter_control()?;
        let (declared, existing) = (self.scope.declared(), self.scope.existing());
        let position = self.peek().start;
        let id = NodeId::new(Level::Element, position);
        let pipe = Arc::new(self.pipeline(control.name(), Kind::RightDelim)?);
        self.remember(unread, id, Known::Pipe(Some(control), pipe.clone()));
        self.rest_of_control(control, id, pipe, (declared, existing))
    }

    pub(super) fn enter_control(&mut self) -> Parsed<()> {
        self.control_depth += 1;
        if self.control_depth > MAX_CONTROL_DEPTH {
            return Err(Failure::new("max control structure depth exceeded"));
        }
        Ok(())
    }

    /// Parses the lists of a control structure and its end, given how many variables were declared and existed before.
    pub(super) fn rest_of_control(
        &mut self,
        control: Control,
        id: NodeId,
        pipe: Arc<Pipe>,
        (declared, existing): (usize, usize),
    ) -> Parsed<Node> {
        let is_range = control == Control::Range;
        let with_pipe = self.scope.existing();
        self.scope.range_depth += u32::from(is_range);
        let (body, end) = self.item_list()?;
        self.scope.range_depth -= u32::from(is_range);
        self.scope.forget_existing(with_pipe);
        let otherwise = match end {
            End::End => None,
            End::Else => Some(self.otherwise(control)?),
        };
        self.scope.forget_declared(declared);
        self.scope.forget_existing(existing);
        self.control_depth -= 1;
        let branch = Box::new(Branch { id, pipe, body, otherwise });
        Ok(match control {
            Control::If => Node::If(branch),
            Control::With => Node::With(branch),
            Control::Range => Node::Range(branch),
        })
    }

    /// Parses what follows `else`, up to its `end`; after `else if` and `else with` that `end` is the inner one's.
    fn otherwise(&mut self, control: Control) -> Parsed<Box<[Node]>> {
        if Some(self.peek().kind) == control.chained() {
            self.next();
            return Ok(Box::new([self.control(control, None)?]));
        }
        let (nodes, end) = self.item_list()?;
        match end {
            End::End => Ok(nodes),
            End::Else => Err(Failure::new(format!("expected end; found {}", end.text()))),
        }
    }

    /// Parses `{{block "name" pipeline}} … {{end}}`; the keyword is read.
    fn block(&mut self) -> Parsed<Node> {
        const CONTEXT: &str = "block clause";
        self.enter_control()?;
        let token = self.next();
        let name = self.template_name(token, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, Kind::RightDelim)?;
        let position = self.tokens[0].start;
        let outer = std::mem::take(&mut self.scope);
        let (nodes, end) = self.item_list()?;
        if end != End::End {
            // Go reports this one on the line of the clause.
            let message = format!("unexpected {} in {CONTEXT}", end.text());
            return Err(Failure { message, position: Some(position) });
        }
        let scope = std::mem::replace(&mut self.scope, outer);
        self.add(Some(name.clone()), nodes, scope)?;
        self.control_depth -= 1;
        let id = NodeId::new(Level::Element, token.start);
        let name = self.string(token, name);
        Ok(Node::Template(id, Arc::new(TemplateCall { id, name, pipe: Some(pipe) })))
    }

    /// Parses `{{template "name" pipeline}}`; the keyword is read.
    fn template(&mut self) -> Parsed<(NodeId, Arc<TemplateCall>)> {
        const CONTEXT: &str = "template clause";
        let token = self.next();
        let name = self.template_name(token, CONTEXT)?;
        let name = self.string(token, name);
        let id = NodeId::new(Level::Element, token.start);
        let pipe = if self.next().kind == Kind::RightDelim {
            None
        } else {
            self.backup();
            Some(self.pipeline(CONTEXT, Kind::RightDelim)?)
        };
        Ok((id, Arc::new(TemplateCall { id, name, pipe })))
    }
}
