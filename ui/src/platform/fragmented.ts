/**
 * A copy for viewing: a recording is fragments without a length at its head, because nothing is known about its end
 * while it is made. Some players then stop after the first fragment. The copy gets a `mehd` box (ISO 14496-12, 8.8.2)
 * with the length; the original is never touched.
 */
export function withLength(original: ArrayBuffer, durationMs: number): Blob {
  const bytes = new Uint8Array(original);
  const view = new DataView(original);
  const moov = findBox(view, 'moov', 0, bytes.length);
  const mvhd = moov && findBox(view, 'mvhd', moov.start + 8, moov.end);
  const mvex = moov && findBox(view, 'mvex', moov.start + 8, moov.end);
  if (!moov || !mvhd || !mvex || findBox(view, 'mehd', mvex.start + 8, mvex.end)) return new Blob([original]);
  const version = view.getUint8(mvhd.start + 8);
  const timescale = view.getUint32(mvhd.start + 12 + (version === 1 ? 16 : 8));
  const mehd = new DataView(new ArrayBuffer(20));
  mehd.setUint32(0, 20);
  write(mehd, 4, 'mehd');
  mehd.setUint8(8, 1);
  mehd.setBigUint64(12, BigInt(Math.round((durationMs * timescale) / 1000)));
  const head = bytes.slice(0, mvex.start + 8);
  const sizes = new DataView(head.buffer);
  sizes.setUint32(moov.start, moov.end - moov.start + 20);
  sizes.setUint32(mvex.start, mvex.end - mvex.start + 20);
  return new Blob([head, mehd.buffer, bytes.subarray(mvex.start + 8)]);
}

function findBox(view: DataView, name: string, from: number, to: number): { start: number; end: number } | null {
  let start = from;
  while (start + 8 <= to) {
    const end = start + view.getUint32(start);
    if (end <= start || end > to) return null;
    if ([0, 1, 2, 3].every((at) => view.getUint8(start + 4 + at) === name.charCodeAt(at))) return { start, end };
    start = end;
  }
  return null;
}

function write(view: DataView, at: number, name: string): void {
  for (let index = 0; index < name.length; index += 1) view.setUint8(at + index, name.charCodeAt(index));
}
