//! Objects as kubectl's table printer shows them: `meta.k8s.io/v1` tables, columns aligned by a tab writer
//! (cli-runtime/printers/tableprinter.go).

use serde_json::Value;

/// The narrowest column, and the space between columns.
const MINIMUM: usize = 6;
const PADDING: usize = 3;

/// Prints tables one after the other; a header is left out when the one before had the same columns.
#[derive(Debug, Default)]
pub(crate) struct RowPrinter {
    columns: Vec<Value>,
    has_header: bool,
}

impl RowPrinter {
    /// Adds a table to the text. What is no table is named by its kind.
    pub(crate) fn print(&mut self, table: &Value, out: &mut String) {
        let own = table["columnDefinitions"].as_array().map_or(&[][..], Vec::as_slice);
        let no_header = self.has_header && (own.is_empty() || own == self.columns);
        if !own.is_empty() && own != self.columns {
            self.columns = own.to_vec();
            self.has_header = false;
        }
        let rows = table["rows"].as_array().map_or(&[][..], Vec::as_slice);
        if !rows.is_empty() {
            self.has_header = true;
        }
        let mut lines = Vec::with_capacity(rows.len() + 1);
        if !no_header {
            // Without rows kubectl prints no header either.
            if rows.is_empty() {
                return;
            }
            let shown = self.columns.iter().filter(|column| is_shown(column));
            lines.push(shown.map(|column| text(&column["name"]).to_uppercase()).collect());
        }
        lines.extend(rows.iter().map(|row| self.cells(&row["cells"])));
        align(&lines, out);
    }

    fn cells(&self, cells: &Value) -> Vec<String> {
        let cells = cells.as_array().into_iter().flatten();
        cells
            .zip(&self.columns)
            .filter(|(_, column)| is_shown(column))
            .map(|(cell, _)| cell_text(cell))
            .collect()
    }
}

/// Columns of lower priority are for `-o wide`.
fn is_shown(column: &Value) -> bool {
    column["priority"].as_i64().unwrap_or(0) == 0
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Texts are cut at the first line break; everything else is printed as Go prints it.
fn cell_text(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => match text.split_once(['\u{c}', '\n', '\r']) {
            Some((first, _)) => format!("{}...", escaped(first)),
            None => escaped(text),
        },
        Value::Number(number) => number.to_string(),
        other => {
            String::from_utf8_lossy(&value::gofmt::sprint(&[value::json::from_serde(other)])).into_owned()
        }
    }
}

/// Escape sequences must not reach the terminal (printers.WriteEscaped).
fn escaped(text: &str) -> String {
    text.replace('\u{1b}', "^[").replace('\r', "\\r")
}

/// Aligns cells as `text/tabwriter` does: a column reaches over neighbouring lines that have it, and the last cell of a
/// line belongs to none.
fn align(lines: &[Vec<String>], out: &mut String) {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let mut widths: Vec<Vec<usize>> = lines.iter().map(|line| vec![0; line.len()]).collect();
    for column in 0..columns {
        let mut start = 0;
        while start < lines.len() {
            let has_column = |line: &Vec<String>| line.len() > column + 1;
            let length = lines.iter().skip(start).take_while(|line| has_column(line)).count();
            let block = start..start + length;
            let cells = lines.iter().skip(start).take(length).filter_map(|line| line.get(column));
            let widest = cells.map(|cell| cell.chars().count() + PADDING).max().unwrap_or(0).max(MINIMUM);
            for line in widths.get_mut(block).into_iter().flatten() {
                if let Some(width) = line.get_mut(column) {
                    *width = widest;
                }
            }
            start += length.max(1);
        }
    }
    for (line, widths) in lines.iter().zip(&widths) {
        for (cell, width) in line.iter().zip(widths) {
            out.push_str(cell);
            out.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count())));
        }
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::RowPrinter;

    #[test]
    fn a_second_table_of_the_same_columns_has_no_header() {
        let table = |name: &str, data: i64| {
            json!({
                "columnDefinitions": [{"name": "Name"}, {"name": "Data"}, {"name": "Age"}, {"name": "Wide", "priority": 1}],
                "rows": [{"cells": [name, data, "5s\nx", "w"]}],
            })
        };
        let mut printer = RowPrinter::default();
        let mut out = String::new();
        printer.print(&table("a", 1), &mut out);
        printer.print(&table("longer-name", 10), &mut out);
        assert_eq!(out, "NAME   DATA   AGE\na      1      5s...\nlonger-name   10    5s...\n");
    }
}
