//! Renders the measurements as a table.

use crate::application::Application;
use crate::samples::Samples;
use crate::speed::Speed;
use crate::table::{self, Row, Section, Unit};
use crate::verification::{Timing, Way};
use crate::visit::{Visit, Weight};
use cc_connect_e2e::Grant;
use std::env::consts::{ARCH, OS};
use std::thread::available_parallelism;

/// All measurements.
#[derive(Debug, Default)]
pub(crate) struct Report {
    browser: String,
    ours: Measured,
    peer: Measured,
    /// When this application's button became clickable without the first page's module.
    pub(crate) without_module: Vec<(Speed, f64)>,
    /// Timings of single verifications.
    pub(crate) timings: Vec<(Speed, Way, Timing)>,
}

/// The measurements of one application.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    /// What a first visit loads.
    pub(crate) weight: Option<Weight>,
    /// Every visit, with its speed and grant.
    pub(crate) visits: Vec<(Speed, Grant, Visit)>,
}

impl Measured {
    fn weighed(&self, part: fn(&Weight) -> f64) -> Samples {
        self.weight.iter().map(part).collect()
    }

    /// One figure of all visits at a speed with a grant.
    fn visited(&self, speed: Speed, grant: Grant, part: fn(&Visit) -> f64) -> Samples {
        let visits = self.visits.iter();
        visits
            .filter(|(at, with, _)| (*at, *with) == (speed, grant))
            .map(|(_, _, visit)| part(visit))
            .collect()
    }
}

impl Report {
    /// An empty report for this browser.
    pub(crate) fn new(browser: String) -> Self {
        Self {
            browser,
            ..Self::default()
        }
    }

    /// The measurements of this application.
    pub(crate) fn measurements_of(&mut self, application: &Application) -> &mut Measured {
        match application.is_peer {
            true => &mut self.peer,
            false => &mut self.ours,
        }
    }

    /// Renders the table, headed by a line on how it was measured.
    pub(crate) fn print(&self, runs: u32) -> String {
        let cores = available_parallelism().map_or(1, usize::from);
        let mut sections = vec![self.weight()];
        sections.extend(Speed::ALL.map(|speed| self.speed(speed)));
        sections.push(Section {
            heading: "Memory after connecting".to_owned(),
            rows: vec![self.visits_row(
                "JavaScript heap and WebAssembly memory",
                Unit::Bytes,
                Speed::Full,
                Grant::Implicit,
                |visit| visit.memory,
            )],
        });
        format!(
            "{}, {OS} {ARCH}, {cores} cores. Medians of {runs} runs; in parentheses the smallest and the \
             largest value.\n\n{}",
            self.browser,
            table::print(&sections)
        )
    }

    fn weight(&self) -> Section {
        let row = |what: &str, part: fn(&Weight) -> f64| Row {
            what: what.to_owned(),
            unit: Unit::Bytes,
            ours: self.ours.weighed(part),
            peer: self.peer.weighed(part),
        };
        Section {
            heading: "Bytes on the wire, first visit".to_owned(),
            rows: vec![
                row("to a clickable button", |weight| weight.to_button),
                row("in all", |weight| weight.in_all),
            ],
        }
    }

    fn speed(&self, speed: Speed) -> Section {
        let first = |what: &str, unit: Unit, part: fn(&Visit) -> f64| {
            self.visits_row(what, unit, speed, Grant::Implicit, part)
        };
        let callback = |what: &str, grant: Grant, part: fn(&Visit) -> f64| {
            self.visits_row(what, Unit::Millis, speed, grant, part)
        };
        let timed = |what: &str, way: Way, part: fn(&Timing) -> f64| {
            self.verifications_row(what, speed, way, part)
        };
        Section {
            heading: speed.name().to_owned(),
            rows: vec![
                first("first paint", Unit::Millis, |visit| visit.first_paint),
                first("largest paint", Unit::Millis, |visit| visit.largest_paint),
                first("clickable button", Unit::Millis, |visit| visit.button),
                self.without_module_row(speed),
                first("layout shift", Unit::Shift, |visit| visit.shift),
                callback(
                    "callback to connected, token, keys fetched",
                    Grant::Implicit,
                    |visit| visit.cold,
                ),
                callback(
                    "callback to connected, token, keys cached",
                    Grant::Implicit,
                    |visit| visit.cached,
                ),
                callback(
                    "callback to connected, code, keys fetched",
                    Grant::Code,
                    |visit| visit.cold,
                ),
                callback(
                    "callback to connected, code, keys cached",
                    Grant::Code,
                    |visit| visit.cached,
                ),
                timed(
                    "first verification of a page; the peer: jose",
                    Way::Jose,
                    |timing| timing.first,
                ),
                timed(
                    "first verification of a page; the peer: WebCrypto",
                    Way::WebCrypto,
                    |timing| timing.first,
                ),
                timed(
                    "one verification more; the peer: jose",
                    Way::Jose,
                    |timing| timing.warm,
                ),
                timed(
                    "one verification more; the peer: WebCrypto",
                    Way::WebCrypto,
                    |timing| timing.warm,
                ),
            ],
        }
    }

    fn without_module_row(&self, speed: Speed) -> Row {
        let buttons = self.without_module.iter();
        Row {
            what: "clickable button; the peer: itself without the first module".to_owned(),
            unit: Unit::Millis,
            ours: self
                .ours
                .visited(speed, Grant::Implicit, |visit| visit.button),
            peer: buttons
                .filter(|(at, _)| *at == speed)
                .map(|(_, button)| *button)
                .collect(),
        }
    }

    fn visits_row(
        &self,
        what: &str,
        unit: Unit,
        speed: Speed,
        grant: Grant,
        part: fn(&Visit) -> f64,
    ) -> Row {
        Row {
            what: what.to_owned(),
            unit,
            ours: self.ours.visited(speed, grant, part),
            peer: self.peer.visited(speed, grant, part),
        }
    }

    fn verifications_row(
        &self,
        what: &str,
        speed: Speed,
        peer: Way,
        part: fn(&Timing) -> f64,
    ) -> Row {
        let of = |way: Way| {
            let timings = self.timings.iter();
            timings
                .filter(|(at, by, _)| (*at, *by) == (speed, way))
                .map(|(_, _, timing)| part(timing))
                .collect()
        };
        Row {
            what: what.to_owned(),
            unit: Unit::Millis,
            ours: of(Way::Wasm),
            peer: of(peer),
        }
    }
}
