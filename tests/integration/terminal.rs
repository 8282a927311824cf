//! The review on terminals that answer questions, sooner or later, and people who paste.

use std::time::Duration;

use crate::pty::{Answers, Terminal};
use crate::review::{actions, program, run_of};
use crate::support::Workspace;

/// A kitty of this version.
fn kitty(version: &str) -> String {
    let minor = version.split('.').nth(1).unwrap();
    format!(
        "\x1b_Gi=31;OK\x1b\\\x1bP>|kitty({version})\x1b\\\x1b[>1;4000;{minor}c\x1b[?62;52;c\x1b[6;20;10t\x1bP1$r0;48:2:1:2:3m\x1b\\\x1b[0n"
    )
}

/// An xterm without pictures.
const XTERM: &str = "\x1bP>|XTerm(390)\x1b\\\x1b[>41;390;0c\x1b[?64;1;22c\x1b[6;16;8t\x1bP1$r0;48:2::1:2:3m\x1b\\\x1b[0n";

/// Opens the review in a terminal that gives these answers, in pieces, each after a delay.
fn open(workspace: &Workspace, pieces: &[&str], millis: u64) -> Terminal {
    let answers = Answers {
        pieces: pieces.iter().map(|&piece| piece.to_owned()).collect(),
        delay: Duration::from_millis(millis),
    };
    let arguments = ["review", "run"];
    Terminal::start_answering(
        &program(),
        &arguments,
        &workspace.path(""),
        (120, 36),
        answers,
    )
}

/// Waits until something was written.
fn wait_for(terminal: &Terminal, bytes: &str) {
    terminal.wait_until(bytes, |_| terminal.shown().contains(bytes));
}

/// How a picture of the kitty protocol begins.
const KITTY_PICTURE: &str = "\x1b_Gq=2";

#[test]
fn answers_are_no_keys_whenever_they_come() {
    let answer = kitty("0.36.4");
    // In two pieces: one ends behind an escape character.
    let (head, tail) = answer.split_at(answer.find("[>1").unwrap());
    for millis in [0, 300, 1200, 3000] {
        for pieces in [&[answer.as_str()][..], &[head, tail]] {
            let workspace = Workspace::new();
            run_of(&workspace, 4);
            let mut terminal = open(&workspace, pieces, millis);
            // The first key is heard, whether the screen is there or not.
            terminal.send("j");
            terminal.wait_for("2/4 · 4 left · 0 decided");
            // Pictures are as good as the terminal, as soon as it has said so.
            wait_for(&terminal, KITTY_PICTURE);
            wait_for(&terminal, "38;2;");
            terminal.send("j");
            terminal.wait_for("3/4 · 4 left · 0 decided");
            terminal.send("q");
            assert_eq!(terminal.end().exit_code(), 0);
            terminal.assert_usable();
            let after = terminal.shown();
            assert!(after.contains("\x1b[?2004l"), "pastes stay marked");
            assert_eq!(
                actions(&workspace),
                [],
                "{millis} ms, {} pieces",
                pieces.len()
            );
        }
    }
}

#[test]
fn what_a_terminal_cannot_show_it_is_not_sent() {
    for (answer, colors) in [
        (kitty("0.26.5"), "38;2;"),
        (XTERM.to_owned(), "38;2;"),
        (String::new(), "38;5;"),
    ] {
        let workspace = Workspace::new();
        run_of(&workspace, 2);
        let mut terminal = open(&workspace, &[&answer], 0);
        terminal.wait_for("▀");
        wait_for(&terminal, colors);
        terminal.send("q");
        assert_eq!(terminal.end().exit_code(), 0);
        assert!(!terminal.shown().contains(KITTY_PICTURE), "{answer:?}");
    }
}

#[test]
fn a_paste_decides_nothing() {
    let workspace = Workspace::new();
    run_of(&workspace, 6);
    let mut terminal = open(&workspace, &[], 0);
    terminal.wait_for("1/6 · 6 left");
    wait_for(&terminal, "\x1b[?2004h");
    terminal.send("\x1b[200~kam12d\x1b[201~");
    terminal.wait_for("a text was pasted, which decides nothing");
    terminal.send("n");
    terminal.wait_for("note");
    terminal.send("\x1b[200~seen\ntwice\x1b[201~\r");
    terminal.wait_for("recorded: note");
    terminal.send("q");
    assert_eq!(terminal.end().exit_code(), 0);
    let journal = String::from_utf8(workspace.read("run/decisions.jsonl")).unwrap();
    assert_eq!(journal.lines().count(), 1);
    assert!(journal.contains("seen twice"), "{journal}");
}
