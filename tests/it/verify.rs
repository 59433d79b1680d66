//! `VerifyService`: every verdict, everything it is blind to, odd claims, and what becomes of a verdict when documents change.

use crate::server::{SOON, TestServer, assert_error, assert_violations, statement};
use dictum::transport::wire::verify_service_client::VerifyServiceClient;
use dictum::transport::wire::{
    CutPlace, DeleteDocumentRequest, DiffSegment, DiffSide, Document, OffsetEncoding, QuoteFit, QuoteKind,
    SpeakerStanding, TimeRange, Verdict, VerifyQuoteRequest, VerifyQuoteResponse,
};
use prost_types::Timestamp;
use tonic::transport::Channel;
use tonic::{Code, Status};

const FERRY: &str =
    "The ferry will run again in the spring, and no islander will pay more than five crowns for it";
const BRIDGE: &str = "We close the old bridge to lorries because its northern pillar has moved by an inch";
const COLOUR: &str = "The organisation travelled to Łódź, where the colour of $10,000 is 5 per cent naïve";

/// Three speakers, three days, three outlets.
async fn filled() -> TestServer {
    let server = TestServer::start().await;
    let said = [("a", "Jane Miller", FERRY, "The Wire"), ("b", "Jane Miller", BRIDGE, "The Post")];
    for (n, (id, name, what, source)) in
        said.into_iter().chain([("c", "Robert Brown", COLOUR, "The Sun")]).enumerate()
    {
        let publish_time = Some(day(n as i64 + 1));
        let document = Document {
            text: statement(name, what),
            source: source.into(),
            publish_time,
            ..Document::default()
        };
        server.ingest_document(id, document).await;
    }
    server
}

fn day(n: i64) -> Timestamp {
    Timestamp { seconds: n * 86_400, nanos: 0 }
}

fn claim(text: &str) -> VerifyQuoteRequest {
    VerifyQuoteRequest { text: text.into(), ..VerifyQuoteRequest::default() }
}

fn by(speaker: &str, text: &str) -> VerifyQuoteRequest {
    VerifyQuoteRequest { speaker: speaker.into(), ..claim(text) }
}

async fn ask(server: &TestServer, request: VerifyQuoteRequest) -> Result<VerifyQuoteResponse, Status> {
    Ok(server.verify().await.verify_quote(request).await?.into_inner())
}

async fn verdict(server: &TestServer, request: VerifyQuoteRequest) -> Verdict {
    ask(server, request).await.unwrap().verdict()
}

/// The diff as `wdiff` shows it.
fn shown(diff: &[DiffSegment]) -> String {
    let shown = diff.iter().map(|segment| match segment.side() {
        DiffSide::Claim => format!("[-{}-]", segment.text),
        DiffSide::Quote => format!("{{+{}+}}", segment.text),
        DiffSide::Equal | DiffSide::Unspecified => segment.text.clone(),
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_words_of_a_quote_are_exact() {
    let server = filled().await;
    let answer = ask(&server, by("Jane Miller", FERRY)).await.unwrap();
    assert_eq!((answer.verdict(), answer.speaker_standing()), (Verdict::Exact, SpeakerStanding::Same));
    let [found] = &answer.matches[..] else { panic!("{answer:?}") };
    assert_eq!((found.fit(), found.speaker_standing()), (QuoteFit::Exact, SpeakerStanding::Same));
    assert_eq!((found.coverage, shown(&found.diff).as_str()), (1.0, FERRY));
    assert!(found.cuts.is_empty() && found.part.is_none() && !found.outside_range);
    let result = found.result.as_ref().unwrap();
    let document = result.document.as_ref().unwrap();
    assert_eq!(
        (document.name.as_str(), document.source.as_str()),
        ("collections/default/documents/a", "The Wire")
    );
    assert_eq!(result.quote.as_ref().unwrap().speaker.as_ref().unwrap().name, "Jane Miller");
    assert!(result.sentence.as_ref().unwrap().text.ends_with("Jane Miller said on Monday."));
    let spread = answer.spread.as_ref().unwrap();
    assert_eq!((spread.quote_count, spread.first_quote.as_str()), (1, result.name.as_str()));
    assert_eq!((spread.first_time, spread.last_time), (Some(day(1)), Some(day(1))));
    assert_eq!((answer.said_by.len(), answer.said_by[0].speaker.as_str()), (1, "Jane Miller"));
    assert_eq!(answer.said_by[0].speaker_entity, result.speaker_entity);
    // By resource name, by surname, by nobody.
    assert_eq!(verdict(&server, by(&result.speaker_entity, FERRY)).await, Verdict::Exact);
    assert_eq!(verdict(&server, by("Ms. MILLER", FERRY)).await, Verdict::Exact);
    let unasked = ask(&server, claim(FERRY)).await.unwrap();
    assert_eq!((unasked.verdict(), unasked.speaker_standing()), (Verdict::Exact, SpeakerStanding::NotAsked));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_is_blind_to_how_it_is_written() {
    let server = filled().await;
    let ways = [
        "the organization traveled to lodz where the color of $10000 is 5% naive",
        "THE ORGANISATION TRAVELLED TO ŁÓDŹ, WHERE THE COLOUR OF $10,000 IS 5 PER CENT NAÏVE!",
        "„The organisation – travelled; to Łódź (where) the colour: of $10,000 is 5 percent nai\u{308}ve…“",
        "… the organisation travelled to Łódź . . . where the colour [...] of $10,000 is 5 per cent naïve",
        "[T]he organisation travelled to [the town], where the colour [sic] of $10,000 is 5 per cent naïve",
        "\u{202a}The\u{a0}organisation\ntravelled to \u{200b}Łódź, where the colour of $10,000 is 5 per cent na\u{ad}ïve\u{202c}",
    ];
    for way in ways {
        let answer = ask(&server, by("Robert Brown", way)).await.unwrap();
        assert_eq!(answer.verdict(), Verdict::Exact, "{way}: {answer:?}");
    }
    let other = "the organisation travelled to Łódź, where the colour of £10,000 is 5 per cent naïve";
    assert_eq!(verdict(&server, claim(other)).await, Verdict::Near, "a currency is no punctuation");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_differences_are_near_and_shown() {
    let server = filled().await;
    let answer =
        ask(&server, by("Jane Miller", &FERRY.replace("spring", "autumn").replace("will pay", "pays")))
            .await
            .unwrap();
    assert_eq!(answer.verdict(), Verdict::Near);
    let found = &answer.matches[0];
    assert_eq!(
        shown(&found.diff),
        "The ferry will run again in the [-autumn-] {+spring+} and no islander [-pays-] {+will pay+} more than five crowns for it"
    );
    assert!(found.coverage > 0.85 && found.coverage < 1.0);
    // Every fifth word is another, from any on.
    for first in 0..5 {
        let words = BRIDGE.split(' ').enumerate();
        let altered: Vec<&str> =
            words.map(|(at, word)| if at % 5 == first { "zeppelin" } else { word }).collect();
        assert_eq!(verdict(&server, claim(&altered.join(" "))).await, Verdict::Near, "{altered:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_cut_is_partial_and_what_was_cut_is_told() {
    let server = filled().await;
    let cases = [
        (
            "will run again in the spring, and no islander will pay more than five crowns for it",
            vec![(CutPlace::Before, "The ferry")],
        ),
        (
            "The ferry will run again in the spring",
            vec![(CutPlace::After, "and no islander will pay more than five crowns for it")],
        ),
        (
            "The ferry will run again … and no islander will pay more than five crowns for it",
            vec![(CutPlace::Inside, "in the spring")],
        ),
        (
            "[It] will run again [...] and no islander will pay",
            vec![(CutPlace::Inside, "in the spring"), (CutPlace::After, "more than five crowns for it")],
        ),
        (
            "islander",
            vec![
                (CutPlace::Before, "The ferry will run again in the spring, and no"),
                (CutPlace::After, "will pay more than five crowns for it"),
            ],
        ),
    ];
    for (text, expected) in cases {
        let answer = ask(&server, by("Jane Miller", text)).await.unwrap();
        assert_eq!(answer.verdict(), Verdict::Partial, "{text}: {answer:?}");
        let found = &answer.matches[0];
        let cuts: Vec<(CutPlace, &str)> =
            found.cuts.iter().map(|cut| (cut.place(), cut.text.as_str())).collect();
        assert_eq!(cuts, expected, "{text}");
        assert_eq!(found.coverage, 1.0);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_of_two_quotes_are_stitched() {
    let server = filled().await;
    for joint in [" ", " … ", ", and so "] {
        let text = format!("We close the old bridge to lorries{joint}and no islander will pay more");
        let answer = ask(&server, by("Jane Miller", &text)).await.unwrap();
        assert_eq!(
            (answer.verdict(), answer.speaker_standing()),
            (Verdict::Stitched, SpeakerStanding::Same),
            "{text}"
        );
        let parts: Vec<&str> = answer
            .matches
            .iter()
            .map(|found| found.part.map(|part| &text[part.begin as usize..part.end as usize]).unwrap())
            .collect();
        assert_eq!(parts, ["We close the old bridge to lorries", "and no islander will pay more"]);
        let documents: Vec<String> =
            answer.matches.iter().map(|found| found.result.clone().unwrap().document.unwrap().name).collect();
        assert_eq!(documents, ["collections/default/documents/b", "collections/default/documents/a"]);
        assert!(answer.matches.iter().all(|found| found.fit() == QuoteFit::Part));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_of_somebody_else_are_misattributed() {
    let server = filled().await;
    for speaker in ["Robert Brown", "Nobody Known", "Ola Nordmann"] {
        for text in [
            FERRY,
            "no islander will pay more than five crowns",
            "No islander will pay more than nine crowns",
        ] {
            let answer = ask(&server, by(speaker, text)).await.unwrap();
            assert_eq!(answer.verdict(), Verdict::Misattributed, "{speaker}: {text}");
            assert_eq!(answer.speaker_standing(), SpeakerStanding::Other);
            assert_eq!(answer.said_by[0].speaker, "Jane Miller");
        }
    }
    // Said by both, it is right.
    server.ingest("d", &statement("Robert Brown", FERRY)).await;
    let answer = ask(&server, by("Robert Brown", FERRY)).await.unwrap();
    assert_eq!((answer.verdict(), answer.said_by.len()), (Verdict::Exact, 2));
    assert_eq!(answer.matches[0].speaker_standing(), SpeakerStanding::Same, "the speaker's own comes first");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_said_is_not_found_and_what_comes_closest_is_shown() {
    let server = filled().await;
    let answer =
        ask(&server, claim("the ferry will sink in the spring while cows watch from a hill")).await.unwrap();
    assert_eq!(answer.verdict(), Verdict::NotFound);
    assert_eq!(answer.matches[0].fit(), QuoteFit::Closest);
    assert!(answer.matches[0].result.as_ref().unwrap().name.contains("/documents/a/"));
    assert!(answer.matches[0].coverage > 0.2 && answer.said_by.is_empty());
    assert_eq!(answer.spread.unwrap().quote_count, 0);
    let nothing = ask(&server, by("Nobody Known", "zeppelins over quiet mountains hum")).await.unwrap();
    assert_eq!((nothing.verdict(), nothing.matches.len()), (Verdict::NotFound, 0));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_range_narrows_what_supports_and_the_answer_tells_of_the_rest() {
    let server = filled().await;
    let within = |from, until, text: &str| {
        let published = Some(TimeRange { start_time: Some(day(from)), end_time: Some(day(until)) });
        VerifyQuoteRequest { published, ..by("Jane Miller", text) }
    };
    let inside = ask(&server, within(1, 2, FERRY)).await.unwrap();
    assert_eq!((inside.verdict(), inside.found_outside_range), (Verdict::Exact, false));
    let outside = ask(&server, within(2, 9, FERRY)).await.unwrap();
    assert_eq!((outside.verdict(), outside.found_outside_range), (Verdict::NotFound, true));
    assert!(outside.matches[0].outside_range && outside.matches[0].fit() == QuoteFit::Exact);
    // An undated copy is in no range; a later one is in its own.
    server.ingest("d", &statement("Jane Miller", FERRY)).await;
    assert_eq!(verdict(&server, within(2, 9, FERRY)).await, Verdict::NotFound);
    let document = Document {
        text: statement("Jane Miller", FERRY),
        publish_time: Some(day(5)),
        source: "The Sun".into(),
        ..Document::default()
    };
    server.ingest_document("e", document).await;
    let both = ask(&server, within(2, 9, FERRY)).await.unwrap();
    assert_eq!((both.verdict(), both.found_outside_range), (Verdict::Exact, true));
    let spread = both.spread.unwrap();
    assert_eq!((spread.quote_count, spread.first_time, spread.last_time), (3, Some(day(1)), Some(day(5))));
    assert!(spread.first_quote.contains("/documents/a/"), "{spread:?}");
    let outlets: Vec<&str> = spread.outlets.iter().map(|outlet| outlet.source.as_str()).collect();
    assert_eq!(outlets, ["", "The Sun", "The Wire"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quote_in_pieces_is_one() {
    let server = TestServer::start().await;
    let text = "“The harbour stays open,” Jane Miller said on Monday. “Its cranes will be painted green.”";
    server.ingest("a", text).await;
    let whole = "The harbour stays open. Its cranes will be painted green.";
    let answer = ask(&server, by("Jane Miller", whole)).await.unwrap();
    assert_eq!(answer.verdict(), Verdict::Exact, "{answer:?}");
    assert_eq!(verdict(&server, claim("stays open, its cranes")).await, Verdict::Partial);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_deleted_or_revised_away_is_said_no_more() {
    let server = filled().await;
    assert_eq!(verdict(&server, claim(FERRY)).await, Verdict::Exact);
    server.ingest("a", &statement("Jane Miller", "The ferry will stay where it is for another year")).await;
    assert_eq!(verdict(&server, claim(FERRY)).await, Verdict::NotFound);
    assert_eq!(verdict(&server, claim("the ferry will stay where it is")).await, Verdict::Partial);
    let delete =
        DeleteDocumentRequest { name: "collections/default/documents/b".into(), ..Default::default() };
    server.documents().await.delete_document(delete).await.unwrap();
    assert_eq!(verdict(&server, claim(BRIDGE)).await, Verdict::NotFound, "at once, whatever the index holds");
    // An index that is made anew finds the same.
    let server = server.restart(crate::server::delete_index).await;
    assert_eq!(verdict(&server, claim(BRIDGE)).await, Verdict::NotFound);
    assert_eq!(verdict(&server, by("Robert Brown", COLOUR)).await, Verdict::Exact);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_claims_get_an_answer_or_a_reason() {
    let server = filled().await;
    for text in ["?!… — “”", "[]", "\u{200b}\u{202e}", "…", "🙂 👩‍🚀"] {
        let answer = ask(&server, claim(text)).await.unwrap();
        assert_eq!((answer.verdict(), answer.matches.len()), (Verdict::NotFound, 0), "{text}");
    }
    let odd = [
        "日本語の文章です",
        "שלום לכולם כאן",
        "مرحبا بكم هنا جميعا",
        "\u{202b}אבג ferry דהו\u{202c}",
        "[zebra",
        "a a a a a a a",
    ];
    for text in
        odd.into_iter().map(str::to_owned).chain(["the ".repeat(2000), "…a".repeat(2000), "[b".repeat(4000)])
    {
        let answer = tokio::time::timeout(SOON, ask(&server, claim(&text))).await.unwrap().unwrap();
        assert_eq!(answer.verdict(), Verdict::NotFound, "{}", &text.chars().take(20).collect::<String>());
    }
    for text in ["", " \n", &"long ".repeat(20_000)] {
        assert_violations(&ask(&server, claim(text)).await.unwrap_err(), &["text"]);
    }
    let all_wrong = VerifyQuoteRequest {
        parent: "nowhere".into(),
        speaker: "collections/default/entities/".into(),
        published: Some(TimeRange { start_time: Some(day(2)), end_time: Some(day(1)) }),
        kinds: vec![0],
        match_limit: -1,
        offset_encodings: vec![99],
        ..claim("")
    };
    let status = ask(&server, all_wrong).await.unwrap_err();
    assert_violations(
        &status,
        &["parent", "text", "speaker", "published", "kinds[0]", "match_limit", "offset_encodings[0]"],
    );
    let foreign = VerifyQuoteRequest { parent: "collections/none".into(), ..claim(FERRY) };
    assert_error(&ask(&server, foreign.clone()).await.unwrap_err(), Code::NotFound, "NOT_FOUND");
    let foreign = VerifyQuoteRequest { speaker: "Jane Miller".into(), ..foreign };
    assert_error(&ask(&server, foreign).await.unwrap_err(), Code::NotFound, "NOT_FOUND");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_scripts_are_verified_too() {
    let server = TestServer::start().await;
    let document = Document {
        text: "「港は春まで閉まらないと思います」と彼は言った。".into(),
        language: "ja".into(),
        ..Document::default()
    };
    server.ingest_document("ja", document).await;
    let kinds = vec![QuoteKind::Statement.into(), QuoteKind::Thought.into()];
    let asked = |text: &str| VerifyQuoteRequest { kinds: kinds.clone(), ..claim(text) };
    assert_eq!(verdict(&server, asked("港は春まで閉まらないと思います")).await, Verdict::Exact);
    assert_eq!(verdict(&server, asked("春まで閉まらない")).await, Verdict::Partial);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn matches_are_as_many_and_as_long_as_was_asked_for() {
    let server = filled().await;
    for n in 0..12 {
        server.ingest(&format!("copy-{n}"), &statement("Jane Miller", FERRY)).await;
    }
    let answer = ask(&server, claim(FERRY)).await.unwrap();
    assert_eq!((answer.matches.len(), answer.spread.unwrap().quote_count), (10, 13));
    let few = VerifyQuoteRequest {
        match_limit: 2,
        offset_encodings: vec![OffsetEncoding::Utf16.into()],
        ..claim(FERRY)
    };
    let answer = ask(&server, few).await.unwrap();
    assert_eq!(answer.matches.len(), 2);
    let quote = answer.matches[0].result.as_ref().unwrap().quote.clone().unwrap();
    assert!(quote.contents[0].utf16.is_some() && quote.speaker.unwrap().evidence.is_empty());
    let short = VerifyQuoteRequest { max_answer_bytes: 4000, ..claim(FERRY) };
    let answer = ask(&server, short).await.unwrap();
    assert!(!answer.matches.is_empty() && answer.omitted_matches > 0);
    assert_eq!(answer.matches.len() + answer.omitted_matches as usize, 10);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_speaker_whom_nobody_names_leaves_the_claim_open() {
    let server = TestServer::start().await;
    server
        .ingest("a", &format!("“{BRIDGE},” he said on Monday.\n\nThe council meets again next week."))
        .await;
    let answer = ask(&server, by("Jane Miller", BRIDGE)).await.unwrap();
    assert_eq!(
        (answer.verdict(), answer.speaker_standing()),
        (Verdict::Exact, SpeakerStanding::Unknown),
        "{answer:?}"
    );
    // As soon as somebody else is known to have said it, it is theirs.
    server.ingest("b", &statement("Robert Brown", BRIDGE)).await;
    let answer = ask(&server, by("Jane Miller", BRIDGE)).await.unwrap();
    assert_eq!(
        (answer.verdict(), answer.speaker_standing()),
        (Verdict::Misattributed, SpeakerStanding::Other)
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_over_ends_and_holds_up_nobody() {
    let server = filled().await;
    let mut late = tonic::Request::new(claim(FERRY));
    late.set_timeout(std::time::Duration::from_nanos(1));
    let status = server.verify().await.verify_quote(late).await.unwrap_err();
    // Whichever looks at its clock first: the service, or the client, which calls that cancelled.
    assert!(matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled), "{status}");
    let channel = server.channel().await;
    for _ in 0..50 {
        let mut client: VerifyServiceClient<Channel> = VerifyServiceClient::new(channel.clone());
        // Dropped wherever it is by then: a client that goes away.
        let soon = std::time::Duration::from_micros(300);
        drop(tokio::time::timeout(soon, client.verify_quote(claim(&"the ferry ".repeat(700)))).await);
    }
    assert_eq!(verdict(&server, claim(FERRY)).await, Verdict::Exact);
    server.stop().await;
}
