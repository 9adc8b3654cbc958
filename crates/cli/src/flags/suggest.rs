//! Which flag or command a mistyped one may have meant.

use crate::flags::Flag;

/// How many letters a mistyped name may differ in.
const MAX_DISTANCE: usize = 2;

/// Returns the flag whose name is most like a mistyped one, if any is.
pub(crate) fn similar_flag<'t>(typed: &str, table: impl Iterator<Item = &'t Flag>) -> Option<&'static str> {
    let visible = table.filter(|flag| !flag.is_hidden && !typed.is_empty());
    let distances = visible.map(|flag| (edit_distance(typed, flag.name), flag.name));
    let limit = MAX_DISTANCE.min(typed.chars().count() / 2);
    distances.filter(|(distance, _)| *distance <= limit).min().map(|(_, name)| name)
}

/// Returns how many letters must be put in, taken out or changed to make one word the other (Levenshtein).
pub(crate) fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(x != *y)).min(above + 1).min(row[j] + 1);
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{edit_distance, similar_flag};
    use crate::flags::boolean;

    #[test]
    fn the_nearest_flag_is_suggested_if_it_is_near() {
        let table = [boolean("namespace", ""), boolean("name-template", ""), boolean("wait", "")];
        assert_eq!(similar_flag("namepsace", table.iter()), Some("namespace"));
        assert_eq!(similar_flag("wiat", table.iter()), Some("wait"));
        assert_eq!(similar_flag("unrelated", table.iter()), None);
        assert_eq!(similar_flag("x", table.iter()), None);
    }

    #[test]
    fn distance_counts_letters() {
        assert_eq!(edit_distance("lis", "list"), 1);
        assert_eq!(edit_distance("unistall", "uninstall"), 1);
    }
}
