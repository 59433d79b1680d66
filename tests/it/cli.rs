//! The binary as people and scripts meet it: output, exit codes, signals.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const ARTICLE: &str = "seeds/000_d53045ff0d7dd2d6.txt";

/// The binary, without the variables of whoever runs the tests.
pub fn dictum(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dictum"));
    let meant = |name: &str| ["DICTUM_", "OTEL_", "TRACE"].iter().any(|begin| name.starts_with(begin));
    for (name, _) in std::env::vars().filter(|(name, _)| meant(name)) {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn run(arguments: &[&str]) -> Output {
    dictum(arguments).output().unwrap()
}

pub fn run_with_input(arguments: &[&str], input: impl AsRef<[u8]>) -> Output {
    let mut child = dictum(arguments).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_ref()).unwrap();
    child.wait_with_output().unwrap()
}

pub fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

pub fn json_lines(bytes: &[u8]) -> Vec<serde_json::Value> {
    text(bytes).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A service in a process of its own.
pub struct Service {
    child: Child,
    pub address: String,
}

impl Service {
    pub fn start(folder: &Path, listen: &str) -> Self {
        Self::start_with(folder, listen, &[])
    }

    /// With further flags of `dictum serve`.
    pub fn start_with(folder: &Path, listen: &str, flags: &[&str]) -> Self {
        let mut command = dictum(&["serve", "--listen", listen, "--log", "warn"]);
        command.args(flags).stderr(Stdio::inherit());
        Self::start_by(folder, command)
    }

    /// By a command of one's own, over a folder.
    pub fn start_by(folder: &Path, mut command: Command) -> Self {
        let (data, address_file) = (folder.join("data"), folder.join("address"));
        let child = command
            .args([
                "--data-dir".as_ref(),
                data.as_os_str(),
                "--address-file".as_ref(),
                address_file.as_os_str(),
            ])
            .spawn()
            .unwrap();
        let mut service = Self { child, address: String::new() };
        let deadline = Instant::now() + Duration::from_secs(60);
        while service.address.is_empty() {
            assert!(Instant::now() < deadline, "the service did not open its port");
            assert!(service.child.try_wait().unwrap().is_none(), "the service ended at once");
            std::thread::sleep(Duration::from_millis(20));
            service.address = std::fs::read_to_string(&address_file).unwrap_or_default().trim().to_owned();
        }
        let ready = run(&["probe", "--server", &service.address, "--wait", "60s"]);
        assert!(ready.status.success(), "{}", text(&ready.stderr));
        service
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        dictum(arguments).env("DICTUM_SERVER", &self.address).output().unwrap()
    }

    /// SIGTERM; the exit code, once the process has ended.
    pub fn stop(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }

    /// The exit code of a process that ends by itself.
    pub fn ended(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Where the test has stopped it already, there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn write(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content).unwrap();
    path
}

#[test]
fn analysed_lines_keep_their_order_and_ids_and_a_bad_line_costs_itself_alone() {
    let input = "{\"id\": \"a\", \"text\": \"“We will wait,” Ada Quinn said.\"}\nnonsense\n\n{\"id\": 7, \"text\": \"\"}\n";
    let output = run_with_input(&["analyze", "--jsonl"], input);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).starts_with("line 2: "), "{}", text(&output.stderr));
    let lines = json_lines(&output.stdout);
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["id"], &lines[1]["id"]), (&"a".into(), &7.into()));
    assert_eq!(lines[0]["quotes"][0]["speaker"]["name"], "Ada Quinn");
    assert_eq!(lines[1]["quotes"], serde_json::json!([]));
}

#[test]
fn a_text_for_people_is_shown_unchanged_without_a_terminal() {
    let output = run(&["analyze", ARTICLE]);
    assert!(output.status.success());
    assert!(text(&output.stdout).starts_with(&std::fs::read_to_string(ARTICLE).unwrap()));
}

#[test]
fn a_reader_that_closes_the_pipe_is_no_failure() {
    let many = "{\"text\": \"“We will wait,” Ada Quinn said.\"}\n".repeat(500);
    let folder = TempDir::new().unwrap();
    let path = write(&folder, "many.jsonl", many);
    let mut child = dictum(&["analyze", "--jsonl", path.to_str().unwrap()]).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn the_printed_configuration_is_a_configuration_and_a_wrong_one_is_named() {
    let folder = TempDir::new().unwrap();
    let printed = run(&["serve", "--print-config", "--listen", "127.0.0.1:7", "--drain-timeout", "1m"]);
    assert!(printed.status.success());
    let path = write(&folder, "printed.toml", &printed.stdout);
    let again = run(&["serve", "--print-config", "--config", path.to_str().unwrap()]);
    assert_eq!(text(&printed.stdout), text(&again.stdout));
    assert!(text(&again.stdout).contains("listen = \"127.0.0.1:7\""));

    for (content, named) in
        [("data = 'x'", "unknown field `data`"), ("[limits]\nrequest_bytes = 1", "limits.request_bytes")]
    {
        let path = write(&folder, "wrong.toml", content);
        let refused = run(&["serve", "--check-config", "--config", path.to_str().unwrap()]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused.stderr).contains(named), "{}", text(&refused.stderr));
    }
}

#[test]
fn synonyms_that_are_none_are_refused_with_file_and_line() {
    let folder = TempDir::new().unwrap();
    let synonyms = write(&folder, "uk.txt", "nhs, national health service\nship*, boat\n");
    let missing = folder.path().join("missing.txt");
    for (path, named) in [(&synonyms, "line 2: a member holds '*'"), (&missing, "cannot read the synonyms")] {
        let content = format!("[search.synonyms]\ndefault = '{}'\n", path.display());
        let config = write(&folder, "dictum.toml", content);
        for flags in [&["--check-config"][..], &["--print-config"], &[]] {
            let refused = run(&[&["serve", "--config", config.to_str().unwrap()], flags].concat());
            assert_eq!(refused.status.code(), Some(2));
            let said = text(&refused.stderr);
            assert!(said.contains(named) && said.contains(path.to_str().unwrap()), "{said}");
        }
    }
}

#[test]
fn the_environment_goes_over_the_file_and_flags_over_the_environment() {
    let folder = TempDir::new().unwrap();
    let path = write(&folder, "c.toml", "data_dir = '/file'\nlisten = '127.0.0.1:1'");
    let output = dictum(&["serve", "--print-config", "--listen", "127.0.0.1:3"])
        .env("DICTUM_CONFIG", path)
        .env("DICTUM_LISTEN", "127.0.0.1:2")
        .env("DICTUM_DATA_DIR", "/environment")
        .output()
        .unwrap();
    let printed = text(&output.stdout);
    assert!(printed.contains("data_dir = \"/environment\"") && printed.contains("127.0.0.1:3"), "{printed}");
}

#[test]
fn nobody_there_is_said_with_what_to_do() {
    for command in [&["quotes"][..], &["documents"], &["entities"], &["ingest", ARTICLE]] {
        let output = dictum(command).env("DICTUM_SERVER", "127.0.0.1:1").output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let said = text(&output.stderr);
        assert!(said.contains("127.0.0.1:1") && said.contains("dictum serve"), "{said}");
    }
    assert_eq!(run(&["probe", "--server", "127.0.0.1:1"]).status.code(), Some(1));
    assert_eq!(run(&["probe", "--server", "https://127.0.0.1:1"]).status.code(), Some(1));
    assert_eq!(run(&["probe", "--ca", "ca.pem"]).status.code(), Some(2), "a root for plain text");
    assert_eq!(run(&["quotes", "--since", "yesterday"]).status.code(), Some(2));
}

#[test]
fn documents_go_in_from_folders_and_lines_and_what_fails_is_reported_while_the_rest_goes_on() {
    let folder = TempDir::new().unwrap();
    let service = Service::start(folder.path(), "127.0.0.1:0");
    write(&folder, "in/2025/putin.txt", std::fs::read(ARTICLE).unwrap());
    write(&folder, "in/broken.txt", b"\xe2\x80\x9cHi\xe2\x80");
    write(
        &folder,
        "in/lines.jsonl",
        concat!(
            "{\"id\": \"q-1\", \"text\": \"“We will wait,” Ada Quinn said.\", \"title\": \"Waiting\", ",
            "\"source\": \"The Wire\", \"published_at\": \"2025-01-02\", \"labels\": {\"desk\": \"home\"}}\n",
            "{\"id\": \"no/id\", \"text\": \"x\"}\n{\"id\": \"empty\", \"text\": \"\"}\n",
        ),
    );
    let input = folder.path().join("in");
    let ingested = service.run(&["ingest", "--ack", "searchable", "--json", input.to_str().unwrap()]);
    assert_eq!(ingested.status.code(), Some(1));
    let names: Vec<_> =
        json_lines(&ingested.stdout).into_iter().map(|receipt| receipt["name"].clone()).collect();
    for name in ["collections/default/documents/2025.putin", "collections/default/documents/q-1"] {
        assert!(names.contains(&name.into()), "{names:?}");
    }
    let said = text(&ingested.stderr);
    for failure in ["broken.txt: is no UTF-8", "lines.jsonl:2: ", "lines.jsonl:3: ", "2 created, 3 failed"] {
        assert!(said.contains(failure), "no {failure} in {said}");
    }

    let quotes = service.run(&["quotes", "--speaker", "ada quinn", "--label", "desk=home", "--json"]);
    let quotes = json_lines(&quotes.stdout);
    assert_eq!(quotes.len(), 1);
    assert_eq!(quotes[0]["document"]["title"], "Waiting");
    assert_eq!(quotes[0]["document"]["publishTime"], "2025-01-02T00:00:00Z");
    let table = service.run(&["quotes", "wait*", "--since", "2025-01-01", "--until", "2025-02-01"]);
    let table = text(&table.stdout);
    assert!(
        table.contains("Ada Quinn") && table.contains("The Wire") && table.contains("1 quote"),
        "{table}"
    );
    let table = service.run(&["quotes", "wait*", "--explain"]);
    assert!(text(&table.stdout).contains("wait* 1.00"), "{table:?}");
    let table = service.run(&["documents", "wait*", "--explain"]);
    assert!(text(&table.stdout).contains("wait* 1.00"), "{table:?}");
    let entities = service.run(&["entities", "put", "--type", "person", "--json"]);
    assert!(!json_lines(&entities.stdout).is_empty());
    let documents = service.run(&["documents", "--source", "The Wire"]);
    assert!(text(&documents.stdout).contains("q-1"));
    let mistyped = service.run(&["quotes", "--filter", "speaker = \"Ada Quin\""]);
    assert!(
        text(&mistyped.stderr).contains("nobody is called \"Ada Quin\"; did you mean Ada Quinn?"),
        "{mistyped:?}"
    );
    let counted = service.run(&["count", "--by", "speaker/month", "--by", "label:desk"]);
    let counted = String::from_utf8(counted.stdout).unwrap();
    for shown in ["Ada Quinn", "2025-01-01", "home"] {
        assert!(counted.contains(shown), "{shown}: {counted}");
    }
    let counted = service.run(&["count", "speaker = \"Ada Quinn\"", "--json"]);
    assert_eq!(json_lines(&counted.stdout)[0]["totalSize"], "1");
    assert_eq!(service.run(&["count", "--by", "colour"]).status.code(), Some(2));
    let profile = service.run(&["entity", "ada quinn", "--full", "--every", "month"]);
    let profile = String::from_utf8(profile.stdout).unwrap();
    for shown in ["Ada Quinn", "1 statement by it", "The Wire 1", "2025-01-01 1", "We will wait"] {
        assert!(profile.contains(shown), "{shown}: {profile}");
    }
    let mistyped = service.run(&["entity", "Adda Quinn"]);
    assert_eq!(mistyped.status.code(), Some(1));
    let said = text(&mistyped.stderr);
    assert!(said.contains("nobody is called \"Adda Quinn\"; did you mean Ada Quinn?"), "{said}");
    let related = service.run(&["related", "Putin", "--order", "count", "--examples", "1"]);
    assert!(text(&related.stdout).contains("Ukraine"), "{related:?}");
    let related = service.run(&["related", "Putin", "--type", "gpe", "-n", "1", "--json"]);
    assert_eq!(json_lines(&related.stdout)[0]["related"][0]["type"], "ENTITY_TYPE_GPE");
    let outlets = service.run(&["outlets", "--source", "The Wire", "--source", "Nobody's"]);
    let outlets = String::from_utf8(outlets.stdout).unwrap();
    assert!(outlets.contains("The Wire  1 quote") && outlets.contains("Nobody's  0 quotes"), "{outlets}");
    assert_eq!(service.run(&["outlets", "--source", "The Wire"]).status.code(), Some(1));
    let agreement = service.run(&["quotes", "\"If agreements are reached\"", "--fold", "quote", "--json"]);
    let name = json_lines(&agreement.stdout)[0]["name"].as_str().unwrap().to_owned();
    let cluster = service.run(&["cluster", &name]);
    let cluster = text(&cluster.stdout);
    assert!(cluster.contains("If agreements are reached") && cluster.contains("variant"), "{cluster}");
    let cluster = service.run(&["cluster", &name, "--json"]);
    assert_eq!(json_lines(&cluster.stdout)[0]["first"]["name"], *name);
    let missing = service.run(&["cluster", "collections/default/documents/q-1/quotes/none"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("none"), "{missing:?}");
    let folded = service.run(&["documents", "--fold"]);
    assert!(text(&folded.stdout).contains("documents"), "{folded:?}");
    let elsewhere = service.run(&["quotes", "--collection", "nowhere"]);
    assert_eq!(elsewhere.status.code(), Some(1));
    assert!(text(&elsewhere.stderr).contains("collections/nowhere"));

    let address = service.address.clone();
    assert_eq!(service.stop(), Some(0));
    assert_eq!(run(&["probe", "--server", &address]).status.code(), Some(1));
}

#[test]
fn an_ingest_goes_on_where_it_was_when_the_service_restarts() {
    const HALF: usize = 20;
    let folder = TempDir::new().unwrap();
    let first = Service::start(folder.path(), "127.0.0.1:0");
    let address = first.address.clone();
    let mut ingest = dictum(&["ingest", "--json", "--ack", "searchable", "-", "--server", &address])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = ingest.stdin.take().unwrap();
    let mut receipts = BufReader::new(ingest.stdout.take().unwrap()).lines();
    let mut send = |from: usize| {
        for n in from..from + HALF {
            writeln!(lines, "{{\"id\": \"d{n}\", \"text\": \"“Number {n},” Ada Quinn said.\"}}").unwrap();
        }
        lines.flush().unwrap();
    };
    send(0);
    let before: Vec<_> = receipts.by_ref().take(HALF).map(Result::unwrap).collect();
    assert_eq!(before.len(), HALF);
    assert_eq!(first.stop(), Some(0));
    let _second = Service::start(folder.path(), &address);
    send(HALF);
    drop(lines);
    assert_eq!(receipts.map(Result::unwrap).count(), HALF);
    let output = ingest.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let documents = run(&["documents", "--server", &address, "--limit", "0", "--json"]);
    assert_eq!(json_lines(&documents.stdout).len(), 2 * HALF);
}

#[test]
fn a_data_directory_that_does_not_open_ends_the_service_and_the_log_says_why() {
    let folder = TempDir::new().unwrap();
    write(&folder, "data", b"no directory");
    let paths = ["data", "address"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    let [data, address] = &paths;
    let output = run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", data, "--address-file", address]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    let (listening, failed) = (said.find("listening"), said.find("cannot open the data directory"));
    assert!(listening.is_some() && listening < failed, "the port comes first: {said}");
    assert!(!Path::new(address).exists(), "nobody listens there any more");
}

#[test]
fn a_second_service_on_a_data_directory_leaves_the_first_one_alone() {
    let folder = TempDir::new().unwrap();
    let first = Service::start(folder.path(), "127.0.0.1:0");
    let paths = ["data", "address"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    let [data, address] = &paths;
    let second = run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", data, "--address-file", address]);
    assert_eq!(second.status.code(), Some(1));
    let said = text(&second.stderr);
    assert!(said.contains("in use by another process") && !said.contains("internal"), "{said}");
    assert_eq!(std::fs::read_to_string(address).unwrap().trim(), first.address);
    assert!(run(&["probe", "--server", &first.address]).status.success());
    assert_eq!(first.stop(), Some(0));
}

#[test]
fn the_demonstration_shows_who_said_what() {
    let output = run(&["demo"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let page = text(&output.stdout);
    for part in
        ["Who said what about whom", "Putin", "If agreements are reached", "addressed", "dictum serve"]
    {
        assert!(page.contains(part), "no {part} in {page}");
    }
}

#[test]
fn nobody_listens_to_strangers_unless_it_is_said() {
    for flags in [&["--check-config"][..], &[]] {
        let refused = run(&[&["serve", "--listen", "0.0.0.0:0"], flags].concat());
        assert_eq!(refused.status.code(), Some(2));
        let said = text(&refused.stderr);
        assert!(said.contains("listen: 0.0.0.0:0") && said.contains("--insecure"), "{said}");
    }
    let said =
        dictum(&["serve", "--check-config", "--listen", "0.0.0.0:0"]).env("DICTUM_INSECURE", "true").output();
    assert_eq!(said.unwrap().status.code(), Some(0));
    assert_eq!(
        run(&["serve", "--check-config", "--listen", "0.0.0.0:0", "--insecure"]).status.code(),
        Some(0)
    );
    let folder = TempDir::new().unwrap();
    let config = write(&folder, "dictum.toml", "insecure = true\nlisten = '0.0.0.0:0'\n");
    let serve = ["serve", "--check-config", "--config", config.to_str().unwrap()];
    assert_eq!(run(&serve).status.code(), Some(0));
    let denied = dictum(&serve).env("DICTUM_INSECURE", "false").output().unwrap();
    assert_eq!(denied.status.code(), Some(2), "the environment goes over the file");
}

#[test]
fn files_of_keys_and_certificates_are_checked_with_the_configuration() {
    let folder = TempDir::new().unwrap();
    let odd = write(&folder, "odd", "nothing of use");
    let odd = odd.display();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for content in [
        format!("auth.keys = '{odd}'"),
        format!("auth.jwks = '{odd}'\nauth.issuers = ['i']\nauth.audiences = ['a']"),
        format!("tls.cert = '{odd}'\ntls.key = '{odd}'"),
        // Whoever opens a pipe waits for somebody to write into it.
        format!("auth.keys = '{}'", pipe.display()),
        format!("tls.cert = '{0}'\ntls.key = '{0}'", pipe.display()),
    ] {
        let config = write(&folder, "dictum.toml", &content);
        for flags in [&["--check-config"][..], &[]] {
            let refused = run(&[&["serve", "--config", config.to_str().unwrap()], flags].concat());
            assert_eq!(refused.status.code(), Some(2), "{content}: {}", text(&refused.stderr));
        }
    }
    let nowhere = folder.path().join("none/audit.jsonl");
    let config = write(&folder, "dictum.toml", format!("auth.audit = '{}'", nowhere.display()));
    let refused = run(&["serve", "--config", config.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
}

#[test]
fn keys_are_made_shown_once_used_and_revoked() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("keys.toml");
    let keys = |arguments: &[&str]| {
        let file = ["keys", "--json", "--file", file.to_str().unwrap()];
        let done = run(&[&file[..], arguments].concat());
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        json_lines(&done.stdout)
    };
    let made = keys(&["new", "newsroom", "--scope", "read,write"]).remove(0);
    let key = made["key"].as_str().unwrap().to_owned();
    assert!(!std::fs::read_to_string(&file).unwrap().contains(&key), "only a hash is kept");
    let until = keys(&["new", "guest", "--expires", "2031-05-06"]).remove(0);
    assert_eq!(until["expires"], "2031-05-06T00:00:00Z");
    let listed = keys(&["list"]);
    assert_eq!((listed[0]["name"].as_str(), listed[0].get("key")), (Some("newsroom"), None));

    let config = write(&folder, "dictum.toml", format!("auth.keys = '{}'\n", file.display()));
    let flags = ["--config", config.to_str().unwrap()];
    let service = Service::start_with(folder.path(), "127.0.0.1:0", &flags);
    let with = |key: &str| {
        let mut command = dictum(&["quotes", "--json"]);
        command.env("DICTUM_SERVER", &service.address).env("DICTUM_TOKEN", key).output().unwrap()
    };
    assert_eq!(with(&key).status.code(), Some(0), "{}", text(&with(&key).stderr));
    let nobody = service.run(&["quotes"]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(text(&nobody.stderr).contains("this service asks who calls"), "{}", text(&nobody.stderr));
    assert_eq!(service.run(&["probe"]).status.code(), Some(0), "health is for everybody");
    keys(&["revoke", made["id"].as_str().unwrap()]);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while with(&key).status.code() == Some(0) {
        assert!(std::time::Instant::now() < until, "a revoked key still counts");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert!(text(&with(&key).stderr).contains("the credential is not accepted"));
}

#[test]
fn a_saved_page_goes_in_as_its_article() {
    let folder = TempDir::new().unwrap();
    let service = Service::start(folder.path(), "127.0.0.1:0");
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/pages/saved/news.html");
    let ingested = service.run(&["ingest", "--ack", "searchable", page]);
    assert_eq!(ingested.status.code(), Some(0), "{}", text(&ingested.stderr));
    let home = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/pages/saved/home.html");
    let refused = service.run(&["ingest", home]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("holds no article"), "{}", text(&refused.stderr));
    let analyzed = run(&["analyze", "--format", "json", page]);
    assert_eq!(analyzed.status.code(), Some(0), "{}", text(&analyzed.stderr));
}
