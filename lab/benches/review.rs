//! Frame time, start-up and memory of the review on 40,000 videos of ten clips: `cargo bench --package rdfer-lab --bench review`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that stops at the first thing that is wrong and tells the rest"
)]

use std::thread;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use lab::screen::Screen;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::KeyCode;
use rdfer_audit::review::view::{self, Depth};
use rdfer_audit::review::{Message, Mode, ReviewSettings, Run, State, update};
use rdfer_audit::rows::folder::RunFolder;
use rdfer_audit::rows::run::RunCard;
use rdfer_audit::rows::videos::{Judgement, Scores, VideoRow};
use rdfer_audit::rows::{SCHEMA, clips, run, videos};
use rdfer_audit::score::Verdict;
use rdfer_audit::video::{EncoderOptions, VideoEncoder, VideoFacts};

const VIDEOS: u32 = 40_000;
const CLIPS: u16 = 10;
const LABELS: [&str; 7] = [
    "happy", "sad", "neutral", "angry", "surprise", "disgust", "fear",
];

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
    let run_folder = RunFolder::new(root.join("run"));
    write_run(&root, &run_folder);
    frames(&run_folder);
    program(&root);
}

fn row(number: u32) -> VideoRow {
    let class = number as usize % LABELS.len();
    let verdict = if number < VIDEOS / 10 {
        Verdict::Mislabeled
    } else {
        Verdict::Clean
    };
    let suspicion = 1.0 - number as f32 / VIDEOS as f32;
    VideoRow {
        rank: number + 1,
        id: format!("part_{}/clip_{number:06}", number % 12),
        path: format!("part_{}/clip_{number:06}.mp4", number % 12),
        label: LABELS[class].into(),
        verdict,
        judgement: Some(Judgement {
            scores: Scores {
                noise_score: suspicion,
                agreement: 0.9,
                ..Scores::default()
            },
            consensus: LABELS[(class + 1) % LABELS.len()].into(),
            suggested_label: LABELS[(class + 1) % LABELS.len()].into(),
            mean_probs: vec![1.0 / 7.0; 7],
            neighbours: Vec::new(),
            flags: [false; 4],
        }),
        fold: 0,
        votes: None,
        group: None,
        facts: Some(VideoFacts {
            frames: 120,
            fps: 25.0,
            duration_secs: 4.8,
            width: 640,
            height: 480,
            distinct_frames: 64,
            truncated: false,
        }),
        issues: Vec::new(),
        reason: "9 of 10 clips say sad, 1 says happy; the label's probability is 0.12".into(),
        extra: Vec::new(),
    }
}

fn write_run(root: &Utf8Path, folder: &RunFolder) {
    let rows: Vec<VideoRow> = (0..VIDEOS).map(row).collect();
    fs_err::create_dir_all(folder.root()).unwrap();
    videos::write(&folder.videos(), &rows, &[]).unwrap();
    let clip_rows: Vec<clips::ClipRow> = rows
        .iter()
        .flat_map(|row| {
            (0..CLIPS).map(|clip| clips::ClipRow {
                id: row.id.clone(),
                repeat: 0,
                clip,
                start_frame: u32::from(clip) * 6,
                end_frame: u32::from(clip) * 6 + 60,
                flipped: false,
                key_frames: Vec::new(),
                prediction: "sad".into(),
                probs: vec![1.0 / 7.0; 7],
            })
        })
        .collect();
    clips::write(&folder.clips(), &clip_rows).unwrap();
    let card = RunCard {
        version: "0.1.0".into(),
        schema: SCHEMA,
        dataset: root.join("labels.csv").to_string(),
        format: "csv".into(),
        fingerprint: "f00d".into(),
        labels: LABELS.map(str::to_owned).to_vec(),
        device: "cpu".into(),
        libtorch: "2.11.0".into(),
        videos: rows.len(),
        clip_overlap: 0.5,
        ..RunCard::default()
    };
    run::write(&folder.card(), &card).unwrap();
    // The first clip is played.
    let path = root.join(&rows[0].path);
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    let mut encoder = VideoEncoder::create(&path, 640, 480, 25, EncoderOptions::default()).unwrap();
    for frame in 0..120_u32 {
        let pixels: Vec<u8> = (0..640 * 480 * 3_u32)
            .map(|at| (at / 3 + frame * 7) as u8)
            .collect();
        encoder.push(&pixels).unwrap();
    }
    encoder.finish().unwrap();
}

/// Time to read the run, and to build a frame after each of a few hundred keys.
fn frames(folder: &RunFolder) {
    let start = Instant::now();
    let run = Run::read(folder).unwrap();
    println!("read {VIDEOS} videos: {:.0} ms", millis(start.elapsed()));
    let start = Instant::now();
    let keymap = ReviewSettings::default().keymap(LABELS.len()).unwrap();
    let mut state = State::new(run, Mode::default(), keymap, &[]);
    println!("first state: {:.0} ms", millis(start.elapsed()));
    for (columns, lines) in [(80, 24), (200, 60)] {
        let mut terminal = Terminal::new(TestBackend::new(columns, lines)).unwrap();
        let mut times: Vec<f64> = (0..300)
            .map(|step| {
                let key = if step % 3 == 0 {
                    KeyCode::PageDown
                } else {
                    KeyCode::Down
                };
                update(&mut state, Message::Key(key.into()));
                let start = Instant::now();
                let drawn = terminal.draw(|frame| view::draw(frame, &state, None, Depth::True));
                drawn.unwrap();
                millis(start.elapsed())
            })
            .collect();
        times.sort_by(f64::total_cmp);
        println!(
            "frame at {columns}×{lines}: median {:.2} ms, slowest {:.2} ms",
            times[times.len() / 2],
            times[times.len() - 1]
        );
    }
}

/// Start-up until the list is shown, and memory while the first clip plays, of the program itself.
fn program(root: &Utf8Path) {
    let screen = Screen::start(
        &["review", "run", "--set", "review.images=half_blocks"],
        root,
    );
    println!(
        "program: first screen after {:.0} ms",
        1000.0 * screen.seconds_until("40000")
    );
    println!(
        "program: first picture after {:.0} ms",
        1000.0 * screen.seconds_until("▀")
    );
    thread::sleep(Duration::from_secs(4));
    for line in screen.memory(&["VmRSS", "RssAnon", "RssFile", "VmHWM"]) {
        println!("program while playing: {line}");
    }
    screen.quit();
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
