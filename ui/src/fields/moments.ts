/** The zone of the domain; it has no summer time. */
const offset = '+08:00';
const offsetMs = 8 * 3600 * 1000;

const pad = (value: number, digits = 2) => String(value).padStart(digits, '0');

/** A moment as RFC 3339 in the domain's zone with milliseconds. */
export function moment(at: Date): string {
  return new Date(at.getTime() + offsetMs).toISOString().replace('Z', offset);
}

export const now = (): string => moment(new Date());
export const today = (): string => now().slice(0, 10);

/** The parts people type, from RFC 3339. */
export function partsOf(text: string): { day: string; time: string } {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return { day: '', time: '' };
  const local = moment(at);
  return { day: local.slice(0, 10), time: local.slice(11, 16) };
}

/** `2026-03-05`, `20260305`, `2026/3/5` or `2026年3月5日` as `YYYY-MM-DD`; null when it is no date. */
export function readDay(text: string): string | null {
  const found = /^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?$/.exec(text.trim());
  if (!found) return null;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
  const at = new Date(Date.UTC(year, month - 1, day));
  const real = at.getUTCMonth() === month - 1 && at.getUTCDate() === day;
  return real ? `${pad(year, 4)}-${pad(month)}-${pad(day)}` : null;
}

/** `14:20`, `1420`, `14：20` or `14时20分` as `HH:MM`. */
export function readTime(text: string): string | null {
  const found = /^(\d{1,2})[:：时点]?(\d{2})分?(?::\d{2})?$/.exec(text.trim());
  if (!found) return null;
  const [hour, minute] = [Number(found[1]), Number(found[2])];
  return hour < 24 && minute < 60 ? `${pad(hour)}:${pad(minute)}` : null;
}

export function join(day: string, time: string): string {
  return `${day}T${time}:00.000${offset}`;
}
