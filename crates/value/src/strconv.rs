//! Numbers, booleans and quoted strings read and written as Go's strconv does, with its error texts.

/// Returns a Go string literal of the bytes (Go's `strconv.Quote`).
pub fn quote(bytes: &[u8]) -> String {
    let mut quoted = String::with_capacity(bytes.len() + 2);
    quoted.push('"');
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|letter| push_quoted(&mut quoted, letter));
        chunk.invalid().iter().for_each(|byte| quoted.push_str(&format!("\\x{byte:02x}")));
    }
    quoted.push('"');
    quoted
}

fn push_quoted(quoted: &mut String, letter: char) {
    match letter {
        '"' => quoted.push_str("\\\""),
        '\\' => quoted.push_str("\\\\"),
        '\u{7}' => quoted.push_str("\\a"),
        '\u{8}' => quoted.push_str("\\b"),
        '\u{c}' => quoted.push_str("\\f"),
        '\n' => quoted.push_str("\\n"),
        '\r' => quoted.push_str("\\r"),
        '\t' => quoted.push_str("\\t"),
        '\u{b}' => quoted.push_str("\\v"),
        _ if is_print(letter) => quoted.push(letter),
        '\0'..=' ' | '\u{7f}' => quoted.push_str(&format!("\\x{:02x}", letter as u32)),
        '\u{80}'..='\u{ffff}' => quoted.push_str(&format!("\\u{:04x}", letter as u32)),
        _ => quoted.push_str(&format!("\\U{:08x}", letter as u32)),
    }
}

/// Tells whether Go prints a character as it is: letters, marks, numbers, punctuation, symbols and the blank
/// (`strconv.IsPrint`). Rust's own escaping follows the same categories, and adds the characters it keeps
/// apart for other reasons.
pub fn is_print(letter: char) -> bool {
    match letter {
        ' '..='~' => true,
        '\0'..='\u{a0}' | '\u{ad}' => false,
        // Marks that extend the letter before them are printed by Go and escaped by Rust.
        _ => {
            letter.is_alphanumeric()
                || !letter.escape_debug().to_string().starts_with("\\u{")
                || is_mark(letter)
        }
    }
}

/// Grapheme extenders are marks, but for the non-joiner and a few format characters.
fn is_mark(letter: char) -> bool {
    let text = ['a', letter].iter().collect::<String>();
    letter != '\u{200c}'
        && !('\u{e0000}'..='\u{e007f}').contains(&letter)
        && !text.escape_debug().to_string().contains("\\u{")
}

#[cfg(test)]
mod tests {
    use super::*;

    // Go: strconv.Quote of each.
    #[test]
    fn quotes_like_go() {
        assert_eq!(quote("a\"b\\c\n\t\u{1}\u{7f}".as_bytes()), r#""a\"b\\c\n\t\x01\x7f""#);
        assert_eq!(
            quote("é日\u{301}\u{a0}\u{200c}\u{2028}\u{feff}😀".as_bytes()),
            "\"é日\u{301}\\u00a0\\u200c\\u2028\\ufeff😀\""
        );
        assert_eq!(quote(b"\xff\xc3("), r#""\xff\xc3(""#);
    }
}
