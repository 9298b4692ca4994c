import type { Finding } from '@/generated/law';
import type { SealStock } from '@/generated/terminal';
import type { ScreenError } from '@/platform/host';

/** What an answer found wrong at one field. */
export const findingsAt = (error: ScreenError | null, field: string): Finding[] =>
  error?.findings.filter((finding) => finding.field === field) ?? [];

/** Fewer than so many are few. */
const FEW = 10;

/** How many sheets or impressions are left; null where the agency seals otherwise. */
export function sealsLeft(stock: SealStock): number | null {
  if (stock.mode === 'pre_sealed') return stock.sheets_left;
  return stock.mode === 'token' ? stock.impressions_left : null;
}

export function standingOf(stock: SealStock): 'enough' | 'few' | 'none' {
  const left = sealsLeft(stock);
  if (left === null || left >= FEW) return 'enough';
  return left > 0 ? 'few' : 'none';
}
