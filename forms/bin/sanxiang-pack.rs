//! `sanxiang-pack` – looks a pack over before it is published, and makes the signed file of it.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{FixedOffset, NaiveDate, Utc};
use forms::{LintOptions, LintSeverity, Pack};

const USAGE: &str = "用法：
  sanxiang-pack lint 文件夹 [--agency 机关文件]… [--on 年-月-日] [--until 年]
      检查规则包和机关文件，逐条列出 文件:行: 轻重 理由 → 办法；有错误时退出码为 1。
  sanxiang-pack bundle 文件夹 --version 版本 --key 私钥文件 --out 输出文件
      检查无误后做成签名的规则包文件。私钥文件是 32 字节的 P-256 私钥。";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let answer = match words.split_first() {
        Some((command, rest)) if command == "lint" => lint(rest),
        Some((command, rest)) if command == "bundle" => bundle(rest),
        _ => Err(USAGE.to_owned()),
    };
    match answer {
        Ok(code) => code,
        Err(text) => {
            eprintln!("{text}");
            ExitCode::from(2)
        }
    }
}

/// The folder, and what follows each option.
struct Words {
    folder: PathBuf,
    options: Vec<(String, String)>,
}

impl Words {
    fn read(words: &[String], known: &[&str]) -> Result<Self, String> {
        let mut folder = None;
        let mut options = Vec::new();
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            if known.contains(&word.as_str()) {
                let value = rest
                    .next()
                    .ok_or_else(|| format!("{word} 后面缺少内容。\n{USAGE}"))?;
                options.push((word.clone(), value.clone()));
            } else if folder.is_none() && !word.starts_with("--") {
                folder = Some(PathBuf::from(word));
            } else {
                return Err(format!("不认识 {word}。\n{USAGE}"));
            }
        }
        let folder = folder.ok_or_else(|| format!("没有写规则包文件夹。\n{USAGE}"))?;
        Ok(Self { folder, options })
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let mine = self
            .options
            .iter()
            .filter(move |(option, _)| option == name);
        mine.map(|(_, value)| value.as_str())
    }

    fn needed<'a>(&'a self, name: &'a str) -> Result<&'a str, String> {
        let mut mine = self.all(name);
        mine.next().ok_or_else(|| format!("缺少 {name}。\n{USAGE}"))
    }
}

fn lint(words: &[String]) -> Result<ExitCode, String> {
    let words = Words::read(words, &["--agency", "--on", "--until"])?;
    let on = match words.all("--on").next() {
        Some(text) => text
            .parse::<NaiveDate>()
            .map_err(|_| format!("{text} 不是日期，写成 2026-03-10。"))?,
        None => today(),
    };
    let until = match words.all("--until").next() {
        Some(text) => Some(
            text.parse::<i32>()
                .map_err(|_| format!("{text} 不是年份。"))?,
        ),
        None => None,
    };
    let options = LintOptions {
        on,
        until,
        agencies: words.all("--agency").map(PathBuf::from).collect(),
    };
    let findings = forms::lint(&words.folder, &options);
    for finding in &findings {
        println!("{finding}");
    }
    let count = |severity| {
        let same = findings
            .iter()
            .filter(|finding| finding.severity == severity);
        same.count()
    };
    let errors = count(LintSeverity::Error);
    println!(
        "按 {on} 检查：{errors} 处错误，{} 处提醒，{} 处说明。",
        count(LintSeverity::Warning),
        count(LintSeverity::Note)
    );
    Ok(if errors == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn today() -> NaiveDate {
    let here = FixedOffset::east_opt(8 * 3600);
    let now = Utc::now();
    here.map_or(now.date_naive(), |here| {
        now.with_timezone(&here).date_naive()
    })
}

fn bundle(words: &[String]) -> Result<ExitCode, String> {
    let words = Words::read(words, &["--version", "--key", "--out"])?;
    let (version, out) = (words.needed("--version")?, words.needed("--out")?);
    let key = words.needed("--key")?;
    let secret = std::fs::read(key).map_err(|fault| format!("{key} 读不出来：{fault}"))?;
    let key = journal::SigningKey::from_secret_bytes(&secret)
        .map_err(|fault| format!("{key} 不是私钥：{fault}"))?;
    let bytes = Pack::bundle(&words.folder, version, &key)
        .map_err(|fault| format!("规则包做不成：{fault}"))?;
    std::fs::write(out, &bytes).map_err(|fault| format!("{out} 写不进去：{fault}"))?;
    println!("已写入 {out}，{} 字节，版本 {version}。", bytes.len());
    Ok(ExitCode::SUCCESS)
}
