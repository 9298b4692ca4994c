//! Sets a form of a pack with a value: `preview FORM VALUE.json [FOLDER]`, what `./run preview` runs.
//!
//! Writes `FORM.pdf`, `FORM-1.svg` … and `FORM-ticket.png`, and lists what the form still asks for. Everybody who may
//! sign has signed; evidence is taken from the picture file of that name beside the value. What cannot be made is told
//! in words, the rest is made all the same, and the exit code is 1.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, FixedOffset, Local};
use forms::{Agency, CheckContext, Form, Pack};
use journeys::sheets::scrawl;
use paper::{
    ComposeFault, Fonts, Layout, Picture, Pictures, PlacedSignature, Sheet, Stamp, StampKind,
    compose, ticket,
};
use serde_json::{Value, json};

const USAGE: &str = "用法：preview 式样代码 内容.json [文件夹]";
const PACK: &str = "forms/packs/transport";
const TICKET_DOTS: u32 = 576;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.as_slice() {
        [code, file] => preview(code, file, "out/preview"),
        [code, file, folder] => preview(code, file, folder),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(words) => {
            eprintln!("{words}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything could be made; what could not is told.
fn preview(code: &str, file: &str, folder: &str) -> Result<bool, String> {
    let home = journeys::repository().join(PACK);
    let pack = Pack::load(&home).map_err(|fault| format!("规则包读不进去：{fault}"))?;
    let agency = Agency::load(&home.join("agencies/example.toml"))
        .map_err(|fault| format!("机关文件读不进去：{fault}"))?;
    let fonts =
        Fonts::load(&Fonts::default_dir()).map_err(|fault| format!("字库不能用：{fault}"))?;
    let form = pack.form(code).ok_or_else(|| unknown_form(&pack, code))?;
    let value = read(file)?;
    let now = Local::now().fixed_offset();
    let pictures = pictures(&form, &value, Path::new(file))?;
    tell_findings(&pack, &agency, &fonts, &form, &value, now);

    let number = form
        .number_series()
        .and_then(|series| forms::render_number(agency.pattern(series)?, 2026, 1));
    let frozen = frozen(&pack, &form, &value, &agency, number.as_deref(), now);
    let signatures: Vec<PlacedSignature> = form
        .signers(&value)
        .iter()
        .map(|signer| scrawl(&signer.slot, &now.date_naive().to_string()))
        .collect();
    let sheet = |layout| Sheet {
        layout,
        values: &frozen,
        signatures: &signatures,
        pictures: &pictures,
        stamp: Stamp {
            title: form.definition().title.clone(),
            document_id: "0196f2aa-7c1e-7d53-9a3e-5b1f0c2d4e6f".to_owned(),
            number: number.clone(),
            qr: Some("https://hq.example.org/v#d=preview".to_owned()),
            created_at: now.to_rfc3339(),
            kind: StampKind::Final,
            seal: paper::Seal::ByHand,
        },
    };
    let folder = PathBuf::from(folder);
    fs::create_dir_all(&folder).map_err(|fault| format!("{}：{fault}", folder.display()))?;
    // A pack is taken only when its layouts can be read.
    let read = |source| Layout::parse(source).map_err(|fault| fault.to_string());
    let (page, strip) = (read(form.paper())?, read(form.ticket())?);
    let on_a4 = || -> Result<(), String> {
        let document = compose(&fonts, &sheet(&page))
            .map_err(|fault| not_set(&form, &frozen, "paper.txt", &fault))?;
        let pdf = document.pdf().map_err(|fault| fault.to_string())?;
        write(&folder, &format!("{code}.pdf"), &pdf)?;
        (0..document.pages()).try_for_each(|page| {
            let name = format!("{code}-{}.svg", page + 1);
            write(&folder, &name, document.svg(page).as_bytes())
        })
    };
    let on_ticket = || -> Result<(), String> {
        let slip = ticket(&fonts, &sheet(&strip), TICKET_DOTS)
            .map_err(|fault| not_set(&form, &frozen, "ticket.txt", &fault))?;
        write(&folder, &format!("{code}-ticket.png"), &slip.to_png())
    };
    let mut is_whole = true;
    for (what, made) in [("A4 文书", on_a4()), ("小票", on_ticket())] {
        if let Err(words) = made {
            eprintln!("{what}没有做成。\n{words}");
            is_whole = false;
        }
    }
    Ok(is_whole)
}

fn unknown_form(pack: &Pack, code: &str) -> String {
    let codes: Vec<&str> = pack.forms().map(|form| form.code.as_str()).collect();
    format!(
        "规则包里没有 {code} 这份式样。有的是：{}。",
        codes.join("、")
    )
}

fn read(file: &str) -> Result<Value, String> {
    let text = fs::read_to_string(file).map_err(|fault| format!("{file} 读不出来：{fault}"))?;
    serde_json::from_str(&text).map_err(|fault| {
        let (line, column) = (fault.line(), fault.column());
        format!(
            "{file}:{line}: 第 {column} 个字符附近不合 JSON 的写法，多半少了逗号、引号或者括号。"
        )
    })
}

fn tell_findings(
    pack: &Pack,
    agency: &Agency,
    fonts: &Fonts,
    form: &Form<'_>,
    value: &Value,
    now: DateTime<FixedOffset>,
) {
    let told: Vec<String> = pack.all_rights(&json!({})).into_keys().collect();
    let findings = form.check(
        value,
        &CheckContext {
            today: now.date_naive(),
            now,
            agency: &agency.value(),
            missing_glyphs: &|text| fonts.missing(text),
            told: &told,
            pack,
        },
    );
    for finding in findings {
        let mark = match finding.severity {
            law::Severity::Block => "✗",
            law::Severity::Advice => "·",
        };
        println!("{mark} {} {}", finding.text, finding.hint);
    }
    for path in form.unknown_paths(value) {
        println!("· 这份式样没有 {path:?} 这一项，不会印出来。");
    }
}

/// Why a sheet cannot be set, one line for each thing to mend.
fn not_set(form: &Form<'_>, value: &Value, layout: &str, fault: &ComposeFault) -> String {
    match fault {
        ComposeFault::MissingGlyphs(missing) => {
            let lines = missing.iter().map(|(stranger, path)| {
                let place = match path.split('.').next() {
                    Some("layout") => format!("版面 {layout}"),
                    Some("seal") => "落款".to_owned(),
                    Some("number") => "文号".to_owned(),
                    Some("agency") => "机关资料".to_owned(),
                    Some("rights") => "权利告知".to_owned(),
                    _ => form.name_of(value, path),
                };
                let code = u32::from(*stranger);
                match stranger.is_control() {
                    true => format!("✗ {place}：有不能打印的控制字符 U+{code:04X}。删去后重新输入这一处。"),
                    false => format!(
                        "✗ {place}：字“{stranger}”（U+{code:04X}）打印字库里没有。核对是否误输，或者换一个写法。"
                    ),
                }
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        ComposeFault::TooLong { limit } => {
            format!("✗ 内容太多：最多 {limit} 个字。缩短内容，或者另附材料。")
        }
        ComposeFault::TooManyPages { limit } => {
            format!("✗ 内容太多：最多 {limit} 页。缩短内容，或者另附材料。")
        }
        ComposeFault::TicketTooLong { limit_mm } => {
            format!(
                "✗ 小票太长：最多 {limit_mm} 毫米。制发时改印一张短条，写明以 A4 文书为准；要印全文的，缩短内容，或者在 ticket.txt 里少印几栏。"
            )
        }
        ComposeFault::QrTooLong { limit } => {
            format!("✗ 二维码的内容太长：最多 {limit} 字节。")
        }
        ComposeFault::SealPlace { reason } => {
            format!("✗ 预盖章纸上的印章放不下：{reason}。")
        }
        ComposeFault::TicketWidth { width_dots } => {
            format!("✗ 小票不能有 {width_dots} 点宽。")
        }
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), String> {
    let path = folder.join(name);
    fs::write(&path, bytes).map_err(|fault| format!("{} 写不进去：{fault}", path.display()))?;
    println!("{}", path.display());
    Ok(())
}

/// The value as issuing freezes it.
fn frozen(
    pack: &Pack,
    form: &Form<'_>,
    value: &Value,
    agency: &Agency,
    number: Option<&str>,
    now: DateTime<FixedOffset>,
) -> Value {
    let agency = agency.value();
    let mut value = value.clone();
    let mut add = |key: &str, added: Value| {
        if let Some(fields) = value.as_object_mut() {
            fields.insert(key.to_owned(), added);
        }
    };
    add("issued_on", json!(now.date_naive().to_string()));
    let rights: serde_json::Map<String, Value> = form
        .definition()
        .rights
        .iter()
        .filter_map(|id| Some((id.clone(), json!(pack.rights(id, &agency)?.text))))
        .collect();
    add("rights", Value::Object(rights));
    add("number", json!(number));
    add("agency", agency.clone());
    form.labels(&value, &agency)
}

fn pictures(form: &Form<'_>, value: &Value, file: &Path) -> Result<Pictures, String> {
    let mut pictures = Pictures::new();
    for (_, id) in form.evidence(value) {
        let beside = file.with_file_name(&id);
        if beside.is_file() {
            let name = beside.display();
            let bytes = fs::read(&beside).map_err(|fault| format!("{name} 读不出来：{fault}"))?;
            let picture = Picture::read(&bytes)
                .map_err(|fault| format!("{name} 不是能用的 JPEG 或者 PNG 图片：{fault}"))?;
            pictures.insert(id, picture);
        }
    }
    Ok(pictures)
}
