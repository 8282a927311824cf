//! Plots as inline SVG. Colours are classes of the page's style sheet, so that they follow its light and dark themes;
//! every plot has a title and a description for those who cannot see it.
//!
//! What a plot means is told by the page around it.

mod cuts;
mod histogram;
mod learning;
mod plane;

use maud::{Markup, Render, html};

pub(super) use self::cuts::{CutPlot, cuts};
pub(super) use self::histogram::{Histogram, histogram};
pub(super) use self::learning::learning;
pub(super) use self::plane::{Plane, plane};

/// The drawing area within a picture, in the picture's own units.
#[derive(Debug, Clone, Copy)]
struct Area {
    width: f64,
    height: f64,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Area {
    /// A picture of the usual width with room for the words at the axes.
    fn new(width: f64, height: f64) -> Self {
        Self {
            width,
            height,
            left: 58.0,
            right: width - 12.0,
            top: 12.0,
            bottom: height - 40.0,
        }
    }

    fn x(&self, from: f64, to: f64) -> Scale {
        Scale {
            from,
            to,
            start: self.left,
            end: self.right,
        }
    }

    fn y(&self, from: f64, to: f64) -> Scale {
        Scale {
            from,
            to,
            start: self.bottom,
            end: self.top,
        }
    }
}

/// From values to places.
#[derive(Debug, Clone, Copy)]
struct Scale {
    from: f64,
    to: f64,
    start: f64,
    end: f64,
}

impl Scale {
    fn at(&self, value: f64) -> f64 {
        let span = self.to - self.from;
        let share = if span > 0.0 {
            (value - self.from) / span
        } else {
            0.5
        };
        self.start + share.clamp(0.0, 1.0) * (self.end - self.start)
    }

    /// Round values within the scale, about `wanted` of them.
    fn ticks(&self, wanted: f64) -> Vec<f64> {
        let span = self.to - self.from;
        if span <= 0.0 {
            return vec![self.from];
        }
        let rough = span / wanted;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|factor| factor * power)
            .find(|step| *step >= rough)
            .unwrap_or(10.0 * power);
        let (first, last) = (
            (self.from / step - 1e-9).ceil() as i64,
            (self.to / step + 1e-9).floor() as i64,
        );
        (first..=last).map(|tick| tick as f64 * step).collect()
    }
}

/// A coordinate with one decimal: finer than any screen shows it, and short.
struct At(f64);

impl Render for At {
    fn render_to(&self, buffer: &mut String) {
        let text = format!("{:.1}", self.0);
        buffer.push_str(text.strip_suffix(".0").unwrap_or(&text));
    }
}

/// The points of a line or an outline.
fn points(points: impl IntoIterator<Item = (f64, f64)>) -> String {
    let mut text = String::new();
    for (x, y) in points {
        if !text.is_empty() {
            text.push(' ');
        }
        At(x).render_to(&mut text);
        text.push(',');
        At(y).render_to(&mut text);
    }
    text
}

/// A whole picture.
fn picture(id: &str, title: &str, description: &str, area: &Area, content: &Markup) -> Markup {
    let view = format!("0 0 {} {}", area.width, area.height);
    html! {
        svg class="plot" viewBox=(view) role="img" aria-labelledby={ (id) "-title " (id) "-text" } {
            title id={ (id) "-title" } { (title) }
            desc id={ (id) "-text" } { (description) }
            (content)
        }
    }
}

/// The lower axis: ticks with their words, and what it is about.
fn x_axis(area: &Area, scale: &Scale, ticks: &[(f64, String)], title: &str) -> Markup {
    html! {
        line class="axis" x1=(At(area.left)) x2=(At(area.right)) y1=(At(area.bottom)) y2=(At(area.bottom)) {}
        @for (value, words) in ticks {
            line class="axis" x1=(At(scale.at(*value))) x2=(At(scale.at(*value))) y1=(At(area.bottom)) y2=(At(area.bottom + 4.0)) {}
            text x=(At(scale.at(*value))) y=(At(area.bottom + 17.0)) text-anchor="middle" { (words) }
        }
        text class="axis-title" x=(At(f64::midpoint(area.left, area.right))) y=(At(area.height - 6.0)) text-anchor="middle" { (title) }
    }
}

/// The left axis, with lines across the plot.
fn y_axis(area: &Area, scale: &Scale, ticks: &[(f64, String)], title: &str) -> Markup {
    let middle = f64::midpoint(area.top, area.bottom);
    html! {
        @for (value, words) in ticks {
            line class="grid" x1=(At(area.left)) x2=(At(area.right)) y1=(At(scale.at(*value))) y2=(At(scale.at(*value))) {}
            text x=(At(area.left - 6.0)) y=(At(scale.at(*value) + 4.0)) text-anchor="end" { (words) }
        }
        text class="axis-title" transform={ "translate(11 " (At(middle)) ") rotate(-90)" } text-anchor="middle" { (title) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        let ticks = |from, to, wanted| {
            let scale = Scale {
                from,
                to,
                start: 0.0,
                end: 100.0,
            };
            scale.ticks(wanted)
        };
        assert_eq!(ticks(0.0, 800.0, 5.0), [0.0, 200.0, 400.0, 600.0, 800.0]);
        assert_eq!(ticks(0.0, 1.0, 5.0).len(), 6);
        assert_eq!(ticks(1.0, 32.0, 4.0), [10.0, 20.0, 30.0]);
        assert_eq!(ticks(3.0, 3.0, 4.0), [3.0]);
    }

    #[test]
    fn places_stay_on_the_picture() {
        let area = Area::new(480.0, 300.0);
        let scale = area.x(0.0, 1.0);
        assert!((scale.at(2.0) - area.right).abs() < 1e-9);
        assert!((scale.at(f64::NAN)).is_nan());
        assert_eq!(points([(1.0, 2.04), (3.16, 4.0)]), "1,2 3.2,4");
    }
}
