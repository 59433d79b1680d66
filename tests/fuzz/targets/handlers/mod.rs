//! Any bytes as the request of any method, through the engine and back. The first byte chooses the method, the second whether the rest
//! is a message or, where it is odd, all that the client sends. No bytes are the service's fault, and none keep it busy.

mod seeds;

use super::Target;
use super::service::{Service, framed, methods};

#[rustfmt::skip]
const WORDS: &[&str] = &[
    "collections/default", "collections/-", "collections/news", "/documents/a", "/quotes/", "/entities/", "operations/", "@1", "@2", "text/html",
    "<p>", "“We will wait,” Ann Ames said. ", "harb* ", "fery~ ", "\"stay open\"~2 ", "NOT ", " OR ", "speaker = \"Ann Ames\"", "labels.desk",
    "UTC", "Europe/Berlin", "dictum-en", "rules", "\x08\x01", "\x10\x7f", "\x0a\x00", "\x1a\x02", "\x7f\x7f\x7f\x7f\x07", "\0\0\0\0\x05",
];

/// See the module.
pub const TARGET: Target = Target {
    name: "handlers",
    sample: 1_500,
    words: WORDS,
    seeds: || seeds::all(&methods()),
    begin: || {
        let (mut service, methods) = (Service::new(), methods());
        Box::new(move |data| run(&mut service, &methods, data))
    },
};

fn run(service: &mut Service, methods: &[(String, bool)], data: &[u8]) {
    let [method, form, rest @ ..] = data else { return };
    let (path, _) = &methods[usize::from(*method) % methods.len()];
    let is_body = form & 1 == 1;
    let body = if is_body { rest.to_vec() } else { framed(rest) };
    let answer = service.call(path, body);
    // Bodies that are no gRPC at all are refused by the library, in its own words.
    let is_ours = !is_body || answer.status.message().starts_with("internal error");
    assert!(!(answer.is_fault() && is_ours), "{path}: {:?}", answer.status);
}
