import { VueQueryPlugin } from '@tanstack/vue-query';
import { mount, type VueWrapper } from '@vue/test-utils';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Component } from 'vue';
import { RouterView, createMemoryHistory, createRouter } from 'vue-router';
import { hq } from '@/client/console';
import { newQueryClient } from '@/client/query-client';
import { fakeConsole } from '@/testing/fake-console';
import { settled } from '@/testing/mount';
import ConsoleApp from './ConsoleApp.vue';
import CaseScreen from './cases/CaseScreen.vue';
import QueueScreen from './office/QueueScreen.vue';
import DutiesScreen from './overview/DutiesScreen.vue';

let page: VueWrapper;
afterEach(() => page.unmount());

async function open(screen: Component, isSignedIn = false) {
  const host = fakeConsole();
  if (isSignedIn) await host.call('login', { user: 'legal', password: 'example' });
  const call = vi.spyOn(host, 'call');
  const nowhere = { render: () => null };
  const names = [
    'queue',
    'disclosures',
    'codes',
    'seals',
    'duties',
    'cases',
    'terminals',
    'officers',
    'views',
    'health',
  ];
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/case/:id', name: 'case', component: screen, props: true },
      ...names.map((name) => ({ path: `/${name}`, name, component: nowhere })),
      { path: '/:rest(.*)*', component: nowhere },
    ],
  });
  await router.push(screen === ConsoleApp ? '/cases' : '/case/case-1');
  page = mount(screen === ConsoleApp ? ConsoleApp : RouterView, {
    attachTo: document.body,
    global: {
      plugins: [[VueQueryPlugin, { queryClient: newQueryClient('me') }], router, (app) => hq.install(app, host)],
    },
  });
  await settled();
  return { host, call };
}

describe('the duties of the agency', () => {
  test('say what is due and what is not met', async () => {
    await open(DutiesScreen, true);
    expect(page.get('[data-key=annual_report]').text()).toContain('公开 2026 年度执法数据年报，报送上级主管部门');
    expect(page.get('[data-key=reviewer_ratio]').text()).toContain('逾期或者不符合');
  });

  test('a paper of supervision is registered and answered', async () => {
    const { call } = await open(DutiesScreen, true);
    await page.get('input[value=opinion]').setValue(true);
    const fields = { number: '示司监〔2026〕3号', organ: '示例市司法局', received: '2026-11-20', reply: '2026-12-04' };
    for (const [key, value] of Object.entries(fields)) await page.get(`#paper-${key}`).setValue(value);
    await page.get('#paper-demand').setValue('说明情况');
    await page.get('details form').trigger('submit');
    await settled();
    expect(call).toHaveBeenCalledWith('register_supervision', {
      paper: 'opinion',
      number: fields.number,
      organ: fields.organ,
      demand: '说明情况',
      received_on: fields.received,
      reply_by: fields.reply,
      case_no: '',
    });
    const row = () => page.get(`[data-key="${fields.number}"]`);
    expect(row().text()).toContain('监督意见书');
    await row().get('button').trigger('click');
    await row().get('input').setValue('当面汇报');
    await row().get('form').trigger('submit');
    await settled();
    expect(row().text()).toContain('已回复：当面汇报');
  });
});

describe('the console', () => {
  test('shows nothing before login, and the work after it', async () => {
    await open(ConsoleApp);
    expect(page.find('nav').exists()).toBe(false);
    await page.get('#user').setValue('legal');
    await page.get('#password').setValue('wrong');
    await page.get('form').trigger('submit');
    await settled();
    expect(page.get('[role=alert]').text()).toContain('密码不对');
    expect((page.get('#password').element as HTMLInputElement).value).toBe('');
  });

  test('a case is asked for once, and only after its purpose was given', async () => {
    const { host, call } = await open(CaseScreen);
    await host.call('login', { user: 'legal', password: 'example' });
    const looks = () => call.mock.calls.filter(([name]) => name === 'case');
    expect(looks()).toHaveLength(0);
    await page.get('input[value=投诉核查]').setValue(true);
    await page.get('form').trigger('submit');
    await settled();
    expect(looks()).toEqual([['case', { case_id: 'case-1', purpose: '投诉核查' }]]);
    expect(page.text()).toContain('示例交罚〔2026〕0001号');
    expect(page.text()).toContain('吴法制 · 案卷 · 投诉核查');
    window.dispatchEvent(new Event('focus'));
    document.dispatchEvent(new Event('visibilitychange'));
    await settled();
    expect(looks()).toHaveLength(1);
  });

  test('a paper is checked only when asked, and says what to do', async () => {
    const { host, call } = await open(CaseScreen);
    await host.call('login', { user: 'legal', password: 'example' });
    await page.get('form').trigger('submit');
    await settled();
    const checks = () => call.mock.calls.filter(([name]) => name === 'check_paper');
    expect(checks()).toHaveLength(0);
    const button = () => page.findAll('button').find((one) => one.text() === '核对纸面');
    await button()?.trigger('click');
    await settled();
    expect(checks()).toEqual([['check_paper', { instrument_id: 'i1', purpose: '法制审核' }]]);
    expect(page.get('.check [role=status]').text()).toContain('一致');
    expect(page.get('.check').text()).toContain('可以作为原件使用');
    await button()?.trigger('click');
    await settled();
    expect(checks()).toHaveLength(2);
    expect(call.mock.calls.filter(([name]) => name === 'case')).toHaveLength(1);
  });

  test('a file still on the terminal says how much arrived', async () => {
    const { host } = await open(CaseScreen);
    await host.call('login', { user: 'legal', password: 'example' });
    await page.get('form').trigger('submit');
    await settled();
    expect(page.text()).toContain('还在终端上，已收 38%');
    expect(page.text()).toContain('3 / 4 已到');
  });
});

describe('what waits', () => {
  async function begin(task: string) {
    const { call } = await open(QueueScreen, true);
    const row = page.findAll('tbody tr').find((one) => one.text().includes(task));
    await row?.get('button').trigger('click');
    await settled();
    return (name: string) => call.mock.calls.find(([called]) => called === name)?.[1];
  }

  test('an application is returned with a reason and leaves the queue', async () => {
    const sent = await begin('审批');
    await page.get('input[value=returned]').setValue(true);
    await page.get('#opinion').setValue('事实不清');
    await page.get('dialog form').trigger('submit');
    await settled();
    const asked = { instrument_id: 'i1', stage: 'head', decision: 'returned', opinion: '事实不清' };
    expect(sent('approve')).toEqual(asked);
    expect(page.findAll('tbody tr')).toHaveLength(2);
  });

  test('a review asks for every item, the opinion and the reason', async () => {
    const sent = await begin('法制审核');
    expect(page.findAll('dialog tbody tr')).toHaveLength(3);
    for (const choice of page.findAll('dialog select')) await choice.setValue('yes');
    await page.get('input[value=problem]').setValue(true);
    await page.get('#reason').setValue('裁量理由缺');
    await page.get('dialog form').trigger('submit');
    await settled();
    expect(sent('review')).toMatchObject({ conclusion: 'problem', reason: '裁量理由缺' });
  });

  test('a page is checked before it can be released', async () => {
    const sent = await begin('公示审核');
    expect(page.text()).toContain('没有出生日期');
    const button = (text: string) => page.findAll('dialog button').find((one) => one.text().includes(text));
    expect(button('发布')?.text()).toBe('审核通过，交他人发布');
    await button('审核通过')?.trigger('click');
    await settled();
    expect(sent('review_disclosure')).toMatchObject({ basis: [{ law: '行政处罚法', article: '48' }] });
    await page
      .findAll('dialog button')
      .filter((one) => one.text() === '发布')[0]
      ?.trigger('click');
    await settled();
    expect(page.text()).toContain('已经公示');
  });
});
