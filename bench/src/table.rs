//! The table: both figures of each row, and their ratio.

use crate::samples::Samples;
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

/// The unit of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Millis,
    /// The score of a layout shift, which has no unit.
    Shift,
}

impl Unit {
    fn write(self, value: f64) -> String {
        match self {
            Self::Bytes => grouped(value),
            // Three significant digits.
            Self::Millis if value < 10.0 => format!("{value:.2}"),
            Self::Millis if value < 100.0 => format!("{value:.1}"),
            Self::Millis => grouped(value),
            Self::Shift => format!("{value:.3}"),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Bytes => " B",
            Self::Millis => " ms",
            Self::Shift => "",
        }
    }
}

/// One figure, of both applications.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The row's label.
    pub(crate) what: String,
    /// The unit of its values.
    pub(crate) unit: Unit,
    /// This application's values.
    pub(crate) ours: Samples,
    /// The peer's values.
    pub(crate) peer: Samples,
}

/// Rows under a heading.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    /// The heading.
    pub(crate) heading: String,
    /// The rows.
    pub(crate) rows: Vec<Row>,
}

/// Renders the table as text.
pub(crate) fn print(sections: &[Section]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.add_row(["", "this application", "the peer", "ratio"]);
    for section in sections {
        table.add_row([""]).add_row([&section.heading]);
        table.add_rows(section.rows.iter().map(|row| {
            [
                format!("  {}", row.what),
                figure(row.unit, &row.ours),
                figure(row.unit, &row.peer),
                ratio(&row.ours, &row.peer),
            ]
        }));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt() + "\n"
}

/// The median, followed by the range in parentheses if the values differ.
fn figure(unit: Unit, samples: &Samples) -> String {
    let Some(median) = samples.median() else {
        return "none".to_owned();
    };
    let figure = format!("{}{}", unit.write(median), unit.name());
    match samples.spread() {
        Some((from, to)) if unit.write(from) != unit.write(to) => {
            format!("{figure} ({} to {})", unit.write(from), unit.write(to))
        }
        _ => figure,
    }
}

/// Ours divided by theirs: below 1.00, ours is smaller.
fn ratio(ours: &Samples, peer: &Samples) -> String {
    match (ours.median(), peer.median()) {
        (Some(0.0), Some(0.0)) => "1.00".to_owned(),
        (Some(ours), Some(peer)) if peer != 0.0 => format!("{:.2}", ours / peer),
        _ => "none".to_owned(),
    }
}

/// Formats `1234567.4` as `1 234 567`.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples<const N: usize>(values: [f64; N]) -> Samples {
        values.into_iter().collect()
    }

    #[test]
    fn a_figure_has_its_unit_and_its_spread() {
        for (unit, values, expected) in [
            (Unit::Bytes, [1_234_567.0; 3], "1 234 567 B"),
            (Unit::Millis, [0.25, 0.254, 1.5], "0.25 ms (0.25 to 1.50)"),
            (Unit::Millis, [12.34, 9.5, 99.94], "12.3 ms (9.50 to 99.9)"),
            (
                Unit::Millis,
                [999.6, 100.4, 2500.0],
                "1 000 ms (100 to 2 500)",
            ),
            (Unit::Shift, [0.0, 0.0, 0.0], "0.000"),
        ] {
            assert_eq!(figure(unit, &samples(values)), expected);
        }
        assert_eq!(figure(Unit::Bytes, &samples([78.0])), "78 B");
        assert_eq!(figure(Unit::Bytes, &Samples::default()), "none");
    }

    #[test]
    fn a_ratio_is_ours_to_theirs() {
        for (ours, peer, expected) in [
            (50.0, 100.0, "0.50"),
            (100.0, 50.0, "2.00"),
            (0.0, 0.0, "1.00"),
            (0.0, 3.0, "0.00"),
            (3.0, 0.0, "none"),
        ] {
            assert_eq!(ratio(&samples([ours]), &samples([peer])), expected);
        }
        assert_eq!(ratio(&samples([1.0]), &Samples::default()), "none");
    }

    #[test]
    fn the_table_stands_in_columns() {
        let row = |what: &str, unit, ours, peer| Row {
            what: what.to_owned(),
            unit,
            ours,
            peer,
        };
        let sections = [
            Section {
                heading: "Weight".to_owned(),
                rows: vec![row(
                    "all",
                    Unit::Bytes,
                    samples([1500.0]),
                    samples([3000.0]),
                )],
            },
            Section {
                heading: "Time".to_owned(),
                rows: vec![row(
                    "first paint",
                    Unit::Millis,
                    samples([80.0, 90.0, 100.0]),
                    samples([60.0]),
                )],
            },
        ];
        let expected = "                 this application  the peer  ratio\n\
                        \n\
                        Weight\n  \
                        all                     1 500 B   3 000 B   0.50\n\
                        \n\
                        Time\n  \
                        first paint  90.0 ms (80.0 to 100)   60.0 ms   1.50\n";
        let printed = print(&sections);
        let words = |text: &str| -> Vec<String> {
            text.lines()
                .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
                .collect()
        };
        assert_eq!(words(&printed), words(expected));
        let ends: Vec<_> = printed
            .lines()
            .filter(|line| line.contains("  "))
            .map(str::len)
            .collect();
        assert!(ends.iter().all(|end| *end == ends[0]), "{printed}");
    }
}
