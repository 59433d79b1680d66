//! How fast a text is put right, laid out and folded. Put right are the article as it is, which needs nothing, and as mail
//! and web pages leave it. Laid out are a megabyte of nothing but quotation marks (a quadratic step
//! would show at once) and an article of 500 kB made of ordinary paragraphs; folded are paragraphs in several scripts.
//! Throughput in bytes.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dictum::analysis::signals::Layout;
use dictum::folding::search;
use dictum::text::view::View;
use std::hint::black_box;

const PARAGRAPH: &str = "“The bridge will open in May,” Maria Lopes told the council on Monday. “It’s the workers’ \
    day.” She added that the road, closed since Sept. 5, would follow.\n\n";

fn layout(c: &mut Criterion) {
    let texts = [
        ("straight_marks_1MB", "\"".repeat(1 << 20)),
        ("curly_marks_1MB", "“‘".repeat((1 << 20) / 6)),
        ("junk_1MB", "\"\"=".repeat((1 << 20) / 3)),
        ("article_500kB", PARAGRAPH.repeat(500_000 / PARAGRAPH.len())),
    ];
    let mut group = c.benchmark_group("layout");
    group.sample_size(10);
    for (name, text) in &texts {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), text, |b, text| {
            b.iter(|| black_box(Layout::new(black_box(text))))
        });
    }
    group.finish();
}

fn view(c: &mut Criterion) {
    let article = PARAGRAPH.repeat(500_000 / PARAGRAPH.len());
    let texts = [
        ("nothing", article.clone()),
        ("mail", article.replace(", ", ",\n> ")),
        ("entities", article.replace('“', "&ldquo;").replace('”', "&rdquo;")),
        ("encoded_twice", article.replace('“', "â€œ").replace('”', "â€\u{9d}")),
        ("low_marks", article.replace('“', "„").replace('”', "“")),
    ];
    let mut group = c.benchmark_group("view");
    group.sample_size(10);
    for (name, text) in &texts {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), text, |b, text| {
            b.iter(|| black_box(View::new(black_box(text))))
        });
    }
    group.finish();
}

fn folding(c: &mut Criterion) {
    let texts = [
        ("ascii", "The bridge will open in May, Maria Lopes told the council on Monday. "),
        ("english", PARAGRAPH),
        ("polish", "Wałęsa powiedział: „Most zostanie otwarty w maju”. Dołączył też Łukasz Żółć. "),
        ("russian", "«Мост откроют в мае, — сказала мэр в понедельник. — Это ещё не всё». "),
        ("arabic", "قالت رئيسة البلدية يوم الإثنين إنّ الجسر سيُفتح في مايو. "),
        ("japanese", "「橋は五月に開通する」と市長は月曜日に述べた。ﾄﾞｲﾂ語も話す。"),
    ];
    let mut group = c.benchmark_group("fold");
    group.sample_size(10);
    for (name, paragraph) in texts {
        let text = paragraph.repeat(200_000 / paragraph.len());
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), &text, |b, text| {
            let mut folded = String::with_capacity(text.len());
            b.iter(|| {
                folded.clear();
                search::words(black_box(text)).for_each(|(_, word)| search::fold_into(word, &mut folded));
                black_box(folded.len())
            })
        });
    }
    group.finish();
}

criterion_group!(benches, view, layout, folding);
criterion_main!(benches);
