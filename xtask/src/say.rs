//! Output for users: one line per step on standard error, next to the output of cargo and Trunk.

use std::fmt::Display;
use std::io::{IsTerminal, Write, stderr, stdout};
use std::ops::Range;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

/// A step that begins or has ended.
pub(crate) fn step(text: impl Display) {
    if colors() {
        eprintln!("\x1b[1;36m==>\x1b[0m \x1b[1m{text}\x1b[0m");
    } else {
        eprintln!("==> {text}");
    }
}

/// A line that belongs to the step above.
pub(crate) fn note(text: impl Display) {
    eprintln!("    {text}");
}

/// A standalone block: a table, or the servers' addresses.
pub(crate) fn block(text: impl Display) {
    eprintln!("\n{text}\n");
}

/// An error and its causes, one per line.
pub(crate) fn error(error: &anyhow::Error) {
    if colors() {
        eprintln!("\x1b[1;31merror:\x1b[0m {error}");
    } else {
        eprintln!("error: {error}");
    }
    for cause in error.chain().skip(1) {
        eprintln!("    caused by: {cause}");
    }
}

/// The requested result, so it goes to standard output: a report, or a table of figures.
pub(crate) fn output(text: &str) {
    // The other end of a pipe may be closed, and then there is nobody to report it to.
    let _ = stdout().write_all(text.as_bytes());
}

/// Rows in columns, with figures aligned to the right.
pub(crate) fn table(rows: impl IntoIterator<Item = Vec<String>>, figures: Range<usize>) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).add_rows(rows);
    for column in table.column_iter_mut() {
        if figures.contains(&column.index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

fn colors() -> bool {
    stderr().is_terminal() && !no_color()
}

/// <https://no-color.org>: any value but the empty one.
pub(crate) fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}
