//! What each column of the Parquet files means, in one sentence: written into the files themselves, so that they can be
//! understood without this program.

/// Names and descriptions of a table's columns.
pub(super) type Descriptions = [(&'static str, &'static str)];

/// `videos.parquet`, without scores and the manifest's own columns.
pub(super) const VIDEOS: &Descriptions = &[
    (
        "rank",
        "place in the ranking, from 1; 1 is most suspect, videos that cannot be judged come last",
    ),
    ("id", "the video's id: its path, or what the manifest says"),
    ("path", "path as the manifest writes it"),
    ("label", "given label"),
    (
        "verdict",
        "clean, hard, mislabeled, undefined (too few distinct frames, or networks that cannot judge it) or unreadable",
    ),
    (
        "suggested_label",
        "label that the video should rather have; the given one where nothing speaks against it",
    ),
    (
        "consensus",
        "class that most clips vote for; ties go to the larger mean probability",
    ),
    (
        "mean_probs",
        "mean probability of each class over the clips, in the order of run.json's labels",
    ),
    (
        "confident_learning",
        "confident learning's off-diagonal flag (Northcutt et al. 2021)",
    ),
    (
        "prune_by_noise_rate",
        "confident learning's flag by noise rate",
    ),
    ("prune_by_class", "confident learning's flag by class"),
    ("prune_both", "whether both kinds of pruning flag the video"),
    (
        "neighbours",
        "ids of the nearest videos of the fold by the cosine of the network's features, nearest first",
    ),
    (
        "fold",
        "fold whose networks scored the video and never saw it, from 0",
    ),
    (
        "group",
        "what was kept together in the folds, such as the subject",
    ),
    ("frames", "decoded frames"),
    ("fps", "mean frames per second; 0 when unknown"),
    ("duration_secs", "length in seconds; 0 when unknown"),
    ("width", "width in pixels as shown"),
    ("height", "height in pixels as shown"),
    (
        "distinct_frames",
        "kept frames that differ from one another",
    ),
    ("issues", "kinds of issues of the file"),
    ("votes", "number of people's votes on the video"),
    (
        "votes_for_label",
        "share of them for the given label, in [0, 1]",
    ),
    (
        "vote_consensus",
        "class that the raters agree on, by their votes alone",
    ),
    ("vote_consensus_prob", "its probability, in [0, 1]"),
    (
        "crowdlab_quality",
        "CROWDLAB's quality of the given label (Goh, Tkachenko & Mueller 2022), in [0, 1]; null where raters are not told apart",
    ),
    (
        "hard_because",
        "why a video with votes is hard: raters_split, networks_unsure (the raters agree) or networks_contradict (what raters agree on)",
    ),
    ("reason", "why the verdict, in one sentence"),
];

/// `votes.parquet`.
pub(super) const VOTES: &Descriptions = &[
    ("id", "the video's id"),
    ("rater", "who voted; null where raters are not told apart"),
    ("label", "class that was voted for"),
    ("votes", "number of such votes"),
];

/// `raters.parquet`.
pub(super) const RATERS: &Descriptions = &[
    ("rater", "who voted; null for raters who are not told apart"),
    ("votes", "votes on the videos that were scored"),
    (
        "agreement",
        "expected share of votes for the true class as the other raters and the networks see it, in [0, 1]",
    ),
    (
        "knowledge",
        "the same beyond what a guess would reach that says each class as often, at most 1; 0 for a guess",
    ),
    (
        "crowdlab_quality",
        "CROWDLAB's quality of the rater (Goh, Tkachenko & Mueller 2022), in [0, 1]; null where raters are not told apart",
    ),
    ("mistakes", "class that is mistaken most often"),
    ("for", "class that it is mistaken for"),
    (
        "share_mistaken",
        "how often, as a share of the votes on that class, in [0, 1]",
    ),
    (
        "guesses",
        "whether the votes say next to nothing of the class: guesses, or always the same",
    ),
];

/// `clips.parquet`.
pub(super) const CLIPS: &Descriptions = &[
    ("id", "the video's id"),
    (
        "repeat",
        "which of several networks that never saw the video, from 0",
    ),
    ("clip", "the clip's number, from 0"),
    ("start_frame", "first frame, in display order"),
    ("end_frame", "last frame, in display order"),
    ("flipped", "whether the clip was mirrored"),
    ("prediction", "class with the largest probability"),
    (
        "probs",
        "probability of each class, in the order of run.json's labels",
    ),
    (
        "key_frames",
        "frames at which the detail stream looked, snippet by snippet",
    ),
];

/// `folds/<k>/features.parquet`.
pub(super) const FEATURES: &Descriptions = &[
    ("id", "the video's id"),
    (
        "fold",
        "fold whose network made the feature, from 0; features of different folds cannot be compared",
    ),
    (
        "feature",
        "bag feature from which the network's logits come, mean over the clips",
    ),
];

/// `issues.parquet`.
pub(super) const ISSUES: &Descriptions = &[
    (
        "id",
        "the video's id; null where the issue is about a class or the whole set",
    ),
    ("kind", "kind of the issue"),
    ("other_id", "id of the other video that is part of it"),
    (
        "value",
        "measured value that the kind goes by, such as a likeness, a share or a number of deviations",
    ),
    ("detail", "the case in plain words"),
];

/// `dynamics.parquet`.
pub(super) const DYNAMICS: &Descriptions = &[
    ("id", "the video's id"),
    ("fold", "fold whose network trained on the video, from 0"),
    ("repeat", "which of the fold's networks, from 0"),
    ("epoch", "epoch, from 0"),
    ("label_prob", "probability of the given label, in [0, 1]"),
    (
        "label_margin",
        "logit of the given label less the largest other logit",
    ),
    ("loss", "cross-entropy of the given label, in nats"),
    ("prediction", "predicted class"),
    (
        "state",
        "what the video's clips of earlier epochs said of it: clean, hard, noisy or warmup",
    ),
];

/// `learnt.parquet`.
pub(super) const LEARNT: &Descriptions = &[
    ("id", "the video's id"),
    (
        "content",
        "digest of the file (BLAKE3, hexadecimal), or of a folder's frames",
    ),
];

/// `classes.parquet`.
pub(super) const CLASSES: &Descriptions = &[
    ("label", "the class"),
    ("videos", "videos that carry the label"),
    ("ranked", "those of them that were ranked"),
    (
        "estimated_true",
        "expected number of ranked videos that truly are of the class",
    ),
    (
        "share_mislabeled",
        "estimated share of the ranked labels that are wrong, in [0, 1]",
    ),
    ("share_mislabeled_low", "lower end of its 90 % interval"),
    ("share_mislabeled_high", "upper end of its 90 % interval"),
    (
        "confused_with",
        "class that wrong labels most often should have been",
    ),
    (
        "health",
        "good (at most 5 % wrong), fair (15 %), poor, or too_few videos to say",
    ),
];

/// `transitions.parquet`.
pub(super) const TRANSITIONS: &Descriptions = &[
    ("given", "given label"),
    ("estimated", "estimated true class"),
    ("count", "expected number of videos"),
    (
        "share",
        "that number over the ranked videos with the given label, in [0, 1]",
    ),
];

/// `cuts.parquet`.
pub(super) const CUTS: &Descriptions = &[
    ("flagged", "videos flagged, from the most suspect on"),
    (
        "precision",
        "estimated share of them that are mislabeled, in [0, 1]",
    ),
    ("precision_low", "lower end"),
    ("precision_high", "upper end"),
    (
        "recall",
        "estimated share of the mislabeled videos that are flagged, in [0, 1]",
    ),
    ("recall_low", "lower end"),
    ("recall_high", "upper end"),
    (
        "basis",
        "range (two assumptions, nobody has looked) or judged (90 % interval from a judged sample)",
    ),
];
