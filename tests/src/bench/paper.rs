//! An instrument's value becomes a PDF, against ReportLab making the same page; the ticket in dots.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use journeys::{Failed, repository};
use paper::{Fonts, Layout, PlacedSignature, Sheet, Stamp, StampKind, compose, ticket};
use serde_json::{Value, json};

use crate::measure::{Figure, in_turns, timed};

const TITLE: &str = "当场行政处罚决定书";
const NUMBER: &str = "豫信交当罚〔2026〕0001号";
const QR: &str = "https://hq.example.org/i/0196f2aa7c1e7d53?h=3f9a6c0d1b2e4f5a6b7c8d9e0f1a2b3c";
/// ReportLab embeds TrueType outlines only, so it gets a Chinese font that has them.
const REPORTLAB_FONT: &str = "/usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf";
const TICKET_DOTS: u32 = 576;

pub fn figures() -> Result<Vec<Figure>, Failed> {
    let page = Page::read()?;
    Ok(vec![pdf_warm(&page)?, ticket_raster(&page)?])
}

/// The F21 sample and everything that goes onto its paper.
struct Page {
    fonts: Fonts,
    paper: Layout,
    ticket: Layout,
    values: Value,
    signatures: Vec<PlacedSignature>,
}

impl Page {
    fn read() -> Result<Self, Failed> {
        let root = repository();
        let form = root.join("forms/packs/transport/forms/F21");
        let layout = |name: &str| -> Result<Layout, Failed> {
            Ok(Layout::parse(&std::fs::read_to_string(form.join(name))?)?)
        };
        let sample = root.join("crates/paper/tests/samples/F21.json");
        let signatures = ["party", "officer_1", "officer_2"]
            .map(|slot| PlacedSignature {
                slot: slot.to_owned(),
                strokes: strokes(),
                name: "某人".to_owned(),
                signed_on: "2026-03-10T14:28:00.000+08:00".to_owned(),
            })
            .to_vec();
        Ok(Page {
            fonts: Fonts::load(&Fonts::default_dir())?,
            paper: layout("paper.txt")?,
            ticket: layout("ticket.txt")?,
            values: serde_json::from_str(&std::fs::read_to_string(sample)?)?,
            signatures,
        })
    }

    fn sheet<'a>(&'a self, layout: &'a Layout) -> Sheet<'a> {
        Sheet {
            layout,
            values: &self.values,
            signatures: &self.signatures,
            pictures: &paper::NO_PICTURES,
            stamp: Stamp {
                title: TITLE.to_owned(),
                document_id: "0196f2aa-7c1e-7d53-9a3e-5b1f0c2d4e6f".to_owned(),
                number: Some(NUMBER.to_owned()),
                qr: Some(QR.to_owned()),
                created_at: "2026-03-10T14:30:00.000+08:00".to_owned(),
                kind: StampKind::Final,
            },
        }
    }

    fn pdf(&self) -> Result<Vec<u8>, Failed> {
        Ok(compose(&self.fonts, &self.sheet(&self.paper))?.pdf()?)
    }
}

fn strokes() -> Vec<Vec<[f32; 2]>> {
    let wave = |from: f32, phase: f32| {
        (0..40)
            .map(|step| {
                let part = step as f32 / 39.0;
                [from + 0.4 * part, 0.5 + 0.3 * (part * 9.0 + phase).sin()]
            })
            .collect()
    };
    vec![wave(0.1, 0.0), wave(0.45, 2.0)]
}

fn pdf_warm(page: &Page) -> Result<Figure, Failed> {
    let mut reportlab = ReportLab::start(page)?;
    let mut bytes = 0;
    let mut ours = || {
        bytes = page.pdf()?.len();
        Ok(())
    };
    let (ours, theirs) = in_turns(5, 60, &mut || timed(&mut ours), &mut || reportlab.make())?;
    let figure = Figure {
        name: "pdf-warm",
        value: ours.p95() * 1e3,
        unit: "ms p95",
        ratio: ours.p95() / theirs.p95(),
        baseline: "ReportLab, same page",
        targets: Vec::new(),
        note: format!(
            "p50 {:.1} ms, {} kB; ReportLab p50 {:.1} p95 {:.1} ms, {} kB",
            ours.median() * 1e3,
            bytes / 1000,
            theirs.median() * 1e3,
            theirs.p95() * 1e3,
            reportlab.bytes / 1000,
        ),
    };
    Ok(figure.at_most(50.0).ratio_at_most(1.0))
}

fn ticket_raster(page: &Page) -> Result<Figure, Failed> {
    let mut height = 0;
    let mut ours = || {
        height = ticket(&page.fonts, &page.sheet(&page.ticket), TICKET_DOTS)?.height;
        Ok(())
    };
    let mut pdf = || page.pdf().map(|_| ());
    let (ours, theirs) = in_turns(5, 60, &mut || timed(&mut ours), &mut || timed(&mut pdf))?;
    let figure = Figure {
        name: "ticket-raster",
        value: ours.p95() * 1e3,
        unit: "ms p95",
        ratio: ours.p95() / theirs.p95(),
        baseline: "the PDF of the same values",
        targets: Vec::new(),
        note: format!(
            "p50 {:.1} ms, {TICKET_DOTS} × {height} dots",
            ours.median() * 1e3
        ),
    };
    Ok(figure.at_most(30.0))
}

/// One Python process that lives for the whole run; it times each page itself, so that the pipe costs it nothing.
struct ReportLab {
    process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    bytes: usize,
}

impl ReportLab {
    fn start(page: &Page) -> Result<Self, Failed> {
        let python = std::env::var_os("SANXIANG_BENCH_PYTHON").map_or_else(
            || repository().join("target/bench-venv/bin/python"),
            PathBuf::from,
        );
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bench/reportlab_page.py");
        let mut process = Command::new(&python)
            .arg(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} (./bench installs it): {error}", python.display()))?;
        let orders = process.stdin.take().ok_or("no pipe to Python")?;
        let answers = BufReader::new(process.stdout.take().ok_or("no pipe from Python")?);
        let mut started = ReportLab {
            process,
            orders,
            answers,
            bytes: 0,
        };
        let given = json!({ "values": page.values, "font": REPORTLAB_FONT, "title": TITLE, "number": NUMBER, "qr": QR,
                            "strokes": strokes() });
        let answer = started.ask(&given.to_string())?;
        if answer != "ready" {
            return Err(format!("ReportLab did not start: {answer:?}").into());
        }
        Ok(started)
    }

    fn ask(&mut self, line: &str) -> Result<String, Failed> {
        writeln!(self.orders, "{line}")?;
        self.orders.flush()?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        Ok(answer.trim().to_owned())
    }

    fn make(&mut self) -> Result<Duration, Failed> {
        let answer = self.ask("page")?;
        let (seconds, bytes) = answer
            .split_once(' ')
            .ok_or_else(|| format!("ReportLab answered {answer:?}"))?;
        self.bytes = bytes.parse()?;
        Ok(Duration::from_secs_f64(seconds.parse()?))
    }
}

impl Drop for ReportLab {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
