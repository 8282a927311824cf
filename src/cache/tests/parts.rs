//! Parts of a cache folder, each filled by a process of its own.

use super::*;

fn part(bench: &Bench, number: usize, videos: &[usize]) -> (Cache, Utf8PathBuf) {
    let dir = bench.cache_dir();
    let paths = videos.iter().map(|&video| &bench.paths[video]);
    let sources: Vec<Source<'_>> = paths.map(Source::from).collect();
    let never = AtomicBool::new(false);
    fill_part((&dir, number), &sources, &SETTINGS, 2, &never, &|_| ()).unwrap()
}

#[test]
fn parts_are_read_with_the_folder_and_nothing_is_copied() {
    let bench = Bench::new(7);
    let expected = answers(&Bench::new(7).fill(&SETTINGS).0);
    let (first, folder) = part(&bench, 0, &[0, 2, 4]);
    assert_eq!(folder, bench.cache_dir().join("shard-0"));
    assert_eq!(answers(&first)[..], [0, 2, 4].map(|v| expected[v].clone()));
    // What another part has is not decoded again; of 11 parts each is found by its own number.
    let (second, _) = part(&bench, 10, &[1, 3, 4]);
    assert_eq!(answers(&second)[2], expected[4]);
    assert_eq!(parts_of(&bench.cache_dir(), 1).unwrap().len(), 0);
    assert_eq!(parts_of(&bench.cache_dir(), 10).unwrap().len(), 1);
    let (whole, counts) = bench.fill(&SETTINGS);
    assert_eq!((counts, answers(&whole)), ([5, 2, 0], expected.clone()));
    let videos = (0..7).map(|video| Ok(whole.fingerprint(video).unwrap()));
    let opened = open(&bench.cache_dir(), videos.collect(), &SETTINGS, None).unwrap();
    assert_eq!(answers(&opened), expected);
    let bytes = |folder: &str| {
        let path = bench.cache_dir().join(folder).join("frames.bin");
        fs_err::metadata(path).unwrap().len()
    };
    let plain = Bench::new(7);
    plain.fill(&SETTINGS);
    let all = fs_err::metadata(plain.cache_dir().join("frames.bin")).unwrap();
    assert_eq!(bytes("") + bytes("shard-0") + bytes("shard-10"), all.len());
}

#[test]
fn a_part_that_another_process_fills_is_filled_beside_it() {
    let bench = Bench::new(1);
    let other = Mutex::new(None);
    let again = |_| *other.lock().unwrap() = Some(part(&bench, 3, &[0]).1);
    let dir = bench.cache_dir();
    let source = [Source::from(&bench.paths[0])];
    let never = AtomicBool::new(false);
    let (_, folder) = fill_part((&dir, 3), &source, &SETTINGS, 1, &never, &again).unwrap();
    assert_eq!(folder, dir.join("shard-3"));
    assert_eq!(other.into_inner().unwrap(), Some(dir.join("shard-3-1")));
    assert_eq!(bench.fill(&SETTINGS).1, [1, 0, 0]);
}

#[test]
fn known_contents_are_not_read() {
    let bench = Bench::new(2);
    let (filled, _) = bench.fill(&SETTINGS);
    let content = filled.fingerprint(1);
    let gone = Source {
        id: "gone",
        path: &bench.dir.path("gone.mp4"),
        content,
    };
    let never = AtomicBool::new(false);
    let found = fill(&bench.cache_dir(), &[gone], &SETTINGS, 1, &never, &|_| ()).unwrap();
    assert_eq!(answers(&found)[0], answers(&filled)[1]);
}
