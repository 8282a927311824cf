//! Numbers as people read them, alike in the terminal and on the page.

/// A whole number with a comma between thousands; halves are rounded away from zero.
pub fn count(value: impl Into<f64>) -> String {
    let value = value.into().round();
    let digits = format!("{:.0}", value.abs());
    let grouped: Vec<String> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| String::from_utf8_lossy(group).into_owned())
        .collect();
    let sign = if value < 0.0 { "−" } else { "" };
    format!("{sign}{}", grouped.join(","))
}

/// A length as a whole number with a comma between thousands.
pub fn length(value: usize) -> String {
    count(value as f64)
}

/// A share in [0, 1] in whole percent, without rounding a few to none or nearly all to all.
pub fn percent(share: f64) -> String {
    let rounded = (share * 100.0).round();
    if share > 0.0 && rounded < 1.0 {
        "<1 %".to_owned()
    } else if share < 1.0 && rounded > 99.0 {
        ">99 %".to_owned()
    } else {
        format!("{rounded:.0} %")
    }
}

/// Two decimals.
pub fn decimal(value: f64) -> String {
    format!("{value:.2}")
}

/// `1 video`, `7 videos`.
pub fn of(number: usize, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        length(number),
        if number == 1 { one } else { many }
    )
}

/// In how many videos a face was followed.
pub fn followed(followed: usize, all: usize) -> String {
    let all_videos = of(all, "video", "videos");
    match all - followed.min(all) {
        0 => format!("a face was followed in all of {all_videos}"),
        others => format!(
            "a face was followed in {} of {all_videos}; of {} the whole frame was taken",
            length(followed),
            length(others)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            [0, 7, 999, 1000, 40_000, 1_234_567].map(length),
            ["0", "7", "999", "1,000", "40,000", "1,234,567"]
        );
        assert_eq!(
            (count(61.4), count(999.5), count(-1200.0)),
            ("61".to_owned(), "1,000".to_owned(), "−1,200".to_owned())
        );
        assert_eq!(
            [0.0, 0.001, 0.434, 0.999, 1.0].map(percent),
            ["0 %", "<1 %", "43 %", ">99 %", "100 %"]
        );
        assert_eq!(of(1, "video", "videos") + &of(2, "x", "xs"), "1 video2 xs");
    }
}
