import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { VueWrapper } from '@vue/test-utils';
import type { FormDefinition } from '@/generated/forms';
import pack from '@/testing/pack.json';
import { fakeTerminal, type FakeTerminal } from '@/testing/fake-terminal';
import { mountOnTerminal, settled } from '@/testing/mount';
import InstrumentScreen from '../instruments/InstrumentScreen.vue';
import { discretionPlaces, fineFill, outside } from './places';

const definition = (code: string) => {
  const found = (pack.forms as unknown as FormDefinition[]).find((form) => form.code === code);
  if (!found) throw new Error('the pack has changed');
  return found;
};

test('is weighed where a form has a violation and a fine, and nowhere else', () => {
  expect(discretionPlaces(definition('F01'))).toBeNull();
  expect(discretionPlaces(definition('F21'))).toMatchObject({
    violation: 'violation_code',
    fine: 'fine_fen',
    reason: 'discretion_reason',
  });
});

test('an amount brings the kind of penalty with it', () => {
  const places = discretionPlaces(definition('F21'));
  if (!places) throw new Error('the pack has changed');
  expect(fineFill(places, 5_000)).toEqual([
    ['penalty_kind', 'fine'],
    ['fine_fen', 5_000],
  ]);
  const band = { min_fen: 5_000, max_fen: 10_000 };
  expect(outside(places, { fine_fen: 4_999 }, band)).toBe(4_999);
  expect(outside(places, { fine_fen: 10_000 }, band)).toBeNull();
  expect(outside(places, {}, band)).toBeNull();
});

let page: VueWrapper;
let host: FakeTerminal;
beforeEach(async () => {
  ({ page, host } = await mountOnTerminal(InstrumentScreen, { id: 'instrument-2', tab: 'fill' }, fakeTerminal('busy')));
});
afterEach(() => {
  page.unmount();
  vi.useRealTimers();
});

const press = async (name: string | RegExp) => {
  const found = page
    .findAll('button')
    .find((one) => (typeof name === 'string' ? one.text().trim() === name : name.test(one.text())));
  if (!found) throw new Error(`no button ${String(name)}`);
  await found.trigger('click');
  await settled();
};
const asked = () => host.calls.filter(({ name }) => name === 'propose_discretion').map(({ payload }) => payload);

test('shows bands and reasons, and fills only what the officer takes', async () => {
  expect(page.text()).toContain('先选定违法行为');
  await press(/违法超限运输/);
  await press('看裁量参考');
  const panel = page.get('section[aria-labelledby="discretion-title"]');
  expect(panel.text()).toMatch(/法定幅度.+200\.00 元.+建议幅度50\.00–100\.00 元/s);
  expect(page.find('#field-fine_fen').exists()).toBe(false);
  await press('取下限 50.00 元');
  expect((page.get('#field-fine_fen').element as HTMLInputElement).value).toBe('50.00');
  await press('采用理由草稿');
  expect((page.get('#field-discretion_reason').element as HTMLTextAreaElement).value).toBe('综合考虑，处罚款。');
});

test('weighs again with what the officer confirms, and asks for the reason of a fine outside', async () => {
  await press(/违法超限运输/);
  await press('看裁量参考');
  await page.get('section[aria-labelledby="discretion-title"] li input[type=checkbox]').setValue(true);
  await page.get('#fact-first_time').setValue('查询无前案');
  await press(/^按现在的情节再算/);
  expect(asked().at(-1)).toMatchObject({
    facts: { circumstances: ['first_time'], notes: { first_time: '查询无前案' } },
  });
  await press('取上限 80.00 元');
  expect(page.find('.odd').exists()).toBe(false);
  await page.get('#field-fine_fen').setValue('150');
  expect(page.get('.odd').text()).toContain('150.00 元不在建议幅度内');
});
