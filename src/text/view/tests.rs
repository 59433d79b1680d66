//! What a view shows of texts as people have them, and where each part of it came from.

use super::*;
use proptest::prelude::*;

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(View::new(text).text(), expected, "{text:?}");
}

fn read(text: &str) -> String {
    View::new(text).into_text().into_owned()
}

/// The stretch of a text as sent that a part of its view came from.
#[track_caller]
fn sent<'t>(text: &'t str, part: &str) -> &'t str {
    let view = View::new(text);
    let begin = view.text().find(part).expect("a part of the view");
    view.original(ByteSpan::at(begin, begin + part.len())).slice(text)
}

#[test]
fn a_text_that_needs_nothing_is_borrowed() {
    for text in [
        "",
        "“It’s fine,” Zoë Škvor said.\n\nAT&T; R&D & co.\r\n",
        "👩‍🚀 e\u{301} سلام\u{200c}ها",
        "Gruß”, CAFÉ”",
    ] {
        let view = View::new(text);
        assert!(matches!(view.text, Cow::Borrowed(_)), "{text:?}");
        assert_eq!(view.original(ByteSpan::at(0, text.len())), ByteSpan::at(0, text.len()));
    }
}

#[test]
fn entities_are_what_they_stand_for() {
    check("&ldquo;We didn&rsquo;t,&rdquo; Ana Roth said.", "“We didn’t,” Ana Roth said.");
    check("&quot;AT&amp;T&quot; &#8220;&#x2019;&#8221; &#147;&#146;&#148;", "\"AT&T\" “’” “’”");
    check(
        "Jos&eacute;&nbsp;P&amp;rsquo;s &amp;amp;ndash; &unknown; &; &amp",
        "José\u{a0}P’s – &unknown; &; &amp",
    );
    assert_eq!(sent("Jos&eacute; said", "José"), "Jos&eacute;");
    assert_eq!(sent("&ldquo;Yes,&rdquo; he said", "“Yes,”"), "&ldquo;Yes,&rdquo;");
    assert_eq!(sent("&ldquo;Yes,&rdquo; he said", "Yes"), "Yes");
}

#[test]
fn text_that_was_encoded_twice_reads_as_it_was_meant() {
    check("â€œWe didnâ€™t,â€\u{9d} JosÃ© GarcÃ\u{ad}a said.", "“We didn’t,” José García said.");
    check("â€œNobody,â€ said Ana â€“ and â€˜allâ€™ â€¦", "“Nobody,” said Ana – and ‘all’ …");
    check("â\u{80}\u{9c}Yesâ\u{80}\u{9d} Ã\u{89}lan", "“Yes” Élan");
    check("Ã¢â‚¬Å“YesÃ¢â‚¬Â\u{9d} JosÃƒÂ©", "“Yes” José");
    check("Å½iÅ¾ek of MÃœNCHEN, Å\u{81}ukasz, ErdoÄŸan", "Žižek of MÜNCHEN, Łukasz, Erdoğan");
    check("Â£5 for 20Â\u{a0}â‚¬ ðŸ˜€ ï»¿", "£5 for 20\u{a0}€ 😀 ");
    assert_eq!(sent("â€œYes,â€ he said", "“Yes,”"), "â€œYes,â€");
}

#[test]
fn letters_that_only_look_encoded_stay() {
    for text in ["CAFÉ”, SMÅ” and “MAÇÃ’", "château naïve Ångström Â", "ÅLESUND Ä Ö", "Ã"]
    {
        check(text, text);
    }
}

#[test]
fn controls_are_the_marks_of_windows() {
    check(
        "\u{93}Nobody did,\u{94} said Tom\u{85} Rask\u{92}s \u{96} \u{97}",
        "“Nobody did,” said Tom… Rask’s – —",
    );
    check("One.\u{85}Two.", "One.\u{85}Two.");
    assert_eq!(sent("\u{93}Nobody,\u{94} said Tom", "“Nobody,”"), "\u{93}Nobody,\u{94}");
}

#[test]
fn what_shows_nothing_is_left_out() {
    check(
        "\u{feff}Spokes\u{ad}woman A\u{200b}da\u{200e} Qu\u{ad}inn\u{202c} \u{200d}x\u{0}",
        "Spokeswoman Ada Quinn x",
    );
    check("the agree\u{ad}\nment\u{ad}\nAda", "the agreement\nAda");
    check("the ﬁrst oﬃce ﬂoor", "the first office floor");
    let text = "Ada\u{200b}\u{200b} Qu\u{ad}inn\u{200b} left";
    assert_eq!(sent(text, "Ada Quinn"), "Ada\u{200b}\u{200b} Qu\u{ad}inn");
    assert_eq!(sent(text, "Ada"), "Ada");
    assert_eq!(sent("\u{feff}Ada left", "Ada left"), "Ada left");
    assert_eq!(sent("the oﬃce", "office"), "oﬃce");
}

#[test]
fn bullets_and_marks_of_quoted_mail_are_left_out() {
    check(
        "» \"We start,\" said Ada.\n* “No”\n• Ada left\n• \n*",
        "\"We start,\" said Ada.\n“No”\nAda left\n• \n*",
    );
    check("» «Entrez», dit-elle.\n»Gehen wir«, sagte sie.", "“Entrez”, dit-elle.\n“Gehen wir”, sagte sie.");
    check("- One\n— Two\n5 * 3", "- One\n— Two\n5 * 3");
    check(
        "> “We wait,” Ada said.\n>> “Why?”\n> > Tom asked.\n>",
        "“We wait,” Ada said.\n“Why?”\nTom asked.\n",
    );
    assert_eq!(sent("> Ada\n> left", "Ada\nleft"), "Ada\n> left");
}

const WRAPPED: &str = "\
Party chairman Ivo Castell said the Bank of East Varna would lend the
town the money it needs, and that Trade Minister Nora Lindt had asked
for more from San Marino.";

#[test]
fn lines_broken_at_a_column_are_one() {
    let one = WRAPPED.replace('\n', " ");
    check(WRAPPED, &one);
    check(&WRAPPED.replace('\n', "\r\n"), &one);
    check(
        &format!("{WRAPPED}\n\nShe left.\nNora Lindt\nIvo Lenz"),
        &format!("{one}\n\nShe left.\nNora Lindt\nIvo Lenz"),
    );
    check(&format!("    {}", WRAPPED.replace('\n', "\n    ")), &format!("    {one}"));
    check(&format!("    {WRAPPED}\n    {WRAPPED}"), &format!("    {one}\n    {one}"));
    let quoted = |mark: &str| format!("{mark}{}", WRAPPED.replace('\n', &format!("\n{mark}")));
    check(&format!("He wrote:\n{}\n{}", quoted("> "), quoted(">> ")), &format!("He wrote:\n{one}\n{one}"));
    assert_eq!(sent(WRAPPED, "lend the town"), "lend the\ntown");
    assert_eq!(sent(&quoted("> "), "lend the town"), "lend the\n> town");
}

#[test]
fn paragraphs_of_wrapped_text_end_where_the_next_word_had_room() {
    let one = WRAPPED.replace('\n', " ");
    check(&format!("{WRAPPED}\n{WRAPPED}\n{WRAPPED}"), &format!("{one}\n{one}\n{one}"));
    check(&format!("Bank offers help\n{WRAPPED}"), &format!("Bank offers help\n{one}"));
    check(&format!("{WRAPPED}\n- {WRAPPED}\n2. {WRAPPED}"), &format!("{one}\n- {one}\n2. {one}"));
    check(&format!("• {}", WRAPPED.replace('\n', "\n  ")), &one);
}

#[test]
fn a_compound_keeps_its_hyphen_and_loses_its_blank() {
    let text = "The council of the lower town met on Monday and chose a well-\nknown farmer for its chair, as it had been planned for so\nlong.";
    check(text, &text.replace("well-\nknown", "well-known").replace('\n', " "));
}

#[test]
fn lines_of_their_own_stay_apart() {
    for text in [
        "The council met on Monday.\nIt chose a new chair, as planned, and nobody came to see it happen.\nThe chair spoke.",
        "Council: no new taxes\nThe mayor spoke. She left\n- First point\n1. Second point.",
        "ada lund\ntom hale\nida moe\nwrote and directed this long and winding piece for the stage of Bergen\nin may",
        "Phone sales fell, the maker said on Monday, for the third time in as many years, and nobody knew why.\n\
         iPhone makers said that they would wait for the spring and that the shops would have to wait with them.\n\
         The shops said no. They had waited for too long already, and the shelves were full of last year’s wares.",
        "Shall I go now, when rain is near?\nThe road is long, the night is clear,\nAnd all I had is lost and gone,\nBut still the road goes on and on.",
    ] {
        check(text, text);
    }
}

/// Greedy wrapping, as mail programs do it.
fn wrapped(paragraph: &str, column: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in paragraph.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= column => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

/// Whether one in four breaks lies inside a sentence for all to see: in a short text every one may be before a name.
fn shows_wrapping(paragraphs: &[String]) -> bool {
    let breaks = || paragraphs.iter().flat_map(|paragraph| paragraph.lines().zip(paragraph.lines().skip(1)));
    let goes_on = |c: char| c.is_alphanumeric() || c == ',';
    let inside =
        |(before, after): &(&str, &str)| before.ends_with(goes_on) && after.starts_with(char::is_lowercase);
    breaks().filter(inside).count() * 4 >= breaks().count()
}

/// Paragraphs of an invented article, with the marks, names and numbers that news has.
fn article() -> impl Strategy<Value = Vec<String>> {
    let words = "the of and said to in for on that council mayor bridge would not have people told reporters “nobody closed \
        again,” Ida Moe Bergen harbour since 1990, water, spring company officials its New York government’s workers \
        statement Friday. May. because every pillar (and town) cracked, with well-known";
    let word = prop::sample::select(words.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    let paragraph = prop::collection::vec(word, 25..70).prop_map(|words| format!("The {}.", words.join(" ")));
    prop::collection::vec(paragraph, 2..8)
}

proptest! {
    #[test]
    fn an_article_wrapped_at_a_column_reads_like_the_article(paragraphs in article(), column in 60usize..=80) {
        let lines: Vec<String> = paragraphs.iter().map(|paragraph| wrapped(paragraph, column)).collect();
        let indented = paragraphs.iter().map(|paragraph| wrapped(&format!("___{paragraph}"), column).replace('_', " "));
        let indented: Vec<String> = indented.collect();
        prop_assume!(shows_wrapping(&lines) && shows_wrapping(&indented));
        let blank = lines.join("\n\n");
        let mail = format!("> {}", blank.replace('\n', "\n> "));
        prop_assert_eq!(read(&blank), paragraphs.join("\n\n"));
        prop_assert_eq!(read(&mail), paragraphs.join("\n\n"));
        prop_assert_eq!(read(&indented.join("\n")), format!("   {}", paragraphs.join("\n   ")));
    }

    #[test]
    fn spans_of_the_view_are_spans_of_the_text_in_order(parts in prop::collection::vec(odd(), 0..40)) {
        let text = parts.concat();
        let view = View::new(&text);
        let mut end = 0;
        for (at, c) in view.text().char_indices() {
            let span = view.original(ByteSpan::at(at, at + c.len_utf8()));
            prop_assert!(ByteSpan::new(&text, span.begin as usize, span.end as usize).is_some());
            prop_assert!(!span.is_empty() && span.end >= end);
            prop_assert!(view.reading(span).contains(c), "and the way back leads there again");
            end = span.end;
        }
        prop_assert_eq!(view.original(ByteSpan::at(0, 0)).len(), 0);
    }
}

/// Scraps that a view changes, and others.
fn odd() -> impl Strategy<Value = String> {
    let scraps = vec![
        "&ldquo;",
        "&amp;",
        "&",
        ";",
        "â€œ",
        "â€",
        "Ã©",
        "Ã",
        "â",
        "€",
        "\u{93}",
        "\u{85}",
        "\u{ad}",
        "\u{200b}",
        "\u{200d}",
        "\u{feff}",
        "ﬁ",
        "\n",
        "\r\n",
        "> ",
        ">",
        "    ",
        "• ",
        "» ",
        "- ",
        "the council of the town met and said that it would",
        "go on",
        " ",
        "Ada",
        "👩‍🚀",
        "\u{2029}",
        "\u{c}",
        "\0",
    ];
    prop_oneof![6 => prop::sample::select(scraps).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)]
}

#[test]
fn marks_of_other_languages_are_those_of_english() {
    check("Er sagte: „Wir warten.“ »Ja«, sagte sie.", "Er sagte: “Wir warten.” “Ja”, sagte sie.");
    check("« Oui », dit-elle. «Non» ‹peut-être›", "“Oui”, dit-elle. “Non” “peut-être”");
    check("「はい」と『いいえ』 ＂yes＂ ＇no＇", "“はい”と“いいえ” “yes” “no”");
    check("‚We wait,‘ she said; „he said ‚go‘ to me.“", "“We wait,” she said; “he said ‘go’ to me.”");
    check("”Vi väntar”, sade hon. “It’s “fine” then,”", "”Vi väntar”, sade hon. “It’s “fine” then,”");
    check("„Ohne Ende\n„und weiter.“", "“Ohne Ende\n“und weiter.”");
    assert_eq!(sent("« Oui », dit-elle", "“Oui”"), "« Oui »");
    assert_eq!(sent("Er sagte: „Wir warten.“", "Wir warten."), "Wir warten.");
}

#[test]
fn a_mark_that_stands_by_itself_is_left_out() {
    check(
        "Ida said \" the bridge is safe.\nThe road was closed. ”\n\"\nShe left.\n\"",
        "Ida said  the bridge is safe.\nThe road was closed. \n\nShe left.\n",
    );
    for text in ["\" Spaced out , \" he said , \" again . \"", "We won,” he said.", "“We won, he said."] {
        check(text, text);
    }
}

#[test]
fn a_megabyte_of_anything_odd_takes_linear_time() {
    for unit in [
        "&amp;amp;amp;",
        "&",
        "&#8220;",
        "Ã¢â‚¬Å“",
        "â€",
        "Ã",
        "\u{93}",
        "\u{ad}",
        "\u{ad}\n",
        "\u{ad}   ",
        "\u{200b}",
        "ﬁ",
        "> ",
        "> x\n",
        "• ",
        "• x\n",
        "„",
        "«»",
        "‚‘",
        "the council met and\n",
        "    The council met.\n",
        "LUND: x\n",
        "\r",
    ] {
        let text = unit.repeat((1 << 20) / unit.len());
        let view = View::new(&text);
        // A quadratic step would take hours.
        assert!(view.original(ByteSpan::at(0, view.text().len())).end as usize <= text.len(), "{unit:?}");
    }
}
