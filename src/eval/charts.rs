//! Charts of a report as inline SVG. Each has a table beside it on the page, so the drawing itself is hidden from screen readers.

use std::fmt::Write as _;

use super::measures::{Bin, Cut};
use super::metrics::ratio;

/// The square that both charts are drawn in, with room for the axes.
const SIDE: f64 = 320.0;
const LEFT: f64 = 48.0;
const TOP: f64 = 12.0;

/// Confidence (across) against the share that was right (up); a good calibration lies on the diagonal.
pub(super) fn reliability(bins: &[Bin]) -> String {
    let mut out = frame("mean confidence", "share right");
    let _ = write!(out, r#"<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{GREY}" stroke-dasharray="5 4"/>"#, x(0.0), y(0.0), x(1.0), y(1.0));
    let share = |bin: &Bin| ratio(bin.right, bin.count);
    line(&mut out, bins.iter().map(|bin| (bin.mean, share(bin))));
    for bin in bins {
        let _ = write!(out, r#"<circle cx="{:.1}" cy="{:.1}" r="4.5" fill="{BLUE}"/>"#, x(bin.mean), y(share(bin)));
    }
    out + "</svg>"
}

/// Share of gold found (across) against precision (up), from the surest suggestion to all.
pub(super) fn coverage(curve: &[Cut], gold: usize) -> String {
    let mut out = frame("share of gold codes found", "precision");
    for precision in [0.75, 0.9] {
        let _ =
            write!(out, r#"<line x1="{}" y1="{:.1}" x2="{}" y2="{:.1}" stroke="{GREY}" stroke-dasharray="5 4"/>"#, x(0.0), y(precision), x(1.0), y(precision));
    }
    // The first few suggestions swing between nothing and all.
    line(&mut out, curve.iter().filter(|cut| cut.count >= 10).map(|cut| (ratio(cut.right, gold), cut.precision())));
    out + "</svg>"
}

const BLUE: &str = "#1d5fa6";
const GREY: &str = "#6b7276";

fn x(value: f64) -> f64 {
    LEFT + value * SIDE
}

fn y(value: f64) -> f64 {
    TOP + (1.0 - value) * SIDE
}

fn line(out: &mut String, points: impl Iterator<Item = (f64, f64)>) {
    let points: Vec<String> = points.map(|(a, b)| format!("{:.1},{:.1}", x(a), y(b))).collect();
    let _ = write!(out, r#"<polyline points="{}" fill="none" stroke="{BLUE}" stroke-width="2"/>"#, points.join(" "));
}

fn frame(across: &str, up: &str) -> String {
    let (width, height) = (LEFT + SIDE + 16.0, TOP + SIDE + 48.0);
    let mut out = format!(r#"<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true" font-size="12" fill="currentColor">"#);
    let _ = write!(out, r#"<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="{GREY}"/>"#);
    for tick in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let _ = write!(out, r#"<text x="{}" y="{}" text-anchor="middle">{tick}</text>"#, x(tick), TOP + SIDE + 18.0);
        let _ = write!(out, r#"<text x="{}" y="{}" text-anchor="end">{tick}</text>"#, LEFT - 6.0, y(tick) + 4.0);
    }
    let (middle, bottom) = (LEFT + SIDE / 2.0, TOP + SIDE + 40.0);
    let _ = write!(out, r#"<text x="{middle}" y="{bottom}" text-anchor="middle">{across}</text>"#);
    let turn = TOP + SIDE / 2.0;
    let _ = write!(out, r#"<text x="12" y="{turn}" text-anchor="middle" transform="rotate(-90 12 {turn})">{up}</text>"#);
    out
}
