//! The page against the files that it tells of.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::*;
use crate::page::filmstrip;
use crate::page::findings::samples::{self, Sample};
use crate::page::findings::{Findings, ReviewFacts};
use crate::rows::cuts;
use crate::rows::folder::RunFolder;
use crate::rows::{classes, run, videos};
use crate::video::samples as video_samples;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Utf8Path {
        Utf8Path::from_path(self.0.path()).unwrap()
    }
}

fn rendered(findings: &Findings) -> String {
    render(&Page {
        findings,
        strips: &BTreeMap::new(),
        comparison: None,
        left_out: &[],
    })
}

/// Key, value and shown words of every number on a page.
fn figures(page: &str) -> Vec<(String, String, String)> {
    let cut = |text: &str, end: &str| text.split(end).next().unwrap().to_owned();
    page.split("<data data-key=\"")
        .skip(1)
        .map(|text| {
            let key = cut(text, "\"");
            let value = text.split("value=\"").nth(1).unwrap();
            let words = value.split('>').nth(1).unwrap();
            (key, cut(value, "\""), cut(words, "<"))
        })
        .collect()
}

/// What every number should be, from the files alone.
fn expected(folder: &RunFolder) -> BTreeMap<String, f64> {
    let (rows, _) = videos::read(&folder.videos()).unwrap();
    let card = run::read(&folder.card()).unwrap();
    let mut numbers = BTreeMap::new();
    let mut add = |key: String, value: f64| {
        numbers.insert(key, value);
    };
    add("videos".into(), rows.len() as f64);
    add("classes".into(), card.labels.len() as f64);
    let scored: Vec<_> = rows.iter().filter(|row| row.judgement.is_some()).collect();
    let consensus =
        |row: &&&videos::VideoRow| row.judgement.as_ref().unwrap().consensus == row.label;
    let right = |label: &str| {
        let of_class: Vec<_> = scored.iter().filter(|row| row.label == label).collect();
        of_class.iter().filter(|row| consensus(row)).count() as f64 / of_class.len() as f64
    };
    let war = scored.iter().filter(consensus).count() as f64 / scored.len() as f64;
    let uar = card.labels.iter().map(|label| right(label)).sum::<f64>() / card.labels.len() as f64;
    for name in ["accuracy", "folds.0"] {
        add(format!("{name}.war"), war);
        add(format!("{name}.uar"), uar);
    }
    add("folds".into(), 1.0);
    add("folds.0.videos".into(), scored.len() as f64);
    let count = |verdict: &str, label: Option<&str>| {
        rows.iter()
            .filter(|row| row.verdict.as_str() == verdict && label.is_none_or(|l| l == row.label))
            .count() as f64
    };
    for verdict in ["clean", "hard", "mislabeled", "unreadable"] {
        add(format!("verdicts.{verdict}"), count(verdict, None));
        for label in &card.labels {
            add(
                format!("classes.{label}.{verdict}"),
                count(verdict, Some(label)),
            );
        }
    }
    add("issues.unreadable".into(), 1.0);
    for row in &scored {
        let score = row.judgement.as_ref().unwrap().scores.noise_score;
        add(format!("videos.{}.noise_score", row.rank), score.into());
    }
    tables(folder, &mut add);
    let told = card.promise.unwrap();
    let (precision, recall) = (told.precision.unwrap(), told.recall.unwrap());
    add("promise.recommended".into(), told.recommended as f64);
    for (name, interval) in [
        ("errors", told.errors),
        ("precision", precision),
        ("recall", recall),
    ] {
        add(format!("promise.{name}.low"), interval.low);
        add(format!("promise.{name}.high"), interval.high);
    }
    let last = &scored[told.recommended - 1]
        .judgement
        .as_ref()
        .unwrap()
        .scores;
    add("cut_score".into(), last.noise_score.into());
    numbers
}

/// The numbers of classes, transitions and cuts.
fn tables(folder: &RunFolder, add: &mut dyn FnMut(String, f64)) {
    for class in classes::read_classes(&folder.classes()).unwrap() {
        let name = format!("classes.{}", class.label);
        add(format!("{name}.videos"), class.videos.into());
        add(
            format!("{name}.estimated_true"),
            class.estimated_true.into(),
        );
        let share = class.share_mislabeled;
        for (end, value) in [
            ("estimate", share.estimate),
            ("low", share.low),
            ("high", share.high),
        ] {
            add(format!("{name}.share_mislabeled.{end}"), value);
        }
    }
    for pair in classes::read_transitions(&folder.transitions()).unwrap() {
        let key = format!("transitions.{}.{}.count", pair.given, pair.estimated);
        add(key, pair.count.into());
    }
    for cut in cuts::read(&folder.cuts()).unwrap() {
        let name = format!("cuts.{}", cut.flagged);
        add(format!("{name}.flagged"), cut.flagged as f64);
        add(format!("{name}.precision.low"), cut.precision.low);
        add(format!("{name}.precision.high"), cut.precision.high);
        add(format!("{name}.recall.low"), cut.recall.low);
        add(format!("{name}.recall.high"), cut.recall.high);
    }
}

#[test]
fn every_number_is_that_of_the_files() {
    let folder = Folder::new();
    let findings = samples::findings(folder.path(), &Sample::default());
    let expected = expected(&RunFolder::new(folder.path().join("run")));
    let found = figures(&rendered(&findings));
    for (key, value, _) in &found {
        let value: f64 = value.parse().unwrap();
        let wanted = expected
            .get(key)
            .unwrap_or_else(|| panic!("what is '{key}'?"));
        assert!(
            (value - wanted).abs() < 1e-6,
            "{key}: {value}, not {wanted}"
        );
    }
    for key in [
        "promise.errors.low",
        "verdicts.hard",
        "videos.1.noise_score",
        "cut_score",
    ] {
        assert!(
            found.iter().any(|(found, ..)| found == key),
            "{key} is not told"
        );
    }
    assert!(found.len() > 80, "{}", found.len());
}

#[test]
fn terminal_and_page_say_the_same() {
    let folder = Folder::new();
    let sample = Sample::default();
    let findings = Findings::read(&sample.write(folder.path()), samples::review()).unwrap();
    let (page, text) = (rendered(&findings), findings.summary.to_text());
    let headline = findings.summary.headline();
    assert!(
        page.contains(&headline) && text.contains(&headline),
        "{headline}"
    );
    let steps = findings.summary.next_steps();
    assert_eq!(steps.len(), 3);
    assert!(steps.iter().all(|step| page.contains(&step.command)));
    assert!(text.contains(&steps[0].command));
    let json = serde_json::to_value(&findings.summary).unwrap();
    let mut compared = 0;
    for (key, value, _) in figures(&page) {
        let path = format!("/{}", key.replace('.', "/"));
        if let Some(told) = json.pointer(&path).and_then(serde_json::Value::as_f64) {
            assert!((told - value.parse::<f64>().unwrap()).abs() < 1e-9, "{key}");
            compared += 1;
        }
    }
    assert!(compared >= 12, "{compared}");
    for suspect in &findings.summary.suspects {
        assert!(page.contains(&suspect.path) && text.contains(&suspect.path));
    }
}

#[test]
fn a_label_named_script_does_no_harm() {
    let folder = Folder::new();
    let evil = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(2)>",
        "a&b'c",
    ];
    let sample = Sample {
        labels: evil,
        ..Sample::default()
    };
    let findings = Findings::read(&sample.write(folder.path()), samples::review()).unwrap();
    let page = rendered(&findings);
    assert!(!page.contains("<script") && !page.contains("<img src=x"));
    assert!(!page.contains("<b>sure"));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("a&amp;b'c"));
}

#[test]
fn the_page_stands_alone() {
    let folder = Folder::new();
    let findings = samples::findings(folder.path(), &Sample::default());
    let page = rendered(&findings);
    for word in [
        "http://", "https://", "url(", "@import", "<link", "<script", "<iframe",
    ] {
        assert!(!page.contains(word), "{word}");
    }
    // Every element that is pointed at is there, once.
    for target in page.split("href=\"#").skip(1) {
        let id = target.split('"').next().unwrap();
        assert_eq!(page.matches(&format!("id=\"{id}\"")).count(), 1, "{id}");
    }
}

#[test]
fn videos_are_shown_and_missing_ones_leave_a_place() {
    let folder = Folder::new();
    let findings = samples::findings(folder.path(), &Sample::default());
    let path = folder.path().join("one.mp4");
    video_samples::write(&path, (64, 48), 40, crate::video::EncoderOptions::default());
    let shown = findings.suspects[1];
    let strips = BTreeMap::from([(shown, filmstrip::of_video(&path).unwrap())]);
    let page = render(&Page {
        findings: &findings,
        strips: &strips,
        comparison: None,
        left_out: &[],
    });
    let missing = findings.suspects.len() + findings.hard.len() - 1;
    assert_eq!(page.matches("src=\"data:image/jpeg;base64,").count(), 1);
    // Words for those who do not see it go with every picture.
    assert_eq!(
        page.matches("<img").count(),
        page.matches(" alt=\"8 frames of ").count()
    );
    assert_eq!(
        page.matches("<svg").count(),
        page.matches("</title><desc").count()
    );
    assert_eq!(page.matches("class=\"strip missing\"").count(), missing);
    assert!(page.contains("aspect-ratio:10.667"));
}

#[test]
fn a_run_without_anything_to_score_has_a_page() {
    let folder = Folder::new();
    let run_folder = Sample::default().write(folder.path());
    let (mut rows, _) = videos::read(&run_folder.videos()).unwrap();
    for row in &mut rows {
        row.judgement = None;
    }
    videos::write(&run_folder.videos(), &rows, &[]).unwrap();
    for file in ["clips", "classes", "transitions", "cuts"] {
        fs_err::remove_file(run_folder.root().join(format!("{file}.parquet"))).unwrap();
    }
    let mut card = run::read(&run_folder.card()).unwrap();
    card.promise = None;
    run::write(&run_folder.card(), &card).unwrap();
    let findings = Findings::read(&run_folder, ReviewFacts::default()).unwrap();
    let page = rendered(&findings);
    assert!(page.contains("none of the 61 videos could be scored"));
    assert!(!page.contains("NaN") && !page.contains("id=\"plane\""));
}

#[test]
fn words_of_a_small_page() {
    let folder = Folder::new();
    let sample = Sample {
        videos: 13,
        ..Sample::default()
    };
    let mut findings = Findings::read(&sample.write(folder.path()), samples::review()).unwrap();
    findings.summary.run = "run".into();
    findings.suspects.truncate(1);
    findings.hard.truncate(1);
    let page = rendered(&findings);
    let body = page.split("</head>").nth(1).unwrap();
    insta::assert_snapshot!("small_page", body.replace("><", ">\n<"));
    insta::assert_snapshot!("small_summary", findings.summary.to_text());
}

#[test]
fn the_page_is_written_whole() {
    let folder = Folder::new();
    let findings = samples::findings(folder.path(), &Sample::default());
    let page = Page {
        findings: &findings,
        strips: &BTreeMap::new(),
        comparison: None,
        left_out: &[],
    };
    let path: Utf8PathBuf = folder.path().join("report.html");
    write(&path, &page).unwrap();
    let text = fs_err::read_to_string(&path).unwrap();
    assert!(text.starts_with("<!DOCTYPE html>") && text.ends_with("</html>"));
    assert!(write(&folder.path().join("no/report.html"), &page).is_err());
}
