import { expect, test } from 'vitest';
import { withLength } from './fragmented';

/** A box: size, name, content. */
function box(name: string, ...content: Uint8Array[]): Uint8Array {
  const size = 8 + content.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, size);
  bytes.set(new TextEncoder().encode(name), 4);
  let at = 8;
  for (const part of content) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function movieHeader(timescale: number): Uint8Array {
  const content = new Uint8Array(112);
  content[0] = 1;
  new DataView(content.buffer).setUint32(20, timescale);
  return box('mvhd', content);
}

const joined = (...parts: Uint8Array[]) => box('skip', ...parts).slice(8).buffer as ArrayBuffer;
const read = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());

test('the copy says how long it is, and everything else is as it was', async () => {
  const trex = box('trex', new Uint8Array(24));
  const media = [box('moof', new Uint8Array(3)), box('mdat', new Uint8Array([1, 2, 3]))];
  const original = joined(box('ftyp'), box('moov', movieHeader(2500), box('mvex', trex)), ...media);
  const mehd = box('mehd', new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x13, 0x88]));
  const wanted = joined(box('ftyp'), box('moov', movieHeader(2500), box('mvex', mehd, trex)), ...media);
  expect(await read(withLength(original, 2000))).toEqual(new Uint8Array(wanted));
});

test.each([
  ['no film at all', joined(new Uint8Array([9, 9, 9]))],
  ['a box that says it is longer than the file', joined(new Uint8Array([0xff, 0, 0, 0, 1, 2, 3, 4, 5]))],
  ['a film that knows its length', joined(box('moov', movieHeader(1), box('mvex', box('mehd', new Uint8Array(12)))))],
])('%s stays as it is', async (_, original) => {
  expect(await read(withLength(original, 1000))).toEqual(new Uint8Array(original));
});
