//! Speed of the whole pipeline: `cargo bench`. The record lines at the end go to `benches/record/`.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use casecoder::text::Page;
use casecoder::{Extractor, Request, Sources};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// The allocator of the program, so that the numbers are its.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn open() -> Extractor {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Extractor::open(&root.join("lexicons"), &root.join("models")).expect("the committed lists are in order")
}

/// Without the model: what the dictionary and the context take.
fn labels_alone() -> Request {
    Request { sources: Sources::Dictionary, ..Request::default() }
}

/// The texts of the coded notes: denser in codes than real notes are, so a hard case.
fn notes() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("eval/gold");
    let mut notes = Vec::new();
    for split in ["validate.jsonl", "test.jsonl"] {
        let file = std::fs::read_to_string(root.join(split)).expect("the gold is there");
        notes.extend(file.lines().filter(|l| !l.is_empty()).map(|l| {
            let note: serde_json::Value = serde_json::from_str(l).expect("JSON");
            note["text"].as_str().expect("a text").to_owned()
        }));
    }
    notes
}

/// Notes joined to one of at least `bytes`.
fn long_note(notes: &[String], from: usize, bytes: usize) -> String {
    let mut text = String::new();
    for note in notes.iter().cycle().skip(from) {
        text.push_str(note);
        text.push_str("\n\n");
        if text.len() >= bytes {
            break;
        }
    }
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

fn pipeline(criterion: &mut Criterion) {
    let extractor = open();
    let notes = notes();
    let bytes: usize = notes.iter().map(String::len).sum();
    let mut group = criterion.benchmark_group("pipeline");
    group.sample_size(20).measurement_time(Duration::from_secs(8)).throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("read_page", |b| {
        b.iter(|| notes.iter().map(|note| Page::read(black_box(note), &extractor.lexicon().language).tokens.len()).sum::<usize>())
    });
    group.bench_function("suggest", |b| {
        b.iter(|| notes.iter().map(|note| extractor.suggest(black_box(note), &labels_alone()).suggestions.len()).sum::<usize>())
    });
    let few: Vec<&String> = notes.iter().step_by(10).collect();
    group.throughput(Throughput::Bytes(few.iter().map(|note| note.len() as u64).sum()));
    group.bench_function("suggest_with_model", |b| {
        b.iter(|| few.iter().map(|note| extractor.suggest(black_box(note), &Request::default()).suggestions.len()).sum::<usize>())
    });
    let routine = "Routine visit today. The flat was warm and tidy and the children were watching television with their cousin after swimming. We talked about the weather and the summer holidays. Next visit in two weeks. ".repeat(60);
    group.throughput(Throughput::Bytes(routine.len() as u64));
    group.bench_function("suggest_without_codes", |b| b.iter(|| extractor.suggest(black_box(&routine), &labels_alone()).suggestions.len()));
    group.finish();
    record(&extractor, &notes, bytes);
}

/// Percentiles and start, which criterion does not give; one run on one machine.
#[expect(clippy::print_stdout, reason = "a benchmark prints its record")]
fn record(extractor: &Extractor, notes: &[String], bytes: usize) {
    let two_kb: Vec<String> = (0..50).map(|i| long_note(notes, i * 3, 2048)).collect();
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..40 {
        for note in &two_kb {
            let start = Instant::now();
            black_box(extractor.suggest(note, &labels_alone()));
            times.push(start.elapsed());
        }
    }
    times.sort();
    let percentile = |p: usize| times[times.len() * p / 100].as_micros();
    let rounds = 20;
    let start = Instant::now();
    for _ in 0..rounds {
        notes.iter().for_each(|note| drop(black_box(extractor.suggest(note, &labels_alone()))));
    }
    let throughput = (bytes * rounds) as f64 / start.elapsed().as_secs_f64() / 1e6;
    let mut starts: Vec<Duration> = (0..7)
        .map(|_| {
            let start = Instant::now();
            black_box(open());
            start.elapsed()
        })
        .collect();
    starts.sort();
    println!("record,suggest_mb_per_s,{throughput:.2}");
    println!("record,note_2kb_p50_us,{}", percentile(50));
    println!("record,note_2kb_p99_us,{}", percentile(99));
    println!("record,start_ms_median,{}", starts[3].as_millis());
    println!("record,notes,{},bytes,{bytes}", notes.len());
}

criterion_group!(benches, pipeline);
criterion_main!(benches);
