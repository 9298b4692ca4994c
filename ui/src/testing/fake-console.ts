import { lastSheet } from '@/console/office/sheet-range';
import { moment } from '@/fields/moments';
import type { ConsoleCommands } from '@/generated/console.client';
import type * as C from '@/generated/console';
import { HostError, plainError, type Host } from '@/platform/host';
import { askedSealing, fakeLedger, type FakeSealing } from './fake-seals';
import { page as picture, portrait } from './pictures';

/** Headquarters in memory; `?fake=in` begins signed in, `&paper=other_pages` is what a check of paper finds. */
export function fakeConsole(sealing: FakeSealing = askedSealing()): Host<ConsoleCommands> {
  const now = () => moment(new Date());
  const asked = new URLSearchParams(globalThis.location?.search ?? '');
  let isIn = asked.get('fake') === 'in';
  const paper = asked.get('paper') ?? 'same';
  const views: C.ViewRow[] = [];

  const me = (): C.Me => ({
    user: 'legal',
    name: '吴法制',
    role: 'legal',
    functions: ['legal', 'head', 'discloser', ...(sealing.mode === 'by_hand' ? [] : ['seal_keeper'])],
    agency_name: '示例市交通运输综合行政执法支队',
    signed_in_at: now(),
    now: now(),
    example: true,
  });
  const object = (media_type: string, is_here = true): C.ObjectRow => ({
    sha256: '9f2c'.repeat(16),
    size_bytes: 1_840_000,
    media_type,
    is_here,
    received_bytes: is_here ? 1_840_000 : 700_000,
    received_at: is_here ? now() : null,
    stream: is_here ? `stream/object/${'9f2c'.repeat(16)}?case=case-1` : null,
  });
  const row: C.CaseRow = {
    case_id: 'case-1',
    opened_at: now(),
    received_at: now(),
    terminal_name: '执法终端 07',
    party_name: '周某某',
    plate: '豫A12345',
    place_text: 'G107 国道示例区超限检测站',
    officers: ['赵明甲', '钱思乙'],
    instruments_issued: 4,
    evidence: 2,
    is_complete: false,
    not_understood: 0,
  };
  const kinds = ['inspection.opened', 'notice.told', 'instrument.issued', 'recording.closed', 'instrument.delivered'];
  const view = (): C.CaseView => ({
    case_id: 'case-1',
    writer: 'b7e1',
    terminal_name: row.terminal_name,
    opened_at: row.opened_at,
    presented_at: now(),
    reason: 'special',
    reason_note: '治超专项',
    place_text: row.place_text,
    place: { text: row.place_text, road_no: 'G107' },
    party: { kind: 'person', name: '周某某', id_no: '11010519491231002X', phone: '13900000000' },
    vehicle: { plate: '豫A12345', plate_colour: 'yellow' },
    officers: [
      { name: '赵明甲', credential_no: '99010001', unit: '一大队', post: '执法队员' },
      { name: '钱思乙', credential_no: '99010002', unit: '一大队', post: '执法队员' },
    ],
    instruments: [
      {
        instrument_id: 'i1',
        form: 'F21',
        title: '当场行政处罚决定书',
        state: 'issued',
        number: '示例交罚〔2026〕0001号',
        issued_at: now(),
        content_sha256: '4b7d'.repeat(16),
        value: {},
        signatures: [
          { slot: 'party', name: '周某某', signed_at: now(), refusal: null, witness_name: null },
          { slot: 'officer_1', name: '赵明甲', signed_at: now(), refusal: null, witness_name: null },
        ],
        pdf: object('application/pdf'),
        ticket: object('image/png'),
        office_copy: null,
        seal: { mode: 'headquarters', number: null },
        delivery: { method: 'direct', recipient: '周某某', delivered_at: now(), note: '', witness_name: null },
        voided_reason: null,
        clocks: [{ name: 'payment', text: '缴纳罚款', due_on: '2026-12-07', is_provisional: false }],
        copies: [{ copy_no: 1, copy_name: '当事人', is_reprint: false, state: 'confirmed', printed_at: now() }],
      },
    ],
    evidence: [
      {
        evidence_id: 'e1',
        kind: 'photo',
        captured_at: now(),
        step: 'scene',
        state: 'complete',
        duration_ms: null,
        object: object('image/jpeg'),
        thumbnail: object('image/jpeg'),
        marks: [],
      },
      {
        evidence_id: 'e2',
        kind: 'video',
        captured_at: now(),
        step: 'scene',
        state: 'complete',
        duration_ms: 65_000,
        object: object('video/mp4', false),
        thumbnail: null,
        marks: [{ at_ms: 12_000, text: '开始告知' }],
      },
    ],
    notices_told: [{ notice: 'RN-3', title: '处罚前告知', told_at: now(), response: '未提出陈述申辩' }],
    timeline: kinds.map((kind, idx) => ({
      writer: 'b7e1',
      epoch: 0,
      idx: idx + 4,
      case_idx: idx,
      kind,
      event_at: now(),
      entered_at: now(),
      received_at: now(),
      officers: ['赵明甲', '钱思乙'],
      subject: '',
      hash: 'c41f'.repeat(16),
      is_verified: true,
      is_understood: true,
    })),
    acts: [...acts],
    clocks: [clock],
    receipts: [{ idx: 8, hash: 'c41f'.repeat(16), received_at: now(), note: '' }],
    completeness: {
      is_complete: false,
      entries: 5,
      is_chain_whole: true,
      objects_named: 4,
      objects_here: 3,
      missing: [object('video/mp4', false)],
      not_understood: 0,
    },
    views: [...views],
  });

  const clock: C.CaseClock = {
    name: 'disclosure',
    text: '处罚决定公示',
    due_on: '2026-12-01',
    due_at: null,
    safe_due: '2026-12-01',
    is_provisional: false,
    started_at: now(),
    instrument_id: 'i1',
    basis: [{ law: '行政处罚法', article: '48' }],
    is_done: false,
    urgency: 'ok',
  };
  const acts: C.ActRow[] = [];
  const item: C.QueueItem = {
    task: 'approve',
    case_id: 'case-1',
    instrument_id: 'i1',
    form: 'F22',
    title: '立案登记表',
    number: null,
    party_name: '周某某',
    stage: 'head',
    waiting_since: now(),
    due_on: '2026-12-01',
    urgency: 'soon',
    basis: [],
    disclosure_id: null,
    content_sha256: '4b7d'.repeat(16),
    pdf: object('application/pdf'),
    note: '',
  };
  let items = [
    item,
    { ...item, task: 'review', stage: '', title: '法制审核送审表' },
    { ...item, task: 'disclose', stage: '' },
  ];
  if (sealing.mode === 'headquarters') {
    items.push({ ...item, task: 'seal', stage: '', title: '当场行政处罚决定书', number: '示例交罚〔2026〕0001号' });
  }
  const ledger = fakeLedger(sealing);
  let reviewer: string | null = null;
  const publications: C.DisclosureRow[] = [];
  const duties: C.Duties = {
    rows: [
      {
        key: 'annual_report',
        due_on: '2027-01-25',
        urgency: 'ok',
        args: { year: 2026, to: ['上级主管部门'], content: [] },
      },
      { key: 'reviewer_ratio', due_on: null, urgency: 'overdue', args: { reviewers: 1, officers: 60, percent: 5 } },
    ],
    papers: [],
    now: now(),
  };
  const record = (kind: string, body: Record<string, unknown>) => {
    acts.push({
      writer: 'hq',
      idx: acts.length + 90,
      kind,
      acted_at: now(),
      instrument_id: 'i1',
      who: '吴法制',
      body,
      standing: '',
    });
    return { idx: acts.length + 89 };
  };
  const page = {
    title: '当场行政处罚决定书',
    number: '示例交罚〔2026〕0001号',
    party: '周某某',
    rows: [{ label: '违法事实', text: '超限' }],
    agency: '示例市交通运输综合行政执法支队',
    decided_on: '2026-11-22',
  };
  const preview = (): C.DisclosurePreview => ({
    page,
    page_sha256: '77aa'.repeat(16),
    left_out: ['身份证件号'],
    cautions: ['age_unknown'],
    collected_by: '赵明甲、钱思乙',
    reviewed_by: reviewer,
    reviewed_at: reviewer && now(),
    channels: ['public_page'],
    channels_known: [
      { value: 'public_page', label: '总部公示页' },
      { value: 'website', label: '门户网站' },
    ],
    basis: [{ law: '行政处罚法', article: '48' }],
    due_on: '2026-12-01',
  });

  const handlers: { [N in keyof ConsoleCommands]: (payload: never) => ConsoleCommands[N]['response'] } = {
    login: ({ password }: C.Login) => {
      if (password !== 'example') throw new HostError(plainError('wrong_secret', { retry_after_s: 3 }));
      isIn = true;
      return me();
    },
    logout: () => {
      isIn = false;
      return {};
    },
    me,
    cases: ({ text }: C.CasesQuery) => {
      const cases = `${row.party_name}${row.plate}`.includes(text) ? [row] : [];
      return { cases, next: null, total: cases.length };
    },
    case: ({ case_id, purpose }: C.ReadCase) => {
      views.unshift({
        idx: views.length,
        viewed_at: now(),
        user: 'legal',
        user_name: '吴法制',
        what: 'case',
        id: case_id,
        case_id,
        purpose,
      });
      return view();
    },
    entry: () => ({
      header: '{"v":1,"kind":"instrument.issued"}',
      salt: 'ab12',
      body: '{"number":"示例交罚〔2026〕0001号"}',
      signature: 'MEUCIQ…',
      hash: 'c41f'.repeat(16),
      is_understood: true,
    }),
    check_paper: ({ instrument_id }: C.CheckPaper) => ({
      instrument_id,
      verdict: paper,
      is_issued: paper !== 'other_values',
      missing: paper === 'not_here' ? ['照片（2026-11-22 09:41）'] : [],
      issued_build: 'sanxiang-terminal 0.1.0',
      own_build: paper === 'other_pages' ? '0.2.0' : '0.1.0',
      checked_at: now(),
    }),
    terminals: () => ({
      terminals: [
        {
          writer: 'b7e1',
          terminal_name: '执法终端 07',
          enrolled_at: now(),
          key_class: 'software',
          epoch: 0,
          entries: 42,
          head_hash: 'c41f'.repeat(16),
          last_received_at: now(),
          forks: 0,
          media_pending: 1,
          blocks: [
            {
              series: 'summary_penalty',
              year: 2026,
              pattern: '示例交罚〔{year}〕{serial:4}号',
              from: 1,
              to: 200,
              used: 4,
            },
          ],
        },
      ],
    }),
    officers: () => ({
      roster_version: '2026.11',
      officers: ['赵明甲', '钱思乙'].map((name, index) => ({
        officer_id: `o${index}`,
        name,
        unit: '示例市交通运输综合行政执法支队一大队',
        post: '执法队员',
        credential_no: `9901000${index + 1}`,
        category: '交通运输综合执法',
        area: '示例市行政区域',
        valid_from: '2024-01-01',
        valid_to: '2027-12-31',
        standing: 'valid',
        photo: 'portrait',
      })),
    }),
    views: () => ({ views: [...views], next: null, total: views.length }),
    journal_health: () => ({
      checked_at: now(),
      series: [
        {
          writer: 'b7e1',
          terminal_name: '执法终端 07',
          epoch: 0,
          entries: 42,
          sessions: 2,
          head_hash: 'c41f'.repeat(16),
          is_sound: true,
          fault: null,
        },
      ],
      forks: [],
      not_understood: [],
      checkpoint: 'hq.example.cn/log\n42\nabc=\n\n— hq.example.cn abc=\n',
      log_size: 42,
      is_sound: true,
    }),
    queue: () => ({ items, now: now() }),
    clocks: () => ({ clocks: [clock], now: now() }),
    approve: ({ stage, decision, opinion }: C.Approve) => {
      if (acts.some((act) => act.kind === 'hq.approval_given' && act.body.stage === stage))
        throw new HostError(plainError('gate_closed', { reason: 'decided_before', rule: '' }));
      items = items.filter((one) => one.task !== 'approve');
      return {
        ...record('hq.approval_given', { stage, decision, opinion }),
        content_sha256: '',
        is_release_at_once: false,
      };
    },
    review_sheet: () => ({
      round: 1,
      conclusions: [
        { value: 'agree', label: '同意', is_passing: true },
        { value: 'problem', label: '存在问题', is_passing: false },
      ],
      items: ['执法主体是否合法', '证据是否合法充分', '是否存在乱罚款'],
      former: [],
    }),
    review: ({ conclusion, reason }: C.Review) => {
      items = items.filter((one) => one.task !== 'review');
      return { ...record('hq.review_given', { round: 1, reason }), round: 1, is_passed: conclusion === 'agree' };
    },
    deliberate: ({ conclusion }: C.Deliberate) => record('hq.deliberated', { conclusion }),
    revoke_decision: ({ reason }: C.RevokeDecision) => ({
      ...record('hq.decision_revoked', { reason }),
      disclosure_id: publications[0]?.disclosure_id ?? null,
      withdraw_due_on: '2026-12-04',
      clocks: [clock],
    }),
    disclosure_preview: preview,
    review_disclosure: () => {
      reviewer = '郑公示';
      return preview();
    },
    disclose: ({ kind, channels }: C.Disclose) => {
      publications.push({
        disclosure_id: 'd1',
        case_id: 'case-1',
        instrument_id: 'i1',
        kind,
        title: page.title,
        number: page.number,
        party: page.party,
        channels,
        disclosed_at: now(),
        disclosed_by: '吴法制',
        page_sha256: '77aa'.repeat(16),
        state: 'published',
        withdraw_due_on: null,
        withdrawn_at: null,
        withdrawn_reason: null,
      });
      items = items.filter((one) => one.task !== 'disclose');
      return {
        ...record('hq.disclosed', { kind }),
        disclosure_id: 'd1',
        page_sha256: '77aa'.repeat(16),
        public_path: '/public#d1',
      };
    },
    withdraw_disclosure: ({ reason }: C.WithdrawDisclosure) => {
      for (const row of publications) Object.assign(row, { state: 'withdrawn', withdrawn_reason: reason });
      return record('hq.disclosure_withdrawn', { reason });
    },
    disclosures: () => ({ disclosures: [...publications], next: null, total: publications.length }),
    grant_inspection_code: () => ({ idx: 1, code: '123456789012', done_this_year: 1, cap_per_year: 2 }),
    publish_approval_codes: ({ count, valid_to }: C.PublishApprovalCodes) => ({
      idx: 2,
      batch: 'b1',
      codes: Array.from({ length: count }, (_, at) => String(10_000_000 + at)),
      valid_to,
    }),
    codes: () => ({ inspection: [], batches: [] }),
    seal_instrument: () => {
      if (!ledger.seal) throw new HostError(plainError('gate_closed', { reason: 'no_seal', rule: 'R-SEAL' }));
      items = items.filter((one) => one.task !== 'seal');
      return record('hq.sealed', { seal_no: '00000051' });
    },
    hand_out_sheets: ({ first, count }: C.HandOutSheets) => {
      const range = { first: first.toUpperCase(), last: lastSheet(first, count) ?? '' };
      if (!range.last) throw new HostError(plainError('bad_request', { reason: 'first', field: 'first' }));
      if (ledger.grants.some((grant) => grant.first <= range.last && grant.last >= range.first))
        throw new HostError(plainError('gate_closed', { reason: 'sheets_handed_out_before', rule: 'R-SEAL' }));
      const row = { what: 'sheet', terminal_name: '执法终端 07', case_id: null, user_name: '吴法制' };
      ledger.grants.unshift({ ...row, ...range, count, used: 0, spoiled: 0, granted_at: now() });
      return { idx: 5 };
    },
    seal_ledger: () => structuredClone(ledger),
    duties: () => structuredClone(duties),
    register_supervision: (paper: C.RegisterSupervision) => {
      const paper_id = `paper-${duties.papers.length}`;
      const row = { ...paper, paper_id, registered_at: now(), registered_by: '李内勤', due_on: paper.reply_by };
      duties.papers = [...duties.papers, { ...row, urgency: 'ok', basis: [], answered_at: null, answer: '' }];
      return { idx: 3, paper_id, due_on: paper.reply_by };
    },
    answer_supervision: ({ paper_id, note }: C.AnswerSupervision) => {
      const paper = duties.papers.find((known) => known.paper_id === paper_id);
      if (paper) Object.assign(paper, { urgency: 'done', answered_at: now(), answer: note });
      return { idx: 4 };
    },
  };

  return {
    async call(name, payload) {
      if (!isIn && name !== 'login') throw new HostError(plainError('locked'));
      return handlers[name](payload as never) as never;
    },
    stream: (path) => (path.startsWith('portrait') ? portrait('1') : picture('1', path)),
    player: async (path) => path,
    upload: async () => null,
  };
}
