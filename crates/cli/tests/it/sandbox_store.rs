//! The files of sandboxes: odd names, odd contents, two processes.

use crate::shelf::Shelf;

#[test]
fn names_cannot_lead_out_of_the_folder_of_sandboxes() {
    let shelf = Shelf::new();
    for name in ["../escape", "a/b", "/tmp/x", "..", ".", ".hidden", "a:b", "\u{e9}"] {
        let text = shelf.fails(&format!("list --sandbox={name}"));
        assert!(text.starts_with("Error: invalid sandbox name \""), "{name}: {text}");
    }
    assert!(!shelf.path("sandbox").exists());
    assert_eq!(shelf.ok("list -q --sandbox=a.b-c_1"), "");
    assert!(shelf.path("sandbox/a.b-c_1.redb").exists());
}

#[test]
fn a_file_that_is_no_sandbox_is_refused_and_left_alone() {
    let shelf = Shelf::new();
    shelf.file("sandbox/default.redb", "garbage");
    let text = shelf.fails("list");
    assert!(text.starts_with("Error: open sandbox `<DIR>/sandbox/default.redb`: "), "{text}");
    assert_eq!(std::fs::read(shelf.path("sandbox/default.redb")).unwrap(), b"garbage");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let shelf = Shelf::new();
    shelf.file("sandbox", "a file");
    let text = shelf.fails("list");
    assert!(text.starts_with("Error: create folder `<DIR>/sandbox` for the sandbox: "), "{text}");
}

#[test]
fn commands_on_one_sandbox_wait_for_each_other() {
    let shelf = Shelf::new();
    let store = shelf.path("sandbox/default.redb");
    let held = sandbox::Sandbox::open(&store, sandbox::Options::default()).unwrap();
    std::thread::scope(|scope| {
        let listing = scope.spawn(|| shelf.ok("list -q"));
        std::thread::sleep(std::time::Duration::from_millis(200));
        assert!(!listing.is_finished());
        drop(held);
        assert_eq!(listing.join().unwrap(), "");
    });
}
