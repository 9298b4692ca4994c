//! Sets a layout with sample values: `render paper.txt values.json out-prefix [draft|final|reprint]`.
//! `seal=FILE` seals it with an impression, `seal=X,Y` is for paper that bears the seal at so many mm, `seal=words` says that
//! the seal follows. Writes `out-prefix.pdf`, `.svg` and `.txt`, or `.png` for a ticket layout.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use paper::{
    Fonts, Impression, Layout, PlacedSignature, Point, Seal, Sheet, Stamp, StampKind, compose,
    ticket,
};

fn main() {
    let (seals, arguments): (Vec<String>, Vec<String>) = std::env::args()
        .skip(1)
        .partition(|argument| argument.starts_with("seal="));
    let [layout_path, values_path, prefix, rest @ ..] = arguments.as_slice() else {
        eprintln!("render paper.txt values.json out-prefix [draft|final|reprint] [dots]");
        std::process::exit(2);
    };
    let source = std::fs::read_to_string(layout_path).expect("read the layout");
    let layout = Layout::parse(&source).unwrap_or_else(|fault| {
        eprintln!("{layout_path}: {fault}");
        std::process::exit(1);
    });
    let values: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(values_path).expect("read the values"))
            .expect("values are JSON");
    let kind = match rest.first().map(String::as_str) {
        Some("draft") => StampKind::Draft,
        Some("reprint") => StampKind::Reprint {
            copy_no: 2,
            at: "2026-03-11T09:30:00.000+08:00".to_owned(),
        },
        _ => StampKind::Final,
    };
    let title = source
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# "))
        .and_then(|line| line.split_whitespace().nth(1))
        .unwrap_or("文书");
    let signatures: Vec<PlacedSignature> = ["party", "officer_1", "officer_2", "witness"]
        .into_iter()
        .filter(|slot| *slot != "party" || values.get("refusal").is_none())
        .enumerate()
        .map(|(index, slot)| scrawl(slot, index))
        .collect();
    let fonts = Fonts::load(&Fonts::default_dir()).expect("load the fonts");
    let sheet = Sheet {
        layout: &layout,
        values: &values,
        signatures: &signatures,
        pictures: &paper::NO_PICTURES,
        stamp: Stamp {
            title: title.to_owned(),
            document_id: "0196f2aa-7c1e-7d53-9a3e-5b1f0c2d4e6f".to_owned(),
            number: Some("豫信交当罚〔2026〕0001号".to_owned()),
            qr: Some(
                "https://hq.example.org/i/0196f2aa7c1e7d53?h=3f9a6c0d1b2e4f5a6b7c8d9e0f1a2b3c"
                    .to_owned(),
            ),
            created_at: "2026-03-10T14:30:00.000+08:00".to_owned(),
            kind,
            seal: seals.first().map_or(Seal::ByHand, |text| seal(text)),
        },
    };
    let started = std::time::Instant::now();
    let print = |name: &str| println!("{prefix}.{name} {:?}", started.elapsed());
    if source.contains("@page ticket") {
        let dots = rest
            .get(1)
            .map_or(576, |dots| dots.parse().expect("dots are a number"));
        let slip = ticket(&fonts, &sheet, dots).expect("set the ticket");
        print("png");
        std::fs::write(format!("{prefix}.png"), slip.to_png()).expect("write the picture");
        return;
    }
    let document = compose(&fonts, &sheet).expect("set the pages");
    print("pages");
    let pdf = document.pdf().expect("write the pages");
    print("pdf");
    std::fs::write(format!("{prefix}.pdf"), pdf).expect("write the PDF");
    std::fs::write(format!("{prefix}.svg"), document.svg(0)).expect("write the preview");
    std::fs::write(format!("{prefix}.txt"), document.text()).expect("write the text");
    if let Some(times) = rest.get(1).and_then(|times| times.parse::<u32>().ok()) {
        let started = std::time::Instant::now();
        for _ in 0..times {
            compose(&fonts, &sheet).expect("set").pdf().expect("write");
        }
        println!("warm {:?} per document", started.elapsed() / times);
    }
}

fn seal(argument: &str) -> Seal {
    let text = argument.trim_start_matches("seal=");
    let place = text.split_once(',');
    let place = place.and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)));
    match (place, std::fs::read(text)) {
        (Some((x_mm, y_mm)), _) => Seal::PreSealed { x_mm, y_mm },
        (None, Ok(file)) => Seal::Impression(Impression::read(&file).expect("an impression")),
        (None, Err(_)) => Seal::Follows(text.to_owned()),
    }
}

/// Something like a signature.
fn scrawl(slot: &str, seed: usize) -> PlacedSignature {
    let wave = |from: f32, to: f32, phase: f32| {
        (0..40)
            .map(|step| {
                let t = step as f32 / 39.0;
                let x = from + (to - from) * t;
                let y = 0.5 + 0.32 * (t * 9.0 + phase).sin() * (1.0 - t * 0.4);
                // Downstrokes are firm.
                let pressure = (slot == "officer_2").then(|| 0.5 + 0.45 * (t * 9.0 + phase).cos());
                Point {
                    at: [x, y],
                    pressure,
                }
            })
            .collect::<Vec<_>>()
    };
    PlacedSignature {
        slot: slot.to_owned(),
        strokes: vec![
            wave(0.1, 0.5, seed as f32),
            wave(0.45, 0.9, seed as f32 + 2.0),
        ],
        name: "某人".to_owned(),
        signed_on: "2026-03-10T14:28:00.000+08:00".to_owned(),
    }
}
