//! Tests of what is read and refused.

use half::f16;

use super::block::{Array, Block};
use super::names::find;
use crate::manifest::Video;

fn video(id: &str, path: &str) -> Video {
    Video {
        id: id.to_owned(),
        path: path.into(),
        written_path: path.to_owned(),
        label: 0,
        group: None,
        row: None,
        extra: Vec::new(),
    }
}

#[test]
fn features_are_found_by_id_path_or_a_last_part_that_is_unique() {
    let names = ["a", "clips/b", "c.mp4", "deep/d", "e", "x/e", "7"].map(str::to_owned);
    let found = |id: &str, path: &str| find(&names, &[video(id, path)])[0];
    assert_eq!(found("a", "other/z.mp4"), Some(0));
    assert_eq!(found("id", "clips/b.mp4"), Some(1));
    assert_eq!(found("id", ".\\clips\\b.mp4"), Some(1));
    assert_eq!(found("id", "clips/c.mp4"), Some(2));
    assert_eq!(found("id", "clips/d.avi"), Some(3));
    assert_eq!(found("e", "clips/e.mp4"), Some(4));
    // Two names end in it.
    assert_eq!(found("id", "clips/e.mp4"), None);
    assert_eq!(found("id", "clips/nowhere.mp4"), None);
    // Two videos end in it.
    let twins = [video("1", "one/7.mp4"), video("2", "two/7.mp4")];
    assert_eq!(find(&names, &twins), [None, None]);
}

#[test]
fn rows_are_kept_in_half_precision_mirrored_ones_last() {
    let array = Array {
        shape: vec![4, 2],
        values: (0..8).map(f64::from).collect(),
    };
    let block = Block::new(&array, true).unwrap();
    assert_eq!((block.rows, block.width), (2, 2));
    let last = f16::from_f32(7.0).to_ne_bytes();
    assert_eq!(block.halves[14..], last);
    assert_eq!(Block::new(&array, false).unwrap().rows, 4);
    let one = Array {
        shape: vec![2],
        values: vec![0.0, 1.0],
    };
    assert_eq!(Block::new(&one, false).unwrap().rows, 1);
    let odd = Block::new(&one, true).unwrap_err();
    assert!(odd.starts_with("has 1 rows, an odd number"), "{odd}");
}

#[test]
fn what_half_precision_cannot_tell_apart_is_constant() {
    let block = |values: &[f64]| {
        let array = Array {
            shape: vec![values.len()],
            values: values.to_vec(),
        };
        Block::new(&array, false)
    };
    assert!(block(&[1.0, 1.000_01]).unwrap_err().contains("is constant"));
    assert!(
        block(&[0.0, 1e-9])
            .unwrap_err()
            .contains("all its numbers are 0")
    );
    assert!(
        block(&[f64::INFINITY, 0.0])
            .unwrap_err()
            .contains("inf at place 0")
    );
    assert!(block(&[]).unwrap_err().contains("is empty"));
    // One number a row cannot differ from itself.
    assert!(block(&[3.0]).is_ok());
}
