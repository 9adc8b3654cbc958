//! Rule tests of the module above.

use super::*;

fn regex(expression: &str) -> Regex {
    Regex::new(expression.as_bytes()).unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

// Go: regexp.Compile of each.
#[test]
fn faults_have_gos_texts() {
    for (expression, expected) in [
        ("a(", "missing closing ): `a(`"),
        ("a)", "unexpected ): `a)`"),
        ("[a", "missing closing ]: `[a`"),
        ("x[z-a]", "invalid character class range: `z-a`"),
        ("[[:nope:]]", "invalid character class range: `[:nope:]`"),
        (r"\p{Nope}", r"invalid character class range: `\p{Nope}`"),
        (r"\8", r"invalid escape sequence: `\8`"),
        (r"\C", r"invalid escape sequence: `\C`"),
        (r"a\", "trailing backslash at end of expression: ``"),
        ("*a", "missing argument to repetition operator: `*`"),
        ("(|*)", "missing argument to repetition operator: `*`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("a*?{2}x", "invalid nested repetition operator: `*?{2}`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("(a{100}){11}", "invalid repeat count: `{11}`"),
        ("a{3,2}", "invalid repeat count: `{3,2}`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?i-)a", "invalid or unsupported Perl syntax: `(?i-)`"),
        ("(?P<n", "invalid named capture: `(?P<n`"),
        ("(?P<n!>a)", "invalid named capture: `(?P<n!>`"),
    ] {
        let error = Regex::new(expression.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), format!("error parsing regexp: {expected}"));
    }
    let error = Regex::new(b"a(").unwrap_err();
    assert_eq!(
        error.panic_text(b"a("),
        "regexp: Compile(`a(`): error parsing regexp: missing closing ): `a(`"
    );
}

#[test]
fn classes_are_those_of_ascii() {
    assert!(!regex(r"^\w$").is_match("é".as_bytes()));
    assert!(regex(r"^\W$").is_match("é".as_bytes()));
    assert!(regex(r"^[\d-z]$").is_match(b"-"));
    assert!(regex(r"^[^\x{80}-\x{10FFFF}]$").is_match(b"a"));
    assert!(regex(r"^\p{Greek}\pL\P{^Lu}$").is_match("αβΑ".as_bytes()));
    assert!(regex(r"\Qa.b\E+$").is_match(b"a.bbb"));
    assert!(regex("a(?i)*B").is_match(b"aab"));
    assert!(regex("a{,2}").is_match(b"a{,2}"));
}

#[test]
fn matches_are_found_up_to_a_limit() {
    let all =
        |expression, input: &'static str, limit| regex(expression).find_all(input.as_bytes(), limit).len();
    assert_eq!(regex("a.").find_all(b"abacad", 2), [b"ab", b"ac"]);
    assert_eq!(
        [all("a*", "baac", -1), all("", "日本", -1), all("x", "abc", -1), all("a", "aaa", 0)],
        [3, 3, 0, 0]
    );
}

#[test]
fn splitting_follows_gos_rules() {
    let split = |expression, input: &'static str, limit| {
        regex(expression)
            .split(input.as_bytes(), limit)
            .iter()
            .map(|part| text(part.to_vec()))
            .collect::<Vec<_>>()
    };
    assert_eq!(split("a", "banana", -1), ["b", "n", "n", ""]);
    assert_eq!(split("a", "banana", 2), ["b", "nana"]);
    assert_eq!(split("", "日本", -1), ["日", "本"]);
    assert_eq!(split("a*", "baac", -1), ["b", "c"]);
    assert_eq!(split("a", "", -1), [""]);
    assert_eq!(split("", "", -1), [""; 0]);
    assert_eq!(split("a", "banana", 0), [""; 0]);
}

#[test]
fn templates_name_groups() {
    let replace = |expression, input: &str, template: &str| {
        text(regex(expression).replace_all(input.as_bytes(), template.as_bytes()))
    };
    assert_eq!(replace("a(x*)b", "-ab-axxb-", "${1}W"), "-W-xxW-");
    assert_eq!(replace("a(x*)b", "-ab-axxb-", "$1W"), "---");
    assert_eq!(replace("a(?P<1W>x*)b", "-axxb-", "$1W"), "-xx-");
    assert_eq!(replace("a", "bab", "$$-$-${-$x"), "b$-$-${-b");
    assert_eq!(replace("a*", "baac", "x"), "xbxcx");
    assert_eq!(replace(r"(\w)\b", "ab c", "<$1>"), "a<b> <c>");
    assert_eq!(text(regex("a").replace_all_literal(b"bab", b"$1")), "b$1b");
}

#[test]
fn bytes_that_are_no_text_are_one_character_each() {
    assert_eq!(regex(".").find_all(b"a\xff\xc3b", -1), [b"a" as &[u8], b"\xff", b"\xc3", b"b"]);
    assert_eq!(regex("b").replace_all(b"\xffb\xff", b"c"), b"\xffc\xff");
    assert_eq!(Regex::new(b"a\xff").unwrap_err().fault, Fault::InvalidUtf8);
}

#[test]
fn special_letters_are_quoted() {
    assert_eq!(quote_meta(b"1.2-[x]$"), br"1\.2-\[x\]\$");
}

#[test]
fn texts_of_ascii_and_others_are_searched_alike() {
    for (expression, ascii, other) in [
        (r"(?i)[^k]+", "aKb", "aKéb"),
        (r"\W", "a b", "aéb"),
        ("(?i)s", "xS", "xſ"),
        (r"[^\x{e9}]+", "ab", "éab"),
        (".", "z", "é"),
        (r"\pL{2}", "ab", "éa"),
    ] {
        let found = |haystack: &str| text(regex(expression).find(haystack.as_bytes()).to_vec());
        let expected = |haystack: &str| {
            let any = regex::Regex::new(&translate(expression).unwrap().pattern).unwrap();
            any.find(haystack).map_or(String::new(), |found| found.as_str().to_owned())
        };
        assert_eq!(found(ascii), expected(ascii), "{expression}");
        assert_eq!(found(other), expected(other), "{expression}");
    }
    let both = regex("([a-z])([^a-z])");
    assert_eq!(text(both.replace_all(b"a1b2", b"$2$1")), "1a2b");
    assert_eq!(text(both.replace_all("aéb2".as_bytes(), b"$2$1")), "éa2b");
}
