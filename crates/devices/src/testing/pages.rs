//! Reads PWG and URF pages back into dots.

use crate::printing::{
    GreyPage,
    pwg::{PWG_HEADER, PWG_SYNC, URF_HEADER, URF_SYNC},
};

/// # Errors
/// When it is no PWG raster of 8-bit grey pages.
pub fn pwg_pages(bytes: &[u8]) -> Result<Vec<GreyPage>, String> {
    let mut rest = bytes.strip_prefix(PWG_SYNC).ok_or("no PWG raster")?;
    let mut pages = Vec::new();
    while !rest.is_empty() {
        let (header, packed) = rest.split_at_checked(PWG_HEADER).ok_or("a short header")?;
        let number = |at| number(header, at);
        if !header.starts_with(b"PwgRaster\0") || (number(388)?, number(400)?) != (8, 18) {
            return Err("not a grey page".into());
        }
        rest = page(
            [number(372)?, number(376)?, number(276)?],
            packed,
            &mut pages,
        )?;
    }
    Ok(pages)
}

/// # Errors
/// When it is no URF of 8-bit grey pages.
pub fn urf_pages(bytes: &[u8]) -> Result<Vec<GreyPage>, String> {
    let rest = bytes.strip_prefix(URF_SYNC).ok_or("no URF")?;
    let count = number(rest, 0)?;
    let mut rest = rest.get(4..).unwrap_or_default();
    let mut pages = Vec::new();
    while !rest.is_empty() {
        let (header, packed) = rest.split_at_checked(URF_HEADER).ok_or("a short header")?;
        if !header.starts_with(&[8, 0]) {
            return Err("not a grey page".into());
        }
        let size = [
            number(header, 12)?,
            number(header, 16)?,
            number(header, 20)?,
        ];
        rest = page(size, packed, &mut pages)?;
    }
    match pages.len() == count as usize {
        true => Ok(pages),
        false => Err(format!("{count} pages were announced")),
    }
}

fn number(header: &[u8], at: usize) -> Result<u32, String> {
    let four = header
        .get(at..at + 4)
        .and_then(|four| <[u8; 4]>::try_from(four).ok());
    four.map(u32::from_be_bytes)
        .ok_or_else(|| "a short header".into())
}

/// Unpacks one page and gives back what follows it.
fn page<'a>(
    [width, height, dpi]: [u32; 3],
    packed: &'a [u8],
    pages: &mut Vec<GreyPage>,
) -> Result<&'a [u8], String> {
    let mut dots = Vec::with_capacity(width as usize * height as usize);
    let mut bytes = packed.iter();
    let mut line = Vec::new();
    while dots.len() < width as usize * height as usize {
        let repeats = *bytes.next().ok_or("no more lines")?;
        line.clear();
        while line.len() < width as usize {
            let count = *bytes.next().ok_or("no more runs")?;
            if count < 128 {
                let dot = *bytes.next().ok_or("no more dots")?;
                line.extend(std::iter::repeat_n(dot, usize::from(count) + 1));
            } else {
                let length = 257 - usize::from(count);
                line.extend(bytes.by_ref().take(length).copied());
            }
        }
        if line.len() != width as usize {
            return Err("a run passes the end of its line".into());
        }
        for _ in 0..=repeats {
            dots.extend_from_slice(&line);
        }
    }
    pages.push(GreyPage {
        width,
        height,
        dpi,
        dots,
    });
    Ok(bytes.as_slice())
}
