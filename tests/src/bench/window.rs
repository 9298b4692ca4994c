//! From starting the terminal to its painted sign-in screen, against an empty Tauri window.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use casebook::Terminal;
use journal::PinParams;
use journeys::{Failed, PINS, Stage};

use crate::measure::{Figure, folder, in_turns};
use crate::screen::{Display, Picture};

const ROUNDS: usize = 10;
const PATIENCE: Duration = Duration::from_secs(30);

pub fn figures() -> Result<Vec<Figure>, Failed> {
    let dir = folder()?;
    let data = enrolled(dir.path())?;
    let storage = dir.path().join("empty");
    let display = Display::open()?;
    let terminal = Program {
        path: program("sanxiang-terminal")?,
        arguments: vec!["--data".into(), data, "--test-sources".into()],
    };
    let empty = Program {
        path: program("examples/empty_window")?,
        arguments: vec![storage],
    };
    let blank = display.look()?;
    let signing_in = terminal.rehearse(&display, &blank)?;
    let nothing = empty.rehearse(&display, &blank)?;
    let (ours, theirs) = in_turns(
        1,
        ROUNDS,
        &mut || terminal.start(&display, &blank, &signing_in),
        &mut || empty.start(&display, &blank, &nothing),
    )?;
    let figure = Figure {
        name: "start-first-screen",
        value: ours.median() * 1e3,
        unit: "ms",
        ratio: ours.median() / theirs.median(),
        baseline: "an empty Tauri window",
        targets: Vec::new(),
        note: format!(
            "p95 {:.0} ms; empty {:.0} ms, p95 {:.0} ms",
            ours.p95() * 1e3,
            theirs.median() * 1e3,
            theirs.p95() * 1e3
        ),
    };
    Ok(vec![figure.ratio_at_most(1.5)])
}

/// An enrolled terminal's folder, as it lies on the tablet before the first start of the day.
fn enrolled(dir: &Path) -> Result<PathBuf, Failed> {
    let now = chrono::Utc::now().with_timezone(&casebook::domain_offset());
    let stage = Stage::found(dir, &now.to_rfc3339())?;
    let data = dir.join("terminal");
    let pins: Vec<_> = PINS
        .iter()
        .map(|(no, pin)| ((*no).to_owned(), (*pin).to_owned()))
        .collect();
    let ticket = stage.headquarters.ticket()?.to_string();
    Terminal::enrol(
        &data,
        &stage.url(),
        &ticket,
        "bench",
        &pins,
        PinParams::default(),
        stage.clock.clone(),
    )?;
    Ok(data)
}

/// A program built beside this one.
fn program(name: &str) -> Result<PathBuf, Failed> {
    let here = std::env::current_exe()?;
    let path = here.parent().unwrap_or(Path::new(".")).join(name);
    if path.exists() {
        return Ok(path);
    }
    Err(format!("{} is not built; ./bench builds it", path.display()).into())
}

struct Program {
    path: PathBuf,
    arguments: Vec<PathBuf>,
}

impl Program {
    fn spawn(&self, display: &Display) -> Result<Running, Failed> {
        let child = Command::new(&self.path)
            .args(&self.arguments)
            .env("DISPLAY", &display.name)
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env("LANG", "C.UTF-8")
            .env("RUST_LOG", "error")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Running(child))
    }

    /// Starts it once to learn what its first screen looks like when it has come to rest.
    fn rehearse(&self, display: &Display, blank: &Picture) -> Result<Picture, Failed> {
        let running = self.spawn(display)?;
        let settled = display.settled(blank)?;
        running.end();
        gone(display, blank)?;
        Ok(settled)
    }

    fn start(
        &self,
        display: &Display,
        blank: &Picture,
        wanted: &Picture,
    ) -> Result<Duration, Failed> {
        let since = Instant::now();
        let running = self.spawn(display)?;
        let took = display
            .wait_for(since, wanted, PATIENCE)
            .map_err(|error| format!("{}: {error}", self.path.display()))?;
        running.end();
        gone(display, blank)?;
        Ok(took)
    }
}

fn gone(display: &Display, blank: &Picture) -> Result<(), Failed> {
    let left = display.wait_for(Instant::now(), blank, PATIENCE);
    left.map_err(|error| format!("a window stayed behind: {error}"))?;
    Ok(())
}

struct Running(Child);

impl Running {
    /// Asks it to end and waits; the next start finds a quiet machine.
    fn end(mut self) {
        let asked = Command::new("kill").arg(self.0.id().to_string()).status();
        let since = Instant::now();
        while asked.is_ok() && since.elapsed() < Duration::from_secs(5) {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                std::thread::sleep(Duration::from_millis(300));
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
