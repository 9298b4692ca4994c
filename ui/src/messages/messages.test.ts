import { describe, expect, test } from 'vitest';
import { errorsEn } from './errors.en';
import { errorsZh } from './errors.zh-CN';
import { article, date, duration, fen, size, yuan } from './format';
import { officeRefusalsEn, officeRefusalsZh } from './office-refusals';
import { sealsEn, sealsZh } from './seals';
import { terminalEn } from './terminal.en';
import { terminalZh } from './terminal.zh-CN';

describe('money', () => {
  test.each([
    ['200', 20_000],
    ['200.5', 20_050],
    ['0.01', 1],
    ['1,234.56', 123_456],
    ['199999999.99', 19_999_999_999],
    ['', null],
    ['20.005', null],
    ['-3', null],
    ['1e3', null],
  ])('%s 元 is %s 分', (text, amount) => expect(fen(text)).toBe(amount));

  test('is shown with two places without floats', () => {
    expect(yuan(1)).toBe('0.01');
    expect(yuan(20_050)).toBe('200.50');
    expect(yuan(-5)).toBe('-0.05');
    for (let amount = 0; amount < 5_000; amount += 7) expect(fen(yuan(amount))).toBe(amount);
  });
});

describe('what officers read', () => {
  test('articles are written as lawyers write them', () => {
    expect(article('行政处罚法', '51')).toBe('《行政处罚法》第五十一条');
    expect(article('行政处罚法', '63(1)')).toBe('《行政处罚法》第六十三条第一款');
    expect(article('超限规定', '43(1)(2)')).toBe('《超限规定》第四十三条第一款第二项');
    expect(article('某规范', '附件三')).toBe('《某规范》附件三');
  });

  test('dates, sizes and lengths', () => {
    expect(date('2026-10-08')).toBe('2026年10月8日');
    expect(size(2048)).toBe('2 KB');
    expect(duration(3_723_000)).toBe('1:02:03');
  });
});

describe.each([
  ['zh-CN', errorsZh],
  ['en', errorsEn],
])('wording in %s', (_language, errors) => {
  test.each(Object.keys(errors))('%s says what happened, why, and what to do now', (code) => {
    const wording = errors[code as keyof typeof errors]({});
    for (const part of [wording.what, wording.why, wording.now]) {
      expect(part.length).toBeGreaterThan(1);
      expect(part).not.toMatch(/undefined|NaN|null/);
    }
  });
});

test('refusals of headquarters are worded in both languages', () => {
  expect(Object.keys(officeRefusalsEn)).toEqual(Object.keys(officeRefusalsZh));
  for (const reason of Object.keys(officeRefusalsZh)) {
    const wording = errorsZh.gate_closed({ reason, rule: 'D1', text: '别的' });
    expect([wording.what, wording.why, wording.now]).toEqual(officeRefusalsZh[reason]);
  }
});

test.each([
  ['the terminal', terminalEn, terminalZh],
  ['seals', sealsEn, sealsZh],
])('tables of words of %s have the same entries in both languages', (_surface, en, zh) => {
  const shape = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]))
      : typeof value;
  expect(shape(en)).toEqual(shape(zh));
});
