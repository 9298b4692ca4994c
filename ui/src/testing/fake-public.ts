import { moment } from '@/fields/moments';
import type { BadgeState } from '@/generated/public';
import type { PublicCommands } from '@/generated/public.client';
import type { Host } from '@/platform/host';
import { portrait } from './pictures';

/** The token is the state that the answer shall have. */
export function fakePublic(): Host<PublicCommands> {
  const officer = (name: string, credential_no: string, standing = 'valid') => ({
    name,
    credential_no,
    standing,
    unit: '示例市交通运输综合行政执法支队一大队',
    category: '交通运输综合执法',
    area: '示例市行政区域',
    valid_from: '2024-01-01',
    valid_to: '2027-12-31',
    photo: `public/portrait/${credential_no}`,
  });
  const shared = {
    agency_name: '示例市交通运输综合行政执法支队',
    complaint_phone: '12328',
    checked_at: moment(new Date()),
    example: true,
  };
  return {
    call: async (name, payload) => {
      const asked = payload as { token?: string; id?: string; sha256?: string | null };
      const line = {
        disclosure_id: 'd1',
        title: '当场行政处罚决定书',
        number: '示例交罚〔2026〕0001号',
        party: '周某某',
        decided_on: '2026-11-22',
        disclosed_at: moment(new Date()),
        withdrawn_at: null,
      };
      if (name === 'disclosures') return { ...shared, lines: [line], next: null, total: 1 } as never;
      if (name === 'disclosure') {
        const isGone = (payload as { disclosure_id: string }).disclosure_id === 'gone';
        return {
          ...shared,
          state: isGone ? 'withdrawn' : 'published',
          line: isGone ? { ...line, party: null, withdrawn_at: moment(new Date()) } : line,
          page: isGone ? null : { ...line, rows: [{ label: '违法事实', text: '超限' }] },
          page_sha256: '77aa'.repeat(16),
          reason: isGone ? '决定已被撤销' : null,
        } as never;
      }
      const answer =
        name === 'badge'
          ? {
              ...shared,
              state: asked.token as BadgeState,
              officers: asked.token === 'valid' ? [officer('赵明甲', '99010001'), officer('钱思乙', '99010002')] : [],
              shown_at: asked.token === 'malformed' ? null : moment(new Date()),
            }
          : {
              ...shared,
              state: asked.sha256 ? 'issued' : 'issued_unchecked',
              title: '当场行政处罚决定书',
              number: asked.id ?? null,
              issued_on: '2026-11-22',
            };
      return answer as never;
    },
    stream: portrait,
    player: async (path) => path,
    upload: async () => null,
  };
}
