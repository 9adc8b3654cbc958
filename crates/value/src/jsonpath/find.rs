//! Templates over values: what each expression finds, and how it is written (client-go's jsonpath.go).

use super::node::{Filter, Node, Slice};
use super::{compare, parse};
use crate::{Number, Value, gofmt, json};

/// A parsed template.
///
/// ```
/// use pintle_value::{jsonpath::Template, yaml};
///
/// let values = yaml::read(b"image: {tag: v1}", &yaml::Options::default()).unwrap();
/// let mut out = Vec::new();
/// Template::parse("tag={.image.tag}").unwrap().write(&values, &mut out);
/// assert_eq!(out, b"tag=v1");
/// ```
#[derive(Debug, Clone)]
pub struct Template {
    nodes: Vec<Node>,
}

impl Template {
    /// Parses a template: text with expressions in braces.
    ///
    /// # Errors
    /// With kubectl's text.
    pub fn parse(text: &str) -> Result<Template, String> {
        Ok(Template { nodes: parse::parse(text)? })
    }

    /// Writes what the expressions find, values of one expression with blanks between them. Returns whether all of
    /// them could be evaluated; if not, nothing is written, or all before a value that has no JSON form.
    pub fn write(&self, value: &Value, out: &mut Vec<u8>) -> bool {
        let mut run = Run { nodes: &self.nodes, begun: 0, inside: 0, ended: 0, last_end: None };
        let Some(results) = run.find(0, Some(value.clone())) else { return false };
        results.iter().all(|found| print(found, out).is_some())
    }
}

/// A value, or none at all: what Go's reflection makes of nil.
type Item = Option<Value>;

fn print(found: &[Item], out: &mut Vec<u8>) -> Option<()> {
    for (place, item) in found.iter().enumerate() {
        if place > 0 {
            out.push(b' ');
        }
        match item {
            None => out.extend_from_slice(b"<no value>"),
            Some(Value::Nil) => out.extend_from_slice(b"null"),
            Some(value @ (Value::List(_) | Value::Map(_))) => out.extend(json::write(value).ok()?),
            Some(value) => gofmt::print(value, out),
        }
    }
    Some(())
}

/// A run through a template. `None` stands for an error everywhere: nobody reads its text.
struct Run<'a> {
    nodes: &'a [Node],
    /// Loops that the expression just evaluated began.
    begun: usize,
    /// Loops that are open.
    inside: usize,
    /// Loops that the expression just evaluated ended.
    ended: usize,
    last_end: Option<usize>,
}

impl Run<'_> {
    /// Evaluates the nodes from one on, up to the end of the loop or of the template.
    fn find(&mut self, first: usize, item: Item) -> Option<Vec<Vec<Item>>> {
        let mut all = Vec::new();
        let nodes = self.nodes;
        let mut at = first;
        while let Some(node) = nodes.get(at) {
            let results = self.step(vec![item.clone()], node)?;
            if self.ended > 0 && self.ended <= self.inside {
                self.ended -= 1;
                self.last_end = Some(at);
                break;
            }
            if self.begun > 0 {
                self.begun -= 1;
                self.inside += 1;
                self.repeat(at + 1, results, &mut all)?;
                self.inside -= 1;
                at = self.last_end.filter(|end| *end > at).unwrap_or(at);
            } else {
                all.push(results);
            }
            at += 1;
        }
        Some(all)
    }

    fn repeat(&mut self, first: usize, items: Vec<Item>, all: &mut Vec<Vec<Item>>) -> Option<()> {
        if items.is_empty() {
            // The body is walked once all the same, to find its end.
            self.find(first, None)?;
        }
        for item in items {
            let item = item.filter(|value| !value.is_nil());
            all.extend(self.find(first, item)?);
        }
        Some(())
    }

    fn list(&mut self, mut items: Vec<Item>, nodes: &[Node]) -> Option<Vec<Item>> {
        for node in nodes {
            items = self.step(items, node)?;
        }
        Some(items)
    }

    fn step(&mut self, items: Vec<Item>, node: &Node) -> Option<Vec<Item>> {
        let constant = |value: Value| Some(vec![Some(value); items.len()]);
        match node {
            Node::Text(text) => Some(vec![Some(Value::string(text.as_str()))]),
            Node::List(nodes) => self.list(items, nodes),
            Node::Field(name) => field(&items, name),
            Node::Array(slice) => array(&items, *slice),
            Node::Filter(filter) => self.filter(&items, filter),
            Node::Wildcard => Some(items.iter().flat_map(children).map(Some).collect()),
            Node::Recursive => {
                let mut found = Vec::new();
                items.iter().for_each(|item| descend(item, &mut found));
                Some(found)
            }
            Node::Union(lists) => {
                let mut found = Vec::new();
                for nodes in lists {
                    found.extend(self.list(items.clone(), nodes)?);
                }
                Some(found)
            }
            Node::Int(number) => constant(Value::Int(*number)),
            Node::Float(number) => constant(Value::Float64(*number)),
            Node::Bool(flag) => constant(Value::Bool(*flag)),
            Node::Word(word) => self.word(items, word),
        }
    }

    fn word(&mut self, items: Vec<Item>, word: &str) -> Option<Vec<Item>> {
        match word {
            "range" => {
                self.begun += 1;
                Some(items)
            }
            "end" if self.inside > 0 => {
                self.ended += 1;
                Some(Vec::new())
            }
            _ => None,
        }
    }

    fn filter(&mut self, items: &[Item], filter: &Filter) -> Option<Vec<Item>> {
        let mut found = Vec::new();
        for item in items {
            let Some(Value::List(list)) = item else { return None };
            for candidate in list.iter() {
                let left = self.list(vec![Some(candidate.clone())], &filter.left);
                let passes = match &filter.comparison {
                    None => left.is_some_and(|left| !left.is_empty()),
                    Some((operator, right)) => self.compare(candidate, left?, operator, right)?,
                };
                if passes {
                    found.push(Some(candidate.clone()));
                }
            }
        }
        Some(found)
    }

    fn compare(
        &mut self,
        candidate: &Value,
        left: Vec<Item>,
        operator: &str,
        right: &[Node],
    ) -> Option<bool> {
        match left.as_slice() {
            [] => Some(false),
            [left] => match self.list(vec![Some(candidate.clone())], right)?.as_slice() {
                [] => Some(false),
                [right] => compare::holds(left.as_ref()?, operator, right.as_ref()?),
                _ => None,
            },
            _ => None,
        }
    }
}

fn field(items: &[Item], name: &str) -> Option<Vec<Item>> {
    let value = |item: &Item| match item {
        Some(Value::Map(map)) => map.get(name),
        _ => None,
    };
    let found: Vec<Item> = items.iter().filter_map(value).map(Some).collect();
    (items.is_empty() || !found.is_empty()).then_some(found)
}

fn array(items: &[Item], slice: Slice) -> Option<Vec<Item>> {
    let mut found = Vec::new();
    for item in items {
        let list = match item {
            Some(Value::Nil) => continue,
            Some(Value::List(list)) => list,
            _ => return None,
        };
        let length = i64::try_from(list.len()).ok()?;
        let mut first = slice.first.unwrap_or_default();
        let mut end = slice.end.unwrap_or(length);
        if first < 0 {
            first += length;
        }
        if end < 0 || (end == 0 && slice.is_index) {
            end += length;
        }
        if first == end {
            // client-go: an empty slice ends the step for all values that follow.
            return Some(found);
        }
        if !(0..length).contains(&first) || !(0..=length).contains(&end) || first > end {
            return None;
        }
        let step = match slice.step {
            Some(step) => usize::try_from(step).ok().filter(|step| *step > 0)?,
            None => 1,
        };
        let range = usize::try_from(first).ok()?..usize::try_from(end).ok()?;
        found.extend(list.get(range)?.iter().step_by(step).cloned().map(Some));
    }
    Some(found)
}

/// Returns the values directly below; those of a text are its bytes.
fn children(item: &Item) -> Vec<Value> {
    match item {
        Some(Value::Map(map)) => map.borrow().iter().map(|(_, value)| value.clone()).collect(),
        Some(Value::List(list)) => list.to_vec(),
        Some(Value::String(text)) => {
            text.as_bytes().iter().map(|byte| Value::Number(Number::Uint8(*byte))).collect()
        }
        _ => Vec::new(),
    }
}

/// Collects the value and all below it that hold values. Values are as deep as their text, so this ends.
fn descend(item: &Item, found: &mut Vec<Item>) {
    let children = children(item);
    if children.is_empty() {
        return;
    }
    found.push(item.clone());
    children.into_iter().for_each(|child| descend(&Some(child), found));
}

#[cfg(test)]
mod tests {
    use super::Template;
    use crate::yaml;

    const VALUES: &str =
        "a: 1\nf: 1.5\nnone: null\ns: x<y\nitems:\n- {name: a, ports: [1, 2]}\n- {name: b, ports: [3]}\n";

    #[track_caller]
    fn check(template: &str, expected: &str) {
        let values = yaml::read(VALUES.as_bytes(), &yaml::Options::default()).unwrap();
        let mut out = Vec::new();
        match Template::parse(template) {
            Ok(template) => {
                template.write(&values, &mut out);
            }
            Err(text) => out = text.into_bytes(),
        }
        assert_eq!(String::from_utf8_lossy(&out), expected, "{template}");
    }

    #[test]
    fn values_of_an_expression_stand_side_by_side() {
        check("{.items[*].name} {.f}!", "a b 1.5!");
        check("{.items[?(@.name==\"b\")].ports}", "[3]");
        check("{['a','s']}", "1 x<y");
        check("{.items[-1].name}{.none}", "bnull");
        check("{..ports}", "[1,2] [3]");
    }

    #[test]
    fn loops_repeat_what_is_between_range_and_end() {
        check("{range .items[*]}{.name}:{range .ports[*]}<{@}>{end};{end}", "a:<1><2>;b:<3>;");
    }

    #[test]
    fn what_is_not_found_leaves_nothing() {
        for template in ["{.b}", "x{.items[7]}", "{.a[0]}", "{end}", "{word}", "{.items[?(@.name>1)]}"] {
            check(template, "");
        }
    }

    #[test]
    fn malformed_templates_are_explained_in_kubectls_words() {
        check("{.a", "unclosed action");
        check("{.a[x]}", "invalid array index x");
        check("{....}", "invalid multiple recursive descent");
        check("{^}", "unrecognized character in action: U+005E '^'");
        check("{'a\\qb'}", "unquote string 'a\\qb' error invalid syntax");
        check("{.items[?(@.n]}", "unterminated filter");
    }
}
