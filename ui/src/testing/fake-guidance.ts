import type { FormDefinition } from '@/generated/forms';
import type { Finding } from '@/generated/law';
import type * as T from '@/generated/terminal';
import { isShown } from '@/fields/layout';
import { valueAt } from '@/fields/paths';

/* What the terminal in memory asks for next: as much of the law as its screens need. */

export function required(definition: FormDefinition, value: Record<string, unknown>): Finding[] {
  const fields = definition.sections.flatMap((section) => section.fields);
  const found: Finding[] = fields
    .filter((field) => field.required && isShown(field, value))
    .filter((field) => [undefined, null, ''].includes(valueAt(value, field.path) as never))
    .map((field) => ({
      field: field.path,
      rule: 'required',
      severity: 'block',
      text: `${field.label}没有填写`,
      hint: '请填写。',
      basis: field.basis,
    }));
  const fine = valueAt(value, 'fine_fen');
  if (definition.code === 'F21' && typeof fine === 'number' && fine > 20_000) {
    found.push({
      field: 'fine_fen',
      rule: 'R-S1',
      severity: 'block',
      text: '罚款超过当场处罚上限 200.00 元',
      hint: '请核对金额，或改用普通程序。',
      basis: [{ law: '行政处罚法', article: '51' }],
    });
  }
  return found;
}

export function nextSteps(view: T.CaseView): T.NextStep[] {
  const step = (action: string, text: string, more: Partial<T.NextStep> = {}): T.NextStep => ({
    key: action,
    action,
    text,
    form: null,
    instrument_id: null,
    notice: null,
    basis: [],
    is_required: true,
    ...more,
  });
  const draft = view.instruments.find(({ state }) => state === 'draft');
  return [
    ...(draft ? [step('finish_draft', `完成${draft.title}`, { instrument_id: draft.instrument_id })] : []),
    ...(view.instruments.some(({ form }) => form === 'F01')
      ? []
      : [step('start_form', '制作现场检查记录', { form: 'F01', basis: [{ law: '道路运输条例', article: '58' }] })]),
    ...(view.notices_told.length
      ? []
      : [
          step('tell_notice', '告知拟作处罚的事实、理由、依据和陈述申辩的权利', {
            notice: 'RN-3',
            basis: [{ law: '行政处罚法', article: '44' }],
          }),
        ]),
    step('record', '开始录音录像', { is_required: false }),
  ];
}

export function procedures(view: T.CaseView): T.ProcedureView[] {
  const row = (key: string, text: string, state: string, more: Partial<T.StepRow> = {}): T.StepRow => ({
    key,
    action: 'start_form',
    text,
    form: null,
    basis: [],
    is_required: true,
    state,
    waits_for: [],
    closed: [],
    lack: '',
    ...more,
  });
  const isInspected = view.instruments.some(({ form, state }) => form === 'F01' && state === 'issued');
  const isTold = view.notices_told.some(({ notice }) => notice === 'RN-3');
  const obstacle: T.StepObstacle = {
    rule: 'R-S2',
    text: '还没有告知拟作处罚的事实、理由、依据。',
    hint: '先告知，再作决定。',
    basis: [{ law: '行政处罚法', article: '44' }],
  };
  return [
    {
      code: 'simple',
      title: '简易程序',
      steps: [
        row('present', '两名执法人员向当事人出示执法证件', 'done'),
        row('inspection_record', '制作现场检查记录', isInspected ? 'done' : 'now', { form: 'F01' }),
        row('tell_before_penalty', '告知拟作处罚的内容', isTold ? 'done' : 'now', { action: 'tell_notice' }),
        row('penalty', '制作当场行政处罚决定书', isTold ? 'now' : 'blocked', {
          form: 'F21',
          closed: isTold ? [] : [obstacle],
        }),
        row('close', '自查后结案', 'later', { action: 'close', waits_for: ['制作当场行政处罚决定书'] }),
      ],
    },
  ];
}

/** What the assistant proposes for an overloaded lorry. */
export function advice(isFirst: boolean): T.DiscretionView['advice'] {
  const lighter = { key: 'first_time', title: '初次违法', effect: 'lighter' as const, basis: [] };
  return {
    violation: 'T10-1',
    title: '违法超限运输',
    basis: [{ law: '公路安全保护条例', article: '64' }],
    on: '2026-11-22',
    circumstances: isFirst ? [{ ...lighter, is_must: false, fact: '没有前案' }] : [],
    open: isFirst ? [] : [{ ...lighter, ask: '两年内没有同类处罚' }],
    missing: [],
    statute: { min_fen: 0, max_fen: 20_000 },
    reckoned_fen: null,
    benchmark: { band: '较轻', text: '', source: '示例基准', range: { min_fen: 5_000, max_fen: 10_000 } },
    hull: null,
    common: { min_fen: 5_000, max_fen: 10_000 },
    proposed: { min_fen: 5_000, max_fen: isFirst ? 8_000 : 10_000 },
    outcome: 'fine',
    discretion: isFirst ? 'lighter' : 'normal',
    warning_allowed: false,
    confiscates_income: false,
    is_ordinary: false,
    is_major: false,
    newer: null,
    reasons: [{ text: '法定幅度 200 元以下。', circumstance: null, basis: [] }],
    draft: '综合考虑，处罚款。',
  };
}

/** What the self-check finds: always an order that is missing, and what was not delivered. */
export function checkItems(view: T.CaseView): T.CheckItem[] {
  const undelivered = view.instruments.find((row) => row.state === 'issued' && !row.delivered_at);
  const item = { rule: '评查-1', basis: [{ law: '行政处罚法', article: '61' }], instrument_id: null, form: null };
  const items: T.CheckItem[] = [
    {
      ...item,
      level: 'red',
      text: '处罚时没有责令改正。',
      hint: '补制《责令改正违法行为通知书》。',
      rule: 'R-S10',
      form: 'F10',
    },
  ];
  if (!undelivered) return items;
  const late = { level: 'amber', text: `${undelivered.title}还没有送达。`, hint: '送达后登记。' };
  return [...items, { ...item, ...late, instrument_id: undelivered.instrument_id }];
}
