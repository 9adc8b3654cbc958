//! Directories and archives.

use std::fs;
use std::path::PathBuf;

use chart::files;
use flate2::{Compression, write::GzEncoder};

const CHART: &str = "apiVersion: v2\nname: c\nversion: 0.1.0\n";

/// Makes an empty directory of the test's own below the build's directory for tests.
fn directory(test: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(path.join("templates")).unwrap();
    path
}

fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, data) in members {
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(data.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, *data).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

fn names(files: &[chart::File]) -> Vec<&str> {
    files.iter().map(|file| &*file.name).collect()
}

#[test]
fn a_directory_is_read_in_the_order_of_its_names_without_what_is_ignored() {
    let path = directory("order");
    fs::write(path.join("Chart.yaml"), format!("\u{feff}{CHART}")).unwrap();
    fs::write(path.join(".helmignore"), "*.txt\n").unwrap();
    for name in ["b", "a", "x.txt", "templates/.hidden", "templates/t.yaml"] {
        fs::write(path.join(name), name).unwrap();
    }
    let chart = files::load(path.to_str().unwrap(), &mut Vec::new()).unwrap();
    assert_eq!(names(&chart.files), [".helmignore", "a", "b"]);
    assert_eq!(names(&chart.templates), ["templates/t.yaml"]);
    assert!(chart.raw[1].data.starts_with(b"apiVersion"));
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_told() {
    let path = directory("links");
    fs::write(path.join("Chart.yaml"), CHART).unwrap();
    std::os::unix::fs::symlink("Chart.yaml", path.join("link")).unwrap();
    let mut warnings = Vec::new();
    let chart = files::load(path.to_str().unwrap(), &mut warnings).unwrap();
    assert_eq!(names(&chart.files), ["link"]);
    let text = warnings[0].to_string();
    assert!(text.starts_with(
        "level=INFO msg=\"found symbolic link in path. Contents of linked file included and used\""
    ));

    std::os::unix::fs::symlink("nowhere", path.join("dead")).unwrap();
    let path = path.to_str().unwrap();
    let text = files::load(path, &mut warnings).err().unwrap().full_text();
    assert_eq!(
        text,
        format!("error evaluating symlink {path}/dead: lstat {path}/nowhere: no such file or directory")
    );
}

#[test]
fn a_directory_without_chart_file_is_no_chart() {
    let path = directory("none");
    let path = path.to_str().unwrap();
    let text = files::load(path, &mut Vec::new()).err().unwrap().full_text();
    let expected = format!(
        "unable to detect chart at {path}/Chart.yaml: open {path}/Chart.yaml: no such file or directory"
    );
    assert_eq!(text, expected);
    fs::write(format!("{path}/Chart.yaml"), "apiVersion: v9").unwrap();
    assert_eq!(files::load(path, &mut Vec::new()).err().unwrap().to_string(), "unsupported chart version");
}

#[test]
fn an_archive_holds_a_chart_and_charts_in_it_may_be_archives() {
    let inner = archive(&[("sub/Chart.yaml", b"{name: sub, version: 1}")]);
    let bytes = archive(&[("c/Chart.yaml", CHART.as_bytes()), ("c/charts/sub-1.tgz", &inner)]);
    let chart = files::from_archive(bytes, &mut Vec::new()).unwrap();
    assert_eq!(chart.dependencies[0].name(), "sub");
    assert_eq!(chart.crds().len(), 0);
}

#[test]
fn broken_archives_have_gos_words_below_and_helms_at_the_top() {
    let subchart = |bytes: &[u8]| {
        let files = vec![
            chart::File::new("Chart.yaml", CHART),
            chart::File { data: bytes.into(), ..chart::File::new("charts/x.tgz", "") },
        ];
        chart::from_files(files, &mut Vec::new()).err().unwrap().full_text()
    };
    let whole = archive(&[("c/Chart.yaml", CHART.as_bytes())]);
    let prefix = "error unpacking subchart x.tgz in c: ";
    assert_eq!(subchart(b""), format!("{prefix}EOF"));
    assert_eq!(subchart(b"hi"), format!("{prefix}unexpected EOF"));
    assert_eq!(subchart(b"longer than ten bytes"), format!("{prefix}gzip: invalid header"));
    assert_eq!(subchart(&whole[..40]), format!("{prefix}unexpected EOF"));
    assert_eq!(
        files::from_archive(&whole[..40], &mut Vec::new()).err().unwrap().to_string(),
        "unable to load chart archive"
    );
    assert_eq!(subchart(&archive(&[])), format!("{prefix}no files in chart archive"));
}

#[test]
fn a_file_among_the_charts_is_taken_for_one() {
    let files = [("Chart.yaml", CHART), ("charts/README.md", "x"), ("charts/_x", ""), ("charts/.y", "")];
    let text = crate::load(&files, &mut Vec::new()).err().unwrap().full_text();
    assert_eq!(text, "error unpacking subchart README.md in c: Chart.yaml file is missing");
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_are_found_whatever_the_files_hold() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let path = directory("names_that_are_no_text");
    fs::write(path.join("Chart.yaml"), CHART).unwrap();
    fs::write(path.join(OsStr::from_bytes(b"a\xff")), "").unwrap();
    fs::write(path.join(OsStr::from_bytes(b"b\xff")), "held").unwrap();
    let found = files::read_directory(path.to_str().unwrap(), &mut Vec::new()).unwrap();
    let told: Vec<_> = found.iter().map(|file| (&*file.name, file.data.len())).collect();
    assert_eq!(told, [("Chart.yaml", CHART.len()), ("a\u{fffd}", 0), ("b\u{fffd}", 4)]);
}
