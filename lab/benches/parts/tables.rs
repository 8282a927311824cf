//! A run's tables, its page and its review, of 40,000 videos of ten clips.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use camino::Utf8Path;
use divan::Bencher;
use divan::counter::ItemsCount;
use lab::made_up;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::KeyCode;
use rdfer_audit::page::findings::{Findings, ReviewFacts};
use rdfer_audit::page::html::{Page, render};
use rdfer_audit::review::view::{self, Depth};
use rdfer_audit::review::{Message, Mode, ReviewSettings, Run, State, update};
use rdfer_audit::rows::folder::RunFolder;
use rdfer_audit::rows::{clips, videos};

const VIDEOS: usize = 40_000;

/// A run that lives as long as the program.
struct Made {
    _temporary: tempfile::TempDir,
    folder: RunFolder,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let temporary = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(temporary.path()).unwrap();
    let folder = RunFolder::new(root.join("run"));
    made_up::write(root, &folder, VIDEOS);
    Made {
        _temporary: temporary,
        folder,
    }
});

#[divan::bench(sample_count = 5, sample_size = 1)]
fn parquet_read_videos(bencher: Bencher) {
    let path = MADE.folder.videos();
    bencher
        .counter(ItemsCount::new(VIDEOS))
        .bench_local(|| videos::read(&path).unwrap());
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn parquet_write_videos(bencher: Bencher) {
    let (rows, extra) = videos::read(&MADE.folder.videos()).unwrap();
    let path = MADE.folder.root().join("written.parquet");
    bencher
        .counter(ItemsCount::new(VIDEOS))
        .bench_local(|| videos::write(&path, &rows, &extra).unwrap());
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn parquet_read_clips(bencher: Bencher) {
    let path = MADE.folder.clips();
    let rows = clips::read(&path).unwrap().len();
    bencher
        .counter(ItemsCount::new(rows))
        .bench_local(|| clips::read(&path).unwrap());
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn parquet_write_clips(bencher: Bencher) {
    let rows = clips::read(&MADE.folder.clips()).unwrap();
    let path = MADE.folder.root().join("written.parquet");
    bencher
        .counter(ItemsCount::new(rows.len()))
        .bench_local(|| clips::write(&path, &rows).unwrap());
}

/// The page without pictures.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn report_page(bencher: Bencher) {
    let findings = Findings::read(&MADE.folder, ReviewFacts::default()).unwrap();
    bencher.counter(ItemsCount::new(VIDEOS)).bench_local(|| {
        render(&Page {
            findings: &findings,
            strips: &BTreeMap::new(),
            comparison: None,
            left_out: &[],
        })
    });
}

/// A key, and the frame of the terminal after it; cells as items.
#[divan::bench(args = [(80, 24), (200, 60)])]
fn review_frame(bencher: Bencher, (columns, lines): (u16, u16)) {
    let run = Run::read(&MADE.folder).unwrap();
    let keymap = ReviewSettings::default()
        .keymap(run.labels().len())
        .unwrap();
    let mut state = State::new(run, Mode::default(), keymap, &[]);
    let mut terminal = Terminal::new(TestBackend::new(columns, lines)).unwrap();
    bencher
        .counter(ItemsCount::new(u32::from(columns) * u32::from(lines)))
        .bench_local(|| {
            update(&mut state, Message::Key(KeyCode::Down.into()));
            let drawn = terminal.draw(|frame| view::draw(frame, &state, None, Depth::True));
            drawn.unwrap();
        });
}
