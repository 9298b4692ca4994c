import type { ObjectRow, QueueItem } from '@/generated/console';

/** What an act of headquarters is about, wherever it was opened from. */
export interface Subject {
  case_id: string;
  instrument_id: string;
  title: string;
  number: string | null;
  party_name: string;
  content_sha256: string | null;
  stage: string;
  note: string;
  disclosure_id: string | null;
  pdf: ObjectRow | null;
}

export type Task = 'approve' | 'review' | 'seal' | 'deliberate' | 'disclose' | 'withdraw' | 'revoke';

/** Which dialog answers a task of the queue. */
export const dialogOf: Record<string, Task> = {
  approve: 'approve',
  confirm: 'approve',
  review: 'review',
  seal: 'seal',
  disclose: 'disclose',
  release: 'disclose',
  withdraw: 'withdraw',
};

/** Functions that may open a dialog. */
export const functionsOf: Record<Task, string[]> = {
  approve: ['unit_head', 'legal', 'head'],
  review: ['legal'],
  seal: ['seal_keeper'],
  deliberate: ['head', 'unit_head', 'legal', 'clerk'],
  disclose: ['discloser', 'head', 'legal', 'supervisor'],
  withdraw: ['discloser', 'head'],
  revoke: ['head', 'legal', 'supervisor'],
};

export function subjectOf(item: QueueItem): Subject {
  return { ...item };
}

export const mayDo = (functions: string[], task: Task): boolean =>
  functions.some((held) => functionsOf[task].includes(held));
