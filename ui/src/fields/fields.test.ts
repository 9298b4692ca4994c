import { describe, expect, test } from 'vitest';
import { join, moment, partsOf, readDay, readTime } from './moments';
import { valueAt, withValueAt } from './paths';

describe('paths into a value', () => {
  test('a changed place leaves the rest untouched and shared', () => {
    const before = { party: { name: '甲', phone: '1' }, place: { text: 'x' } };
    const after = withValueAt(before, 'party.name', '𠮷䶮');
    expect(after).toEqual({ party: { name: '𠮷䶮', phone: '1' }, place: { text: 'x' } });
    expect(after.place).toBe(before.place);
    expect(before.party.name).toBe('甲');
  });

  test('missing blocks come into being, emptied fields go away', () => {
    expect(withValueAt({}, 'a.b.c', 1)).toEqual({ a: { b: { c: 1 } } });
    expect(withValueAt({ a: { b: 1 } }, 'a.b', undefined)).toEqual({ a: {} });
  });

  test('rows are found and changed by number', () => {
    const value = { items: [{ result: 'pass' }, { result: 'fail' }] };
    expect(valueAt(value, 'items.1.result')).toBe('fail');
    expect(withValueAt(value, 'items.1.result', 'pass').items[1]).toEqual({ result: 'pass' });
  });

  test('a path through something that is no block finds nothing', () => {
    expect(valueAt({ a: 'text' }, 'a.b')).toBeUndefined();
    expect(valueAt(null, 'a')).toBeUndefined();
  });
});

describe('moments', () => {
  test('are written in the zone of the domain with milliseconds', () => {
    expect(moment(new Date('2026-03-05T06:20:00Z'))).toBe('2026-03-05T14:20:00.000+08:00');
    expect(partsOf('2026-03-04T23:30:00.000+00:00')).toEqual({ day: '2026-03-05', time: '07:30' });
    expect(join('2026-03-05', '14:20')).toBe('2026-03-05T14:20:00.000+08:00');
  });

  test.each([
    ['2026-03-05', '2026-03-05'],
    ['20260305', '2026-03-05'],
    ['2026年3月5日', '2026-03-05'],
    ['2026/3/5', '2026-03-05'],
    ['2026-02-30', null],
    ['gestern', null],
  ])('the day %s reads as %s', (text, day) => expect(readDay(text)).toBe(day));

  test.each([
    ['14:20', '14:20'],
    ['1420', '14:20'],
    ['9：05', '09:05'],
    ['14时20分', '14:20'],
    ['25:00', null],
  ])('the time %s reads as %s', (text, time) => expect(readTime(text)).toBe(time));
});
