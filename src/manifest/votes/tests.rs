use std::collections::BTreeMap;

use camino::Utf8Path;

use super::*;
use crate::manifest::words::Classes;

const NAMES: [&str; 6] = ["angry", "disgust", "fear", "happy", "neutral", "sad"];

fn with_classes<T>(names: &[&str], act: impl FnOnce(Classes) -> T) -> T {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let written = BTreeMap::from([("joy".to_owned(), "happy".to_owned())]);
    act(Classes {
        names: &names,
        written: &written,
    })
}

/// Reads a table of votes on `1001_A.mp4`, `1001_B.mp4` and `videos/00007.mp4`.
fn read_text(text: &str) -> Result<ReadVotes, VotesError> {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path())
        .unwrap()
        .join("votes.csv");
    fs_err::write(&path, text).unwrap();
    let videos = [
        ("a", "clips/1001_A.mp4"),
        ("b", "clips/1001_B.mp4"),
        ("c", "clips/00007.mp4"),
    ];
    let videos = videos.map(|(id, path)| Named {
        id,
        path,
        label: 3,
        extra: &[],
    });
    with_classes(&NAMES, |classes| read(&path, &videos, classes))
}

/// Votes as (video, rater, class, count).
fn flat(votes: &Votes) -> Vec<(&str, &str, &str, u32)> {
    let flat = votes.list.iter().map(|ballot| {
        let rater = votes.raters[ballot.rater].as_str();
        (ballot.id.as_str(), rater, NAMES[ballot.class], ballot.count)
    });
    flat.collect()
}

#[test]
fn a_row_per_vote() {
    let read = read_text(
        "video\trater\tlabel\n1001_A\tanna\tHappy\nclips/1001_B.mp4\tben\tjoy\n7\tanna\tn/a\n9\tben\tsad\n",
    );
    let read = read.unwrap();
    assert_eq!(
        flat(&read.votes),
        [("a", "anna", "happy", 1), ("b", "ben", "happy", 1)]
    );
    assert_eq!(
        read.told,
        ["1 videos with votes are not in the data set, such as '9'"]
    );
    assert_eq!(
        read.votes.told(3),
        "2 by 2 raters on 2 of 3 videos, 1.0 a video"
    );
}

#[test]
fn the_sheet_of_dfew() {
    let text = "order,1happy,2sad,3neutral,4angry,6disgust,7fear,annotation\n7,9,1,0,0,0,0,1\n";
    let votes = read_text(text).unwrap().votes;
    assert_eq!(flat(&votes), [("c", "", "happy", 9), ("c", "", "sad", 1)]);
    assert!(
        votes
            .told(3)
            .contains("10 by raters who are not told apart on 1 of 3")
    );
    let error = read_text(&text.replace(",9,", ",0.9,"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("line 2: '0.9' in the column '1happy' is no number of votes"),
        "{error}"
    );
}

#[test]
fn the_tables_of_crema_d_give_their_votes_on_the_face() {
    let tabulated = "\"\",\"A\",\"D\",\"F\",\"H\",\"N\",\"S\",\"fileName\",\"numResponses\",\"emoVote\"\n\
        \"100001\",0,0,0,1,10,0,\"1001_A\",11,\"N\"\n\
        \"200001\",0,0,0,9,1,0,\"1001_A\",10,\"H\"\n\
        \"300001\",0,0,0,9,0,0,\"1001_A\",9,\"H\"\n";
    let read = read_text(tabulated).unwrap();
    assert_eq!(
        flat(&read.votes),
        [("a", "", "happy", 9), ("a", "", "neutral", 1)]
    );
    assert!(read.told[0].starts_with("2 rows of CREMA-D's"));
    let responses = "\"\",\"localid\",\"queryType\",\"clipName\",\"respEmo\",\"respLevel\"\n\
        1,12,2,\"1001_B\",\"D\",50\n2,12,3,\"1001_B\",\"A\",50\n";
    assert_eq!(
        flat(&read_text(responses).unwrap().votes),
        [("b", "12", "disgust", 1)]
    );
}

#[test]
fn what_is_no_vote_is_named() {
    for (text, words) in [
        (
            "id,rater,label\na,x,joyful\nb,x,joyful\nb,y,contempt\n",
            "'contempt' (1 rows, the first is line 4), 'joyful' (2 rows, the first is line 2)",
        ),
        (
            "id,who,what\na,x,sad\n",
            "has no votes that can be told by its columns (id, who, what)",
        ),
        (
            "id,rater,label\nz,x,sad\n",
            "votes on 1 videos, none of which the data set has, such as 'z'",
        ),
    ] {
        let error = read_text(text).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

/// The votes among other columns of videos labeled happy.
fn among(columns: &[&str], rows: &[&[&str]]) -> ReadVotes {
    let columns: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|&value| value.to_owned()).collect())
        .collect();
    let videos: Vec<Named> = ["a", "b", "c"]
        .iter()
        .zip(&rows)
        .map(|(id, extra)| Named {
            id,
            path: id,
            label: 0,
            extra,
        })
        .collect();
    with_classes(&["happy", "sad"], |classes| {
        of_columns(&columns, &videos, classes)
    })
}

#[test]
fn columns_are_taken_where_they_can_only_be_votes() {
    let counts = among(
        &["note", "votes_happy", "votes_sad"],
        &[&["x", "3", "1"], &["", "", "2.0"]],
    );
    assert_eq!((counts.votes.list.len(), counts.votes.raters.len()), (3, 1));
    // A column per class that repeats the label, or holds a network's probabilities.
    assert!(
        among(&["happy", "sad"], &[&["1", "0"], &["1", "0"]])
            .votes
            .is_empty()
    );
    let probs = among(&["happy", "sad"], &[&["0.9", "0.1"]]);
    assert!(probs.votes.is_empty() && probs.told[0].contains("not taken for votes"));
    let raters = among(
        &["rater_1", "annotator"],
        &[&["Happy", "anna"], &["joyful", "ben"], &["sad", ""]],
    );
    assert_eq!(raters.votes.raters, ["rater_1"]);
    assert_eq!(raters.votes.list.len(), 2);
    assert!(raters.told[0].contains("1 votes of 'rater_1' are for no class, such as 'joyful'"));
    assert!(among(&["note"], &[&["1"]]).votes.is_empty());
}
