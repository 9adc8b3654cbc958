//! `dependency`: states of dependencies, and what is fetched.

use crate::shelf::Shelf;

fn chart(name: &str, version: &str) -> String {
    format!("apiVersion: v2\nname: {name}\nversion: {version}\n")
}

#[test]
fn each_dependency_has_a_state() {
    let shelf = Shelf::new();
    let wanted = [("gone", "1"), ("here", "^1.0.0"), ("old", ">2")];
    let entries = wanted.map(|(name, range)| {
        format!("- name: {name}\n  version: \"{range}\"\n  repository: https://charts.example.com\n")
    });
    shelf.file("c/Chart.yaml", &format!("{}dependencies:\n{}", chart("c", "0.1.0"), entries.concat()));
    for (name, version) in [("here", "1.2.0"), ("old", "1.0.0"), ("extra", "1.0.0")] {
        shelf.file(&format!("c/charts/{name}/Chart.yaml"), &chart(name, version));
    }
    assert_eq!(
        shelf.ok("dep ls c --max-col-width 13"),
        "NAME\tVERSION\tREPOSITORY   \tSTATUS       \n\
         gone\t1      \thttps://ch...\tmissing      \n\
         here\t^1.0.0 \thttps://ch...\tunpacked     \n\
         old \t>2     \thttps://ch...\twrong version\n\n\
         WARNING: \"c/charts/extra\" is not in Chart.yaml.\n"
    );
}

#[test]
fn a_chart_without_dependencies_says_so() {
    let shelf = Shelf::new();
    shelf.file("c/Chart.yaml", &chart("c", "0.1.0"));
    assert_eq!(shelf.ok("dependency list c"), "WARNING: no dependencies at c/charts\n");
}

#[test]
fn folders_have_no_signatures_to_check() {
    let shelf = Shelf::new();
    let wanted = "dependencies:\n- name: sub\n  version: 0.1.0\n  repository: file://../sub\n";
    shelf.file("c/Chart.yaml", &format!("{}{wanted}", chart("c", "0.1.0")));
    shelf.file("sub/Chart.yaml", &chart("sub", "0.1.0"));
    let saved = "Saving 1 charts\nDeleting outdated charts\n";
    assert_eq!(shelf.ok("dependency update --verify c"), saved);
    assert_eq!(shelf.ok("dependency build --verify c"), saved);
}
