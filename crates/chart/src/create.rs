//! A new chart: the files of the scaffold, or of a starter chart under a new name. Pure.

use value::Str;

use crate::{Chart, Error, File, Metadata, go_text, package};

/// Stands for the chart's name in the scaffold and in starters.
const PLACEHOLDER: &str = "<CHARTNAME>";

/// The longest name of a chart (Helm: chart/v2/util/create.go, maxChartNameLength).
const MAX_NAME_BYTES: usize = 250;

/// The files of the scaffold, in the order Helm writes them.
const SCAFFOLD: &[(&str, &str)] = &[
    ("Chart.yaml", include_str!("../scaffold/Chart.yaml")),
    ("values.yaml", include_str!("../scaffold/values.yaml")),
    (".helmignore", include_str!("../scaffold/helmignore")),
    ("templates/ingress.yaml", include_str!("../scaffold/templates/ingress.yaml")),
    ("templates/httproute.yaml", include_str!("../scaffold/templates/httproute.yaml")),
    ("templates/deployment.yaml", include_str!("../scaffold/templates/deployment.yaml")),
    ("templates/service.yaml", include_str!("../scaffold/templates/service.yaml")),
    ("templates/serviceaccount.yaml", include_str!("../scaffold/templates/serviceaccount.yaml")),
    ("templates/hpa.yaml", include_str!("../scaffold/templates/hpa.yaml")),
    ("templates/NOTES.txt", include_str!("../scaffold/templates/NOTES.txt")),
    ("templates/_helpers.tpl", include_str!("../scaffold/templates/_helpers.tpl")),
    (
        "templates/tests/test-connection.yaml",
        include_str!("../scaffold/templates/tests/test-connection.yaml"),
    ),
];

/// Checks the name of a new chart (`validateChartName`).
///
/// # Errors
/// In Helm's words.
pub fn check_name(name: &str) -> Result<(), Error> {
    if name.is_empty() || name.len() > MAX_NAME_BYTES {
        return Err(Error::refused(format!("chart name must be between 1 and {MAX_NAME_BYTES} characters")));
    }
    let is_allowed = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'.' | b'_' | b'-');
    match name.bytes().all(is_allowed) {
        true => Ok(()),
        false => Err(Error::refused("chart name must match the regular expression \"^[a-zA-Z0-9._-]+$\"")),
    }
}

/// Returns the files of a new chart of that name. It has an empty folder `charts` besides.
pub fn scaffold(name: &str) -> Vec<File> {
    SCAFFOLD
        .iter()
        .map(|(path, text)| File::new(*path, text.replace(PLACEHOLDER, name).into_bytes()))
        .collect()
}

/// Returns the files of a new chart made from a starter: its templates, values and other files under the new name
/// (`CreateFrom`). The charts below it are packed.
///
/// # Errors
/// When a name leads out of the folder, or a chart below it cannot be packed.
pub fn from_starter(name: &str, starter: &Chart, now: std::time::SystemTime) -> Result<Vec<File>, Error> {
    let mut chart = starter.clone();
    chart.metadata = Metadata {
        name: name.to_owned(),
        description: "A Helm chart for Kubernetes".to_owned(),
        chart_type: "application".to_owned(),
        version: "0.1.0".to_owned(),
        app_version: "0.1.0".to_owned(),
        api_version: crate::API_VERSION_V2.to_owned(),
        ..Metadata::default()
    };
    if name.contains('/') || matches!(name, "" | "." | "..") {
        return Err(Error::refused(format!("{} is not a valid chart name", go_text::quote(name))));
    }
    let renamed = |file: &File| File { data: rename(&file.data, name), ..file.clone() };
    let mut files = vec![File::new("Chart.yaml", package::metadata_file(&chart)?)];
    files.extend(chart.raw.iter().filter(|file| &*file.name == "values.yaml").map(renamed));
    files.extend(chart.schema.iter().map(|schema| File::new("values.schema.json", schema.clone())));
    files.extend(chart.templates.iter().map(renamed));
    files.extend(chart.files.iter().cloned());
    for below in &chart.dependencies {
        let archive = package::archive(below, package::Times::OfFiles { now })?;
        files.push(File::new(format!("charts/{}", package::file_name(below)), archive));
    }
    Ok(files)
}

/// Puts the name in place of the placeholder, byte by byte: a file need not be text.
fn rename(data: &Str, name: &str) -> Str {
    let mut out = Vec::with_capacity(data.len());
    let mut rest: &[u8] = data;
    while let Some(at) = rest.windows(PLACEHOLDER.len()).position(|window| window == PLACEHOLDER.as_bytes()) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(name.as_bytes());
        rest = &rest[at + PLACEHOLDER.len()..];
    }
    out.extend_from_slice(rest);
    out.into()
}

#[cfg(test)]
mod tests {
    use super::{check_name, from_starter, scaffold};
    use crate::{File, from_files};

    #[test]
    fn names_have_letters_digits_and_three_signs() {
        assert!(check_name("Foo_Bar-1.x").is_ok());
        for name in ["", "bad name", "a/b", "ä", &"x".repeat(251)] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn the_scaffold_is_a_chart_of_the_given_name() {
        let chart = from_files(scaffold("web"), &mut Vec::new()).unwrap();
        assert_eq!((chart.name(), chart.templates.len()), ("web", 9));
        let left = |file: &&File| file.data.to_string_lossy().contains("<CHARTNAME>");
        assert_eq!(chart.raw.iter().filter(left).count(), 0);
    }

    #[test]
    fn a_starter_gives_templates_and_values_under_the_new_name() {
        let file = |name: &str, text: &str| File::new(name, text.as_bytes().to_vec());
        let files = vec![
            file("Chart.yaml", "apiVersion: v2\nname: starter\nversion: 9.0.0\n"),
            file("values.yaml", "# of <CHARTNAME>\na: <CHARTNAME>\n"),
            file("templates/t.yaml", "a: <CHARTNAME>-<CHARTNAME>\n"),
            file("README.md", "<CHARTNAME>"),
        ];
        let starter = from_files(files, &mut Vec::new()).unwrap();
        let made = from_starter("web", &starter, std::time::SystemTime::UNIX_EPOCH).unwrap();
        let text = |name: &str| {
            let found = made.iter().find(|file| &*file.name == name);
            found.map(|file| file.data.to_string_lossy()).unwrap_or_default()
        };
        assert_eq!(text("values.yaml"), "# of web\na: web\n");
        assert_eq!(text("templates/t.yaml"), "a: web-web\n");
        assert_eq!(text("README.md"), "<CHARTNAME>");
        assert!(text("Chart.yaml").contains("version: 0.1.0\n"));
    }
}
