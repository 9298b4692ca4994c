import { expect, test } from 'vitest';
import type { Field } from '@/generated/forms';
import type { NoticeText, ToldRow } from '@/generated/terminal';
import { isAtField } from './finding-place';
import { toldOffers } from './told-offers';

const time = (path: string, article: string): Field => ({
  path,
  label: path,
  kind: { kind: 'date_time' },
  required: true,
  when: null,
  hint: null,
  max_chars: null,
  basis: [{ law: '行政处罚法', article }],
});
const sections = [{ key: 's', title: '', fields: [time('told_at', '44'), time('started_at', '44')] }];
const notices: NoticeText[] = [
  { notice: 'RN-3', title: '', text: '', basis: [{ law: '行政处罚法', article: '44(1)' }] },
  { notice: 'RN-1', title: '', text: '', basis: [{ law: '行政处罚法', article: '55' }] },
];
const told = (notice: string, told_at: string): ToldRow => ({ notice, told_at, response: '' });

test('the time of the notice that rests on the same article is offered, the newest of it', () => {
  const offers = toldOffers(
    sections,
    {},
    [
      told('RN-3', '2026-11-22T09:00:00+08:00'),
      told('RN-3', '2026-11-22T10:00:00+08:00'),
      told('RN-1', '2026-11-22T11:00:00+08:00'),
    ],
    notices,
    (at) => at,
  );
  expect([...offers]).toEqual([['told_at', { text: '2026-11-22T10:00:00+08:00', value: '2026-11-22T10:00:00+08:00' }]]);
});

test('a time that is there already is left alone', () => {
  const value = { told_at: '2026-11-22T08:00:00+08:00' };
  expect(toldOffers(sections, value, [told('RN-3', '2026-11-22T09:00:00+08:00')], notices, String).size).toBe(0);
});

test('what has no field of its own concerns the whole instrument', () => {
  expect(isAtField(sections, '')).toBe(false);
  expect(isAtField(sections, 'vanished')).toBe(false);
  expect(isAtField(sections, 'told_at')).toBe(true);
  expect(isAtField(sections, 'told_at.0.x')).toBe(true);
});
