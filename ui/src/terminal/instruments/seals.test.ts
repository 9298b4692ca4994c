import type { VueWrapper } from '@vue/test-utils';
import { afterEach, describe, expect, test } from 'vitest';
import { fakeTerminal, type FakeTerminal } from '@/testing/fake-terminal';
import type { FakeSealing } from '@/testing/fake-seals';
import { mountOnTerminal, settled } from '@/testing/mount';
import InstrumentScreen from './InstrumentScreen.vue';

let page: VueWrapper;
let host: FakeTerminal;
afterEach(() => page.unmount());

async function open(mode: FakeSealing['mode'], left = 42, prepare?: (host: FakeTerminal) => Promise<unknown>) {
  const fake = fakeTerminal('busy', { mode, left });
  await prepare?.(fake);
  ({ page, host } = await mountOnTerminal(InstrumentScreen, { id: 'instrument-3', tab: 'paper' }, fake));
}

const sent = (name: string) => host.calls.filter((call) => call.name === name).map(({ payload }) => payload);
const form = (title: string) => page.get(`[aria-labelledby=${title}]`);
const send = async (title: string) => {
  await form(title).get('form').trigger('submit');
  await settled();
};
const sheet = () => page.get('#sheet-no').element as HTMLInputElement;

describe('a copy on pre-sealed paper', () => {
  test('names the sheet it goes on, and the next one is suggested after it', async () => {
    await open('pre_sealed');
    expect(page.text()).toContain('预盖章编号纸');
    expect(sheet().value).toBe('A000104');
    expect(page.text()).toContain('只有印着落款的那一页用预盖章纸');
    await send('print-title');
    expect(sent('print_instrument').at(-1)).toMatchObject({ instrument_id: 'instrument-3', sheet_no: 'A000104' });
    expect(sheet().value).toBe('A000105');
    expect(page.get('.job').text()).toContain('预盖章纸 A000104');
  });

  test('a number that differs on the paper is taken as it is written', async () => {
    await open('pre_sealed');
    await page.get('#sheet-no').setValue('a000120');
    await send('print-title');
    expect(sent('print_instrument').at(-1)).toMatchObject({ sheet_no: 'A000120' });
    expect(sheet().value).toBe('A000104');
  });

  test('a sheet that was used is a finding at the field, which is kept and has the focus', async () => {
    await open('pre_sealed');
    await send('print-title');
    await page.get('#sheet-no').setValue('A000104');
    await send('print-title');
    expect(page.get('#sheet-no-findings').text()).toContain('这张预盖章纸已经用过了');
    expect(page.get('#sheet-no').attributes('aria-invalid')).toBe('true');
    expect(sheet().value).toBe('A000104');
    expect(document.activeElement?.id).toBe('sheet-no');
    expect(form('print-title').find('[role=alert]').exists()).toBe(false);
  });

  test('a slip asks for no sheet', async () => {
    const slip = { name: '小票机', language: 'escpos', address: '10.0.0.3:9100', width_dots: 576 };
    const wide = { ...slip, name: '便携 A4', width_dots: 1680 };
    await open('pre_sealed', 42, async (fake) => {
      await fake.call('add_printer', slip);
      await fake.call('add_printer', wide);
    });
    const choose = (name: string) =>
      page.get('#printer').setValue(
        page
          .findAll('#printer option')
          .find((option) => option.text() === name)
          ?.attributes('value'),
      );
    await choose('小票机');
    expect(page.find('#sheet-no').exists()).toBe(false);
    await send('print-title');
    expect(sent('print_instrument').at(-1)).not.toHaveProperty('sheet_no');
    await choose('便携 A4');
    expect(page.find('#sheet-no').exists()).toBe(true);
  });

  test('without blank sheets it says whom to ask', async () => {
    await open('pre_sealed', 0);
    expect(sheet().value).toBe('');
    expect(page.text()).toContain('请向内勤领纸');
  });
});

test('an instrument that is sealed otherwise asks for no sheet', async () => {
  await open('token');
  expect(page.find('#sheet-no').exists()).toBe(false);
  expect(page.text()).toContain('一次性印模');
  expect(page.text()).toContain('№00000009');
});

test('what headquarters has not sealed cannot be delivered; after the seal came it can', async () => {
  await open('headquarters');
  const delivery = () => form('deliver-title');
  const pages = () => page.get('img').attributes('src');
  const unsealed = pages();
  expect(page.text()).toContain('待盖章');
  expect(page.find('input[value=sealed]').exists()).toBe(false);
  expect(delivery().get('[role=status]').text()).toContain('盖章件随同步到达后再登记送达');
  expect(delivery().find('button[type=submit]').exists()).toBe(false);
  await send('deliver-title');
  expect(sent('deliver_instrument').filter((asked) => JSON.stringify(asked).includes('instrument-3'))).toEqual([]);

  await host.call('sync_now', {});
  page.unmount();
  ({ page } = await mountOnTerminal(InstrumentScreen, { id: 'instrument-3', tab: 'paper' }, host));
  expect(page.text()).toContain('已盖章');
  expect(page.text()).toContain('№00000051');
  expect(pages()).toContain('sealed');
  expect(unsealed).not.toContain('sealed');
  await page.get('input[value=sealed]').setValue(true);
  expect(page.get('iframe').attributes('title')).toBe('盖章件');
  await send('deliver-title');
  expect(sent('deliver_instrument').at(-1)).toMatchObject({ instrument_id: 'instrument-3' });
  expect(delivery().text()).toContain('收到');
});

test('without an impression issuing is refused with what to do', async () => {
  const host = fakeTerminal('busy', { mode: 'token', left: 1 });
  await host.call('start_instrument', { case_id: 'case-1', form: 'F10', request_id: 'next' });
  host.instruments.set('next', { ...host.instruments.get('instrument-3')!, instrument_id: 'next', state: 'draft' });
  ({ page } = await mountOnTerminal(InstrumentScreen, { id: 'next', tab: 'sign' }, host));
  const press = async (text: string) =>
    page
      .findAll('button')
      .find((button) => button.text() === text)
      ?.trigger('click');
  await press('制发文书');
  await press('确认制发');
  await settled();
  expect(page.get('[role=alert]').text()).toMatch(/一次性印模用完了.*请联网同步/s);
});
