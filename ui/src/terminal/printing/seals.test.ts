import { afterEach, expect, test } from 'vitest';
import type { VueWrapper } from '@vue/test-utils';
import type { SealStock } from '@/generated/terminal';
import { fakeTerminal, type FakeTerminal } from '@/testing/fake-terminal';
import type { FakeSealing } from '@/testing/fake-seals';
import { mountOnTerminal, settled } from '@/testing/mount';
import HomeScreen from '../home/HomeScreen.vue';
import PrintingScreen from './PrintingScreen.vue';
import { standingOf } from './sheets';

let page: VueWrapper;
let host: FakeTerminal;
afterEach(() => page?.unmount());

async function open(mode: FakeSealing['mode'], left: number, screen = PrintingScreen) {
  ({ page, host } = await mountOnTerminal(screen, {}, fakeTerminal('presented', { mode, left })));
}
const press = async (text: string) => {
  await page
    .findAll('button')
    .find((button) => button.text() === text)
    ?.trigger('click');
  await settled();
};
const submit = async () => {
  await page.get('dialog form').trigger('submit');
  await settled();
};

test.each([
  ['token', 10, 0, 'enough'],
  ['token', 9, 0, 'few'],
  ['token', 0, 50, 'none'],
  ['pre_sealed', 50, 0, 'none'],
  ['pre_sealed', 0, 9, 'few'],
  ['by_hand', 0, 0, 'enough'],
  ['headquarters', 0, 0, 'enough'],
])('%s with %d impressions and %d sheets has %s', (mode, impressions_left, sheets_left, standing) => {
  const stock: SealStock = { mode, impressions_left, sheets_left, next_sheet: null };
  expect(standingOf(stock)).toBe(standing);
});

test('an agency that seals by hand or at headquarters has no stock to look after', async () => {
  await open('by_hand', 0);
  expect(page.text()).not.toContain('印章纸和印模');
  page.unmount();
  await open('headquarters', 0);
  expect(page.text()).not.toContain('印章纸和印模');
});

test('few impressions are told with what to do, here and on the first screen', async () => {
  await open('token', 7);
  expect(page.get('[aria-labelledby=seals-title]').text()).toMatch(/联网同步领用.*剩余印模7/s);
  page.unmount();
  await open('token', 0, HomeScreen);
  expect(page.get('.figures .figure.low').text()).toBe('0');
  expect(page.get('.figures .advice').text()).toContain('请联网同步领用');
});

test('a spoiled sheet needs its number and a reason, and is not suggested any more', async () => {
  await open('pre_sealed', 12);
  const panel = () => page.get('[aria-labelledby=seals-title]').text();
  expect(panel()).toContain('A000104');
  expect(panel()).not.toContain('快用完');
  await press('登记作废的纸');
  await submit();
  const findings = page.findAll('dialog .findings').map((list) => list.text());
  expect(findings[0]).toContain('没有写明预盖章纸的编号');
  expect(findings[1]).toContain('没有写明作废原因');
  expect(document.activeElement?.id).toMatch(/-sheet$/);
  const [number, reason] = page.findAll('dialog input');
  await number?.setValue('a000104');
  await reason?.setValue('卡纸');
  await submit();
  expect(host.calls.filter(({ name }) => name === 'spoil_sheet').at(-1)?.payload).toEqual({
    sheet_no: 'A000104',
    reason: '卡纸',
  });
  expect(page.find('dialog').exists()).toBe(false);
  expect(panel()).toMatch(/空白预盖章纸11下一张编号A000105/);
  expect(panel()).toContain('A000104 已登记作废');
});
