import { VueQueryPlugin } from '@tanstack/vue-query';
import { mount, type VueWrapper } from '@vue/test-utils';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { h, type Component } from 'vue';
import { RouterView, createMemoryHistory, createRouter } from 'vue-router';
import { hq } from '@/client/console';
import { newQueryClient } from '@/client/query-client';
import { fakeConsole } from '@/testing/fake-console';
import type { FakeSealing } from '@/testing/fake-seals';
import { settled } from '@/testing/mount';
import SealDialog from './office/SealDialog.vue';
import type { Subject } from './office/subject';
import QueueScreen from './office/QueueScreen.vue';
import SealsScreen from './office/SealsScreen.vue';
import { lastSheet } from './office/sheet-range';

let page: VueWrapper;
afterEach(() => page?.unmount());

async function open(screen: Component, mode: FakeSealing['mode'], left = 42) {
  const host = fakeConsole({ mode, left });
  await host.call('login', { user: 'legal', password: 'example' });
  const call = vi.spyOn(host, 'call');
  const routes = [
    { path: '/start', component: screen },
    { path: '/case/:id', name: 'case', component: { render: () => null } },
  ];
  const router = createRouter({ history: createMemoryHistory(), routes });
  await router.push('/start');
  page = mount(RouterView, {
    attachTo: document.body,
    global: {
      plugins: [[VueQueryPlugin, { queryClient: newQueryClient('me') }], router, (app) => hq.install(app, host)],
    },
  });
  await settled();
  return (name: string) => call.mock.calls.filter(([called]) => called === name).map(([, payload]) => payload);
}

describe('what waits for the seal', () => {
  async function begin(left?: number) {
    const sent = await open(QueueScreen, 'headquarters', left);
    const row = page.findAll('tbody tr').find((one) => one.text().startsWith('盖章'));
    await row?.get('button').trigger('click');
    await settled();
    return sent;
  }
  const submit = async () => {
    await page.get('dialog form').trigger('submit');
    await settled();
  };

  test('is sealed with the hash of what was looked at, and leaves the queue', async () => {
    const sent = await begin();
    const dialog = page.get('dialog').text();
    for (const part of ['当场行政处罚决定书', '示例交罚〔2026〕0001号', '周某某', '4b7d'])
      expect(dialog).toContain(part);
    expect(page.get('dialog iframe').attributes('src')).toContain('purpose');
    await submit();
    expect(sent('seal_instrument')).toEqual([{ instrument_id: 'i1', content_sha256: '4b7d'.repeat(16) }]);
    expect(page.find('dialog').exists()).toBe(false);
    expect(page.findAll('tbody tr').some((one) => one.text().startsWith('盖章'))).toBe(false);
  });

  test('is not sealed unseen: without its pages there is no button', async () => {
    const names = { title: '责令改正违法行为通知书', number: null, party_name: '周某某', stage: '', note: '' };
    const ids = { case_id: 'case-1', instrument_id: 'i1', disclosure_id: null, content_sha256: '4b7d'.repeat(16) };
    const subject: Subject = { ...names, ...ids, pdf: null };
    const sent = await open({ render: () => h(SealDialog, { subject }) }, 'headquarters');
    expect(page.text()).toContain('文书还没有收到');
    expect(page.find('button[type=submit]').exists()).toBe(false);
    await submit();
    expect(sent('seal_instrument')).toEqual([]);
  });

  test('without an installed seal it says what is missing', async () => {
    await begin(0);
    await submit();
    expect(page.get('dialog [role=alert]').text()).toMatch(/还没有安装印章.*请管理员安装/s);
  });
});

test.each([
  ['A000101', 100, 'A000200'],
  ['a-0001', 1, 'A-0001'],
  ['998', 2, '999'],
  ['998', 3, null],
  ['A000101', 0, null],
  ['A000101', 2_001, null],
  ['A000101', 1.5, null],
  ['A', 1, null],
  ['甲001', 1, null],
  ['A1234567890123', 1, null],
])('%s and %d sheets end with %s', (first, count, last) => expect(lastSheet(first, count)).toBe(last));

describe('the ledger of seals', () => {
  test('numbers out of place stand first, with the way to the case', async () => {
    await open(SealsScreen, 'pre_sealed');
    const strange = page.get('[aria-labelledby=strange-title]');
    expect(strange.text()).toContain('用在两份文书上');
    expect(strange.text()).toContain('没有发给这台终端');
    expect(strange.get('a').attributes('href')).toBe('/case/case-1');
    page.unmount();
    await open(SealsScreen, 'token');
    expect(page.find('[aria-labelledby=strange-title]').exists()).toBe(false);
    expect(page.text()).toContain('没有重复使用或者来历不明的编号');
    expect(page.text()).toMatch(/00000001 – 00000050.*50 枚.*自动领用/s);
    expect(page.text()).toContain('已安装，宽 42 毫米');
  });

  test('a missing image of the seal says how it is installed', async () => {
    await open(SealsScreen, 'headquarters', 0);
    expect(page.text()).toContain('还没有安装印章图像');
    expect(page.get('pre').text()).toContain('[seal]');
  });

  test('sheets are handed out to a terminal and stand in the ledger', async () => {
    const sent = await open(SealsScreen, 'pre_sealed');
    await page.get('#sheets-writer').setValue('b7e1');
    await page.get('#sheets-first').setValue('a000301');
    await page.get('#sheets-count').setValue(50);
    expect(page.get('#sheets-range').text()).toBe('A000301 到 A000350');
    await page.get('form').trigger('submit');
    await settled();
    expect(sent('hand_out_sheets')).toEqual([{ writer: 'b7e1', first: 'a000301', count: 50 }]);
    expect(page.get('form [role=status]').text()).toBe('已登记发放：A000301 到 A000350，执法终端 07');
    expect(page.text()).toMatch(/A000301 – A000350.*50 张/s);
    expect((page.get('#sheets-first').element as HTMLInputElement).value).toBe('');
  });

  test('a number that is none is told at its field, one that was handed out as a refusal', async () => {
    await open(SealsScreen, 'pre_sealed');
    await page.get('#sheets-writer').setValue('b7e1');
    await page.get('#sheets-first').setValue('纸一');
    await page.get('form').trigger('submit');
    await settled();
    expect(page.get('#sheets-first-fault').text()).toContain('末尾是数字');
    expect(document.activeElement?.id).toBe('sheets-first');
    expect(page.find('form [role=alert]').exists()).toBe(false);
    await page.get('#sheets-first').setValue('A000150');
    await page.get('form').trigger('submit');
    await settled();
    expect(page.get('form [role=alert]').text()).toContain('编号已经发放过');
  });

  test('only a clerk and the keeper of the seal hand out paper', async () => {
    await open(SealsScreen, 'by_hand');
    expect(page.find('form').exists()).toBe(false);
    expect(page.text()).toContain('还没有发放过印模或者预盖章纸');
    expect(page.text()).toContain('这种用印方式不需要印章图像');
  });
});
