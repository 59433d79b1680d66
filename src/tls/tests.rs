//! Files of certificates that change, and bad ones.

use super::*;
use std::path::Path;
use tempfile::TempDir;

/// Puts a certificate for localhost with its key into the folder; valid until the first of that year.
fn write(dir: &Path, year: i32) {
    let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(year, 1, 1);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    std::fs::write(dir.join("cert.pem"), certificate.pem()).unwrap();
    std::fs::write(dir.join("key.pem"), key.serialize_pem()).unwrap();
}

fn settings(dir: &Path) -> TlsSettings {
    TlsSettings {
        cert: dir.join("cert.pem"),
        key: dir.join("key.pem"),
        client_ca: None,
        min_version: TlsVersion::V1_2,
    }
}

#[test]
fn changed_files_are_noticed_and_bad_ones_change_nothing() {
    let dir = TempDir::new().unwrap();
    write(dir.path(), 2031);
    let all = Certificates::new(settings(dir.path())).unwrap();
    assert_eq!(all.expires().to_string(), "2031-01-01T00:00:00Z");
    assert!(!all.changed());
    write(dir.path(), 2032);
    assert!(all.changed());
    all.reload().unwrap();
    assert_eq!(all.expires().to_string(), "2032-01-01T00:00:00Z");
    // A key that belongs to another certificate.
    let other = TempDir::new().unwrap();
    write(other.path(), 2033);
    std::fs::copy(other.path().join("key.pem"), dir.path().join("key.pem")).unwrap();
    assert!(all.changed());
    assert!(matches!(all.reload(), Err(TlsError::Pair(_))));
    assert!(!all.changed(), "complained about once");
    assert_eq!(all.expires().to_string(), "2032-01-01T00:00:00Z");
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_name() {
    let dir = TempDir::new().unwrap();
    write(dir.path(), 2031);
    std::fs::write(dir.path().join("none.pem"), "nothing").unwrap();
    let none = dir.path().join("none.pem");
    let cases = [
        TlsSettings { cert: dir.path().join("missing.pem"), ..settings(dir.path()) },
        TlsSettings { cert: none.clone(), ..settings(dir.path()) },
        TlsSettings { key: none.clone(), ..settings(dir.path()) },
        TlsSettings { client_ca: Some(none), ..settings(dir.path()) },
    ];
    for settings in cases {
        let error = Certificates::new(settings.clone()).unwrap_err().to_string();
        assert!(error.contains("missing.pem") || error.contains("none.pem"), "{settings:?}: {error}");
    }
}
