//! Frames that are kept compressed, and folders of an earlier format.

use super::*;

#[test]
fn compressed_frames_are_the_same_frames_and_lie_beside_raw_ones() {
    let raw = Bench::new(6);
    let expected = answers(&raw.fill(&SETTINGS).0);
    // Half of the videos are kept raw, the rest compressed.
    let bench = Bench::new(6);
    let fill = |paths: &[Utf8PathBuf], packing| {
        let sources: Vec<Source<'_>> = paths.iter().map(Source::from).collect();
        let folder = CacheFolder {
            dir: &bench.cache_dir(),
            packing,
        };
        fill(
            folder,
            &sources,
            &SETTINGS,
            2,
            &AtomicBool::new(false),
            &|_| (),
        )
        .unwrap()
    };
    fill(&bench.paths[..3], Packing::Raw);
    let mixed = fill(&bench.paths, Packing::Compressed);
    assert_eq!(answers(&mixed), expected);
    let sizes = |cache: &Cache| -> Vec<usize> {
        let stored = |index| cache.video(index).unwrap().pixels.stored.len();
        (0..6).map(stored).collect()
    };
    let (all_raw, packed) = (sizes(&raw.fill(&SETTINGS).0), sizes(&mixed));
    assert_eq!(packed[..3], all_raw[..3]);
    assert!(packed.iter().zip(&all_raw).skip(3).all(|(a, b)| a < b));
    // They are found again whichever way new ones are kept.
    assert_eq!(answers(&bench.fill(&SETTINGS).0), expected);
    // A byte of the last video's frames that is not what was written.
    let data = bench.cache_dir().join("frames.bin");
    drop(mixed);
    let mut bytes = fs_err::read(&data).unwrap();
    let last = bytes.len() - 4 * MOTION_BYTES - 10;
    bytes[last] ^= 1;
    fs_err::write(&data, bytes).unwrap();
    let damaged = bench.fill(&SETTINGS).0;
    let failed = (0..6).filter(|&index| damaged.video(index).unwrap().pixels.read().is_err());
    assert_eq!(failed.count(), 1);
}

#[test]
fn a_folder_of_an_earlier_format_is_gone_on_with_and_marked() {
    let bench = Bench::new(2);
    let expected = answers(&bench.fill(&SETTINGS).0);
    let index = bench.cache_dir().join("index.jsonl");
    let text = fs_err::read_to_string(&index).unwrap();
    let earlier = text.replace("{\"rdfer_audit_cache\":2}", "{\"rdfer_audit_cache\":1}");
    assert_ne!(earlier, text);
    fs_err::write(&index, earlier).unwrap();
    let (cache, counts) = bench.fill(&SETTINGS);
    assert_eq!((counts, answers(&cache)), ([2, 0, 0], expected));
    assert_eq!(fs_err::read_to_string(&index).unwrap(), text);
}
