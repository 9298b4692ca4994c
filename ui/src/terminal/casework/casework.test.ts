import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { VueWrapper } from '@vue/test-utils';
import type { Clock, FormRow } from '@/generated/terminal';
import { fakeTerminal, type FakeTerminal } from '@/testing/fake-terminal';
import { mountOnTerminal, settled } from '@/testing/mount';
import { formGroups, groupOf } from '../forms/form-groups';
import { initials, matches } from '../forms/initials';
import CaseScreen from '../inspection/CaseScreen.vue';
import { inOrder, standingOf } from './clock-standing';
import { flagGroups } from './flag-list';
import { caseworkEn } from '@/messages/casework.en';
import { caseworkZh } from '@/messages/casework.zh-CN';

const clock = (more: Partial<Clock>): Clock => ({
  name: 'x',
  text: '期限',
  due_on: '2026-11-30',
  due_at: null,
  safe_due: null,
  started_at: '2026-11-20T09:00:00.000+08:00',
  is_done: false,
  is_provisional: false,
  basis: [],
  instrument_id: null,
  ...more,
});
const at = (text: string) => Date.parse(text);

describe('a clock', () => {
  test.each([
    ['2026-11-22T10:00:00+08:00', 'running', 8],
    ['2026-11-28T00:00:00+08:00', 'soon', 2],
    ['2026-11-30T23:59:00+08:00', 'soon', 0],
    ['2026-12-01T00:00:00+08:00', 'overdue', -1],
    // Still the last day at +08:00, whatever the day is elsewhere.
    ['2026-11-30T15:30:00Z', 'soon', 0],
  ])('seen at %s is %s with %i days', (now, state, days) => {
    expect(standingOf(clock({}), at(now))).toMatchObject({ state, daysLeft: days, minutesLeft: null });
  });

  test('counted in hours runs to the minute', () => {
    const hours = clock({ due_on: '2026-11-23', due_at: '2026-11-23T09:30:00.000+08:00' });
    expect(standingOf(hours, at('2026-11-22T10:00:00+08:00'))).toMatchObject({ state: 'running', minutesLeft: 1410 });
    expect(standingOf(hours, at('2026-11-23T05:00:00+08:00'))).toMatchObject({ state: 'soon', minutesLeft: 270 });
    expect(standingOf(hours, at('2026-11-23T09:31:00+08:00'))).toMatchObject({ state: 'overdue', minutesLeft: -1 });
  });

  test('that is done is done, however late it is', () => {
    expect(standingOf(clock({ is_done: true }), at('2027-01-01T00:00:00Z')).state).toBe('done');
  });

  test('what runs out first leads, what is done comes last', () => {
    const ordered = inOrder([
      clock({ name: 'done', is_done: true, due_on: '2026-01-01' }),
      clock({ name: 'later', due_on: '2026-12-31' }),
      clock({ name: 'first', due_at: '2026-11-23T09:30:00+08:00' }),
    ]);
    expect(ordered.map(({ name }) => name)).toEqual(['first', 'later', 'done']);
  });
});

describe('forms', () => {
  const row = (code: string, title: string, closed = false): FormRow => ({
    code,
    title,
    purpose: '',
    refusal: closed ? { code: 'gate_closed', args: { rule: 'R-E1' }, findings: [], basis: [], incident: null } : null,
  });
  const rows = [row('F01', '现场检查记录'), row('F07', '证据登记保存清单', true), row('F32', '行政处罚决定书')];

  test('are found by code, words and pinyin initials', () => {
    expect(initials('行政处罚决定书')).toBe('xzcfjds');
    expect(matches('cfjds', ['行政处罚决定书'])).toBe(true);
    expect(matches('处罚 决定', ['行政处罚决定书'])).toBe(true);
    expect(matches('f32', ['F32', '行政处罚决定书'])).toBe(true);
    expect(matches('qz', ['行政处罚决定书'])).toBe(false);
  });

  test('stand in the order of the procedure, and what comes next leads', () => {
    const step = { key: '', action: 'start_form', text: '', form: 'F32', instrument_id: null, notice: null, basis: [] };
    const groups = formGroups(rows, [{ ...step, is_required: true }], '', false);
    expect(groups.map(({ key, rows: of }) => [key, of.map(({ code }) => code)])).toEqual([
      ['next', ['F32']],
      ['scene', ['F01', 'F07']],
    ]);
  });

  test('that cannot be started are hidden only when somebody asks for that', () => {
    expect(formGroups(rows, [], '', false).flatMap((group) => group.rows)).toHaveLength(3);
    expect(formGroups(rows, [], '', true).flatMap((group) => group.rows)).toHaveLength(2);
  });

  test('with a code of another kind have a place too', () => expect(groupOf('X9')).toBe('other'));
});

test('every mark has words in both languages', () => {
  for (const flag of Object.values(flagGroups).flat()) {
    expect(caseworkZh.flags.names[flag]).toMatch(/\p{Script=Han}/u);
    expect(caseworkEn.flags.names[flag]).toBeTruthy();
  }
});

test('the words of casework have the same entries in both languages', () => {
  const shape = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]))
      : typeof value;
  expect(shape(caseworkEn)).toEqual(shape(caseworkZh));
});

describe('the case page', () => {
  let page: VueWrapper;
  let host: FakeTerminal;
  beforeEach(async () => {
    ({ page, host } = await mountOnTerminal(CaseScreen, { id: 'case-1' }, fakeTerminal('busy')));
  });
  afterEach(() => page.unmount());

  const button = (name: string | RegExp) => {
    const found = page
      .findAll('button')
      .find((candidate) => (typeof name === 'string' ? candidate.text().trim() === name : name.test(candidate.text())));
    if (!found) throw new Error(`no button ${String(name)}`);
    return found;
  };
  const press = async (name: string | RegExp) => {
    await button(name).trigger('click');
    await settled();
  };
  const callsOf = (name: string) => host.calls.filter((call) => call.name === name).map(({ payload }) => payload);

  test('records a mark and takes it back', async () => {
    await press('标记案情');
    await press(/^涉嫌犯罪/);
    await press('记录');
    expect(callsOf('flag_case')).toEqual([{ case_id: 'case-1', flag: 'suspected_crime', value: true, reason: '' }]);
    expect(page.text()).toContain('已记录：涉嫌犯罪');
    await press('撤销刚才的标记');
    expect(callsOf('flag_case').at(-1)).toMatchObject({ flag: 'suspected_crime', value: null });
  });

  test('shows the steps of the procedure: done, next, and what closes the way with its article', async () => {
    const view = host.cases.get('case-1');
    if (!view) throw new Error('no case');
    const basis = [{ law: '行政处罚法', article: '62' }];
    const closed = [{ rule: 'R-O7', text: '告知期限还没有届满。', hint: '届满之后再作决定。', basis }];
    const step = {
      action: 'start_form',
      form: null,
      basis: [],
      is_required: true,
      waits_for: [],
      closed: [],
      lack: '',
    };
    view.procedures = [
      {
        code: 'ordinary',
        title: '普通程序',
        steps: [
          { ...step, key: 'o_notice', text: '告知拟作处罚和权利', state: 'done' },
          { ...step, key: 'o_decision', text: '制作行政处罚决定书', state: 'blocked', closed },
          { ...step, key: 'o_close', text: '自查后结案', state: 'later', waits_for: ['制作行政处罚决定书'] },
        ],
      },
    ];
    host.cases.set('case-1', { ...view });
    page.unmount();
    ({ page, host } = await mountOnTerminal(CaseScreen, { id: 'case-1' }, host));
    const procedure = page.find('details.procedure');
    expect(procedure.find('summary').text()).toContain('已办 1 步，共 3 步');
    expect(procedure.find('[data-state=blocked]').text()).toContain('告知期限还没有届满。');
    expect(procedure.find('[data-state=blocked]').text()).toContain('第六十二条');
    expect(procedure.find('[data-state=later]').text()).toContain('先办：制作行政处罚决定书');
  });

  test('a closed form says why, by which rule, and what to do first', async () => {
    const view = host.cases.get('case-1');
    if (view) view.notices_told = [];
    await press('新建文书');
    const closed = page.find('dialog .closed');
    expect(closed.text()).toMatch(/现在不能开始：.+先做：.+依据：《行政处罚法》第四十四条/s);
  });

  test('the self-check leads to the missing form', async () => {
    await press('案卷自查');
    expect(page.text()).toContain('1 项必须解决');
    await press('制作 F10');
    expect(callsOf('start_instrument').at(-1)).toMatchObject({ case_id: 'case-1', form: 'F10' });
  });

  test('an inspection code is checked, and what cannot be had is recorded with its reason', async () => {
    await press('检查码');
    await page.get('#inspection-code').setValue('JC-2026-0001');
    await page.get('dialog form').trigger('submit');
    await settled();
    expect(page.text()).toMatch(/检查码有效.+示例物流有限公司.+1 次，上限 2 次/s);
    await press('再核验一个');
    await page.get('dialog input[type=checkbox]').setValue(true);
    await page.get('#code-reason').setValue('现场没有网络');
    await press('登记，事后补报');
    expect(callsOf('check_inspection_code').at(-1)).toMatchObject({ is_unavailable: true, note: '现场没有网络' });
  });

  test('a refusal to close is told in three parts, and the sheet stays', async () => {
    host.refuseNext('close_case', 'gate_closed', { rule: 'R-S10', text: '处罚时没有责令改正。', hint: '补制通知书。' });
    await press('结案');
    await press('确认结案');
    const alert = page.get('dialog [role=alert]').text();
    for (const part of ['处罚时没有责令改正。', 'R-S10', '补制通知书。']) expect(alert).toContain(part);
    await press('确认结案');
    expect(page.text()).toContain('已结案');
  });
});
