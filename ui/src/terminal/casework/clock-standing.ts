import type { Clock } from '@/generated/terminal';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

export interface ClockStanding {
  state: 'done' | 'overdue' | 'soon' | 'running';
  /** Minutes left where hours are counted, negative when late. */
  minutesLeft: number | null;
  /** Calendar days left, negative when late. */
  daysLeft: number;
}

/** The last lawful moment: the minute itself, or the end of the last day in the domain's zone. */
function lastMoment(clock: Clock): number {
  return clock.due_at ? Date.parse(clock.due_at) : Date.parse(`${clock.due_on}T23:59:59.999+08:00`);
}

const dayNumber = (ms: number) => Math.floor((ms + 8 * 60 * minuteMs) / dayMs);

export function standingOf(clock: Clock, now: number): ClockStanding {
  const leftMs = lastMoment(clock) - now;
  const daysLeft = dayNumber(Date.parse(`${clock.due_on}T12:00:00+08:00`)) - dayNumber(now);
  const minutesLeft = clock.due_at ? Math.trunc(leftMs / minuteMs) : null;
  const isSoon = minutesLeft === null ? daysLeft <= 2 : minutesLeft <= 6 * 60;
  const state = clock.is_done ? 'done' : leftMs < 0 ? 'overdue' : isSoon ? 'soon' : 'running';
  return { state, minutesLeft, daysLeft };
}

/** What runs out first leads; what is done comes last. */
export function inOrder(clocks: Clock[]): Clock[] {
  return [...clocks].sort((a, b) => Number(a.is_done) - Number(b.is_done) || lastMoment(a) - lastMoment(b));
}
