import type * as C from '@/generated/console';
import type { Finding } from '@/generated/law';
import type { SealStock, SealView } from '@/generated/terminal';
import { moment } from '@/fields/moments';

/** How the agency of a fake seals, and how many sheets or impressions are left. */
export interface FakeSealing {
  mode: 'by_hand' | 'pre_sealed' | 'token' | 'headquarters';
  left: number;
}

/** `?seals=token&left=3` in the address. */
export function askedSealing(): FakeSealing {
  const asked = new URLSearchParams(globalThis.location?.search ?? '');
  const modes = ['pre_sealed', 'token', 'headquarters'] as const;
  return {
    mode: modes.find((mode) => mode === asked.get('seals')) ?? 'by_hand',
    left: Number(asked.get('left') ?? 42),
  };
}

const numbered = (serial: number) => `A${String(serial).padStart(6, '0')}`;

/** Sheets and impressions of a terminal in memory. */
export function fakeSeals({ mode, left }: FakeSealing) {
  const first = 104;
  const fates = new Map<string, 'used' | 'spoiled'>();
  let impressions = left;

  const blank = () =>
    Array.from({ length: left }, (_, at) => numbered(first + at)).filter((number) => !fates.has(number));

  const finding = (sheetNo: string): Finding | null => {
    const say = (rule: string, text: string, hint: string): Finding => ({
      field: 'sheet_no',
      rule,
      severity: 'block',
      text,
      hint,
      basis: [],
    });
    if (!sheetNo) return say('required', '没有写明预盖章纸的编号。', '照纸上印的编号填写，每份用一张。');
    const fate = fates.get(sheetNo);
    if (fate === 'spoiled')
      return say('sheet_spoiled', '这张预盖章纸已经登记作废。', '换一张没有用过的纸，填它的编号。');
    return fate ? say('sheet_used', '这张预盖章纸已经用过了。', '每张只能用一次；核对编号，或者换一张纸。') : null;
  };

  return {
    mode,
    stock: (): SealStock => ({
      mode,
      impressions_left: mode === 'token' ? impressions : 0,
      next_sheet: mode === 'pre_sealed' ? (blank()[0] ?? null) : null,
      sheets_left: mode === 'pre_sealed' ? blank().length : 0,
    }),
    /** The seal of an instrument that is issued now; undefined when none is left. */
    forIssuing: (): SealView | undefined => {
      if (mode !== 'token') return { mode, number: null, is_sealed: mode !== 'headquarters' };
      if (impressions === 0) return undefined;
      impressions -= 1;
      return { mode, number: String(50 - impressions).padStart(8, '0'), is_sealed: true };
    },
    finding,
    mark: (sheetNo: string, fate: 'used' | 'spoiled') => void fates.set(sheetNo, fate),
  };
}

/** Headquarters' ledger, with something strange where paper is handed out. */
export function fakeLedger({ mode, left }: FakeSealing): C.SealLedger {
  const now = moment(new Date());
  const grant: C.SealGrantRow = {
    what: 'impression',
    first: '00000001',
    last: '00000050',
    count: 50,
    used: 43,
    spoiled: 0,
    terminal_name: '执法终端 07',
    case_id: null,
    user_name: '',
    granted_at: now,
  };
  const grants: Record<FakeSealing['mode'], C.SealGrantRow[]> = {
    by_hand: [],
    token: [grant],
    pre_sealed: [
      {
        ...grant,
        what: 'sheet',
        first: 'A000101',
        last: 'A000200',
        count: 100,
        used: 3,
        spoiled: 1,
        user_name: '李内勤',
      },
    ],
    headquarters: [
      { ...grant, first: '00000051', last: '00000051', count: 1, used: 1, case_id: 'c1', user_name: '钱掌印' },
    ],
  };
  const strange = { what: 'sheet', terminal_name: '执法终端 07', title: '当场行政处罚决定书', case_id: 'case-1' };
  return {
    mode,
    seal:
      mode === 'token' || (mode === 'headquarters' && left > 0) ? { sha256: '5ea1'.repeat(16), width_mm: 42 } : null,
    grants: grants[mode],
    strange:
      mode === 'pre_sealed'
        ? [
            { ...strange, number: 'A000103', reason: 'twice', instrument_no: '示例交罚〔2026〕0001号' },
            { ...strange, number: 'A000907', reason: 'unknown', instrument_no: '示例交罚〔2026〕0003号' },
          ]
        : [],
  };
}
