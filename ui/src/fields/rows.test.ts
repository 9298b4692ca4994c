import { afterEach, describe, expect, test } from 'vitest';
import type { VueWrapper } from '@vue/test-utils';
import { defineComponent, h, ref } from 'vue';
import type { Field, FieldKind } from '@/generated/forms';
import type { Finding } from '@/generated/law';
import { mountOnTerminal, settled } from '@/testing/mount';
import FormFields from './FormFields.vue';
import { piecesOf, valueOf } from './evidence';
import { withValueAt, type FormValue } from './paths';
import { withKey, withoutLast } from './plate-keys';
import { provideReveal } from './reveal';
import { moved, pageSize } from './rows';

const field = (path: string, label: string, kind: FieldKind): Field => ({
  path,
  label,
  kind,
  required: false,
  when: null,
  hint: null,
  max_chars: null,
  basis: [],
});
const list = (max: number, min = 0) =>
  field('qa', '问答', {
    kind: 'rows',
    min,
    max,
    fields: [field('question', '问', { kind: 'long_text' }), field('answer', '答', { kind: 'long_text' })],
  });

let page: VueWrapper | null = null;
afterEach(() => page?.unmount());

/** One field of a form with its value, as the form screen holds it. */
async function show(of: Field, start: unknown, findings: Finding[] = []) {
  const value = ref<FormValue>({ [of.path]: start });
  let reveal: (path: string) => void = () => {};
  const screen = defineComponent(() => {
    reveal = provideReveal();
    return () =>
      h(FormFields, {
        sections: [{ key: 's', title: 't', fields: [of] }],
        value: value.value,
        findings,
        readonly: false,
        onChange: (path: string, next: unknown) => (value.value = withValueAt(value.value, path, next)),
      });
  });
  ({ page } = await mountOnTerminal(screen));
  return { page, value, reveal: (path: string) => reveal(path) };
}

const rows = (count: number) => Array.from({ length: count }, (_, at) => ({ question: `问${at}`, answer: `答${at}` }));
const questions = (value: FormValue) => (value.qa as FormValue[]).map(({ question }) => question);

describe('a long table', () => {
  test('of a thousand rows shows one page and types into one row', async () => {
    const { page, value } = await show(list(1000), rows(1000));
    expect(page.findAll('li[data-row]')).toHaveLength(pageSize);
    expect(page.text()).toContain('第 1–20 行，共 1000 行');
    const before = value.value.qa as FormValue[];
    await page.get('#field-qa-3-answer').setValue('不回答');
    const after = value.value.qa as FormValue[];
    expect(after[3]).toEqual({ question: '问3', answer: '不回答' });
    expect(after[4]).toBe(before[4]);
  });

  test('opens the page of a row that a finding leads to', async () => {
    const finding: Finding = {
      field: 'qa.777.answer',
      rule: 'required',
      severity: 'block',
      text: '答没有填写',
      hint: '',
      basis: [],
    };
    const { page, reveal } = await show(list(1000), rows(1000), [finding]);
    expect(page.find('#field-qa-777-answer').exists()).toBe(false);
    reveal('qa.777.answer');
    await settled();
    expect(page.get('#field-qa-777-answer-findings').text()).toContain('答没有填写');
  });

  test('goes to a row by its number', async () => {
    const { page } = await show(list(1000), rows(1000));
    await page.get('nav input').setValue('500');
    await page.get('nav input').trigger('keydown', { key: 'Enter' });
    await settled();
    expect(document.activeElement?.id).toBe('field-qa-499-question');
  });

  test('is worked by keyboard: insert, move, delete, bring back', async () => {
    const { page, value } = await show(list(10), rows(3));
    const key = async (id: string, init: Record<string, unknown>) => {
      await page.get(`#${id}`).trigger('keydown', init);
      await settled();
    };
    await key('field-qa-0-question', { key: 'Enter', ctrlKey: true });
    expect(questions(value.value)).toEqual(['问0', undefined, '问1', '问2']);
    expect(document.activeElement?.id).toBe('field-qa-1-question');
    await key('field-qa-1-question', { key: 'Delete', ctrlKey: true });
    expect(questions(value.value)).toEqual(['问0', '问1', '问2']);
    await key('field-qa-0-answer', { key: 'ArrowDown', altKey: true });
    expect(questions(value.value)).toEqual(['问1', '问0', '问2']);
    expect(document.activeElement?.id).toBe('field-qa-1-answer');
    await key('field-qa-0-question', { key: 'ArrowUp', altKey: true });
    expect(questions(value.value)).toEqual(['问1', '问0', '问2']);
    await key('field-qa-2-question', { key: 'Delete', ctrlKey: true });
    await page
      .findAll('button')
      .find((button) => button.text() === '恢复')
      ?.trigger('click');
    await settled();
    expect(questions(value.value)).toEqual(['问1', '问0', '问2']);
  });

  test('keeps the rows that the form demands', async () => {
    const { page, value } = await show(list(10, 1), rows(1));
    await page.get('#field-qa-0-question').trigger('keydown', { key: 'Delete', ctrlKey: true });
    expect(questions(value.value)).toEqual(['问0']);
  });

  test('a row moves only inside the list', () => {
    const three = rows(3);
    expect(moved(three, 2, 1)).toBe(three);
    expect(moved(three, 0, 2).map(({ question }) => question)).toEqual(['问1', '问2', '问0']);
  });
});

describe('keys on the screen', () => {
  test('a plate begins with one province, whatever was pressed before', () => {
    expect(['豫', 'A', '1', '挂'].reduce(withKey, '')).toBe('豫A1挂');
    expect(withKey('豫A12345', '皖')).toBe('皖A12345');
    expect(withKey('A12345', '京')).toBe('京A12345');
    expect(withoutLast('豫A1')).toBe('豫A');
  });

  test('type a plate by finger and by letter key', async () => {
    const { page, value } = await show(field('plate', '车牌号', { kind: 'plate' }), '');
    await page.get('button').trigger('click');
    const press = (key: string) =>
      page
        .findAll('.keys button')
        .find((button) => button.text() === key)
        ?.trigger('click');
    for (const key of ['皖', 'A', '1', '学']) await press(key);
    expect(value.value.plate).toBe('皖A1学');
    await page.get('.pad').trigger('keydown', { key: 'b' });
    await page.get('.pad').trigger('keydown', { key: 'Backspace' });
    await page.get('.pad').trigger('keydown', { key: 'Backspace' });
    expect(value.value.plate).toBe('皖A1');
    expect(page.findAll('.keys button').some((button) => /^[IO]$/.test(button.text()))).toBe(false);
  });

  test('type an identity number with its X', async () => {
    const { page, value } = await show(field('id', '身份证号', { kind: 'resident_id' }), '1101051949123100');
    await page.get('button').trigger('click');
    for (const key of ['2', 'X'])
      await page
        .findAll('.keys button')
        .find((button) => button.text() === key)
        ?.trigger('click');
    expect(value.value.id).toBe('11010519491231002X');
  });
});

describe('citations', () => {
  const basis = field('basis', '依据', { kind: 'citations' });
  const cited = [{ law: '超限运输车辆行驶公路管理规定', article: '43(1)(1)', paragraph: '', text: '要点' }];

  test('read as lawyers write them, whether their parts stand together or apart', async () => {
    const { page } = await show(basis, [...cited, { law: '行政处罚法', article: '63', paragraph: '1', item: '2' }]);
    expect(page.text()).toContain('《超限运输车辆行驶公路管理规定》第四十三条第一款第一项');
    expect(page.text()).toContain('《行政处罚法》第六十三条第一款第二项');
  });

  test('are found in the law and taken with their parts', async () => {
    const { page, value } = await show(basis, []);
    const press = (name: string) =>
      page
        .findAll('button')
        .find((button) => button.text().trim() === name)
        ?.trigger('click');
    await press('增加引用');
    await page.get('input[type=search]').setValue('43');
    await settled();
    await page.get('.search ul button').trigger('click');
    expect(value.value.basis).toEqual([
      {
        law: '超限运输车辆行驶公路管理规定',
        article: '43',
        paragraph: '1',
        item: '1',
        text: '车货总高度从地面算起超过规定的，处以罚款。',
      },
    ]);
  });

  test('are deleted and brought back', async () => {
    const { page, value } = await show(basis, cited);
    await page
      .findAll('button')
      .find((button) => button.text().startsWith('删除'))
      ?.trigger('click');
    expect(value.value.basis).toEqual([]);
    await page.get('.back').trigger('click');
    expect(value.value.basis).toEqual(cited);
  });
});

describe('picked evidence', () => {
  test('is an id, or an id with its caption, one or many', () => {
    expect(piecesOf('a')).toEqual([{ id: 'a', caption: '' }]);
    expect(piecesOf(['a', { id: 'b', caption: '左侧' }, 7, null])).toEqual([
      { id: 'a', caption: '' },
      { id: 'b', caption: '左侧' },
    ]);
    expect(valueOf([{ id: 'a', caption: '' }], true)).toEqual(['a']);
    expect(valueOf([{ id: 'a', caption: '全貌' }], false)).toEqual({ id: 'a', caption: '全貌' });
    expect(valueOf([], true)).toBeUndefined();
  });
});
