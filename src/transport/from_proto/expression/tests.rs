//! What filters mean, and where wrong ones are wrong.

use super::*;
use crate::domain::annotation::{QuoteKind, QuoteType, SpeakerKind};
use crate::domain::filter::{Condition, TextField};
use crate::domain::ids::{DocumentId, QuoteName};
use crate::domain::query::EntityRef;
use crate::domain::time::{TimeRange, Timestamp};

fn quotes(text: &str) -> Result<Option<Expression>, String> {
    parse(text, Target::Quotes, &CollectionId::default_collection())
}

fn words(text: &str) -> Expression {
    Expression::Is(Condition::Words(TextField::Content, text.into()))
}

fn speaker(name: &str) -> Expression {
    Expression::Is(Condition::Speaker(EntityRef::Name(name.into())))
}

fn about(name: &str) -> Expression {
    Expression::Is(Condition::About(EntityRef::Name(name.into())))
}

fn not(inner: Expression) -> Expression {
    Expression::Not(Box::new(inner))
}

fn published(from: Option<i64>, until: Option<i64>) -> Expression {
    let at = |seconds| Timestamp { seconds, nanos: 0 };
    Expression::Is(Condition::Published(TimeRange { from: from.map(at), until: until.map(at) }))
}

#[test]
fn or_binds_tighter_than_and() {
    use Expression::{All, Any};
    let cases = [
        ("a", words("a")),
        ("a b AND c", All(vec![words("a"), words("b"), words("c")])),
        ("a AND b OR c AND d", All(vec![words("a"), Any(vec![words("b"), words("c")]), words("d")])),
        ("a b OR c", All(vec![words("a"), Any(vec![words("b"), words("c")])])),
        ("(a AND b) OR c", Any(vec![All(vec![words("a"), words("b")]), words("c")])),
        ("-a OR NOT b", Any(vec![not(words("a")), not(words("b"))])),
        ("NOT (a OR b)", not(Any(vec![words("a"), words("b")]))),
        ("\"a b\"", words("\"a b\"")),
        ("and or not", All(vec![words("and"), words("or"), words("not")])),
    ];
    for (text, expected) in cases {
        assert_eq!(quotes(text), Ok(Some(expected)), "{text}");
    }
    assert_eq!(quotes(" \n"), Ok(None));
}

#[test]
fn every_field_means_something() {
    use Expression::{All, Any, Is};
    let year = 31_536_000;
    let label = |key: &str, value: Option<&str>| Is(Condition::Label(key.into(), value.map(Into::into)));
    let cases = [
        ("text : \"refugee* \\\"gas prices\\\"\"", words("refugee* \"gas prices\"")),
        ("text = \"gas prices\"", words("\"gas prices\"")),
        ("sentence:gas", Is(Condition::Words(TextField::Context, "gas".into()))),
        ("article:gas", Is(Condition::Words(TextField::Article, "gas".into()))),
        ("speaker = \"Jane Miller\"", speaker("Jane Miller")),
        ("speaker != (A OR 'B C')", not(Any(vec![speaker("A"), speaker("B C")]))),
        ("speaker : *", Is(Condition::Named)),
        ("NOT speaker:*", not(Is(Condition::Named))),
        ("speaker = *", Is(Condition::Named)),
        ("speaker != *", not(Is(Condition::Named))),
        ("speaker = \"*\"", speaker("*")),
        ("about : Syria", about("Syria")),
        ("source = Reuters", Is(Condition::Source("Reuters".into()))),
        ("language = en", Is(Condition::Language("en".into()))),
        ("label.desk = world", label("desk", Some("world"))),
        ("label.desk : *", label("desk", None)),
        ("label.desk != *", not(label("desk", None))),
        ("labels : desk", label("desk", None)),
        ("type = direct", Is(Condition::Type(QuoteType::Direct))),
        ("kind = (THOUGHT OR STATEMENT)", {
            Any([QuoteKind::Thought, QuoteKind::Statement].map(|kind| Is(Condition::Kind(kind))).to_vec())
        }),
        ("speaker_kind = GROUP", Is(Condition::SpeakerKind(SpeakerKind::Group))),
        ("abstained = true", Is(Condition::Abstained)),
        ("abstained = false", not(Is(Condition::Abstained))),
        ("analyzer = dictum-en-fast", Is(Condition::Analyzer("dictum-en-fast".into()))),
        ("copy_of = a1", Is(Condition::CopyOf(DocumentId::new("a1").unwrap()))),
        ("same_words_as = collections/default/documents/a1/quotes/q", {
            let name = QuoteName::parse("collections/default/documents/a1/quotes/q");
            Is(Condition::SameWords(name.unwrap()))
        }),
        ("confidence >= 0.5", Is(Condition::Confidence(0.5))),
        ("confidence < 0.5", not(Is(Condition::Confidence(0.5)))),
        ("published != *", not(published(None, None))),
        ("published = 1970", published(Some(0), Some(year))),
        ("published > 1970", published(Some(year), None)),
        ("published >= 1971-01-01", published(Some(year), None)),
        ("published < 1971-01-01T00:00:00Z", published(None, Some(year))),
        ("published <= 1970-12-31", published(None, Some(year))),
        (
            "speaker = \"A B\" AND published > 1970 AND (text : \"refugee*\" OR about : \"Syria\")",
            All(vec![
                speaker("A B"),
                published(Some(year), None),
                Any(vec![words("refugee*"), about("Syria")]),
            ]),
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(quotes(text), Ok(Some(expected)), "{text}");
    }
}

#[test]
fn an_error_points_at_the_character() {
    let deep = format!("{}a{}", "(".repeat(33), ")".repeat(33));
    let cases = [
        ("speaker =", "at character 10: expected a value"),
        ("speaker = \"Jane", "at character 11: expected a closing quotation mark"),
        ("a AND", "at character 6: expected a field, a word"),
        ("(a OR b", "at character 8: expected AND, OR, another term or a closing parenthesis"),
        ("a)", "at character 2: expected AND, OR, another term or the end"),
        ("é speeker = x", "at character 3: expected one of the fields text, article"),
        ("speaker > x", "at character 8: expected one of : = != behind speaker, not >"),
        ("published > soon", "at character 13: expected a date"),
        ("published > (2019 OR 2020)", "at character 22: expected one value"),
        ("confidence >= 2", "at character 15: expected a number from 0 to 1"),
        ("NOT source : *", "at character 14: expected a value: only speaker"),
        ("about = *", "at character 9: expected a value: only speaker"),
        ("source != *", "at character 11: expected a value: only speaker"),
        ("text : *", "at character 8: expected a value: only speaker"),
        ("labels : *", "at character 10: expected a value: only speaker"),
        ("-*", "at character 2: expected a value: only speaker"),
        ("type = spoken", "at character 8: expected one of DIRECT, INDIRECT, MIXED"),
        (
            "document = collections/x/documents/a",
            "at character 12: expected a resource name of the searched collection",
        ),
        ("a OR OR b", "at character 6: expected a field"),
        (deep.as_str(), "at character 33: expected at most 32 parentheses"),
    ];
    for (text, expected) in cases {
        let error = quotes(text).unwrap_err();
        assert!(error.starts_with(expected), "{text}: {error}");
    }
    let documents = |text| parse(text, Target::Documents, &CollectionId::default_collection());
    assert!(documents("type = DIRECT").unwrap_err().contains("one of the fields"));
    assert!(documents("confidence > 0").unwrap_err().contains("one of the fields"));
    assert!(documents("speaker = A AND article : gas").is_ok());
}
