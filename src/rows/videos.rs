//! `videos.parquet`: one row per video, ordered by rank.

use camino::Utf8Path;

use super::columns;
use crate::issue::IssueKind;
use crate::score::Verdict;
use crate::table::{TableError, TableReader, TableWriter};
use crate::video::VideoFacts;

/// Before the names of the manifest's other columns, so that none can clash with ours.
const EXTRA_PREFIX: &str = "manifest.";

/// A column that tables lack which were written before decisions taught anything.
const LEARNT: &str = "learnt_posterior";

/// The column by which a table is known to have those of votes.
const VOTE_CONSENSUS: &str = "vote_consensus";

/// Defines the scores of a video once: as fields, as columns, and by name.
macro_rules! scores {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// The scores of a video whose clips could be judged. A score of the training is not a number where no training
        /// was watched, one of the neighbours where there are no features, and so are forgetting events of a label that
        /// was never learnt, and the agreement of a single network. Where the networks cannot judge the video, neither the
        /// noise score, its posterior, the corrected margin nor the suggestion's probability is a number.
        #[derive(Debug, Clone, Copy, Default, PartialEq)]
        pub struct Scores {
            $($(#[doc = $doc])+ pub $name: f32,)+
        }

        impl Scores {
            /// The names of all scores, which are the names of their columns.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),+];

            /// What each score is, in the order of [`Self::NAMES`].
            pub const DESCRIPTIONS: &'static [&'static str] = &[$(concat!($($doc),+).trim_ascii()),+];

            /// The values in the order of [`Self::NAMES`].
            pub fn values(&self) -> [f32; Self::NAMES.len()] {
                [$(self.$name),+]
            }

            fn from_values(values: [f32; Self::NAMES.len()]) -> Self {
                let [$($name),+] = values;
                Self { $($name),+ }
            }
        }
    };
}

scores! {
    /// How suspect the label is, in [0, 1]; 1 is most suspect. The ranking.
    noise_score,
    /// Probability that the label is wrong where errors depend on the class alone, in [0, 1].
    noise_posterior,
    /// Log-odds of the label against the best other class after the noise of the labels is undone.
    corrected_log_margin,
    /// Probability of the suggested label, in [0, 1].
    suggested_prob,
    /// Share of clips that vote for the consensus, in [1/C, 1].
    agreement,
    /// Share of pairs of clips that agree, in [0, 1].
    pairwise_agreement,
    /// Share of clips that vote for the label, in [0, 1].
    label_support,
    /// Mean probability of the label, in [0, 1].
    self_confidence,
    /// Mean probability of the label against the best other class, in [0, 1]; 0.5 is a tie.
    normalized_margin,
    /// Confidence-weighted entropy as cleanlab has it (Kuan & Mueller 2022), in [0, 1]; low is suspect.
    confidence_weighted_entropy,
    /// Logarithm of the label's mean probability less that of the best other class.
    log_margin,
    /// Entropy of the votes over ln C, in [0, 1].
    clip_entropy,
    /// Disagreement among clips that is not each clip's own doubt, in nats.
    mutual_information,
    /// Area under the margin (Pleiss et al. 2020): mean logit margin over the epochs of training.
    aum,
    /// Data maps (Swayamdipta et al. 2020): mean probability of the label over the epochs.
    datamap_confidence,
    /// Data maps: standard deviation of that probability.
    datamap_variability,
    /// Data maps: share of epochs in which the label was predicted.
    datamap_correctness,
    /// Forgetting events (Toneva et al. 2019): how often a network lost the label again, mean over the networks.
    datamap_forgetting,
    /// Posterior of the component with the smaller loss in a two-component mixture of mean losses, in [0, 1].
    small_loss_posterior,
    /// Share of the fold's networks whose own consensus is that of all, in [0, 1]; none where there is one network.
    repeat_agreement,
    /// Share of the nearest videos of the fold, by the network's features, that have another label, in [0, 1].
    neighbour_disagreement,
    /// Mean cosine distance to the nearest videos of the fold, in robust standard deviations above the fold's median.
    outlier_score,
    /// Probability that the label is wrong as people's decisions on this and other videos teach it, in [0, 1]; none before anybody decided.
    learnt_posterior,
}

/// What the clips say of a video.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The scores.
    pub scores: Scores,
    /// The class that most clips vote for.
    pub consensus: String,
    /// The label that the video should rather have.
    pub suggested_label: String,
    /// Mean probability of each class, in the label set's order.
    pub mean_probs: Vec<f32>,
    /// The ids of the nearest videos of its fold, nearest first; empty where nobody looked.
    pub neighbours: Vec<String>,
    /// What confident learning (Northcutt et al. 2021) flags, by the methods of [`Self::FLAGS`].
    pub flags: [bool; Self::FLAGS.len()],
}

impl Judgement {
    /// The noise score; nothing where the networks cannot judge the video.
    pub fn noise_score(&self) -> Option<f32> {
        Some(self.scores.noise_score).filter(|score| !score.is_nan())
    }

    /// The names of confident learning's methods as cleanlab has them, `both` of pruning as `prune_both`; they are the
    /// names of their columns.
    pub const FLAGS: [&str; 4] = [
        "confident_learning",
        "prune_by_noise_rate",
        "prune_by_class",
        "prune_both",
    ];
}

/// What people's votes say of a video.
#[derive(Debug, Clone, PartialEq)]
pub struct VoteFacts {
    /// Number of votes.
    pub votes: u32,
    /// Share of them for the given label, in [0, 1].
    pub for_label: f32,
    /// The class that the raters agree on, by their votes alone.
    pub consensus: String,
    /// Its probability, in [0, 1].
    pub consensus_prob: f32,
    /// CROWDLAB's quality of the given label, in [0, 1]; not a number where raters are not told apart.
    pub crowdlab_quality: f32,
    /// Why the video is hard, by one of [`Self::HARD`]; nothing where it is not.
    pub hard_because: Option<&'static str>,
}

impl VoteFacts {
    /// Why a video with votes is hard: raters are split; they agree, and networks are unsure; networks contradict them.
    pub const HARD: [&str; 3] = ["raters_split", "networks_unsure", "networks_contradict"];
}

/// One video.
#[derive(Debug, Clone, PartialEq)]
pub struct VideoRow {
    /// 1 is most suspect; videos without scores come last.
    pub rank: u32,
    /// The video's id.
    pub id: String,
    /// The path as the manifest writes it.
    pub path: String,
    /// The given label.
    pub label: String,
    /// What to think of it.
    pub verdict: Verdict,
    /// What the clips say; nothing where the video could not be scored.
    pub judgement: Option<Judgement>,
    /// The fold whose network scored it.
    pub fold: u8,
    /// What people's votes say; nothing where nobody voted.
    pub votes: Option<VoteFacts>,
    /// What was kept together in the folds.
    pub group: Option<String>,
    /// What decoding found; nothing where it failed.
    pub facts: Option<VideoFacts>,
    /// What is amiss with the file, its duplicates and its splits, by name ([`IssueKind`]).
    pub issues: Vec<String>,
    /// Why the verdict, in one plain sentence.
    pub reason: String,
    /// The manifest's other columns' values.
    pub extra: Vec<String>,
}

/// Writes the rows in the order given; `extra_columns` are the manifest's other columns, kept as `manifest.NAME`.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write(
    path: &Utf8Path,
    rows: &[VideoRow],
    extra_columns: &[String],
) -> Result<(), TableError> {
    let mut table = TableWriter::default()
        .u32("rank", rows.iter().map(|row| row.rank))
        .text("id", rows.iter().map(|row| &row.id))
        .text("path", rows.iter().map(|row| &row.path))
        .text("label", rows.iter().map(|row| &row.label))
        .text("verdict", rows.iter().map(|row| row.verdict.as_str()))
        .optional_text(
            "suggested_label",
            rows.iter()
                .map(|row| Some(&row.judgement.as_ref()?.suggested_label)),
        )
        .optional_text(
            "consensus",
            rows.iter()
                .map(|row| Some(&row.judgement.as_ref()?.consensus)),
        );
    let scores: Vec<Option<[f32; Scores::NAMES.len()]>> = rows
        .iter()
        .map(|row| Some(row.judgement.as_ref()?.scores.values()))
        .collect();
    for (index, name) in Scores::NAMES.iter().enumerate() {
        let values = scores.iter().map(|scores| scores.map(|all| all[index]));
        let values = values.map(|value| value.filter(|value| !value.is_nan()));
        table = table.optional_f32(name, values);
    }
    table = table.f32_list(
        "mean_probs",
        rows.iter()
            .map(|row| row.judgement.as_ref().map(|j| &j.mean_probs[..])),
    );
    for (index, name) in Judgement::FLAGS.iter().enumerate() {
        let values = rows
            .iter()
            .map(|row| row.judgement.as_ref().map(|j| j.flags[index]));
        table = table.optional_bool(name, values);
    }
    table = table
        .text_list(
            "neighbours",
            rows.iter().map(|row| {
                let judgement = row.judgement.as_ref();
                judgement.map_or(&[][..], |j| &j.neighbours[..])
            }),
        )
        .u8("fold", rows.iter().map(|row| row.fold))
        .optional_text("group", rows.iter().map(|row| row.group.as_ref()));
    table = write_facts(table, rows)
        .text_list("issues", rows.iter().map(|row| &row.issues[..]))
        .text("reason", rows.iter().map(|row| &row.reason));
    if rows.iter().any(|row| row.votes.is_some()) {
        table = write_votes(table, rows);
    }
    for (index, name) in extra_columns.iter().enumerate() {
        let values = rows.iter().map(|row| row.extra.get(index));
        let column = format!("{EXTRA_PREFIX}{name}");
        let words = format!("column '{name}' of the manifest");
        table = table
            .optional_text(&column, values)
            .describe([(column.as_str(), words.as_str())]);
    }
    table.describe(descriptions()).write(path)
}

/// What the columns mean.
fn descriptions() -> Vec<(&'static str, &'static str)> {
    let scores = Scores::NAMES
        .iter()
        .copied()
        .zip(Scores::DESCRIPTIONS.iter().copied());
    columns::VIDEOS.iter().copied().chain(scores).collect()
}

/// The columns of votes, which are only there where somebody voted.
fn write_votes(table: TableWriter, rows: &[VideoRow]) -> TableWriter {
    let facts = || rows.iter().map(|row| row.votes.as_ref());
    let number = |pick: fn(&VoteFacts) -> f32| {
        facts().map(move |facts| facts.map(pick).filter(|value| !value.is_nan()))
    };
    table
        .optional_u32("votes", facts().map(|facts| facts.map(|facts| facts.votes)))
        .optional_f32("votes_for_label", number(|facts| facts.for_label))
        .optional_text(
            VOTE_CONSENSUS,
            facts().map(|facts| facts.map(|facts| &facts.consensus)),
        )
        .optional_f32("vote_consensus_prob", number(|facts| facts.consensus_prob))
        .optional_f32("crowdlab_quality", number(|facts| facts.crowdlab_quality))
        .optional_text("hard_because", facts().map(|facts| facts?.hard_because))
}

fn read_votes(table: &TableReader) -> Result<Vec<Option<VoteFacts>>, TableError> {
    if !table
        .column_names()
        .iter()
        .any(|name| name == VOTE_CONSENSUS)
    {
        return Ok(vec![None; table.height()]);
    }
    let number = |name: &str| table.optional_f32(name);
    let votes = table.optional_u32("votes")?;
    let (for_label, consensus_prob) = (number("votes_for_label")?, number("vote_consensus_prob")?);
    let crowdlab_quality = number("crowdlab_quality")?;
    let hard_because = table.optional_text("hard_because")?;
    let consensus = table.optional_text(VOTE_CONSENSUS)?.into_iter().enumerate();
    let facts = |(row, consensus): (usize, Option<String>)| {
        let why = hard_because[row].as_deref();
        Some(VoteFacts {
            votes: votes[row]?,
            for_label: for_label[row]?,
            consensus: consensus?,
            consensus_prob: consensus_prob[row]?,
            crowdlab_quality: crowdlab_quality[row].unwrap_or(f32::NAN),
            hard_because: VoteFacts::HARD
                .into_iter()
                .find(|known| Some(*known) == why),
        })
    };
    Ok(consensus.map(facts).collect())
}

fn write_facts(table: TableWriter, rows: &[VideoRow]) -> TableWriter {
    table
        .optional_u32(
            "frames",
            rows.iter().map(|row| row.facts.map(|facts| facts.frames)),
        )
        .optional_f32(
            "fps",
            rows.iter().map(|row| row.facts.map(|facts| facts.fps)),
        )
        .optional_f32(
            "duration_secs",
            rows.iter()
                .map(|row| row.facts.map(|facts| facts.duration_secs)),
        )
        .optional_u32(
            "width",
            rows.iter().map(|row| row.facts.map(|facts| facts.width)),
        )
        .optional_u32(
            "height",
            rows.iter().map(|row| row.facts.map(|facts| facts.height)),
        )
        .optional_u32(
            "distinct_frames",
            rows.iter()
                .map(|row| row.facts.map(|facts| facts.distinct_frames)),
        )
}

/// Reads the rows back in the file's order, and the names of the manifest's other columns.
///
/// # Errors
///
/// If the file cannot be read, is not ours, or lacks a column.
pub fn read(path: &Utf8Path) -> Result<(Vec<VideoRow>, Vec<String>), TableError> {
    let table = TableReader::read(path)?;
    let judgements = read_judgements(&table)?;
    rows(&table, judgements)
}

/// The same without what they were judged by, for who judges them anew.
///
/// # Errors
///
/// As [`read`].
pub fn read_unjudged(path: &Utf8Path) -> Result<(Vec<VideoRow>, Vec<String>), TableError> {
    let of_judgement = |name: &str| {
        let others = [
            "consensus",
            "suggested_label",
            "mean_probs",
            "neighbours",
            VOTE_CONSENSUS,
        ];
        Scores::NAMES.contains(&name) || Judgement::FLAGS.contains(&name) || others.contains(&name)
    };
    let table = TableReader::read_where(path, |name| !of_judgement(name))?;
    let judgements = vec![None; table.height()];
    rows(&table, judgements)
}

fn rows(
    table: &TableReader,
    judgements: Vec<Option<Judgement>>,
) -> Result<(Vec<VideoRow>, Vec<String>), TableError> {
    let columns = table.column_names();
    let extra_columns: Vec<String> = columns
        .iter()
        .filter_map(|name| name.strip_prefix(EXTRA_PREFIX))
        .map(str::to_owned)
        .collect();
    let extra = extra_columns
        .iter()
        .map(|name| table.optional_text(&format!("{EXTRA_PREFIX}{name}")))
        .collect::<Result<Vec<_>, _>>()?;
    let issues = table.text_list("issues")?;
    let facts = read_facts(table, &issues)?;
    let mut votes = read_votes(table)?.into_iter();
    let verdicts = table.map_text("verdict", Verdict::from_name)?;
    let mut extra: Vec<_> = extra.into_iter().map(Vec::into_iter).collect();
    let rows = table
        .u32("rank")?
        .into_iter()
        .zip(table.text("id")?)
        .zip(table.text("path")?)
        .zip(table.text("label")?)
        .zip(verdicts)
        .zip(judgements)
        .zip(table.u8("fold")?)
        .zip(table.optional_text("group")?)
        .zip(facts)
        .zip(issues)
        .zip(table.text("reason")?)
        .map(
            |(
                (
                    ((((((((rank, id), path), label), verdict), judgement), fold), group), facts),
                    issues,
                ),
                reason,
            )| {
                Ok(VideoRow {
                    rank,
                    id,
                    path,
                    label,
                    verdict: verdict.ok_or_else(|| table.bad_column("verdict", "verdict"))?,
                    judgement,
                    fold,
                    votes: votes.next().flatten(),
                    group,
                    facts,
                    issues,
                    reason,
                    extra: extra
                        .iter_mut()
                        .map(|values| values.next().flatten().unwrap_or_default())
                        .collect(),
                })
            },
        )
        .collect::<Result<Vec<_>, TableError>>()?;
    Ok((rows, extra_columns))
}

fn read_judgements(table: &TableReader) -> Result<Vec<Option<Judgement>>, TableError> {
    let names = table.column_names();
    let scores = Scores::NAMES
        .iter()
        .map(|name| {
            if *name == LEARNT && !names.iter().any(|known| known == name) {
                return Ok(vec![None; table.height()]);
            }
            table.optional_f32(name)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let consensus = table.optional_text("consensus")?;
    let suggested = table.optional_text("suggested_label")?;
    let mean_probs = table.f32_list("mean_probs")?;
    let neighbours = table.text_list("neighbours")?;
    let flags = Judgement::FLAGS
        .iter()
        .map(|name| table.optional_bool(name))
        .collect::<Result<Vec<_>, _>>()?;
    let judgements = consensus
        .into_iter()
        .zip(suggested)
        .zip(mean_probs)
        .zip(neighbours)
        .enumerate()
        .map(
            |(row, (((consensus, suggested_label), mean_probs), neighbours))| {
                let values = std::array::from_fn(|score| scores[score][row].unwrap_or(f32::NAN));
                Some(Judgement {
                    scores: Scores::from_values(values),
                    consensus: consensus?,
                    suggested_label: suggested_label?,
                    mean_probs: mean_probs?,
                    neighbours,
                    flags: std::array::from_fn(|flag| flags[flag][row].unwrap_or(false)),
                })
            },
        );
    Ok(judgements.collect())
}

fn read_facts(
    table: &TableReader,
    issues: &[Vec<String>],
) -> Result<Vec<Option<VideoFacts>>, TableError> {
    let number = |name: &str| table.optional_u32(name);
    let (frames, width, height) = (number("frames")?, number("width")?, number("height")?);
    let distinct_frames = number("distinct_frames")?;
    let (fps, duration_secs) = (
        table.optional_f32("fps")?,
        table.optional_f32("duration_secs")?,
    );
    let facts = |row: usize| -> Option<VideoFacts> {
        Some(VideoFacts {
            frames: frames[row]?,
            fps: fps[row]?,
            duration_secs: duration_secs[row]?,
            width: width[row]?,
            height: height[row]?,
            distinct_frames: distinct_frames[row]?,
            truncated: issues[row]
                .iter()
                .any(|issue| issue == IssueKind::Truncated.name()),
        })
    };
    Ok((0..frames.len()).map(facts).collect())
}
