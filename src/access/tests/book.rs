//! Making, listing and revoking keys.

use super::*;

const QUOTAS: Limits = Limits {
    requests_per_second: Some(20),
    request_burst: Some(40),
    bytes_per_minute: Some(10_000_000),
    analyses: Some(0),
    documents: Some(u64::MAX / 2),
};

#[test]
fn a_key_is_stored_as_it_was_wanted_and_its_secret_is_not() {
    let (house, _) = House::new();
    let expires = Some("2027-01-02T03:04:05Z".parse().unwrap());
    let wanted = NewKey { scopes: Scopes::all(), expires, quotas: QUOTAS, ..new_key("full", &["a", "b*"]) };
    let (key, record) = house.book().create(wanted, house.clock.now()).unwrap();
    assert_eq!(house.book().list().unwrap()[1], record);
    assert_eq!((record.quotas, record.expires), (QUOTAS, expires));
    let text = std::fs::read_to_string(house.keys()).unwrap();
    assert!(!text.contains(key.to_string().rsplit_once('_').unwrap().1), "{text}");
    let (random, record) =
        house.book().create(NewKey { id: None, ..new_key("x", &["*"]) }, house.clock.now()).unwrap();
    assert_eq!(random.id(), record.id);
    assert!(show(&house.guard(), random).is_ok());
}

#[test]
fn what_others_wrote_in_the_file_stays() {
    let (house, _) = House::new();
    let before = std::fs::read_to_string(house.keys()).unwrap() + "# Ada asked for this one.\n";
    std::fs::write(house.keys(), &before).unwrap();
    house.make(new_key("next", &["*"]));
    let after = std::fs::read_to_string(house.keys()).unwrap();
    assert!(after.contains("# Ada asked for this one.\n"), "{after}");
    house.book().revoke("reader", house.clock.now()).unwrap();
    let revoked = std::fs::read_to_string(house.keys()).unwrap();
    assert_eq!(revoked.lines().count(), after.lines().count() + 1, "{revoked}");
    assert!(revoked.contains("# Ada asked for this one.\n"), "{revoked}");
}

#[test]
fn revoking_is_for_good_and_keeps_its_time() {
    let (house, _) = House::new();
    let first = house.book().revoke("reader", house.clock.now()).unwrap();
    assert_eq!(first.revoked, Some(START.parse().unwrap()));
    house.clock.advance(Duration::from_secs(60));
    assert_eq!(house.book().revoke("reader", house.clock.now()).unwrap(), first);
    let error = house.book().revoke("nobody", house.clock.now()).unwrap_err();
    assert_eq!(error.to_string(), "there is no key \"nobody\"");
    let taken = house.book().create(new_key("reader", &["*"]), house.clock.now()).unwrap_err();
    assert!(matches!(taken, KeyBookError::New(NewKeyFault::IdTaken)));
}

#[test]
fn keys_that_could_not_be_used_are_not_made() {
    let (house, _) = House::new();
    let before = std::fs::read(house.keys()).unwrap();
    let zero = Limits { requests_per_second: Some(0), ..Limits::default() };
    for (wanted, fault) in [
        (new_key("No Id", &["*"]), "the id must have"),
        (NewKey { name: "a\u{7}".into(), ..new_key("a", &["*"]) }, "the name must be one line"),
        (NewKey { scopes: Scopes::default(), ..new_key("a", &["*"]) }, "at least one scope"),
        (NewKey { expires: Some(START.parse().unwrap()), ..new_key("a", &["*"]) }, "has passed"),
        (NewKey { quotas: zero, ..new_key("a", &["*"]) }, "requests_per_second must be"),
    ] {
        let error = house.book().create(wanted, house.clock.now()).unwrap_err().to_string();
        assert!(error.contains(fault), "{error}");
    }
    std::fs::write(house.folder.path().join("odd.toml"), "version = 1\nkey = []").unwrap();
    let odd = KeyBook::new(house.folder.path().join("odd.toml"));
    let error = odd.create(new_key("a", &["*"]), house.clock.now()).unwrap_err();
    assert!(matches!(error, KeyBookError::Inline { .. }), "{error}");
    assert_eq!(std::fs::read(house.keys()).unwrap(), before);
}

#[test]
fn writers_at_once_lose_nothing_and_readers_find_whole_files() {
    let (house, _) = House::new();
    const WRITERS: usize = 4;
    const EACH: usize = 8;
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (book, now) = (house.book(), house.clock.now());
                scope.spawn(move || {
                    for turn in 0..EACH {
                        book.create(new_key(&format!("w{writer}-{turn}"), &["*"]), now).unwrap();
                        book.revoke(&format!("w{writer}-{turn}"), now).unwrap();
                    }
                })
            })
            .collect();
        while !writers.iter().all(|writer| writer.is_finished()) {
            house.book().list().unwrap();
        }
    });
    let keys = house.book().list().unwrap();
    assert_eq!(keys.len(), 1 + WRITERS * EACH);
    assert!(keys.iter().skip(1).all(|key| key.revoked.is_some()));
    let left: Vec<_> =
        std::fs::read_dir(house.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn a_new_file_is_its_owners_alone_and_an_old_one_keeps_its_group() {
    use std::os::unix::fs::PermissionsExt;
    let (house, _) = House::new();
    let mode = || std::fs::metadata(house.keys()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    for (before, after) in [(0o640, 0o640), (0o644, 0o640), (0o400, 0o600)] {
        std::fs::set_permissions(house.keys(), PermissionsExt::from_mode(before)).unwrap();
        house.make(NewKey { id: None, ..new_key("a", &["*"]) });
        assert_eq!(mode(), after, "{before:o}");
    }
    let link = house.folder.path().join("link.toml");
    std::os::unix::fs::symlink(house.keys(), &link).unwrap();
    KeyBook::new(&link).create(new_key("by-link", &["*"]), house.clock.now()).unwrap();
    assert!(link.is_symlink());
    assert_eq!(house.book().list().unwrap().last().unwrap().id, "by-link");
}
