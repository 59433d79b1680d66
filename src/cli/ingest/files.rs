//! Which files there are: paths as given, folders walked in a fixed order. Says what a file is by its name alone, and
//! opens none.

use crate::cli::input::{Shape, of_name};
use std::fs;
use std::path::{Path, PathBuf};

/// A place to read from.
#[derive(Debug, PartialEq, Eq)]
pub enum Source {
    /// Standard input.
    Stdin,
    /// A file, and the id that its document gets where it is one text.
    File {
        /// Where it is.
        path: PathBuf,
        /// What its name says that it holds.
        shape: Option<Shape>,
        /// Derived from its name.
        id: String,
    },
    /// What cannot be read, and why.
    Unreadable {
        /// As given or found.
        path: PathBuf,
        /// For people.
        reason: String,
    },
}

/// Everything to read, in order.
#[derive(Debug, Default)]
pub struct Files {
    /// In the order given; folders by name.
    pub sources: Vec<Source>,
    bytes: u64,
}

impl Files {
    /// Looks at every path, and below those that are folders.
    pub fn find(paths: &[PathBuf]) -> Self {
        let mut files = Self::default();
        for path in paths {
            if path == Path::new("-") {
                files.sources.push(Source::Stdin);
            } else if path.is_dir() {
                files.walk(path, path);
            } else {
                files.add(path, of_name(path), path.file_name().map(Path::new).unwrap_or(path));
            }
        }
        files
    }

    /// The size of all files together; standard input counts nothing.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    fn walk(&mut self, root: &Path, folder: &Path) {
        let entries = fs::read_dir(folder).and_then(|entries| {
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()
        });
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.unreadable(folder, error.to_string()),
        };
        entries.sort();
        for path in entries {
            // A link to a folder could lead round in a circle.
            if path.is_dir() && !path.is_symlink() {
                self.walk(root, &path);
            } else if let Some(shape) = of_name(&path).filter(|_| path.is_file()) {
                let below = path.strip_prefix(root).unwrap_or(&path).to_owned();
                self.add(&path, Some(shape), &below);
            }
        }
    }

    fn add(&mut self, path: &Path, shape: Option<Shape>, name: &Path) {
        match fs::metadata(path) {
            Err(error) => self.unreadable(path, error.to_string()),
            Ok(metadata) => {
                self.bytes += metadata.len();
                self.sources.push(Source::File { path: path.to_owned(), shape, id: document_id(name) });
            }
        }
    }

    fn unreadable(&mut self, path: &Path, reason: String) {
        self.sources.push(Source::Unreadable { path: path.to_owned(), reason });
    }
}

/// An id from a relative path: without extension, folders joined with dots. Where characters must be replaced or
/// the id would be too long, a digest of the whole path keeps it unique.
fn document_id(name: &Path) -> String {
    const LONGEST: usize = 100;
    let stem = name.with_extension("");
    let joined = stem.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join(".");
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_~".contains(c);
    if joined.len() <= LONGEST && !joined.is_empty() && joined.chars().all(allowed) {
        return joined;
    }
    let digest = blake3::hash(name.as_os_str().as_encoded_bytes()).to_hex();
    let kept: String = joined.chars().map(|c| if allowed(c) { c } else { '-' }).take(LONGEST).collect();
    format!("{kept}-{}", &digest[..8])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::DocumentId;

    #[test]
    fn ids_come_from_names_and_stay_apart_where_characters_are_replaced() {
        assert_eq!(document_id(Path::new("a-1.txt")), "a-1");
        assert_eq!(document_id(Path::new("2025/09/a.b.txt")), "2025.09.a.b");
        let (one, other) = (document_id(Path::new("a b.txt")), document_id(Path::new("a+b.txt")));
        assert_ne!(one, other);
        for id in [one, other, document_id(Path::new(&"ä".repeat(300))), document_id(Path::new(".txt"))] {
            assert!(DocumentId::new(&id).is_ok(), "{id}");
        }
    }

    #[test]
    fn folders_are_walked_in_order_and_nothing_is_passed_over_in_silence() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("b")).unwrap();
        for (name, text) in
            [("b/x.txt", "12"), ("a.txt", "3"), ("c.jsonl", "{}"), ("d.pdf", "no"), ("E.CSV", "text")]
        {
            fs::write(root.join(name), text).unwrap();
        }
        let files = Files::find(&[root.to_owned(), root.join("d.pdf"), root.join("none")]);
        let seen: Vec<_> = files
            .sources
            .iter()
            .map(|source| match source {
                Source::File { id, shape: Some(shape), .. } => format!("{id} {shape:?}"),
                other => format!("{other:?}").chars().take(10).collect(),
            })
            .collect();
        assert_eq!(seen, ["E Csv", "a Text", "b.x Text", "c Jsonl", "File { pat", "Unreadable"]);
        assert_eq!(files.bytes(), 11);
    }
}
