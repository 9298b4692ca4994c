//! An instrument's value becomes a PDF, against ReportLab, Typst and WeasyPrint making the same page; the largest form,
//! the preview, the ticket in dots, a dossier of 500 pages, and the memory of all that.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use journeys::sheets::SampleSheet;
use journeys::{Failed, repository};
use paper::{
    Content, Dossier, DossierLayouts, Fonts, Impression, Layout, Part, Photo, Picture,
    PlacedSignature, Point, Seal, Sheet, Stamp, StampKind, Volume, VolumeKind, bind, compose,
    ticket,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::measure::{Figure, Samples, in_turns, timed};

const TITLE: &str = "当场行政处罚决定书";
const NUMBER: &str = "豫信交当罚〔2026〕0001号";
const QR: &str = "https://hq.example.org/i/0196f2aa7c1e7d53?h=3f9a6c0d1b2e4f5a6b7c8d9e0f1a2b3c";
/// ReportLab embeds TrueType outlines only, so it gets a Chinese font that has them.
const REPORTLAB_FONT: &str = "/usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf";
const TICKET_DOTS: u32 = 576;

pub fn figures() -> Result<Vec<Figure>, Failed> {
    let memory = memory()?;
    let page = Page::read()?;
    let mut figures = pdf_warm(&page)?;
    figures.extend([
        one_page(&page.fonts)?,
        largest(&page.fonts)?,
        preview(&page)?,
        ticket_raster(&page)?,
        memory,
    ]);
    figures.extend(dossier(&page)?);
    Ok(figures)
}

/// The highest memory of this process since `forget_peak`, in MB.
fn peak_mb() -> Result<f64, Failed> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kb = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(kb.ok_or("no VmHWM")?.parse::<f64>()? / 1024.0)
}

/// Memory as it is now becomes the highest.
fn forget_peak() -> Result<f64, Failed> {
    std::fs::write("/proc/self/clear_refs", "5")?;
    peak_mb()
}

/// Every form once, with the rare characters that load the last font; taken before anything else is in memory.
fn memory() -> Result<Figure, Failed> {
    let before = forget_peak()?;
    let fonts = Fonts::load(&Fonts::default_dir())?;
    let loaded = peak_mb()? - before;
    for sheet in SampleSheet::all()? {
        sheet.composed(&fonts)?.pdf()?;
        ticket(
            &fonts,
            &sheet.sheet(&sheet.ticket, StampKind::Final),
            TICKET_DOTS,
        )?;
    }
    let page = Page::read_with(fonts)?;
    page.pdf()?;
    let peak = peak_mb()? - before;
    let figure = Figure {
        name: "pdf-memory",
        value: peak,
        unit: "MB peak",
        ratio: peak / loaded,
        baseline: "the two fonts of every page",
        targets: Vec::new(),
        note: format!("above {before:.0} MB of the bare process; 56 forms, all fonts"),
    };
    Ok(figure.at_most(80.0))
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
        Self::read_with(Fonts::load(&Fonts::default_dir())?)
    }

    fn read_with(fonts: Fonts) -> Result<Self, Failed> {
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
            fonts,
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
                seal: paper::Seal::ByHand,
            },
        }
    }

    fn pdf(&self) -> Result<Vec<u8>, Failed> {
        Ok(compose(&self.fonts, &self.sheet(&self.paper))?.pdf()?)
    }
}

fn strokes() -> Vec<Vec<Point>> {
    let wave = |from: f32, phase: f32| {
        (0..40)
            .map(|step| {
                let part = step as f32 / 39.0;
                Point::from([from + 0.4 * part, 0.5 + 0.3 * (part * 9.0 + phase).sin()])
            })
            .collect()
    };
    vec![wave(0.1, 0.0), wave(0.45, 2.0)]
}

/// Other words each time, so that nobody profits from having made the page before.
fn with_count(values: &Value, count: usize) -> Value {
    let mut values = values.clone();
    if let Some(facts) = values.get_mut("facts") {
        *facts = json!(format!(
            "第{count}次，{}",
            facts.as_str().unwrap_or_default()
        ));
    }
    values
}

fn pdf_warm(page: &Page) -> Result<Vec<Figure>, Failed> {
    let others = [
        ("pdf-warm", "ReportLab, same page", "reportlab", 0.2),
        ("pdf-warm/typst", "Typst, same page", "typst", 1.0),
        (
            "pdf-warm/weasyprint",
            "WeasyPrint, same page",
            "weasyprint",
            1.0 / 15.0,
        ),
    ];
    let mut programs = Vec::new();
    for (_, _, program, _) in others {
        programs.push(Python::start(page, program)?);
    }
    let (mut ours, mut theirs) = (Vec::new(), [const { Vec::new() }; 3]);
    let mut bytes = 0;
    for round in 0..65 {
        let values = with_count(&page.values, round);
        let mut own = || {
            let sheet = Sheet {
                values: &values,
                ..page.sheet(&page.paper)
            };
            bytes = compose(&page.fonts, &sheet)?.pdf()?.len();
            Ok(())
        };
        let own = timed(&mut own)?;
        let mut their = Vec::new();
        for program in &mut programs {
            their.push(program.make()?);
        }
        if round >= 5 {
            ours.push(own);
            for (theirs, their) in theirs.iter_mut().zip(their) {
                theirs.push(their);
            }
        }
    }
    let ours = Samples::new(ours);
    let figures = others.iter().zip(theirs).zip(&programs);
    let figures = figures.map(|((other, theirs), program)| {
        let (name, baseline, _, limit) = *other;
        let theirs = Samples::new(theirs);
        let figure = Figure {
            name,
            value: ours.p95() * 1e3,
            unit: "ms p95",
            ratio: ours.median() / theirs.median(),
            baseline,
            targets: Vec::new(),
            note: format!(
                "p50 {:.1} ms, {} kB; theirs p50 {:.1} p95 {:.1} ms, {} kB; ratio of the medians",
                ours.median() * 1e3,
                bytes / 1000,
                theirs.median() * 1e3,
                theirs.p95() * 1e3,
                program.bytes / 1000,
            ),
        };
        figure.ratio_at_most(limit)
    });
    Ok(figures.collect())
}

/// A notice of damage to a road: a page with table, signatures, code and seal, beside the same page with room for a stamp. The
/// terminal opens an impression once, when it issues the sheet, so that counts.
fn one_page(fonts: &Fonts) -> Result<Figure, Failed> {
    let file = std::fs::read(repository().join("crates/hq/assets/example-seal.png"))?;
    let impression = Impression::make(&file, 42, "0001-000123", fonts)?.to_bytes();
    let sheets = SampleSheet::all()?;
    let sheet = sheets.iter().find(|sheet| sheet.code == "F17");
    let sheet = sheet.ok_or("no F17")?;
    let mut pages = 0;
    let mut sealed = || {
        let mut sheet = sheet.sheet(&sheet.paper, StampKind::Final);
        sheet.stamp.seal = Seal::Impression(Impression::read(&impression)?);
        let document = compose(fonts, &sheet)?;
        pages = document.pages();
        document.pdf()?;
        Ok(())
    };
    let mut free = || sheet.composed(fonts)?.pdf().map(drop).map_err(Failed::from);
    let (whole, free) = in_turns(5, 60, &mut || timed(&mut sealed), &mut || timed(&mut free))?;
    let figure = Figure {
        name: "pdf-one-page",
        value: whole.p95() * 1e3,
        unit: "ms p95",
        ratio: whole.median() / free.median(),
        baseline: "the page with room for a stamp",
        targets: Vec::new(),
        note: format!(
            "F17 with seal, pages {pages}, p50 {:.1} ms; the impression has {} kB",
            whole.median() * 1e3,
            impression.len() / 1000
        ),
    };
    Ok(figure.at_most(15.0))
}

/// The form that takes longest with its sample.
fn largest(fonts: &Fonts) -> Result<Figure, Failed> {
    let sheets = SampleSheet::all()?;
    let mut slowest: Option<(Duration, &SampleSheet)> = None;
    let mut all = Duration::ZERO;
    for sheet in &sheets {
        let mut made = || sheet.composed(fonts)?.pdf().map(drop).map_err(Failed::from);
        made()?;
        let taken = timed(&mut made)?.min(timed(&mut made)?);
        all += taken;
        if slowest.is_none_or(|(most, _)| taken > most) {
            slowest = Some((taken, sheet));
        }
    }
    let (_, sheet) = slowest.ok_or("no forms")?;
    let mut pages = 0;
    let mut taken = Vec::new();
    for _ in 0..60 {
        taken.push(timed(&mut || {
            let document = sheet.composed(fonts)?;
            pages = document.pages();
            document.pdf()?;
            Ok(())
        })?);
    }
    let taken = Samples::new(taken);
    let mean = all.as_secs_f64() / sheets.len() as f64;
    let figure = Figure {
        name: "pdf-largest",
        value: taken.p95() * 1e3,
        unit: "ms p95",
        ratio: taken.median() / mean,
        baseline: "the mean of all forms",
        targets: Vec::new(),
        note: format!(
            "{}, {pages} pages, p50 {:.1} ms",
            sheet.code,
            taken.median() * 1e3
        ),
    };
    Ok(figure.at_most(40.0))
}

/// What a keystroke costs: the sheet set again and its first page drawn.
fn preview(page: &Page) -> Result<Figure, Failed> {
    let mut count = 0;
    let mut bytes = 0;
    let mut ours = || {
        count += 1;
        let values = with_count(&page.values, count);
        let sheet = Sheet {
            values: &values,
            ..page.sheet(&page.paper)
        };
        bytes = compose(&page.fonts, &sheet)?.svg(0).len();
        Ok(())
    };
    let mut pdf = || page.pdf().map(drop);
    let (ours, theirs) = in_turns(5, 60, &mut || timed(&mut ours), &mut || timed(&mut pdf))?;
    let figure = Figure {
        name: "pdf-preview",
        value: ours.p95() * 1e3,
        unit: "ms p95",
        ratio: ours.median() / theirs.median(),
        baseline: "the PDF of the same values",
        targets: Vec::new(),
        note: format!(
            "p50 {:.1} ms, {} kB of SVG",
            ours.median() * 1e3,
            bytes / 1000
        ),
    };
    Ok(figure.at_most(50.0))
}

/// 180 issued documents, 40 set anew and 40 photos of 12 megapixels, from files in memory to one PDF.
fn dossier(page: &Page) -> Result<Vec<Figure>, Failed> {
    let issued = page.pdf()?;
    let photo = large_photo()?;
    let values =
        json!({ "agency": { "name": "示例市交通运输局" }, "case_no": "示例交立〔2026〕0012号" });
    let before = forget_peak()?;
    let mut pages = 0;
    let mut bytes = 0;
    let mut reading = Duration::ZERO;
    let taken = timed(&mut || {
        let part = |name: &str, content| Part {
            name: name.to_owned(),
            number: Some(NUMBER.to_owned()),
            author: Some("赵明甲".to_owned()),
            dated_on: Some("2026-03-10".to_owned()),
            note: None,
            content,
        };
        let copies = (0..40).map(|count| {
            let values = with_count(&page.values, count);
            let sheet = Sheet {
                values: &values,
                ..page.sheet(&page.paper)
            };
            compose(&page.fonts, &sheet)
        });
        let copies: Vec<_> = copies.collect::<Result<_, _>>()?;
        let mut parts = Vec::new();
        for _ in 0..140 {
            parts.push(part(TITLE, Content::Issued(&issued)));
        }
        for set in &copies {
            let issued = &issued;
            parts.push(part(TITLE, Content::OfficeCopy { set, issued }));
        }
        for count in 0..55 {
            let values = with_count(&page.values, count);
            let sheet = Sheet {
                values: &values,
                ..page.sheet(&page.paper)
            };
            parts.push(part(
                TITLE,
                Content::Composed(compose(&page.fonts, &sheet)?),
            ));
        }
        let mut photos = Vec::new();
        for count in 0..40 {
            let mut read = Ok(None);
            reading += timed(&mut || {
                read = Picture::read(&photo).map(Some);
                Ok(())
            })?;
            photos.push(Photo {
                picture: read?.ok_or("no picture")?,
                caption: format!("第{count}张"),
                taken_at: None,
                place: None,
                taken_by: None,
                sha256: String::new(),
            });
        }
        parts.push(part("证据照片", Content::Photos(photos)));
        let dossier = Dossier {
            title: "案卷".to_owned(),
            document_id: "0196f2aa".to_owned(),
            created_at: "2026-03-10T14:30:00.000+08:00".to_owned(),
            volumes: vec![Volume {
                kind: VolumeKind::Main,
                values: &values,
                signatures: &[],
                parts,
            }],
        };
        let bound = bind(&page.fonts, &DossierLayouts::standard()?, &dossier)?;
        (pages, bytes) = (bound.pages, bound.pdf.len());
        Ok(())
    })?;
    let peak = peak_mb()?;
    let note = format!(
        "{pages} pages, {:.1} MB; {:.1} s of it read 40 photos of 12 megapixels",
        bytes as f64 / 1e6,
        reading.as_secs_f64()
    );
    let time = Figure {
        name: "dossier-500",
        value: taken.as_secs_f64(),
        unit: "s",
        ratio: reading.as_secs_f64() / taken.as_secs_f64(),
        baseline: "is reading the photos",
        targets: Vec::new(),
        note,
    };
    let memory = Figure {
        name: "dossier-500/memory",
        value: peak,
        unit: "MB peak",
        ratio: peak / before,
        baseline: "the process before",
        targets: Vec::new(),
        note: String::new(),
    };
    Ok(vec![time.at_most(10.0), memory.at_most(400.0)])
}

/// A JPEG of 12 megapixels with something in it to decode.
fn large_photo() -> Result<Vec<u8>, Failed> {
    let noise = |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)) >> 27;
    let image = image::RgbImage::from_fn(4_032, 3_024, |x, y| {
        let grain = noise(x, y) as u8;
        image::Rgb([(x / 16) as u8 ^ grain, (y / 12) as u8, 120 + grain])
    });
    let mut file = std::io::Cursor::new(Vec::new());
    image.write_to(&mut file, image::ImageFormat::Jpeg)?;
    Ok(file.into_inner())
}

fn ticket_raster(page: &Page) -> Result<Figure, Failed> {
    let mut height = 0;
    let mut ours = || {
        height = ticket(&page.fonts, &page.sheet(&page.ticket), TICKET_DOTS)?.height;
        Ok(())
    };
    let mut pdf = || page.pdf().map(drop);
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
struct Python {
    process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    bytes: usize,
    /// Where WeasyPrint unpacks fonts; it is ended before it could clear them away.
    _scratch: TempDir,
}

impl Python {
    fn start(page: &Page, name: &str) -> Result<Self, Failed> {
        let python = std::env::var_os("SANXIANG_BENCH_PYTHON").map_or_else(
            || repository().join("target/bench-venv/bin/python"),
            PathBuf::from,
        );
        let program =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/bench/{name}_page.py"));
        let scratch = tempfile::tempdir()?;
        let mut process = Command::new(&python)
            .arg(program)
            .env("TMPDIR", scratch.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} (./bench installs it): {error}", python.display()))?;
        let orders = process.stdin.take().ok_or("no pipe to Python")?;
        let answers = BufReader::new(process.stdout.take().ok_or("no pipe from Python")?);
        let mut started = Python {
            process,
            orders,
            answers,
            bytes: 0,
            _scratch: scratch,
        };
        let places: Vec<Vec<[f32; 2]>> = strokes()
            .iter()
            .map(|stroke| stroke.iter().map(|point| point.at).collect())
            .collect();
        let given = json!({ "values": page.values, "facts": page.values.get("facts"), "font": REPORTLAB_FONT,
                            "fonts": Fonts::default_dir(), "title": TITLE, "number": NUMBER, "qr": QR,
                            "code": paper::qr_svg(QR), "strokes": places });
        let answer = started.ask(&given.to_string())?;
        if answer != "ready" {
            return Err(format!("{name} did not start: {answer:?}").into());
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
            .ok_or_else(|| format!("Python answered {answer:?}"))?;
        self.bytes = bytes.parse()?;
        Ok(Duration::from_secs_f64(seconds.parse()?))
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
