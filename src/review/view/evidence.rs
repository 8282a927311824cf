//! What speaks for and against the label of the video under the cursor.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use super::layout::{block, inner, tail};
use super::timeline;
use crate::journal::{Action, Decision};
use crate::review::state::State;
use crate::rows::videos::Judgement;

/// So many others of the same confusion are named.
const OTHERS: usize = 4;

/// So many issues are told in words.
const DETAILS: usize = 6;

/// So many bars and lines of the timeline a small screen has room for.
const SMALL: usize = 3;

pub(super) fn draw(frame: &mut Frame<'_>, state: &State, area: Rect) {
    frame.render_widget(block(" evidence "), area);
    let room = inner(area);
    let Some(row) = state.current() else {
        return;
    };
    let width = usize::from(room.width);
    let lines = if state.is_hidden(row) {
        vec![
            Line::from("blind: watch, then choose a label."),
            Line::from("What was given and what is suggested is shown after your vote.").dim(),
        ]
    } else {
        // Screens without a place for the timeline show it here, if it fits at all.
        let is_small = area.height <= 14;
        lines(state, row, width, is_small)
    };
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), room);
}

fn lines(state: &State, row: usize, width: usize, is_small: bool) -> Vec<Line<'static>> {
    let video = &state.run.rows[row];
    let mut lines = vec![labels(state, row)];
    lines.extend(own_decision(state, row));
    lines.push(Line::from(tail(&video.path, width)).dim());
    if let Some(judgement) = &video.judgement {
        lines.push(scores(state, row, judgement));
    }
    lines.push(Line::from(video.reason.clone()));
    if is_small {
        lines.extend(timeline::lines(state, width, SMALL));
    }
    if let Some(judgement) = &video.judgement {
        let bars = bars(state, row, judgement, width);
        lines.extend(
            bars.into_iter()
                .take(if is_small { SMALL } else { usize::MAX }),
        );
    }
    lines.extend(other_decisions(state, row));
    lines.extend(neighbours(state, row));
    lines.extend(file(state, row));
    lines
}

fn labels(state: &State, row: usize) -> Line<'static> {
    let video = &state.run.rows[row];
    let mut spans = vec![
        Span::from(format!("#{} ", video.rank)),
        Span::from(video.label.clone()).bold(),
    ];
    if let Some(suggested) = state.run.suggestion(row) {
        spans.push(Span::from(" → "));
        spans.push(Span::from(suggested.to_owned()).bold().fg(Color::Cyan));
    }
    spans.push(Span::from(format!("  {}", video.verdict)).fg(Color::Yellow));
    Line::from(spans)
}

fn scores(state: &State, row: usize, judgement: &Judgement) -> Line<'static> {
    let scores = &judgement.scores;
    let clips = state.timelines.as_ref().map(|t| t.of_video(row).len());
    let agreement = match clips.filter(|&clips| clips > 0) {
        Some(clips) => format!(
            "{:.0} of {clips} votes for {}",
            f64::from(scores.agreement) * clips as f64,
            judgement.consensus
        ),
        None => format!(
            "{:.0} % of the votes for {}",
            scores.agreement * 100.0,
            judgement.consensus
        ),
    };
    Line::from(match judgement.noise_score() {
        Some(score) => format!("noise {score:.2} · {agreement}"),
        None => agreement,
    })
}

fn bars(state: &State, row: usize, judgement: &Judgement, width: usize) -> Vec<Line<'static>> {
    let names = state.run.labels();
    let name_width = names.iter().map(|name| name.chars().count()).max();
    let name_width = name_width.unwrap_or(0).min(width / 3);
    let room = width.saturating_sub(name_width + 9);
    let mut classes: Vec<(usize, f32)> = judgement.mean_probs.iter().copied().enumerate().collect();
    // The most probable first, so that what has no room is what matters least.
    classes.sort_by(|a, b| b.1.total_cmp(&a.1));
    classes
        .into_iter()
        .filter_map(|(class, prob)| {
            let name = names.get(class)?;
            let is = |other: Option<usize>| other == Some(class);
            let (sign, style) = if is(state.run.given[row]) {
                ("g", Style::new())
            } else if is(state.run.suggested[row]) {
                ("s", Style::new().fg(Color::Cyan))
            } else {
                (" ", Style::new().dim())
            };
            let length = (f64::from(prob) * room as f64).round() as usize;
            let name = tail(name, name_width);
            let bar = "█".repeat(length);
            let words = format!("{sign} {name:<name_width$} {prob:.2} {bar}");
            Some(Line::styled(words, style))
        })
        .collect()
}

fn own_decision(state: &State, row: usize) -> Option<Line<'static>> {
    let standing = state.standing(row)?;
    let mut words: Vec<String> = Vec::new();
    words.extend(state.decision(row).map(decision_words));
    words.extend(standing.note.as_ref().map(|note| format!("“{note}”")));
    if standing.is_bookmarked {
        words.push("bookmarked".to_owned());
    }
    let line = Line::from(format!("yours: {}", words.join(" · ")));
    (!words.is_empty()).then(|| line.bold())
}

fn other_decisions(state: &State, row: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (reviewer, standing) in state.book.of_video(&state.run.rows[row].id) {
        let name = if reviewer.is_empty() {
            "unnamed"
        } else {
            reviewer
        };
        let is_own = reviewer == state.mode.reviewer;
        let vote = standing
            .vote
            .as_ref()
            .filter(|_| !is_own || state.mode.is_adjudication);
        let mut words: Vec<String> = vote.map(decision_words).into_iter().collect();
        if let Some(ruling) = standing
            .ruling
            .as_ref()
            .filter(|_| !is_own || !state.mode.is_adjudication)
        {
            words.push(format!("settled: {}", decision_words(ruling)));
        }
        if !is_own {
            words.extend(standing.note.as_ref().map(|note| format!("“{note}”")));
        }
        if !words.is_empty() {
            lines.push(Line::from(format!("{name}: {}", words.join(" · "))).fg(Color::Magenta));
        }
    }
    lines
}

fn decision_words(decision: &Decision) -> String {
    let (action, label) = decision.choice.words();
    match (action, label) {
        (Action::Relabel, Some(label)) => format!("→ {label}"),
        (Action::Ambiguous, Some(label)) => format!("ambiguous, also {label}"),
        (action, _) => action.as_str().to_owned(),
    }
}

/// Others that are suspected of the same confusion, and what was decided about them.
fn neighbours(state: &State, row: usize) -> Option<Line<'static>> {
    let same = state.run.same_confusion(row);
    let others = same.len().checked_sub(1).filter(|&others| others > 0)?;
    let decided = |row: usize| match state.marks.of(row).decided {
        Some(action) => action.as_str(),
        None => "open",
    };
    let named: Vec<String> = same
        .iter()
        .map(|&other| other as usize)
        .filter(|&other| other != row)
        .take(OTHERS)
        .map(|other| format!("#{} {}", state.run.rows[other].rank, decided(other)))
        .collect();
    let more = if others > OTHERS { ", …" } else { "" };
    Some(Line::from(format!(
        "{others} more like it: {}{more}",
        named.join(", ")
    )))
}

fn file(state: &State, row: usize) -> Vec<Line<'static>> {
    let video = &state.run.rows[row];
    let mut lines = Vec::new();
    if let Some(facts) = video.facts {
        // Of a video that only features are known of, nobody saw the picture.
        let words = if facts.width == 0 {
            format!(
                "{} frames, {} rows of features",
                facts.frames, facts.distinct_frames
            )
        } else {
            format!(
                "{}×{} · {} frames · {:.1} fps · {:.1} s",
                facts.width, facts.height, facts.frames, facts.fps, facts.duration_secs
            )
        };
        lines.push(Line::from(words).dim());
    }
    if !video.issues.is_empty() {
        let words = format!("issues: {}", video.issues.join(", "));
        lines.push(Line::from(words).fg(Color::Yellow));
    }
    let issues = state.run.issues_of(row).iter();
    lines.extend(issues.take(DETAILS).map(|issue| {
        let other = issue.other_id.as_deref();
        let other = other.and_then(|id| state.run.row_of(id));
        let place = other.map_or_else(String::new, |row| {
            format!(" (#{})", state.run.rows[row as usize].rank)
        });
        let kind = issue.kind.replace('_', " ");
        Line::from(format!("{kind}{place}: {}", issue.detail)).dim()
    }));
    if let Some(group) = &video.group {
        lines.push(Line::from(format!("group {group}")).dim());
    }
    lines
}
