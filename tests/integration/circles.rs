//! No circles among files: what a file uses does not use it in turn, by whatever way.
//!
//! A file uses another one by naming something that is defined there, in a `use` or in a path. What a module hands on with
//! `pub use` counts as used from where it is defined: handing on is not using.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::files_below;

/// Rooms in which files still use each other in circles.
const OPEN: [&str; 6] = [
    "command", "export", "manifest", "pipeline", "score", "video",
];

/// The names on the way to a module or an item, from the crate's root.
type Names = Vec<String>;

/// A file's code without comments, tests and `use`s, and what its `use`s name.
struct Source {
    rest: String,
    used: Vec<Names>,
    /// What it hands on, by name.
    handed_on: BTreeMap<String, Names>,
}

fn names(path: &str) -> Names {
    path.split("::")
        .map(|name| name.trim().to_owned())
        .collect()
}

/// The paths of a `use` tree.
fn leaves(tree: &str) -> Vec<Names> {
    let Some((before, inside)) = tree.split_once('{') else {
        return vec![names(tree.split(" as ").next().unwrap_or_default())];
    };
    let inside = &inside[..inside.rfind('}').expect("a tree is closed")];
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in inside.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inside[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inside[start..]);
    let before: Names = names(before.trim().trim_end_matches("::"));
    let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
    parts
        .flat_map(leaves)
        .map(|leaf| [&before[..], &leaf].concat())
        .collect()
}

impl Source {
    fn read(text: &str) -> Self {
        let code = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        let lines = code
            .lines()
            .map(|line| line.split("//").next().unwrap_or_default());
        let code = lines.collect::<Vec<_>>().join("\n");
        let mut source = Self {
            rest: String::new(),
            used: Vec::new(),
            handed_on: BTreeMap::new(),
        };
        let mut rest = code.as_str();
        while let Some(at) = rest.find("use ") {
            let line = rest[..at].rfind('\n').map_or(0, |end| end + 1);
            let before = rest[line..at].trim();
            let is_use = before.is_empty() || (before.starts_with("pub") && !before.contains(' '));
            let Some(end) = rest[at..].find(';').filter(|_| is_use) else {
                source.rest += &rest[..at + 4];
                rest = &rest[at + 4..];
                continue;
            };
            source.rest += &rest[..line];
            for mut leaf in leaves(&rest[at + 4..at + end]) {
                if leaf.last().is_some_and(|name| name == "self") && leaf.len() > 1 {
                    leaf.pop();
                }
                match leaf.last() {
                    Some(name) if !before.is_empty() => {
                        source.handed_on.insert(name.clone(), leaf);
                    }
                    _ => source.used.push(leaf),
                }
            }
            rest = &rest[at + end + 1..];
        }
        source.rest += rest;
        source
    }

    /// The paths that its code names.
    fn paths(&self) -> impl Iterator<Item = Names> {
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let words = self.rest.split(move |c| !is_part(c));
        let paths = words.filter(|word| word.contains("::"));
        paths.map(|path| names(path.trim_matches(':')))
    }
}

/// All files by the names of their modules.
struct Files(BTreeMap<Names, Source>);

impl Files {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = BTreeMap::new();
        for path in files_below(&root) {
            let relative = path.strip_prefix(&root).unwrap().with_extension("");
            let mut module = names(&relative.to_str().unwrap().replace('/', "::"));
            let is_test = module
                .iter()
                .any(|name| name == "tests" || name.ends_with("_tests"))
                || module.last().is_some_and(|name| name == "samples");
            let is_code = path.extension().is_some_and(|extension| extension == "rs");
            if !is_code || is_test || module[0] == "bin" {
                continue;
            }
            if module
                .last()
                .is_some_and(|name| name == "mod" || name == "lib")
            {
                module.pop();
            }
            files.insert(
                module,
                Source::read(&fs_err::read_to_string(&path).unwrap()),
            );
        }
        Self(files)
    }

    /// A path of `module` from the crate's root; nothing where it is another crate's, or names something in reach.
    fn absolute(&self, module: &Names, path: &Names) -> Option<Names> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([&module[..], rest].concat()),
            "super" => {
                let ups = path.iter().take_while(|name| *name == "super").count();
                let above = &module[..module.len().checked_sub(ups)?];
                Some([above, &path[ups..]].concat())
            }
            _ => {
                let below = [&module[..], path].concat();
                self.0
                    .contains_key(&below[..=module.len()])
                    .then_some(below)
            }
        }
    }

    /// The module in which something is defined.
    fn home(&self, path: &Names, depth: usize) -> Option<Names> {
        let length = (0..=path.len())
            .rev()
            .find(|&length| self.0.contains_key(&path[..length]))?;
        let module = path[..length].to_vec();
        let handed_on = path
            .get(length)
            .and_then(|name| self.0[&module].handed_on.get(name));
        match handed_on.and_then(|from| self.absolute(&module, from)) {
            Some(from) if depth < 8 => {
                self.home(&[&from[..], &path[length + 1..]].concat(), depth + 1)
            }
            _ => Some(module),
        }
    }

    /// The modules that a module uses.
    fn uses(&self, module: &Names) -> BTreeSet<Names> {
        let source = &self.0[module];
        let paths = source.used.iter().cloned().chain(source.paths());
        paths
            .filter(|path| path.last().is_some_and(|name| name != "*"))
            .filter_map(|path| self.home(&self.absolute(module, &path)?, 0))
            .filter(|used| used != module)
            .collect()
    }
}

#[test]
fn no_file_uses_itself_by_way_of_others() {
    let files = Files::read();
    let uses: BTreeMap<&Names, BTreeSet<Names>> = files
        .0
        .keys()
        .map(|module| (module, files.uses(module)))
        .collect();
    let is_in_circle = |module: &Names| {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&Names> = uses[module].iter().collect();
        while let Some(used) = next.pop() {
            if seen.insert(used) {
                next.extend(&uses[used]);
            }
        }
        seen.contains(module)
    };
    let mut by_room: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for module in files.0.keys().filter(|module| is_in_circle(module)) {
        by_room
            .entry(&module[0])
            .or_default()
            .push(module.join("::"));
    }
    let closed: Vec<_> = by_room
        .iter()
        .filter(|(room, _)| !OPEN.contains(room))
        .collect();
    assert!(closed.is_empty(), "files in circles: {closed:#?}");
    let opened: Vec<_> = OPEN
        .iter()
        .filter(|room| !by_room.contains_key(**room))
        .collect();
    assert!(
        opened.is_empty(),
        "no circle any more, take it off the list: {opened:?}"
    );
}

#[test]
fn circles_are_found() {
    let file = |name: &str, text: &str| (names(name), Source::read(text));
    let files = Files(BTreeMap::from([
        file("room", "mod one;\nmod two;\npub use self::one::One;\n"),
        file(
            "room::one",
            "use super::two::{self, Two};\npub struct One(Two);\n",
        ),
        file(
            "room::two",
            "pub struct Two;\nfn of(one: &super::One) {}\n// crate::other\n",
        ),
        file(
            "other",
            "use crate::room::One;\n#[cfg(test)]\nmod tests {\n    use crate::room::two;\n}\n",
        ),
    ]));
    let uses = |name: &str| {
        files
            .uses(&names(name))
            .into_iter()
            .map(|path| path.join("::"))
    };
    assert_eq!(uses("room").collect::<Vec<_>>(), [""; 0]);
    assert_eq!(uses("room::one").collect::<Vec<_>>(), ["room::two"]);
    assert_eq!(uses("room::two").collect::<Vec<_>>(), ["room::one"]);
    assert_eq!(uses("other").collect::<Vec<_>>(), ["room::one"]);
}
