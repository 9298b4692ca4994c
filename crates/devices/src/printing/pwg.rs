//! PWG raster (PWG 5102.4) and Apple's URF: 8-bit grey pages for IPP printers that take no PDF.
//!
//! Both pack a page in the same way; only the headers differ.

use super::{GreyPage, Raster};

/// Dots an inch of a ticket.
const SLIP_DPI: u32 = 203;
const POINTS_PER_INCH: u32 = 72;
pub(crate) const PWG_SYNC: &[u8] = b"RaS2";
pub(crate) const PWG_HEADER: usize = 1_796;
pub(crate) const URF_SYNC: &[u8] = b"UNIRAST\0";
#[cfg(feature = "testing")]
pub(crate) const URF_HEADER: usize = 32;
const PWG_GREY: u32 = 18;
const A4_MM: [u32; 2] = [210, 297];

pub(super) fn begin_pwg() -> Vec<u8> {
    PWG_SYNC.to_vec()
}

pub(super) fn push_pwg(out: &mut Vec<u8>, page: &GreyPage) {
    out.extend_from_slice(&pwg_header(page));
    pack(out, page);
}

pub(super) fn begin_urf(pages: usize) -> Vec<u8> {
    let count = u32::try_from(pages).unwrap_or(u32::MAX);
    [URF_SYNC, &count.to_be_bytes()].concat()
}

pub(super) fn push_urf(out: &mut Vec<u8>, page: &GreyPage) {
    // Eight bits a dot, grey, one side, usual quality.
    out.extend_from_slice(&[8, 0, 1, 4, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [page.width, page.height, page.dpi, 0, 0] {
        out.extend_from_slice(&number.to_be_bytes());
    }
    pack(out, page);
}

/// A ticket as a page of its own size.
pub(super) fn slip(raster: &Raster) -> Vec<u8> {
    let dots = raster.lines().flat_map(|line| grey(line, raster.width));
    let page = GreyPage {
        width: raster.width,
        height: raster.height,
        dpi: SLIP_DPI,
        dots: dots.collect(),
    };
    let mut out = begin_pwg();
    push_pwg(&mut out, &page);
    out
}

fn grey(line: &[u8], width: u32) -> impl Iterator<Item = u8> {
    let dots = line.iter().flat_map(|byte| {
        (0..8)
            .rev()
            .map(move |bit| if byte >> bit & 1 == 1 { 0 } else { 255 })
    });
    dots.take(width as usize)
}

fn pack(out: &mut Vec<u8>, page: &GreyPage) {
    let mut lines = page.dots.chunks(page.width.max(1) as usize).peekable();
    while let Some(line) = lines.next() {
        let mut repeats = 0_u8;
        while repeats < u8::MAX && lines.peek() == Some(&line) {
            lines.next();
            repeats += 1;
        }
        out.push(repeats);
        push_line(out, line);
    }
}

/// Runs of up to 128 equal dots, and stretches of up to 128 different ones.
fn push_line(out: &mut Vec<u8>, mut dots: &[u8]) {
    while let Some(first) = dots.first() {
        let run = dots
            .iter()
            .take(128)
            .take_while(|dot| *dot == first)
            .count();
        if run > 1 || dots.len() == 1 {
            out.push((run - 1) as u8);
            out.push(*first);
            dots = dots.get(run..).unwrap_or_default();
        } else {
            let different = dots
                .windows(2)
                .take(127)
                .take_while(|pair| pair.first() != pair.last())
                .count()
                .max(1);
            if different == 1 {
                out.push(0);
                out.push(*first);
            } else {
                out.push((257 - different) as u8);
                out.extend_from_slice(dots.get(..different).unwrap_or_default());
            }
            dots = dots.get(different..).unwrap_or_default();
        }
    }
}

/// Only the fields that describe the picture; the rest is zero, which the standard reads as "the printer's choice".
fn pwg_header(page: &GreyPage) -> Vec<u8> {
    let GreyPage {
        width, height, dpi, ..
    } = *page;
    let points = |dots: u32| (dots * POINTS_PER_INCH + dpi / 2) / dpi.max(1);
    let mut header = vec![0_u8; PWG_HEADER];
    let mut put = |at: usize, value: u32| {
        if let Some(field) = header.get_mut(at..at + 4) {
            field.copy_from_slice(&value.to_be_bytes());
        }
    };
    put(276, dpi);
    put(280, dpi);
    put(340, 1);
    put(352, points(width));
    put(356, points(height));
    put(372, width);
    put(376, height);
    put(384, 8);
    put(388, 8);
    put(392, width);
    put(400, PWG_GREY);
    put(420, 1);
    // How many pages follow is not told.
    put(452, 0);
    put(456, 1);
    put(460, 1);
    let mut name = |at: usize, text: &[u8]| {
        if let Some(field) = header.get_mut(at..at + text.len()) {
            field.copy_from_slice(text);
        }
    };
    name(0, b"PwgRaster");
    let millimetres = [width, height].map(|dots| (dots * 254 + dpi * 5) / (dpi.max(1) * 10));
    if millimetres == A4_MM {
        name(1_732, b"iso_a4_210x297mm");
    }
    header
}
