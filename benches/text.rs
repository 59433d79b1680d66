//! How fast a text is laid out: what is read is a megabyte of nothing but quotation marks (a quadratic step would show
//! at once) and an article of 500 kB made of ordinary paragraphs. Throughput in bytes.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use dictum::analysis::signals::Layout;
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

criterion_group!(benches, layout);
criterion_main!(benches);
