use std::time::{Duration, Instant};

use proptest::prelude::*;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Position;

use super::{Answer, Input, Parser};

/// Answers as kitty, xterm, foot, VTE and others give them, to our questions and to those of programs before us.
const ANSWERS: [&str; 16] = [
    "\x1b_Gi=31;OK\x1b\\",
    "\x1b_Gi=31;ENOTSUPPORTED:k1am\x1b\\",
    "\x1b[?62;4;22c",
    "\x1b[>1;4000;29c",
    "\x1b[>0;276;0c",
    "\x1bP>|kitty(0.36.4)\x1b\\",
    "\x1b[6;20;10t",
    "\x1b[4;600;800t",
    "\x1bP1$r0;48:2::1:2:3m\x1b\\",
    "\x1b]11;rgb:1a1a/2b2b/3dda\x1b\\",
    "\x1b]10;rgb:dddd/kkkk/aaaa\x07",
    "\x1b[?2026;2$y",
    "\x1b[?1u",
    "\x1b[12;40R",
    "\x1bP1+r524742=8/8/8\x1b\\",
    "\x1b[0n",
];

fn character(character: char) -> Input {
    Input::Key(KeyCode::Char(character).into())
}

fn keys(inputs: &[Input]) -> Vec<Input> {
    let answer = |input: &&Input| !matches!(input, Input::Answer(_));
    inputs.iter().filter(answer).cloned().collect()
}

/// What comes of chunks, each so long after the one before, and of silence after them.
fn read(chunks: &[(u64, &[u8])], is_asked: bool) -> Vec<Input> {
    let mut parser = Parser::default();
    let mut now = Instant::now();
    if is_asked {
        parser.expect_answers(now);
    }
    let mut found = Vec::new();
    for (after, chunk) in chunks {
        let end = now + Duration::from_millis(*after);
        // The loop looks after the parser between chunks.
        while now < end {
            now = end.min(now + Duration::from_millis(50));
            if now < end {
                found.extend(parser.expire(now));
            }
        }
        found.extend(parser.feed(chunk, now));
    }
    found.extend(parser.expire(now + Duration::from_secs(20)));
    found
}

fn at_once(text: &str) -> Vec<Input> {
    read(&[(0, text.as_bytes())], false)
}

#[test]
fn answers_are_understood() {
    let found: Vec<Input> = ANSWERS.iter().flat_map(|answer| at_once(answer)).collect();
    let expected = [
        Answer::Kitty(true),
        Answer::Kitty(false),
        Answer::Attributes(vec![62, 4, 22]),
        Answer::Version(vec![1, 4000, 29]),
        Answer::Version(vec![0, 276, 0]),
        Answer::Name("kitty(0.36.4)".to_owned()),
        Answer::CellSize(10, 20),
        Answer::Background(vec![2, 1, 2, 3]),
        Answer::Ready,
    ];
    assert_eq!(found, expected.map(Input::Answer));
}

#[test]
fn an_answer_cut_anywhere_is_no_key_however_late_its_rest_comes() {
    for answer in ANSWERS {
        let bytes = format!("j{answer}k").into_bytes();
        for cut in 1..bytes.len() {
            for late in [0, 300, 1200, 3000] {
                let chunks = [(late, &bytes[..cut]), (late, &bytes[cut..])];
                let mut found = keys(&read(&chunks, true));
                // An escape character alone may have been the key; nothing else may.
                let is_escape_cut = bytes[cut - 1] == 0x1b && late > 0;
                if is_escape_cut {
                    found.retain(|input| *input != Input::Key(KeyCode::Esc.into()));
                }
                let all = [character('j'), character('k')];
                assert_eq!(found, all, "{answer:?} cut at {cut}, {late} ms");
            }
        }
    }
}

#[test]
fn keys_are_what_terminals_send_for_them() {
    let with = |code, modifiers| Input::Key(KeyEvent::new(code, modifiers));
    let plain = |code| with(code, KeyModifiers::NONE);
    for (text, expected) in [
        ("k", character('k')),
        ("A", with(KeyCode::Char('A'), KeyModifiers::SHIFT)),
        ("é", character('é')),
        ("怒", character('怒')),
        ("\r", plain(KeyCode::Enter)),
        ("\t", plain(KeyCode::Tab)),
        ("\x7f", plain(KeyCode::Backspace)),
        ("\x03", with(KeyCode::Char('c'), KeyModifiers::CONTROL)),
        ("\x1b", plain(KeyCode::Esc)),
        ("\x1bk", with(KeyCode::Char('k'), KeyModifiers::ALT)),
        ("\x1b]", with(KeyCode::Char(']'), KeyModifiers::ALT)),
        (
            "\x1bO",
            with(KeyCode::Char('O'), KeyModifiers::ALT | KeyModifiers::SHIFT),
        ),
        ("\x1b[A", plain(KeyCode::Up)),
        ("\x1bOB", plain(KeyCode::Down)),
        ("\x1b[1;5C", with(KeyCode::Right, KeyModifiers::CONTROL)),
        ("\x1b[Z", plain(KeyCode::BackTab)),
        ("\x1b[3~", plain(KeyCode::Delete)),
        ("\x1b[5~", plain(KeyCode::PageUp)),
        ("\x1bOF", plain(KeyCode::End)),
        ("\x1b[7~", plain(KeyCode::Home)),
        (
            "\x1b[27;5;114~",
            with(KeyCode::Char('r'), KeyModifiers::CONTROL),
        ),
        ("\x1b[107;1u", plain(KeyCode::Char('k'))),
        ("\x1b[<0;12;5M", Input::Click(Position::new(11, 4))),
        ("\x1b[<65;1;1M", Input::Scroll(1)),
        ("\x1b[96;1;1M", Input::Scroll(-1)),
    ] {
        assert_eq!(at_once(text), [expected], "{text:?}");
    }
    for nothing in [
        "\x1b[[A",
        "\x1b[M k1",
        "\x1b[I",
        "\x1b[<0;1;1m",
        "\x1b[15;2R",
        "\u{7f}\u{9b}",
    ] {
        let found = at_once(nothing);
        assert!(
            found
                .iter()
                .all(|input| *input == plain(KeyCode::Backspace)),
            "{nothing:?}: {found:?}"
        );
    }
}

#[test]
fn a_paste_is_one_event() {
    let found = at_once("\x1b[200~kam12d\nq\x1b[A\x1b[201~j");
    let text = "kam12d\nq\x1b[A".to_owned();
    assert_eq!(found, [Input::Paste(text), character('j')]);
    let bytes = b"\x1b[200~kam\x1b[201~";
    for cut in 1..bytes.len() {
        let found = read(&[(0, &bytes[..cut]), (50, &bytes[cut..])], false);
        assert_eq!(found, [Input::Paste("kam".to_owned())], "{cut}");
    }
    let long = format!("\x1b[200~{}\x1b[201~k", "kam12d".repeat(50_000));
    let found = at_once(&long);
    assert!(matches!(found[..], [Input::Paste(_), _]), "{}", found.len());
}

#[test]
fn whoever_typed_what_begins_an_answer_is_not_locked_out() {
    // Esc, and later a character that would begin a string behind it.
    let found = read(&[(0, b"\x1b"), (200, b"_"), (200, b"k")], false);
    assert_eq!(
        found,
        [
            Input::Key(KeyCode::Esc.into()),
            character('_'),
            character('k')
        ]
    );
    let found = read(&[(0, b"\x1b_"), (800, b"k")], false);
    assert_eq!(found.last(), Some(&character('k')));
    let control = Input::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
    assert_eq!(read(&[(0, b"\x1b_"), (100, b"k\x03")], true), [control]);
}

proptest! {
    /// Whatever comes is taken without a panic, and a key after it is heard in the end.
    #[test]
    fn no_bytes_lock_the_keys_out(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        let mut parser = Parser::default();
        let now = Instant::now();
        parser.feed(&bytes, now);
        // A paste that was begun is ended.
        parser.feed(b"\x1b[201~", now);
        let found = parser.feed(b"k", now + Duration::from_secs(1));
        prop_assert_eq!(found.last(), Some(&character('k')));
    }
}
