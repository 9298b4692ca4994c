//! 禁则: where a line must not begin or end (GB/T 15834-2011 §5).

use crate::support::{packed, set};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

const NEVER_FIRST: &str = "。，、；：？！）〕］】》〉」』”’％·";
const NEVER_LAST: &str = "（〔［【《〈「『“‘￥";

fn check(text: &str, margin_mm: u32) -> Result<(), TestCaseError> {
    let source = format!("@margins 20 {margin_mm} 20 20\n{{t}}");
    let document = set(&source, &json!({ "t": text })).unwrap();
    let set = document.text().replace('\u{c}', "\n");
    prop_assert_eq!(packed(&set), packed(text));
    for line in set.lines().filter(|line| !line.is_empty()) {
        let first = line.chars().next().unwrap();
        let last = line.chars().next_back().unwrap();
        let is_paragraph_start = text.starts_with(line);
        prop_assert!(
            is_paragraph_start || !NEVER_FIRST.contains(first),
            "begins: {}",
            line
        );
        let is_paragraph_end = text.ends_with(line);
        prop_assert!(
            is_paragraph_end || !NEVER_LAST.contains(last),
            "ends: {}",
            line
        );
        prop_assert!(
            !line.starts_with('…') || line.starts_with("……"),
            "torn: {}",
            line
        );
    }
    for pair in ["——", "……"] {
        let whole: usize = set.lines().map(|line| line.matches(pair).count()).sum();
        prop_assert_eq!(whole, text.matches(pair).count(), "{} torn", pair);
    }
    Ok(())
}

#[test]
fn known_difficult_sentences_break_rightly() {
    for text in [
        "当事人称：“我不知道需要携带道路运输证。”执法人员告知其《中华人民共和国道路运输条例》第三十三条的规定。",
        "检查时间为9:00—17:30，路段为G107国道K986+300至K990—K1002，限速60—80公里／小时，超限率35％。",
        "驾驶人买买提·阿卜杜拉·伊敏说：“……记不清了——真的记不清了！”随后签名（捺印）。",
        "统一社会信用代码91411500MA3X8Q2K1R的企业，罚款￥2,000.00元，温度25℃，面积3㎡。",
        "（证据0196f2aa7c1e7d539a3e5b1f0c2d4e6f0196f2aa7c1e7d539a3e5b1f0c2d4e6f，此处没有图片），《0196f2aa7c1e7d539a3e5b1f》。",
    ] {
        for margin_mm in 60..110 {
            check(text, margin_mm).unwrap();
        }
    }
}

#[test]
fn lines_of_a_paragraph_end_at_the_same_edge() {
    let text = "依法检查道路货物运输经营者的车辆和证件，并制作现场检查记录，".repeat(12);
    let document = set("{t}", &json!({ "t": text })).unwrap();
    let picture = document.bitmap(0, 144.0);
    let last_ink = |top: u32, bottom: u32| {
        (0..picture.width)
            .rev()
            .find(|x| (top..bottom).any(|y| picture.is_black(*x, y)))
    };
    let bands = ink_bands(&picture);
    assert!(bands.len() >= 8);
    let edge = picture.width as f32 - 26.0 / 25.4 * 144.0;
    for (top, bottom) in bands.iter().take(bands.len() - 1) {
        let ink = last_ink(*top, *bottom).unwrap() as f32;
        // A squeezed mark leaves its empty half, and ink ends a little inside its square.
        assert!((edge - 26.0..=edge + 1.0).contains(&ink), "{ink} of {edge}");
    }
}

fn ink_bands(picture: &paper::Bitmap) -> Vec<(u32, u32)> {
    let mut bands = Vec::new();
    let mut start = None;
    for y in 0..picture.height {
        let has_ink = picture.row(y).iter().any(|byte| *byte != 0);
        match (start, has_ink) {
            (None, true) => start = Some(y),
            (Some(top), false) => {
                if y - top > 8 {
                    bands.push((top, y));
                }
                start = None;
            }
            _ => {}
        }
    }
    bands
}

/// `SANXIANG_SEED` plays a printed seed again.
fn seed() -> u64 {
    let own = || u64::from(std::process::id()) ^ std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let given = std::env::var("SANXIANG_SEED").ok();
    let seed = given.map_or_else(own, |seed| seed.parse().unwrap());
    println!("SANXIANG_SEED={seed}");
    seed
}

#[test]
fn no_line_begins_or_ends_with_a_forbidden_mark() {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed().to_le_bytes());
    let config = ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let chance = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, chance);
    let pieces = "([一-龥]{1,9}[。，、；：？！）》”％·]{0,2}|[（《“〔￥]{1,2}[一-龥]{1,4}|[0-9]{1,6}|[A-Z]{1,5}|[0-9a-z]{20,60}[，）]|——|……| ){1,40}[一-龥]";
    let strategy = (pieces, 40_u32..120);
    runner
        .run(&strategy, |(text, margin_mm)| check(text.trim(), margin_mm))
        .unwrap();
}
