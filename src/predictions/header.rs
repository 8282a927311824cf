//! The header of `NumPy`'s `.npy` format, and its values (numpy.lib.format, "NPY format", versions 1.0 to 3.0): a literal of
//! Python with the type, the order and the shape.

use half::f16;

/// An array that cannot be used, in words.
pub(super) type Refusal = String;

/// An array's header, and the bytes behind it.
pub(super) struct Header<'a> {
    pub(super) kind: Kind,
    /// Whether the first index runs fastest.
    pub(super) is_fortran: bool,
    pub(super) shape: Vec<usize>,
    pub(super) data: &'a [u8],
}

/// The type of an array's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    letter: char,
    /// Bytes of a value.
    pub(super) size: usize,
    is_big_endian: bool,
}

/// The values of an array.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// Numbers.
    Numbers(Vec<f64>),
    /// Words.
    Words(Vec<String>),
}

/// Reads the header of an array's bytes.
///
/// # Errors
/// The bytes are none, or the type is not one of numbers or words.
pub(super) fn read(bytes: &[u8]) -> Result<Header<'_>, Refusal> {
    let damaged = || "is no array that can be read".to_owned();
    let (start, length) = match bytes {
        [0x93, b'N', b'U', b'M', b'P', b'Y', 1, _, a, b, ..] => {
            (10, u32::from_le_bytes([*a, *b, 0, 0]))
        }
        [0x93, b'N', b'U', b'M', b'P', b'Y', 2 | 3, _, a, b, c, d, ..] => {
            (12, u32::from_le_bytes([*a, *b, *c, *d]))
        }
        _ => return Err(damaged()),
    };
    let end = start + length as usize;
    let text = bytes
        .get(start..end)
        .and_then(|text| std::str::from_utf8(text).ok());
    let text = text.ok_or_else(damaged)?;
    let kind = kind(value_of(text, "descr").ok_or_else(damaged)?)?;
    let order = value_of(text, "fortran_order").ok_or_else(damaged)?;
    let shape = value_of(text, "shape")
        .and_then(shape)
        .ok_or_else(damaged)?;
    Ok(Header {
        kind,
        is_fortran: order.starts_with("True"),
        shape,
        data: &bytes[end..],
    })
}

/// What stands behind a key of the literal.
fn value_of<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let quoted = ["'", "\""].map(|quote| format!("{quote}{key}{quote}"));
    let (_, rest) = quoted
        .iter()
        .find_map(|quoted| text.split_once(quoted.as_str()))?;
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}

/// The sides of a tuple.
fn shape(text: &str) -> Option<Vec<usize>> {
    let (inner, _) = text.strip_prefix('(')?.split_once(')')?;
    let sides = inner
        .split(',')
        .map(str::trim)
        .filter(|side| !side.is_empty());
    sides
        .map(|side| side.trim_end_matches('L').parse().ok())
        .collect()
}

/// The type that a string such as `<f8` names.
fn kind(text: &str) -> Result<Kind, Refusal> {
    if text.starts_with('[') {
        return Err("is an array of records; save its fields as arrays of their own".to_owned());
    }
    let quote = text.chars().next().unwrap_or_default();
    let name = text
        .trim_start_matches(quote)
        .split(quote)
        .next()
        .unwrap_or_default();
    let mut characters = name.chars();
    let order = characters.next().unwrap_or_default();
    let letter = characters.next().unwrap_or_default();
    if letter == 'O' {
        return Err("is an array of Python objects; save words with dtype=str, and lists of one length as one array".to_owned());
    }
    let size: Option<usize> = characters.as_str().parse().ok();
    let is_known = match (letter, size) {
        ('b', Some(1)) | ('f', Some(2 | 4 | 8)) | ('i' | 'u', Some(1 | 2 | 4 | 8)) => true,
        ('U' | 'S', Some(size)) => size > 0,
        _ => false,
    };
    let size = size
        .filter(|_| is_known)
        .ok_or_else(|| format!("is of type '{name}', not of numbers or words"))?;
    Ok(Kind {
        letter,
        size: if letter == 'U' {
            size.saturating_mul(4)
        } else {
            size
        },
        is_big_endian: order == '>',
    })
}

impl Kind {
    /// The values of an array's bytes.
    pub(super) fn values(self, data: &[u8]) -> Values {
        let values = data.chunks_exact(self.size.max(1));
        match self.letter {
            'U' | 'S' => Values::Words(values.map(|value| self.word(value)).collect()),
            _ => Values::Numbers(values.map(|value| self.number(value)).collect()),
        }
    }

    /// A value's bytes, the lowest first.
    fn number(self, value: &[u8]) -> f64 {
        let mut low = [0_u8; 8];
        for (place, byte) in value.iter().enumerate() {
            let place = if self.is_big_endian {
                value.len() - 1 - place
            } else {
                place
            };
            low[place] = *byte;
        }
        let whole = u64::from_le_bytes(low);
        match (self.letter, self.size) {
            ('f', 2) => f16::from_bits(whole as u16).to_f64(),
            ('f', 4) => f64::from(f32::from_bits(whole as u32)),
            ('f', _) => f64::from_bits(whole),
            ('i', 1) => f64::from(whole as u8 as i8),
            ('i', 2) => f64::from(whole as u16 as i16),
            ('i', 4) => f64::from(whole as u32 as i32),
            ('i', _) => whole as i64 as f64,
            _ => whole as f64,
        }
    }

    /// A word without the zeros that fill it up.
    fn word(self, value: &[u8]) -> String {
        if self.letter == 'S' {
            let text = String::from_utf8_lossy(value);
            return text.trim_end_matches('\0').to_owned();
        }
        let number = |four: &[u8]| {
            let four = [four[0], four[1], four[2], four[3]];
            if self.is_big_endian {
                u32::from_be_bytes(four)
            } else {
                u32::from_le_bytes(four)
            }
        };
        let characters = value.chunks_exact(4).map(number);
        let text: String = characters
            .map(|number| char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        text.trim_end_matches('\0').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_in_both_orders_of_bytes() {
        let numbers = |name: &str, data: &[u8]| kind(&format!("'{name}', ")).unwrap().values(data);
        assert_eq!(
            numbers("<f8", &1.5_f64.to_le_bytes()),
            Values::Numbers(vec![1.5])
        );
        assert_eq!(
            numbers(">f4", &(-2.5_f32).to_be_bytes()),
            Values::Numbers(vec![-2.5])
        );
        assert_eq!(
            numbers("<f2", &f16::from_f32(0.25).to_le_bytes()),
            Values::Numbers(vec![0.25])
        );
        assert_eq!(numbers("|i1", &[0xFF, 3]), Values::Numbers(vec![-1.0, 3.0]));
        assert_eq!(
            numbers(">i2", &(-5_i16).to_be_bytes()),
            Values::Numbers(vec![-5.0])
        );
        assert_eq!(
            numbers("<i8", &(-7_i64).to_le_bytes()),
            Values::Numbers(vec![-7.0])
        );
        assert_eq!(
            numbers("<u4", &u32::MAX.to_le_bytes()),
            Values::Numbers(vec![f64::from(u32::MAX)])
        );
        assert_eq!(numbers("|b1", &[1, 0]), Values::Numbers(vec![1.0, 0.0]));
        assert_eq!(
            numbers("|S3", b"abca\0\0"),
            Values::Words(vec!["abc".into(), "a".into()])
        );
        let wide: Vec<u8> = "ä\0"
            .chars()
            .flat_map(|c| u32::from(c).to_be_bytes())
            .collect();
        assert_eq!(numbers(">U2", &wide), Values::Words(vec!["ä".into()]));
        for (wrong, told) in [
            ("'|O'", "objects"),
            ("[('a', '<f8')]", "records"),
            ("'<c8'", "'<c8'"),
            ("'<M8[s]'", "numbers or words"),
        ] {
            let found = kind(wrong).unwrap_err();
            assert!(found.contains(told), "{found}");
        }
        assert_eq!(shape("(3, 2), }"), Some(vec![3, 2]));
        assert_eq!(shape("(6,), }"), Some(vec![6]));
        assert_eq!(shape("()"), Some(vec![]));
    }
}
