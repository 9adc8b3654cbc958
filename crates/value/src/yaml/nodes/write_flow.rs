//! Collections in brackets and braces.

use super::node::{Comments, Node};
use super::write::{Place, Writer, is_simple_key};

impl Writer {
    fn open_flow(&mut self, bracket: &[u8]) -> isize {
        self.emitter.write_ascii(bracket, true);
        self.emitter.after_blank = true;
        self.emitter.at_line_start = false;
        self.is_open_ended = false;
        let outer = self.emitter.indent;
        self.emitter.indent = if outer < 0 { 2 } else { outer + 2 };
        self.flow_level += 1;
        outer
    }

    fn close_flow(&mut self, bracket: &[u8]) {
        self.emitter.write_ascii(bracket, false);
        self.emitter.after_blank = false;
        self.emitter.at_line_start = false;
        self.line_comment();
        self.foot_comment();
    }

    fn comma(&mut self) {
        self.emitter.write_ascii(b",", false);
        self.emitter.after_blank = false;
        self.emitter.at_line_start = false;
    }

    fn has_comment_behind(&self) -> bool {
        !(self.waiting.line.is_empty() && self.waiting.foot.is_empty() && self.tail.is_empty())
    }

    /// Writes the comments behind an item, which stand behind its comma.
    fn comments_behind_item(&mut self) {
        if self.has_comment_behind() {
            self.comma();
        }
        self.line_comment();
        self.foot_comment();
    }

    fn before_flow_item(&mut self, needs_comma: bool) {
        if needs_comma {
            self.comma();
        }
        self.head_comment();
        if self.emitter.column == 0 {
            self.move_to_indent();
        }
    }

    pub(super) fn flow_sequence(&mut self, node: &Node, items: &[Node]) {
        let outer = self.open_flow(b"[");
        let mut needs_comma = false;
        for item in items {
            self.begin_comments(item);
            self.before_flow_item(needs_comma);
            needs_comma = !self.has_comment_behind();
            self.content(item, Place::Item);
            self.comments_behind_item();
        }
        self.end_comments(node);
        self.flow_level -= 1;
        self.emitter.indent = outer;
        if self.emitter.column == 0 {
            self.move_to_indent();
        }
        self.close_flow(b"]");
    }

    pub(super) fn flow_mapping(&mut self, node: &Node, pairs: &[(Node, Node)]) {
        let outer = self.open_flow(b"{");
        let mut needs_comma = false;
        for (key, value) in pairs {
            let bare =
                Node { comments: Comments { foot: String::new(), ..key.comments.clone() }, ..key.clone() };
            self.begin_comments(&bare);
            self.before_flow_item(needs_comma);
            let is_simple = is_simple_key(key);
            if !is_simple {
                self.indicator(b"?");
            }
            self.content(&bare, if is_simple { Place::SimpleKey } else { Place::InMapping });
            self.begin_comments(value);
            self.emitter.write_ascii(b":", !is_simple);
            self.emitter.after_blank = false;
            self.emitter.at_line_start = false;
            needs_comma = !self.has_comment_behind();
            self.content(value, Place::InMapping);
            self.comments_behind_item();
            self.tail.clone_from(&key.comments.foot);
        }
        self.end_comments(node);
        let has_more =
            !(self.waiting.head.is_empty() && self.waiting.foot.is_empty() && self.tail.is_empty());
        if has_more && needs_comma {
            self.comma();
        }
        self.head_comment();
        self.flow_level -= 1;
        self.emitter.indent = outer;
        self.close_flow(b"}");
    }
}
