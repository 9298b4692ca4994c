/** What stands over the case page: one sheet at a time. */
export type Sheet =
  | { kind: 'form'; form: string | null }
  | { kind: 'notice'; notice: string | null }
  | { kind: 'approve'; instrumentId: string | null }
  | { kind: 'flags' | 'pay' | 'code' | 'check' | 'close' };
