//! Searching 10,000 articles on an encrypted terminal, by the command the screen calls.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use casebook::{DeviceSetup, OpenOptions, SimulatedHost, Terminal};
use chrono::DateTime;
use hq::{Founding, ManualClock, Running};
use journal::PinParams;
use journeys::{Failed, Officer, PINS, repository, said_no, sign_in_both};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::form_figures::copy;
use crate::measure::{Figure, Samples};

const LAWS: usize = 100;
const ARTICLES_OF_A_LAW: usize = 100;
const STARTED: &str = "2026-09-22T09:00:00+08:00";
const ROUNDS: usize = 15;

const WHO: [&str; 12] = [
    "经营者",
    "驾驶员",
    "托运人",
    "承运人",
    "装载单位",
    "检测站",
    "执法人员",
    "行政机关",
    "当事人",
    "管理机构",
    "维修企业",
    "驾培机构",
];
const WHAT: [&str; 16] = [
    "超限运输",
    "车辆检测",
    "营运证件",
    "货物装载",
    "旅客安全",
    "线路班次",
    "危险货物",
    "行政处罚",
    "强制措施",
    "现场检查",
    "证据保存",
    "送达期限",
    "听证程序",
    "罚款缴纳",
    "信息公示",
    "从业资格",
];
const HOW: [&str; 12] = [
    "应当及时办理",
    "不得擅自变更",
    "可以依法从轻",
    "责令限期改正",
    "由机关负责人批准",
    "须书面告知理由",
    "按规定留存记录",
    "不得随意拦截",
    "可以暂扣车辆",
    "申请延长期限",
    "公开接受监督",
    "移送有关部门",
];

/// What officers type: two and more characters, one, initials, a law with an article, and what stands nowhere as it is.
const TYPED: [&str; 20] = [
    "超限",
    "超限运输",
    "检测",
    "车",
    "罚款缴纳",
    "暂扣车辆",
    "听证",
    "从轻",
    "wfcx",
    "cxys",
    "fkjn",
    "危险货物",
    "负责人批准",
    "样法12 50",
    "样法12第50条",
    "超限暂扣听证",
    "驾驶员从业资格",
    "公示 监督",
    "拦截",
    "送达期限延长",
];

/// The house's pack with as many invented articles beside its own.
fn large_pack(dir: &Path) -> Result<Vec<(String, String)>, Failed> {
    copy(&repository().join("forms/packs/transport"), dir)?;
    let path = dir.join("articles.toml");
    let mut text = std::fs::read_to_string(&path)?;
    let mut rows = Vec::new();
    let pick = |list: &'static [&'static str], number: usize| {
        list.get(number % list.len()).copied().unwrap_or_default()
    };
    for law in 0..LAWS {
        text.push_str(&format!(
            "\n[[law]]\nshort = \"样法{law}\"\ntitle = \"第 {law} 部样法\"\nvalid_from = \"2020-01-01\"\n[law.articles]\n"
        ));
        for article in 1..=ARTICLES_OF_A_LAW {
            let number = (law * ARTICLES_OF_A_LAW + article).wrapping_mul(2_654_435_761) >> 7;
            let gist = format!(
                "{}{}的{}",
                pick(&WHO, number),
                pick(&WHAT, number / 12),
                pick(&HOW, number / 200)
            );
            text.push_str(&format!("{article} = \"{gist}\"\n"));
            rows.push((format!("样法{law}"), gist));
        }
    }
    std::fs::write(path, text)?;
    Ok(rows)
}

struct Searched {
    terminal: Arc<Terminal>,
    indexed_in: Duration,
}

fn terminal(dir: &Path) -> Result<Searched, Failed> {
    let start = DateTime::parse_from_rfc3339(STARTED)?;
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?.to_string();
    drop(listener);
    let url = format!("http://{address}");
    let mut founding = Founding::example(&dir.join("pack"), &url)?;
    founding.password_cost = PinParams::for_tests();
    let headquarters =
        Arc::new(founding.found(&dir.join("headquarters"), Arc::new(ManualClock::at(start)))?);
    let running = Running::start(
        Arc::clone(&headquarters),
        &address,
        &repository().join("ui/dist"),
    )?;
    let host = Arc::new(SimulatedHost::at(start));
    let pins: Vec<_> = PINS
        .iter()
        .map(|(no, pin)| ((*no).to_owned(), (*pin).to_owned()))
        .collect();
    let data_dir = dir.join("terminal");
    let started = Instant::now();
    Terminal::enrol(
        &data_dir,
        &url,
        &headquarters.ticket()?.to_string(),
        "检索终端",
        &pins,
        PinParams::for_tests(),
        Arc::clone(&host) as _,
    )?;
    let indexed_in = started.elapsed();
    running.stop();
    let terminal = Terminal::open(OpenOptions {
        data_dir,
        host,
        devices: DeviceSetup::test_sources(),
        fonts_dir: paper::Fonts::default_dir(),
    })?;
    sign_in_both(&terminal)?;
    Ok(Searched {
        terminal,
        indexed_in,
    })
}

fn ask(terminal: &Terminal, typed: &str) -> Result<usize, Failed> {
    let answer = terminal
        .ask("search_law", json!({ "text": typed, "limit": 20 }))
        .map_err(said_no("search_law"))?;
    let hits = answer.get("hits").and_then(Value::as_array);
    Ok(hits.map_or(0, Vec::len))
}

/// The scan a database does without an index; it knows no initials and no parts that stand apart.
fn scan(db: &Connection, typed: &str) -> Result<usize, Failed> {
    let pattern = format!("%{typed}%");
    let mut query = db.prepare_cached(
        "SELECT law, gist FROM article WHERE gist LIKE ?1 OR law LIKE ?1 ORDER BY law LIMIT 20",
    )?;
    let mut rows = query.query([&pattern])?;
    let mut found = 0;
    while rows.next()?.is_some() {
        found += 1;
    }
    Ok(found)
}

pub fn figures() -> Result<Vec<Figure>, Failed> {
    let dir = crate::measure::folder()?;
    let rows = large_pack(&dir.path().join("pack"))?;
    let searched = terminal(dir.path())?;
    let plain = Connection::open_in_memory()?;
    plain.execute_batch("CREATE TABLE article (law TEXT NOT NULL, gist TEXT NOT NULL)")?;
    for (law, gist) in &rows {
        plain
            .prepare_cached("INSERT INTO article VALUES (?1, ?2)")?
            .execute([law, gist])?;
    }
    let (mut ours, mut theirs, mut slowest) = (Vec::new(), Vec::new(), (Duration::ZERO, ""));
    let (mut found, mut scanned) = (0, 0);
    for round in 0..=ROUNDS {
        for typed in TYPED {
            let started = Instant::now();
            let hits = ask(&searched.terminal, typed)?;
            let our = started.elapsed();
            let started = Instant::now();
            let lines = scan(&plain, typed)?;
            let their = started.elapsed();
            if round == 0 {
                found += usize::from(hits > 0);
                scanned += usize::from(lines > 0);
                continue;
            }
            if our > slowest.0 {
                slowest = (our, typed);
            }
            ours.push(our);
            theirs.push(their);
        }
    }
    let (ours, theirs) = (Samples::new(ours), Samples::new(theirs));
    let figure = Figure {
        name: "search-10000",
        value: ours.p95() * 1e3,
        unit: "ms p95",
        ratio: ours.p95() / theirs.p95(),
        baseline: "LIKE scan, plain, in memory",
        targets: Vec::new(),
        note: format!(
            "{} invented articles; p50 {:.2} ms, worst {:.1} ms ({}); {found} of {} queries find something, {scanned} by \
             LIKE; enrolment with indexing {:.1} s",
            rows.len(),
            ours.median() * 1e3,
            slowest.0.as_secs_f64() * 1e3,
            slowest.1,
            TYPED.len(),
            searched.indexed_in.as_secs_f64(),
        ),
    };
    Ok(vec![figure.at_most(50.0)])
}
