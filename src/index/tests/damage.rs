//! Directories that are not what a commit left: each file in turn cut short, flipped in one byte, emptied and
//! removed. Whatever happened, opening works, says why it began anew where it did, and never shows a wrong answer.

use super::*;
use std::fs;
use std::path::PathBuf;

fn written() -> tempfile::TempDir {
    let documents: Vec<_> = (0..50).map(|n| document(&format!("d{n}"), &["x:Some words to find."])).collect();
    let Fixture { index, dir, .. } = Fixture::with(&in_turn(documents));
    drop(index);
    dir
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn copy(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    for file in files(from) {
        fs::copy(&file, to.path().join(file.file_name().unwrap())).unwrap();
    }
    to
}

type Damage = fn(&Path);

const DAMAGES: [(&str, Damage); 5] = [
    ("cut short", |file| {
        let bytes = fs::read(file).unwrap();
        fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
    }),
    ("cut by a byte", |file| {
        let bytes = fs::read(file).unwrap();
        fs::write(file, &bytes[..bytes.len().saturating_sub(1)]).unwrap();
    }),
    ("flipped", |file| {
        let mut bytes = fs::read(file).unwrap();
        let middle = bytes.len() / 2;
        if let Some(byte) = bytes.get_mut(middle) {
            *byte ^= 0x40;
        }
        fs::write(file, bytes).unwrap();
    }),
    ("emptied", |file| fs::write(file, b"").unwrap()),
    ("removed", |file| fs::remove_file(file).unwrap()),
];

#[test]
fn any_damage_to_any_file_leaves_a_usable_index() {
    let whole = written();
    for file in files(whole.path()) {
        let name = file.file_name().unwrap().to_owned();
        let (mut kept, mut recreated) = (0, 0);
        for (damage, inflict) in DAMAGES {
            let dir = copy(whole.path());
            inflict(&dir.path().join(&name));
            let fixture = Fixture::at(dir);
            let found = by_text_unbounded(&fixture);
            match &fixture.opened.origin {
                Origin::Opened => {
                    assert_eq!((found, fixture.opened.applied), (50, 1), "{name:?} {damage}");
                    kept += 1;
                }
                Origin::Recreated(reason) => {
                    assert!(!reason.is_empty());
                    assert_eq!((found, fixture.opened.applied), (0, 0), "{name:?} {damage}");
                    recreated += 1;
                }
                Origin::Created => panic!("{name:?} {damage}: the directory was not empty"),
            }
            fixture.put(&[document("new", &["Fresh words."])], 2);
            assert_eq!(by_text(fixture.view().as_ref(), "fresh"), ["new/q1"], "{name:?} {damage}");
        }
        // Locks say nothing; the list of files matters for tidying up alone; the commit's facts are sealed, but
        // what else is in its file may change without a consequence.
        let name = name.to_string_lossy();
        let harmless = name.ends_with(".lock") || name == ".managed.json" || name == "meta.json";
        assert!(kept == 0 || harmless, "{name}: kept {kept} times, recreated {recreated} times");
    }
}

fn by_text_unbounded(fixture: &Fixture) -> usize {
    let view = fixture.view();
    let found =
        ask_quotes(view.as_ref(), &text("words"), &Resolved::default(), Order::Relevance, &page(1000));
    found.unwrap().hits.len()
}

#[test]
fn edited_commits_and_foreign_files_are_made_anew() {
    let edited = |from: &str, to: &str| {
        let dir = written();
        let meta = dir.path().join("meta.json");
        let text = fs::read_to_string(&meta).unwrap();
        assert!(text.contains(from));
        fs::write(&meta, text.replace(from, to)).unwrap();
        Fixture::at(dir).opened.origin
    };
    let reason = |origin: &Origin| match origin {
        Origin::Recreated(reason) => reason.clone(),
        other => panic!("{other:?}"),
    };
    let version = schema::VERSION;
    assert!(reason(&edited(&format!("dictum {version} "), "dictum 99 ")).contains("says nothing sound"));
    assert!(reason(&edited("\"quote_words\"", "\"quote_wards\"")).contains("fields"));
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("notes.txt"), "not an index").unwrap();
    fs::create_dir(dir.path().join("folder")).unwrap();
    let fixture = Fixture::at(dir);
    reason(&fixture.opened.origin);
    assert_eq!(fixture.again().opened.origin, Origin::Opened);
}

#[test]
fn a_directory_that_cannot_be_made_is_an_outage() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let index = TantivyIndex::new(config(&file)).unwrap();
    let refused = done(index.open(&log())).unwrap_err();
    assert!(matches!(refused, PortError::Unavailable(outage) if outage.kind == OutageKind::Closed));
    fs::remove_file(&file).unwrap();
    assert_eq!(done(index.open(&log())).unwrap().origin, Origin::Created);
}

#[test]
fn whoever_only_looks_at_an_index_leaves_no_file_there() {
    let dir = written();
    for file in files(dir.path()) {
        if file.extension().is_some_and(|end| end == "lock") {
            fs::remove_file(file).unwrap();
        }
    }
    let before = files(dir.path());
    assert_eq!(Survey::of(dir.path(), &log()).unwrap().documents().unwrap(), 50);
    assert_eq!(files(dir.path()), before);
}
