//! Any text as a configuration file and as a file of synonyms. Settings that are read are read as the same once they have been printed.

use super::{Target, text};
use dictum::config::Settings;
use dictum::engine::Synonyms;

#[rustfmt::skip]
const WORDS: &[&str] = &[
    "[limits]\n", "[log]\n", "[index]\n", "[auth]\n", "[tls]\n", "[search.synonyms]\n", "[views]\n", "document_bytes = ", "'8MiB'", "'1 GiB'",
    "18446744073709551615", "-1", "0", "1e400", "nan", "'10s'", "'1h 5m'", "'99999999999999999y'", "drain_timeout = ", "interval = ",
    "listen = '[::]:1'\n", "insecure = true\n", "filter = ", "'dictum=trace,[{'", "\"\\u0000\"", "'''", "\"\"\"", "[[", "]]", " = ", ",", "#",
    "1979-05-27T07:32:00Z", "keys = 'k'\n", "token_quotas = {", "requests_per_second", "}", "\n",
];

/// See the module.
pub const TARGET: Target =
    Target { name: "config", sample: 4_000, words: WORDS, seeds: super::none, begin: || Box::new(run) };

fn run(data: &[u8]) {
    let _ = Synonyms::parse(data);
    let Ok(mut settings) = toml::from_str::<Settings>(&text(data)) else { return };
    assert_eq!(toml::from_str(&settings.to_toml()).as_ref(), Ok(&settings), "printed and read again");
    // These files would be read, and a text that was made at random may name any.
    settings.search.synonyms.clear();
    let _ = settings.check().map_err(|error| error.to_string());
}
