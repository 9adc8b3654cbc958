//! Looking through indexes for words (Helm: cmd/search/search.go). Pure.

use value::semver::{Constraints, Version};

use crate::index::{Entry, Index};

/// Between the parts of a chart's line; where a word is found in it decides the rank.
const SEPARATOR: char = '\u{b}';

/// What is looked for.
pub enum Query<'a> {
    /// Every chart.
    All,
    /// Charts that have this text, letters large or small.
    Literal(&'a str),
    /// Charts in whose line this expression finds something; it returns where.
    Expression(&'a dyn Fn(&str) -> Option<usize>),
}

/// A chart that was found.
#[derive(Debug, Clone)]
pub struct Found<'a> {
    /// The name with its repository.
    pub name: String,
    /// The version.
    pub entry: Entry<'a>,
    rank: usize,
    version: Option<Version>,
}

/// Looks through indexes, each with its repository's name; with `all_versions` not only at the highest of each chart.
///
/// The best come first: found in the name, then with the repository, in the description, in the keywords; equals by name,
/// then from the highest version to the lowest.
pub fn search<'a>(indexes: &'a [(String, Index)], all_versions: bool, query: &Query<'_>) -> Vec<Found<'a>> {
    let literal = if let Query::Literal(word) = query { word.to_lowercase() } else { String::new() };
    let mut found = Vec::new();
    let mut line = String::new();
    for (repository, index) in indexes {
        for chart in index.charts() {
            let name = path_join(repository, chart.name());
            // Helm keeps lines in a map whose keys have the version behind `$$`.
            let name = name.split("$$").next().unwrap_or(&name);
            let count = if all_versions { usize::MAX } else { 1 };
            for entry in chart.entries().take(count) {
                write_line(&mut line, repository, entry);
                let place = match query {
                    Query::All => Some(0),
                    Query::Literal(_) => {
                        line = line.to_lowercase();
                        line.find(&literal).map(|at| rank(&line, at))
                    }
                    Query::Expression(find) => find(&line).map(|at| rank(&line, at)),
                };
                if let Some(rank) = place {
                    let version = Version::parse(entry.version()).ok();
                    found.push(Found { name: name.to_owned(), entry, rank, version });
                }
            }
        }
    }
    found.sort_by(|a, b| {
        let by_name = (a.rank, &a.name).cmp(&(b.rank, &b.name));
        by_name.then_with(|| b.version.partial_cmp(&a.version).unwrap_or(std::cmp::Ordering::Equal))
    });
    found.dedup_by(|a, b| a.name == b.name && a.entry.version() == b.entry.version());
    found
}

/// Keeps the versions in a range, of each chart only the first unless all are wanted.
pub fn in_range<'a>(found: Vec<Found<'a>>, range: &Constraints, all_versions: bool) -> Vec<Found<'a>> {
    let mut names = std::collections::HashSet::new();
    let is_kept = |found: &Found<'a>| {
        let is_new = all_versions || !names.contains(&found.name);
        let fits = is_new && found.version.as_ref().is_some_and(|version| range.check(version));
        if fits {
            names.insert(found.name.clone());
        }
        fits
    };
    let mut is_kept = is_kept;
    found.into_iter().filter(|found| is_kept(found)).collect()
}

fn write_line(line: &mut String, repository: &str, entry: Entry<'_>) {
    line.clear();
    let name = entry.name();
    for piece in
        [name, "\u{b}", repository, "/", name, "\u{b}", entry.description(), "\u{b}", entry.keywords()]
    {
        line.push_str(piece);
    }
}

/// Returns in which part of a line a place lies.
fn rank(line: &str, at: usize) -> usize {
    // A separator that is found itself belongs to the part before.
    line.match_indices(SEPARATOR).filter(|(place, _)| *place < at).count()
}

/// Go's `path.Join`.
fn path_join(repository: &str, chart: &str) -> String {
    match (repository.is_empty(), chart.is_empty()) {
        (true, true) => String::new(),
        (true, false) => chart::clean(chart),
        (false, true) => chart::clean(repository),
        (false, false) => chart::clean(&format!("{repository}/{chart}")),
    }
}

#[cfg(test)]
mod tests {
    use value::semver::Constraints;

    use super::{Query, in_range, search};
    use crate::index;

    const INDEX: &str = "apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0, description: a server}\n  \
        - {name: web, version: 2.0.0-rc.1, description: a Server}\n  proxy:\n  \
        - {name: proxy, version: 1.0.0, description: before the web, keywords: [edge]}\n";

    fn names(query: &Query<'_>, all: bool, range: &str) -> Vec<String> {
        let indexes = [("r".to_owned(), index::read(INDEX.as_bytes()).unwrap())];
        let found = in_range(search(&indexes, all, query), &Constraints::parse(range).unwrap(), all);
        found.iter().map(|found| format!("{} {}", found.name, found.entry.version())).collect()
    }

    #[test]
    fn names_count_before_descriptions() {
        assert_eq!(names(&Query::Literal("WEB"), true, ">0"), ["r/web 1.0.0", "r/proxy 1.0.0"]);
        assert_eq!(names(&Query::Literal("edge"), true, ">0"), ["r/proxy 1.0.0"]);
    }

    #[test]
    fn without_a_range_only_the_highest_is_looked_at() {
        assert_eq!(names(&Query::All, false, ">0"), ["r/proxy 1.0.0"]);
        assert_eq!(names(&Query::All, true, ">0-0"), ["r/proxy 1.0.0", "r/web 2.0.0-rc.1", "r/web 1.0.0"]);
    }
}
