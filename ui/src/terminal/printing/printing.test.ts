import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DOMWrapper, VueWrapper } from '@vue/test-utils';
import type { PrintJobRow } from '@/generated/terminal';
import { fakeTerminal, type FakeTerminal } from '@/testing/fake-terminal';
import { mountOnTerminal, settled } from '@/testing/mount';
import SideRail from '../session/SideRail.vue';
import PrintingScreen from './PrintingScreen.vue';
import { dotsOf, settingOf } from './settings';

let page: VueWrapper;
let host: FakeTerminal;
beforeEach(async () => {
  ({ page, host } = await mountOnTerminal(PrintingScreen, {}, fakeTerminal('busy')));
});
afterEach(() => {
  page.unmount();
  vi.useRealTimers();
});

/** A dialog hangs outside the screen. */
const everywhere = () => [...document.querySelectorAll('button')];
const press = async (name: string | RegExp, among = everywhere()) => {
  const found = among.find((one) => {
    const text = one.textContent?.trim() ?? '';
    return typeof name === 'string' ? text === name : name.test(text);
  });
  if (!found) throw new Error(`no button ${String(name)}`);
  found.click();
  await settled();
};
const control = (label: string): HTMLInputElement => {
  const found = [...document.querySelectorAll('label')].find((one) => one.textContent?.trim() === label);
  const input = found && (document.getElementById(found.htmlFor) ?? found.querySelector('input'));
  if (!input) throw new Error(`no control ${label}`);
  return input as HTMLInputElement;
};
const write = (label: string, text: string, event = 'input') => {
  const input = control(label);
  input.value = text;
  input.dispatchEvent(new Event(event));
};
const submit = async () => {
  document.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
  await settled();
};
const asked = (name: string) => host.calls.filter((call) => call.name === name).map(({ payload }) => payload);
const text = () => document.body.textContent ?? '';

test('millimetres become dots and come back', () => {
  const dots = dotsOf({ paper: '384', darkness: '-1', offset: -1.5 });
  expect(dots).toEqual({ width_dots: 384, darkness: -1, offset_dots: -12 });
  const row = { printer_id: 'p', name: 'n', language: 'tspl', address: 'a', prints_pages: false, ...dots };
  expect(settingOf(row)).toEqual({ paper: '384', darkness: '-1', offset: -1.5 });
  expect(dotsOf({ paper: '576', darkness: '0', offset: Number.NaN }).offset_dots).toBe(0);
});

test('a printer that was found is added with its settings', async () => {
  await press('添加打印机');
  await press('查找打印机');
  expect(text()).toContain('找到 2 台');
  await press(/HPRT MT800/);
  expect(control('名称').value).toBe('HPRT MT800');
  expect(control('地址').value).toBe('/dev/usb/lp0');
  control('58 毫米').click();
  await settled();
  write('浓度', '1', 'change');
  await settled();
  write('左右偏移（毫米，向右为正）', '2.5');
  await settled();
  await submit();
  expect(asked('add_printer').at(-1)).toEqual({
    name: 'HPRT MT800',
    language: 'cpcl',
    address: '/dev/usb/lp0',
    width_dots: 384,
    darkness: 1,
    offset_dots: 20,
  });
  expect(text()).toContain('便携打印机（CPCL） · 58 毫米');
});

test('a page printer has no paper width or darkness to set', async () => {
  await press('添加打印机');
  expect(text()).not.toContain('浓度');
  control('标签打印机（TSPL）').click();
  await settled();
  expect(text()).toContain('浓度');
  expect(text()).toContain('/dev/rfcomm0');
});

const lineOf = (name: string): DOMWrapper<Element> => {
  const found = page.findAll('.printer').find((line) => line.text().includes(name));
  if (!found) throw new Error(`no printer ${name}`);
  return found;
};
const pressIn = (line: DOMWrapper<Element>, name: string) => press(name, [...line.element.querySelectorAll('button')]);

test('the state of each printer stands beside it without asking, in words', async () => {
  await host.call('add_printer', { name: '小票机', language: 'escpos', address: '10.0.0.3:9100', width_dots: 576 });
  page.unmount();
  ({ page } = await mountOnTerminal(PrintingScreen, {}, host));
  expect(lineOf('车载打印机').text()).toContain('就绪');
  const stopped = lineOf('小票机').text();
  for (const word of ['已停止', '缺纸', '电量低', '80 毫米']) expect(stopped).toContain(word);
});

test('a test page tells what became of it', async () => {
  await host.call('add_printer', { name: '小票机', language: 'escpos', address: '10.0.0.3:9100', width_dots: 576 });
  page.unmount();
  ({ page } = await mountOnTerminal(PrintingScreen, {}, host));
  await pressIn(lineOf('车载打印机'), '打印测试页');
  expect(lineOf('车载打印机').text()).toContain('测试页已打印');
  await pressIn(lineOf('小票机'), '打印测试页');
  expect(lineOf('小票机').text()).toMatch(/测试页没有打印.*缺纸/s);
});

test('settings of a printer are changed in place', async () => {
  await pressIn(lineOf('车载打印机'), '设置');
  write('名称', '一号车打印机');
  await submit();
  expect(asked('set_printer').at(-1)).toMatchObject({ name: '一号车打印机' });
  expect(lineOf('一号车打印机').text()).toContain('A4 打印机');
});

test('a copy that waits for paper says so and can be taken back, one that is unclear asks', async () => {
  const jobs = () => page.findAll('.job').map((line) => line.text());
  const waiting = jobs().find((line) => line.includes('缺纸'));
  expect(waiting).toContain('处理好后自动继续');
  expect(waiting).toMatch(/下次尝试 \d/);
  expect(waiting).toContain('取消打印');
  const unclear = jobs().find((line) => line.includes('纸出来了吗'));
  expect(unclear).not.toContain('取消打印');
  await press('取消打印');
  expect(jobs().some((line) => line.includes('已取消'))).toBe(true);
});

test('a printer is removed only after a question', async () => {
  const trash = () => press(/^移除 车载打印机$/);
  await trash();
  expect(asked('remove_printer')).toEqual([]);
  expect(text()).toContain('排队等这台打印机的文书会记为没有打印');
  await press('取消');
  expect(asked('remove_printer')).toEqual([]);
  await trash();
  await press('移除');
  expect(asked('remove_printer')).toHaveLength(1);
  expect(text()).toContain('还没有打印机');
});

test('a copy of which only the officers can tell is asked from every screen', async () => {
  const { page: rail } = await mountOnTerminal(SideRail, {}, host);
  expect(rail.text()).toContain('待确认 1');
  await press('完整出来了');
  await settled();
  const { page: later } = await mountOnTerminal(SideRail, {}, host);
  expect(later.text()).not.toContain('待确认');
  rail.unmount();
  later.unmount();
});

test('what is open stands above what is printed, and most of that is put away', async () => {
  const { jobs } = (await host.call('print_queue', {})) as { jobs: PrintJobRow[] };
  const settledJobs = Array.from({ length: 9 }, (_, at) => ({
    ...(jobs[0] as PrintJobRow),
    job_id: `settled-${at}`,
    copy_no: 10 + at,
    state: 'confirmed',
  }));
  const call = host.call.bind(host);
  vi.spyOn(host, 'call').mockImplementation((name, payload) =>
    name === 'print_queue' ? Promise.resolve({ jobs: [...settledJobs, ...jobs] } as never) : call(name, payload),
  );
  page.unmount();
  ({ page } = await mountOnTerminal(PrintingScreen, {}, host));
  const lines = () => page.findAll('.job').map((line) => line.text());
  expect(lines()).toHaveLength(5);
  expect(lines()[0]).toContain('结果不明');
  expect(lines()[1]).toContain('等待');
  await press('显示更早的 6 份');
  expect(lines()).toHaveLength(11);
});
