import { inject, provide, type ComputedRef, type InjectionKey } from 'vue';
import type { EvidenceRow } from '@/generated/terminal';

/** The evidence of the case that a form is filled for, with the address of a small picture. */
export interface CaseEvidence {
  rows: EvidenceRow[];
  /** Where more is taken. */
  place: string;
}

const key: InjectionKey<ComputedRef<CaseEvidence | null>> = Symbol('evidence');

export function provideEvidence(evidence: ComputedRef<CaseEvidence | null>): void {
  provide(key, evidence);
}

export const useEvidence = () => inject(key, null);

/** One picked piece: its id alone, or with the words that are printed below it. */
export interface Piece {
  id: string;
  caption: string;
}

export function piecesOf(value: unknown): Piece[] {
  const list = Array.isArray(value) ? value : value ? [value] : [];
  return list.flatMap((one): Piece[] => {
    if (typeof one === 'string') return [{ id: one, caption: '' }];
    const { id, caption } = (one ?? {}) as { id?: unknown; caption?: unknown };
    return typeof id === 'string' ? [{ id, caption: typeof caption === 'string' ? caption : '' }] : [];
  });
}

/** The value as the form holds it; nothing picked is no value. */
export function valueOf(pieces: Piece[], many: boolean): unknown {
  const list = pieces.map(({ id, caption }) => (caption ? { id, caption } : id));
  return many ? (list.length ? list : undefined) : list.at(-1);
}

const mediumOf: Record<string, string> = { photo: 'photo', imported_photo: 'photo', video: 'video', audio: 'audio' };

/** Finished pieces of the kinds that a field takes; no kinds named means all. */
export const fitting = (rows: EvidenceRow[], media: string[]): EvidenceRow[] =>
  rows.filter((row) => row.state !== 'recording' && (!media.length || media.includes(mediumOf[row.kind] ?? 'file')));
