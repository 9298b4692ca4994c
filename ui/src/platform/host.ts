import type { BoundaryError, Code } from '@/generated/contract';

/** A command list: request and response by name. */
export type CommandTable<C> = { [N in keyof C]: { request: unknown; response: unknown } };

/** Reads provide tags, acts invalidate them. */
export type Effects<C> = Record<keyof C, { effect: 'reads' | 'acts'; tags: string[] }>;

/** The way from a screen to its core. */
export interface Host<C extends CommandTable<C>> {
  call<N extends keyof C & string>(name: N, payload: C[N]['request']): Promise<C[N]['response']>;
  /** The address under which a stream path can be shown by an image, player or frame. */
  stream(path: string): string;
  /** An address that a player can read; one that begins with `blob:` is the caller's to give back. */
  player(path: string, durationMs: number): Promise<string>;
  upload(path: string, body: Blob): Promise<unknown>;
}

/** Codes of the core, and the one a screen finds out by itself: nothing answers. */
export type ScreenCode = Code | 'host_unreachable';
export type ScreenError = Omit<BoundaryError, 'code'> & { code: ScreenCode };

export class HostError extends Error {
  constructor(readonly error: ScreenError) {
    super(error.code);
    this.name = 'HostError';
  }
}

export function plainError(code: ScreenCode, args: Record<string, unknown> = {}): ScreenError {
  return { code, args, findings: [], basis: [], incident: null };
}

/** Whatever was thrown or answered, as the one error shape that screens know. */
export function toScreenError(thrown: unknown): ScreenError {
  if (thrown instanceof HostError) return thrown.error;
  const read = typeof thrown === 'string' ? parseOrNull(thrown) : thrown;
  if (isBoundaryError(read)) {
    return { ...read, args: read.args ?? {}, findings: read.findings ?? [], basis: read.basis ?? [] };
  }
  return plainError('failure', { reason: thrown instanceof Error ? thrown.message : String(thrown) });
}

function isBoundaryError(value: unknown): value is BoundaryError {
  return typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string';
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
