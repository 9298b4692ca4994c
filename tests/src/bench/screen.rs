//! A display of its own whose dots can be read: what is measured is what an officer would see.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use journeys::Failed;

/// Every fourth row is enough to know a picture.
const ROW_STEP: usize = 4;
const LOOK_EVERY: Duration = Duration::from_millis(4);
/// Letters move by parts of a dot from one start to the next, so spans of dots are compared by their mean colour.
const SPAN_DOTS: usize = 16;
const MEAN_MAY_DIFFER: usize = 16;
/// One officer's portrait that is missing is more than this.
const PER_MILLE_MAY_DIFFER: usize = 3;

/// Some rows of the screen, four bytes a dot.
#[derive(Clone)]
pub struct Picture(Vec<u8>);

impl Picture {
    fn spans(&self) -> std::slice::ChunksExact<'_, u8> {
        self.0.chunks_exact(4 * SPAN_DOTS)
    }

    /// How many of a thousand spans are of another colour.
    fn differing_per_mille(&self, other: &Picture) -> usize {
        let differing = self
            .spans()
            .zip(other.spans())
            .filter(|(left, right)| left != right && is_other_colour(left, right))
            .count();
        (differing * 1000).div_ceil(self.spans().len().max(1))
    }

    pub fn is_like(&self, other: &Picture) -> bool {
        self.differing_per_mille(other) <= PER_MILLE_MAY_DIFFER
    }
}

fn is_other_colour(left: &[u8], right: &[u8]) -> bool {
    let sum = |span: &[u8], channel: usize| -> usize {
        span.iter()
            .skip(channel)
            .step_by(4)
            .map(|value| usize::from(*value))
            .sum()
    };
    (0..3).any(|channel| {
        sum(left, channel).abs_diff(sum(right, channel)) > MEAN_MAY_DIFFER * SPAN_DOTS
    })
}

/// A virtual display; it ends with this value.
pub struct Display {
    server: Child,
    pub name: String,
    dots: File,
    _folder: tempfile::TempDir,
}

impl Display {
    pub fn open() -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1280x800x24",
                "-noreset",
                "-nolisten",
                "tcp",
                "-fbdir",
            ])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("Xvfb (Debian: xvfb): {error}"))?;
        let mut number = String::new();
        let stdout = server.stdout.take().ok_or("no pipe from Xvfb")?;
        BufReader::new(stdout).read_line(&mut number)?;
        let dots: PathBuf = folder.path().join("Xvfb_screen0");
        Ok(Display {
            server,
            name: format!(":{}", number.trim()),
            dots: File::open(dots)?,
            _folder: folder,
        })
    }

    /// Xvfb keeps its dots in a file of the XWD format, whose header is big-endian.
    pub fn look(&self) -> Result<Picture, Failed> {
        let field = |index: u64| -> Result<usize, Failed> {
            let mut bytes = [0; 4];
            self.dots.read_exact_at(&mut bytes, index * 4)?;
            Ok(u32::from_be_bytes(bytes) as usize)
        };
        let (height, row_bytes) = (field(5)?, field(12)?);
        let start = field(0)? + field(19)? * 12;
        let mut picture = vec![0; height.div_ceil(ROW_STEP) * row_bytes];
        for (index, row) in picture.chunks_exact_mut(row_bytes).enumerate() {
            let at = start + index * ROW_STEP * row_bytes;
            self.dots.read_exact_at(row, at as u64)?;
        }
        Ok(Picture(picture))
    }

    /// Waits until the screen shows this; answers how long after `since` that was.
    pub fn wait_for(
        &self,
        since: Instant,
        wanted: &Picture,
        within: Duration,
    ) -> Result<Duration, Failed> {
        loop {
            let seen = self.look()?;
            if seen.is_like(wanted) {
                return Ok(since.elapsed());
            }
            if since.elapsed() > within {
                let differing = seen.differing_per_mille(wanted);
                return Err(format!("the screen did not come: {differing} ‰ of it differ").into());
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// The picture once nothing has moved for a while and it is no longer `before`.
    pub fn settled(&self, before: &Picture) -> Result<Picture, Failed> {
        let started = Instant::now();
        let (mut last, mut since) = (self.look()?, Instant::now());
        while started.elapsed() < Duration::from_secs(40) {
            std::thread::sleep(Duration::from_millis(50));
            let now = self.look()?;
            if !now.is_like(&last) {
                since = Instant::now();
            } else if since.elapsed() > Duration::from_millis(2_500) && !now.is_like(before) {
                return Ok(now);
            }
            last = now;
        }
        Err("the screen did not come to rest".into())
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
