//! Rule tests of the module above.

use super::*;

fn holds(constraint: &str, version: &str) -> bool {
    Constraints::parse(constraint).unwrap().check(&Version::parse(version).unwrap())
}

// The tables of Masterminds' README, and what Helm 4.3.1 answers.
#[test]
fn operators_and_wildcards() {
    for (constraint, version, expected) in [
        ("1.2.3", "1.2.3", true),
        ("=1.2", "1.2.9", true),
        ("!=1.2", "1.2.9", false),
        ("!=1.2.x", "1.3.0", true),
        (">11", "11.1.0", false),
        (">11", "12.0.0", true),
        (">1.2", "1.2.9", false),
        (">1.2", "1.3.0", true),
        ("<=1.2", "1.2.9", true),
        ("<=1.2", "1.3.0", false),
        ("=<1", "1.9.9", true),
        ("=>1.2.3", "1.2.3", true),
        ("<1.2", "1.1.9", true),
        ("~1.2.3", "1.2.9", true),
        ("~1.2.3", "1.3.0", false),
        ("~1", "1.9.0", true),
        ("~>2", "2.1.0", true),
        ("~0.0.0", "5.0.0", true),
        ("^1.2.3", "1.9.0", true),
        ("^0.2.3", "0.3.0", false),
        ("^0.0.3", "0.0.4", false),
        ("^0.0", "0.0.9", true),
        ("^0", "0.9.0", true),
        ("*", "3.4.5", true),
        ("x.x", "3.4.5", true),
        ("1.2 - 1.4.5", "1.4.5", true),
        ("1.2 - 1.4.5", "1.4.6", false),
        ("1 - 2 || 4 - 5", "4.1.0", true),
        (">=1.2, <2 || 3", "3.9.0", true),
        (">1 <3", "2.0.0", true),
        (">= 1.0 , < 2", "1.5.0", true),
    ] {
        assert_eq!(holds(constraint, version), expected, "{constraint} {version}");
    }
}

#[test]
fn prereleases_count_only_where_one_is_named() {
    assert!(!holds(">=1.0", "1.5.0-beta"));
    assert!(holds(">=1.0-0", "1.5.0-beta"));
    assert!(holds(">=1.0-0, <2", "1.5.0-beta"));
    assert!(!holds(">=2-0 || >=1.0", "1.5.0-beta"));
    assert!(!holds("!=1.0.0", "2.0.0-rc"));
}

#[test]
fn malformed_constraints_are_improper() {
    let text = |constraint| Constraints::parse(constraint).unwrap_err().to_string();
    for constraint in ["", "a", "==1", ">=", "1,,2", "1,", "1.2.3.4", "> =1", "1>2"] {
        assert_eq!(text(constraint), format!("improper constraint: {}", quote(&constraint)));
    }
    assert_eq!(text("1 ||"), "improper constraint: \"\"");
    assert_eq!(text("1 || a"), "improper constraint: \" a\"");
    assert_eq!(text("1|2"), "constraint parser error");
    assert_eq!(text(">=1.2 - 3"), "improper constraint: \">=>= 1.2, <= 3 \"");
}

#[test]
fn constraints_are_written_with_blanks() {
    let constraints = Constraints::parse(">=1.2,<2  ||  ~ 3.x").unwrap();
    assert_eq!(constraints.to_string(), ">=1.2 <2 || ~3.x");
}

#[test]
fn violations_are_told_for_each_comparison() {
    let texts = |constraint, version| {
        let violations = Constraints::parse(constraint).unwrap().validate(&Version::parse(version).unwrap());
        violations.unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(texts(">1, <2", "3"), [r#""3.0.0" is greater than or equal to "2""#]);
    assert_eq!(
        texts("=2 || ^4", "3"),
        [r#""3.0.0" does not have same major version as "2""#, r#""3.0.0" is less than "4""#]
    );
    assert_eq!(
        texts("1 || 2", "2-a"),
        [r#""2.0.0-a" is a prerelease version and the constraint is only looking for release versions"#]
    );
    assert!(Constraints::parse("1 || 2").unwrap().validate(&Version::parse("2.1").unwrap()).is_ok());
}
