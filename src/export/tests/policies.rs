//! What becomes of each video under each policy.

use std::collections::BTreeSet;

use super::*;
use crate::export::decide::NETWORK;

fn dropping(reasons: &[Reason]) -> Policy {
    Policy {
        drop: reasons.iter().copied().collect(),
        ..Policy::default()
    }
}

fn suggested(least: f32) -> Policy {
    Policy {
        reviewed: false,
        suggested: Some(least),
        drop: BTreeSet::new(),
    }
}

/// Id, new label and who did it, of every change.
fn changes(case: &Case, policy: &Policy) -> Vec<(String, Option<String>, String)> {
    let decisions = case.audit().decide(policy).unwrap();
    let changes = decisions.changes.into_iter();
    changes
        .map(|change| (change.id, change.to, change.by))
        .collect()
}

fn change(id: &str, to: Option<&str>, by: &str) -> (String, Option<String>, String) {
    (id.to_owned(), to.map(str::to_owned), by.to_owned())
}

#[test]
fn only_people_change_labels_unless_asked_otherwise() {
    let case = Case::table();
    assert_eq!(changes(&case, &Policy::default()), []);
    assert_eq!(
        changes(&case, &suggested(0.9)),
        [change("v/0", Some("sad"), NETWORK)]
    );
    assert_eq!(changes(&case, &suggested(0.91)), []);
    case.decide("anna", "v/3", Action::Relabel, Some("fear"));
    case.decide("anna", "v/4", Action::Drop, None);
    let people = [
        change("v/3", Some("fear"), "anna"),
        change("v/4", None, "anna"),
    ];
    assert_eq!(changes(&case, &Policy::default()), people);
    assert_eq!(changes(&case, &dropping(&[])), people[..1]);
    // People's word on the suspected video goes before the network's, also where they keep the label.
    let both = Policy {
        suggested: Some(0.5),
        ..Policy::default()
    };
    assert_eq!(changes(&case, &both).len(), 3);
    case.decide("anna", "v/0", Action::Keep, Some("happy"));
    assert_eq!(changes(&case, &both), people);
    assert_eq!(changes(&case, &suggested(0.5)).len(), 1);
    assert_eq!(changes(&case, &Policy::nothing()), []);
}

#[test]
fn videos_are_left_out_by_verdict_unless_people_settled_them() {
    let case = Case::table();
    let all = dropping(&[
        Reason::Mislabeled,
        Reason::Hard,
        Reason::Unreadable,
        Reason::Dropped,
    ]);
    let left_out = |case: &Case| -> Vec<String> {
        changes(case, &all)
            .into_iter()
            .map(|(id, to, _)| {
                assert_eq!(to, None);
                id
            })
            .collect()
    };
    assert_eq!(left_out(&case), ["v/0", "v/1", "v/2"]);
    assert_eq!(
        changes(&case, &dropping(&[Reason::Hard])),
        [change("v/1", None, NETWORK)]
    );
    case.decide("", "v/0", Action::Keep, Some("happy"));
    case.decide("", "v/1", Action::Keep, Some("sad"));
    case.decide("", "v/2", Action::Keep, Some("fear"));
    case.decide("", "v/5", Action::Ambiguous, None);
    assert_eq!(left_out(&case), ["v/2", "v/5"]);
    // A suggestion that is taken keeps the video in.
    let both = Policy {
        reviewed: false,
        suggested: Some(0.9),
        drop: BTreeSet::from([Reason::Mislabeled]),
    };
    assert_eq!(changes(&case, &both), [change("v/0", Some("sad"), NETWORK)]);
}

#[test]
fn several_reviewers_are_merged_and_ties_are_told() {
    let case = Case::table();
    for (reviewer, label) in [("anna", "fear"), ("bert", "fear"), ("carl", "sad")] {
        case.decide(reviewer, "v/0", Action::Relabel, Some(label));
    }
    case.decide("anna", "v/3", Action::Relabel, Some("sad"));
    case.decide("bert", "v/3", Action::Keep, Some("happy"));
    let policy = Policy {
        suggested: Some(0.0),
        drop: BTreeSet::from([Reason::Dropped]),
        reviewed: true,
    };
    let decisions = case.audit().decide(&policy).unwrap();
    assert_eq!(decisions.changes.len(), 1);
    let made = &decisions.changes[0];
    assert_eq!(
        (made.to.as_deref(), made.by.as_str(), made.why.as_str()),
        (Some("fear"), "anna, bert", "2 of 3 reviewers")
    );
    assert_eq!(decisions.disputes.len(), 1);
    assert_eq!(
        (
            decisions.disputes[0].id.as_str(),
            decisions.disputes[0].by.as_str()
        ),
        ("v/3", "anna, bert")
    );
    case.say("chief", "v/3", Action::Relabel, Some("fear"), true);
    let decisions = case.audit().decide(&policy).unwrap();
    assert!(decisions.disputes.is_empty());
    assert_eq!(decisions.changes[1].why, "adjudicated");
}

#[test]
fn a_decision_for_a_class_that_is_not_there_is_refused() {
    let case = Case::table();
    case.decide("anna", "v/0", Action::Relabel, Some("contempt"));
    let error = case.audit().decide(&Policy::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("'v/0' was given the label 'contempt', which is no class"),
        "{error}"
    );
}

#[test]
fn weights_and_flags_are_columns() {
    let case = Case::table();
    case.decide("anna", "v/1", Action::Keep, Some("sad"));
    let request = Request {
        weights: true,
        flags: true,
        ..case.request("out.csv", ExportFormat::Same, Policy::nothing())
    };
    Plan::make(&case.audit(), &request)
        .unwrap()
        .write(false)
        .unwrap();
    let text = case.text("out.csv");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "path,label,note,sample_weight,verdict,noise_score,agreement,suggested_label,suggested_prob,decision"
    );
    assert_eq!(
        lines[1],
        "v/0.mp4,happy,a,0.7500,mislabeled,0.7500,0.8750,sad,0.9000,"
    );
    assert_eq!(
        lines[2],
        "v/1.mp4,sad,b,1.0000,hard,0.7500,0.8750,sad,0.9000,sad"
    );
    assert_eq!(lines[3], "v/2.mp4,fear,c,0.0000,unreadable,,,,,");
    // Columns that are there are not added a second time.
    let text = "path,label,verdict\na.mp4,x,1\nb.mp4,y,2\n";
    let case = Case::new(
        &[("labels.csv", text.as_bytes())],
        "data/labels.csv",
        Format::Csv,
    );
    let error = Plan::make(&case.audit(), &request).unwrap_err();
    assert!(
        error.to_string().contains("column 'verdict' already"),
        "{error}"
    );
}
