import type { ScreenCode } from '@/platform/host';

/** Wording of one "no": what happened, why, what to do now. */
export interface Wording {
  what: string;
  why: string;
  now: string;
}

export type Args = Record<string, unknown>;
export type ErrorWording = Record<ScreenCode, (args: Args) => Wording>;

export const say = (what: string, why: string, now: string): Wording => ({ what, why, now });

export const textOf = (args: Args, name: string, otherwise = ''): string => {
  const value = args[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise;
};
