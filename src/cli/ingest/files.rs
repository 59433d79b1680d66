//! Which files there are: paths as given, folders walked in a fixed order. Says what a file is by its name alone.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What to expect in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One document.
    Text,
    /// One document a line.
    Lines,
}

/// A place to read from.
#[derive(Debug, PartialEq, Eq)]
pub enum Source {
    /// Standard input.
    Stdin,
    /// A file, and the id that its document gets where it is one text.
    File {
        /// Where it is.
        path: PathBuf,
        /// What it holds.
        form: Form,
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
    ids: HashSet<String>,
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
                let form = form(path).unwrap_or(Form::Text);
                files.add(path, form, path.file_name().map(Path::new).unwrap_or(path));
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
            } else if let Some(form) = form(&path).filter(|_| path.is_file()) {
                let below = path.strip_prefix(root).unwrap_or(&path).to_owned();
                self.add(&path, form, &below);
            }
        }
    }

    fn add(&mut self, path: &Path, form: Form, name: &Path) {
        let id = document_id(name);
        match fs::metadata(path) {
            Err(error) => self.unreadable(path, error.to_string()),
            Ok(_) if form == Form::Text && !self.ids.insert(id.clone()) => {
                let reason = format!(
                    "another file gives the document id {id} already; name the folder that holds both, and their \
                     paths below it make the ids"
                );
                self.unreadable(path, reason);
            }
            Ok(metadata) => {
                self.bytes += metadata.len();
                self.sources.push(Source::File { path: path.to_owned(), form, id });
            }
        }
    }

    fn unreadable(&mut self, path: &Path, reason: String) {
        self.sources.push(Source::Unreadable { path: path.to_owned(), reason });
    }
}

fn form(path: &Path) -> Option<Form> {
    match path.extension()?.to_str()? {
        "txt" => Some(Form::Text),
        "jsonl" | "ndjson" => Some(Form::Lines),
        _ => None,
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
        for (name, text) in [("b/x.txt", "12"), ("a.txt", "3"), ("c.jsonl", "{}"), ("d.pdf", "no")] {
            fs::write(root.join(name), text).unwrap();
        }
        let files = Files::find(&[root.to_owned(), root.join("a.txt"), root.join("none")]);
        let seen: Vec<_> = files
            .sources
            .iter()
            .map(|source| match source {
                Source::File { id, form, .. } => format!("{id} {form:?}"),
                other => format!("{other:?}").chars().take(10).collect(),
            })
            .collect();
        assert_eq!(seen, ["a Text", "b.x Text", "c Lines", "Unreadable", "Unreadable"]);
        assert_eq!(files.bytes(), 5);
    }
}
