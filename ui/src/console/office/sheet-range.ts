/** Sheets that may be handed out at once. */
export const SHEETS_MAX = 2_000;
export const SHEET_NO_CHARS_MAX = 20;
const SERIAL_DIGITS_MAX = 12;

/** The last number of so many sheets, as `A000101` and 100 give `A000200`; null where they give none. */
export function lastSheet(first: string, count: number): string | null {
  const found = /^([A-Za-z0-9-]*?)(\d+)$/.exec(first.trim());
  const isCount = Number.isInteger(count) && count >= 1 && count <= SHEETS_MAX;
  if (!found || !isCount) return null;
  const [, prefix = '', serial = ''] = found;
  if (serial.length > SERIAL_DIGITS_MAX || prefix.length + serial.length > SHEET_NO_CHARS_MAX) return null;
  const last = String(Number(serial) + count - 1).padStart(serial.length, '0');
  return last.length > serial.length ? null : `${prefix}${last}`.toUpperCase();
}
