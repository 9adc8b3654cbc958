//! The difference of two specs as messages show it: a unified diff of their indented JSON (apimachinery, `util/diff`).

use std::fmt::Write;

const CONTEXT: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Edit {
    Keep,
    Remove,
    Add,
}

/// The hunks of the change from `old` to `new`, without file names.
pub(super) fn unified(old: &[String], new: &[String]) -> String {
    let edits = edits(old, new);
    let mut out = String::new();
    let mut next = 0;
    while let Some(first) = (next..edits.len()).find(|&i| edits[i] != Edit::Keep) {
        let start = first.saturating_sub(CONTEXT).max(next);
        let end = hunk_end(&edits, first);
        write_hunk(&edits, start, end, old, new, &mut out);
        next = end;
    }
    out
}

// A hunk goes on while fewer than two contexts of unchanged lines part its changes.
fn hunk_end(edits: &[Edit], first: usize) -> usize {
    let mut last = first;
    for (index, edit) in edits.iter().enumerate().skip(first) {
        if *edit != Edit::Keep {
            last = index;
        } else if index - last > 2 * CONTEXT {
            break;
        }
    }
    (last + 1 + CONTEXT).min(edits.len())
}

fn write_hunk(edits: &[Edit], start: usize, end: usize, old: &[String], new: &[String], out: &mut String) {
    let count = |range: &[Edit], skip: Edit| range.iter().filter(|edit| **edit != skip).count();
    let (mut at_old, mut at_new) = (count(&edits[..start], Edit::Add), count(&edits[..start], Edit::Remove));
    let hunk = &edits[start..end];
    let (old_range, new_range) =
        (range(at_old, count(hunk, Edit::Add)), range(at_new, count(hunk, Edit::Remove)));
    let _ = writeln!(out, "@@ -{old_range} +{new_range} @@");
    for edit in hunk {
        let _ = match edit {
            Edit::Keep => writeln!(out, " {}", old[at_old]),
            Edit::Remove => writeln!(out, "-{}", old[at_old]),
            Edit::Add => writeln!(out, "+{}", new[at_new]),
        };
        at_old += usize::from(*edit != Edit::Add);
        at_new += usize::from(*edit != Edit::Remove);
    }
}

// One line is written without its length; an empty range begins before itself.
fn range(start: usize, length: usize) -> String {
    match length {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        _ => format!("{},{length}", start + 1),
    }
}

// Removals before additions within each change, from the longest common subsequence of what is not alike at both ends.
fn edits(old: &[String], new: &[String]) -> Vec<Edit> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut edits = vec![Edit::Keep; head];
    edits.extend(middle(a, b));
    edits.extend(vec![Edit::Keep; tail]);
    edits
}

fn middle(a: &[String], b: &[String]) -> Vec<Edit> {
    // What would take too long to compare is replaced as a whole.
    if a.len() * b.len() > 1_000_000 {
        return [vec![Edit::Remove; a.len()], vec![Edit::Add; b.len()]].concat();
    }
    let width = b.len() + 1;
    let mut length = vec![0usize; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            length[i * width + j] = if a[i] == b[j] {
                length[(i + 1) * width + j + 1] + 1
            } else {
                length[(i + 1) * width + j].max(length[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut edits) = (0, 0, Vec::new());
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            edits.push(Edit::Keep);
            (i, j) = (i + 1, j + 1);
        } else if j == b.len() || i < a.len() && length[(i + 1) * width + j] >= length[i * width + j + 1] {
            edits.push(Edit::Remove);
            i += 1;
        } else {
            edits.push(Edit::Add);
            j += 1;
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_change_is_shown_with_three_lines_around_it() {
        let (old, new) = (lines("a b c d e f g h i"), lines("a b c d X f g h i"));
        assert_eq!(unified(&old, &new), "@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+X\n f\n g\n h\n");
    }

    #[test]
    fn far_changes_are_hunks_of_their_own() {
        let (old, new) = (lines("a b c d e f g h i j"), lines("A b c d e f g h i J"));
        let shown = unified(&old, &new);
        assert_eq!(shown.matches("@@ -").count(), 2, "{shown}");
    }
}
