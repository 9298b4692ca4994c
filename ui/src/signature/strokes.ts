import type { Stroke } from '@/generated/terminal';

/** The box of a signature is three times as wide as it is high; on the wire both sides count 1000. */
export const boxRatio = 3;
const side = 1000;

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export type Point = Stroke['points'][number];

/** A place on the screen as a point of the box, kept inside it; `pressure` runs from 0 to 1, null where nothing tells it. */
export function pointIn(box: Box, x: number, y: number, sinceStartMs: number, pressure: number | null = null): Point {
  const inside = (value: number) => Math.min(side, Math.max(0, Math.round(value * side)));
  const share = (value: number, of: number) => (of > 0 ? value / of : 0);
  const point: [number, number, number] = [
    inside(share(x - box.left, box.width)),
    inside(share(y - box.top, box.height)),
    Math.max(0, Math.round(sinceStartMs)),
  ];
  return pressure === null ? point : [...point, Math.max(1, inside(pressure))];
}

/** Whether somebody wrote something, and did not just touch the glass. */
export function isWritten(strokes: Stroke[]): boolean {
  return strokes.reduce((length, { points }) => length + points.length, 0) >= 8;
}

/** A stroke as the path of an SVG whose view box is 3000 × 1000. */
export function pathOf({ points }: Stroke): string {
  const [first, ...rest] = points;
  if (!first) return '';
  const at = ([x, y]: Point) => `${x * boxRatio} ${y}`;
  return `M${at(first)}${rest.length ? rest.map((point) => `L${at(point)}`).join('') : 'l1 0'}`;
}
