//! Bytes come back as they were, but for what was decided.

use proptest::prelude::*;

use super::*;

/// A data set's files, the path of the source, and its format.
type Files = (Vec<(String, Vec<u8>)>, &'static str, Format);

/// How a text file looks on the outside: a byte order mark, Windows line ends, blank lines at the end, a last line end.
fn outside() -> impl Strategy<Value = (bool, bool, usize, bool)> {
    (any::<bool>(), any::<bool>(), 0_usize..3, any::<bool>())
}

fn file_of(lines: &[String], (mark, windows, blank, ends): (bool, bool, usize, bool)) -> Vec<u8> {
    let end = if windows { "\r\n" } else { "\n" };
    let mut text = String::from(if mark { "\u{feff}" } else { "" }) + &lines.join(end);
    if ends || blank > 0 {
        text += end;
    }
    (text + &end.repeat(blank)).into_bytes()
}

/// Rows `(name, class, note)` as the files of a data set, each with its own outside.
fn data_set(
    format: Format,
    rows: &[(String, usize, String)],
    outsides: &[(bool, bool, usize, bool)],
) -> Files {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let class = |class: usize| ["happy", "sad", "fear"][class];
    let lines = |number_of: &dyn Fn(usize) -> String| -> Vec<String> {
        rows.iter()
            .zip(0..)
            .map(|((name, label, note), index)| match format {
                Format::Csv => {
                    format!(
                        "{},{},\"{}\"",
                        quoted(note),
                        quoted(&format!("{index}{name}")),
                        class(*label)
                    )
                }
                Format::Jsonl => serde_json::json!({
                    "label": class(*label), "path": format!("{index}{name}"), "note": note
                })
                .to_string(),
                Format::Dfew => format!("{index:05},{}", number_of(*label)),
                Format::Mafw => format!("{index:05}.mp4 {}", class(*label)),
                Format::Ferv39k => format!("Action/{}/{index:04} {}", class(*label), class(*label)),
                _ => format!("{index}{name} 16\t{}", class(*label)),
            })
            .collect()
    };
    let number = |label: usize| ["1", "2", "7"][label].to_owned();
    let all = lines(&number);
    let (left, right) = all.split_at(all.len() / 2);
    let headed = |header: &str, lines: &[String]| -> Vec<String> {
        std::iter::once(header.to_owned())
            .chain(lines.iter().cloned())
            .collect()
    };
    let file = |name: &str, lines: &[String], outside: usize| {
        (name.to_owned(), file_of(lines, outsides[outside]))
    };
    match format {
        Format::Csv => (
            vec![file("l.csv", &headed("note,path,label", &all), 0)],
            "data/l.csv",
            format,
        ),
        Format::Jsonl => (vec![file("l.jsonl", &all, 0)], "data/l.jsonl", format),
        Format::Dfew => {
            let (train, test) = (
                "EmoLabel_DataSplit/train(single-labeled)",
                "EmoLabel_DataSplit/test(single-labeled)",
            );
            let head = |lines: &[String]| headed("video_name,label", lines);
            let files = vec![
                file(&format!("{train}/set_1.csv"), &head(left), 0),
                file(&format!("{test}/set_1.csv"), &head(right), 1),
                file(&format!("{train}/set_2.csv"), &head(right), 2),
                file(&format!("{test}/set_2.csv"), &head(left), 0),
            ];
            (files, "data", format)
        }
        Format::Mafw => {
            let folder = "split/single/no_caption";
            let files = vec![
                file(&format!("{folder}/set_1/train.txt"), left, 0),
                file(&format!("{folder}/set_1/test.txt"), right, 1),
                file(&format!("{folder}/set_2/train.txt"), &all, 2),
            ];
            (files, "data", format)
        }
        Format::Ferv39k => {
            let folder = "4_setups/All_scenes";
            let files = vec![
                file(&format!("{folder}/train_All.csv"), left, 0),
                file(&format!("{folder}/test_All.csv"), right, 1),
            ];
            (files, "data", format)
        }
        _ => (vec![file("l.txt", &all, 0)], "data/l.txt", Format::List),
    }
}

/// The rows as a data set, its files sorted as they are read.
fn sorted(mut files: Files) -> Files {
    files.0.sort();
    files
}

fn case_of((files, source, format): &Files) -> Case {
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), &bytes[..]))
        .collect();
    Case::new(&files, source, *format)
}

fn exported(case: &Case, files: &Files, to: &str) -> Vec<Vec<u8>> {
    let (names, source, _) = files;
    names
        .iter()
        .map(|(name, _)| {
            let path = if *source == "data" {
                case.path(to).join(name)
            } else {
                case.path(to)
            };
            fs_err::read(path).unwrap()
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn nothing_changes_without_a_decision_and_one_decision_changes_one_video(
        rows in prop::collection::vec(("[a-zé/\"; ,]{1,6}[a-z]", 0_usize..3, "[ -~é\n]{0,6}"), 4..9),
        format in prop::sample::select(vec![
            Format::Csv, Format::Jsonl, Format::List, Format::Dfew, Format::Mafw, Format::Ferv39k,
        ]),
        outsides in prop::collection::vec(outside(), 3),
        chosen in any::<prop::sample::Index>(),
    ) {
        // Every class occurs, so that it has a word.
        let mut rows = rows;
        for (class, row) in rows.iter_mut().take(3).enumerate() {
            row.1 = class;
        }
        let files = sorted(data_set(format, &rows, &outsides));
        let case = case_of(&files);
        case.export_same("out");
        let originals: Vec<Vec<u8>> = files.0.iter().map(|(_, bytes)| bytes.clone()).collect();
        prop_assert_eq!(&exported(&case, &files, "out"), &originals);
        prop_assert_eq!(check(&case.audit(), &case.path("out"), ExportFormat::Same).unwrap(), []);

        let audit = case.audit();
        let video = chosen.index(audit.original.manifest.videos.len());
        let found = &audit.original.manifest.videos[video];
        let label = (found.label + 1) % 3;
        let name = audit.original.manifest.labels.name(label).to_owned();
        case.decide("anna", &found.id, Action::Relabel, Some(&name));
        case.export_same("changed");
        prop_assert_eq!(check(&case.audit(), &case.path("changed"), ExportFormat::Same).unwrap(), []);
        // Each file differs in as many lines as name the video.
        for ((file, before), after) in audit.original.files.iter().zip(&originals).zip(exported(&case, &files, "changed")) {
            let split = |byte: &u8| *byte == b'\n';
            let changed = before.split(split).zip(after.split(split)).filter(|(before, after)| before != after).count();
            let naming = file.rows.iter().filter(|row| row.video == Some(video)).count();
            prop_assert_eq!(changed, naming);
            prop_assert_eq!(before.split(split).count(), after.split(split).count());
        }
        let options = ReadOptions { format: files.2, words_only: true, ..ReadOptions::default() };
        let again = manifest::read(&case.path("changed"), &options).unwrap();
        for (before, after) in audit.original.manifest.videos.iter().zip(&again.videos) {
            let expected = if before.id == found.id { name.as_str() } else { audit.original.manifest.labels.name(before.label) };
            prop_assert_eq!(again.labels.name(after.label), expected);
        }
    }
}

impl Case {
    fn export_same(&self, to: &str) {
        self.plan(to, ExportFormat::Same, Policy::default())
            .write(false)
            .unwrap();
    }
}

#[test]
fn a_correction_goes_to_every_file_as_that_file_writes_it() {
    let files: [(&str, &[u8]); 3] = [
        (
            "EmoLabel_DataSplit/train(single-labeled)/set_1.csv",
            b"video_name,label\r\n1,1\r\n00002,2\r\n",
        ),
        (
            "EmoLabel_DataSplit/test(single-labeled)/set_1.csv",
            b"video_name,label\n3,7\n",
        ),
        (
            "EmoLabel_DataSplit/train(single-labeled)/set_2.csv",
            b"video_name,label\n3,7\n1,1",
        ),
    ];
    let case = Case::new(&files, "data", Format::Dfew);
    case.decide("", "3", Action::Relabel, Some("happy"));
    case.decide("", "1", Action::Drop, None);
    let plan = case.plan("clean", ExportFormat::Same, Policy::default());
    plan.write(false).unwrap();
    let text = |name: &str| case.text(&format!("clean/{name}"));
    assert_eq!(text(files[0].0), "video_name,label\r\n00002,2\r\n");
    assert_eq!(text(files[1].0), "video_name,label\n3,1\n");
    assert_eq!(text(files[2].0), "video_name,label\n3,1\n");
    assert_eq!(
        text("changes.csv"),
        "id,path,change,from,to,by,why\n3,3,relabel,fear,happy,unnamed,1 of 1 reviewers\n1,1,drop,happy,,unnamed,1 of 1 reviewers\n"
    );
    assert!(text("changes.diff").contains(
        "--- a/EmoLabel_DataSplit/test(single-labeled)/set_1.csv\n+++ b/EmoLabel_DataSplit/test(single-labeled)/set_1.csv\n@@ -1,2 +1,2 @@\n video_name,label\n-3,7\n+3,1\n"
    ));
    let audit = case.audit();
    assert_eq!(
        check(&audit, &case.path("clean"), ExportFormat::Same).unwrap(),
        []
    );
}
