//! Vectors from Go's package time.

use super::*;

fn berlin() -> Zone {
    Zone::load("Europe/Berlin", &Zone::Utc).expect("the machine has a zone database")
}

#[test]
fn every_element_is_written() {
    let time = Time::from_unix(1_767_323_045, Zone::Fixed { abbreviation: "".into(), offset: -5_430 })
        .add(Duration(6_700));
    for (layout, text) in [
        ("January Jan 1 01", "January Jan 1 01"),
        ("Monday Mon 2 _2 02 __2 002", "Friday Fri 2  2 02   2 002"),
        ("2006 06 _2006", "2026 26 _2026"),
        ("15 3 03 4 04 5 05 PM pm", "01 1 01 33 33 35 35 AM am"),
        ("MST -0700 -07:00 -07 -070000 -07:00:00", "-0130 -0130 -01:30 -01 -013030 -01:30:30"),
        ("Z0700 Z07:00 Z07", "-0130 -01:30 -01"),
        ("05.000 05,999999999 05.99", "35.000 35,0000067 35"),
        ("Janet Month", "Janet Month"),
    ] {
        assert_eq!(time.format(layout), text);
    }
    assert_eq!(time.to_string(), "2026-01-02 01:33:35.0000067 -0130 -0130");
    assert_eq!(Time::ZERO.to_string(), "0001-01-01 00:00:00 +0000 UTC");
}

#[test]
fn zones_follow_their_rules() {
    let summer = Time::from_unix(1_751_328_000, berlin());
    assert_eq!(summer.to_string(), "2025-07-01 02:00:00 +0200 CEST");
    // A clock set forward skips this hour.
    let skipped = parse_in("2006-01-02 15:04", "2025-03-30 02:30", &berlin()).unwrap();
    assert_eq!(skipped.to_string(), "2025-03-30 03:30:00 +0200 CEST");
    // Rules of years no database reaches.
    assert_eq!(Time::from_unix(287_062_952_186, berlin()).format("15 MST"), "22 CEST");
}

#[test]
fn texts_are_read() {
    for (layout, text, expected) in [
        ("2006-01-02", "2024-02-29", "2024-02-29 00:00:00 +0000 UTC"),
        ("2006-01-02T15:04:05Z07:00", "2024-02-29T01:02:03.5+02:00", "2024-02-29 01:02:03.5 +0200 +0200"),
        ("Mon, 02 Jan 2006 15:04:05 MST", "Tue, 10 Nov 2009 23:00:00 PST", "2009-11-10 23:00:00 +0000 PST"),
        ("02 Jan 06 3pm GMT", "02 feb 69 12am GMT", "1969-02-02 00:00:00 +0000 UTC"),
        ("2006-002", "2024-060", "2024-02-29 00:00:00 +0000 UTC"),
        ("15:04 MST", "10:00 GMT+3", "0000-01-01 13:00:00 +0300 GMT+3"),
    ] {
        assert_eq!(parse(layout, text, &Zone::Utc).unwrap().to_string(), expected);
    }
    let named = parse_in("2006-01-02 15:04 MST", "2025-07-01 02:00 CEST", &berlin()).unwrap();
    assert_eq!(named, Time::from_unix(1_751_328_000, berlin()));
}

#[test]
fn errors_have_gos_texts() {
    for (layout, text, expected) in [
        ("2006-01-02", "x", r#"parsing time "x" as "2006-01-02": cannot parse "x" as "2006""#),
        (
            "2006-01-02",
            "2024/01/02",
            r#"parsing time "2024/01/02" as "2006-01-02": cannot parse "/01/02" as "-""#,
        ),
        ("2006-01-02", "2024-13-02", r#"parsing time "2024-13-02": month out of range"#),
        ("2006-01-02", "2023-02-29", r#"parsing time "2023-02-29": day out of range"#),
        ("2006-01-02", "2023-02-28é", r#"parsing time "2023-02-28\xc3\xa9": extra text: "\xc3\xa9""#),
        (
            "2006-01-02 002",
            "2023-02-28 001",
            r#"parsing time "2023-02-28 001": day-of-year does not match month"#,
        ),
        ("-07:00", "+25:61", r#"parsing time "+25:61": time zone offset minute out of range"#),
    ] {
        assert_eq!(parse(layout, text, &Zone::Utc).unwrap_err().to_string(), expected);
    }
}
