import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { VueWrapper } from '@vue/test-utils';
import pack from '@/testing/pack.json';
import type { FormDefinition } from '@/generated/forms';
import type { SaveDraft } from '@/generated/terminal';
import { fakeTerminal, type FakeTerminal } from '@/testing/fake-terminal';
import { mountOnTerminal, settled } from '@/testing/mount';
import InstrumentScreen from './InstrumentScreen.vue';
import { useHistory } from './use-history';
import { violationFill } from './violation-fill';

describe('edits', () => {
  test('quick edits of one place are one step back, other places are others', () => {
    const history = useHistory({ a: '' });
    history.edit({ a: 'x' }, 'a', 1_000);
    history.edit({ a: 'xy' }, 'a', 1_200);
    history.edit({ a: 'xy', b: 1 }, 'b', 1_300);
    history.undo();
    expect(history.value.value).toEqual({ a: 'xy' });
    history.undo();
    expect(history.value.value).toEqual({ a: '' });
    expect(history.undo()).toBe(false);
    history.redo();
    history.redo();
    expect(history.value.value).toEqual({ a: 'xy', b: 1 });
  });

  test('a new edit forgets what was taken back', () => {
    const history = useHistory({});
    history.edit({ a: 1 }, 'a', 0);
    history.undo();
    history.edit({ b: 1 }, 'b', 5_000);
    expect(history.redo()).toBe(false);
  });
});

describe('a picked violation', () => {
  const forms = pack.forms as unknown as FormDefinition[];
  const violation = {
    code: 'T',
    title: '',
    facts_draft: '草稿',
    violated: [{ law: '甲', article: '1', paragraph: '', text: '' }],
    basis: [{ law: '乙', article: '2', paragraph: '', text: '' }],
    range_text: '',
  };

  test.each(['F10', 'F21'])('fills what form %s has, and leaves written facts alone', (code) => {
    const definition = forms.find((form) => form.code === code);
    const picked = definition?.sections.flatMap(({ fields }) => fields).find(({ kind }) => kind.kind === 'violation');
    if (!definition || !picked) throw new Error('the pack has changed');
    const empty = Object.fromEntries(violationFill(definition, picked, violation, {}));
    expect(empty.facts).toBe('草稿');
    expect(Object.values(empty)).toContain(violation.violated);
    expect(violationFill(definition, picked, violation, { facts: '已写' }).map(([path]) => path)).not.toContain(
      'facts',
    );
  });
});

describe('the screen of an instrument', () => {
  let page: VueWrapper;
  let host: FakeTerminal;

  beforeEach(async () => {
    ({ page, host } = await mountOnTerminal(InstrumentScreen, { id: 'instrument-2', tab: '' }));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  });

  afterEach(() => {
    vi.useRealTimers();
    page.unmount();
  });

  const saves = () => host.calls.filter(({ name }) => name === 'save_draft').map(({ payload }) => payload as SaveDraft);

  async function pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
    await settled();
  }

  test('edits save themselves once, with the revision they started from', async () => {
    await page.get('#field-facts').setValue('经检测');
    await page.get('#field-facts').setValue('经检测超限');
    expect(saves()).toHaveLength(0);
    await pass(700);
    expect(saves()).toHaveLength(1);
    expect(saves()[0]).toMatchObject({ revision: 1, value: { facts: '经检测超限' } });
    await page.get('#field-facts').setValue('经检测超限 𠮷\u202e<b>');
    await pass(700);
    expect(saves()[1]).toMatchObject({ revision: 2, value: { facts: '经检测超限 𠮷\u202e<b>' } });
    expect(page.text()).toContain('已保存');
  });

  test('a draft changed elsewhere is told and can be loaded', async () => {
    const elsewhere = host.instruments.get('instrument-2');
    if (!elsewhere) throw new Error('no instrument');
    host.instruments.set('instrument-2', {
      ...elsewhere,
      revision: 7,
      value: { ...elsewhere.value, facts: '别处写的' },
    });
    await page.get('#field-facts').setValue('这里写的');
    await pass(700);
    expect(page.get('[role=alert]').text()).toContain('草稿已在别处改动');
    await page.get('[role=alert] button').trigger('click');
    await settled();
    expect((page.get('#field-facts').element as HTMLTextAreaElement).value).toBe('别处写的');
    expect(page.find('[role=alert]').exists()).toBe(false);
  });

  test('a failed save keeps what was typed and is tried again', async () => {
    host.refuseNext('save_draft', 'disk_full');
    await page.get('#field-facts').setValue('不能丢');
    await pass(700);
    expect(page.text()).toContain('存储空间已满');
    await pass(3_100);
    expect(saves()).toHaveLength(2);
    expect((page.get('#field-facts').element as HTMLTextAreaElement).value).toBe('不能丢');
    expect(page.text()).toContain('已保存');
  });

  test('money is typed in 元 and kept in 分; a fine above the limit is a finding with its article', async () => {
    await page.get('input[type=radio][value=fine]').setValue(true);
    await page.get('#field-fine_fen').setValue('300.5');
    await pass(700);
    expect(saves().at(-1)?.value).toMatchObject({ penalty_kind: 'fine', fine_fen: 30_050 });
    expect(page.text()).toContain('罚款超过当场处罚上限');
    expect(page.text()).toContain('《行政处罚法》第五十一条');
    expect(page.get('#field-fine_fen').attributes('aria-invalid')).toBe('true');
  });

  test('the list of findings leads to the field', async () => {
    const entry = page.findAll('aside button').find((button) => button.text().startsWith('违法事实'));
    Element.prototype.scrollIntoView = () => undefined;
    await entry?.trigger('click');
    await settled();
    expect(document.activeElement?.id).toBe('field-facts');
  });

  test('picking a violation fills facts and law', async () => {
    await page.get('ul.found button').trigger('click');
    await pass(700);
    expect(saves().at(-1)?.value).toMatchObject({ violation_code: 'T10-1', violated: [{ article: '3' }] });
    expect(String(saves().at(-1)?.value.facts)).toContain('未取得超限运输车辆通行证');
  });

  test('issuing with open findings is refused in words', async () => {
    await page.get('[data-tab=sign]').trigger('click');
    await settled();
    const press = async (text: string) =>
      page
        .findAll('button')
        .find((button) => button.text() === text)
        ?.trigger('click');
    await press('制发文书');
    await press('确认制发');
    await settled();
    expect(page.get('[role=alert]').text()).toContain('还不能继续');
    expect(host.instruments.get('instrument-2')?.state).toBe('draft');
  });
});

test.each(pack.forms.map(({ code }) => code))('form %s shows every field of its definition', async (code) => {
  const host = fakeTerminal('busy');
  const started = await host.call('start_instrument', { case_id: 'case-1', form: code, request_id: `new-${code}` });
  const { page } = await mountOnTerminal(InstrumentScreen, { id: started.instrument_id, tab: '' }, host);
  const labels = page.findAll('.label').map((label) => label.text());
  for (const section of started.definition.sections) {
    for (const field of section.fields.filter(({ when }) => !when)) {
      expect(labels.some((label) => label.startsWith(field.label))).toBe(true);
    }
  }
  for (const control of page.findAll('input:not([type=radio]), textarea, select')) {
    const id = control.attributes('id');
    const hasLabel = id !== undefined && page.find(`label[for="${id}"]`).exists();
    expect(hasLabel || control.attributes('aria-label') !== undefined).toBe(true);
  }
  page.unmount();
});
