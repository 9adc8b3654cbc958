//! One line of comma-separated values, as Go's `encoding/csv` reads it for pflag's `stringSlice`.

/// Splits the first record of a text into its fields.
///
/// # Errors
/// Go's texts for stray and missing quotes.
pub(super) fn read_record(text: &str) -> Result<Vec<String>, String> {
    let mut fields = Vec::new();
    let mut rest = text;
    let mut column = 1;
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => read_quoted(quoted, column)?,
            None => read_plain(rest, column)?,
        };
        column += rest.len() - after.len();
        fields.push(field);
        match after.strip_prefix(',') {
            Some(next) => {
                rest = next;
                column += 1;
            }
            None => return Ok(fields),
        }
    }
}

fn read_plain(text: &str, column: usize) -> Result<(String, &str), String> {
    let end = text.find([',', '\n']).unwrap_or(text.len());
    let (field, after) = text.split_at(end);
    match field.find('"') {
        Some(at) => {
            Err(format!("parse error on line 1, column {}: bare \" in non-quoted field", column + at))
        }
        None => Ok((field.trim_end_matches('\r').to_owned(), after)),
    }
}

fn read_quoted(text: &str, column: usize) -> Result<(String, &str), String> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let Some(end) = rest.find('"') else {
            let end = column + 1 + text.len();
            return Err(format!(
                "parse error on line 1, column {end}: extraneous or missing \" in quoted-field"
            ));
        };
        field.push_str(&rest[..end]);
        let after = &rest[end + 1..];
        if let Some(next) = after.strip_prefix('"') {
            field.push('"');
            rest = next;
        } else if after.is_empty() || after.starts_with([',', '\n']) {
            return Ok((field, after));
        } else {
            let at = column + 1 + (text.len() - after.len()) - 1;
            return Err(format!(
                "parse error on line 1, column {at}: extraneous or missing \" in quoted-field"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read_record;

    #[test]
    fn quotes_protect_commas_and_are_doubled_inside() {
        assert_eq!(read_record("a,\"b,c\",\"d\"\"e\"").unwrap(), ["a", "b,c", "d\"e"]);
        assert_eq!(read_record("a,").unwrap(), ["a", ""]);
        assert!(read_record("a\"b").is_err());
        assert!(read_record("\"a").is_err());
    }
}
