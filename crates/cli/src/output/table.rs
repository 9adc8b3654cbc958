//! Tables as github.com/gosuri/uitable prints them: columns as wide as their widest cell, the last one too, with a tab
//! between them.

use super::width::width;

/// Rows of cells.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    /// The widest a column may be; 0 for any.
    limit: usize,
}

impl Table {
    /// Returns an empty table.
    pub(crate) fn new() -> Table {
        Table::default()
    }

    /// Cuts cells that are wider than so many columns; 0 for none.
    pub(crate) fn limit(self, columns: usize) -> Table {
        Table { limit: columns, ..self }
    }

    /// Adds a row.
    pub(crate) fn add<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Returns the text, with a final line break.
    pub(crate) fn text(&self) -> String {
        let widths = self.widths();
        let lines: Vec<String> = self.rows.iter().map(|row| row_text(row, &widths)).collect();
        lines.join("\n") + "\n"
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths = Vec::new();
        for row in &self.rows {
            widths.resize(widths.len().max(row.len()), 0);
            for (column, cell) in widths.iter_mut().zip(row) {
                let widest = cell.split('\n').map(width).max().unwrap_or(0);
                let widest = if self.limit == 0 { widest } else { widest.min(self.limit) };
                *column = widest.max(*column);
            }
        }
        widths
    }
}

/// Lays out a row. A cell of several lines is cut to the column's width as a whole first, and what is left of its lines
/// is put below each other (uitable: Row.String).
fn row_text(cells: &[String], widths: &[usize]) -> String {
    let cells: Vec<Vec<String>> = cells
        .iter()
        .zip(widths)
        .map(|(cell, columns)| fitted(cell, *columns).split('\n').map(str::to_owned).collect())
        .collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let line = |at: usize| {
        let parts: Vec<String> = cells
            .iter()
            .zip(widths)
            .map(|(lines, columns)| match lines.get(at) {
                Some(line) => fitted(line, *columns),
                None => " ".repeat((*columns).max(1)),
            })
            .collect();
        parts.join("\t")
    };
    (0..height).map(line).collect::<Vec<_>>().join("\n")
}

/// Fills a text with blanks, or cuts it and ends it with dots (strutil.Resize, for which a line break has no width).
fn fitted(text: &str, columns: usize) -> String {
    let own = width(text);
    if columns == 0 || own == columns {
        return text.to_owned();
    }
    if own < columns {
        return format!("{text}{}", " ".repeat(columns - own));
    }
    let mut kept = String::new();
    let mut filled = 0;
    for letter in text.chars() {
        kept.push(letter);
        filled += width(letter.encode_utf8(&mut [0; 4]));
        if filled + 3 >= columns {
            break;
        }
    }
    format!("{kept}...")
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_are_filled_and_lines_are_cut() {
        let mut table = Table::new();
        table.add(["NAME", "DESCRIPTION"]);
        table.add(["a", "first line\nand a second one"]);
        table.add(["表", ""]);
        assert_eq!(
            table.text(),
            "NAME\tDESCRIPTION     \na   \tfirst line      \n    \tand...          \n表  \t                \n"
        );
    }

    #[test]
    fn an_empty_table_is_an_empty_line() {
        assert_eq!(Table::new().text(), "\n");
    }
}
