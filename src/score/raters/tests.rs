use approx::assert_relative_eq;
use serde::Deserialize;

use super::crowdlab::Crowdlab;
use super::dawid_skene::{Coins, DawidSkene};
use super::quality::first_choice;
use super::*;

#[derive(Deserialize)]
struct Golden {
    steps: usize,
    tables: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    votes: Vec<Vec<Option<usize>>>,
    probs: Vec<Vec<f64>>,
    crowdlab: GoldenCrowdlab,
    dawid_skene: GoldenModel,
    one_coin: GoldenModel,
}

#[derive(Deserialize)]
struct GoldenCrowdlab {
    consensus: Vec<usize>,
    quality: Vec<f64>,
    agreement: Vec<f64>,
    vote_quality: Vec<Vec<Option<f64>>>,
    rater_quality: Vec<Option<f64>>,
    rater_agreement: Vec<f64>,
    network_weight: f64,
    rater_weights: Vec<f64>,
}

#[derive(Deserialize)]
struct GoldenModel {
    posterior: Vec<Vec<f64>>,
    priors: Vec<f64>,
    skills: Option<Vec<f64>>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../../../tests/golden/votes.json")).unwrap()
}

/// `rows`: by item, by rater a class or nothing.
fn table(rows: &[Vec<Option<usize>>], classes: usize) -> VoteTable {
    let mut votes = Vec::new();
    for (item, row) in rows.iter().enumerate() {
        let said = row.iter().enumerate();
        votes.extend(said.filter_map(|(rater, class)| {
            Some(Vote {
                item,
                rater,
                class: (*class)?,
                count: 1.0,
            })
        }));
    }
    VoteTable::new(votes, rows.len(), rows[0].len(), classes).unwrap()
}

fn close(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() < 1e-6,
            "{what} {place}: {found} {expected}"
        );
    }
}

#[test]
fn crowdlab_is_that_of_cleanlab() {
    for (number, case) in golden().tables.iter().enumerate() {
        let classes = case.probs[0].len();
        let votes = table(&case.votes, classes);
        let found = Crowdlab::settle(&votes, &case.probs.concat())
            .unwrap()
            .unwrap();
        let golden = &case.crowdlab;
        let consensus: Vec<usize> = found.consensus.iter().map(|class| class.unwrap()).collect();
        assert_eq!(consensus, golden.consensus, "table {number}");
        let quality = |(item, class): (usize, &usize)| found.posterior[item * classes + class];
        let qualities: Vec<f64> = consensus.iter().enumerate().map(quality).collect();
        close(&qualities, &golden.quality, "quality");
        close(&found.agreement, &golden.agreement, "agreement");
        for vote in votes.votes() {
            let expected = golden.vote_quality[vote.item][vote.rater].unwrap();
            close(&[quality((vote.item, &vote.class))], &[expected], "vote");
        }
        for (found, expected) in found.rater_quality.iter().zip(&golden.rater_quality) {
            assert_eq!(found.is_nan(), expected.is_none(), "table {number}");
            close(&[found.max(0.0)], &[expected.unwrap_or(0.0)], "rater");
        }
        close(
            &found.rater_agreement,
            &golden.rater_agreement,
            "rater's agreement",
        );
        close(&[found.network_weight], &[golden.network_weight], "network");
        close(&found.rater_weights, &golden.rater_weights, "weights");
    }
}

#[test]
fn dawid_and_skene_are_those_of_crowd_kit() {
    let golden = golden();
    for case in &golden.tables {
        let classes = case.probs[0].len();
        let votes = table(&case.votes, classes);
        for (coins, expected) in [
            (Coins::Full, &case.dawid_skene),
            (Coins::One, &case.one_coin),
        ] {
            let found = DawidSkene::fit(&votes, coins, golden.steps);
            close(&found.posterior, &expected.posterior.concat(), "posterior");
            close(&found.prior, &expected.priors, "prior");
            if let Some(skills) = &expected.skills {
                close(&found.skills, skills, "skills");
            }
        }
    }
}

/// Items of three classes, and the votes of four raters: two who know, one who guesses, one who always says 2.
fn crowd() -> (Vec<usize>, VoteTable) {
    let truth: Vec<usize> = (0..300).map(|item| item * 7 / 2 % 3).collect();
    let rows = truth.iter().enumerate().map(|(item, &class)| {
        let slip = |every: usize| {
            if item % every == 0 {
                (class + 1) % 3
            } else {
                class
            }
        };
        vec![
            Some(slip(7)),
            Some(slip(5)),
            Some(item * 13 / 4 % 3),
            Some(2),
        ]
    });
    let rows: Vec<_> = rows.collect();
    (truth, table(&rows, 3))
}

#[test]
fn who_guesses_is_found() {
    let (_, votes) = crowd();
    let joint = Joint::of_votes(&votes);
    let raters = RaterQuality::of(&votes, &joint);
    let guessing: Vec<bool> = raters.iter().map(|rater| rater.is_guessing).collect();
    assert_eq!(guessing, [false, false, true, true]);
    assert!(
        raters[0].knowledge > 0.5 && raters[0].agreement > 0.65,
        "{raters:?}"
    );
    // Votes of who always says the same count for nothing.
    let (class, share) = first_choice(&votes, &raters, 1).unwrap();
    assert_eq!(class, votes.of(1)[0].class);
    assert!(share > 0.85, "{share}");
}

#[test]
fn networks_settle_what_votes_leave_open() {
    let (truth, votes) = crowd();
    let prior: Vec<f64> = truth
        .iter()
        .flat_map(|&class| (0..3).map(move |c| if c == class { 0.8 } else { 0.1 }))
        .collect();
    let right = |joint: &Joint| {
        let is_right = |item: &usize| joint.log_odds_against(*item, truth[*item]) < 0.0;
        (0..truth.len()).filter(is_right).count()
    };
    let by_votes = Joint::of_votes(&votes);
    let alone = right(&by_votes);
    let joint = Joint::with(&votes, &by_votes, JointPrior(&prior)).unwrap();
    assert!(right(&joint) > alone && right(&joint) > 290, "{alone}");
    // Networks that contradict the votes count for little.
    let wrong: Vec<f64> = prior
        .chunks(3)
        .flat_map(|row| [row[1], row[2], row[0]])
        .collect();
    let misled = Joint::with(&votes, &by_votes, JointPrior(&wrong)).unwrap();
    assert!(right(&misled) + 15 > alone, "{} {alone}", right(&misled));
    assert_relative_eq!(joint.posterior(0).iter().sum::<f64>(), 1.0, epsilon = 1e-9);
}

#[test]
fn items_without_votes_keep_their_prior() {
    let votes = table(&[vec![Some(0)], vec![None]], 2);
    let model = DawidSkene::fit(&votes, Coins::Full, 3);
    close(&model.posterior[2..], &model.prior, "prior");
    assert!(Crowdlab::settle(&votes, &[0.5; 4]).unwrap().is_none());
    assert_eq!(votes.first_choice(1), None);
    assert!(VoteTable::new(votes.votes().to_vec(), 1, 0, 2).is_err());
}
